"""What a user may do to a sweep that is submitted: pause, resume, cancel, retry, and move it up or down.

A sweep that is paused or cancelled gives nothing to claim from that moment on. What it shares with another, active
sweep becomes that one's, so that it holds up nobody. Runs that are being computed are left alone by a pause; of a
cancelled sweep, their workers learn with the next heartbeat.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from tmx.errors import NotFoundError
from tmx.registry import statements
from tmx.registry.engine import Registry
from tmx.registry.sql import POSTGRESQL, execute

CHUNK = 5000
"""Rows changed in one transaction: few enough that no worker waits for long."""

SET_STATE = "UPDATE sweep SET state = :state WHERE id = :sweep_id"


def sweep_id_of(conn: Connection, name: str) -> int:
    """Return the id of a sweep by its name.

    Raises
    ------
    NotFoundError
        If there is none; the message says which there are.
    """
    found: int | None = execute(conn, "SELECT id FROM sweep WHERE name = :name", name=name).scalar()
    if found is None:
        last = execute(conn, "SELECT name FROM sweep ORDER BY id DESC LIMIT 5").scalars().all()
        raise NotFoundError(f"there is no sweep {name!r}; the last ones: {', '.join(last) or 'none yet'}")
    return found


def output_dir_of(conn: Connection, name: str) -> str:
    """Return the output directory of a sweep as it was registered.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    """
    return output_dir_of_id(conn, sweep_id_of(conn, name))


def output_dir_of_id(conn: Connection, sweep_id: int) -> str:
    """Return the output directory of a sweep by its id."""
    return str(execute(conn, "SELECT output_dir FROM sweep WHERE id = :sweep_id", sweep_id=sweep_id).scalar_one())


def pause(registry: Registry, sweep_id: int) -> None:
    """Let nothing more of a sweep be claimed until `resume`."""
    registry.transact(lambda conn, _: _withdraw(conn, sweep_id, "paused"))


def resume(registry: Registry, sweep_id: int) -> None:
    """Make a paused or cancelled sweep active again; its cancelled runs wait once more."""
    registry.transact(lambda conn, _: activate(conn, sweep_id, _newest_run(conn)))


def cancel(registry: Registry, sweep_id: int) -> int:
    """Cancel a sweep at once and then its waiting runs, a few thousand at a time; return how many runs that were."""
    registry.transact(lambda conn, _: _withdraw(conn, sweep_id, "cancelled"))
    total = 0
    while cancelled := registry.transact(lambda conn, _: _cancel_some(conn, sweep_id)):
        total += cancelled
    return total


def retry(
    registry: Registry, sweep_id: int | None = None, *, stage: str | None = None, error: str | None = None
) -> int:
    """Make failed runs pending again, with their attempts and losses forgotten (the attempts' rows are kept).

    What waited for them, blocked, waits on and follows when they are done. A cancelled sweep has to be resumed first.

    Parameters
    ----------
    registry : Registry
        Where.
    sweep_id : int, optional
        Only runs that this sweep needs.
    stage : str, optional
        Only this stage.
    error : str, optional
        Only runs whose last error (`type: message`) holds this text, whatever the case of its letters.

    Returns
    -------
    int
        How many runs are pending again.
    """
    pattern = f"%{_escaped(error)}%" if error else None
    values = {"sweep_id": sweep_id, "stage": stage, "pattern": pattern, "limit": CHUNK}
    total, ids = 0, [0]
    while ids := registry.transact(partial(_retry_some, values={**values, "after": max(ids)})):
        total += len(ids)
    return total


def set_priority(registry: Registry, sweep_id: int, priority: int) -> None:
    """Say when a sweep's turn is: those with smaller numbers are claimed first, of equals the older one."""
    statement = "UPDATE sweep SET priority = :priority WHERE id = :sweep_id"
    registry.transact(lambda conn, _: execute(conn, statement, priority=priority, sweep_id=sweep_id).rowcount)


def activate(conn: Connection, sweep_id: int, newest: int) -> None:
    """Make a sweep active, and see to it that whatever it needs and nobody computes waits to be claimed.

    For `newest` see `unblock_ready`.
    """
    execute(conn, SET_STATE, sweep_id=sweep_id, state="active")
    execute(conn, statements.ADOPT, sweep_id=sweep_id)
    execute(conn, statements.REVIVE, sweep_id=sweep_id)
    unblock_ready(conn, sweep_id, newest)


def unblock_ready(conn: Connection, sweep_id: int, newest: int) -> None:
    """Unblock those of a sweep's runs whose parents were recorded while this transaction made them blocked.

    Parameters
    ----------
    conn : Connection
        In the transaction that made them so.
    sweep_id : int
        The sweep.
    newest : int
        The largest id of a run that other transactions can see.
    """
    if conn.dialect.name == POSTGRESQL:  # on SQLite nobody records anything while this transaction writes
        execute(conn, statements.HOLD_PARENTS, sweep_id=sweep_id, newest=newest)
        execute(conn, statements.UNBLOCK_READY, sweep_id=sweep_id)


def _newest_run(conn: Connection) -> int:
    return int(execute(conn, "SELECT COALESCE(MAX(id), 0) FROM run").scalar_one())


def _withdraw(conn: Connection, sweep_id: int, state: str) -> None:
    execute(conn, SET_STATE, sweep_id=sweep_id, state=state)
    execute(conn, statements.LEAVE_TO_OTHERS, sweep_id=sweep_id)


def _cancel_some(conn: Connection, sweep_id: int) -> int:
    return len(execute(conn, statements.CANCEL_SOME, sweep_id=sweep_id, limit=CHUNK).all())


def _retry_some(conn: Connection, _again: bool, values: Mapping[str, Any]) -> list[int]:
    return list(execute(conn, statements.RETRY_SOME, **values).scalars())


def _escaped(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return text
