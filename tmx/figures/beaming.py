"""Thermal beaming: brightness of rough and flat surfaces against phase angle."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tmx.figures.style import COLOURS, DOT, ONE_COLUMN, STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PhaseCurve:
    """A rough surface from several directions.

    Attributes
    ----------
    label : str
        What surface it is.
    phase_angle : ndarray, shape (observers,)
        Angle between sun and observer [rad].
    flat, rough : ndarray, shape (observers,)
        Brightness temperatures of the flat and the rough surface [K].
    ratio : ndarray, shape (observers,)
        Radiance of the rough surface over that of the flat one [-].
    """

    label: str
    phase_angle: FloatArray
    flat: FloatArray
    rough: FloatArray
    ratio: FloatArray


def beaming_figure(curves: Sequence[PhaseCurve], title: str = "") -> "Figure":
    """Draw brightness temperatures against phase angle, and below them the ratios of radiances.

    Every observer is a dot, filled for the rough surface and open for the flat one: two of them may have the same phase
    angle and see the surface from different sides.

    Parameters
    ----------
    curves : sequence of PhaseCurve
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(1.3 * ONE_COLUMN, 4.6), layout="constrained")
        warm, relative = figure.subplots(2, 1, sharex=True)
        relative.axhline(1.0, color="black", linewidth=0.7)
        for number, curve in enumerate(curves):
            colour = COLOURS[number % len(COLOURS)]
            degrees = np.degrees(curve.phase_angle)
            warm.plot(degrees, curve.flat, "o", color="white", **DOT)
            warm.plot(degrees, curve.rough, "o", color=colour, **DOT)
            relative.plot(degrees, curve.ratio, "o", color=colour, label=curve.label, **DOT)
        warm.set_ylabel("Brightness temperature [K]")
        relative.set_ylabel("Radiance, rough over flat")
        relative.set_xlabel("Phase angle [°]")
        ground = {"linestyle": "", "marker": "o", **DOT}
        handles = [
            Line2D([], [], color="black", label="rough", **ground),
            Line2D([], [], color="white", label="flat", **ground),
        ]
        warm.legend(handles=handles, handletextpad=0.1)
        if len(curves) > 1:
            relative.legend(handletextpad=0.1)
        figure.align_ylabels()
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure
