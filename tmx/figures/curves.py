"""Curves of a few things over one another, in one panel or several with the same axis across."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tmx.figures.style import COLOURS, STYLE, TWO_COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = npt.NDArray[np.float64]

DASHES = ("-", "--", ":", "-.")
"""Of curves whose colours would be the same."""

DOT_PT = 4.0
"""Size of a dot."""

MOST_DOTS = 40
MOST_INSIDE = 6
"""Curves whose legend has a place among them."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Values against something, shape (points,); between `low` and `high`, if given, the ground is shaded."""

    label: str
    x: FloatArray
    y: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Panel:
    """Curves of one quantity."""

    label: str
    curves: Sequence[Curve]


def curves_figure(
    panels: Sequence[Panel],
    across: str,
    *,
    hours: bool = False,
    dots: bool = False,
    logarithmic: bool = False,
    title: str = "",
) -> "Figure":
    """Draw panels one above the other.

    Parameters
    ----------
    panels : sequence of Panel
        At least one.
    across : str
        What the curves go along, with its unit.
    hours : bool
        Whether that is the local time.
    dots : bool
        Whether every point is marked, as long as there are few.
    logarithmic : bool
        Whether the axis that they go along is.
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, 0.8 + 2.2 * len(panels)), layout="constrained")
        axes = list(figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0])
        for drawn, panel in zip(axes, panels, strict=True):
            for number, curve in enumerate(panel.curves):
                _draw(drawn, curve, number, dots=dots)
            drawn.set_ylabel(panel.label)
            drawn.margins(x=0.0, y=0.06)
        axes[-1].set_xlabel(across)
        if hours:
            _tick_hours(axes[-1])
        if logarithmic:
            _scale_logarithmically(axes[-1])
        if 1 < len(panels[0].curves) <= MOST_INSIDE:
            axes[0].legend(loc="best")
        elif len(panels[0].curves) > 1:
            figure.legend(handles=axes[0].get_legend_handles_labels()[0], loc="outside right upper")
        figure.align_ylabels()
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure


def _draw(axes: "Axes", curve: Curve, number: int, *, dots: bool) -> None:
    colour = COLOURS[number % len(COLOURS)]
    dashes = DASHES[number // len(COLOURS) % len(DASHES)]
    if curve.low is not None and curve.high is not None:
        axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0.0)
    marker = "o" if len(curve.x) == 1 or (dots and len(curve.x) <= MOST_DOTS) else ""
    axes.plot(curve.x, curve.y, color=colour, linestyle=dashes, label=curve.label, marker=marker, markersize=DOT_PT)


def _scale_logarithmically(axes: "Axes") -> None:
    """Make the axis across logarithmic, with plain numbers at its ticks."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _tick_hours(axes: "Axes") -> None:
    """Put ticks where clocks have them."""
    from matplotlib.ticker import MultipleLocator

    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(MultipleLocator(3.0 if high - low < 25.0 else 24.0))
