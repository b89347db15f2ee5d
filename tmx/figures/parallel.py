"""Samples as lines through parallel axes: their parameters, and a result that gives each line its colour."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tmx.figures.pairs import PairAxis
from tmx.figures.style import STYLE, TWO_COLUMNS, colour_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = npt.NDArray[np.float64]

TICKS = 5
LEAST_TICKS = 2

FEW_DECADES = 1e3
"""Ratio of the ends up to which an axis of decades has ticks at 2 and 5 as well."""
MARGIN = 0.03

GROUND: Any = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}
"""Behind words that lines go through."""


def parallel_figure(axes: Sequence[PairAxis], title: str = "") -> "Figure":
    """Draw a line per sample across axes side by side; the last one gives the colours.

    Parameters
    ----------
    axes : sequence of PairAxis
        The parameters and then a result, two at least, whose values are all finite.
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    places = np.stack([_places(axis) for axis in axes], axis=1)
    order = np.argsort(places[:, -1])
    lines = np.stack([np.broadcast_to(np.arange(len(axes), dtype=float), places.shape), places], axis=2)
    alpha = float(np.clip(20.0 / len(places) ** 0.7, 0.2, 0.9))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, 3.3), layout="constrained")
        panel = figure.subplots()
        drawn = LineCollection(
            [*lines[order]],
            array=places[order, -1],
            cmap=colour_map(),
            linewidths=0.8,
            alpha=alpha,
        )
        panel.add_collection(drawn)
        panel.set(xlim=(-0.1, len(axes) - 0.7), ylim=(-MARGIN, 1.0 + MARGIN))
        panel.grid(visible=False)
        panel.set_yticks([])
        panel.spines[:].set_visible(False)
        panel.set_xticks(range(len(axes)), [axis.label for axis in axes])
        panel.tick_params(axis="x", length=0.0)
        for number, axis in enumerate(axes):
            _draw_axis(panel, number, axis)
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure


def _places(axis: PairAxis) -> FloatArray:
    """Return where the values are on an axis from 0 to 1; in the middle, if there is but one."""
    values = np.log(axis.values) if axis.logarithmic else axis.values
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.full_like(values, 0.5)


def _draw_axis(panel: "Axes", number: int, axis: PairAxis) -> None:
    panel.axvline(number, color="black", linewidth=0.7)
    for value, words in _ticks(axis):
        panel.annotate(
            words, (number, value), xytext=(4, 0), textcoords="offset points", fontsize=8.0, va="center", bbox=GROUND
        )


def _ticks(axis: PairAxis) -> list[tuple[float, str]]:
    """Return places and words of ticks: of every name, or at round numbers, or at both ends where there are none."""
    if axis.names:
        present = sorted({int(value) for value in axis.values})
        places = _places(PairAxis("", np.array(present, dtype=float)))
        return [(float(place), axis.names[value][:24]) for place, value in zip(places, present, strict=True)]
    low, high = float(axis.values.min()), float(axis.values.max())
    if low == high:
        return [(0.5, f"{low:.4g}")]
    values = _round_numbers(low, high, logarithmic=axis.logarithmic)
    if len(values) < LEAST_TICKS:
        values = np.array([low, high])
    places = _places(PairAxis("", np.concatenate([[low, high], values]), axis.logarithmic))[2:]
    return [(float(place), f"{value:.6g}") for place, value in zip(places, values, strict=True)]


def _round_numbers(low: float, high: float, *, logarithmic: bool) -> FloatArray:
    """Return round numbers between two ends; with several decades, one for each."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    several = logarithmic and high > FEW_DECADES * low
    found = LogLocator(subs=(1.0,) if several else (1.0, 2.0, 5.0)).tick_values(low, high) if logarithmic else ()
    within = [value for value in found if low <= value <= high]
    if len(within) < LEAST_TICKS:
        within = [
            value for value in MaxNLocator(TICKS, steps=(1, 2, 5, 10)).tick_values(low, high) if low <= value <= high
        ]
    return np.array(within)
