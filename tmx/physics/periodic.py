"""The periodic state of a column, found directly instead of by waiting for it.

A day of integration maps the temperatures at midnight to those a day later; the periodic state is its fixed point.
Waiting for it takes thousands of days where heat diffuses slowly. `find_periodic` solves for it by a quasi-Newton
iteration whose Jacobian is the day mean of the conduction matrix: a handful of days in all.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tmx.physics.column import Column
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.day import FINISHED, STEP_TOO_SMALL, DayMeans, DaySummary, empty_means, integrate_day
from tmx.physics.enthalpy import enthalpy_of
from tmx.physics.insolation import Sun, daylight, mean_absorbed_sunlight
from tmx.physics.materials import FloatArray
from tmx.physics.tridiagonal import factorise, substitute

MOST_STEPS = 200_000
"""Steps after which a day is given up."""

COARSE_TOLERANCE = 0.5
"""Error estimate per step [K] while the state is still far from periodic."""

COARSE_CORRECTION = 1.0
"""Correction [K] below which the state is worth the final mesh and tolerance."""

LARGEST_CORRECTION = 60.0
"""Largest change of temperature in one correction [K], where half the temperature is less than that."""

COLDEST = 2.0
"""Lowest temperature that a correction may lead to [K]."""

DAMPING = 0.30
"""c of the correction formula; with it the formula follows 1/(1 − e⁻ˣ) within 3 % for every x > 0."""


class IntegrationError(ArithmeticError):
    """The time integration of a column cannot go on."""


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


def integrate(column: Column, sun: Sun, mesh: DayMesh, start: FloatArray, tolerance: float, *, record: bool) -> Day:
    """Integrate one day from given temperatures.

    Parameters
    ----------
    column : Column
        The column, n nodes.
    sun : Sun
        Sunlight.
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
    means = empty_means(start.size)
    summary = integrate_day(column, sun, mesh.times, mesh.lit, tolerance, end, profiles, steps, means, record)
    if summary.status != FINISHED:
        reason = "steps became too small" if summary.status == STEP_TOO_SMALL else f"more than {MOST_STEPS} steps"
        raise IntegrationError(f"the time integration stopped after {summary.steps} steps of a day: {reason}")
    return Day(end, profiles, steps[: summary.steps].copy(), means, summary)


def first_guess(column: Column, sun: Sun) -> FloatArray:
    """Return an even temperature [K] near that of the periodic state."""
    source = mean_absorbed_sunlight(sun) + column.downwelling + column.bottom_flux
    radiating = 0.95 * (source / (column.emissivity * STEFAN_BOLTZMANN)) ** 0.25
    return np.full(column.depth.size, max(radiating, column.bottom_temperature, COLDEST))


def periodic_correction(column: Column, day: Day, gained: FloatArray, warmed: FloatArray, period: float) -> FloatArray:
    """Return the change of the midnight temperatures [K] that makes the day periodic, to first order.

    Parameters
    ----------
    column : Column
        The column, n nodes.
    day : Day
        A day whose means linearise the problem.
    gained : ndarray, shape (n,)
        Heat that each node gained over the day [J m⁻²].
    period : float
        Length of the day [s].

    Notes
    -----
    With J the day-mean Jacobian and C the heat capacities, the exact answer for a linear column is
    (1 − e^{P C⁻¹ J})⁻¹ applied to the change over a day. With x the eigenvalues of −P C⁻¹ J, the function
    1/(1 − e⁻ˣ) is followed within 3 % by 1 + 1/x − ½/(1 + c x): two tridiagonal systems.
    """
    means = day.means
    slow = _solve_mean(column, means, np.zeros_like(gained), gained / period)
    fast = _solve_mean(column, means, means.heat_capacity / (DAMPING * period), gained / (DAMPING * period))
    return warmed + slow - 0.5 * fast


def find_periodic(
    column: Column,
    sun: Sun,
    mesh: DayMesh,
    *,
    tolerance: float,
    target: float,
    start: FloatArray | None = None,
    most_maps: int = 100,
) -> PeriodicDay:
    """Find the periodic state of a column.

    Parameters
    ----------
    column : Column
        The column, n nodes.
    sun : Sun
        Sunlight.
    mesh : DayMesh
        Times at which steps must end, output times among them. A mesh with an infinite tolerance is used as it is.
    tolerance : float
        Largest error estimate of a step [K].
    target : float
        Largest further correction [K] with which the state counts as periodic.
    start : ndarray, shape (n,), optional
        A state near the periodic one [K].
    most_maps : int
        Days after which the search is given up; the result's `correction` then exceeds `target`.
    """
    maps = 0
    temperature = start
    if temperature is None:
        temperature, maps = _approach(column, sun, tolerance, most_maps)
    while True:
        day = integrate(column, sun, mesh, temperature, tolerance, record=True)
        maps += 1
        change = _correct(column, sun, day, temperature)
        correction = float(np.abs(change).max())
        if correction < target or maps >= most_maps:
            return PeriodicDay(day, mesh, correction, maps)
        temperature = np.maximum(temperature + change, COLDEST)
        mesh, tolerance = same_steps(sun, day), np.inf


def _approach(column: Column, sun: Sun, tolerance: float, most_maps: int) -> tuple[FloatArray, int]:
    """Come near the periodic state with the coarsest steps that get there; return it and the days it took."""
    bare = day_mesh(sun)
    coarse = COARSE_TOLERANCE if np.isinf(tolerance) else max(tolerance, COARSE_TOLERANCE)
    temperature = integrate(column, sun, bare, first_guess(column, sun), coarse, record=False).end
    for maps in range(2, most_maps):
        day = integrate(column, sun, bare, temperature, coarse, record=False)
        change = _correct(column, sun, day, temperature)
        temperature = np.maximum(temperature + change, COLDEST)
        if np.abs(change).max() < COARSE_CORRECTION:
            return temperature, maps
    return temperature, most_maps


def _correct(column: Column, sun: Sun, day: Day, start: FloatArray) -> FloatArray:
    """Return the correction that a day from `start` calls for; massless nodes follow the others by themselves."""
    gained = enthalpy_of(column, day.end) - enthalpy_of(column, start)
    change = periodic_correction(column, day, gained, day.end - start, sun.period)
    largest = np.maximum(LARGEST_CORRECTION, 0.5 * start)
    return np.where(column.mass > 0.0, np.clip(change, -largest, largest), 0.0)


def _solve_mean(column: Column, means: DayMeans, inertia: FloatArray, source: FloatArray) -> FloatArray:
    """Solve (inertia − J) x = source with the day-mean Jacobian J."""
    lower, upper, diagonal = np.zeros_like(source), np.zeros_like(source), inertia.copy()
    lower[1:] = -means.from_above
    upper[:-1] = -means.from_below
    diagonal[0] += means.emission[0]
    diagonal[:-1] += means.from_above
    diagonal[1:] += means.from_below
    diagonal[-1] += column.bottom_conductance * (1.0 + column.bottom_radiative * column.bottom_temperature**3)
    solution = source.copy()
    factorise(lower, diagonal, upper)
    substitute(lower, diagonal, upper, solution)
    return solution
