"""What people ask of a registry: how far it is, how fast it goes, and what failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from tmx.registry.control import sweep_id_of
from tmx.registry.sql import execute

COUNTS_OWNED = """
SELECT w.name AS sweep, n.stage, n.state, n.runs, 0 AS reused
FROM (SELECT state, sweep_id, stage, COUNT(*) AS runs FROM run GROUP BY state, sweep_id, stage) n
JOIN sweep w ON w.id = n.sweep_id
"""
"""From one index alone: it holds all that is counted."""

COUNTS_SHARED = """
SELECT w.name AS sweep, n.stage, n.state, n.runs, n.runs AS reused
FROM (SELECT r.state, h.sweep_id, r.stage, COUNT(*) AS runs
      FROM shared_run h JOIN run r ON r.id = h.run_id AND r.sweep_id <> h.sweep_id
      GROUP BY r.state, h.sweep_id, r.stage) n
JOIN sweep w ON w.id = n.sweep_id
"""

STUCK = """
SELECT w.name AS sweep, COUNT(*) AS runs
FROM run p CROSS JOIN run c CROSS JOIN sweep w
WHERE p.state = 'failed' AND c.parent_id = p.id AND c.state = 'blocked' AND w.id = c.sweep_id
GROUP BY w.name
"""
"""CROSS JOIN has SQLite begin with what failed, and not with all that is blocked."""

FAILURE_GROUPS = """
SELECT r.stage, a.error_type, a.message, COUNT(*) AS runs, MIN(r.id) AS example
FROM run r JOIN attempt a
  ON a.run_id = r.id AND a.number = (SELECT MAX(l.number) FROM attempt l WHERE l.run_id = r.id)
WHERE r.state = 'failed'
  AND (CAST(:sweep_id AS INTEGER) IS NULL OR r.sweep_id = :sweep_id
       OR EXISTS (SELECT 1 FROM shared_run h WHERE h.sweep_id = :sweep_id AND h.run_id = r.id))
GROUP BY r.stage, a.error_type, a.message
ORDER BY COUNT(*) DESC, MIN(r.id)
"""

LAST_DONE = """
SELECT a.finished, a.duration, {now} AS now FROM attempt a WHERE a.outcome = 'done' ORDER BY a.id DESC LIMIT :limit
"""

DURATIONS = """
SELECT a.duration FROM (SELECT id, run_id, duration FROM attempt WHERE outcome = 'done' ORDER BY id DESC LIMIT 1000) a
JOIN run r ON r.id = a.run_id
WHERE CAST(:sweep_id AS INTEGER) IS NULL OR r.sweep_id = :sweep_id
ORDER BY a.id DESC
LIMIT :limit
"""

OUTSTANDING = """
SELECT w.id, w.name,
       (SELECT COUNT(*) FROM run r WHERE r.state IN ('pending', 'running') AND r.sweep_id = w.id)
       + (SELECT COUNT(*) FROM shared_run h JOIN run r ON r.id = h.run_id
          WHERE h.sweep_id = w.id AND r.sweep_id <> w.id AND r.state IN ('pending', 'running')) AS runs
FROM sweep w
WHERE w.state = 'active'
ORDER BY w.priority, w.id
"""
"""What is blocked is not counted: what it waits for is, or else has failed."""

CONFIGS = """
SELECT DISTINCT c.resolved,
       (SELECT s.radiance_run_id FROM sample s WHERE s.sweep_id = w.id LIMIT 1) IS NOT NULL AS radiance
FROM sweep w JOIN config c ON c.id = w.config_id
"""
"""All samples of a sweep have spectra, or none has."""

INACCURATE = """
SELECT COUNT(*) FROM sample s JOIN thermal_result n ON n.run_id = s.thermal_run_id
WHERE s.sweep_id = :sweep_id AND NOT n.accuracy_met
"""

OVERVIEW = """
SELECT w.id AS sweep_id, w.name AS sweep, w.state, c.name AS config, c.body, w.design, w.seed, w.priority, w.n_samples,
       w.output_dir, w.created
FROM sweep w JOIN config c ON c.id = w.config_id
WHERE CAST(:sweep AS TEXT) IS NULL OR w.name = :sweep
ORDER BY w.id
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many runs of a stage a sweep needs that are in one state; `reused` of them are another sweep's."""

    sweep: str
    stage: str
    state: str
    runs: int
    reused: int


@dataclass(frozen=True, slots=True)
class Throughput:
    """How fast runs were finished lately: how many by all workers together [1/s], and the mean time of one [s]."""

    runs_per_second: float
    mean_duration: float


def status_counts(conn: Connection) -> list[Count]:
    """Count the runs that each sweep needs, by stage and state; those that it shares are counted for each of them."""
    rows = [*execute(conn, COUNTS_OWNED).all(), *execute(conn, COUNTS_SHARED).all()]
    sums: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        total = sums.setdefault((row.sweep, row.stage, row.state), [0, 0])
        total[0] += row.runs
        total[1] += row.reused
    return [Count(*key, *total) for key, total in sorted(sums.items())]


def sweep_overview(conn: Connection, sweep: str | None = None) -> list[dict[str, Any]]:
    """Return what defines each sweep, or one, without counting its runs.

    Raises
    ------
    NotFoundError
        If there is no sweep of this name.
    """
    if sweep is not None:
        sweep_id_of(conn, sweep)
    return [dict(row) for row in execute(conn, OVERVIEW, sweep=sweep).mappings().all()]


def sweep_definition(conn: Connection, sweep: str) -> tuple[str, str]:
    """Return the text of the file that a sweep was submitted with, and the hash of its definition.

    Raises
    ------
    NotFoundError
        If there is no sweep of this name.
    """
    sweep_id = sweep_id_of(conn, sweep)
    row = execute(conn, "SELECT source, sha256 FROM sweep WHERE id = :sweep_id", sweep_id=sweep_id).one()
    return row.source, row.sha256


def sweep_names(conn: Connection) -> list[str]:
    """Return the names of all sweeps, in the order of their submission."""
    return list(execute(conn, "SELECT name FROM sweep ORDER BY id").scalars())


def unfinished_sweeps(conn: Connection) -> list[str]:
    """Return the names of the active sweeps that need runs which are waiting or being computed, first things first."""
    return [row.name for row in execute(conn, OUTSTANDING).all() if row.runs]


def configs_of(conn: Connection, sweep_ids: Sequence[int] | None = None) -> list[tuple[str, bool]]:
    """Return the base configs, as JSON, of sweeps, and whether they have spectra; of all active ones by default."""
    if sweep_ids is None:
        rows = execute(conn, f"{CONFIGS} WHERE w.state = 'active'").all()
    else:
        rows = [row for one in sweep_ids for row in execute(conn, f"{CONFIGS} WHERE w.id = :id", id=one).all()]
    return [(row.resolved, bool(row.radiance)) for row in rows]


def outstanding(conn: Connection, sweep_ids: Sequence[int] | None = None) -> int:
    """Count the runs that are waiting or being computed, for some active sweeps or for all.

    Zero means that nothing will change any more unless a user does something, whatever has failed.
    """
    rows = execute(conn, OUTSTANDING).all()
    return sum(row.runs for row in rows if sweep_ids is None or row.id in sweep_ids)


def left_of(counts: Mapping[str, int], stuck: int) -> int:
    """Count the runs that somebody has yet to compute, given those by state and those that wait for failed ones."""
    return sum(counts.get(state, 0) for state in ("pending", "blocked", "running")) - stuck


def standing(state: str, counts: Mapping[str, int], stuck: int) -> str:
    """Return how a sweep stands.

    Parameters
    ----------
    state : str
        Its state in the table.
    counts : mapping
        Its runs by state.
    stuck : int
        Those of them that wait for failed ones.

    Returns
    -------
    str
        An active sweep is `done` when all its runs are, and `failed` when nothing goes on before a retry.
    """
    if state != "active" or left_of(counts, stuck) or not counts:
        return state
    if all(one == "done" or not runs for one, runs in counts.items()):
        return "done"
    return "failed" if counts.get("failed") else state


def stuck_counts(conn: Connection) -> dict[str, int]:
    """Count, for each sweep, the blocked runs that wait for a run which failed.

    They are not lost: `tmx retry` of what they wait for sets them going.
    """
    return {row.sweep: row.runs for row in execute(conn, STUCK).all()}


def count_inaccurate(conn: Connection, sweep_id: int) -> int:
    """Count the samples of a sweep whose temperatures do not meet the accuracy that was asked for."""
    return int(execute(conn, INACCURATE, sweep_id=sweep_id).scalar_one())


def failure_groups(conn: Connection, sweep_id: int | None = None) -> list[dict[str, Any]]:
    """Group the failed runs by stage and error, the most frequent first, each with the id of one run as an example."""
    return [dict(row) for row in execute(conn, FAILURE_GROUPS, sweep_id=sweep_id).mappings().all()]


def throughput(conn: Connection, window_s: float = 60.0, most: int = 1000) -> Throughput | None:
    """Return how fast runs were finished in the last seconds; None if none was.

    Only the last `most` attempts are looked at, whatever the size of the table.
    """
    rows = [row for row in execute(conn, LAST_DONE, limit=most).all() if row.finished > row.now - window_s]
    if not rows:
        return None
    span = max(rows[0].now - min(row.finished for row in rows), 1.0)
    return Throughput(len(rows) / span, sum(row.duration for row in rows) / len(rows))


def recent_durations(conn: Connection, sweep_ids: Sequence[int] | None, most: int) -> list[float]:
    """Return how long the last runs took [s], of some sweeps or of all; of long ago, nothing is known."""
    ids: Sequence[int | None] = [None] if sweep_ids is None else sweep_ids
    return [seconds for one in ids for seconds in execute(conn, DURATIONS, sweep_id=one, limit=most).scalars()]
