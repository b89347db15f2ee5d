"""Who computes: environments (sets of versions) and worker processes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from tmx.registry import statements
from tmx.registry.engine import Registry
from tmx.registry.sql import execute

INSERT_ENVIRONMENT = """
INSERT INTO environment (sha256, details, created) VALUES (:sha256, :details, {now})
ON CONFLICT (sha256) DO NOTHING
"""

INSERT_WORKER = """
INSERT INTO worker (name, host, pid, backend, environment_id, started, heartbeat, state)
VALUES (:name, :host, :pid, :backend, :environment_id, {now}, {now}, 'alive')
ON CONFLICT (name) DO UPDATE SET heartbeat = {now}
RETURNING id
"""

WORKERS_OF = """
SELECT k.name FROM attempt a JOIN worker k ON k.id = a.worker_id WHERE a.run_id = :run_id ORDER BY a.number
"""


@dataclass(frozen=True, slots=True)
class Process:
    """A worker process: a name that no other ever has, its host, process id and the backend that runs it."""

    name: str
    host: str
    pid: int
    backend: str


def register_environment(conn: Connection, details: Mapping[str, Any]) -> int:
    """Return the id of a set of versions, which has one row however often it is met."""
    text = json.dumps(details, sort_keys=True, separators=(",", ":"))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    execute(conn, INSERT_ENVIRONMENT, sha256=sha256, details=text)
    return int(execute(conn, "SELECT id FROM environment WHERE sha256 = :sha256", sha256=sha256).scalar_one())


def register_worker(registry: Registry, process: Process, environment: Mapping[str, Any]) -> int:
    """Register a worker process and return its id, by which it claims."""

    def work(conn: Connection, _again: bool) -> int:
        environment_id = register_environment(conn, environment)
        values = {"name": process.name, "host": process.host, "pid": process.pid, "backend": process.backend}
        return int(execute(conn, INSERT_WORKER, environment_id=environment_id, **values).scalar_one())

    return registry.transact(work)


def stop_worker(registry: Registry, worker_id: int) -> None:
    """Record that a worker has stopped by itself; what it held it must have released."""
    statement = "UPDATE worker SET state = 'stopped', heartbeat = {now} WHERE id = :worker_id"
    registry.transact(lambda conn, _: execute(conn, statement, worker_id=worker_id).rowcount)


def request_stop(registry: Registry, worker_ids: Sequence[int]) -> None:
    """Ask workers to stop; they hear it with their next heartbeat."""

    def work(conn: Connection, _again: bool) -> None:
        for worker_id in sorted(worker_ids):
            execute(conn, "UPDATE worker SET stop_requested = true WHERE id = :worker_id", worker_id=worker_id)

    registry.transact(work)


def alive_in_crew(conn: Connection, crew: str) -> dict[int, int]:
    """Return the workers that were started together, as their names begin (`<crew>/…`): ids with their process ids."""
    statement = "SELECT id, pid FROM worker WHERE state = 'alive' AND substr(name, 1, :length) = :crew ORDER BY id"
    rows = execute(conn, statement, crew=f"{crew}/", length=len(crew) + 1)
    return {row.id: row.pid for row in rows.all()}


def workers_of(conn: Connection, run_id: int) -> list[str]:
    """Return the names of the workers that tried a run, one for each attempt."""
    return list(execute(conn, WORKERS_OF, run_id=run_id).scalars())


def unfinished_on(conn: Connection, host: str) -> dict[int, tuple[int, str]]:
    """Return the workers of a host that did not say they stopped or still hold runs: ids, with process ids and names.

    Those whose process is gone can be reaped at once. A worker may stop and hold runs if it could not hand them back.
    """
    rows = execute(conn, statements.UNFINISHED_ON, host=host)
    return {row.id: (row.pid, row.name) for row in rows.all()}
