"""A problem run on one grid: to the periodic state, or for a number of days.

`Run` is what came of it, and a `Method` a way to run; what a search for grids and steps asks of both is here.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tmx.physics.layout import Layout
from tmx.physics.materials import FloatArray
from tmx.physics.periodic import find_periodic
from tmx.physics.site import Day, DayMesh, same_steps


@dataclass(frozen=True)
class Run:
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


class Method(Protocol):
    """A way to run a problem."""

    def run(self, layout: Layout, mesh: DayMesh, tolerance: float, near: Run | None) -> Run:
        """Run on a grid; `near` is a run of the same problem that may serve as a start."""

    def resume(self, layout: Layout, mesh: DayMesh, tolerance: float, near: FloatArray) -> Run:
        """Run with other facets; a state that is near may serve as a start."""

    def check(self, run: Run, mesh: DayMesh, tolerance: float) -> Run:
        """Run again on the same grid with other steps, as far as the time error needs it."""

    def repeat(self, run: Run, layout: Layout, mesh: DayMesh) -> Run:
        """Run again on a layout with other streams, as far as their error needs it."""


@dataclass(frozen=True)
class Periodic:
    """Runs to the periodic state, from an even temperature if there is nothing nearer."""

    target: float
    guess: float

    def run(self, layout: Layout, mesh: DayMesh, tolerance: float, near: Run | None) -> Run:
        """Find the periodic state; from a run on the same steps, these are taken again."""
        start: FloatArray | float = self.guess
        step_tolerance = tolerance
        if near is not None:
            start = layout.site.moved(near.midnight, near.layout.column.depth)
            if near.tolerance == tolerance:
                mesh, step_tolerance = same_steps(layout.site.sun, near.mesh, near.days[-1]), np.inf
        return self._found(layout, mesh, tolerance, step_tolerance, start)

    def resume(self, layout: Layout, mesh: DayMesh, tolerance: float, near: FloatArray) -> Run:
        """Find the periodic state from a state near it."""
        return self._found(layout, mesh, tolerance, tolerance, near)

    def _found(
        self, layout: Layout, mesh: DayMesh, tolerance: float, step_tolerance: float, start: FloatArray | float
    ) -> Run:
        found = find_periodic(layout.site, mesh, tolerance=step_tolerance, target=self.target, start=start)
        return Run(layout, found.mesh, tolerance, (found.day,), 0, found.correction, found.maps)

    def check(self, run: Run, mesh: DayMesh, tolerance: float) -> Run:
        """Integrate one day of other steps from the same midnight."""
        day = run.layout.site.integrate(mesh, run.midnight, tolerance, record=False)
        return Run(run.layout, mesh, tolerance, (day,))

    def repeat(self, run: Run, layout: Layout, mesh: DayMesh) -> Run:
        """Integrate one day of the same steps from the same midnight."""
        steps = same_steps(layout.site.sun, run.mesh, run.days[-1])
        day = layout.site.integrate(steps, run.midnight, np.inf, record=False)
        return Run(layout, steps, np.inf, (day,))


@dataclass(frozen=True)
class March:
    """Runs a number of days from an even temperature."""

    number: int
    temperature: float
    last_day: bool

    def run(self, layout: Layout, mesh: DayMesh, tolerance: float, near: Run | None) -> Run:
        """Follow all days from the start."""
        state = layout.site.even(self.temperature)
        kept: list[Day] = []
        for number in range(self.number):
            last = number == self.number - 1
            day = layout.site.integrate(mesh, state, tolerance, record=last)
            state = day.end
            if last or not self.last_day:
                kept.append(day)
        return Run(layout, mesh, tolerance, tuple(kept), self.number - len(kept), 0.0, self.number)

    def resume(self, layout: Layout, mesh: DayMesh, tolerance: float, near: FloatArray) -> Run:
        """Follow all days from the start: there is nothing to go on from."""
        return self.run(layout, mesh, tolerance, None)

    def check(self, run: Run, mesh: DayMesh, tolerance: float) -> Run:
        """Follow all days with other steps."""
        return self.run(run.layout, mesh, tolerance, None)

    def repeat(self, run: Run, layout: Layout, mesh: DayMesh) -> Run:
        """Follow all days again."""
        return self.run(layout, mesh, run.tolerance, None)
