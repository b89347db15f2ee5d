"""Temperatures of a surface, opaque or with radiative transfer in the regolith, to a stated accuracy.

Start here: `solve_periodic` finds the periodic state, `solve_days` follows a number of days from a given start,
`solve_steady` the balance under a sun that stands still. Each chooses its grid and steps to meet the accuracy asked
for, and returns a `ThermalSolution` that carries its own error estimate and certificates. How they choose is in
`search`, how a problem is run on one grid in `runs`.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from tmx.physics.layout import Layout, lay_out
from tmx.physics.materials import FloatArray
from tmx.physics.problem import Numerics, Problem, output_times
from tmx.physics.runs import March, Method, Periodic, Run
from tmx.physics.search import MOST_CELLS, MOST_STREAMS, STREAMS_SHARE, Search, care_of, first_mesh
from tmx.physics.solution import ErrorEstimate, ThermalSolution
from tmx.physics.standing import Still, stand
from tmx.physics.transfer.regolith import Regolith


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
    method = Periodic(care_of(problem).periodicity * numerics.accuracy, guess)
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
    method = March(days, start, last_day)
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
    coarse = stand(lay_out(problem, numerics.grid), cos_incidence)
    while numerics.add_streams and coarse.layout.streams is not None and coarse.layout.streams < MOST_STREAMS:
        if (coarse.streams_error() or 0.0) <= STREAMS_SHARE * numerics.accuracy:
            break
        coarse = stand(coarse.layout.with_streams(2 * coarse.layout.streams), cos_incidence)
    while True:
        fine = stand(coarse.layout.finer(), cos_incidence)
        apart = fine.apart(coarse)
        if not numerics.refine_grid:
            return _still_solution(coarse, 4.0 / 3.0 * apart)
        if apart / 3.0 <= care_of(problem).grid * numerics.accuracy or fine.layout.cells > MOST_CELLS:
            return _still_solution(fine, apart / 3.0)
        coarse = fine


def fixed_temperature(problem: Problem, temperature: float, numerics: Numerics | None = None) -> ThermalSolution:
    """Return a column at one even temperature [K]: a solution without thermal evolution."""
    numerics = numerics or Numerics()
    layout = lay_out(problem, numerics.grid)
    return _still_solution(Still(layout, layout.site.even(float(temperature)), np.empty(0), None), 0.0)


def _solve(problem: Problem, method: Method, times: FloatArray, numerics: Numerics) -> ThermalSolution:
    """Run a problem, refining streams, grid and steps until the accuracy is met or nothing more can be done."""
    mesh, tolerance = first_mesh(problem.sun, times, numerics)
    search = Search(method, mesh, times, numerics, care_of(problem))
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


def _solution(run: Run, times: FloatArray, error: ErrorEstimate, integrated: int) -> ThermalSolution:
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


def _still_solution(still: Still, grid_error: float) -> ThermalSolution:
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
