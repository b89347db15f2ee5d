"""The periodic state of a column, found directly instead of by waiting for it.

A day of integration maps the temperatures at midnight to those a day later; the periodic state is its fixed point.
Waiting for it takes thousands of days where heat diffuses slowly. `find_periodic` solves for it by a quasi-Newton
iteration whose Jacobian is the day mean of the conduction matrix: a handful of days in all.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tmx.physics.column import Column
from tmx.physics.day import FINISHED, STEP_TOO_SMALL, DayMeans, DaySummary, empty_means, integrate_day
from tmx.physics.energy import solve_linearised
from tmx.physics.enthalpy import enthalpy_of
from tmx.physics.insolation import Sun, daylight
from tmx.physics.materials import FloatArray
from tmx.physics.transfer.radiation import Radiation

MOST_STEPS = 200_000
"""Steps after which a day is given up."""

COARSE_TOLERANCE = 0.5
"""Error estimate per step [K] while the state is still far from periodic."""

COARSE_CORRECTION = 1.0
"""Correction [K] below which the state is worth the final mesh and tolerance."""

LARGEST_CORRECTION = 60.0
"""Largest change of temperature in one correction [K], where half the temperature is less than that."""

SUNLIGHT_ERROR = 1e-6
"""Largest error estimate of the sunlight that a step absorbs, as a part of that of a day."""

COLDEST = 2.0
"""Lowest temperature that a correction may lead to [K]."""

DAMPING = 0.30
"""c of the correction formula; with it the formula follows 1/(1 − e⁻ˣ) within 3 % for every x > 0."""


class IntegrationError(ArithmeticError):
    """The time integration of a column cannot go on."""


@dataclass(frozen=True)
class Site:
    """A column under the sun.

    Attributes
    ----------
    column : Column
        The column, n nodes.
    radiation : Radiation, optional
        Radiation operator of its uppermost layer; none where the surface is opaque.
    sun : Sun
        Sunlight.
    mean_sunlight : float
        Day mean of the sunlight absorbed [W m⁻²].
    """

    column: Column
    radiation: Radiation | None
    sun: Sun
    mean_sunlight: float


@dataclass(frozen=True)
class DayMesh:
    """Times at which steps must end over one day.

    Attributes
    ----------
    times : ndarray, shape (m + 1,)
        Mesh [s], from 0 to the period, sunrise and sunset among them.
    lit : ndarray of bool, shape (m,)
        Whether the sun is up in each interval.
    """

    times: FloatArray
    lit: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Day:
    """One integrated day.

    Attributes
    ----------
    end : ndarray, shape (n,)
        Temperatures at the end [K].
    profiles : ndarray, shape (m, n)
        Temperatures at the start of every interval of the mesh [K].
    steps : ndarray
        Times at which the accepted steps ended [s].
    means : DayMeans
        Day means.
    summary : DaySummary
        Budgets, extremes and counts.
    """

    end: FloatArray
    profiles: FloatArray
    steps: FloatArray
    means: DayMeans
    summary: DaySummary


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


def day_mesh(sun: Sun, *times: npt.ArrayLike) -> DayMesh:
    """Return the mesh of a day with the given times [s], midnight, sunrise and sunset as nodes.

    A sunrise or sunset that rounding sets apart from a given time is that time.
    """
    given = np.unique(np.concatenate([[0.0, sun.period], *(np.atleast_1d(t) for t in times)]))
    rise, sunset = (_snapped(t, given, 1e-9 * sun.period) for t in daylight(sun))
    nodes = np.union1d(given, [rise, sunset])
    middle = 0.5 * (nodes[1:] + nodes[:-1])
    return DayMesh(nodes, (middle > rise) & (middle < sunset))


def _snapped(time: float, nodes: FloatArray, reach: float) -> float:
    """Return the node nearest to a time if it is within reach, or else the time."""
    nearest = float(nodes[np.abs(nodes - time).argmin()])
    return nearest if abs(nearest - time) < reach else time


def same_steps(sun: Sun, day: Day) -> DayMesh:
    """Return the mesh that holds every step of a day: integrating over it takes the same steps again."""
    return day_mesh(sun, day.steps)


def integrate(site: Site, mesh: DayMesh, start: FloatArray, tolerance: float, *, record: bool) -> Day:
    """Integrate one day from given temperatures.

    Parameters
    ----------
    site : Site
        The column under the sun, n nodes.
    mesh : DayMesh
        Times at which steps must end.
    start : ndarray, shape (n,)
        Temperatures at midnight [K]; massless nodes are made consistent.
    tolerance : float
        Largest error estimate of a step [K]; infinite takes one step per interval of the mesh.
    record : bool
        Whether mean temperatures and the extremes are wanted.

    Raises
    ------
    IntegrationError
        If the steps become too many or too small.
    """
    end = start.copy()
    profiles = np.empty((mesh.lit.size, start.size))
    steps = np.empty(mesh.lit.size if np.isinf(tolerance) else MOST_STEPS)
    column, radiation = site.column, site.radiation
    means = empty_means(column, radiation)
    energy = SUNLIGHT_ERROR * site.mean_sunlight * site.sun.period
    summary = integrate_day(
        column, radiation, site.sun, mesh.times, mesh.lit, tolerance, energy, end, profiles, steps, means, record
    )
    if summary.status != FINISHED:
        reason = "steps became too small" if summary.status == STEP_TOO_SMALL else f"more than {MOST_STEPS} steps"
        raise IntegrationError(f"the time integration stopped after {summary.steps} steps of a day: {reason}")
    return Day(end, profiles, steps[: summary.steps].copy(), means, summary)


def periodic_correction(site: Site, day: Day, gained: FloatArray, warmed: FloatArray) -> FloatArray:
    """Return the change of the midnight temperatures [K] that makes the day periodic, to first order.

    Parameters
    ----------
    site : Site
        The column under the sun, n nodes.
    day : Day
        A day whose means linearise the problem.
    gained, warmed : ndarray, shape (n,)
        Heat that each node gained over the day [J m⁻²], and the change of its temperature [K].

    Notes
    -----
    With J the day-mean Jacobian and C the heat capacities, the exact answer for a linear column is
    (1 − e^{P C⁻¹ J})⁻¹ applied to the change over a day. With x the eigenvalues of −P C⁻¹ J, the function
    1/(1 − e⁻ˣ) is followed within 3 % by 1 + 1/x − ½/(1 + c x): two linear systems.
    """
    means, period = day.means, site.sun.period
    slow = _solve_mean(site, means, np.zeros_like(gained), gained / period)
    fast = _solve_mean(site, means, means.heat_capacity / (DAMPING * period), gained / (DAMPING * period))
    return warmed + slow - 0.5 * fast


def find_periodic(
    site: Site,
    mesh: DayMesh,
    *,
    tolerance: float,
    target: float,
    start: FloatArray | float,
    most_maps: int = 100,
) -> PeriodicDay:
    """Find the periodic state of a column.

    Parameters
    ----------
    site : Site
        The column under the sun, n nodes.
    mesh : DayMesh
        Times at which steps must end, output times among them. A mesh with an infinite tolerance is used as it is.
    tolerance : float
        Largest error estimate of a step [K].
    target : float
        Largest further correction [K] with which the state counts as periodic.
    start : ndarray, shape (n,), or float
        A state near the periodic one [K], or an even temperature far from it.
    most_maps : int
        Days after which the search is given up; the result's `correction` then exceeds `target`.
    """
    maps, temperature = 0, start
    if isinstance(temperature, float):
        temperature, maps = _approach(site, temperature, tolerance, most_maps)
    while True:
        day = integrate(site, mesh, temperature, tolerance, record=True)
        maps += 1
        change = _correct(site, day, temperature)
        correction = float(np.abs(change).max())
        if correction < target or maps >= most_maps:
            return PeriodicDay(day, mesh, correction, maps)
        temperature = np.maximum(temperature + change, COLDEST)
        mesh, tolerance = same_steps(site.sun, day), np.inf


def _approach(site: Site, guess: float, tolerance: float, most_maps: int) -> tuple[FloatArray, int]:
    """Come near the periodic state with the coarsest steps that get there; return it and the days it took."""
    bare = day_mesh(site.sun)
    coarse = COARSE_TOLERANCE if np.isinf(tolerance) else max(tolerance, COARSE_TOLERANCE)
    start = np.full(site.column.depth.size, max(guess, COLDEST))
    temperature = integrate(site, bare, start, coarse, record=False).end
    for maps in range(2, most_maps):
        day = integrate(site, bare, temperature, coarse, record=False)
        change = _correct(site, day, temperature)
        temperature = np.maximum(temperature + change, COLDEST)
        if np.abs(change).max() < COARSE_CORRECTION:
            return temperature, maps
    return temperature, most_maps


def _correct(site: Site, day: Day, start: FloatArray) -> FloatArray:
    """Return the correction that a day from `start` calls for; massless nodes follow the others by themselves."""
    gained = enthalpy_of(site.column, day.end) - enthalpy_of(site.column, start)
    change = periodic_correction(site, day, gained, day.end - start)
    largest = np.maximum(LARGEST_CORRECTION, 0.5 * start)
    return np.where(site.column.mass > 0.0, np.clip(change, -largest, largest), 0.0)


def _solve_mean(site: Site, means: DayMeans, inertia: FloatArray, source: FloatArray) -> FloatArray:
    """Solve (inertia − J) x = source with the day-mean Jacobian J."""
    return solve_linearised(
        site.column, site.radiation, means.from_above, means.from_below, means.emission, inertia, source
    )
