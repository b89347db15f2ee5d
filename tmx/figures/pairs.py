"""Samples seen from all sides: every pair of parameters, and how often each value is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tmx.figures.style import COLOURS, STYLE, TWO_COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

BARS = 16
"""Bars of a histogram of numbers."""

MOST_VALUES = 40
"""Evenly spaced values, up to so many, have a bar each."""

FEW_DECADES = 2.5
"""On a logarithmic axis that spans fewer, 2 and 5 have labels as well as 1."""

SHORT = 4
"""Characters of a label of which a panel has room for three to a decade."""

PANEL_IN = 1.5
"""Width of a panel."""


@dataclass(frozen=True, eq=False)
class PairAxis:
    """One parameter of many samples.

    Attributes
    ----------
    label : str
        Name and unit.
    values : ndarray, shape (samples,)
        Its values; places among `names` if there are names.
    logarithmic : bool
        Whether its axis is.
    names : tuple of str
        What its values are called, if they are no numbers.
    """

    label: str
    values: npt.NDArray[np.float64]
    logarithmic: bool = False
    names: tuple[str, ...] = ()


def pairs_figure(axes: Sequence[PairAxis], title: str = "", parts: PairAxis | None = None) -> "Figure":
    """Draw a dot per sample for every pair of parameters, and the histogram of each on the diagonal.

    Parameters
    ----------
    axes : sequence of PairAxis
        The parameters, at least one.
    parts : PairAxis, optional
        Which of some parts, by `names`, each sample is in: dots have their colours.
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    count = len(axes)
    side = max(3.0, PANEL_IN * count)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(side, side), layout="constrained")
        panels = figure.subplots(count, count, squeeze=False)
        for row, below in enumerate(axes):
            for column, across in enumerate(axes):
                panel = panels[row, column]
                if column > row:
                    panel.set_visible(False)
                elif column == row:
                    _draw_histogram(panel, across)
                else:
                    _draw_dots(panel, across, below, parts)
                _label(panel, across, below, last=row == count - 1, first=column == 0 and row > 0)
        figure.align_labels()
        if parts:
            figure.legend(handles=_handles(parts), loc="outside lower center", ncols=len(parts.names))
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure


def histograms_figure(axes: Sequence[PairAxis], title: str = "") -> "Figure":
    """Draw how often each value is taken, a panel for each quantity.

    Parameters
    ----------
    axes : sequence of PairAxis
        The quantities, at least one.
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    across = min(len(axes), 3)
    down = -(-len(axes) // across)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, 1.8 * down), layout="constrained")
        panels = figure.subplots(down, across, squeeze=False)
        for panel in panels.flat[len(axes) :]:
            panel.set_visible(False)
        for panel, axis in zip(panels.flat, axes, strict=False):
            _draw_histogram(panel, axis)
            panel.set_xlabel(axis.label)
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure


def _draw_dots(panel: "Axes", across: PairAxis, below: PairAxis, parts: PairAxis | None) -> None:
    size = float(np.clip(2000.0 / len(across.values), 1.0, 12.0))
    colours: Any = COLOURS[0]
    if parts:
        colours = [COLOURS[int(part)] for part in parts.values]
    panel.scatter(across.values, below.values, s=size, c=colours, linewidths=0.0, alpha=0.7, rasterized=True)
    _scale(panel, across, "x")
    _scale(panel, below, "y")


def _handles(parts: PairAxis) -> "list[Line2D]":
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], linestyle="", marker="o", color=COLOURS[n], label=part) for n, part in enumerate(parts.names)
    ]


def _draw_histogram(panel: "Axes", across: PairAxis) -> None:
    panel.hist(across.values, bins=_edges(across), color=COLOURS[5], edgecolor="white", linewidth=0.4)
    panel.set_ylim(bottom=0.0)
    panel.set_yticks([])
    _scale(panel, across, "x")


def _edges(axis: PairAxis) -> list[float]:
    """Return the edges of bars: one for each value where these are few, or else equal parts of the range."""
    distinct = np.unique(axis.values)
    low, high = distinct[0], distinct[-1]
    if axis.names:
        return [place - 0.5 for place in range(len(axis.names) + 1)]
    if low == high:
        half = abs(low) / 20.0 or 0.5
        return [low - half, low + half]
    places = np.log(distinct) if axis.logarithmic else distinct
    step = (places[-1] - places[0]) / (len(places) - 1)
    if len(places) <= MOST_VALUES and np.allclose(np.diff(places), step, rtol=1e-3):
        edges = places[0] + step * (np.arange(len(places) + 1) - 0.5)
    else:
        edges = np.linspace(places[0], places[-1], min(BARS, len(places)) + 1)
    return [float(edge) for edge in (np.exp(edges) if axis.logarithmic else edges)]


def _scale(panel: "Axes", axis: PairAxis, which: str) -> None:
    if axis.logarithmic:
        panel.set(**{f"{which}scale": "log"})
        _label_decades(panel.xaxis if which == "x" else panel.yaxis, axis.values)
    if axis.names:
        panel.set(**{f"{which}lim": (-0.5, len(axis.names) - 0.5)})
        panel.set(**{f"{which}ticks": range(len(axis.names)), f"{which}ticklabels": axis.names})


def _label_decades(scale: "XAxis | YAxis", values: npt.NDArray[np.float64]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if np.log10(values.max() / values.min()) < FEW_DECADES:
        short = max(len(f"{values.max():.6g}"), len(f"{values.min():.1g}")) <= SHORT
        scale.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if short else (1.0,)))
        scale.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    scale.set_minor_formatter(NullFormatter())


def _label(panel: "Axes", across: PairAxis, below: PairAxis, *, last: bool, first: bool) -> None:
    panel.tick_params(which="both", labelbottom=last, labelleft=first)
    if last:
        panel.set_xlabel(across.label)
        panel.tick_params(axis="x", labelrotation=90.0 if across.names else 0.0)
    if first:
        panel.set_ylabel(below.label)
