"""The first page: how far the sweeps are, what failed, who is at work, and what it takes on the disk."""

import shutil
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from tmx.browse.source import Source
from tmx.registry.queries import (
    failure_groups,
    left_of,
    standing,
    status_counts,
    stuck_counts,
    sweep_overview,
    throughput,
)
from tmx.registry.sql import execute
from tmx.registry.tables import RUN_STATES

MOST_SWEEPS = 100
MOST_GROUPS = 20
"""What the page shows, the newest sweeps and the most frequent errors."""

WORKERS = """
SELECT k.id, k.name, k.host, k.backend, k.started, {now} - k.heartbeat AS silent_s, {now} - k.started AS age_s,
       (SELECT COUNT(*) FROM run r WHERE r.state = 'running' AND r.worker_id = k.id) AS runs
FROM worker k WHERE k.state = 'alive' ORDER BY k.host, k.name LIMIT 200
"""

DATASETS = """
SELECT d.id, d.name, d.n_samples, d.bytes, d.created, w.name AS sweep
FROM dataset d LEFT JOIN sweep w ON w.id = d.sweep_id ORDER BY d.id DESC LIMIT 50
"""

SHOWN_STATES = ("done", "running", "failed", "cancelled", "pending", "blocked")
"""In the order of a progress bar."""


@dataclass(frozen=True)
class Progress:
    """How many runs a sweep needs, by state."""

    counts: dict[str, int]
    reused: int
    stuck: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Those that somebody has yet to compute."""
        return left_of(self.counts, self.stuck)

    @property
    def percent(self) -> float:
        """Part of the runs that is done [%]; rounded down, so that 100 means all."""
        return int(1000.0 * self.counts["done"] / self.total) / 10.0 if self.total else 0.0

    @property
    def bars(self) -> list[tuple[str, int, float]]:
        """State, runs and part of the bar [%], of those states that there are."""
        return [(s, self.counts[s], 100.0 * self.counts[s] / self.total) for s in SHOWN_STATES if self.counts[s]]


def progress_of(conn: Connection) -> dict[str, Progress]:
    """Return how far each sweep is, by its name."""
    counts: dict[str, dict[str, int]] = {}
    reused: dict[str, int] = {}
    for count in status_counts(conn):
        states = counts.setdefault(count.sweep, dict.fromkeys(RUN_STATES, 0))
        states[count.state] += count.runs
        reused[count.sweep] = reused.get(count.sweep, 0) + count.reused
    stuck = stuck_counts(conn)
    return {sweep: Progress(states, reused[sweep], stuck.get(sweep, 0)) for sweep, states in counts.items()}


NOTHING = Progress(dict.fromkeys(RUN_STATES, 0), 0, 0)


def stood(sweep: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return a sweep with its progress, and how it stands."""
    return {**sweep, "progress": progress, "standing": standing(sweep["state"], progress.counts, progress.stuck)}


def home_page(source: Source) -> dict[str, Any]:
    """Gather what the first page shows."""
    with source.read() as conn:
        progress = progress_of(conn)
        sweeps = [
            {**stood(row, progress.get(row["sweep"], NOTHING)), "bytes": source.disk.get(row["sweep_id"], 0)}
            for row in sweep_overview(conn)
        ]
        rate = throughput(conn)
        return {
            "sweeps": sweeps[::-1][:MOST_SWEEPS],
            "more_sweeps": len(sweeps) > MOST_SWEEPS,
            "rate": rate,
            "left_s": _time_left(sweeps, rate.runs_per_second if rate else 0.0),
            "failures": failure_groups(conn)[:MOST_GROUPS],
            "workers": execute(conn, WORKERS).mappings().all(),
            "datasets": execute(conn, DATASETS).mappings().all(),
            "disk": sum(source.disk.values()),
            "free": shutil.disk_usage(source.store).free,
        }


def _time_left(sweeps: list[dict[str, Any]], runs_per_second: float) -> float | None:
    """Return how long the active sweeps take at this pace [s]."""
    left = sum(sweep["progress"].left for sweep in sweeps if sweep["state"] == "active")
    return left / runs_per_second if left and runs_per_second else None
