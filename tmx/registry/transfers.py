"""A sweep's rows without this registry's ids, to be taken into another one; and taking them in.

Runs are named by their keys, workers by their names and environments by their hashes, which mean the same everywhere.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Table
from sqlalchemy.engine import Connection

from tmx.registry import statements
from tmx.registry.control import SET_STATE
from tmx.registry.sql import POSTGRESQL, execute, execute_many
from tmx.registry.tables import RESULT_TABLES

PAGE = 5000

DEFINITION = """
SELECT w.name, w.source, w.sha256, w.design, w.seed, w.output_dir, w.priority, w.state, w.n_samples,
       c.name AS config_name, c.body, c.sha256 AS config_sha256, c.source AS config_source, c.resolved
FROM sweep w JOIN config c ON c.id = w.config_id WHERE w.id = :sweep_id
"""

SAMPLES = """
SELECT s.sample_index, s.params, t.key AS thermal_key, r.key AS radiance_key
FROM sample s JOIN run t ON t.id = s.thermal_run_id LEFT JOIN run r ON r.id = s.radiance_run_id
WHERE s.sweep_id = :sweep_id ORDER BY s.sample_index
"""

NEEDED = """(SELECT thermal_run_id FROM sample WHERE sweep_id = :sweep_id
    UNION SELECT radiance_run_id FROM sample WHERE sweep_id = :sweep_id AND radiance_run_id IS NOT NULL)"""

RUNS = """
SELECT r.id, r.stage, r.key, r.state, r.attempts, r.losses, f.path, f.sha256, f.bytes, f.created
FROM run r LEFT JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage AND f.deleted IS NULL
WHERE r.id IN {needed} AND r.state IN ('done', 'failed') AND r.id > :after ORDER BY r.id LIMIT :limit
"""

RESULTS = "SELECT n.* FROM {table} n WHERE n.run_id IN {needed} AND n.run_id > :after AND n.run_id <= :last"

ATTEMPTS = """
SELECT a.run_id, k.name AS worker, e.sha256 AS environment, a.token, a.claimed, a.started, a.finished, a.duration,
       a.outcome, a.error_type, a.message, a.traceback
FROM attempt a JOIN worker k ON k.id = a.worker_id JOIN environment e ON e.id = a.environment_id
WHERE a.outcome IS NOT NULL AND a.run_id IN {needed} AND a.run_id > :after AND a.run_id <= :last
ORDER BY a.run_id, a.number
"""

WORKERS = """
SELECT DISTINCT k.name, k.host, k.pid, k.backend, e.sha256 AS environment, k.started, k.heartbeat
FROM worker k JOIN environment e ON e.id = k.environment_id JOIN attempt a ON a.worker_id = k.id
WHERE a.outcome IS NOT NULL AND a.run_id IN {needed} ORDER BY k.name
"""

ENVIRONMENTS = """
SELECT e.sha256, e.details, e.created FROM environment e
WHERE EXISTS (SELECT 1 FROM attempt a WHERE a.environment_id = e.id AND a.run_id IN {needed})
   OR EXISTS (SELECT 1 FROM worker k JOIN attempt a ON a.worker_id = k.id
              WHERE k.environment_id = e.id AND a.run_id IN {needed})
ORDER BY e.sha256
"""

DATASETS = """
SELECT id, name, query, split, seed, path, fingerprint, sha256, bytes, n_samples, n_excluded, created
FROM dataset WHERE sweep_id = :sweep_id ORDER BY id
"""

MEMBERS = """
SELECT s.sample_index, m.split FROM dataset_sample m JOIN sample s ON s.id = m.sample_id
WHERE m.dataset_id = :dataset_id AND s.sweep_id = :sweep_id ORDER BY s.sample_index
"""

INSERT_ENVIRONMENT = """
INSERT INTO environment (sha256, details, created) VALUES (:sha256, :details, :created)
ON CONFLICT (sha256) DO NOTHING
"""

INSERT_WORKER = """
INSERT INTO worker (name, host, pid, backend, environment_id, started, heartbeat, state)
SELECT :name, :host, :pid, :backend, e.id, :started, :heartbeat, 'stopped' FROM environment e
WHERE e.sha256 = :environment
ON CONFLICT (name) DO NOTHING
"""

INSERT_ATTEMPT = """
INSERT INTO attempt (run_id, number, worker_id, environment_id, token, claimed, started, finished, duration, outcome,
                     error_type, message, traceback)
SELECT :run_id, 1 + COALESCE((SELECT MAX(n.number) FROM attempt n WHERE n.run_id = :run_id), 0), k.id, e.id, :token,
       :claimed, :started, :finished, :duration, :outcome, :error_type, :message, :traceback
FROM worker k CROSS JOIN environment e WHERE k.name = :worker AND e.sha256 = :environment
"""
"""Numbered behind the attempts that were made here."""

INSERT_ARTIFACT = """
INSERT INTO artifact (run_id, kind, path, sha256, bytes, created)
VALUES (:run_id, :kind, :path, :sha256, :bytes, :created)
"""

INSERT_DATASET = """
INSERT INTO dataset (name, sweep_id, query, split, seed, path, fingerprint, sha256, bytes, n_samples, n_excluded,
                     created)
VALUES (:name, :sweep_id, :query, :split, :seed, :path, :fingerprint, :sha256, :bytes, :n_samples, :n_excluded,
        :created)
RETURNING id
"""

INSERT_MEMBER = """
INSERT INTO dataset_sample (dataset_id, sample_id, split)
SELECT :dataset_id, s.id, :split FROM sample s WHERE s.sweep_id = :sweep_id AND s.sample_index = :sample_index
"""


def one_state(conn: Connection) -> None:
    """Have all that is read on a connection be of one moment; SQLite's transactions are so anyway."""
    if conn.dialect.name == POSTGRESQL:
        execute(conn, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def definition(conn: Connection, sweep_id: int) -> dict[str, Any]:
    """Return what defines a sweep, with its config."""
    return dict(execute(conn, DEFINITION, sweep_id=sweep_id).mappings().one())


def samples(conn: Connection, sweep_id: int) -> Iterator[dict[str, Any]]:
    """Yield the samples of a sweep with the keys of their runs, in order."""
    for row in execute(conn, SAMPLES, sweep_id=sweep_id).mappings():
        yield dict(row)


def finished_runs(conn: Connection, sweep_id: int) -> Iterator[dict[str, Any]]:
    """Yield the runs of a sweep that are done or failed, each with its file, numbers and attempts."""
    after = 0
    while page := _page(conn, RUNS, sweep_id, after=after, limit=PAGE):
        limits = {"after": after, "last": page[-1]["id"]}
        after = page[-1]["id"]
        numbers: dict[int, dict[str, Any]] = {}
        for table in RESULT_TABLES.values():
            for row in _page(conn, RESULTS.replace("{table}", table.name), sweep_id, **limits):
                numbers[row["run_id"]] = _plain(table, row)
        history: dict[int, list[dict[str, Any]]] = {}
        for row in _page(conn, ATTEMPTS, sweep_id, **limits):
            history.setdefault(row["run_id"], []).append({key: row[key] for key in row if key != "run_id"})
        for row in page:
            run_id = row.pop("id")
            file = {name: row.pop(name) for name in ("path", "sha256", "bytes", "created")}
            done = row["state"] == "done"
            yield {
                **row,
                "file": file if done else None,
                "numbers": numbers.get(run_id) if done else None,
                "history": history.get(run_id, []),
            }


def count_runs(conn: Connection, sweep_id: int) -> int:
    """Count the runs that a sweep needs, whatever their state."""
    return int(_page(conn, "SELECT COUNT(*) AS runs FROM {needed} n", sweep_id)[0]["runs"])


def count_unfinished(conn: Connection, sweep_id: int) -> int:
    """Count the runs that a sweep needs and that are not done."""
    unfinished = "SELECT COUNT(*) AS runs FROM run r WHERE r.id IN {needed} AND r.state <> 'done'"
    return int(_page(conn, unfinished, sweep_id)[0]["runs"])


def workers_of(conn: Connection, sweep_id: int) -> list[dict[str, Any]]:
    """Return the workers that made the finished attempts at a sweep's runs."""
    return _page(conn, WORKERS, sweep_id)


def environments_of(conn: Connection, sweep_id: int) -> list[dict[str, Any]]:
    """Return the environments of those workers and attempts."""
    return _page(conn, ENVIRONMENTS, sweep_id)


def datasets_of(conn: Connection, sweep_id: int) -> list[dict[str, Any]]:
    """Return the datasets of a sweep, each with the parts of its members by their index."""
    found = _page(conn, DATASETS, sweep_id)
    for dataset in found:
        rows = execute(conn, MEMBERS, dataset_id=dataset.pop("id"), sweep_id=sweep_id).all()
        dataset["members"] = [[row.sample_index, row.split] for row in rows]
    return found


def states_by_key(conn: Connection, keys: Iterable[str]) -> dict[str, str]:
    """Return the states of those runs that are known here."""
    found = ((key, execute(conn, "SELECT state FROM run WHERE key = :key", key=key).scalar()) for key in keys)
    return {key: state for key, state in found if state is not None}


def take_in_workers(conn: Connection, environments: list[dict[str, Any]], workers: list[dict[str, Any]]) -> None:
    """Insert environments and workers that are not known here; none of the workers is at work here."""
    execute_many(conn, INSERT_ENVIRONMENT, environments)
    execute_many(conn, INSERT_WORKER, workers)


def take_in_done(conn: Connection, run: Mapping[str, Any], path: str) -> bool:
    """Record the result of a run that was computed elsewhere, unless it is done here or a worker is computing it.

    Parameters
    ----------
    conn : Connection
        In a transaction that writes, at whose end the file is under its name.
    run : mapping
        As `finished_runs` gives it.
    path : str
        Where its file is here, relative to the store.

    Returns
    -------
    bool
        Whether it was recorded.
    """
    counts = {"attempts": run["attempts"], "losses": run["losses"]}
    run_id = execute(conn, statements.TAKE_IN_DONE, key=run["key"], **counts).scalar()
    if run_id is None:
        return False
    file = {name: run["file"][name] for name in ("sha256", "bytes", "created")}
    execute(conn, INSERT_ARTIFACT, run_id=run_id, kind=run["stage"], path=path, **file)
    numbers = {"run_id": run_id, **run["numbers"]}
    columns = ", ".join(numbers)
    values = ", ".join(f":{name}" for name in numbers)
    table = RESULT_TABLES[run["stage"]].name
    execute(conn, f"INSERT INTO {table} ({columns}) VALUES ({values})", **numbers)  # noqa: S608 (checked names)
    _take_in_attempts(conn, run_id, run["history"])
    execute(conn, statements.UNBLOCK, run_id=run_id)
    return True


def take_in_failed(conn: Connection, run: Mapping[str, Any]) -> bool:
    """Record that a run failed elsewhere, unless something has become of it here."""
    counts = {"attempts": run["attempts"], "losses": run["losses"]}
    run_id = execute(conn, statements.TAKE_IN_FAILED, key=run["key"], **counts).scalar()
    if run_id is None:
        return False
    _take_in_attempts(conn, run_id, run["history"])
    return True


def take_in_dataset(conn: Connection, sweep_id: int, dataset: Mapping[str, Any], path: str) -> bool:
    """Record a dataset, unless there is one at this path."""
    if execute(conn, "SELECT 1 FROM dataset WHERE path = :path", path=path).scalar() is not None:
        return False
    values = {name: value for name, value in dataset.items() if name not in {"members", "path"}}
    dataset_id = execute(conn, INSERT_DATASET, sweep_id=sweep_id, path=path, **values).scalar_one()
    members = [
        {"dataset_id": dataset_id, "sweep_id": sweep_id, "sample_index": index, "split": part}
        for index, part in dataset["members"]
    ]
    execute_many(conn, INSERT_MEMBER, members)
    return True


def hold_back(conn: Connection, sweep_id: int) -> None:
    """Keep a sweep that was not active where it comes from from being computed at once."""
    execute(conn, SET_STATE, sweep_id=sweep_id, state="paused")
    execute(conn, statements.LEAVE_TO_OTHERS, sweep_id=sweep_id)


def _take_in_attempts(conn: Connection, run_id: int, history: Sequence[Mapping[str, Any]]) -> None:
    for attempt in history:
        execute(conn, INSERT_ATTEMPT, run_id=run_id, **attempt)


def _plain(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that a row has; SQLite has no truth values of its own."""
    return {
        name: bool(value) if isinstance(table.c[name].type, Boolean) else value
        for name, value in row.items()
        if value is not None and name != "run_id"
    }


def _page(conn: Connection, sql: str, sweep_id: int, **values: Any) -> list[dict[str, Any]]:
    rows = execute(conn, sql.replace("{needed}", NEEDED), sweep_id=sweep_id, **values).mappings().all()
    return [dict(row) for row in rows]
