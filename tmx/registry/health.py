"""How a registry is: what it holds, who has fallen silent, and what its server says of itself."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from tmx.registry.queue import WORKER_SILENCE_S
from tmx.registry.sql import execute

SILENT = """
SELECT host, COUNT(*) AS workers, MAX({now} - heartbeat) AS silence_s FROM worker
WHERE state = 'alive' AND heartbeat < {now} - :silence_s GROUP BY host ORDER BY host
"""

EXPIRED = "SELECT COUNT(*) FROM run WHERE state = 'running' AND lease_until < {now}"

UNFINISHED = """
SELECT w.name AS sweep, w.output_dir, c.resolved, r.stage, COUNT(*) AS runs
FROM run r JOIN sweep w ON w.id = r.sweep_id JOIN config c ON c.id = w.config_id
WHERE r.state IN ('blocked', 'pending', 'running') AND w.state = 'active'
GROUP BY w.name, w.output_dir, c.resolved, r.stage
"""

SESSIONS = """
SELECT (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
       CAST(current_setting('max_connections') AS integer) AS most, current_setting('server_version') AS version
"""


@dataclass(frozen=True, slots=True)
class Silence:
    """Workers of a host that said that they work and have not been heard of since; the longest time of that [s]."""

    host: str
    workers: int
    silence_s: float


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Runs of a stage of an active sweep that are not done: how many, its config as JSON, and where files will go."""

    sweep: str
    output_dir: str
    resolved: str
    stage: str
    runs: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """A server's version, and how many connections it has and may have."""

    used: int
    most: int
    version: str


def runs_by_state(conn: Connection) -> dict[str, int]:
    """Count all runs by their state."""
    rows = execute(conn, "SELECT state, COUNT(*) AS runs FROM run GROUP BY state ORDER BY state").all()
    return {row.state: row.runs for row in rows}


def silent_workers(conn: Connection) -> list[Silence]:
    """Return the workers that have not been heard of for longer than any that lives."""
    return [Silence(**row) for row in execute(conn, SILENT, silence_s=WORKER_SILENCE_S).mappings()]


def expired_leases(conn: Connection) -> int:
    """Count the runs whose holder did not renew its lease."""
    return int(execute(conn, EXPIRED).scalar_one())


def unfinished_runs(conn: Connection) -> list[Unfinished]:
    """Count what is left of active sweeps, by sweep and stage."""
    return [Unfinished(**row) for row in execute(conn, UNFINISHED).mappings()]


def sessions(conn: Connection) -> Sessions:
    """Return how busy a server of PostgreSQL is."""
    return Sessions(**execute(conn, SESSIONS).mappings().one())


def clock(conn: Connection) -> float:
    """Return the database's time [s since 1970]."""
    return float(execute(conn, "SELECT {now}").scalar_one())
