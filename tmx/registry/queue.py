"""What a worker does: claim runs, keep them, and record how they ended. The SQL is in `statements`.

The promises, on both databases and however many workers race:

- A run is held by one worker at a time. Its *lease* says until when, by the database's clock; its *token*, made by the
  worker before it claims, is what every later call must show.
- A result is recorded by the holder of a live lease, in one transaction with the attempt, the file and the runs that
  waited for it; or not at all, and the worker hears `LeaseLostError`.
- Every call here may be repeated by `Registry.transact` when the database was away: what had been committed after all
  is found by its token.
- An attempt counts from its start. A run that a killed worker held but never began goes back as if nothing had been.
  One that it had begun is a *loss*, counted apart from attempts that ended by themselves: three losses, and the run is
  taken to kill its workers. So is one whose computing process died while its worker lives on to tell (`lose`).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy.engine import Connection

from tmx.errors import LeaseLostError, RegistryError
from tmx.registry import statements
from tmx.registry.claims import LEASE_S, Ask, Claim, Failure, File, Heartbeat, Result, new_token
from tmx.registry.endings import close, count_loss, delay_s, leave, take_back
from tmx.registry.engine import Registry
from tmx.registry.sql import execute, execute_many

__all__ = [
    "LEASE_S", "Ask", "Claim", "Failure", "File", "Heartbeat", "Result",
    "claim", "fail", "finish", "heartbeat", "held", "lose", "new_token", "plain", "reap", "release", "start",
    "was_recorded",
]  # fmt: skip

MAX_ATTEMPTS = 3
WORKER_SILENCE_S = 2 * LEASE_S
REAP_AT_ONCE = 20

INSERT_ARTIFACT = """
INSERT INTO artifact (run_id, kind, path, sha256, bytes, created)
VALUES (:run_id, :kind, :path, :sha256, :bytes, {now})
"""


def claim(registry: Registry, ask: Ask) -> list[Claim]:
    """Claim up to `ask.limit` pending runs of active sweeps.

    Nobody else holds a run returned here, or will before its lease ends. Runs whose retry is not yet due are passed
    over. A repeated call with the same token returns what the first one claimed.
    """

    def work(conn: Connection, again: bool) -> list[Claim]:
        return (held(conn, ask) if again else []) or _claim(conn, ask)

    return registry.transact(work)


def held(conn: Connection, ask: Ask) -> list[Claim]:
    """Return the runs that a token holds, in the order of the claim."""
    rows = execute(conn, statements.HELD, worker_id=ask.worker_id, token=ask.token).mappings()
    return [Claim(**row) for row in rows.all()]


def start(registry: Registry, claim: Claim) -> bool:
    """Say that the computation begins now; False if the lease is lost, and the run not to be computed."""
    return registry.transact(lambda conn, _: _start(conn, claim.run_id, claim.token))


def heartbeat(registry: Registry, worker_id: int, lease_s: float = LEASE_S) -> Heartbeat:
    """Renew all of a worker's leases in one statement, and learn what became of its runs.

    A run that is missing from the answer was given to somebody else: its result would be refused. One of a sweep that
    was cancelled meanwhile is better given back, by `release`; finishing it all the same is allowed.
    """

    def work(conn: Connection, _again: bool) -> Heartbeat:
        rows = execute(conn, statements.HEARTBEAT, worker_id=worker_id, lease_s=lease_s).all()
        stop = execute(conn, statements.WORKER_SEEN, worker_id=worker_id).scalar()
        if stop is None:
            raise RegistryError(f"worker {worker_id} is not registered")
        cancelled = [row for row in rows if row.sweep_state == "cancelled"]
        return Heartbeat(_names(rows), _names(cancelled), bool(stop))

    return registry.transact(work)


def finish(
    registry: Registry,
    claim: Claim,
    result: Result,
    publish: Callable[[], None],
    then: Claim | Ask | None = None,
) -> list[Claim]:
    """Record a result, and begin with the next run in the same transaction.

    Parameters
    ----------
    registry : Registry
        Where.
    claim : Claim
        The run that is finished.
    result : Result
        Its files, whole and flushed to the disk under temporary names, and its numbers.
    publish : callable
        Moves the files to their names (`os.replace`) for good, the directory flushed, and nothing slow: SQLite's one
        writer waits for it. It is called once at most, and only under a live lease.
    then : Claim or Ask, optional
        A run already held that is begun now, or what to claim; small runs would otherwise cost two transactions each.

    Returns
    -------
    list of Claim
        What was asked for by `then`: the run that was begun (nothing if its lease was lost), or the runs claimed.

    Raises
    ------
    LeaseLostError
        If the lease was lost or has run out. Nothing was recorded and `publish` was not called.

    Notes
    -----
    The order is: the guarded UPDATE, which keeps the run from everybody else; `publish`; the rows; the commit. A crash

    - before `publish` leaves a temporary file, which `tmx gc` removes, and a lease that runs out: the run is computed
      again;
    - between `publish` and the commit leaves a whole file to which no row points. The run is computed again, and its
      file takes the place of that one;
    - during the commit leaves one of the two;
    - after the commit loses nothing. A power cut may undo the last commits on SQLite, which does not flush each one:
      then it is as if it had come between `publish` and the commit.

    So no row ever points at a file that is not there. One window remains, on PostgreSQL: if the server ends the session
    in the microseconds between the UPDATE and `publish`, and the worker is then suspended for so long that another one
    records the same run, the file has another writer than its row, and `tmx verify` says so.
    """
    published = False

    def work(conn: Connection, again: bool) -> list[Claim]:
        nonlocal published
        if again and _recorded(conn, claim):
            return _next(conn, then, again)
        if not execute(conn, statements.RECORD_DONE, run_id=claim.run_id, token=claim.token).rowcount:
            raise LeaseLostError(f"run {claim.run_id} ({claim.stage}) was not recorded: its lease was lost")
        if not published:
            publish()
            published = True
        _insert_result(conn, claim, result)
        close(conn, claim.run_id, claim.token, "done")
        execute(conn, statements.UNBLOCK, run_id=claim.run_id)
        return _next(conn, then, again)

    return registry.transact(work)


def was_recorded(registry: Registry, claim: Claim) -> bool:
    """Say whether a result was committed under this claim, for a worker that heard no answer."""
    with registry.read() as conn:
        return _recorded(conn, claim)


def fail(registry: Registry, claim: Claim, failure: Failure) -> str:
    """Record that an attempt failed, and return the run's new state.

    With a retryable failure and attempts left it is pending again, after a delay that grows and is jittered; otherwise
    it is failed. What waits for it stays blocked, and comes back when it is retried.

    Raises
    ------
    LeaseLostError
        If the lease was lost.
    """

    def work(conn: Connection, again: bool) -> str:
        before = execute(conn, "SELECT attempts FROM run WHERE id = :run_id", run_id=claim.run_id).scalar()
        attempts = 1 + int(before or 0)
        retry = failure.retryable and attempts < MAX_ATTEMPTS
        delay = delay_s(attempts) if retry else None
        state = leave(conn, claim.run_id, claim.token, "pending" if retry else "failed", attempts=1, delay_s=delay)
        if state is None:
            return _state_after(conn, claim, "failed", again)
        close(conn, claim.run_id, claim.token, "failed", failure)
        return state

    return registry.transact(work)


def lose(registry: Registry, claim: Claim, failure: Failure) -> str:
    """Record that the process that computed a run died, for a worker that lives on; return the run's new state.

    It waits a while, longer each time, and is tried by whoever comes first; once its losses are spent it is failed.

    Raises
    ------
    LeaseLostError
        If the lease was lost.
    """

    def work(conn: Connection, again: bool) -> str:
        losses = 1 + int(execute(conn, "SELECT losses FROM run WHERE id = :id", id=claim.run_id).scalar() or 0)
        state = count_loss(conn, claim.run_id, claim.token, losses, failure, delay_s(losses))
        return state or _state_after(conn, claim, "lost", again)

    return registry.transact(work)


def release(registry: Registry, claims: Iterable[Claim]) -> None:
    """Give runs back that the worker will not finish: preempted, stopped or cancelled. It counts as no attempt.

    Runs that it no longer holds are passed over.
    """

    def work(conn: Connection, _again: bool) -> None:
        for claim in given_back:
            if state := leave(conn, claim.run_id, claim.token, "pending"):
                close(conn, claim.run_id, claim.token, "cancelled" if state == "cancelled" else "released")

    given_back = sorted(claims, key=lambda claim: claim.run_id)
    registry.transact(work)


def reap(registry: Registry, worker_ids: Iterable[int] = (), limit: int = REAP_AT_ONCE) -> int:
    """Take back runs whose lease has run out, a few at a time, and return how many.

    Parameters
    ----------
    registry : Registry
        Where.
    worker_ids : iterable of int
        Workers known to be dead (their process is gone from this host): their runs need not wait for the lease.
    limit : int
        How many runs with an expired lease at most: many workers share the work, each at its own time.
    """
    dead = list(worker_ids)
    if not dead and not registry.consult(_is_anything_overdue):
        return 0

    def work(conn: Connection, _again: bool) -> int:
        rows = list(execute(conn, statements.EXPIRED, limit=limit).all())
        for worker_id in dead:
            rows += execute(conn, statements.HELD_BY, worker_id=worker_id).all()
            execute(conn, "UPDATE worker SET state = 'lost' WHERE id = :worker_id", worker_id=worker_id)
        execute(conn, statements.SILENT_WORKERS, silence_s=WORKER_SILENCE_S)
        return sum(take_back(conn, row.run_id, row.token, row.losses, begun=row.started is not None) for row in rows)

    return registry.transact(work)


def plain(value: Any) -> Any:
    """Return a number as Python's own; what is not a number is missing, on both databases."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and math.isnan(value) else value


def _claim(conn: Connection, ask: Ask) -> list[Claim]:
    left = ask.limit
    for sweep_id in _sweeps(conn, ask):
        left -= _take(conn, sweep_id, ask, left)
        if left > 0 and ask.sweep_ids is not None and _borrow(conn, sweep_id, ask, left):
            left -= _take(conn, sweep_id, ask, left)
        if left <= 0:
            break
    if left == ask.limit:
        return []
    execute(conn, statements.OPEN_ATTEMPTS, worker_id=ask.worker_id, token=ask.token)
    claims = held(conn, ask)
    for begun in claims[: ask.start]:
        _start(conn, begun.run_id, begun.token)
    return claims


def _sweeps(conn: Connection, ask: Ask) -> list[int]:
    if ask.sweep_ids is None:
        return list(execute(conn, statements.OPEN_SWEEPS).scalars())
    return [each for each in ask.sweep_ids if execute(conn, statements.ACTIVE_SWEEP, sweep_id=each).scalar()]


def _take(conn: Connection, sweep_id: int, ask: Ask, limit: int) -> int:
    values = {"worker_id": ask.worker_id, "token": ask.token, "lease_s": ask.lease_s, "stage": ask.stage}
    return len(execute(conn, statements.CLAIM, sweep_id=sweep_id, limit=limit, **values).all())


def _borrow(conn: Connection, sweep_id: int, ask: Ask, limit: int) -> int:
    return len(execute(conn, statements.BORROW, sweep_id=sweep_id, limit=limit, stage=ask.stage).all())


def _start(conn: Connection, run_id: int, token: str) -> bool:
    return execute(conn, statements.START, run_id=run_id, token=token).rowcount == 1


def _next(conn: Connection, then: Claim | Ask | None, again: bool) -> list[Claim]:
    if then is None:
        return []
    if isinstance(then, Ask):
        return (held(conn, then) if again else []) or _claim(conn, then)
    return [then] if _start(conn, then.run_id, then.token) else []


def _insert_result(conn: Connection, claim: Claim, result: Result) -> None:
    files = [{"run_id": claim.run_id, **_fields(file)} for file in result.files]
    execute_many(conn, INSERT_ARTIFACT, files)
    if result.numbers:
        numbers = {name: plain(value) for name, value in result.numbers.items()}
        execute(conn, _insert_numbers(claim.stage, tuple(numbers)), run_id=claim.run_id, **numbers)


def _fields(file: File) -> dict[str, Any]:
    return {"kind": file.kind, "path": file.path, "sha256": file.sha256, "bytes": file.bytes}


@cache
def _insert_numbers(stage: str, names: tuple[str, ...]) -> str:
    from tmx.registry.tables import RESULT_TABLES  # which `tmx status`, in a hurry, does without

    table = RESULT_TABLES[stage]
    if unknown := set(names) - set(table.c.keys()):
        raise RegistryError(f"table {table.name} has no column {', '.join(sorted(unknown))}")
    return f"INSERT INTO {table.name} (run_id, {', '.join(names)}) VALUES (:run_id, :{', :'.join(names)})"  # noqa: S608


def _is_anything_overdue(conn: Connection) -> bool:
    return execute(conn, statements.OVERDUE, silence_s=WORKER_SILENCE_S).scalar() is not None


def _recorded(conn: Connection, claim: Claim) -> bool:
    return execute(conn, statements.RECORDED, run_id=claim.run_id, token=claim.token).scalar() is not None


def _state_after(conn: Connection, claim: Claim, outcome: str, again: bool) -> str:
    """Return a run's state where its end was already written by a call whose answer was lost.

    Raises
    ------
    LeaseLostError
        If it was not.
    """
    written = execute(
        conn,
        "SELECT r.state FROM run r JOIN attempt a ON a.run_id = r.id"
        " WHERE r.id = :run_id AND a.token = :token AND a.outcome = :outcome",
        run_id=claim.run_id, token=claim.token, outcome=outcome,
    ).scalar()  # fmt: skip
    if not again or written is None:
        raise LeaseLostError(f"run {claim.run_id} ({claim.stage}) was not recorded as {outcome}: its lease was lost")
    return str(written)


def _names(rows: Sequence[Any]) -> frozenset[tuple[int, str]]:
    return frozenset((row.id, row.lease_token) for row in rows)
