"""One solution of discrete ordinates by itself: tmx beside PythonicDISORT and, in C, CDISORT (nanodisort).

Sunlight falls on a homogeneous slab over a dark bottom, which the peers take as one layer with levels at which fluxes
are wanted. Emission is that of a slab with another temperature at every level, in which the Planck function is linear
in optical depth for all three. tmx finds the modes of a medium once and keeps what follows from them on a grid: what
that takes, and what each further solution takes, are told apart.
"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.rows import Row, each_attempted
from benchmarks.timing import medians_s
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.transfer.exchange import Exchange, departures, deposit, emergent_flux, make_exchange
from tmx.physics.transfer.modes import one_of
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.solvers import disort
from tmx.physics.transfer.sunbeam import absorbed_beam

STREAMS = (4, 16)
LEVELS = 41
THICKNESS = 10.0
MEDIUM = Optics(1.0, 0.6, 0.4)
COSINE = 0.5
ANGLES = 64
"""Heights of the sun that the table of a day has."""

DEPTH = np.linspace(0.0, THICKNESS, LEVELS)
TEMPERATURE = 250.0 + 100.0 * np.exp(-DEPTH)
WHOLE_SPECTRUM_CM = (0.0, 1e5)

Solve = Callable[[], float]
"""Solves once and returns a flux, for comparison."""


def run() -> Iterator[Row]:
    """Yield times of single solutions, and by how much fluxes differ."""
    for streams in STREAMS:
        peers = {"PythonicDISORT": (_pythonic_beam, _pythonic_slab), "nanodisort": (_c_beam, _c_slab)}
        for name, (beam, slab) in peers.items():
            cases = {
                f"sunlight, {streams} streams, {name}": partial(_sunlight, streams, name, beam),
                f"emission, {streams} streams, {name}": partial(_emission, streams, name, slab),
            }
            yield from each_attempted(cases)


def _sunlight(streams: int, name: str, make: Callable[[int], Solve]) -> Iterator[Row]:
    """Compare the net flux at all levels; of it the plane albedo is what both return."""
    theirs = make(streams)
    for angles in (1, ANGLES):
        cosine = COSINE + 0.4 * np.linspace(0.0, 1.0, angles)

        def ours(cosine: np.ndarray = cosine) -> float:
            modes = one_of(disort.modes([MEDIUM], streams), 0)
            return float(absorbed_beam(modes, DEPTH, 0.0, cosine)[1][0])

        tmx, peer = medians_s([ours, theirs])
        yield Row(
            f"sunlight, {streams} streams, {LEVELS} levels, {angles} height{'s' * (angles > 1)} of the sun",
            tmx,
            "from the modes on",
            f"{name} {version(name)}",
            angles * peer,
            _difference(ours(), theirs()),
        )


def _emission(streams: int, name: str, make: Callable[[int], Solve]) -> Iterator[Row]:
    theirs = make(streams)
    planck = STEFAN_BOLTZMANN * TEMPERATURE**4 / np.pi
    ready = _exchange(streams)
    tmx, again, peer = medians_s(
        [lambda: _emitted(_exchange(streams), planck), lambda: _emitted(ready, planck), theirs]
    )
    accuracy = _difference(_emitted(ready, planck), theirs())
    case, other = f"emission, {streams} streams, {LEVELS} levels", f"{name} {version(name)}"
    yield Row(f"{case}, first solution", tmx, "modes and grid included", other, peer, accuracy)
    yield Row(f"{case}, each further one", again, "other temperatures, the same grid", other, peer, accuracy)


def _difference(ours: float, theirs: float) -> str:
    return f"fluxes differ by {abs(theirs / ours - 1.0):.0e}"


def _exchange(streams: int) -> Exchange:
    middles = 0.5 * (DEPTH[1:] + DEPTH[:-1])
    return make_exchange(one_of(disort.modes([MEDIUM], streams), 0), DEPTH, middles, 0.0)


def _emitted(exchange: Exchange, planck: np.ndarray) -> float:
    departure = np.zeros((exchange.planck.size, planck.size))
    departures(exchange, planck, 0.0, np.zeros(planck.size), departure)
    deposit(exchange, departure, np.zeros(planck.size))
    return float(emergent_flux(exchange, departure, planck, 0.0))


def _pythonic_beam(streams: int) -> Solve:
    medium = _pythonic_medium(streams, 1)

    def solve() -> float:
        from PythonicDISORT import pydisort

        f_arr = np.array([MEDIUM.asymmetry**streams])
        _, upward, downward, _ = pydisort(
            np.array([THICKNESS]), *medium, COSINE, 1.0 / COSINE, 0.0, f_arr=f_arr, only_flux=True
        )
        downward(DEPTH)
        return float(upward(DEPTH)[0])

    return solve


def _pythonic_slab(streams: int) -> Solve:
    layers = LEVELS - 1
    medium, f_arr = _pythonic_medium(streams, layers), np.full(layers, MEDIUM.asymmetry**streams)
    planck = STEFAN_BOLTZMANN * TEMPERATURE**4 / np.pi
    slope = np.diff(planck) / np.diff(DEPTH)
    source = np.stack([planck[:-1] - slope * DEPTH[:-1], slope], axis=1)

    def solve() -> float:
        from PythonicDISORT import pydisort

        _, upward, downward, _ = pydisort(
            DEPTH[1:], *medium, COSINE, 0.0, 0.0, f_arr=f_arr, s_poly_coeffs=source, b_pos=planck[-1], only_flux=True
        )
        downward(DEPTH)
        return float(upward(DEPTH)[0])

    return solve


def _pythonic_medium(streams: int, layers: int) -> tuple[np.ndarray, int, np.ndarray]:
    moments = MEDIUM.asymmetry ** np.arange(streams)
    return np.full(layers, MEDIUM.albedo), streams, np.tile(moments, (layers, 1))


def _c_beam(streams: int) -> Solve:
    state = c_state(streams, np.array([THICKNESS]), MEDIUM, DEPTH)
    state.fbeam, state.umu0 = 1.0 / COSINE, COSINE

    def solve() -> float:
        state.solve()
        return float(state.flup[0])

    return solve


def _c_slab(streams: int) -> Solve:
    state = c_state(streams, np.diff(DEPTH), MEDIUM, DEPTH, temperature=TEMPERATURE)
    state.wvnmlo, state.wvnmhi = WHOLE_SPECTRUM_CM

    def solve() -> float:
        state.solve()
        return float(state.flup[0])

    return solve


def c_state(
    streams: int,
    thickness: np.ndarray,
    optics: Optics,
    levels: np.ndarray,
    *,
    temperature: np.ndarray | None = None,
    cosine: float | None = None,
) -> Any:
    """Return CDISORT, ready to solve a slab over a black bottom that has the temperature of the lowest level.

    Parameters
    ----------
    streams : int
        Streams.
    thickness : ndarray, shape (layers,)
        Optical thickness of the layers [-].
    optics : Optics
        The medium; delta-M scaling follows from its moments.
    levels : ndarray, shape (levels,)
        Optical depths at which fluxes and radiances are wanted [-].
    temperature : ndarray, shape (layers + 1,), optional
        Temperatures at the edges of the layers [K]; a slab without them does not emit.
    cosine : float, optional
        Cosine of the emission angle of a radiance [-]; fluxes alone without it.
    """
    import nanodisort

    state = nanodisort.DisortState()
    state.nstr, state.nmom, state.nlyr, state.ntau = streams, streams, thickness.size, levels.size
    state.numu = state.nphi = 1
    state.usrtau, state.lamber, state.quiet = True, True, True
    state.intensity_correction = False
    state.planck, state.usrang, state.onlyfl = temperature is not None, cosine is not None, cosine is None
    state.allocate()
    state.dtauc, state.ssalb = thickness, np.full(thickness.size, optics.albedo)
    state.pmom = np.tile(optics.asymmetry ** np.arange(streams + 1)[:, None], (1, thickness.size))
    state.utau = levels
    if cosine is not None:
        state.umu, state.phi = np.array([cosine]), np.zeros(1)
    if temperature is not None:
        state.temper, state.btemp = temperature, temperature[-1]
    return state
