"""The Moon's surface by heat1d (P. O. Hayne) and by tmx: the same regolith, sunlight and heat from below.

heat1d steps explicitly, orbit after orbit from a guess of the temperature; a number of years is what it takes in place
of a criterion. Its surface temperature belongs to the beginning of each step, and is compared there. Its own Moon is
used but for what the problem of tmx does not have: the orbit is a circle and the equator in its plane, and the scale
height is that of the paper (Hayne et al. 2017, doi:10.1002/2017JE005387) in place of 7 cm.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.rows import Row, attempted
from benchmarks.timing import median_s
from tmx.config import SimulationConfig, preset
from tmx.physics.problem import Numerics
from tmx.physics.solution import ThermalSolution
from tmx.physics.thermal import solve_periodic
from tmx.stages.thermal import thermal_problem

OUTPUTS = 48
DENSE = 100
"""Output times of the reference for each of those that are compared."""

LATITUDES_DEG = (0.0, 60.0)
ACCURACIES = (0.1, 0.01)
REFERENCE = Numerics(accuracy=0.003)


@dataclass(frozen=True)
class Setting:
    """Settings of heat1d.

    Attributes
    ----------
    cells : int
        Nodes in the first skin depth; others grow by a part of 2/cells each.
    years : int
        Orbits before the day that is kept.
    fourier : float
        Step over the square of the first cell, times the diffusivity [-]; finer grids are unstable at its default, 0.5.
    """

    cells: int
    years: int
    fourier: float = 0.5

    def __str__(self) -> str:
        return f"{self.cells} cells in a skin depth, F = {self.fourier:g}, {self.years} year{'s' * (self.years > 1)}"


SETTINGS = (Setting(10, 1), Setting(10, 5), Setting(20, 5, 0.4))
FINE = Setting(40, 1, 0.25)
"""The grid on which heat1d is to say by itself what is right; it starts from the depths of the setting before."""


def run() -> Iterator[Row]:
    """Yield errors and times of both, each latitude by itself."""
    for latitude in LATITUDES_DEG:
        yield from attempted(f"Moon, {latitude:g}°", partial(_at, latitude))


def _at(latitude_deg: float) -> Iterator[Row]:
    config = SimulationConfig(**preset("Moon").values | {"latitude": math.radians(latitude_deg)})
    problem = thermal_problem(config)
    truth = solve_periodic(problem, OUTPUTS * DENSE, REFERENCE)
    name, peer = f"Moon, {latitude_deg:g}°", _Peer(config)
    ours: dict[float, tuple[float, str]] = {}
    for accuracy in ACCURACIES:
        solve = partial(solve_periodic, problem, OUTPUTS, Numerics(accuracy=accuracy))
        error = solve().surface_temperature - truth.surface_temperature[::DENSE]
        ours[accuracy] = median_s(solve), _error_text(error)
    for setting in SETTINGS:
        day = peer.day(setting)
        for accuracy in ACCURACIES if setting == SETTINGS[-1] else ACCURACIES[:1]:
            yield Row(f"{name}, accuracy {accuracy:g} K", *ours[accuracy], *day.compared(truth))
    fine = peer.day(FINE, start=day)
    yield Row(f"{name}, reference, accuracy {REFERENCE.accuracy:g} K", *_timed(problem), *fine.compared(truth))


def _timed(problem: Any) -> tuple[float, str]:
    return median_s(lambda: solve_periodic(problem, OUTPUTS, REFERENCE), 1), "what all errors are measured from"


@dataclass(frozen=True)
class _Day:
    """The last day of a run of heat1d."""

    setting: Setting
    seconds: float
    times: np.ndarray
    surface: np.ndarray
    depth: np.ndarray
    profile: np.ndarray

    def compared(self, truth: ThermalSolution) -> tuple[str, float, str]:
        """Return what this is, how long it took [s], and its errors at the steps next to the output times."""
        period = truth.times[-1] + truth.times[1]
        exact = np.interp(self.times, truth.times, truth.surface_temperature, period=period)
        apart = np.abs((self.times[:, None] - truth.times[::DENSE] + 0.5 * period) % period - 0.5 * period)
        error = (self.surface - exact)[apart.argmin(axis=0)]
        return f"heat1d {version('heat1d')}, {self.setting}", self.seconds, _error_text(error)


class _Peer:
    """Runs heat1d on the problem of a config."""

    def __init__(self, config: SimulationConfig) -> None:
        self._latitude = config.latitude
        self._planet = _moon(config)

    def day(self, setting: Setting, start: _Day | None = None) -> _Day:
        """Run heat1d from its own guess or from the end of another run; the time is that of a whole run."""
        heat1d = load_heat1d()
        before = time.perf_counter()
        config = heat1d.Configurator(
            m=setting.cells, n=setting.cells // 2, F=setting.fourier, NYEARSEQ=setting.years, DTSURF=0.01
        )
        model = heat1d.Model(planet=self._planet, lat=self._latitude, ndays=1, config=config)
        if start is not None:
            model.profile.T[:] = np.interp(model.profile.z, start.depth, start.profile)
            model.profile.update_k()
            model.profile.update_cp()
        model.run()
        seconds = time.perf_counter() - before
        period = self._planet.day
        from_noon = model.lt / 24.0 * period - model.dt
        times = (from_noon + 0.5 * period) % period
        return _Day(setting, seconds, times, model.T[:, 0], model.profile.z, model.profile.T)


def load_heat1d() -> Any:
    """Import heat1d, which asks numpy for names that were removed from it in 1.24."""
    for name, kind in (("float", float), ("int", int)):
        setattr(np, name, kind)
    import heat1d

    return heat1d


def _moon(config: SimulationConfig) -> Any:
    """Return heat1d's Moon with the scale height of a config, on a circular orbit without seasons."""
    import copy

    load_heat1d()
    import planets

    moon = copy.copy(planets.Moon)
    moon.H, moon.rAU = config.density_scale_height, config.R
    moon.eccentricity = moon.obliquity = 0.0
    same = {
        "day": (moon.day, config.P),
        "sunlight": (moon.S, config.S),
        "albedo": ([moon.albedo, *moon.albedoCoef], [config.albedo, config.albedo_a, config.albedo_b]),
        "emissivity": (moon.emissivity, config.em),
        "density": ([moon.rhos, moon.rhod], [config.rho_surface, config.rho_deep]),
        "conductivity": ([moon.ks, moon.kd], [config.k_surface, config.k_deep]),
        "heat capacity": (moon.cpCoeff[::-1], config.cp_coeffs),
        "heat from below": (moon.Qb, config.geothermal_flux),
    }
    for what, (theirs, ours) in same.items():
        if not np.allclose(theirs, ours, rtol=1e-9):
            raise ValueError(f"heat1d's Moon has another {what} than tmx's: {theirs} against {ours}")
    return moon


def _error_text(error: np.ndarray) -> str:
    return f"{np.abs(error).max():.3f} K, RMS {np.sqrt(np.mean(error**2)):.3f} K"
