"""A rough surface, as the sun shows it and by how much of the sky its facets see."""

from typing import TYPE_CHECKING, Any

import numpy as np

from tmx.figures.style import STYLE, TWO_COLUMNS, colour_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tmx.physics.roughness import Facets

SUN = (-0.5, -0.7, 0.5)
"""Where the sun stands in the picture: in the north-west, 30° high. South, east and up; of any length."""

OBSERVER = (0.75, 0.3, 0.6)
"""Where the picture is taken from."""

SHADOW = 0.12
"""Brightness of what the sun does not reach, over that of what faces it [-]."""

UNDERSIDE = "#9b8b78"
"""Colour of the side of facets that is in the ground."""

MOST_OUTLINED = 2000
"""Facets above which the lines between them, which close gaps, are wider than they need to be."""


def mesh_figure(title: str, facets: "Facets") -> "Figure":
    """Draw a rough surface in sunlight from the north-west, and from above the part of the sky that facets see."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, 3.3), layout="constrained")
        lit, plan = figure.subplots(1, 2, width_ratios=[1.15, 1.0])
        _draw_sunlit(lit, facets)
        figure.colorbar(_draw_plan(plan, facets), ax=plan, label="View factor of the sky")
        figure.suptitle(title, fontsize=10.0)
    return figure


def add_facets(axes: Any, outlines: Any, values: Any, **colours: Any) -> Any:
    """Add facets to a panel, in the order in which they are drawn, each with the colour of its value."""
    from matplotlib.collections import PolyCollection

    width = 0.15 if len(values) <= MOST_OUTLINED else 0.0
    polygons = PolyCollection(outlines, array=values, linewidths=width, edgecolors="face", **colours)
    axes.add_collection(polygons)
    axes.set_aspect("equal")
    axes.autoscale_view()
    return polygons


def _draw_sunlit(axes: Any, facets: "Facets") -> None:
    """Draw the facets as they are seen from the south and above, the farthest first."""
    from matplotlib import colormaps

    towards = np.array(OBSERVER) / np.linalg.norm(OBSERVER)
    right = np.cross([0.0, 0.0, 1.0], towards)
    right /= np.linalg.norm(right)
    seen = facets.visible(np.array([SUN]) / np.linalg.norm(SUN))
    brightness = SHADOW + (1.0 - SHADOW) * (seen.fraction * seen.cosine)[0]
    brightness[facets.mesh.normals @ towards < 0.0] = np.nan
    order = np.argsort(facets.mesh.centroids @ towards)
    outlines = facets.mesh.corners @ np.stack([right, np.cross(towards, right)], axis=1)
    colours = colormaps["gray"].with_extremes(bad=UNDERSIDE)
    add_facets(axes, outlines[order], brightness[order], cmap=colours, clim=(0.0, 1.0))
    axes.set_axis_off()
    axes.set_title("Sunlight from the north-west, 30° high", fontsize=9.0)


def _draw_plan(axes: Any, facets: "Facets") -> Any:
    """Draw the facets from above, with north above."""
    sky = np.broadcast_to(1.0 - facets.view_factors.sum(axis=1), facets.areas.shape)
    order = np.argsort(facets.mesh.centroids[:, 2])
    outlines = facets.mesh.corners[:, :, [1, 0]]
    drawn = add_facets(axes, outlines[order], sky[order], cmap=colour_map(), clim=_limits(sky))
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.set(xlabel="East", ylabel="South")
    return drawn


def _limits(values: Any) -> tuple[float, float]:
    """Return limits of colours: a crater whose facets all see as much has one colour in the middle."""
    low, high = float(values.min()), float(values.max())
    return (low, high) if high - low > 1e-3 else (low - 0.05, high + 0.05)
