"""What runs have cost, in time and on the disk, and which are paid for already."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection

from tmx.registry.sql import execute

KEYS_AT_A_TIME = 500
"""SQLite takes no more than 999 values in one statement, in its older versions."""

COSTS = """
SELECT r.stage, c.resolved AS config, r.params, a.duration AS seconds, f.bytes
FROM (SELECT id, run_id, duration FROM attempt WHERE outcome = 'done' ORDER BY id DESC LIMIT :limit) a
JOIN run r ON r.id = a.run_id
JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage AND f.deleted IS NULL
JOIN sweep w ON w.id = r.sweep_id
JOIN config c ON c.id = w.config_id
ORDER BY a.id DESC
"""

COMPUTED = text("SELECT key FROM run WHERE state = 'done' AND key IN :keys").bindparams(
    bindparam("keys", expanding=True)
)


@dataclass(frozen=True, slots=True)
class PastRun:
    """A finished run: its stage, the JSON of its sweep's config and of its own parameters, its time [s], its bytes."""

    stage: str
    config: str
    params: str
    seconds: float
    bytes: int


def past_runs(conn: Connection, most: int) -> list[PastRun]:
    """Return the runs that were finished last."""
    return [PastRun(**row) for row in execute(conn, COSTS, limit=most).mappings()]


def computed_keys(conn: Connection, keys: Iterable[str]) -> set[str]:
    """Return those of some keys whose runs are done."""
    done: set[str] = set()
    left = iter(keys)
    while chunk := list(islice(left, KEYS_AT_A_TIME)):
        done.update(conn.execute(COMPUTED, {"keys": chunk}).scalars())
    return done
