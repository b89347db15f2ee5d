"""The facets of a rough surface under the sun, as the search for the periodic state sees them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tmx.physics.balance import steady_state
from tmx.physics.column import Column
from tmx.physics.energy import HELD
from tmx.physics.enthalpy import enthalpies_of
from tmx.physics.insolation import Sun
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.coupling import Coupling
from tmx.physics.roughness.day import FacetMeans, empty_means, integrate_facets, seen_facets
from tmx.physics.roughness.lanes import LANES, from_blocks, padded, per_facet
from tmx.physics.roughness.linear import facets_newton_change, solve_linearised_facets
from tmx.physics.roughness.sunlight import Light, mean_light, thinned
from tmx.physics.roughness.surface import Receiving, Systems, make_systems
from tmx.physics.site import MOST_STEPS, Day, DayMesh, Newton, require_finished
from tmx.physics.transfer.radiation import Radiation

COARSE_TOLERANCE = 1.0
"""Error estimate per step [K] while the state is still far from periodic: edges of shadows call for many steps."""

BELOW_BALANCE = 0.9
"""Guess of the mean temperatures of facets, over those of the balance with their mean sunlight."""

MOST_CORRECTIONS, SETTLED = 100, 1e-11
"""How often massless nodes are corrected, and the last correction, relative to the highest temperature."""

SUNLIGHT_ERROR = 1e-5
"""Largest error estimate of the sunlight that a step absorbs, as a part of that of a day."""


@dataclass(frozen=True)
class RoughSite:
    """Facets under the sun, N of them; a state is temperatures in blocks of lanes, shape (B, n, LANES).

    Attributes
    ----------
    column : Column
        The column of every facet, n nodes.
    radiation : Radiation, optional
        Radiation operator of its uppermost layer; none where facets are opaque.
    sun : Sun
        The sun.
    receiving : Receiving
        What a facet does with radiation that falls on it.
    coupling : Coupling
        Exchange of thermal radiation between facets.
    light : Light
        Sunlight on facets.
    mean_sunlight : float
        Day mean of the sunlight absorbed, per area of the element [W m⁻²].
    facets : int
        Number of facets.
    """

    column: Column
    radiation: Radiation | None
    sun: Sun
    receiving: Receiving
    coupling: Coupling
    light: Light
    mean_sunlight: float
    facets: int

    @property
    def coarse_tolerance(self) -> float:
        """Error estimate per step with which a search begins [K]."""
        return COARSE_TOLERANCE

    @property
    def has_mass(self) -> npt.NDArray[np.bool_]:
        """Which nodes have a mass, shape (n, 1)."""
        return self.column.mass[:, None] > 0.0

    @cached_property
    def _systems(self) -> Systems:
        return make_systems(self.column, self.radiation, self.receiving, self._blocks)

    @property
    def _blocks(self) -> int:
        return padded(self.facets) // LANES

    def even(self, temperature: float) -> FloatArray:
        """Return the state of one temperature everywhere."""
        return np.full((self._blocks, self.column.depth.size, LANES), temperature)

    def first_guess(self, temperature: float) -> FloatArray:
        """Return the balance under the day mean of sunlight, less what days and nights take of it."""
        if self.mean_sunlight == 0.0:
            return self.even(temperature)
        balance = steady_state(self, mean_light(self.light, self.sun.period), 2.0 * temperature)
        return BELOW_BALANCE * balance

    def state_of(self, columns: FloatArray) -> FloatArray:
        """Return the state of temperatures of the nodes of facets, shape (N, n) [K]."""
        return np.ascontiguousarray(per_facet(columns.T).transpose(1, 0, 2))

    def moved(self, state: FloatArray, depth: FloatArray) -> FloatArray:
        """Return a state of nodes at other depths on the nodes of these columns."""
        from scipy.interpolate import pchip_interpolate  # slow to load, and flat surfaces do without

        # By cubics that follow rises and falls: straight lines would miss the waves by more than grids differ.
        new = np.clip(self.column.depth, depth[0], depth[-1])
        return np.ascontiguousarray(pchip_interpolate(depth, state, new, axis=1))

    def integrate(self, mesh: DayMesh, start: FloatArray, tolerance: float, *, record: bool) -> Day:
        """Integrate one day from a state: see `tmx.physics.site.Ground`."""
        end = self._settled(start, self.light.value[0] if mesh.lit[0] else np.zeros_like(self.light.value[0]))
        profiles = np.empty((mesh.kept.size, *start.shape))
        steps = np.empty(mesh.lit.size if np.isinf(tolerance) else MOST_STEPS)
        means = empty_means(self.column, self.receiving.thermal.size, self._blocks)
        summary = integrate_facets(
            self.column,
            self.radiation,
            self.receiving,
            self.coupling,
            self.light,
            self._systems,
            mesh.times,
            mesh.lit,
            mesh.rows,
            tolerance,
            SUNLIGHT_ERROR * self.mean_sunlight * self.sun.period,
            end,
            profiles,
            steps,
            means,
            record,
        )
        require_finished(summary)
        return Day(end, profiles, steps[: summary.steps].copy(), means, summary)

    def heat(self, state: FloatArray) -> FloatArray:
        """Return the heat per area of every node [J m⁻²], in the form of a state."""
        return np.asarray(enthalpies_of(self.column, state))

    def heat_by_depth(self, state: FloatArray) -> FloatArray:
        """Return the heat of the nodes of all facets per area of the element, shape (n,) [J m⁻²]."""
        return np.asarray((self.coupling.share[:, None] * self.heat(state)).sum(axis=(0, 2)))

    def solve_mean(self, day: Day, inertia: FloatArray, source: FloatArray) -> FloatArray:
        """Solve (inertia − J) x = source with the day-mean Jacobian J; all have the form of a state."""
        means: FacetMeans = day.means
        solution = source.copy()
        systems = self._systems._replace(from_above=means.from_above, from_below=means.from_below, slope=means.slope)
        solve_linearised_facets(self.column, self.radiation, self.receiving, self.coupling, systems, inertia, solution)
        return solution

    def newton_change(self, sunlight: FloatArray, state: FloatArray) -> Newton:
        """Return the change towards the balance with `sunlight` on the facets, shape (B, kinds, LANES)."""
        return self._newton_change(sunlight, np.zeros((self.column.mass.size, LANES)), state)

    def _newton_change(self, sunlight: FloatArray, inertia: FloatArray, state: FloatArray) -> Newton:
        change, absorbed, lost, below = facets_newton_change(
            self.column, self.radiation, self.receiving, self.coupling, self._systems, sunlight, inertia, state
        )
        return Newton(change, float(absorbed), float(lost), float(below))

    def _settled(self, state: FloatArray, sunlight: FloatArray) -> FloatArray:
        """Return a state whose massless nodes agree with their neighbours under sunlight, by Newton's method."""
        held = np.where(np.repeat(self.has_mass, LANES, axis=1), HELD, 0.0)
        for _ in range(MOST_CORRECTIONS):
            change = self._newton_change(sunlight, held, state).change
            state = np.maximum(state + change, 0.5 * state)
            if np.abs(change).max() < SETTLED * state.max():
                break
        return state

    def with_coarser_sunlight(self) -> "RoughSite":
        """Return the same facets with every second time of the table of sunlight."""
        return replace(self, light=thinned(self.light))

    def seen(self, states: FloatArray) -> FloatArray:
        """Return the temperatures that are seen of facets, shape (rows, N) [K]."""
        seen = seen_facets(self.radiation, self.receiving, self.coupling, self._systems, states)
        return np.asarray(seen.reshape(len(states), -1)[:, : self.facets])

    def columns(self, states: FloatArray) -> FloatArray:
        """Return the temperatures of the nodes, shape (rows, N, n) [K]."""
        return np.stack([from_blocks(state, self.facets) for state in states])

    def size_of(self, difference: FloatArray) -> float:
        """Return the largest root mean square by area, at any time, of differences of shape (..., N) [K].

        Where the edge of a shadow crosses a facet right at an output time, that one temperature says little: it rises
        by a hundred kelvins in minutes.
        """
        share = self.coupling.share.ravel()[: self.facets]
        return float(np.sqrt(np.average(difference**2, axis=-1, weights=share)).max())

    def mean_of_seen(self, seen: FloatArray) -> float:
        """Return the mean over the area of the temperatures that are seen [K]."""
        return float(np.average(seen, weights=self.coupling.share.ravel()[: self.facets]))

    def mean_of_lowest(self, state: FloatArray) -> float:
        """Return the mean over the area of the temperatures of the lowest cells [K]."""
        lowest = state[:, self.column.mass > 0.0][:, -1]
        return float(np.average(lowest, weights=self.coupling.share))
