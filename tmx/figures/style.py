"""How figures look: type, lines, and colours that survive greyscale and colour-blind eyes."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.minor.width": 0.5,
    "ytick.minor.width": 0.5,
    "ytick.right": True,
    "lines.solid_joinstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "savefig.dpi": 200,
    "svg.fonttype": "none",
    "svg.hashsalt": "tmx",
    "pdf.fonttype": 42,
}
"""Settings of matplotlib under which every figure is drawn and saved. Text stays text in vector files."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours of things without an order, which all eyes can tell apart (Okabe & Ito 2008)."""

DOT: Any = {"markersize": 4.0, "markeredgecolor": "black", "markeredgewidth": 0.5}
"""A place on a line."""

BRIGHTEST, DARKEST = 0.93, 0.3
"""Where the colour map ends on white, and where it begins on a dark ground."""

LIGHT_MAP, DARK_MAP = "cividis on white", "cividis on dark"

ONE_COLUMN, TWO_COLUMNS = 3.5, 7.1
"""Widths of figures in a journal [in]."""

NO_DATE: dict[str, dict[str, None]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
"""Metadata by format, without the clock: the same arrays give the same file."""


def colour_map(*, dark: bool = False) -> "Colormap":
    """Return the colours of ordered values: cividis, whose lightness rises evenly for every kind of colour vision.

    Its last colours are left out, which are too bright for lines on white, or on a dark ground its first ones.
    """
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    ends = (DARKEST, 1.0) if dark else (0.0, BRIGHTEST)
    return ListedColormap(colormaps["cividis"](np.linspace(*ends, 256)), name=DARK_MAP if dark else LIGHT_MAP)
