"""Spectra of regolith from saved temperatures: how long they take, and against a transfer solver for every spectrum."""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks.ordinates import c_state
from benchmarks.rows import Row, attempted, duration
from benchmarks.timing import median_s
from tmx.config import SimulationConfig, preset
from tmx.physics.planck import band_radiances
from tmx.physics.transfer.regolith import ThermalBand
from tmx.simulation import ThermalSimulator, calculate_radiance_from_file
from tmx.stages import scattering
from tmx.stages.optics import RADIANCES, regolith_of
from tmx.stages.radiance import run_radiance
from tmx.stages.seen import nodes_of
from tmx.storage.records import ThermalRecord

BANDS, TIMES, STREAMS = 216, 24, 16

FINE = {
    **preset("Bennu").values,
    "use_RTE": True,
    "composition": "forsterite",
    "Et": 3e4,
    "k_dust": 5.5e-4,
    "freq_out": TIMES,
    "nstr_out": STREAMS,
    "wn_min_out": 200.0,
    "wn_max_out": 1800.0,
    "n_bands_out": BANDS,
}

WHAT = f"{BANDS} bands, {TIMES} times, {STREAMS} streams"

SOLVED = 12
"""Spectra of single bands and times that the other solvers are asked for."""

Peer = Callable[[ThermalBand, np.ndarray, np.ndarray, float], float]
"""Solves a band of a column with temperatures at its nodes; returns the radiance at a cosine [W m⁻² sr⁻¹]."""


def run() -> Iterator[Row]:
    """Yield the benchmarks of spectra."""
    config = SimulationConfig(**FINE)
    three = SimulationConfig(**FINE, observer_vectors=[(0.6, 0.0, 0.8), (0.0, 0.8, 0.6)])
    spectral = SimulationConfig(**{**FINE, "output_radiance_mode": "multi_wave", "observer_mu": 0.8})
    yield from _mie_theory(config)
    with tempfile.TemporaryDirectory() as directory:
        result = ThermalSimulator(config, save_thermal_data=True, output_dir=directory).run()
        for name, one in (("nadir", config), ("three directions", three), ("with sunlight, slanted", spectral)):
            seconds = median_s(lambda one=one: run_radiance(one, result.thermal))
            yield Row(f"{WHAT}, {name}", seconds)
        target = Path(directory) / "spectra.h5"
        whole = median_s(lambda: calculate_radiance_from_file(result.thermal_file, None, target))
        numbers = run_radiance(config, result.thermal).numbers
        accuracy = f"estimated {numbers['tb_error_streams']:.3f} K (streams), {numbers['tb_error_grid']:.3f} K (grid)"
        yield Row(f"{WHAT}, nadir, file to file", whole, accuracy)
    peers = {"PythonicDISORT": _pythonic, "nanodisort": _cdisort}
    for name, peer in peers.items():
        yield from attempted(f"spectra by {name}", partial(_against, name, peer, config, result.thermal))


def _mie_theory(config: SimulationConfig) -> Iterator[Row]:
    for _ in range(2):  # the first compiles
        with tempfile.TemporaryDirectory() as empty, mock.patch.dict("os.environ", {"XDG_CACHE_HOME": empty}):
            before = time.perf_counter()
            regolith_of(config, RADIANCES)
            first = time.perf_counter() - before
            again = median_s(lambda: regolith_of(config, RADIANCES))
            files = len(list(scattering.cache_directory().iterdir()))
    yield Row("Mie theory of its grains, the first time", first, f"{files} table, kept")
    yield Row("Mie theory of its grains, every later time", again)


def _against(name: str, peer: Peer, config: SimulationConfig, thermal: ThermalRecord) -> Iterator[Row]:
    """Solve single bands and times with a peer, in layers between the same nodes, seen along one of its streams."""
    regolith = regolith_of(config, RADIANCES)
    depth, temperature = nodes_of(config, thermal, list(range(TIMES)))
    cosine = float(0.5 * (1.0 + np.polynomial.legendre.leggauss(STREAMS // 2)[0][-1]))
    at_node = SimulationConfig(**{**FINE, "observer_mu": cosine, "storage_dtype": "float64"})
    ours = run_radiance(at_node, thermal).record
    rng = np.random.default_rng(0)
    taken, apart = [], []
    for band, hour in zip(rng.integers(1, BANDS + 1, SOLVED), rng.integers(0, TIMES, SOLVED), strict=True):
        one = regolith.thermal[band]
        before = time.perf_counter()
        seen = peer(one, depth, temperature[:, hour], cosine)
        taken.append(time.perf_counter() - before)
        apart.append(abs(ours.radiance_out[band - 1, hour] * (one.high - one.low) / 100.0 / seen - 1.0))
    call = float(np.median(taken))
    seconds = median_s(lambda: run_radiance(config, thermal))
    other = f"{name} {version(name)} for every band and time, {duration(call)} each"
    yield Row(f"{WHAT}, nadir", seconds, "", other, call * BANDS * TIMES, f"radiances differ by {max(apart):.0e}")


def _pythonic(band: ThermalBand, depth: np.ndarray, temperature: np.ndarray, cosine: float) -> float:
    from PythonicDISORT import pydisort

    planck = band_radiances(np.array([band.low, band.high]), temperature)[0]
    tau, asymmetry = band.optics.extinction * depth, band.optics.asymmetry
    slope = np.diff(planck) / np.diff(tau)
    source = np.stack([planck[:-1] - slope * tau[:-1], slope], axis=1)
    layers = tau.size - 1
    moments = np.tile(asymmetry ** np.arange(STREAMS), (layers, 1))
    nodes, _, _, radiance, _ = pydisort(
        tau[1:], np.full(layers, band.optics.albedo), STREAMS, moments, 0.5, 0.0, 0.0,
        f_arr=np.full(layers, asymmetry**STREAMS), s_poly_coeffs=source, b_pos=planck[-1],
    )  # fmt: skip
    return float(radiance(0.0)[np.argmin(np.abs(np.asarray(nodes) - cosine))])


def _cdisort(band: ThermalBand, depth: np.ndarray, temperature: np.ndarray, cosine: float) -> float:
    tau = band.optics.extinction * depth
    state = c_state(STREAMS, np.diff(tau), band.optics, tau[:1], temperature=temperature, cosine=cosine)
    state.wvnmlo, state.wvnmhi = 1e-2 * band.low, 1e-2 * band.high
    state.solve()
    return float(state.uu[0, 0, 0])
