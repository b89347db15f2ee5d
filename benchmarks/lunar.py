"""The Moon's surface by heat1d (P. O. Hayne) and by tmx: the same regolith, sunlight and heat from below.

heat1d steps explicitly, orbit after orbit from a guess of the temperature; a number of years is what it takes in place
of a criterion. Its surface temperature belongs to the beginning of each step, and is compared there. Its own Moon is
used but for what the problem of tmx does not have: the orbit is a circle and the equator in its plane, and the scale
height is that of the paper (Hayne et al. 2017, doi:10.1002/2017JE005387) in place of 7 cm. What is on PyPI can do no
more; a newer one, which begins with a periodic state of its own and has implicit steps, is measured as well where the
environment says in which directory its package lies.
"""

import copy
import math
import os
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rows import Row, attempted, error_text
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


NEWER = "BENCH_HEAT1D"
"""Variable of the environment: the directory of another version of heat1d, with its package and its pyproject.toml."""


@dataclass(frozen=True)
class Setting:
    """Settings of heat1d.

    Attributes
    ----------
    cells : int
        Nodes in the first skin depth; others grow by a part of 2/cells each.
    years : int
        Orbits before the day that is kept; newer versions find a periodic state themselves with none.
    fourier : float
        Step over the square of the first cell, times the diffusivity [-]; finer grids are unstable at its default, 0.5.
    solver : str
        How it steps; what is on PyPI has explicit steps alone.
    """

    cells: int
    years: int
    fourier: float = 0.5
    solver: str = "explicit"

    def __str__(self) -> str:
        begun = f"{self.years} year{'s' * (self.years > 1)}" if self.years else "begun with its periodic state"
        return f"{self.solver}, {self.cells} cells in a skin depth, F = {self.fourier:g}, {begun}"


SETTINGS = (Setting(10, 1), Setting(10, 5), Setting(20, 5, 0.4))
NEWER_SETTINGS = (Setting(10, 0), Setting(20, 0, 0.4), Setting(20, 0, 0.4, "crank-nicolson"))
FINE = Setting(40, 1, 0.25)
"""The grid on which heat1d is to say by itself what is right; it starts from the depths of the setting before."""


def run() -> Iterator[Row]:
    """Yield errors and times of both, each latitude by itself."""
    for latitude in LATITUDES_DEG:
        case = _Case(latitude)
        yield from attempted(str(case), partial(_beside_installed, case))
        if NEWER in os.environ:
            yield from attempted(f"{case}, {NEWER}", partial(_beside_newer, case, Path(os.environ[NEWER])))


class _Case:
    """The Moon at a latitude, and how tmx does at its accuracies."""

    def __init__(self, latitude_deg: float) -> None:
        self._latitude_deg = latitude_deg
        self.config = SimulationConfig(**preset("Moon").values | {"latitude": math.radians(latitude_deg)})
        self._problem = thermal_problem(self.config)
        self.truth = solve_periodic(self._problem, OUTPUTS * DENSE, REFERENCE)
        self._solved = {accuracy: self._solve(accuracy) for accuracy in (*ACCURACIES, REFERENCE.accuracy)}

    def __str__(self) -> str:
        return f"Moon, {self._latitude_deg:g}°"

    def row(self, accuracy: float, day: "_Day") -> Row:
        """Return tmx beside a day of heat1d."""
        return Row(f"{self}, accuracy {accuracy:g} K", *self._solved[accuracy], *day.compared(self.truth))

    def _solve(self, accuracy: float) -> tuple[float, str]:
        solve = partial(solve_periodic, self._problem, OUTPUTS, Numerics(accuracy=accuracy))
        if accuracy == REFERENCE.accuracy:
            return median_s(solve, 1), "what all errors are measured from"
        error = solve().surface_temperature - self.truth.surface_temperature[::DENSE]
        return median_s(solve), error_text(error)


def _beside_installed(case: _Case) -> Iterator[Row]:
    heat1d, planets = _installed(), import_module("planets")
    peer = _Peer(f"heat1d {version('heat1d')}", heat1d, planets.Moon, case.config)
    for setting in SETTINGS:
        day = peer.day(setting)
        yield case.row(ACCURACIES[0], day)
    yield case.row(ACCURACIES[-1], day)
    yield case.row(REFERENCE.accuracy, peer.day(FINE, start=day))


def _beside_newer(case: _Case, directory: Path) -> Iterator[Row]:
    heat1d = _in_directory(directory)
    project = tomllib.loads((directory / "pyproject.toml").read_text())["project"]
    peer = _Peer(f"heat1d {project['version']}, not on PyPI", heat1d, heat1d.planets.Moon, case.config)
    for setting in NEWER_SETTINGS:
        peer.day(setting)  # compiles
        yield case.row(ACCURACIES[0], peer.day(setting))


@dataclass(frozen=True)
class _Day:
    """The last day of a run of heat1d."""

    name: str
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
        return self.name, self.seconds, error_text(error)


class _Peer:
    """Runs a version of heat1d on the problem of a config."""

    def __init__(self, name: str, heat1d: Any, moon: Any, config: SimulationConfig) -> None:
        self._name = name
        self._heat1d = heat1d
        self._latitude = config.latitude
        self._planet = _like(config, moon)

    def day(self, setting: Setting, start: _Day | None = None) -> _Day:
        """Run heat1d from its own guess or from the end of another run; the time is that of a whole run."""
        before = time.perf_counter()
        config = self._heat1d.Configurator(
            m=setting.cells, n=setting.cells // 2, F=setting.fourier, NYEARSEQ=setting.years, DTSURF=0.01
        )
        config.solver = setting.solver
        model = self._heat1d.Model(planet=self._planet, lat=self._latitude, ndays=1, config=config)
        if start is not None:
            model.profile.T[:] = np.interp(model.profile.z, start.depth, start.profile)
            model.profile.update_k()
            model.profile.update_cp()
        model.run()
        seconds = time.perf_counter() - before
        period = self._planet.day
        begins = np.concatenate([[0.0], model.lt[:-1]]) / 24.0 * period  # from noon
        times = (begins + 0.5 * period) % period
        return _Day(f"{self._name}, {setting}", seconds, times, model.T[:, 0], model.profile.z, model.profile.T)


@cache
def _installed() -> Any:
    """Import heat1d, which asks numpy for names that were removed from it in 1.24."""
    for name, kind in (("float", float), ("int", int)):
        setattr(np, name, kind)
    return import_module("heat1d")


@cache
def _in_directory(directory: Path) -> Any:
    """Import the heat1d that lies in a directory, in place of the installed one, which has no more to import."""
    if not (directory / "heat1d/__init__.py").is_file():
        raise FileNotFoundError(f"{NEWER}={directory}: there is no package heat1d in this directory")
    for name in [name for name in sys.modules if name.partition(".")[0] == "heat1d"]:
        del sys.modules[name]
    sys.path.insert(0, str(directory))
    try:
        import_module("heat1d.planets")
        return import_module("heat1d")
    finally:
        sys.path.remove(str(directory))


def _like(config: SimulationConfig, moon: Any) -> Any:
    """Return heat1d's Moon with the scale height of a config, on a circular orbit without seasons."""
    moon = copy.copy(moon)
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
