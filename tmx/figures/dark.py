"""Figures for a dark page: the ground is left out, and all that was dark on white is light."""

from typing import TYPE_CHECKING

from tmx.figures.style import LIGHT_MAP, colour_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#d6d9dd"
GRID = "#3b4047"
GROUND = "#14171b"


def darken(figure: "Figure") -> None:
    """Turn a finished figure into one for a dark ground; what has the colours of ordered values gets lighter ones."""
    figure.patch.set_alpha(0.0)
    _darken_axes(figure)
    _darken_texts(figure)
    _lighten_values(figure)


def _darken_axes(figure: "Figure") -> None:
    from matplotlib.axes import Axes

    for axes in figure.findobj(Axes):
        axes.patch.set_alpha(0.0)
        axes.tick_params(which="both", colors=INK)
        for spine in axes.spines.values():
            spine.set_edgecolor(INK)
        for line in [*axes.get_xgridlines(), *axes.get_ygridlines()]:
            line.set_color(GRID)


def _darken_texts(figure: "Figure") -> None:
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_color(INK)
        if box := text.get_bbox_patch():
            box.set_facecolor(GROUND)


def _lighten_values(figure: "Figure") -> None:
    """Give what has a colour of the map for white, or is black, one that is seen on a dark ground."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import to_hex
    from matplotlib.lines import Line2D

    before, after = colour_map()(range(256)), colour_map(dark=True)(range(256))
    lighter = {to_hex(old): to_hex(new) for old, new in zip(before, after, strict=True)} | {"#000000": INK}
    for drawn in figure.findobj():
        if isinstance(drawn, ScalarMappable) and drawn.get_cmap().name == LIGHT_MAP:
            drawn.set_cmap(colour_map(dark=True))
    for line in figure.findobj(Line2D):
        line.set_color(lighter.get(to_hex(line.get_color()), line.get_color()))
