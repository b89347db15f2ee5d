"""Spectra of regolith from saved temperatures: how long they take, and against a transfer solver for every spectrum."""

import tempfile
import time
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks.timing import median_s
from tmx.config import SimulationConfig, preset
from tmx.physics.planck import band_radiances
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

SOLVED = 12
"""Spectra of single bands and times that the other solver is asked for."""


def run() -> None:
    """Print the benchmarks of spectra."""
    print(f"spectra of regolith: {BANDS} bands, {TIMES} times, {STREAMS} streams, one core, warm")
    config = SimulationConfig(**FINE)
    three = SimulationConfig(**FINE, observer_vectors=[(0.6, 0.0, 0.8), (0.0, 0.8, 0.6)])
    spectral = SimulationConfig(**{**FINE, "output_radiance_mode": "multi_wave", "observer_mu": 0.8})
    _mie_theory(config)
    with tempfile.TemporaryDirectory() as directory:
        result = ThermalSimulator(config, save_thermal_data=True, output_dir=directory).run()
        for name, one in (("nadir", config), ("three directions", three), ("with sunlight, slanted", spectral)):
            seconds = median_s(lambda one=one: run_radiance(one, result.thermal))
            print(f"  {name:24} {1e3 * seconds:6.1f} ms")
        target = Path(directory) / "spectra.h5"
        whole = median_s(lambda: calculate_radiance_from_file(result.thermal_file, None, target))
        print(f"  {'nadir, file to file':24} {1e3 * whole:6.1f} ms")
    numbers = run_radiance(config, result.thermal).numbers
    print(f"  estimated error: {numbers['tb_error_streams']:.3f} K (streams), {numbers['tb_error_grid']:.3f} K (grid)")
    _against_a_solver_for_every_spectrum(config, result.thermal)


def _mie_theory(config: SimulationConfig) -> None:
    with tempfile.TemporaryDirectory() as empty, mock.patch.dict("os.environ", {"XDG_CACHE_HOME": empty}):
        before = time.perf_counter()
        regolith_of(config, RADIANCES)
        first = time.perf_counter() - before
        again = median_s(lambda: regolith_of(config, RADIANCES))
        files = len(list(scattering.cache_directory().iterdir()))
    print(f"  Mie theory of {files} table {1e3 * first:6.0f} ms the first time, {1e3 * again:.1f} ms after")


def _against_a_solver_for_every_spectrum(config: SimulationConfig, thermal: ThermalRecord) -> None:
    """Solve single bands and times with PythonicDISORT, in layers between the same nodes."""
    from PythonicDISORT import pydisort

    regolith = regolith_of(config, RADIANCES)
    depth, temperature = nodes_of(config, thermal, list(range(TIMES)))
    mu = 0.5 * (1.0 + np.polynomial.legendre.leggauss(STREAMS // 2)[0])
    at_node = SimulationConfig(**{**FINE, "observer_mu": float(mu[-1]), "storage_dtype": "float64"})
    ours = run_radiance(at_node, thermal).record
    rng = np.random.default_rng(0)
    taken, apart = [], []
    for band, hour in zip(rng.integers(1, BANDS + 1, SOLVED), rng.integers(0, TIMES, SOLVED), strict=True):
        optics, low, high = (getattr(regolith.thermal[band], name) for name in ("optics", "low", "high"))
        planck = band_radiances(np.array([low, high]), temperature[:, hour])[0]
        tau = optics.extinction * depth
        slope = np.diff(planck) / np.diff(tau)
        source = np.stack([planck[:-1] - slope * tau[:-1], slope], axis=1)
        layers = tau.size - 1
        moments = np.tile(optics.asymmetry ** np.arange(STREAMS), (layers, 1))
        before = time.perf_counter()
        nodes, _, _, radiance, _ = pydisort(
            tau[1:], np.full(layers, optics.albedo), STREAMS, moments, 0.5, 0.0, 0.0,
            f_arr=np.full(layers, optics.asymmetry**STREAMS), s_poly_coeffs=source, b_pos=planck[-1],
        )  # fmt: skip
        seen = radiance(0.0)[np.argmin(np.abs(np.asarray(nodes) - mu[-1]))]
        taken.append(time.perf_counter() - before)
        apart.append(abs(ours.radiance_out[band - 1, hour] * (high - low) / 100.0 / seen - 1.0))
    call = float(np.median(taken))
    seconds = median_s(lambda: run_radiance(config, thermal))
    print(
        f"  PythonicDISORT for every band and time: {1e3 * call:.0f} ms each, {call * BANDS * TIMES:.0f} s in all,"
        f" {call * BANDS * TIMES / seconds:.0f} times as long; radiances differ by {max(apart):.0e}"
    )
