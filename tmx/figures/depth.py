"""Temperature below the surface, against depth and local time."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tmx.figures.style import STYLE, TWO_COLUMNS, colour_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FloatArray = npt.NDArray[np.float64]

PROFILES = 6
"""Times of day that have a profile of their own."""

CM = 100.0
"""cm in a m."""

DEEPEST_OVER_FIRST = 1e-3
"""The depth that the logarithmic axis begins at, over that of the deepest cell, at least."""


def depth_figure(hours: FloatArray, depth: FloatArray, temperature: FloatArray, title: str = "") -> "Figure":
    """Draw temperature as colours over time and depth, and beside it profiles at some times.

    Parameters
    ----------
    hours : ndarray, shape (times,)
        Local time [h], ascending.
    depth : ndarray, shape (cells,)
        Depth of the centres of the cells [m].
    temperature : ndarray, shape (cells, times)
        Temperatures [K].
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    top = max(float(depth[0]), DEEPEST_OVER_FIRST * float(depth[-1]))
    below = CM * np.maximum(depth, top)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, 3.2), layout="constrained")
        time, profile = figure.subplots(1, 2, sharey=True, width_ratios=[1.5, 1.0])
        shown = time.pcolormesh(
            hours, CM * depth, temperature, shading="nearest", cmap="inferno", rasterized=True, antialiased=False
        )
        figure.colorbar(shown, ax=time, label="Temperature [K]", location="top", aspect=30, pad=0.02)
        time.grid(visible=False)
        time.set(xlabel="Local time [h]", ylabel="Depth [cm]", yscale="log", ylim=(CM * float(depth[-1]), CM * top))
        time.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        chosen = np.unique(np.linspace(0, len(hours), PROFILES, endpoint=False).astype(int))
        for number, row in enumerate(chosen):
            colour = colour_map()(number / max(len(chosen) - 1, 1))
            profile.plot(temperature[:, row], below, color=colour, label=f"{hours[row]:.3g} h")
        profile.set_xlabel("Temperature [K]")
        profile.legend(loc="best")
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure
