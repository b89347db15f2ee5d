"""What the browser shows: a registry as an SQLite file that can only be read, its store, and the tables beside it."""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import Connection

from tmx.browse.finding import RegistryResults
from tmx.browse.mirror import Mirror
from tmx.browse.place import own_directory
from tmx.browse.wide import WideTable, WideTables
from tmx.errors import TmxError
from tmx.registry.address import Address
from tmx.registry.connections import sqlite_uri
from tmx.registry.engine import Registry

LOOK_EVERY_S = 1.0

LARGEST_SHARE = 0.1
"""Part of the time that may be spent on following the registry."""

log = logging.getLogger(__name__)


class HasFiles(Protocol):
    """A registry that can be read, and the store of its files."""

    @property
    def store(self) -> Path:
        """The store root on this machine."""

    def read(self) -> AbstractContextManager[Connection]:
        """Open a transaction on the registry."""


class HasTables(Protocol):
    """Wide tables of sweeps."""

    @property
    def tables(self) -> dict[int, WideTable]:
        """The tables that are there, by the ids of their sweeps."""

    def read_tables(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open them."""


@dataclass(frozen=True)
class Files(RegistryResults):
    """A registry as it is, on either database, for what needs neither a mirror nor wide tables."""

    registry: Registry
    store: Path

    def read(self) -> AbstractContextManager[Connection]:
        """Open a transaction on the registry."""
        return self.registry.read()


class Source(RegistryResults):
    """A registry that is followed for as long as the block lasts.

    Parameters
    ----------
    registry : Registry
        The registry, on either database.
    store : Path
        The store root on this machine.

    Attributes
    ----------
    path : Path
        The SQLite file that is read: the registry itself, or its mirror.
    side : Path
        The SQLite file with the wide tables.
    """

    def __init__(self, registry: Registry, store: Path) -> None:
        self.store = store
        self.shown = registry.address.shown
        self._original = registry
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="tmx-browse-follow", daemon=True)

    def __enter__(self) -> "Source":
        self._directory = own_directory()
        place = self._directory.__enter__()
        self.side = place / "sweeps.db"
        self._mirror: Mirror | None = None
        self.path = self._original.address.path or place / "registry.db"
        if self._original.address.path is None:
            self._mirror = Mirror(self._original, self.path)
            self._mirror.refresh()
        self.registry = Registry(Address.parse(self.path), read_only=True)
        self._wide = WideTables(self.path, self.side)
        self._refreshed = time.time()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._wide.close()
        if self._mirror:
            self._mirror.close()
        self.registry.close()
        self._directory.__exit__(None, None, None)

    @property
    def mirrored_at(self) -> float | None:
        """When the mirror last was as the server [s since 1970]; None without a mirror, which needs none."""
        return self._refreshed if self._mirror else None

    @property
    def tables(self) -> dict[int, WideTable]:
        """The wide tables that are there, by the ids of their sweeps."""
        return dict(self._wide.tables)

    @property
    def disk(self) -> dict[int, int]:
        """How many bytes the files of each sweep have, those that it owns."""
        return self._wide.disk

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction on the registry."""
        with self.registry.read() as conn:
            yield conn

    @contextmanager
    def read_tables(self) -> Iterator[sqlite3.Connection]:
        """Open the wide tables."""
        conn = sqlite3.connect(sqlite_uri(self.side, "ro"), uri=True)
        conn.row_factory = sqlite3.Row
        try:
            yield conn
        finally:
            conn.close()

    def _follow(self) -> None:
        """Refresh now and then, the more rarely the longer it takes; a registry that is away is waited for."""
        pause = 0.0
        while not self._stopped.wait(pause):
            before = time.monotonic()
            try:
                self._refresh()
            except (TmxError, sqlite3.Error) as error:
                log.warning("the registry cannot be followed, trying again: %s", error)
            taken = time.monotonic() - before
            pause = max(LOOK_EVERY_S, taken * (1.0 / LARGEST_SHARE - 1.0))

    def _refresh(self) -> None:
        """Bring mirror and tables up to date."""
        if self._mirror:
            self._mirror.refresh()
            self._refreshed = time.time()
        self._wide.refresh()
