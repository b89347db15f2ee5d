"""A column under the sun, and one day of it: what the search for the periodic state and everything above it work on.

`Site` is a flat surface; the facets of a rough one are the same to those who search (`tmx.physics.roughness.site`).
Both say how a state is made, integrated and corrected, and what is seen of it.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tmx.physics.column import Column
from tmx.physics.conduction import heat_from_below
from tmx.physics.day import FINISHED, STEP_TOO_SMALL, DayMeans, DaySummary, empty_means, integrate_day
from tmx.physics.energy import newton_change, seen_temperatures, solve_linearised
from tmx.physics.enthalpy import enthalpy_of
from tmx.physics.insolation import Sun, daylight
from tmx.physics.materials import FloatArray
from tmx.physics.transfer.radiation import Radiation

MOST_STEPS = 200_000
"""Steps after which a day is given up."""

COARSE_TOLERANCE = 0.5
"""Error estimate per step [K] while the state is still far from periodic."""

SUNLIGHT_ERROR = 1e-6
"""Largest error estimate of the sunlight that a step absorbs, as a part of that of a day."""


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
    kept : ndarray, shape (rows,)
        Those of the times, the end of the day apart, at which temperatures are kept [s]; midnight is the first.
    """

    times: FloatArray
    lit: npt.NDArray[np.bool_]
    kept: FloatArray

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Which row of what is kept belongs to the start of each interval; −1 where there is none, shape (m,)."""
        rows = np.full(self.lit.size, -1, dtype=np.int64)
        rows[np.searchsorted(self.times, self.kept)] = np.arange(self.kept.size)
        return rows

    def at(self, times: FloatArray) -> npt.NDArray[np.int64]:
        """Return the rows of what is kept that belong to some of the times kept [s]."""
        return np.searchsorted(self.kept, times)


@dataclass(frozen=True)
class Day:
    """One integrated day; a state is an array of temperatures, of a form that belongs to the site.

    Attributes
    ----------
    end : ndarray
        State at the end [K].
    profiles : ndarray, shape (rows, ...)
        States at the times that the mesh keeps [K].
    steps : ndarray
        Times at which the accepted steps ended [s].
    means : DayMeans, or the like of a rough surface
        Day means.
    summary : DaySummary
        Budgets, extremes and counts.
    """

    end: FloatArray
    profiles: FloatArray
    steps: FloatArray
    means: Any
    summary: DaySummary


class Newton(NamedTuple):
    """A step of Newton's method towards the balance of a ground.

    Attributes
    ----------
    change : ndarray
        Change of the state [K].
    absorbed, lost, from_below : float
        Sunlight absorbed, thermal radiation lost and heat from below, per area of ground, before it [W m⁻²].
    """

    change: FloatArray
    absorbed: float
    lost: float
    from_below: float


class Ground(Protocol):
    """What a search needs of a surface under the sun."""

    @property
    def column(self) -> Column:
        """The network of nodes and links of every column."""

    @property
    def sun(self) -> Sun:
        """Sunlight."""

    @property
    def mean_sunlight(self) -> float:
        """Day mean of the sunlight absorbed per area [W m⁻²]."""

    @property
    def coarse_tolerance(self) -> float:
        """Error estimate per step with which a search begins, far from the periodic state [K]."""

    @property
    def has_mass(self) -> npt.NDArray[np.bool_]:
        """Which nodes have a mass; broadcasts against a state."""

    def even(self, temperature: float) -> FloatArray:
        """Return the state of one temperature [K] everywhere."""

    def first_guess(self, temperature: float) -> FloatArray:
        """Return a state for a search to begin with; `temperature` is somewhere near it [K]."""

    def state_of(self, columns: FloatArray) -> FloatArray:
        """Return the state of temperatures of the nodes, shape (n,) or, of facets, (N, n) [K]."""

    def moved(self, state: FloatArray, depth: FloatArray) -> FloatArray:
        """Return a state of nodes at other depths [m] on the nodes of this ground."""

    def integrate(self, mesh: DayMesh, start: FloatArray, tolerance: float, *, record: bool) -> Day:
        """Integrate one day from a state.

        Parameters
        ----------
        mesh : DayMesh
            Times at which steps must end.
        start : ndarray
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

    def heat(self, state: FloatArray) -> FloatArray:
        """Return the heat per area of every node of a state [J m⁻²]."""

    def heat_by_depth(self, state: FloatArray) -> FloatArray:
        """Return the heat of a state at the nodes from the surface down, per area of ground, shape (n,) [J m⁻²]."""

    def solve_mean(self, day: Day, inertia: FloatArray, source: FloatArray) -> FloatArray:
        """Solve (inertia − J) x = source with the day-mean Jacobian J; all have the form of a state."""

    def newton_change(self, sunlight: FloatArray, state: FloatArray) -> Newton:
        """Return the change towards the balance under steady sunlight."""

    def with_coarser_sunlight(self) -> "Ground":
        """Return the ground under sunlight that is known half as finely in time, for estimates of that error."""

    def seen(self, states: FloatArray) -> FloatArray:
        """Return the temperatures that are seen of states, shape (rows,) or, of facets, (rows, N) [K]."""

    def columns(self, states: FloatArray) -> FloatArray:
        """Return states as temperatures of the nodes, shape (rows, n) or, of facets, (rows, N, n) [K]."""

    def size_of(self, difference: FloatArray) -> float:
        """Return the largest difference of temperatures that are seen at any time, of facets their RMS by area [K]."""

    def mean_of_seen(self, seen: FloatArray) -> float:
        """Return the mean over the area of the temperatures that are seen [K]."""

    def mean_of_lowest(self, state: FloatArray) -> float:
        """Return the mean over the area of the temperatures of the lowest cells of a state [K]."""


@dataclass(frozen=True)
class Site:
    """A flat surface under the sun; a state is the temperatures of the nodes of its column, shape (n,).

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

    @property
    def coarse_tolerance(self) -> float:
        """Error estimate per step with which a search begins [K]."""
        return COARSE_TOLERANCE

    @property
    def has_mass(self) -> npt.NDArray[np.bool_]:
        """Which nodes have a mass, shape (n,)."""
        return self.column.mass > 0.0

    def even(self, temperature: float) -> FloatArray:
        """Return the state of one temperature everywhere."""
        return np.full(self.column.depth.size, temperature)

    def first_guess(self, temperature: float) -> FloatArray:
        """Return the state of one temperature everywhere."""
        return self.even(temperature)

    def state_of(self, columns: FloatArray) -> FloatArray:
        """Return the state of temperatures of the nodes, shape (n,) [K]."""
        return columns

    def moved(self, state: FloatArray, depth: FloatArray) -> FloatArray:
        """Return a state of nodes at other depths on the nodes of this column."""
        return np.interp(self.column.depth, depth, state)

    def integrate(self, mesh: DayMesh, start: FloatArray, tolerance: float, *, record: bool) -> Day:
        """Integrate one day from a state: see `Ground`."""
        end = start.copy()
        profiles = np.empty((mesh.kept.size, start.size))
        steps = np.empty(mesh.lit.size if np.isinf(tolerance) else MOST_STEPS)
        means = empty_means(self.column, self.radiation)
        energy = SUNLIGHT_ERROR * self.mean_sunlight * self.sun.period
        summary = integrate_day(
            self.column,
            self.radiation,
            self.sun,
            mesh.times,
            mesh.lit,
            mesh.rows,
            tolerance,
            energy,
            end,
            profiles,
            steps,
            means,
            record,
        )
        require_finished(summary)
        return Day(end, profiles, steps[: summary.steps].copy(), means, summary)

    def heat(self, state: FloatArray) -> FloatArray:
        """Return the heat per area of every node [J m⁻²]."""
        return np.asarray(enthalpy_of(self.column, state))

    def heat_by_depth(self, state: FloatArray) -> FloatArray:
        """Return the heat per area of every node [J m⁻²]."""
        return self.heat(state)

    def solve_mean(self, day: Day, inertia: FloatArray, source: FloatArray) -> FloatArray:
        """Solve (inertia − J) x = source with the day-mean Jacobian J."""
        means: DayMeans = day.means
        solution = solve_linearised(
            self.column, self.radiation, means.from_above, means.from_below, means.emission, inertia, source
        )
        return np.asarray(solution)

    def newton_change(self, sunlight: FloatArray, state: FloatArray) -> Newton:
        """Return the change towards the balance with `sunlight` absorbed at the nodes, shape (n,) [W m⁻²]."""
        change, lost = newton_change(self.column, self.radiation, sunlight, state)
        return Newton(change, float(sunlight.sum()), float(lost), float(heat_from_below(self.column, state[-1])))

    def with_coarser_sunlight(self) -> "Site":
        """Return the same site: sunlight on a flat surface is not tabulated."""
        return self

    def seen(self, states: FloatArray) -> FloatArray:
        """Return the temperatures that are seen from above, shape (rows,) [K]."""
        return np.asarray(seen_temperatures(self.column, self.radiation, states))

    def columns(self, states: FloatArray) -> FloatArray:
        """Return the temperatures of the nodes, shape (rows, n) [K]."""
        return states

    def size_of(self, difference: FloatArray) -> float:
        """Return the largest difference of temperatures that are seen at any time [K]."""
        return float(np.abs(difference).max())

    def mean_of_seen(self, seen: FloatArray) -> float:
        """Return the temperature that is seen [K]."""
        return float(seen)

    def mean_of_lowest(self, state: FloatArray) -> float:
        """Return the temperature of the lowest cell [K]."""
        return float(state[self.has_mass][-1])


def require_finished(summary: DaySummary) -> None:
    """Make sure that a day was integrated to its end.

    Raises
    ------
    IntegrationError
        If its steps became too many or too small.
    """
    if summary.status != FINISHED:
        reason = "steps became too small" if summary.status == STEP_TOO_SMALL else f"more than {MOST_STEPS} steps"
        raise IntegrationError(f"the time integration stopped after {summary.steps} steps of a day: {reason}")


def day_mesh(sun: Sun, kept: npt.ArrayLike = (), *times: npt.ArrayLike) -> DayMesh:
    """Return the mesh of a day with midnight, sunrise, sunset and given times [s] as nodes.

    A sunrise or sunset that rounding sets apart from a given time is that time.

    Parameters
    ----------
    sun : Sun
        The sun.
    kept : array_like
        Times at which temperatures are kept.
    *times : array_like
        Further times at which steps must end.
    """
    given = np.unique(np.concatenate([[0.0, sun.period], np.atleast_1d(kept), *(np.atleast_1d(t) for t in times)]))
    rise, sunset = (_snapped(t, given, 1e-9 * sun.period) for t in daylight(sun))
    nodes = np.union1d(given, [rise, sunset])
    middle = 0.5 * (nodes[1:] + nodes[:-1])
    return DayMesh(nodes, (middle > rise) & (middle < sunset), np.unique(np.append(kept, 0.0)))


def _snapped(time: float, nodes: FloatArray, reach: float) -> float:
    """Return the node nearest to a time if it is within reach, or else the time."""
    nearest = float(nodes[np.abs(nodes - time).argmin()])
    return nearest if abs(nearest - time) < reach else time


def same_steps(sun: Sun, mesh: DayMesh, day: Day) -> DayMesh:
    """Return the mesh that holds every step of a day that followed a mesh: over it, the same steps are taken again."""
    return day_mesh(sun, mesh.kept, day.steps)


def halved(sun: Sun, mesh: DayMesh) -> DayMesh:
    """Return a mesh with every interval cut in two: steps that the nodes dictate get shorter as well."""
    return day_mesh(sun, mesh.kept, mesh.times, 0.5 * (mesh.times[1:] + mesh.times[:-1]))
