"""Facets of a rough surface: how long an accuracy takes, against flat columns one by one and lagged coupling."""

from dataclasses import replace

import numpy as np

from benchmarks.lagged_facets import solve_lagged
from benchmarks.physics import asteroid
from benchmarks.timing import median_s, medians_s
from tmx.config import SimulationConfig
from tmx.physics.layout import lay_out
from tmx.physics.problem import GridRule, Numerics, Problem
from tmx.physics.roughness import spherical_cap
from tmx.physics.thermal import solve_periodic
from tmx.stages.thermal import thermal_problem

OUTPUTS = 24
HEMISPHERE = 0.5
"""Depth over diameter of the crater."""


def run() -> None:
    """Print the benchmarks of facets."""
    print(f"facets of a hemisphere: periodic state at 0.1 K, {OUTPUTS} output times, one core, warm")
    for facets in (96, 486, 1944):
        _one("opaque, inertia 200", cratered(asteroid(200.0), facets), Numerics())
    for solver in ("hapke", "disort"):
        for facets in (96, 486):
            regolith = thermal_problem(SimulationConfig(use_RTE=True, RTE_solver=solver))
            _one(f"two_wave, {solver}", cratered(regolith, facets), Numerics(add_streams=True))
    print("\nagainst as many flat columns, one by one, that do not see each other")
    _against_flat_columns()
    print(
        "\nagainst coupling that lags a step behind, with implicit conduction and even steps, until days hardly differ"
    )
    _against_lagged()


def cratered(problem: Problem, facets: int) -> Problem:
    """Return a problem on the facets of a crater."""
    return replace(problem, facets=spherical_cap(HEMISPHERE, facets))


def _one(name: str, problem: Problem, numerics: Numerics) -> None:
    # A problem keeps its sunlight once it is known: each time is that of a new one.
    seconds = median_s(lambda: solve_periodic(replace(problem), OUTPUTS, numerics), 1 if numerics.add_streams else 3)
    solution = solve_periodic(problem, OUTPUTS, numerics)
    streams = "" if solution.streams is None else f", {solution.streams} streams"
    print(
        f"  {name:20} {len(problem.facets.areas):5} facets {seconds:7.2f} s   estimated error"
        f" {solution.error.total:.3f} K   {len(solution.depth)} cells, {solution.steps} steps a day,"
        f" {solution.days} days{streams}"
    )


def _against_flat_columns(facets: int = 96) -> None:
    """Compare with flat columns of the same surface; their grid has larger cells, since no shadows cross them."""
    for name, flat in (
        ("opaque, inertia 200", asteroid(200.0)),
        ("two_wave, hapke", thermal_problem(SimulationConfig(use_RTE=True, RTE_solver="hapke"))),
    ):
        rough = cratered(flat, facets)
        together, alone = medians_s(
            [lambda p=rough: solve_periodic(replace(p), OUTPUTS), lambda p=flat: solve_periodic(p, OUTPUTS)], 3
        )
        print(
            f"  {name:20} {facets} facets {together:.2f} s, {facets} flat columns {facets * alone:.2f} s:"
            f" {facets * alone / together:.1f} times as long"
        )


def _against_lagged(facets: int = 96) -> None:
    problem = cratered(asteroid(200.0), facets)
    layout = lay_out(problem, GridRule(first=0.1, ratio=1.1))
    converged = solve_periodic(problem, OUTPUTS, Numerics(accuracy=0.01)).surface_temperature
    ours = np.abs(solve_periodic(problem, OUTPUTS).surface_temperature - converged).max()
    for steps, change in ((360, 0.1), (1440, 0.02), (5760, 0.005)):
        surface, days = solve_lagged(layout, steps, change, OUTPUTS)
        theirs = np.abs(surface.T - converged)
        tmx, lagged = medians_s(
            [
                lambda: solve_periodic(replace(problem), OUTPUTS),
                lambda s=steps, c=change: solve_lagged(layout, s, c, OUTPUTS),
            ],
            1,
        )
        print(
            f"  {steps} steps a day, {days} days, {layout.cells} cells: error {theirs.max():.2f} K"
            f" (root mean square {np.sqrt(np.mean(theirs**2)):.2f}), {lagged:.2f} s:"
            f" {lagged / tmx:.1f} times as long as tmx, whose error is {ours:.2f} K"
        )
