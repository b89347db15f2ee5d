"""What is asked of a thermal solution: the surface and what lies below it, and how well it is to be solved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np

from tmx.physics.column import Bottom, Surface
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import Sun, albedo_at, mean_absorbed_sunlight, mean_sunlight, sun_directions
from tmx.physics.materials import FloatArray, Layer
from tmx.physics.roughness.facets import Facets, Visible
from tmx.physics.roughness.sunlight import Light, Lighting, light_on, light_table, mean_light, table_times
from tmx.physics.transfer.regolith import LOWEST_SUN, Regolith

REFLECTANCE_POINTS = 257
"""Points, even in √μ₀, of the table of reflectance of regolith."""

LIGHT_INTERVALS, OF_MANY = 1024, 2048
"""Intervals from sunrise to sunset of the first table of sunlight on facets, and where these are many and on a sphere:
edges of shadows cross narrow facets in less time. On other surfaces shadows take long to find, and no more are sought
than turn out to be needed."""

MANY_FACETS = 256


@dataclass(frozen=True)
class GridRule:
    """How the cells of the first grid are laid out.

    Attributes
    ----------
    first : float
        Thickness of a layer's first cell, in diurnal skin depths of the layer [-].
    ratio : float
        Thickness of a cell over that of the cell above [-].
    least_cells : int
        Least number of cells in a layer that lies over another.
    optical : float
        Largest optical thickness of the first cell of a layer that radiation goes through [-].
    """

    first: float = 0.05
    ratio: float = 1.3
    least_cells: int = 6
    optical: float = 0.05


@dataclass(frozen=True)
class Numerics:
    """What is asked of the numerical solution.

    Attributes
    ----------
    accuracy : float
        Largest error of the surface temperature at the output times [K].
    grid : GridRule
        First grid.
    refine_grid : bool
        Whether the grid is refined until the accuracy is met, or used as it is.
    steps_per_day : int, optional
        Fixed number of even steps per day, in place of steps chosen to meet the accuracy.
    add_streams : bool
        Whether streams are doubled until their error meets the accuracy as well.
    """

    accuracy: float = 0.1
    grid: GridRule = field(default_factory=GridRule)
    refine_grid: bool = True
    steps_per_day: int | None = None
    add_streams: bool = False


@dataclass(frozen=True)
class Problem:
    """A surface and what is below it, under the sun.

    Attributes
    ----------
    layers : sequence of Layer
        Layers from the surface down.
    surface : Surface or Regolith
        An opaque surface, or the uppermost layer as a medium that radiation goes through.
    bottom : Bottom
        Lower boundary.
    sun : Sun
        Sunlight.
    facets : Facets, optional
        Shape of a rough surface, every facet of which is such a column; none where the surface is flat.
    finer_light : int
        How many times the first number of intervals the table of sunlight on facets has.
    sunlit : Visible, optional
        What the sun sees of the facets at the times of that table, or at every second of them, where that is known.
    """

    layers: Sequence[Layer]
    surface: Surface | Regolith
    bottom: Bottom
    sun: Sun
    facets: Facets | None = None
    finer_light: int = 1
    sunlit: Visible | None = None

    @property
    def light_intervals(self) -> int:
        """Intervals from sunrise to sunset of the table of sunlight on facets."""
        facets = self.facets
        many = facets is not None and facets.areas.size > MANY_FACETS and len(facets.view_factors) == 1
        return self.finer_light * (OF_MANY if many else LIGHT_INTERVALS)

    def with_streams(self, streams: int) -> "Problem":
        """Return the same problem with another number of streams; an opaque surface has none."""
        if not isinstance(self.surface, Regolith):
            return self
        return replace(self, surface=self.surface.with_streams(streams), sunlit=self._sunlit)

    def with_finer_sunlight(self) -> "Problem":
        """Return the same problem with a table of sunlight on facets of twice as many intervals."""
        return replace(self, finer_light=2 * self.finer_light, sunlit=self._sunlit)

    @cached_property
    def mean_absorbed_sunlight(self) -> float:
        """Day mean of the sunlight absorbed at any depth [W m⁻²]."""
        if isinstance(self.surface, Regolith):
            layer, regolith = self.layers[0], self.surface
            whole = np.array([0.0, layer.thickness])
            return mean_sunlight(self.sun, lambda mu: regolith.absorbed_sunlight(layer, whole, mu).sum(axis=1))
        return mean_absorbed_sunlight(self.sun)

    def light_on_facets(self, facets: Facets, directions: FloatArray) -> Lighting:
        """Return the sunlight on facets with the sun in directions, shape (k, 3)."""
        return light_on(facets, self.sun.flux, directions, self._reflectance)

    @cached_property
    def _reflectance(self) -> Callable[[FloatArray], FloatArray]:
        """Part of sunlight that is reflected, as a function of the cosine of the incidence angle [-]."""
        if not isinstance(self.surface, Regolith):
            return partial(albedo_at, self.sun)
        cosines = np.linspace(0.0, 1.0, REFLECTANCE_POINTS) ** 2
        whole = np.array([0.0, self.layers[0].thickness])
        absorbed = self.surface.absorbed_sunlight(self.layers[0], whole, np.maximum(cosines, LOWEST_SUN))
        reflected = 1.0 - absorbed.sum(axis=1)
        return lambda cosine: np.asarray(np.interp(cosine, cosines, reflected))

    @cached_property
    def light_of_day(self) -> tuple[Light, FloatArray] | None:
        """Table of sunlight on the facets of a rough surface, and the day mean of what each absorbs [W m⁻²]."""
        if self.facets is None:
            return None
        times = table_times(self.sun, self.light_intervals)
        lighting = light_on(self.facets, self.sun.flux, self._suns, self._reflectance, self._sunlit)
        opaque = not isinstance(self.surface, Regolith)
        light = light_table(times, *lighting.kinds(opaque=opaque))
        absorbed = light if opaque else light_table(times, lighting.absorbed)
        return light, mean_light(absorbed, self.sun.period)[:, 0]

    @cached_property
    def _suns(self) -> FloatArray:
        """Directions of the sun at the times of the table of sunlight on facets, shape (k, 3)."""
        return sun_directions(self.sun, table_times(self.sun, self.light_intervals))

    @cached_property
    def _sunlit(self) -> Visible | None:
        """What the sun sees of the facets at the times of the table."""
        if self.facets is None:
            return None
        if self.sunlit is None:
            return self.facets.visible(self._suns)
        if len(self.sunlit.fraction) == len(self._suns):
            return self.sunlit
        between = self.facets.visible(self._suns[1::2])
        both = np.empty((2, len(self._suns), self.facets.areas.size))
        both[0, ::2], both[1, ::2] = self.sunlit.fraction, self.sunlit.cosine
        both[0, 1::2], both[1, 1::2] = between.fraction, between.cosine
        return Visible(*both)

    @cached_property
    def typical_temperature(self) -> float:
        """Temperature near that of the deep regolith [K], for scales such as the skin depth."""
        return max(self._radiating(self.mean_absorbed_sunlight), self.bottom.temperature or 0.0, 20.0)

    @property
    def hottest_temperature(self) -> float:
        """Temperature that the surface in balance with all sunlight at normal incidence would have [K]."""
        return max(self._radiating(self.sun.flux), self.bottom.temperature or 0.0, 20.0)

    def _radiating(self, sunlight: float) -> float:
        """Return the temperature at which the surface emits sunlight, heat from below and what the sky sends [K]."""
        source = sunlight + self.bottom.flux
        if isinstance(self.surface, Regolith):
            return float((source / STEFAN_BOLTZMANN + self.surface.sky**4) ** 0.25)
        received = source / self.surface.emissivity + self.surface.downwelling
        return float((received / STEFAN_BOLTZMANN) ** 0.25)


def output_times(period: float, per_day: int) -> FloatArray:
    """Return evenly spaced times [s] over one day from local midnight, the end of the day excluded."""
    return period * np.arange(per_day) / per_day
