"""The periodic state of a column, found directly instead of by waiting for it.

A day of integration maps the temperatures at midnight to those a day later; the periodic state is its fixed point.
Waiting for it takes thousands of days where heat diffuses slowly. `find_periodic` solves for it by a quasi-Newton
iteration whose Jacobian is the day mean of the conduction matrix: a handful of days in all.
"""

from dataclasses import dataclass

import numpy as np

from tmx.physics.materials import FloatArray
from tmx.physics.site import Day, DayMesh, Ground, day_mesh, same_steps

COARSE_CORRECTION = 1.0
"""Correction [K] below which the state is worth the final mesh and tolerance."""

LARGEST_CORRECTION = 60.0
"""Largest change of temperature in one correction [K], where half the temperature is less than that."""

COLDEST = 2.0
"""Lowest temperature that a guess or a correction may lead to [K]."""

DAMPING = 0.30
"""c of the correction formula; with it the formula follows 1/(1 − e⁻ˣ) within 3 % for every x > 0."""


@dataclass(frozen=True)
class PeriodicDay:
    """A day of the periodic state.

    Attributes
    ----------
    day : Day
        The day itself.
    mesh : DayMesh
        Mesh of the day, to which its profiles belong.
    correction : float
        Largest change of temperature that a further iteration would make [K]: how far from periodic the state is.
    maps : int
        Days that were integrated to find it.
    """

    day: Day
    mesh: DayMesh
    correction: float
    maps: int


def periodic_correction(ground: Ground, day: Day, gained: FloatArray, warmed: FloatArray) -> FloatArray:
    """Return the change of the midnight temperatures [K] that makes the day periodic, to first order.

    Parameters
    ----------
    ground : Ground
        The surface under the sun.
    day : Day
        A day whose means linearise the problem.
    gained, warmed : ndarray
        Heat that each node gained over the day [J m⁻²], and the change of its temperature [K].

    Notes
    -----
    With J the day-mean Jacobian and C the heat capacities, the exact answer for a linear column is
    (1 − e^{P C⁻¹ J})⁻¹ applied to the change over a day. With x the eigenvalues of −P C⁻¹ J, the function
    1/(1 − e⁻ˣ) is followed within 3 % by 1 + 1/x − ½/(1 + c x): two linear systems.
    """
    period = ground.sun.period
    slow = ground.solve_mean(day, np.zeros_like(gained), gained / period)
    fast = ground.solve_mean(day, day.means.heat_capacity / (DAMPING * period), gained / (DAMPING * period))
    return warmed + slow - 0.5 * fast


def find_periodic(
    ground: Ground,
    mesh: DayMesh,
    *,
    tolerance: float,
    target: float,
    start: FloatArray | float,
    most_maps: int = 100,
) -> PeriodicDay:
    """Find the periodic state of a surface.

    Parameters
    ----------
    ground : Ground
        The surface under the sun.
    mesh : DayMesh
        Times at which steps must end. A mesh with an infinite tolerance is used as it is.
    tolerance : float
        Largest error estimate of a step [K].
    target : float
        Largest further correction [K] with which the state counts as periodic.
    start : ndarray or float
        A state near the periodic one [K], or a temperature far from it.
    most_maps : int
        Days after which the search is given up; the result's `correction` then exceeds `target`.
    """
    maps, temperature = 0, start
    if isinstance(temperature, float):
        temperature, maps = _approach(ground, temperature, tolerance, most_maps)
    while True:
        day = ground.integrate(mesh, temperature, tolerance, record=True)
        maps += 1
        change = _correct(ground, day, temperature)
        correction = float(np.abs(change).max())
        if correction < target or maps >= most_maps:
            return PeriodicDay(day, mesh, correction, maps)
        temperature = np.maximum(temperature + change, COLDEST)
        mesh, tolerance = same_steps(ground.sun, mesh, day), np.inf


def _approach(ground: Ground, guess: float, tolerance: float, most_maps: int) -> tuple[FloatArray, int]:
    """Come near the periodic state with the coarsest steps that get there; return it and the days it took."""
    bare = day_mesh(ground.sun)
    coarse = ground.coarse_tolerance if np.isinf(tolerance) else max(tolerance, ground.coarse_tolerance)
    temperature = np.maximum(ground.first_guess(max(guess, COLDEST)), COLDEST)
    for maps in range(1, most_maps):
        day = ground.integrate(bare, temperature, coarse, record=False)
        change = _correct(ground, day, temperature)
        temperature = np.maximum(temperature + change, COLDEST)
        if np.abs(change).max() < COARSE_CORRECTION:
            return temperature, maps
    return temperature, most_maps


def _correct(ground: Ground, day: Day, start: FloatArray) -> FloatArray:
    """Return the correction that a day from `start` calls for; massless nodes follow the others by themselves."""
    change = periodic_correction(ground, day, ground.heat(day.end) - ground.heat(start), day.end - start)
    largest = np.maximum(LARGEST_CORRECTION, 0.5 * start)
    return np.where(ground.has_mass, np.clip(change, -largest, largest), 0.0)
