"""How a run leaves its worker, whoever says so: its state, its counts and the end of its attempt, all at once."""

import random
from dataclasses import replace

from sqlalchemy.engine import Connection

from tmx.registry import statements
from tmx.registry.claims import Failure
from tmx.registry.sql import execute

MAX_LOSSES = 3
FIRST_DELAY_S = 5.0
"""How long the first retry waits, roughly; each further one waits three times as long."""


def leave(
    conn: Connection, run_id: int, token: str, state: str, *,
    attempts: int = 0, losses: int = 0, delay_s: float | None = None,
) -> str | None:  # fmt: skip
    """Take a run from its holder and return its new state; None if the token no longer holds it."""
    counts = {"attempts": attempts, "losses": losses, "delay_s": delay_s}
    new: str | None = execute(conn, statements.LEAVE, run_id=run_id, token=token, state=state, **counts).scalar()
    return new


def close(conn: Connection, run_id: int, token: str, outcome: str, failure: Failure | None = None) -> None:
    """End the attempt of a run that has left its worker."""
    error: dict[str, str | None] = {"error_type": None, "message": None, "traceback": None}
    if failure:
        error = {"error_type": failure.error_type, "message": failure.message, "traceback": failure.traceback}
        error = {name: _storable(text) for name, text in error.items()}
    execute(conn, statements.CLOSE_ATTEMPT, run_id=run_id, token=token, outcome=outcome, **error)


def count_loss(
    conn: Connection, run_id: int, token: str, losses: int, failure: Failure, delay_s: float | None = None
) -> str | None:
    """Count a loss, the run's `losses`-th, and return its new state; None if the token no longer holds it."""
    last = losses >= MAX_LOSSES
    new = "failed" if last else "pending"
    state = leave(conn, run_id, token, new, losses=1, delay_s=None if last else delay_s)
    if state is not None:
        spent = f"; that was so {losses} times, so the run is taken to be the cause" if last else ""
        close(conn, run_id, token, "lost", replace(failure, message=failure.message + spent))
    return state


def take_back(conn: Connection, run_id: int, token: str, losses: int, *, begun: bool) -> bool:
    """Return one run from a worker that vanished, and say whether it was still there to be returned."""
    if begun:
        silence = Failure("WorkerLost", "the worker died or fell silent while it computed this run")
        return count_loss(conn, run_id, token, losses + 1, silence) is not None
    if leave(conn, run_id, token, "pending") is None:
        return False
    close(conn, run_id, token, "released")
    return True


def delay_s(times: int) -> float:
    """Return how long a run waits that has failed so many times: longer each time, and jittered."""
    return FIRST_DELAY_S * 3.0 ** (times - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (jitter)


def _storable(text: str | None) -> str | None:
    """Replace what no database takes in a text: half characters, and on PostgreSQL zero bytes."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode() if text else text
