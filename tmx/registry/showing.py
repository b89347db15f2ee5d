"""What is known of one run, sample, file or worker, by whatever names it."""

import re
from typing import Any

from sqlalchemy.engine import Connection

from tmx.errors import ConfigError, NotFoundError
from tmx.registry.sql import execute

SHORTEST_PREFIX = 4

LISTS = {
    "artifact": "select id, path from artifact",
    "run": "select run_id, stage, sweep, state from runs",
    "worker": "select id, name, state from worker",
}
"""Queries that name what there is."""

ATTEMPTS = """
SELECT a.*, k.name AS worker, k.host FROM attempt a JOIN worker k ON k.id = a.worker_id
WHERE a.run_id = :run_id ORDER BY a.number
"""

ENDS_OF_WORKER = """
SELECT COALESCE(outcome, 'open') AS outcome, COUNT(*) AS attempts FROM attempt
WHERE worker_id = :worker_id GROUP BY outcome ORDER BY outcome
"""


def show_run(conn: Connection, reference: str) -> dict[str, Any]:
    """Return all that is known of a run, by its id or the beginning of its key, with its attempts as a list.

    Raises
    ------
    NotFoundError
        If there is none.
    ConfigError
        If several keys begin so.
    """
    return _run_of_id(conn, find_run(conn, reference))


def show_sample(conn: Connection, reference: str) -> dict[str, Any]:
    """Return all that is known of a sample, by its id or as `sweep/index`.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    sweep, _, index = reference.rpartition("/")
    if not _is_id(index):
        raise NotFoundError(f"{reference!r} names no sample: give its id, or its sweep and index as sweep/12")
    if sweep:
        where, values = "sweep = :sweep AND sample_index = :number", {"sweep": sweep, "number": int(index)}
    else:
        where, values = "sample_id = :number", {"number": int(index)}
    row = execute(conn, f"SELECT * FROM samples WHERE {where}", **values).mappings().first()  # noqa: S608 (two texts)
    if row is None:
        raise NotFoundError(
            f"there is no sample {reference}: `tmx status` lists the sweeps with their numbers of samples"
        )
    return dict(row)


def show_artifact(conn: Connection, reference: str) -> dict[str, Any]:
    """Return a file's row and its run, by its id, its path or the beginning of its SHA-256.

    Raises
    ------
    NotFoundError
        If there is none.
    ConfigError
        If several begin so.
    """
    by_path = "SELECT id FROM artifact WHERE path = :path AND deleted IS NULL"
    found = execute(conn, by_path, path=reference).scalar() or _find(conn, "artifact", "sha256", "artifact", reference)
    row = execute(conn, "SELECT * FROM artifact WHERE id = :id", id=found).mappings().one()
    return {**row, "run": _run_of_id(conn, row["run_id"])}


def show_worker(conn: Connection, worker_id: int) -> dict[str, Any]:
    """Return what is known of a worker, and how its attempts ended.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    row = execute(conn, "SELECT * FROM worker WHERE id = :id", id=worker_id).mappings().first()
    if row is None:
        raise NotFoundError(f"there is no worker {worker_id}; {_listed('worker')}")
    ends = execute(conn, ENDS_OF_WORKER, worker_id=worker_id).all()
    return {**row, "attempts": {end.outcome: end.attempts for end in ends}}


def find_run(conn: Connection, reference: str) -> int:
    """Return a run's id from its id or the beginning of its key; a number that is an id is taken as one."""
    return _find(conn, "run", "key", "run", reference)


def _run_of_id(conn: Connection, run_id: int) -> dict[str, Any]:
    row = execute(conn, "SELECT * FROM runs WHERE run_id = :run_id", run_id=run_id).mappings().one()
    attempts = execute(conn, ATTEMPTS, run_id=run_id).mappings()
    return {**row, "history": [dict(attempt) for attempt in attempts.all()]}


def _find(conn: Connection, table: str, column: str, noun: str, reference: str) -> int:
    """Return the id of a row that is named by its id or by the beginning of a hexadecimal column."""
    if _is_id(reference):
        by_id = execute(conn, f"SELECT id FROM {table} WHERE id = :id", id=int(reference)).scalar()  # noqa: S608 (our names)
        if by_id is not None:
            return int(by_id)
    prefix, hint = reference.lower(), _listed(noun)
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST_PREFIX},64}}", prefix):
        raise NotFoundError(
            f"{reference!r} names no {noun}: give an id, or {SHORTEST_PREFIX} digits or more of a {column}; {hint}"
        )
    by_prefix = (
        f"SELECT id, {column} AS name FROM {table}"  # noqa: S608 (our names)
        f" WHERE {column} >= :prefix AND {column} < :beyond ORDER BY {column} LIMIT 4"
    )
    rows = execute(conn, by_prefix, prefix=prefix, beyond=f"{prefix}g").all()
    if not rows:
        raise NotFoundError(f"there is no {noun} {reference}; {hint}")
    if len(rows) > 1:
        shown = ", ".join(row.name[: len(prefix) + 4] for row in rows[:3]) + (", …" if len(rows) > 3 else "")
        raise ConfigError(f"{reference} may be any of {shown}: give more digits")
    return int(rows[0].id)


def _listed(noun: str) -> str:
    """Say which command names what there is."""
    return f'`tmx sql "{LISTS[noun]}"` lists what there is'


def _is_id(text: str) -> bool:
    return re.fullmatch(r"0|[1-9]\d{0,8}", text, re.ASCII) is not None
