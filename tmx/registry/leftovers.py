"""What no row refers to, and what may be given up, in transactions that no worker can disturb."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from tmx.registry import statements
from tmx.registry.engine import Registry
from tmx.registry.repairs import forget
from tmx.registry.sql import execute
from tmx.registry.submission import one_submission_at_a_time

OUTPUT_DIRS = "SELECT id AS sweep_id, name, output_dir FROM sweep ORDER BY id"

SUPERSEDED = """
SELECT r.id AS run_id, r.sweep_id, r.stage, r.key, f.path, f.sha256, f.bytes
FROM run r
JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage AND f.deleted IS NULL
WHERE r.state = 'done'
  AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.thermal_run_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.radiance_run_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM run c WHERE c.parent_id = r.id AND c.state IN ('pending', 'running'))
ORDER BY r.id
"""

SHARES = "SELECT 1 FROM shared_run h JOIN run r ON r.id = h.run_id WHERE h.sweep_id = :sweep_id AND r.key = :key"

HELD_UNDER = "SELECT MAX(CASE WHEN outcome IS NULL THEN 1 ELSE 0 END) FROM attempt WHERE token = :token"

IDLE_WORKERS = """
FROM worker WHERE state = 'stopped' AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.worker_id = worker.id)
  AND NOT EXISTS (SELECT 1 FROM run r WHERE r.worker_id = worker.id)
"""

DATASETS = "SELECT id AS dataset_id, name, path, sha256 FROM dataset ORDER BY id"

FORGET_MEMBERS = """
DELETE FROM dataset_sample
WHERE dataset_id IN (SELECT id FROM dataset WHERE id = :dataset_id AND sha256 = :sha256)
"""


def output_directories(conn: Connection) -> list[dict[str, Any]]:
    """Return each sweep with the directory that its files are in."""
    return [dict(row) for row in execute(conn, OUTPUT_DIRS).mappings().all()]


def alive_workers(conn: Connection) -> list[str]:
    """Return the names of the workers that are at work, as far as is known."""
    return list(execute(conn, "SELECT name FROM worker WHERE state = 'alive' ORDER BY id").scalars())


def is_recorded(conn: Connection, path: str) -> bool:
    """Say whether a row refers to a file."""
    found = execute(conn, "SELECT 1 FROM artifact WHERE path = :path AND deleted IS NULL", path=path)
    return found.scalar() is not None


def is_shared(conn: Connection, sweep_id: int, key: str) -> bool:
    """Say whether a sweep needs a run of another, so that a file in its directory is a copy that it wants."""
    return execute(conn, SHARES, sweep_id=sweep_id, key=key).scalar() is not None


def state_of_key(conn: Connection, key: str) -> str | None:
    """Return the state of the run of a key; None if there is no such run."""
    state: str | None = execute(conn, "SELECT state FROM run WHERE key = :key", key=key).scalar()
    return state


def is_held(conn: Connection, token: str) -> bool | None:
    """Say whether a worker holds any run under a token; None if it is not of this registry."""
    held = execute(conn, HELD_UNDER, token=token).scalar()
    return None if held is None else bool(held)


def superseded_runs(conn: Connection) -> list[dict[str, Any]]:
    """Return the runs that are done, that no sample refers to, and from which nothing is to be computed."""
    return [dict(row) for row in execute(conn, SUPERSEDED).mappings().all()]


def recorded_datasets(conn: Connection) -> list[dict[str, Any]]:
    """Return the datasets with their paths."""
    return [dict(row) for row in execute(conn, DATASETS).mappings().all()]


def count_idle_workers(conn: Connection) -> int:
    """Count the workers that have stopped without having tried anything."""
    return int(execute(conn, f"SELECT COUNT(*) {IDLE_WORKERS}").scalar_one())


def retire(registry: Registry, run_id: int) -> bool:
    """Give up the result of a run that no sample refers to; False if one does by now. Its attempts are kept."""

    def work(conn: Connection, again: bool) -> bool:
        one_submission_at_a_time(conn)
        execute(conn, statements.HOLD_FAMILY, run_id=run_id).all()
        if execute(conn, statements.RETIRE, run_id=run_id).scalar() is None:
            return again and execute(conn, "SELECT state FROM run WHERE id = :id", id=run_id).scalar() == "cancelled"
        forget(conn, run_id)
        return True

    return registry.transact(work)


def remove_orphan(registry: Registry, key: str, path: str, sweep_id: int, remove: Callable[[], None]) -> bool:
    """Remove a file to which no row refers, while nobody can make one refer to it, nor a power cut bring one back.

    Parameters
    ----------
    registry : Registry
        Where.
    key : str
        The key of the run that the file is of.
    path : str
        The file, relative to the store.
    sweep_id : int
        The sweep in whose directory it is.
    remove : callable
        Removes the file if it is there, and nothing slow.

    Returns
    -------
    bool
        Whether it was removed; not if a row refers to it by now, or its run is to be computed.
    """

    def work(conn: Connection, _again: bool) -> bool:
        one_submission_at_a_time(conn)
        run = execute(conn, statements.HOLD_BY_KEY, key=key).first()
        waits = run is not None and run.state in {"blocked", "pending", "running"}
        if waits or is_recorded(conn, path) or is_shared(conn, sweep_id, key):
            return False
        registry.settle()
        remove()
        return True

    return registry.transact(work)


def forget_dataset(registry: Registry, dataset_id: int, sha256: str) -> None:
    """Delete the row of a dataset whose file is gone, unless it was built again meanwhile."""

    def work(conn: Connection, _again: bool) -> None:
        execute(conn, FORGET_MEMBERS, dataset_id=dataset_id, sha256=sha256)
        execute(conn, "DELETE FROM dataset WHERE id = :id AND sha256 = :sha256", id=dataset_id, sha256=sha256)

    registry.transact(work)


def forget_idle_workers(registry: Registry) -> None:
    """Delete the rows of workers that have stopped without having tried anything."""
    registry.transact(lambda conn, _: execute(conn, f"DELETE {IDLE_WORKERS}").rowcount)
