"""Starting and stopping: datasette on two databases, our plugin, and a server on this machine alone."""

import asyncio
import contextlib
import logging
import signal
import socket
import sqlite3
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm

from tmx.browse.guard import Application, guarded
from tmx.browse.metadata import REGISTRY, SETTINGS, SWEEPS, new_metadata
from tmx.browse.plugin import Plugin
from tmx.browse.source import Source
from tmx.errors import ConfigError
from tmx.registry.connections import sqlite_uri
from tmx.registry.engine import Registry
from tmx.registry.sql import execute, quoted

HOST = "127.0.0.1"
USUAL_PORT = 8001

HERE = Path(__file__).parent

# With rich, datasette draws the traceback and all locals of every wrong address and every wrong query, on stdout.
pm.get_plugin("datasette.handle_exception").rich = None


@contextlib.contextmanager
def browser_application(registry: Registry, store: Path) -> Iterator[Application]:
    """Yield the application that shows a registry; afterwards nothing of it is left, in this process or on the disk."""
    with Source(registry, store) as source:
        metadata = new_metadata(_columns(source))
        plugin = Plugin(source, metadata)
        datasette = Datasette(
            [],
            metadata=metadata,
            settings=SETTINGS,
            template_dir=str(HERE / "templates"),
            static_mounts=[("assets", str(HERE / "static"))],
        )
        datasette.add_database(_ReadOnly(datasette, source.path), name=REGISTRY)
        datasette.add_database(_ReadOnly(datasette, source.side), name=SWEEPS)
        pm.register(plugin, name="tmx")
        try:
            yield guarded(datasette.app())
        finally:
            pm.unregister(plugin)
            plugin.close()
            for database in datasette.databases.values():
                database.close()
            if datasette.executor:
                datasette.executor.shutdown()


def serve(
    registry: Registry, store: Path, port: int | None, started: Callable[[str], None], *, in_browser: bool = False
) -> None:
    """Show a registry until SIGINT or SIGTERM.

    Parameters
    ----------
    registry : Registry
        The registry, opened to be read.
    store : Path
        The store root on this machine.
    port : int, optional
        The port; 0 for any that is free. By default the usual one, or if that is in use any that is free.
    started : callable
        Called with the address once it answers.
    in_browser : bool
        Open the address in the browser as well.

    Raises
    ------
    ConfigError
        If the port is in use.
    """
    with _listening(port) as listener, browser_application(registry, store) as application:
        url = f"http://{HOST}:{listener.getsockname()[1]}/"

        def told() -> None:
            started(url)
            if in_browser:
                webbrowser.open(url)

        asyncio.run(_serve(application, listener, told))


class _ReadOnly(Database):  # type: ignore[misc]
    """A database that datasette cannot open for writing, wherever the file is: it would not quote the path."""

    def __init__(self, datasette: Datasette, path: Path) -> None:
        super().__init__(datasette, path=str(path))
        self._opened: list[sqlite3.Connection] = []

    def connect(self, write: bool = False) -> sqlite3.Connection:
        conn = sqlite3.connect(sqlite_uri(Path(self.path), "ro"), uri=True, check_same_thread=False)
        self._opened.append(conn)
        return conn

    def close(self) -> None:
        super().close()
        for conn in self._opened:
            conn.close()


class _Server(uvicorn.Server):
    """A server that leaves signals to us: uvicorn raises them once more when it has stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(application: Application, listener: socket.socket, told: Callable[[], None]) -> None:
    config = uvicorn.Config(
        application,
        ws="none",
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)

    def stop() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not (server.started or serving.done()):
        await asyncio.sleep(0.01)
    if server.started:
        await asyncio.to_thread(told)
    await serving


@contextlib.contextmanager
def _listening(port: int | None) -> Iterator[socket.socket]:
    wanted = USUAL_PORT if port is None else port
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, wanted))
        except OSError as error:
            if port is not None:
                raise ConfigError(f"port {port} cannot be used ({error.strerror}): --port 0 takes a free one") from None
            listener.bind((HOST, 0))
        yield listener


def _columns(source: Source) -> dict[str, list[str]]:
    """Return the columns of every table and view of the registry."""
    names = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'"
    with source.read() as conn:
        tables: list[Any] = list(execute(conn, names).scalars())
        return {
            name: [row.name for row in execute(conn, f"PRAGMA table_info({quoted(name)})").all()] for name in tables
        }
