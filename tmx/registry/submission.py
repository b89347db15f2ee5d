"""Filling the registry: a config, a sweep and its samples, in one transaction.

Runs are content-addressed. What another sweep has computed, or will, is not computed again: the sample refers to the
same run. Submitting the same sweep again changes nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from types import NoneType
from typing import NamedTuple

from sqlalchemy.engine import Connection

from tmx.errors import ConfigError
from tmx.registry.control import activate, unblock_ready
from tmx.registry.engine import Registry
from tmx.registry.sql import POSTGRESQL, execute
from tmx.registry.staging import stage, staging
from tmx.registry.views import merge_types, refresh_views, stored_parameters

CHUNK = 5000

SUBMISSION_LOCK = 0x746D79
"""The number of PostgreSQL's advisory lock: two submissions that share runs would wait for each other in a circle."""

LONGEST_INTEGER = 19
"""In digits: those that are shorter fit into 64 bits."""

SQL_TYPES = {bool: "boolean", int: "integer", float: "real"}
"""The type of a parameter's column; anything else is text, and a null says nothing of it."""


class SampleRow(NamedTuple):
    """A sample to be registered: its index in the sweep, its parameters as canonical JSON, and the keys of its runs."""

    sample_index: int
    params: str
    thermal_key: str
    radiance_key: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """A base configuration: its name and body, the YAML as written, and everything resolved as canonical JSON."""

    name: str
    body: str
    source: str
    resolved: str


@dataclass(frozen=True, slots=True)
class SweepRow:
    """A sweep: its name, the YAML as written, its design and seed, its output directory.

    `sha256` is of all that defines it: the resolved config, the design and the seed. `extends` is that of the same
    sweep with fewer samples, whose place it may take.
    """

    name: str
    source: str
    sha256: str
    design: str
    seed: int | None
    output_dir: str
    priority: int = 0
    extends: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submission did.

    Attributes
    ----------
    sweep_id : int
        The sweep, new or known.
    new_samples, new_runs : int
        What was added by this submission.
    reused : int
        The runs that the sweep needs and another one has already computed.
    shared : int
        The runs that it needs and another one owns, not done yet.
    """

    sweep_id: int
    new_samples: int
    new_runs: int
    reused: int
    shared: int


INSERT_THERMAL_RUNS = """
INSERT INTO run (stage, key, sweep_id, params, state)
SELECT 'thermal', n.thermal_key, :sweep_id, n.params, 'pending' FROM staged_sample n
WHERE NOT EXISTS (SELECT 1 FROM run r WHERE r.key = n.thermal_key)
ORDER BY n.sample_index
ON CONFLICT (key) DO NOTHING
"""
"""The NOT EXISTS spares PostgreSQL's sequence of ids a number for each run that is known."""

INSERT_RADIANCE_RUNS = """
INSERT INTO run (stage, key, sweep_id, params, state, priority, parent_id)
SELECT 'radiance', n.radiance_key, :sweep_id, n.params,
       CASE WHEN t.state = 'done' THEN 'pending' ELSE 'blocked' END, -1, t.id
FROM staged_sample n JOIN run t ON t.key = n.thermal_key
WHERE n.radiance_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM run r WHERE r.key = n.radiance_key)
ORDER BY n.sample_index
ON CONFLICT (key) DO NOTHING
"""
"""They go before the thermal runs that are pending: a sample is completed before the next is begun, while the file that
it builds on is still in the computer's memory."""

CHANGED_SAMPLES = """
SELECT MIN(n.sample_index) FROM staged_sample n
JOIN sample s ON s.sweep_id = :sweep_id AND s.sample_index = n.sample_index
WHERE s.params <> n.params
"""

INSERT_SAMPLES = """
INSERT INTO sample (sweep_id, sample_index, params, thermal_run_id, radiance_run_id)
SELECT :sweep_id, n.sample_index, n.params, t.id, r.id
FROM staged_sample n
JOIN run t ON t.key = n.thermal_key
LEFT JOIN run r ON r.key = n.radiance_key
WHERE NOT EXISTS (SELECT 1 FROM sample s WHERE s.sweep_id = :sweep_id AND s.sample_index = n.sample_index)
ORDER BY n.sample_index
"""

REDIRECT_SAMPLES = """
UPDATE sample SET thermal_run_id = t.id, radiance_run_id = r.id
FROM staged_sample n
JOIN run t ON t.key = n.thermal_key
LEFT JOIN run r ON r.key = n.radiance_key
WHERE sample.sweep_id = :sweep_id AND sample.sample_index = n.sample_index
  AND (sample.thermal_run_id <> t.id OR COALESCE(sample.radiance_run_id, 0) <> COALESCE(r.id, 0))
"""
"""The same sample has other keys where the solver's version has changed since."""

SHARE_RUNS = """
INSERT INTO shared_run (sweep_id, run_id)
SELECT each.id, r.id
FROM (SELECT thermal_key AS key FROM staged_sample
      UNION SELECT radiance_key FROM staged_sample WHERE radiance_key IS NOT NULL) needed
JOIN run r ON r.key = needed.key AND r.sweep_id <> :sweep_id
JOIN sweep each ON each.id IN (:sweep_id, r.sweep_id)
WHERE true
ON CONFLICT (sweep_id, run_id) DO NOTHING
"""

CANCEL_SUPERSEDED = """
UPDATE run SET state = 'cancelled', not_before = NULL
WHERE state IN ('pending', 'blocked') AND sweep_id = :sweep_id
  AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.thermal_run_id = run.id)
  AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.radiance_run_id = run.id)
"""

FORGET_SUPERSEDED = """
DELETE FROM shared_run
WHERE sweep_id = :sweep_id
  AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.thermal_run_id = shared_run.run_id AND s.sweep_id = :sweep_id)
  AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.radiance_run_id = shared_run.run_id AND s.sweep_id = :sweep_id)
"""

UPDATE_SWEEP = """
UPDATE sweep SET parameters = :parameters, n_samples = (SELECT COUNT(*) FROM sample s WHERE s.sweep_id = sweep.id)
WHERE id = :sweep_id
"""

EXTEND_SWEEP = "UPDATE sweep SET sha256 = :sha256, source = :source WHERE id = :sweep_id"

COUNT_SHARED = """
SELECT COALESCE(SUM(CASE WHEN r.state = 'done' THEN 1 ELSE 0 END), 0) AS reused,
       COALESCE(SUM(CASE WHEN r.state <> 'done' THEN 1 ELSE 0 END), 0) AS shared
FROM shared_run h JOIN run r ON r.id = h.run_id
WHERE h.sweep_id = :sweep_id AND r.sweep_id <> :sweep_id
"""


REFRESH_STATISTICS = "ANALYZE run, sample, shared_run"
"""Until PostgreSQL counts its rows again by itself, it would claim from a large new sweep as from a small one: by
sorting all that is pending."""


def submit(registry: Registry, config: ConfigRow, sweep: SweepRow, samples: Iterable[SampleRow]) -> Submission:
    """Register a config, a sweep and its samples: all of it, or nothing.

    Have the samples ready, or make them quickly: on SQLite nobody else can write until the last one is in.

    Raises
    ------
    ConfigError
        If another sweep has this name or this output directory.
    """
    with registry.write() as conn:
        sweep_id = register_sweep(conn, sweep, register_config(conn, config))
        return add_samples(conn, sweep_id, samples)


def register_config(conn: Connection, config: ConfigRow) -> int:
    """Return the id of a config; the same resolved values are one config, whatever the text or the name."""
    sha256 = hashlib.sha256(config.resolved.encode()).hexdigest()
    execute(
        conn,
        "INSERT INTO config (name, body, sha256, source, resolved, created)"
        " VALUES (:name, :body, :sha256, :source, :resolved, {now}) ON CONFLICT (sha256) DO NOTHING",
        name=config.name, body=config.body, sha256=sha256, source=config.source, resolved=config.resolved,
    )  # fmt: skip
    return int(execute(conn, "SELECT id FROM config WHERE sha256 = :sha256", sha256=sha256).scalar_one())


def register_sweep(conn: Connection, sweep: SweepRow, config_id: int) -> int:
    """Return the id of a sweep, which is registered if it is new.

    Raises
    ------
    ConfigError
        If a sweep of this name, or with this output directory, is defined otherwise.
    """
    one_submission_at_a_time(conn)
    known = execute(
        conn,
        "SELECT id, name, sha256, output_dir FROM sweep WHERE name = :name OR output_dir = :output_dir",
        name=sweep.name, output_dir=sweep.output_dir,
    ).all()  # fmt: skip
    for row in known:
        if row.name != sweep.name:
            raise ConfigError(f"the output directory {sweep.output_dir} belongs to sweep {row.name!r}: choose another")
        if row.sha256 not in (sweep.sha256, sweep.extends):
            raise ConfigError(
                f"sweep {sweep.name!r} was submitted with another config, design or seed:"
                " give the changed one another name and output directory, or --extend it if it has only more samples"
            )
        if row.output_dir != sweep.output_dir:
            raise ConfigError(
                f"sweep {sweep.name!r} was submitted with the output directory {row.output_dir}:"
                " name this one otherwise, with --name"
            )
        if row.sha256 != sweep.sha256:
            execute(conn, EXTEND_SWEEP, sweep_id=row.id, sha256=sweep.sha256, source=sweep.source)
        return int(row.id)
    return _insert_sweep(conn, sweep, config_id)


def add_samples(conn: Connection, sweep_id: int, samples: Iterable[SampleRow]) -> Submission:
    """Add samples to a sweep, with those of their runs that are new; what is known already is left as it is.

    A known run is used whatever its state. One that failed stays failed, until it is retried; one that was cancelled,
    or whose owner is paused or cancelled, becomes this sweep's and waits to be claimed. A cancelled sweep that is
    submitted again is active again.

    Parameters
    ----------
    conn : Connection
        In a transaction that writes; nothing is left of it if anything here raises.
    sweep_id : int
        The sweep.
    samples : iterable of SampleRow or tuple
        In the order of their index.

    Raises
    ------
    ConfigError
        If a sample of this index is registered with other parameters.
    """
    one_submission_at_a_time(conn)
    newest_run = int(execute(conn, "SELECT COALESCE(MAX(id), 0) FROM run").scalar_one())
    extends = execute(conn, "SELECT 1 FROM sample WHERE sweep_id = :sweep_id LIMIT 1", sweep_id=sweep_id).scalar()
    types: dict[str, str] = {}
    new_samples = new_runs = redirected = 0
    with staging(conn):
        for chunk in _chunks(samples):
            _note_types(types, chunk)
            stage(conn, chunk)
            new_runs += _insert_runs(conn, sweep_id, chunk)
            redirected += _redirect(conn, sweep_id) if extends else 0
            new_samples += execute(conn, INSERT_SAMPLES, sweep_id=sweep_id).rowcount
    if redirected:
        execute(conn, CANCEL_SUPERSEDED, sweep_id=sweep_id)
        execute(conn, FORGET_SUPERSEDED, sweep_id=sweep_id)
    _describe_sweep(conn, sweep_id, types)
    _make_available(conn, sweep_id, newest_run)
    if new_runs and conn.dialect.name == POSTGRESQL:
        execute(conn, REFRESH_STATISTICS)
    counts = execute(conn, COUNT_SHARED, sweep_id=sweep_id).one()
    return Submission(sweep_id, new_samples, new_runs, int(counts.reused), int(counts.shared))


def one_submission_at_a_time(conn: Connection) -> None:
    """Wait for whoever submits, and have others wait until this transaction ends; SQLite has one writer anyway."""
    if conn.dialect.name == POSTGRESQL:
        execute(conn, "SELECT pg_advisory_xact_lock(:lock)", lock=SUBMISSION_LOCK)


def _insert_sweep(conn: Connection, sweep: SweepRow, config_id: int) -> int:
    inserted = execute(
        conn,
        "INSERT INTO sweep (name, config_id, source, sha256, design, seed, output_dir, priority, state, created)"
        " VALUES (:name, :config_id, :source, :sha256, :design, :seed, :output_dir, :priority, 'active', {now})"
        " RETURNING id",
        name=sweep.name, config_id=config_id, source=sweep.source, sha256=sweep.sha256, design=sweep.design,
        seed=sweep.seed, output_dir=sweep.output_dir, priority=sweep.priority,
    )  # fmt: skip
    return int(inserted.scalar_one())


def _chunks(samples: Iterable[SampleRow]) -> Iterator[list[SampleRow]]:
    iterator = iter(samples)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _insert_runs(conn: Connection, sweep_id: int, chunk: list[SampleRow]) -> int:
    """Insert those runs of a chunk that are new, and return how many; those of other sweeps become shared."""
    inserted = execute(conn, INSERT_THERMAL_RUNS, sweep_id=sweep_id).rowcount
    inserted += execute(conn, INSERT_RADIANCE_RUNS, sweep_id=sweep_id).rowcount
    if inserted < len({key for _, _, *keys in chunk for key in keys if key}):
        execute(conn, SHARE_RUNS, sweep_id=sweep_id)
    return inserted


def _redirect(conn: Connection, sweep_id: int) -> int:
    """Give the samples of a chunk that are known their runs anew, and return for how many these are others."""
    index = execute(conn, CHANGED_SAMPLES, sweep_id=sweep_id).scalar()
    if index is not None:
        name = execute(conn, "SELECT name FROM sweep WHERE id = :sweep_id", sweep_id=sweep_id).scalar()
        raise ConfigError(f"sample {index} of sweep {name!r} is registered with other parameters: name a new sweep")
    return execute(conn, REDIRECT_SAMPLES, sweep_id=sweep_id).rowcount


def _note_types(types: dict[str, str], chunk: list[SampleRow]) -> None:
    """Add the parameters that a chunk sets to those known, with their SQL types."""
    met = set()
    for _, params, *_ in chunk:
        if "\\u0000" in params:
            raise ConfigError("a parameter's text holds a zero byte, which PostgreSQL cannot store")
        values = json.loads(params, parse_int=_integer)
        met.add(tuple(zip(values, map(type, values.values()), strict=True)))
    for pairs in met:
        merge_types(types, ((name, SQL_TYPES.get(kind, "text")) for name, kind in pairs if kind is not NoneType))


def _integer(digits: str) -> int | float:
    """Read an integer; one that no integer column can hold becomes a float."""
    return int(digits) if len(digits) < LONGEST_INTEGER else float(digits)


def _describe_sweep(conn: Connection, sweep_id: int, types: dict[str, str]) -> None:
    """Store which parameters a sweep's samples set, and show a parameter that no sweep had before in the views."""
    before = stored_parameters(conn)
    stored = execute(conn, "SELECT parameters FROM sweep WHERE id = :sweep_id", sweep_id=sweep_id).scalar_one()
    merge_types(types, json.loads(stored).items())
    execute(conn, UPDATE_SWEEP, sweep_id=sweep_id, parameters=json.dumps(types, sort_keys=True))
    if stored_parameters(conn) != before:
        refresh_views(conn)


def _make_available(conn: Connection, sweep_id: int, newest_run: int) -> None:
    """Have the sweep's runs wait for workers, unless it is paused."""
    state = execute(conn, "SELECT state FROM sweep WHERE id = :sweep_id", sweep_id=sweep_id).scalar()
    if state == "paused":
        unblock_ready(conn, sweep_id, newest_run)
    else:
        activate(conn, sweep_id, newest_run)
