"""Figures for a dark page: the ground is left out, and all that was dark on white is light."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#d6d9dd"
GRID = "#3b4047"
GROUND = "#14171b"


def darken(figure: "Figure") -> None:
    """Turn a finished figure into one for a dark ground; curves and colour maps keep their colours."""
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    figure.patch.set_alpha(0.0)
    for axes in figure.findobj(Axes):
        axes.patch.set_alpha(0.0)
        axes.tick_params(which="both", colors=INK)
        for spine in axes.spines.values():
            spine.set_edgecolor(INK)
        for line in [*axes.get_xgridlines(), *axes.get_ygridlines()]:
            line.set_color(GRID)
    for text in figure.findobj(Text):
        text.set_color(INK)
        if box := text.get_bbox_patch():
            box.set_facecolor(GROUND)
    for line in figure.findobj(_is_black(Line2D)):
        line.set_color(INK)


def _is_black(kind: Any) -> Any:
    return lambda artist: isinstance(artist, kind) and artist.get_color() in {"black", "k"}
