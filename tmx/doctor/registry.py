"""Whether the registry can be reached and written to, is of this version, and what is the matter with its runs."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import Connection

from tmx.doctor.findings import Finding, Verdict, ok, warning, wrong
from tmx.errors import NotFoundError, TmxError
from tmx.execution.environment import is_alive, machine_id
from tmx.registry import health
from tmx.registry.address import Address, check_place, network_file_system
from tmx.registry.connections import sqlite_uri
from tmx.registry.engine import DEFAULT_REGISTRY, SCHEMA_REVISION, Registry, stored_revision, upgrade_command
from tmx.registry.faults import sqlite_code
from tmx.registry.workers import unfinished_on
from tmx.words import counted, duration_of, size_of

PATIENCE_S = 2.0
"""How long a writer is waited for."""

FEW_CONNECTIONS = 10
"""Connections that a server should have left: each worker takes one or two."""

LARGEST_SKEW_S = 5.0

ANSWERS = 5
"""Of so many answers of a server the quickest one counts."""

SLOW_MS = 20.0
"""Time of an empty query that makes runs of milliseconds wait."""


def examine_registry(address: Address) -> Iterator[Finding]:
    """Yield findings on a registry; nothing is changed in it, and it is made by nobody here."""
    try:
        if address.path:
            check_place(address.path, address.shown, create=False)
    except NotFoundError as error:
        if address.shown == DEFAULT_REGISTRY:
            yield ok("registry", f"none yet at {address.path}: `tmx batch` and `tmx submit` make one")
        else:
            yield wrong("registry", str(error), "give the right --db or TMX_DATABASE_URL")
        return
    except TmxError as error:
        yield wrong("registry", str(error), "give another --db or TMX_DATABASE_URL")
        return
    if address.path and (problem := _sqlite_problem(address.path)):
        yield problem
        if problem.verdict is Verdict.WRONG:
            return
    try:
        with Registry(address, read_only=True) as registry, registry.read() as conn:
            yield from _of_connection(address, conn)
    except TmxError as error:
        yield wrong("registry", str(error), _remedy(address))


def _of_connection(address: Address, conn: Connection) -> Iterator[Finding]:
    yield from _server(address, conn) if address.path is None else _file(address.path)
    revision = stored_revision(conn)
    if revision != SCHEMA_REVISION:
        yield _schema(address, revision)
        return
    yield ok("schema", f"revision {revision}, as this tmx has it")
    yield from _runs(conn)
    yield from _workers(conn)


def _remedy(address: Address) -> str:
    if address.path:
        return "see that it is a registry of tmx, and readable"
    return (
        "see that the server runs, that host, port, user and password (~/.pgpass) are right, and the database is there"
    )


def _sqlite_problem(path: Path) -> Finding | None:
    """Return what keeps an SQLite file from being written to, if anything does; nothing is written."""
    try:
        with closing(
            sqlite3.connect(sqlite_uri(path, "rw"), uri=True, timeout=PATIENCE_S, isolation_level=None)
        ) as conn:
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("ROLLBACK")
    except sqlite3.Error as error:
        match sqlite_code(error):
            case "SQLITE_BUSY" | "SQLITE_LOCKED":
                busy = f"{path} has been locked by another process for {PATIENCE_S:g} s and more"
                return warning("registry", busy, f"see who has it open (`fuser {path}`), and whether that hangs")
            case "SQLITE_NOTADB":
                return wrong("registry", f"{path} is no SQLite database", "name the right file with --db")
            case "SQLITE_CORRUPT":
                return wrong("registry", f"{path} is damaged", f"restore a copy: {_backups(path)}")
            case _:
                return wrong("registry", f"{path} cannot be written: {error}", f"chmod u+w {path} {path.parent}")
    return None


def _backups(path: Path) -> str:
    return (
        ", ".join(str(copy) for copy in sorted(path.parent.glob(f"{path.name}.*.backup*"))) or "there is none beside it"
    )


def _file(path: Path) -> Iterator[Finding]:
    with closing(sqlite3.connect(sqlite_uri(path, "ro"), uri=True, timeout=PATIENCE_S)) as conn:
        (mode,) = conn.execute("PRAGMA journal_mode").fetchone()
    shown = f"SQLite {sqlite3.sqlite_version}, {path} ({size_of(path.stat().st_size)}), journal mode {mode}"
    if kind := network_file_system(path):
        yield wrong(
            "registry", f"{shown}, on {kind}, where it loses data", "move it to a local disk, or use PostgreSQL"
        )
    elif mode != "wal":
        yield warning("registry", shown, "the next command that writes switches it to wal; nothing to do")
    else:
        yield ok("registry", shown)


def _server(address: Address, conn: Connection) -> Iterator[Finding]:
    skew = health.clock(conn) - time.time()
    ms = 1e3 * min(_seconds_of_answer(conn) for _ in range(ANSWERS))
    sessions = health.sessions(conn)
    shown = f"PostgreSQL {sessions.version}, {address.shown}, answers in {ms:.1f} ms"
    if ms > SLOW_MS:
        yield warning("registry", shown, "let short runs be computed nearer to the server, or use SQLite")
    else:
        yield ok("registry", shown)
    taken = f"{sessions.used} of {sessions.most} taken"
    if sessions.most - sessions.used < FEW_CONNECTIONS:
        yield warning("connections", taken, "raise the server's max_connections, or start fewer workers")
    else:
        yield ok("connections", taken)
    if abs(skew) > LARGEST_SKEW_S:
        yield warning(
            "clock",
            f"the server's is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}",
            "set the clocks (NTP); leases go by the server's",
        )
    else:
        yield ok("clock", f"within {max(abs(skew), 0.1):.1f} s of the server's")


def _seconds_of_answer(conn: Connection) -> float:
    before = time.perf_counter()
    health.clock(conn)
    return time.perf_counter() - before


def _schema(address: Address, revision: str | None) -> Finding:
    command = f"`{upgrade_command(address)}`"
    if revision is None:
        remedy = f"`tmx batch` and `tmx submit` make them, and {command}"
        return warning("schema", "none: the database has no tables of tmx yet", remedy)
    if revision > SCHEMA_REVISION:
        return wrong(
            "schema", f"revision {revision}, made by a newer tmx; this one has {SCHEMA_REVISION}", "update tmx"
        )
    return wrong("schema", f"revision {revision}; this tmx has {SCHEMA_REVISION}", f"{command}, which keeps a copy")


def _runs(conn: Connection) -> Iterator[Finding]:
    states = health.runs_by_state(conn)
    shown = ", ".join(f"{count} {state}" for state, count in states.items()) or "none"
    if failed := states.get("failed"):
        remedy = f"`tmx status` says why; `tmx retry` has {'it' if failed == 1 else 'them'} computed again"
        yield warning("runs", shown, remedy)
    else:
        yield ok("runs", shown)


def _workers(conn: Connection) -> Iterator[Finding]:
    gone = [name for pid, name in unfinished_on(conn, machine_id()).values() if not is_alive(pid, name)]
    if gone:
        yield warning("workers", f"{counted(len(gone), 'worker')} of this machine died without a word", "`tmx resume`")
    silent = [each for each in health.silent_workers(conn) if each.host != machine_id()]
    for each in silent:
        silence = f"{counted(each.workers, 'worker')} of {each.host} not heard of for {duration_of(each.silence_s)}"
        yield warning("workers", silence, "see that machine; `tmx status` takes back what they held")
    expired = health.expired_leases(conn)
    if expired and not gone and not silent:
        yield warning(
            "workers", f"{counted(expired, 'run')} held under a lease that ran out", "`tmx status` takes them back"
        )
    if not (gone or silent or expired):
        yield ok("workers", "none has fallen silent")
