"""The plugin of datasette: addresses and what they show, cells of tables that lead on, and the menu.

It has only hooks that datasette 1.0 has as well. A page is a function that gathers, in a thread, what a template shows.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils import tilde_decode
from datasette.utils.asgi import AsgiFileDownload, Request, Response
from markupsafe import Markup

from tmx.browse.cells import cell, curve_cell, moment_text
from tmx.browse.compare import compare_page
from tmx.browse.curves import Curves
from tmx.browse.datasets import dataset_page
from tmx.browse.drawings import Drawings
from tmx.browse.files import config_of_run, file_of_artifact, file_of_dataset
from tmx.browse.home import home_page
from tmx.browse.metadata import REGISTRY, SWEEPS, describe_tables
from tmx.browse.questions import QUESTIONS
from tmx.browse.runs import run_of_artifact, run_page, sample_at, sample_page
from tmx.browse.source import Source
from tmx.browse.sweeps import sweep_page
from tmx.errors import ConfigError, NotFoundError, TmxError
from tmx.words import counted, duration_of, shown, size_of

View = Callable[[Request, Datasette], Awaitable[Any]]
Gather = Callable[[Source, Request], dict[str, Any]]

FOR_EVER = "private, max-age=31536000, immutable"
"""A figure whose address has the hash of what it is drawn from."""


class Plugin:
    """Shows one source.

    Parameters
    ----------
    source : Source
        What is shown.
    metadata : dict
        Datasette's metadata, which learns of tables that appear.
    """

    __name__ = __package__
    """Datasette takes a plugin for a module."""

    def __init__(self, source: Source, metadata: dict[str, Any]) -> None:
        self._source = source
        self._metadata = metadata
        self._drawings = Drawings(source)
        self._curves = Curves(source)

    def close(self) -> None:
        """Stop drawing."""
        self._drawings.close()

    @hookimpl
    def startup(self) -> None:
        """Load in the background what the first figure would wait for."""
        self._drawings.warm_up()

    @hookimpl
    def prepare_connection(self, conn: sqlite3.Connection, database: str) -> None:
        """Refuse writes once more: datasette opens files to be read already, and writes to its own memory alone."""
        if database in {REGISTRY, SWEEPS}:
            conn.execute("PRAGMA query_only = ON")

    @hookimpl
    def menu_links(self) -> list[dict[str, str]]:
        """Lead to our pages from everywhere."""
        return [{"href": "/", "label": "Sweeps"}, {"href": "/-/questions", "label": "Questions"}]

    @hookimpl
    def extra_template_vars(self) -> dict[str, Any]:
        """Give templates the words of numbers, and the age of what they show."""
        describe_tables(self._metadata, self._source.tables.values())
        return {
            "counted": counted,
            "curve_cell": curve_cell,
            "duration_of": duration_of,
            "moment_text": moment_text,
            "registry_shown": self._source.shown,
            "mirrored_at": self._source.mirrored_at,
            "shown": shown,
            "size_of": size_of,
        }

    @hookimpl
    def render_cell(self, value: Any, column: str, table: str | None, database: str) -> Markup | None:
        """Show numbers and times as people read them, and lead from ids and names to pages."""
        return cell(self._source, value, column, table, database)

    @hookimpl
    def register_routes(self) -> list[tuple[str, View]]:
        """Return our addresses."""
        routes: list[tuple[str, View]] = [
            (r"^/$", self._page("home.html", lambda source, _: home_page(source))),
            (r"^/-/questions$", self._page("questions.html", lambda _source, _: {"questions": QUESTIONS})),
            (r"^/-/sweep/(?P<id>\d{1,9})$", self._page("sweep.html", sweep_page)),
            (r"^/-/run/(?P<id>\d{1,9})$", self._page("run.html", run_page)),
            (r"^/-/sample/(?P<id>\d{1,9})$", self._page("run.html", sample_page)),
            (r"^/-/compare$", self._page("compare.html", compare_page)),
            (r"^/-/dataset/(?P<id>\d{1,9})$", self._page("dataset.html", dataset_page)),
            (r"^/-/figure/(?P<kind>[a-z_]+)/(?P<ids>\d{1,9}(,\d{1,9}){0,7})\.svg$", self._figure),
            (r"^/-/curves$", self._curves_of),
            (r"^/-/file/(?P<id>\d{1,9})$", self._file),
            (r"^/-/dataset/(?P<id>\d{1,9})/file$", self._dataset_file),
            (r"^/-/config/(?P<id>\d{1,9})\.yaml$", self._config),
            (rf"^/{REGISTRY}/(?P<table>run|sample|sweep|dataset)/(?P<id>\d{{1,9}})$", _to_our_page),
            (rf"^/{REGISTRY}/artifact/(?P<id>\d{{1,9}})$", self._to_run),
            (rf"^/{SWEEPS}/(?P<table>[^/]+)/(?P<id>\d{{1,9}})$", self._to_sample),
        ]
        return [(address, _as_function(view)) for address, view in routes]

    def _page(self, template: str, gather: Gather) -> View:
        """Return what answers with a page."""

        async def answer(request: Request, datasette: Datasette) -> Response:
            status = 200
            try:
                context = await asyncio.to_thread(gather, self._source, request)
                name = template
            except TmxError as error:
                context, name = {"message": str(error)}, "problem.html"
                status = _status(error)
            text = await datasette.render_template(name, context, request=request)
            return Response.html(text, status=status, headers={"cache-control": "no-store"})

        return answer

    async def _figure(self, request: Request, datasette: Datasette) -> Response:
        try:
            drawn = await self._drawings.draw(request)
        except TmxError as error:
            return Response.text(str(error), status=_status(error))
        cached = FOR_EVER if request.args.get("v") else "no-cache"
        return Response(drawn, content_type="image/svg+xml; charset=utf-8", headers={"cache-control": cached})

    async def _curves_of(self, request: Request, datasette: Datasette) -> Response:
        ids = [int(one) for one in request.args.getlist("id") if one.isdecimal() and len(one) < 10]
        found = await asyncio.to_thread(self._curves.of_artifacts, ids)
        return Response.json(found, headers={"cache-control": "no-cache"})

    async def _file(self, request: Request, datasette: Datasette) -> Any:
        return await self._download(file_of_artifact, request)

    async def _dataset_file(self, request: Request, datasette: Datasette) -> Any:
        return await self._download(file_of_dataset, request)

    async def _download(self, find: Callable[[Source, int], Any], request: Request) -> Any:
        try:
            path = await asyncio.to_thread(find, self._source, _id(request))
        except TmxError as error:
            return Response.text(str(error), status=_status(error))
        return AsgiFileDownload(str(path), filename=path.name, content_type="application/x-hdf5")

    async def _config(self, request: Request, datasette: Datasette) -> Response:
        try:
            text = await asyncio.to_thread(config_of_run, self._source, _id(request))
        except TmxError as error:
            return Response.text(str(error), status=_status(error))
        headers = {"content-disposition": f'attachment; filename="run_{_id(request)}.yaml"'}
        return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)

    async def _to_run(self, request: Request, datasette: Datasette) -> Response:
        return await self._redirect(lambda: f"/-/run/{run_of_artifact(self._source, _id(request))}")

    async def _to_sample(self, request: Request, datasette: Datasette) -> Response:
        table = tilde_decode(request.url_vars["table"])
        return await self._redirect(lambda: f"/-/sample/{sample_at(self._source, table, _id(request))}")

    async def _redirect(self, find: Callable[[], str]) -> Response:
        try:
            return Response.redirect(await asyncio.to_thread(find))
        except TmxError as error:
            return Response.text(str(error), status=_status(error))


def _as_function(view: View) -> View:
    """Return a view as a function: datasette 1.0 takes no methods."""

    async def answer(request: Request, datasette: Datasette) -> Any:
        return await view(request, datasette)

    return answer


async def _to_our_page(request: Request, datasette: Datasette) -> Response:
    return Response.redirect(f"/-/{request.url_vars['table']}/{_id(request)}")


def _id(request: Request) -> int:
    return int(request.url_vars["id"])


def _status(error: TmxError) -> int:
    """Return the status of HTTP for an error: what cannot be read now may be another time."""
    if isinstance(error, NotFoundError):
        return 404
    return 400 if isinstance(error, ConfigError) else 503
