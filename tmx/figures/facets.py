"""A rough surface whose facets are coloured by temperature, at some times of day."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tmx.figures.meshes import add_facets
from tmx.figures.style import STYLE, TWO_COLUMNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FloatArray = npt.NDArray[np.float64]

SEEN_FROM = (0.75, -0.35, 0.85)
"""Where the picture is taken from: south, east, up."""

MOST_ACROSS = 3

MOST_OUTLINES = 800
"""Facets above which a vector figure holds a picture of them: outlines would take megabytes."""


def facets_figure(
    corners: FloatArray, temperatures: Sequence[FloatArray], titles: Sequence[str], title: str = ""
) -> "Figure":
    """Draw a surface once for every time, all with the same colours.

    Parameters
    ----------
    corners : ndarray, shape (facets, 3, 3)
        Corners of the facets: south, east and up, in any unit.
    temperatures : sequence of ndarray, shape (facets,)
        Their temperatures at each time [K].
    titles : sequence of str
        What each time is.
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    limits = (min(float(t.min()) for t in temperatures), max(float(t.max()) for t in temperatures))
    across = min(len(temperatures), MOST_ACROSS)
    down = -(-len(temperatures) // across)
    outlines, order = _seen(corners)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, 0.5 + 1.8 * down * MOST_ACROSS / across), layout="constrained")
        panels = figure.subplots(down, across, squeeze=False)
        for panel in panels.flat[len(temperatures) :]:
            panel.set_visible(False)
        for panel, values, words in zip(panels.flat, temperatures, titles, strict=False):
            drawn = add_facets(panel, outlines[order], values[order], cmap="inferno", clim=limits)
            drawn.set_rasterized(len(values) > MOST_OUTLINES)
            panel.set_axis_off()
            panel.set_title(words, fontsize=9.0)
        figure.colorbar(drawn, ax=panels, label="Temperature [K]", aspect=14 * down)
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure


def _seen(corners: FloatArray) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Return the outlines as they are seen, east to the right, and the order that has the nearest drawn last."""
    towards = np.array(SEEN_FROM) / np.linalg.norm(SEEN_FROM)
    right = np.cross([0.0, 0.0, 1.0], towards)
    right /= np.linalg.norm(right)
    outlines = corners @ np.stack([right, np.cross(towards, right)], axis=1)
    return outlines, np.argsort(corners.mean(axis=1) @ towards)
