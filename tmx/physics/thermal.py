"""Temperatures of a surface without radiative transfer in the regolith, to a stated accuracy.

Start here: `solve_periodic` finds the periodic state, `solve_days` follows a number of days from a given start,
`solve_steady` the balance under a sun that stands still. Each chooses its grid and steps to meet the accuracy asked
for, and returns a `ThermalSolution` that carries its own error estimate and certificates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tmx.physics.balance import steady_state
from tmx.physics.column import Column, make_column
from tmx.physics.enthalpy import enthalpy_of
from tmx.physics.grid import bisect, geometric_edges
from tmx.physics.insolation import Sun, absorbed_at, mean_absorbed_sunlight
from tmx.physics.materials import FloatArray
from tmx.physics.periodic import Day, DayMesh, day_mesh, find_periodic, integrate, same_steps
from tmx.physics.problem import GridRule, Numerics, Problem, output_times
from tmx.physics.solution import ErrorEstimate, ThermalSolution

MOST_CELLS = 4000
"""Cells beyond which a grid is not refined further."""

SMALLEST_TOLERANCE = 1e-6
"""Tolerance of a step [K] below which steps are not refined further."""

FINER = 5.0
"""Ratio of the tolerance of a run to that of the run that estimates its time error."""

GRID_SHARE, TIME_SHARE, PERIODICITY_SHARE = 0.6, 0.3, 0.05
"""Parts of the accuracy that each source of error may take."""


def solve_periodic(problem: Problem, outputs_per_day: int, numerics: Numerics | None = None) -> ThermalSolution:
    """Find the periodic state of a surface to a stated accuracy.

    Parameters
    ----------
    problem : Problem
        The surface.
    outputs_per_day : int
        Number of evenly spaced output times.
    numerics : Numerics, optional
        Accuracy, first grid and steps.

    Raises
    ------
    IntegrationError
        If the time integration cannot go on.

    Notes
    -----
    The grid error is that of the finer of two grids, one the bisection of the other: a third of their difference, as
    the scheme is of second order. The time error is the difference to one day of finer steps from the same midnight.
    The periodicity error is the correction that a further iteration would make.
    """
    numerics = numerics or Numerics()
    method = _Periodic(problem.sun, PERIODICITY_SHARE * numerics.accuracy)
    return _solve(problem, method, output_times(problem.sun.period, outputs_per_day), numerics)


def solve_days(
    problem: Problem,
    outputs_per_day: int,
    days: int,
    start: float,
    numerics: Numerics | None = None,
    *,
    last_day: bool = True,
) -> ThermalSolution:
    """Follow a surface for a number of days from an even temperature at local midnight.

    Parameters
    ----------
    problem : Problem
        The surface.
    outputs_per_day : int
        Number of evenly spaced output times per day.
    days : int
        Number of days.
    start : float
        Temperature at the start [K].
    numerics : Numerics, optional
        Accuracy, first grid and steps.
    last_day : bool
        Whether only the last day is kept, or every day.

    Raises
    ------
    IntegrationError
        If the time integration cannot go on.
    """
    method = _March(problem.sun, days, start, last_day)
    return _solve(problem, method, output_times(problem.sun.period, outputs_per_day), numerics or Numerics())


def solve_steady(problem: Problem, cos_incidence: float, rule: GridRule | None = None) -> ThermalSolution:
    """Find the balance of a surface under a sun that stands still.

    Parameters
    ----------
    problem : Problem
        The surface; the sun's period serves as a scale of the grid only.
    cos_incidence : float
        Cosine of the sun's incidence angle [-].
    rule : GridRule, optional
        How the cells are laid out; the balance is exact on any grid.
    """
    grid = _lay_out(problem, rule or GridRule())
    return _standing(grid, steady_state(grid.column, absorbed_at(problem.sun, cos_incidence)))


def fixed_temperature(problem: Problem, temperature: float, rule: GridRule | None = None) -> ThermalSolution:
    """Return a column at one even temperature [K]: a solution without thermal evolution."""
    grid = _lay_out(problem, rule or GridRule())
    return _standing(grid, np.full(grid.column.depth.size, float(temperature)))


@dataclass(frozen=True)
class _Grid:
    """A problem on one grid."""

    column: Column
    edges: tuple[FloatArray, ...]

    @property
    def cells(self) -> int:
        return sum(len(e) - 1 for e in self.edges)


@dataclass(frozen=True)
class _Run:
    """What a method found on one grid: the days that it kept, their mesh, and the tolerance that chose their steps."""

    grid: _Grid
    mesh: DayMesh
    tolerance: float
    days: tuple[Day, ...]
    first_day: int = 0
    correction: float = 0.0
    integrated: int = 1

    @property
    def midnight(self) -> FloatArray:
        """Temperatures of the nodes when the days kept begin [K]."""
        return self.days[0].profiles[0]

    def at(self, times: FloatArray) -> FloatArray:
        """Return the temperatures of the nodes at times of the day, day after day, shape (n, days · times) [K]."""
        rows = np.searchsorted(self.mesh.times, times)
        return np.concatenate([day.profiles[rows] for day in self.days]).T


class _Method(Protocol):
    """A way to run a problem."""

    def run(self, grid: _Grid, mesh: DayMesh, tolerance: float, near: _Run | None) -> _Run:
        """Run on a grid; `near` is a run of the same problem that may serve as a start."""

    def check(self, run: _Run, mesh: DayMesh, tolerance: float) -> _Run:
        """Run again on the same grid with other steps, as far as the time error needs it."""


@dataclass(frozen=True)
class _Periodic:
    """Runs to the periodic state."""

    sun: Sun
    target: float

    def run(self, grid: _Grid, mesh: DayMesh, tolerance: float, near: _Run | None) -> _Run:
        start, step_tolerance = None, tolerance
        if near is not None:
            start = np.interp(grid.column.depth, near.grid.column.depth, near.midnight)
            if near.tolerance == tolerance:
                mesh, step_tolerance = same_steps(self.sun, near.days[-1]), np.inf
        found = find_periodic(grid.column, self.sun, mesh, tolerance=step_tolerance, target=self.target, start=start)
        return _Run(grid, found.mesh, tolerance, (found.day,), 0, found.correction, found.maps)

    def check(self, run: _Run, mesh: DayMesh, tolerance: float) -> _Run:
        day = integrate(run.grid.column, self.sun, mesh, run.midnight, tolerance, record=False)
        return _Run(run.grid, mesh, tolerance, (day,))


@dataclass(frozen=True)
class _March:
    """Runs a number of days from an even temperature."""

    sun: Sun
    number: int
    temperature: float
    last_day: bool

    def run(self, grid: _Grid, mesh: DayMesh, tolerance: float, near: _Run | None) -> _Run:
        state = np.full(grid.column.depth.size, self.temperature)
        kept: list[Day] = []
        for number in range(self.number):
            last = number == self.number - 1
            day = integrate(grid.column, self.sun, mesh, state, tolerance, record=last)
            state = day.end
            if last or not self.last_day:
                kept.append(day)
        return _Run(grid, mesh, tolerance, tuple(kept), self.number - len(kept), 0.0, self.number)

    def check(self, run: _Run, mesh: DayMesh, tolerance: float) -> _Run:
        return self.run(run.grid, mesh, tolerance, None)


def _solve(problem: Problem, method: _Method, times: FloatArray, numerics: Numerics) -> ThermalSolution:
    """Run a problem, refining grid and steps until the accuracy is met or nothing more can be done."""
    mesh, tolerance = _first_mesh(problem.sun, times, numerics)
    run, grid_error, integrated = _refine_grid(problem, method, mesh, tolerance, times, numerics)
    while True:
        check = method.check(run, _halved(problem.sun, mesh), run.tolerance / FINER)
        integrated += check.integrated
        error = ErrorEstimate(time=_apart(check, run, times), grid=grid_error, periodicity=run.correction)
        enough = error.total <= numerics.accuracy or error.time <= TIME_SHARE * numerics.accuracy
        if enough or not SMALLEST_TOLERANCE < run.tolerance < np.inf:
            return _solution(problem, run, times, error, integrated)
        run = method.run(run.grid, mesh, run.tolerance / FINER, run)
        integrated += run.integrated


def _refine_grid(
    problem: Problem, method: _Method, mesh: DayMesh, tolerance: float, times: FloatArray, numerics: Numerics
) -> tuple[_Run, float, int]:
    """Return a run whose grid error is small enough, that error [K], and how many days were integrated."""
    coarse = method.run(_lay_out(problem, numerics.grid), mesh, tolerance, None)
    integrated = coarse.integrated
    while True:
        fine = method.run(_bisected(problem, coarse.grid), mesh, tolerance, coarse)
        integrated += fine.integrated
        apart = _apart(fine, coarse, times)
        if not numerics.refine_grid:
            return coarse, 4.0 / 3.0 * apart, integrated
        if apart / 3.0 <= GRID_SHARE * numerics.accuracy or fine.grid.cells > MOST_CELLS:
            return fine, apart / 3.0, integrated
        coarse = fine


def _first_mesh(sun: Sun, times: FloatArray, numerics: Numerics) -> tuple[DayMesh, float]:
    """Return the mesh and the step tolerance to begin with."""
    if numerics.steps_per_day is None:
        return day_mesh(sun, times), numerics.accuracy
    return day_mesh(sun, times, output_times(sun.period, numerics.steps_per_day)), np.inf


def _halved(sun: Sun, mesh: DayMesh) -> DayMesh:
    """Return a mesh with every interval cut in two: steps that the nodes dictate get shorter as well."""
    return day_mesh(sun, mesh.times, 0.5 * (mesh.times[1:] + mesh.times[:-1]))


def _apart(one: _Run, other: _Run, times: FloatArray) -> float:
    """Return the largest difference of surface temperature between two runs [K]."""
    return float(np.abs(one.at(times)[0] - other.at(times)[0]).max())


def _lay_out(problem: Problem, rule: GridRule) -> _Grid:
    """Lay out the first grid of a problem."""
    edges = []
    for layer in problem.layers:
        first = rule.first * layer.skin_depth(problem.sun.period, problem.typical_temperature)
        if layer is not problem.layers[-1]:
            first = min(first, layer.thickness / rule.least_cells)
        edges.append(geometric_edges(layer.thickness, first, rule.ratio))
    return _make_grid(problem, edges)


def _bisected(problem: Problem, grid: _Grid) -> _Grid:
    return _make_grid(problem, [bisect(edges) for edges in grid.edges])


def _make_grid(problem: Problem, edges: Sequence[FloatArray]) -> _Grid:
    return _Grid(make_column(problem.layers, edges, problem.surface, problem.bottom), tuple(edges))


def _cells(grid: _Grid, nodes: FloatArray) -> dict[str, Any]:
    """Return the fields of a solution that describe its cells, from temperatures at the nodes, shape (n, t)."""
    has_mass = grid.column.mass > 0.0
    tops = np.cumsum([0.0, *(e[-1] for e in grid.edges)])
    below_top = [top + e[1:] for top, e in zip(tops[:-1], grid.edges, strict=True)]
    return {
        "surface_temperature": nodes[0],
        "temperature": nodes[has_mass],
        "depth": grid.column.depth[has_mass],
        "boundaries": np.concatenate([[0.0], *below_top]),
        "layer": np.repeat(np.arange(len(grid.edges)), [len(e) - 1 for e in grid.edges]),
    }


def _solution(problem: Problem, run: _Run, times: FloatArray, error: ErrorEstimate, integrated: int) -> ThermalSolution:
    """Gather a run, its error estimate and its certificates."""
    day, period = run.days[-1], problem.sun.period
    summary, means = day.summary, day.means
    sunlight = period * mean_absorbed_sunlight(problem.sun)
    closure = sunlight + summary.from_below - summary.emitted - summary.stored
    stored = enthalpy_of(run.grid.column, day.end) - enthalpy_of(run.grid.column, day.profiles[0])
    imbalance = np.cumsum(stored[::-1]) / period
    return ThermalSolution(
        **_cells(run.grid, run.at(times)),
        times=np.concatenate([times + period * (run.first_day + k) for k in range(len(run.days))]),
        error=error,
        energy_residual=closure / max(sunlight, abs(summary.emitted), abs(summary.from_below)),
        flux_residual=float(np.abs(imbalance).max()),
        periodicity_residual=float(np.abs(day.end - day.profiles[0]).max()),
        hottest=summary.hottest,
        time_of_hottest=summary.time_of_hottest,
        coldest=summary.coldest,
        mean=float(means.temperature[0]),
        deep=float(means.temperature[-1]),
        days=integrated,
        steps=summary.steps,
    )


def _standing(grid: _Grid, temperature: FloatArray) -> ThermalSolution:
    """Return a state that does not change as a solution with one output time."""
    surface = float(temperature[0])
    return ThermalSolution(
        **_cells(grid, temperature[:, None]),
        times=np.zeros(1),
        error=ErrorEstimate(),
        energy_residual=0.0,
        flux_residual=0.0,
        periodicity_residual=0.0,
        hottest=surface,
        time_of_hottest=0.0,
        coldest=surface,
        mean=surface,
        deep=float(temperature[-1]),
        days=0,
        steps=0,
    )
