"""Facets of a rough surface: how long an accuracy takes, against flat columns one by one and lagged coupling."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.lagged_facets import solve_lagged
from benchmarks.physics import asteroid
from benchmarks.rows import Row, error_text
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


def run() -> Iterator[Row]:
    """Yield the benchmarks of facets."""
    for facets in (96, 486, 1944):
        yield _one("opaque, inertia 200", cratered(asteroid(200.0), facets), Numerics())
    for solver in ("hapke", "disort"):
        for facets in (96, 486):
            regolith = thermal_problem(SimulationConfig(use_RTE=True, RTE_solver=solver))
            yield _one(f"two_wave, {solver}", cratered(regolith, facets), Numerics(add_streams=True))
    yield from _against_flat_columns()
    yield from _against_lagged()


def cratered(problem: Problem, facets: int) -> Problem:
    """Return a problem on the facets of a crater."""
    return replace(problem, facets=spherical_cap(HEMISPHERE, facets))


def _one(name: str, problem: Problem, numerics: Numerics) -> Row:
    # A problem keeps its sunlight once it is known: each time is that of a new one.
    seconds = median_s(lambda: solve_periodic(replace(problem), OUTPUTS, numerics), 1 if numerics.add_streams else 3)
    solution = solve_periodic(problem, OUTPUTS, numerics)
    streams = "" if solution.streams is None else f", {solution.streams} streams"
    return Row(
        f"{name}, {len(problem.facets.areas)} facets",
        seconds,
        f"estimated {solution.error.total:.3f} K; {len(solution.depth)} cells, {solution.steps} steps a day,"
        f" {solution.days} days{streams}",
    )


def _against_flat_columns(facets: int = 96) -> Iterator[Row]:
    """Compare with flat columns of the same surface; their grid has larger cells, since no shadows cross them."""
    for name, flat in (
        ("opaque, inertia 200", asteroid(200.0)),
        ("two_wave, hapke", thermal_problem(SimulationConfig(use_RTE=True, RTE_solver="hapke"))),
    ):
        rough = cratered(flat, facets)
        together, alone = medians_s(
            [lambda p=rough: solve_periodic(replace(p), OUTPUTS), lambda p=flat: solve_periodic(p, OUTPUTS)], 3
        )
        other = f"tmx itself, {facets} flat columns one by one, which do not see each other"
        yield Row(f"{name}, {facets} facets", together, "0.1 K", other, facets * alone, "0.1 K")


def _against_lagged(facets: int = 96) -> Iterator[Row]:
    problem = cratered(asteroid(200.0), facets)
    layout = lay_out(problem, GridRule(first=0.1, ratio=1.1))
    converged = solve_periodic(problem, OUTPUTS, Numerics(accuracy=0.01)).surface_temperature
    ours = np.abs(solve_periodic(problem, OUTPUTS).surface_temperature - converged).max()
    tmx = median_s(lambda: solve_periodic(replace(problem), OUTPUTS), 3)
    solve_lagged(layout, OUTPUTS, 100.0, OUTPUTS)  # compiles
    for steps, change in ((360, 0.1), (1440, 0.02), (5760, 0.005)):
        before = time.perf_counter()
        surface, days = solve_lagged(layout, steps, change, OUTPUTS)
        lagged = time.perf_counter() - before
        yield Row(
            f"opaque, inertia 200, {facets} facets",
            tmx,
            f"{ours:.2f} K",
            f"coupling a step behind, {steps} even steps, {days} days, {layout.cells} cells",
            lagged,
            error_text(surface.T - converged),
        )
