"""Figures of the pages, by kind and ids, drawn one after the other in a thread and remembered.

What is drawn is in `of_runs` and `of_samples`. matplotlib keeps its settings for the whole process, so that two figures
must not be drawn at once.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from datasette.utils.asgi import Request

from tmx.browse import of_runs, of_samples
from tmx.browse.source import Source
from tmx.errors import NotFoundError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_REMEMBERED = 256
LONGEST_WORD = 64

Draw = Callable[[Source, list[int], str], "Figure"]

KINDS: dict[str, Draw] = {
    "day": of_runs.day,
    "depth": of_runs.depth,
    "spectra": of_runs.spectra,
    "observers": of_runs.observers,
    "views": of_runs.views,
    "channels": of_runs.channels,
    "facets": of_runs.facets,
    "days": of_runs.days,
    "emissivities": of_runs.emissivities,
    "design": of_samples.design,
    "results": of_samples.results,
    "splits": of_samples.splits,
}
"""What draws a figure from a source, the ids of its rows, and a word on what of them."""


class Drawings:
    """Draws figures of a source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tmx-browse-draw")
        self._known: OrderedDict[tuple[object, ...], bytes] = OrderedDict()

    def close(self) -> None:
        """Draw nothing more."""
        self._thread.shutdown(cancel_futures=True)

    def warm_up(self) -> None:
        """Load matplotlib and its fonts in the background."""
        self._thread.submit(_draw_nothing)

    async def draw(self, request: Request) -> bytes:
        """Return the figure that is asked for, as SVG.

        Raises
        ------
        NotFoundError
            If there is no such kind, or nothing to be drawn.
        TmxError
            If a file cannot be read.
        """
        kind, version = request.url_vars["kind"], request.args.get("v") or ""
        if kind not in KINDS:
            raise NotFoundError(f"there is no figure {kind!r}: one of {', '.join(KINDS)}")
        ids = [int(one) for one in request.url_vars["ids"].split(",")]
        about = (request.args.get("of") or "")[:LONGEST_WORD]
        dark = request.args.get("theme") == "dark"
        key = (kind, *ids, about, dark, version)
        if version and key in self._known:
            return self._known[key]
        loop = asyncio.get_running_loop()
        drawn = await loop.run_in_executor(self._thread, lambda: self._drawn(KINDS[kind], ids, about, dark=dark))
        if version:
            self._known[key] = drawn
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return drawn

    def _drawn(self, draw: Draw, ids: list[int], about: str, *, dark: bool) -> bytes:
        from tmx.figures import darken, figure_bytes

        figure = draw(self._source, ids, about)
        if dark:
            darken(figure)
        return figure_bytes(figure, "svg")


def _draw_nothing() -> None:
    from tmx.figures import Curve, Panel, curves_figure, figure_bytes

    nothing = np.zeros(2)
    figure_bytes(curves_figure([Panel("", [Curve("", nothing, nothing)])], ""), "svg")
