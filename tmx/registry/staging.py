"""A temporary table through which a submission's samples go, chunk by chunk, so that the rest is done by whole sets."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.engine import Connection

from tmx.registry.sql import SQLITE, execute

CACHE_KIB = 262_144
"""SQLite's page cache while it takes in a sweep."""

CREATE_STAGED = """
CREATE TEMPORARY TABLE staged_sample (
    sample_index INTEGER NOT NULL, params TEXT NOT NULL, thermal_key TEXT NOT NULL, radiance_key TEXT
)
"""

STAGE_ON_SQLITE = """
INSERT INTO staged_sample
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
       json_extract(value, '$[2]'), json_extract(value, '$[3]')
FROM json_each(:rows)
"""

STAGE_ON_POSTGRESQL = """
INSERT INTO staged_sample
SELECT CAST(value ->> 0 AS INTEGER), value ->> 1, value ->> 2, value ->> 3
FROM json_array_elements(CAST(:rows AS json))
"""


@contextmanager
def staging(conn: Connection) -> Iterator[None]:
    """Provide the temporary table of a chunk; a transaction that fails takes it along."""
    with _large_cache(conn) if conn.dialect.name == SQLITE else _index_lookups(conn):
        execute(conn, CREATE_STAGED)
        yield
        execute(conn, "DROP TABLE staged_sample")


@contextmanager
def _large_cache(conn: Connection) -> Iterator[None]:
    """Keep SQLite's pages in memory: keys come in no order, and with a small cache each writes a page to the log."""
    before = execute(conn, "PRAGMA cache_size").scalar()
    execute(conn, f"PRAGMA cache_size = -{CACHE_KIB}")
    try:
        yield
    finally:
        execute(conn, f"PRAGMA cache_size = {before}")


@contextmanager
def _index_lookups(conn: Connection) -> Iterator[None]:
    """Keep PostgreSQL from reading the whole table of runs for each chunk of keys that it looks up."""
    for join in ("hashjoin", "mergejoin"):
        execute(conn, f"SET LOCAL enable_{join} = off")
    yield
    for join in ("hashjoin", "mergejoin"):
        execute(conn, f"SET LOCAL enable_{join} = on")


def stage(conn: Connection, chunk: Sequence[tuple[object, ...]]) -> None:
    """Replace what is in the temporary table by a chunk of samples."""
    on_sqlite = conn.dialect.name == SQLITE
    execute(conn, "DELETE FROM staged_sample" if on_sqlite else "TRUNCATE staged_sample")
    execute(conn, STAGE_ON_SQLITE if on_sqlite else STAGE_ON_POSTGRESQL, rows=json.dumps(chunk))
