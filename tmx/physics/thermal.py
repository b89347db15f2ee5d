"""Temperatures of a surface, opaque or with radiative transfer in the regolith, to a stated accuracy.

Start here: `solve_periodic` finds the periodic state, `solve_days` follows a number of days from a given start,
`solve_steady` the balance under a sun that stands still. Each chooses its grid and steps to meet the accuracy asked
for, and returns a `ThermalSolution` that carries its own error estimate and certificates.
"""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from tmx.physics.balance import steady_state
from tmx.physics.insolation import Sun
from tmx.physics.layout import Layout, lay_out
from tmx.physics.materials import FloatArray
from tmx.physics.periodic import find_periodic
from tmx.physics.problem import Numerics, Problem, output_times
from tmx.physics.roughness.resolution import fewer_facets, gathered, number_error
from tmx.physics.site import Day, DayMesh, day_mesh, halved, same_steps
from tmx.physics.solution import ErrorEstimate, ThermalSolution
from tmx.physics.transfer.regolith import Regolith

MOST_CELLS = 4000
"""Cells beyond which a grid is not refined further."""

SMALLEST_TOLERANCE = 1e-6
"""Tolerance of a step [K] below which steps are not refined further."""

TIME_SHARE, SUNLIGHT_SHARE = 0.3, 0.2
"""Parts of the accuracy that steps, and the table of sunlight on facets, may take."""

MOST_LIGHT_INTERVALS = 4096
"""Intervals of the table of sunlight on facets beyond which it is not refined."""

STREAMS_SHARE = 0.4
"""Part of the accuracy that the number of streams may take where it is free."""

MOST_STREAMS = 32
"""Streams beyond which none are added."""


class _Care(NamedTuple):
    """How a search spends its accuracy.

    Attributes
    ----------
    grid, periodicity : float
        Parts of the accuracy that these sources of error may take.
    finer : float
        Ratio of the tolerance of a run to that of the run that estimates its time error.
    """

    grid: float
    periodicity: float
    finer: float


FLAT = _Care(grid=0.6, periodicity=0.05, finer=5.0)

ROUGH = _Care(grid=0.25, periodicity=0.15, finer=3.0)
"""On facets grid errors are less, and a correction is that of the facet that is worst off. Shadows call for so many
steps that somewhat finer ones already tell the error."""


def _care_of(problem: Problem) -> _Care:
    return FLAT if problem.facets is None else ROUGH


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
    The periodicity error is the correction that a further iteration would make. With radiative transfer by streams,
    the error of their number is the difference to one day with twice as many. That of the number of facets of a crater
    is found on the same grid, from the periodic state of some quarter of them (`roughness.resolution`).
    """
    numerics = numerics or Numerics()
    guess = max(0.95 * problem.typical_temperature, problem.bottom.temperature or 0.0)
    method = _Periodic(_care_of(problem).periodicity * numerics.accuracy, guess)
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
    method = _March(days, start, last_day)
    return _solve(problem, method, output_times(problem.sun.period, outputs_per_day), numerics or Numerics())


def solve_steady(problem: Problem, cos_incidence: float, numerics: Numerics | None = None) -> ThermalSolution:
    """Find the balance of a surface under a sun that stands still.

    Parameters
    ----------
    problem : Problem
        The surface; the sun's period serves as a scale of the grid only.
    cos_incidence : float
        Cosine of the sun's incidence angle [-].
    numerics : Numerics, optional
        Accuracy and first grid.
    """
    numerics = numerics or Numerics()
    coarse = _stand(lay_out(problem, numerics.grid), cos_incidence)
    while numerics.add_streams and coarse.layout.streams is not None and coarse.layout.streams < MOST_STREAMS:
        if (coarse.streams_error() or 0.0) <= STREAMS_SHARE * numerics.accuracy:
            break
        coarse = _stand(coarse.layout.with_streams(2 * coarse.layout.streams), cos_incidence)
    while True:
        fine = _stand(coarse.layout.finer(), cos_incidence)
        apart = fine.apart(coarse)
        if not numerics.refine_grid:
            return _still_solution(coarse, 4.0 / 3.0 * apart)
        if apart / 3.0 <= _care_of(problem).grid * numerics.accuracy or fine.layout.cells > MOST_CELLS:
            return _still_solution(fine, apart / 3.0)
        coarse = fine


def fixed_temperature(problem: Problem, temperature: float, numerics: Numerics | None = None) -> ThermalSolution:
    """Return a column at one even temperature [K]: a solution without thermal evolution."""
    numerics = numerics or Numerics()
    layout = lay_out(problem, numerics.grid)
    return _still_solution(_Still(layout, layout.site.even(float(temperature)), np.empty(0), None), 0.0)


@dataclass(frozen=True)
class _Run:
    """What a method found on one grid: the days that it kept, their mesh, and the tolerance that chose their steps."""

    layout: Layout
    mesh: DayMesh
    tolerance: float
    days: tuple[Day, ...]
    first_day: int = 0
    correction: float = 0.0
    integrated: int = 1

    @property
    def midnight(self) -> FloatArray:
        """State when the days kept begin [K]."""
        return self.days[0].profiles[0]

    def at(self, times: FloatArray) -> FloatArray:
        """Return the states at times of the day, day after day, shape (days · times, ...) [K]."""
        rows = self.mesh.at(times)
        return np.concatenate([day.profiles[rows] for day in self.days])

    def seen(self, times: FloatArray) -> FloatArray:
        """Return the temperatures that are seen, day after day, shape (days · times, ...) [K]."""
        return self.layout.site.seen(self.at(times))


class _Method(Protocol):
    """A way to run a problem."""

    def run(self, layout: Layout, mesh: DayMesh, tolerance: float, near: _Run | None) -> _Run:
        """Run on a grid; `near` is a run of the same problem that may serve as a start."""

    def resume(self, layout: Layout, mesh: DayMesh, tolerance: float, near: FloatArray) -> _Run:
        """Run with other facets; a state that is near may serve as a start."""

    def check(self, run: _Run, mesh: DayMesh, tolerance: float) -> _Run:
        """Run again on the same grid with other steps, as far as the time error needs it."""

    def repeat(self, run: _Run, layout: Layout, mesh: DayMesh) -> _Run:
        """Run again on a layout with other streams, as far as their error needs it."""


@dataclass(frozen=True)
class _Periodic:
    """Runs to the periodic state, from an even temperature if there is nothing nearer."""

    target: float
    guess: float

    def run(self, layout: Layout, mesh: DayMesh, tolerance: float, near: _Run | None) -> _Run:
        start: FloatArray | float = self.guess
        step_tolerance = tolerance
        if near is not None:
            start = layout.site.moved(near.midnight, near.layout.column.depth)
            if near.tolerance == tolerance:
                mesh, step_tolerance = same_steps(layout.site.sun, near.mesh, near.days[-1]), np.inf
        return self._found(layout, mesh, tolerance, step_tolerance, start)

    def resume(self, layout: Layout, mesh: DayMesh, tolerance: float, near: FloatArray) -> _Run:
        return self._found(layout, mesh, tolerance, tolerance, near)

    def _found(
        self, layout: Layout, mesh: DayMesh, tolerance: float, step_tolerance: float, start: FloatArray | float
    ) -> _Run:
        found = find_periodic(layout.site, mesh, tolerance=step_tolerance, target=self.target, start=start)
        return _Run(layout, found.mesh, tolerance, (found.day,), 0, found.correction, found.maps)

    def check(self, run: _Run, mesh: DayMesh, tolerance: float) -> _Run:
        day = run.layout.site.integrate(mesh, run.midnight, tolerance, record=False)
        return _Run(run.layout, mesh, tolerance, (day,))

    def repeat(self, run: _Run, layout: Layout, mesh: DayMesh) -> _Run:
        steps = same_steps(layout.site.sun, run.mesh, run.days[-1])
        day = layout.site.integrate(steps, run.midnight, np.inf, record=False)
        return _Run(layout, steps, np.inf, (day,))


@dataclass(frozen=True)
class _March:
    """Runs a number of days from an even temperature."""

    number: int
    temperature: float
    last_day: bool

    def run(self, layout: Layout, mesh: DayMesh, tolerance: float, near: _Run | None) -> _Run:
        state = layout.site.even(self.temperature)
        kept: list[Day] = []
        for number in range(self.number):
            last = number == self.number - 1
            day = layout.site.integrate(mesh, state, tolerance, record=last)
            state = day.end
            if last or not self.last_day:
                kept.append(day)
        return _Run(layout, mesh, tolerance, tuple(kept), self.number - len(kept), 0.0, self.number)

    def resume(self, layout: Layout, mesh: DayMesh, tolerance: float, near: FloatArray) -> _Run:
        return self.run(layout, mesh, tolerance, None)

    def check(self, run: _Run, mesh: DayMesh, tolerance: float) -> _Run:
        return self.run(run.layout, mesh, tolerance, None)

    def repeat(self, run: _Run, layout: Layout, mesh: DayMesh) -> _Run:
        return self.run(layout, mesh, run.tolerance, None)


@dataclass
class _Search:
    """The search for a grid, steps and streams with which a method meets the accuracy."""

    method: _Method
    mesh: DayMesh
    times: FloatArray
    numerics: Numerics
    care: _Care
    integrated: int = field(default=0, init=False)

    def run(self, layout: Layout, tolerance: float, near: _Run | None) -> _Run:
        """Run on a grid and count its days."""
        run = self.method.run(layout, self.mesh, tolerance, near)
        self.integrated += run.integrated
        return run

    def apart(self, one: _Run, other: _Run) -> float:
        """Return the size of the difference of seen temperature between two runs [K]."""
        return one.layout.site.size_of(one.seen(self.times) - other.seen(self.times))

    def streams_error(self, run: _Run) -> float | None:
        """Return the difference to twice as many streams [K], if there are any."""
        if run.layout.streams is None:
            return None
        more = self.method.repeat(run, run.layout.with_streams(2 * run.layout.streams), self.mesh)
        self.integrated += more.integrated
        return self.apart(more, run)

    def sunlight_error(self, run: _Run) -> float:
        """Return the error that comes of a table of sunlight [K]: it is of second order; none on a flat surface."""
        site = run.layout.site.with_coarser_sunlight()
        if site is run.layout.site:
            return 0.0
        coarser = self.method.repeat(run, replace(run.layout, site=site), self.mesh)
        self.integrated += coarser.integrated
        return self.apart(coarser, run) / 3.0

    def facets_error(self, run: _Run) -> float | None:
        """Return the error of the number of facets [K], where there is a surface of fewer: on the same grid."""
        many = run.layout.problem.facets
        few = None if many is None else fewer_facets(many)
        if many is None or few is None:
            return None
        layout = run.layout.with_facets(few)
        near = gathered(many, few, run.layout.site.columns(run.midnight[None])[0])
        other = self.method.resume(layout, self.mesh, run.tolerance, layout.site.state_of(near))
        return number_error(many, few, run.seen(self.times), other.seen(self.times))

    def settle_sunlight(self, run: _Run) -> tuple[_Run, float]:
        """Return a run under sunlight that is tabulated finely enough, and the error that is left of it [K]."""
        while True:
            error, intervals = self.sunlight_error(run), run.layout.problem.light_intervals
            if error <= SUNLIGHT_SHARE * self.numerics.accuracy or intervals >= MOST_LIGHT_INTERVALS:
                return run, error
            run = self.run(run.layout.with_finer_sunlight(), run.tolerance, run)

    def settle_streams(self, run: _Run) -> tuple[_Run, float | None]:
        """Return a run with enough streams, where their number is free, and what twice as many would change [K]."""
        while True:
            streams, error = run.layout.streams, self.streams_error(run)
            if streams is None or error is None or not self.numerics.add_streams or streams >= MOST_STREAMS:
                return run, error
            if error <= STREAMS_SHARE * self.numerics.accuracy:
                return run, error
            run = self.run(run.layout.with_streams(2 * streams), run.tolerance, run)

    def refine_grid(self, coarse: _Run) -> tuple[_Run, float]:
        """Return a run whose grid error takes no more than its share of the accuracy, and that error [K]."""
        while True:
            fine = self.run(coarse.layout.finer(), coarse.tolerance, coarse)
            apart = self.apart(fine, coarse)
            if not self.numerics.refine_grid:
                return coarse, 4.0 / 3.0 * apart
            if apart / 3.0 <= self.care.grid * self.numerics.accuracy or fine.layout.cells > MOST_CELLS:
                return fine, apart / 3.0
            coarse = fine

    def refine_steps(self, run: _Run, grid_error: float) -> tuple[_Run, ErrorEstimate]:
        """Return a run whose time error is small enough as well, and its errors at the number of streams."""
        accuracy = self.numerics.accuracy
        while True:
            check = self.method.check(run, halved(run.layout.problem.sun, self.mesh), run.tolerance / self.care.finer)
            self.integrated += check.integrated
            error = ErrorEstimate(self.apart(check, run), grid_error, run.correction)
            allowed = max(TIME_SHARE * accuracy, accuracy - grid_error - run.correction)
            if error.time <= allowed or not SMALLEST_TOLERANCE < run.tolerance < np.inf:
                return run, error
            run = self.run(run.layout, run.tolerance * max(1.0 / self.care.finer, 0.7 * allowed / error.time), run)


def _solve(problem: Problem, method: _Method, times: FloatArray, numerics: Numerics) -> ThermalSolution:
    """Run a problem, refining streams, grid and steps until the accuracy is met or nothing more can be done."""
    mesh, tolerance = _first_mesh(problem.sun, times, numerics)
    search = _Search(method, mesh, times, numerics, _care_of(problem))
    run = search.run(lay_out(problem, numerics.grid), tolerance, None)
    run, streams_error = search.settle_streams(run)
    if problem.facets is None:
        run, grid_error = search.refine_grid(run)
        run, error = search.refine_steps(run, grid_error)
    else:  # shadows ask for many steps, so these are settled on the first grid
        run, light_error = search.settle_sunlight(run)
        run, error = search.refine_steps(run, search.care.grid * numerics.accuracy + light_error)
        run, grid_error = search.refine_grid(run)
        error = replace(error, time=error.time + light_error, grid=grid_error, periodicity=run.correction)
    error = replace(error, streams=streams_error, facets=search.facets_error(run))
    return _solution(run, times, error, search.integrated)


def _first_mesh(sun: Sun, times: FloatArray, numerics: Numerics) -> tuple[DayMesh, float]:
    """Return the mesh and the step tolerance to begin with."""
    if numerics.steps_per_day is None:
        return day_mesh(sun, times), numerics.accuracy
    return day_mesh(sun, times, output_times(sun.period, numerics.steps_per_day)), np.inf


def _cells(layout: Layout, states: FloatArray) -> dict[str, Any]:
    """Return the fields of a solution that describe its cells, from states of shape (t, ...)."""
    has_mass = layout.column.mass > 0.0
    nodes = layout.site.columns(states).T
    opaque = not isinstance(layout.problem.surface, Regolith)
    return {
        "surface_temperature": layout.site.seen(states).T,
        "temperature": nodes[has_mass],
        "base_temperature": None if opaque else nodes[layout.edges[0].size],
        "depth": layout.column.depth[has_mass],
        "boundaries": layout.boundaries,
        "layer": layout.layer_of_cell,
        "streams": layout.streams,
    }


def _solution(run: _Run, times: FloatArray, error: ErrorEstimate, integrated: int) -> ThermalSolution:
    """Gather a run, its error estimate and its certificates."""
    layout, day = run.layout, run.days[-1]
    period, summary = layout.problem.sun.period, day.summary
    sunlight = period * layout.site.mean_sunlight
    closure = sunlight + summary.from_below - summary.emitted - summary.stored
    stored = layout.site.heat_by_depth(day.end) - layout.site.heat_by_depth(day.profiles[0])
    imbalance = np.cumsum(stored[::-1]) / period
    return ThermalSolution(
        **_cells(layout, run.at(times)),
        times=np.concatenate([times + period * (run.first_day + k) for k in range(len(run.days))]),
        error=error,
        energy_residual=closure / max(sunlight, abs(summary.emitted), abs(summary.from_below)),
        flux_residual=float(np.abs(imbalance).max()),
        periodicity_residual=float(np.abs(day.end - day.profiles[0]).max()),
        hottest=summary.hottest,
        time_of_hottest=summary.time_of_hottest,
        coldest=summary.coldest,
        mean=summary.mean,
        deep=layout.site.mean_of_lowest(day.means.temperature),
        days=integrated,
        steps=summary.steps,
    )


@dataclass(frozen=True)
class _Still:
    """A state that does not change, under a sun that stands still if there is one."""

    layout: Layout
    state: FloatArray
    sunlight: FloatArray
    cos_incidence: float | None

    @property
    def seen(self) -> FloatArray:
        """Temperature that is seen, of all facets if there are some [K]."""
        return self.layout.site.seen(self.state[None])[0]

    def apart(self, other: "_Still") -> float:
        """Return the size of the difference of seen temperature [K]."""
        return self.layout.site.size_of(self.seen - other.seen)

    @property
    def energy_residual(self) -> float:
        """Power that goes in less that which goes out, relative to the larger of them [-]."""
        if self.cos_incidence is None:
            return 0.0
        _, absorbed, lost, below = self.layout.site.newton_change(self.sunlight, self.state)
        return (absorbed + below - lost) / max(absorbed, abs(below), abs(lost), np.finfo(float).tiny)

    def streams_error(self) -> float | None:
        """Return the difference to twice as many streams [K], if there are any."""
        if self.layout.streams is None:
            return None
        more = self.layout.with_streams(2 * self.layout.streams)
        if self.cos_incidence is None:
            return self.apart(_Still(more, self.state, self.sunlight, None))
        return self.apart(_stand(more, self.cos_incidence))

    def facets_error(self) -> float | None:
        """Return the error of the number of facets [K], where there is a surface of fewer."""
        many = self.layout.problem.facets
        few = None if many is None else fewer_facets(many)
        if many is None or few is None or self.cos_incidence is None:
            return None
        other = _stand(self.layout.with_facets(few), self.cos_incidence)
        return number_error(many, few, self.seen[None], other.seen[None])


def _stand(layout: Layout, cos_incidence: float) -> _Still:
    """Return the balance under a sun that stands still."""
    sunlight = layout.sunlight(cos_incidence)
    state = steady_state(layout.site, sunlight, layout.problem.hottest_temperature)
    return _Still(layout, state, sunlight, cos_incidence)


def _still_solution(still: _Still, grid_error: float) -> ThermalSolution:
    """Return a state that does not change as a solution with one output time."""
    return ThermalSolution(
        **_cells(still.layout, still.state[None]),
        times=np.zeros(1),
        error=ErrorEstimate(grid=grid_error, streams=still.streams_error(), facets=still.facets_error()),
        energy_residual=still.energy_residual,
        flux_residual=0.0,
        periodicity_residual=0.0,
        hottest=float(still.seen.max()),
        time_of_hottest=0.0,
        coldest=float(still.seen.min()),
        mean=still.layout.site.mean_of_seen(still.seen),
        deep=still.layout.site.mean_of_lowest(still.state),
        days=0,
        steps=0,
    )
