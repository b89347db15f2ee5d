"""The search for a grid, steps, streams and a table of sunlight with which a problem meets an accuracy."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from tmx.physics.insolation import Sun
from tmx.physics.layout import Layout
from tmx.physics.materials import FloatArray
from tmx.physics.problem import Numerics, Problem, output_times
from tmx.physics.roughness.resolution import fewer_facets, gathered, number_error
from tmx.physics.runs import Method, Run
from tmx.physics.site import DayMesh, day_mesh, halved
from tmx.physics.solution import ErrorEstimate

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


class Care(NamedTuple):
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


FLAT = Care(grid=0.6, periodicity=0.05, finer=5.0)

ROUGH = Care(grid=0.25, periodicity=0.15, finer=3.0)
"""On facets grid errors are less, and a correction is that of the facet that is worst off. Shadows call for so many
steps that somewhat finer ones already tell the error."""


def care_of(problem: Problem) -> Care:
    """Return how the accuracy of a problem is spent."""
    return FLAT if problem.facets is None else ROUGH


@dataclass
class Search:
    """The search for a grid, steps and streams with which a method meets the accuracy."""

    method: Method
    mesh: DayMesh
    times: FloatArray
    numerics: Numerics
    care: Care
    integrated: int = field(default=0, init=False)

    def run(self, layout: Layout, tolerance: float, near: Run | None) -> Run:
        """Run on a grid and count its days."""
        run = self.method.run(layout, self.mesh, tolerance, near)
        self.integrated += run.integrated
        return run

    def apart(self, one: Run, other: Run) -> float:
        """Return the size of the difference of seen temperature between two runs [K]."""
        return one.layout.site.size_of(one.seen(self.times) - other.seen(self.times))

    def streams_error(self, run: Run) -> float | None:
        """Return the difference to twice as many streams [K], if there are any."""
        if run.layout.streams is None:
            return None
        more = self.method.repeat(run, run.layout.with_streams(2 * run.layout.streams), self.mesh)
        self.integrated += more.integrated
        return self.apart(more, run)

    def sunlight_error(self, run: Run) -> float:
        """Return the error that comes of a table of sunlight [K]: it is of second order; none on a flat surface."""
        site = run.layout.site.with_coarser_sunlight()
        if site is run.layout.site:
            return 0.0
        coarser = self.method.repeat(run, replace(run.layout, site=site), self.mesh)
        self.integrated += coarser.integrated
        return self.apart(coarser, run) / 3.0

    def facets_error(self, run: Run) -> float | None:
        """Return the error of the number of facets [K], where there is a surface of fewer: on the same grid."""
        many = run.layout.problem.facets
        few = None if many is None else fewer_facets(many)
        if many is None or few is None:
            return None
        layout = run.layout.with_facets(few)
        near = gathered(many, few, run.layout.site.columns(run.midnight[None])[0])
        other = self.method.resume(layout, self.mesh, run.tolerance, layout.site.state_of(near))
        return number_error(many, few, run.seen(self.times), other.seen(self.times))

    def settle_sunlight(self, run: Run) -> tuple[Run, float]:
        """Return a run under sunlight that is tabulated finely enough, and the error that is left of it [K]."""
        while True:
            error, intervals = self.sunlight_error(run), run.layout.problem.light_intervals
            if error <= SUNLIGHT_SHARE * self.numerics.accuracy or intervals >= MOST_LIGHT_INTERVALS:
                return run, error
            run = self.run(run.layout.with_finer_sunlight(), run.tolerance, run)

    def settle_streams(self, run: Run) -> tuple[Run, float | None]:
        """Return a run with enough streams, where their number is free, and what twice as many would change [K]."""
        while True:
            streams, error = run.layout.streams, self.streams_error(run)
            if streams is None or error is None or not self.numerics.add_streams or streams >= MOST_STREAMS:
                return run, error
            if error <= STREAMS_SHARE * self.numerics.accuracy:
                return run, error
            run = self.run(run.layout.with_streams(2 * streams), run.tolerance, run)

    def refine_grid(self, coarse: Run) -> tuple[Run, float]:
        """Return a run whose grid error takes no more than its share of the accuracy, and that error [K]."""
        while True:
            fine = self.run(coarse.layout.finer(), coarse.tolerance, coarse)
            apart = self.apart(fine, coarse)
            if not self.numerics.refine_grid:
                return coarse, 4.0 / 3.0 * apart
            if apart / 3.0 <= self.care.grid * self.numerics.accuracy or fine.layout.cells > MOST_CELLS:
                return fine, apart / 3.0
            coarse = fine

    def refine_steps(self, run: Run, grid_error: float) -> tuple[Run, ErrorEstimate]:
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


def first_mesh(sun: Sun, times: FloatArray, numerics: Numerics) -> tuple[DayMesh, float]:
    """Return the mesh and the step tolerance to begin with."""
    if numerics.steps_per_day is None:
        return day_mesh(sun, times), numerics.accuracy
    return day_mesh(sun, times, output_times(sun.period, numerics.steps_per_day)), np.inf
