"""Figures as files: whole or not at all, and the same for the same arrays."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from tmx.errors import ConfigError
from tmx.figures.style import NO_DATE, STYLE
from tmx.storage.atomic import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "pdf", "svg")


def save_figure(figure: "Figure", path: Path) -> None:
    """Write a figure to a file, in the format that its suffix says.

    Raises
    ------
    ConfigError
        If there is no such format.
    StorageError
        If the file cannot be written.
    """
    require_format(path)
    write_atomically(path, figure_bytes(figure, _format(path)))


def figure_bytes(figure: "Figure", kind: str) -> bytes:
    """Return a figure as a file of one of the formats."""
    import matplotlib as mpl

    content = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(content, format=kind, metadata=NO_DATE.get(kind))
    return content.getvalue()


def require_format(path: Path) -> None:
    """Make sure that a figure can be saved under a name.

    Raises
    ------
    ConfigError
        If its suffix is no format of figures.
    """
    if _format(path) not in FORMATS:
        raise ConfigError(f"{path}: a figure is one of {', '.join('.' + one for one in FORMATS)}")


def _format(path: Path) -> str:
    return path.suffix.removeprefix(".").lower()
