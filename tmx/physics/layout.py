"""A problem laid out on a grid of cells, and finer grids of the same shape."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tmx.physics.column import Column, Surface, make_column
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.grid import bisect, geometric_edges, two_sided_edges
from tmx.physics.insolation import absorbed_at
from tmx.physics.materials import FloatArray, Layer
from tmx.physics.problem import GridRule, Problem
from tmx.physics.roughness.coupling import make_coupling
from tmx.physics.roughness.facets import Facets
from tmx.physics.roughness.lanes import per_facet
from tmx.physics.roughness.site import RoughSite
from tmx.physics.roughness.sunlight import Light
from tmx.physics.roughness.surface import opaque_receiving, regolith_receiving
from tmx.physics.site import Ground, Site
from tmx.physics.transfer.radiation import Radiation
from tmx.physics.transfer.regolith import Regolith

TABLE_MARGIN = 1.5
"""Highest temperature of the tables of Planck functions over that of a surface under the highest sun."""

THINNER_UNDER_SHADOWS, SLOWER_UNDER_SHADOWS = 0.2, 2.0 / 3.0
"""First cell of facets, and growth of cells with depth, over those of a flat surface: edges of shadows pass quickly."""

OPTICALLY_THICK = 30.0
"""Optical thickness of a single layer beyond which its bottom does not matter to radiation at its surface."""


@dataclass(frozen=True)
class Layout:
    """A problem on one grid.

    Attributes
    ----------
    problem : Problem
        The problem.
    site : Ground
        Its column, radiation operator and sun; of a rough surface, its facets as well.
    edges : tuple of ndarray
        Edges of each layer's cells, from the layer's top [m].
    """

    problem: Problem
    site: Ground
    edges: tuple[FloatArray, ...]

    @property
    def column(self) -> Column:
        """The network of nodes and links."""
        return self.site.column

    @property
    def cells(self) -> int:
        """Number of cells."""
        return sum(len(e) - 1 for e in self.edges)

    @property
    def boundaries(self) -> FloatArray:
        """Depth of the edges of all cells [m]."""
        tops = np.cumsum([0.0, *(e[-1] for e in self.edges)])
        below_top = [top + e[1:] for top, e in zip(tops[:-1], self.edges, strict=True)]
        return np.concatenate([[0.0], *below_top])

    @property
    def layer_of_cell(self) -> npt.NDArray[np.int64]:
        """Which layer each cell is in, 0 the uppermost."""
        return np.repeat(np.arange(len(self.edges)), [len(e) - 1 for e in self.edges])

    @property
    def streams(self) -> int | None:
        """Number of streams, where more would make the solution more accurate."""
        surface = self.problem.surface
        return surface.streams if isinstance(surface, Regolith) and surface.method.HAS_STREAMS else None

    def finer(self) -> "Layout":
        """Return the problem on the grid in which every cell is cut in two."""
        return _on_edges(self.problem, [bisect(edges) for edges in self.edges])

    def with_streams(self, streams: int) -> "Layout":
        """Return the problem on the same grid with another number of streams."""
        return _on_edges(self.problem.with_streams(streams), self.edges)

    def with_facets(self, facets: Facets) -> "Layout":
        """Return the problem on the same grid with other facets."""
        return _on_edges(replace(self.problem, facets=facets, sunlit=None), self.edges)

    def with_finer_sunlight(self) -> "Layout":
        """Return the problem on the same grid with a table of sunlight of twice as many intervals."""
        return _on_edges(self.problem.with_finer_sunlight(), self.edges)

    def sunlight(self, cos_incidence: float) -> FloatArray:
        """Return the sunlight that each node absorbs with the sun at a given μ₀ in the south [W m⁻²].

        On facets, it is what falls on them, in the form that their site takes.
        """
        if self.problem.facets is not None:
            return _steady_light(self.problem, self.problem.facets, cos_incidence)
        sunlight = np.zeros(self.column.depth.size)
        sun, surface = self.problem.sun, self.problem.surface
        if not isinstance(surface, Regolith):
            sunlight[0] = absorbed_at(sun, cos_incidence)
        elif cos_incidence > 0.0:
            parts = surface.absorbed_sunlight(self.problem.layers[0], self.edges[0], np.array([cos_incidence]))[0]
            sunlight[1 : 1 + parts.size] = sun.flux * cos_incidence * parts
        return sunlight


def lay_out(problem: Problem, rule: GridRule) -> Layout:
    """Lay a problem out on its first grid."""
    if problem.facets is not None:
        rule = _under_shadows(rule)
    edges = []
    for layer in problem.layers:
        first = rule.first * layer.skin_depth(problem.sun.period, problem.typical_temperature)
        if layer is not problem.layers[-1]:
            first = min(first, layer.thickness / rule.least_cells)
        edges.append(geometric_edges(layer.thickness, first, rule.ratio))
    if isinstance(problem.surface, Regolith):
        only = len(problem.layers) == 1
        edges[0] = _radiating_edges(problem.layers[0], problem.surface, edges[0][1], rule, only=only)
    return _on_edges(problem, edges)


def _under_shadows(rule: GridRule) -> GridRule:
    """Return the rule for facets, given that for a flat surface."""
    ratio = 1.0 + SLOWER_UNDER_SHADOWS * (rule.ratio - 1.0)
    return replace(rule, first=THINNER_UNDER_SHADOWS * rule.first, ratio=ratio)


def _radiating_edges(layer: Layer, regolith: Regolith, first: float, rule: GridRule, *, only: bool) -> FloatArray:
    """Return edges of the layer that radiation goes through: thin cells at the surface, and at a bottom that is felt.

    Radiation makes temperature jump at a substrate; where conduction is weak, that takes less than an optical depth.
    """
    first = min(first, rule.optical / regolith.strongest_extinction, layer.thickness / rule.least_cells)
    extinction = regolith.strongest_thermal_extinction
    thick = extinction * layer.equivalent_depth(layer.thickness) > OPTICALLY_THICK
    if only and thick:
        return geometric_edges(layer.thickness, first, rule.ratio)
    last = rule.optical / extinction
    return two_sided_edges(layer.thickness, first, min(last, layer.thickness / rule.least_cells), rule.ratio)


def _on_edges(problem: Problem, edges: Sequence[FloatArray]) -> Layout:
    if isinstance(problem.surface, Regolith):
        hottest = TABLE_MARGIN * problem.hottest_temperature
        radiation = problem.surface.operator(problem.layers[0], edges[0], hottest)
        column = make_column(problem.layers, edges, None, problem.bottom)
    else:
        radiation = None
        column = make_column(problem.layers, edges, problem.surface, problem.bottom)
    site: Ground
    if problem.facets is not None and problem.light_of_day is not None:
        site = _rough_site(problem, problem.facets, *problem.light_of_day, column, radiation, edges[0])
    else:
        site = Site(column, radiation, problem.sun, problem.mean_absorbed_sunlight)
    return Layout(problem, site, tuple(edges))


def _rough_site(
    problem: Problem,
    facets: Facets,
    light: Light,
    absorbed: FloatArray,
    column: Column,
    radiation: Radiation | None,
    edges: FloatArray,
) -> RoughSite:
    """Return the facets of a problem under the sun; `edges` are those of the cells of the uppermost layer [m].

    `light` and `absorbed` are the problem's `light_of_day`, which no grid changes.
    """
    surface = problem.surface
    if isinstance(surface, Regolith) and radiation is not None:
        receiving, reflected = regolith_receiving(radiation, surface.absorbed_diffuse(problem.layers[0], edges))
        sky = STEFAN_BOLTZMANN * surface.sky**4
    elif isinstance(surface, Surface):
        receiving, reflected = opaque_receiving(surface.emissivity)
        sky = surface.downwelling
    coupling = make_coupling(facets, reflected, sky)
    return RoughSite(
        column=column,
        radiation=radiation,
        sun=problem.sun,
        receiving=receiving,
        coupling=coupling,
        light=light,
        mean_sunlight=float((coupling.share * absorbed).sum()),
        facets=facets.areas.size,
    )


def _steady_light(problem: Problem, facets: Facets, cos_incidence: float) -> FloatArray:
    """Return what falls on the facets of a problem with the sun in the south, shape (B, kinds, LANES)."""
    direction = np.array([[math.sqrt(1.0 - cos_incidence**2), 0.0, cos_incidence]])
    kinds = problem.light_on_facets(facets, direction).kinds(opaque=not isinstance(problem.surface, Regolith))
    return np.stack([per_facet(kind[0]) for kind in kinds], axis=1)
