"""Rows against each other: what must hold among them, and what is said of those for which it does not.

Each check is one statement, and whatever changes several rows does so in one transaction: so that workers may go on
while the checks look, and no finding is of a moment in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from tmx.registry.sql import SQLITE, execute

IN_SWEEP = """(CAST(:sweep_id AS INTEGER) IS NULL OR r.id IN (
    SELECT s.thermal_run_id FROM sample s WHERE s.sweep_id = :sweep_id
    UNION SELECT s.radiance_run_id FROM sample s WHERE s.sweep_id = :sweep_id AND s.radiance_run_id IS NOT NULL))"""
"""Whether a run is one that a sweep needs; of all runs where no sweep is given."""

RUN_WITH_ITS_PLACE = """
SELECT r.id AS run_id, r.stage, r.state, r.parent_id, p.state AS parent_state, w.name AS sweep,
       COALESCE(f.id, 0) AS artifact_id, r.lease_token AS token, r.worker_id, k.name AS worker
FROM run r
JOIN sweep w ON w.id = r.sweep_id
LEFT JOIN run p ON p.id = r.parent_id
LEFT JOIN worker k ON k.id = r.worker_id
LEFT JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage AND f.deleted IS NULL
LEFT JOIN attempt l ON l.run_id = r.id AND l.number = (SELECT MAX(n.number) FROM attempt n WHERE n.run_id = r.id)
WHERE {in_sweep} AND ({violated})
ORDER BY r.id
"""

HAS_RESULT = """(EXISTS (SELECT 1 FROM thermal_result n WHERE n.run_id = r.id)
    OR EXISTS (SELECT 1 FROM radiance_result n WHERE n.run_id = r.id))"""

HAS_OWN_RESULT = """(r.stage = 'thermal' AND EXISTS (SELECT 1 FROM thermal_result n WHERE n.run_id = r.id)
    OR r.stage = 'radiance' AND EXISTS (SELECT 1 FROM radiance_result n WHERE n.run_id = r.id))"""

HAS_OPEN_ATTEMPT = """EXISTS (SELECT 1 FROM attempt a WHERE a.run_id = r.id AND a.token = r.lease_token
    AND a.outcome IS NULL)"""

PARENT_WAS_DONE = """(EXISTS (SELECT 1 FROM attempt a WHERE a.run_id = r.parent_id AND a.outcome = 'done')
    OR r.parent_id IN (SELECT a.run_id FROM artifact a WHERE a.deleted IS NOT NULL))"""
"""IN, since files that were deleted are in no index: all of them are looked through once, and not for each run."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must not be.

    Attributes
    ----------
    kind : str
        Its name, for scripts.
    sql : str
        Finds the rows for which it is so.
    text : str
        Says it of such a row.
    remedy : str or None
        What `repair` does about it; None where that is for the user to do.
    command : str
        What the user does about it, in place of a repair.
    damage : bool
        Whether anything is wrong; otherwise it is merely worth knowing.
    """

    kind: str
    sql: str
    text: str
    remedy: str | None = None
    command: str = "tmx verify --repair"
    damage: bool = True


def _of_runs(
    kind: str, violated: str, text: str, remedy: str | None = None, command: str = "tmx verify --repair",
    *, damage: bool = True,
) -> Check:  # fmt: skip
    sql = RUN_WITH_ITS_PLACE.replace("{violated}", violated)
    return Check(kind, sql, f"run {{run_id}} ({{stage}}, sweep {{sweep}}) {text}", remedy, command, damage)


CHECKS = (
    _of_runs("done-without-artifact", "r.state = 'done' AND f.id IS NULL", "is done, but no file is recorded for it",
             "compute"),
    _of_runs("done-without-result", f"r.state = 'done' AND NOT {HAS_OWN_RESULT}",
             "is done, but its row of {stage}_result is missing", "compute"),
    _of_runs("done-without-attempt", "r.state = 'done' AND COALESCE(l.outcome, 'open') <> 'done'",
             "is done, but its last attempt does not say so", "compute"),
    _of_runs("leftover-result", f"r.state <> 'done' AND (f.id IS NOT NULL OR {HAS_RESULT})",
             "is {state}, but has a result", "forget"),
    _of_runs("failed-without-attempt", "r.state = 'failed' AND COALESCE(l.outcome, 'done') = 'done'",
             "failed, but no attempt says why", None, "tmx retry"),
    _of_runs("blocked-needlessly", "r.state = 'blocked' AND p.state = 'done'",
             "is blocked, though run {parent_id}, which it waits for, is done", "unblock"),
    _of_runs("not-blocked", "r.state IN ('pending', 'failed') AND p.state <> 'done'",
             "is {state}, though run {parent_id}, which it builds on, is {parent_state}", "block"),
    _of_runs("done-before-parent", f"r.state = 'done' AND p.state <> 'done' AND NOT {PARENT_WAS_DONE}",
             "is done, though run {parent_id}, which it builds on, is {parent_state} and never was done", "compute"),
    _of_runs("parent-to-compute", f"r.state = 'done' AND p.state IN ('blocked', 'pending', 'running')"
             f" AND {PARENT_WAS_DONE}",
             "is done and whole; run {parent_id}, which it was built on, is {parent_state}, to be computed again",
             None, "tmx resume", damage=False),
    _of_runs("parent-not-computed", f"r.state = 'done' AND p.state IN ('failed', 'cancelled') AND {PARENT_WAS_DONE}",
             "is done and whole; run {parent_id}, which it was built on, is {parent_state}",
             None, "tmx retry", damage=False),
    _of_runs("wrong-parent", "r.stage = 'radiance' AND (p.id IS NULL OR p.stage <> 'thermal')",
             "has no thermal run that it builds on", None, "tmx submit"),
    _of_runs("held-by-stopped-worker", "r.state = 'running' AND k.state = 'stopped'",
             "is running, but its worker {worker} has stopped", "release"),
    _of_runs("running-unattended", f"r.state = 'running' AND r.lease_until < {{now}} AND NOT {HAS_OPEN_ATTEMPT}",
             "is running without an attempt, and its lease has run out", "free"),
    _of_runs("running-without-attempt", f"r.state = 'running' AND r.lease_until >= {{now}} AND NOT {HAS_OPEN_ATTEMPT}",
             "is running without an attempt", None, "tmx verify --repair` once its lease has run out, `tmx status"),
    _of_runs("lease-over", f"r.state = 'running' AND r.lease_until < {{now}} AND {HAS_OPEN_ATTEMPT}",
             "is running, but its worker {worker} fell silent", "reap", "tmx status", damage=False),
    Check(
        "open-attempt",
        """
SELECT a.id AS attempt_id, a.number, r.id AS run_id, r.stage, r.state, w.name AS sweep
FROM attempt a JOIN run r ON r.id = a.run_id JOIN sweep w ON w.id = r.sweep_id
WHERE a.outcome IS NULL AND (r.lease_token IS NULL OR r.lease_token <> a.token) AND {in_sweep} ORDER BY a.id
""",
        "run {run_id} ({stage}, sweep {sweep}) is {state}, but its attempt {number} has no end",
        "close",
    ),
    Check(
        "sample-of-other-runs",
        """
SELECT e.sample_index, v.name AS sweep, r.id AS run_id
FROM sample e JOIN sweep v ON v.id = e.sweep_id JOIN run r ON r.id = e.thermal_run_id
LEFT JOIN run q ON q.id = e.radiance_run_id
WHERE (r.stage <> 'thermal' OR q.stage <> 'radiance' OR q.parent_id <> r.id)
  AND (CAST(:sweep_id AS INTEGER) IS NULL OR e.sweep_id = :sweep_id) ORDER BY e.id
""",
        "sample {sweep}/{sample_index} refers to runs that do not belong together",
        None,
        "tmx submit",
    ),
    Check(
        "share-missing",
        """
SELECT DISTINCT r.id AS run_id, e.sweep_id, v.name AS sweep, r.stage, w.name AS owner
FROM (SELECT sweep_id, thermal_run_id AS run_id FROM sample
      UNION ALL SELECT sweep_id, radiance_run_id FROM sample WHERE radiance_run_id IS NOT NULL) e
JOIN run r ON r.id = e.run_id AND r.sweep_id <> e.sweep_id
JOIN sweep v ON v.id = e.sweep_id JOIN sweep w ON w.id = r.sweep_id
WHERE (NOT EXISTS (SELECT 1 FROM shared_run h WHERE h.sweep_id = e.sweep_id AND h.run_id = r.id)
       OR NOT EXISTS (SELECT 1 FROM shared_run h WHERE h.sweep_id = r.sweep_id AND h.run_id = r.id))
  AND (CAST(:sweep_id AS INTEGER) IS NULL OR e.sweep_id = :sweep_id)
ORDER BY r.id
""",
        "run {run_id} ({stage}) of sweep {owner} is needed by sweep {sweep} too, which is not recorded",
        "share",
    ),
    Check(
        "samples-missing",
        """
SELECT v.name AS sweep, v.n_samples, (SELECT COUNT(*) FROM sample e WHERE e.sweep_id = v.id) AS found
FROM sweep v
WHERE v.n_samples <> (SELECT COUNT(*) FROM sample e WHERE e.sweep_id = v.id)
  AND (CAST(:sweep_id AS INTEGER) IS NULL OR v.id = :sweep_id) ORDER BY v.id
""",
        "sweep {sweep} has {found} samples, but was submitted with {n_samples}",
        None,
        "tmx submit",
    ),
    Check(
        "dataset-members",
        """
SELECT d.id AS dataset_id, d.name, d.path, d.query, d.n_samples, v.name AS sweep,
       (SELECT COUNT(*) FROM dataset_sample m WHERE m.dataset_id = d.id) AS found
FROM dataset d LEFT JOIN sweep v ON v.id = d.sweep_id
WHERE d.n_samples <> (SELECT COUNT(*) FROM dataset_sample m WHERE m.dataset_id = d.id)
  AND (CAST(:sweep_id AS INTEGER) IS NULL OR d.sweep_id = :sweep_id) ORDER BY d.id
""",
        "dataset {path} has {n_samples} samples, of which {found} are recorded",
        None,
        "tmx dataset build",
    ),
)  # fmt: skip


def violations(conn: Connection, sweep_id: int | None = None) -> Iterator[tuple[Check, dict[str, Any]]]:
    """Yield each check with each row that violates it; of one sweep, or of all."""
    for check in CHECKS:
        rows = execute(conn, check.sql.replace("{in_sweep}", IN_SWEEP), sweep_id=sweep_id).mappings().all()
        for row in rows:
            yield check, dict(row)


def damaged_file(conn: Connection) -> list[str]:
    """Return what SQLite itself finds wrong with the registry's file; a server sees to its own."""
    if conn.dialect.name != SQLITE:
        return []
    found = list(execute(conn, "PRAGMA quick_check(20)").scalars())
    rows = execute(conn, "PRAGMA foreign_key_check").mappings().all()
    broken = [
        "row {rowid} of table {table} refers to a row of {parent} that does not exist".format(**row) for row in rows
    ]
    return [text for text in found if text != "ok"] + broken
