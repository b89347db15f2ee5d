"""Putting rows right, beside workers that go on. The SQL is in `statements`.

Each repair is one transaction, guarded by what was found: it does nothing to what has changed since, and nothing to
what a worker holds.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from tmx.registry import statements
from tmx.registry.engine import Registry
from tmx.registry.queue import reap
from tmx.registry.sql import execute

RESULT_OF_UNDONE = """
DELETE FROM {table} WHERE run_id = :run_id AND (SELECT r.state FROM run r WHERE r.id = :run_id) <> 'done'
"""

RESTORE_NUMBERS = """
UPDATE {table} SET {columns}
WHERE run_id = :run_id
  AND EXISTS (SELECT 1 FROM artifact f WHERE f.id = :artifact_id AND f.run_id = :run_id AND f.deleted IS NULL)
"""

SHARE = """
INSERT INTO shared_run (sweep_id, run_id)
SELECT w.id, r.id FROM run r JOIN sweep w ON w.id IN (:sweep_id, r.sweep_id) WHERE r.id = :run_id
ON CONFLICT (sweep_id, run_id) DO NOTHING
"""

STOPPED = "SELECT 1 FROM worker WHERE id = :worker_id AND state = 'stopped'"


def compute_again(registry: Registry, run_id: int, artifact_id: int) -> str | None:
    """Put a run that is done, but without a whole result, back to be computed, and forget that result.

    What builds on it and is not done waits for it. What is done and whole needs it no more, and stays.

    Parameters
    ----------
    registry : Registry
        Where.
    run_id : int
        The run.
    artifact_id : int
        The row of the file that was found damaged, 0 for none: if another is recorded meanwhile, nothing is done.

    Returns
    -------
    str or None
        The run's new state (`pending`, `blocked`, or `cancelled` where no sample or only a cancelled sweep needs it);
        None if it is not as it was found, or is being computed from.
    """

    def work(conn: Connection, _again: bool) -> str | None:
        execute(conn, statements.HOLD_FAMILY, run_id=run_id).all()
        state: str | None = execute(conn, statements.COMPUTE_AGAIN, run_id=run_id, artifact_id=artifact_id).scalar()
        if state is not None:
            forget(conn, run_id)
            execute(conn, statements.BLOCK_DEPENDANTS, run_id=run_id)
        return state

    return registry.transact(work)


def forget_result(registry: Registry, run_id: int) -> None:
    """Forget the file and the numbers of a run that is not done."""

    def work(conn: Connection, _again: bool) -> None:
        execute(conn, statements.HOLD_FAMILY, run_id=run_id).all()
        forget(conn, run_id)

    registry.transact(work)


def restore_numbers(registry: Registry, run_id: int, artifact_id: int, stage: str, numbers: Mapping[str, Any]) -> bool:
    """Record the numbers of a run as its file has them; False if another file is recorded by now, or none."""
    columns = ", ".join(f"{name} = :{name}" for name in numbers)
    statement = RESTORE_NUMBERS.replace("{table}", f"{stage}_result").replace("{columns}", columns)

    def work(conn: Connection, _again: bool) -> bool:
        return execute(conn, statement, run_id=run_id, artifact_id=artifact_id, **numbers).rowcount == 1

    return registry.transact(work)


def unblock(registry: Registry, run_id: int) -> None:
    """Let a run that is blocked though its parent is done wait for a worker."""
    _change_held(registry, run_id, statements.UNBLOCK_REPAIRED)


def block(registry: Registry, run_id: int) -> None:
    """Let a run whose parent is not done wait for it."""
    _change_held(registry, run_id, statements.BLOCK_DEPENDANTS)


def free(registry: Registry, run_id: int, token: str) -> None:
    """Let a run wait again that is held under a lease which has run out and which nobody would take back."""
    registry.transact(lambda conn, _: execute(conn, statements.FREE_UNATTENDED, run_id=run_id, token=token).rowcount)


def release_from(registry: Registry, worker_id: int) -> None:
    """Take back what a worker holds that has stopped."""
    with registry.read() as conn:
        stopped = execute(conn, STOPPED, worker_id=worker_id).scalar() is not None
    if stopped:
        reap(registry, [worker_id])


def close_attempt(registry: Registry, attempt_id: int) -> None:
    """End an attempt that no worker makes any more."""
    registry.transact(lambda conn, _: execute(conn, statements.CLOSE_LEFT_OPEN, attempt_id=attempt_id).rowcount)


def share(registry: Registry, run_id: int, sweep_id: int) -> None:
    """Record that a sweep needs a run of another."""
    registry.transact(lambda conn, _: execute(conn, SHARE, run_id=run_id, sweep_id=sweep_id).rowcount)


def _change_held(registry: Registry, run_id: int, statement: str) -> None:
    def work(conn: Connection, _again: bool) -> None:
        execute(conn, statements.HOLD_FAMILY, run_id=run_id).all()
        execute(conn, statement, run_id=run_id)

    registry.transact(work)


def forget(conn: Connection, run_id: int) -> None:
    """Forget the files and numbers of a run that is held and not done; the rows of its files are kept, as deleted."""
    execute(conn, statements.FORGET_FILES, run_id=run_id)
    for table in ("thermal_result", "radiance_result"):
        execute(conn, RESULT_OF_UNDONE.replace("{table}", table), run_id=run_id)
