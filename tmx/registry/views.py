"""The views that people query: `samples`, `runs`, `failures` and `sweeps`.

They are no part of the migrations: they are dropped before the schema changes and made anew after it, and `samples` is
also made anew when a submission brings a parameter that none had before, since each parameter is a typed column there.
"""

import json
import re
from collections.abc import Iterable, Mapping

from sqlalchemy.engine import Connection

from tmx.registry.sql import POSTGRESQL, SQLITE, execute, literal, quoted
from tmx.registry.tables import RESULT_TABLES, RUN_STATES

VIEWS = ("samples", "failures", "runs", "sweeps")

LONGEST_NAME = 63
"""In bytes: PostgreSQL cuts longer names, and two might become one."""

SQL_TYPES = {
    SQLITE: {"integer": "INTEGER", "real": "REAL", "boolean": "INTEGER", "text": "TEXT"},
    POSTGRESQL: {"integer": "bigint", "real": "double precision", "boolean": "boolean", "text": "text"},
}

SAMPLES = """
CREATE VIEW samples AS
SELECT s.id AS sample_id, w.name AS sweep, s.sample_index,
       CASE WHEN t.state = 'failed' OR r.state = 'failed' THEN 'failed'
            WHEN t.state = 'cancelled' OR r.state = 'cancelled' THEN 'cancelled'
            WHEN t.state = 'running' OR r.state = 'running' THEN 'running'
            WHEN t.state = 'done' AND (r.id IS NULL OR r.state = 'done') THEN 'done'
            ELSE 'pending' END AS state,
       t.state AS thermal_state, r.state AS radiance_state,
       {parameters}
       {results},
       ta.path AS thermal_path, ra.path AS radiance_path, t.key AS thermal_key, r.key AS radiance_key,
       t.attempts + COALESCE(r.attempts, 0) AS attempts, t.losses + COALESCE(r.losses, 0) AS losses,
       (SELECT a.message FROM attempt a
        WHERE a.run_id = CASE WHEN t.state = 'failed' THEN t.id WHEN r.state = 'failed' THEN r.id END
        ORDER BY a.number DESC LIMIT 1) AS error,
       t.id AS thermal_run_id, r.id AS radiance_run_id
FROM sample s
{parsed}
JOIN sweep w ON w.id = s.sweep_id
JOIN run t ON t.id = s.thermal_run_id
LEFT JOIN run r ON r.id = s.radiance_run_id
LEFT JOIN thermal_result ON thermal_result.run_id = s.thermal_run_id
LEFT JOIN radiance_result ON radiance_result.run_id = s.radiance_run_id
LEFT JOIN artifact ta ON ta.run_id = s.thermal_run_id AND ta.kind = 'thermal' AND ta.deleted IS NULL
LEFT JOIN artifact ra ON ra.run_id = s.radiance_run_id AND ra.kind = 'radiance' AND ra.deleted IS NULL
"""

RUNS = """
CREATE VIEW runs AS
SELECT r.id AS run_id, r.stage, r.key, r.state, w.name AS sweep, r.params, r.priority, r.attempts, r.losses,
       p.key AS parent_key, p.state AS parent_state, a.number AS last_attempt, a.outcome, a.error_type, a.message,
       k.name AS worker, k.host, {claimed} AS claimed, {started} AS started, {finished} AS finished, a.duration,
       {lease_until} AS lease_until, {not_before} AS not_before, f.path, f.sha256, f.bytes,
       {results}
FROM run r
JOIN sweep w ON w.id = r.sweep_id
LEFT JOIN run p ON p.id = r.parent_id
LEFT JOIN attempt a ON a.run_id = r.id AND a.number = (SELECT MAX(l.number) FROM attempt l WHERE l.run_id = r.id)
LEFT JOIN worker k ON k.id = a.worker_id
LEFT JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage AND f.deleted IS NULL
LEFT JOIN thermal_result ON thermal_result.run_id = r.id
LEFT JOIN radiance_result ON radiance_result.run_id = r.id
"""

FAILURES = """
CREATE VIEW failures AS
SELECT r.id AS run_id, r.stage, r.key, w.name AS sweep, a.error_type, a.message, r.attempts, r.losses,
       {finished} AS finished, k.name AS worker, k.host, r.params, a.traceback
FROM run r
JOIN sweep w ON w.id = r.sweep_id
JOIN attempt a ON a.run_id = r.id AND a.number = (SELECT MAX(l.number) FROM attempt l WHERE l.run_id = r.id)
LEFT JOIN worker k ON k.id = a.worker_id
WHERE r.state = 'failed'
"""

SWEEPS = """
CREATE VIEW sweeps AS
SELECT w.id AS sweep_id, w.name AS sweep, w.state, c.name AS config, c.body, w.design, w.seed, w.priority, w.n_samples,
       {counts},
       COALESCE(n.reused, 0) AS reused, w.output_dir, {created} AS created
FROM sweep w
JOIN config c ON c.id = w.config_id
LEFT JOIN (SELECT needed.sweep_id, {sums}, SUM(reused) AS reused
           FROM (SELECT sweep_id, state, COUNT(*) AS runs, 0 AS reused FROM run GROUP BY state, sweep_id
                 UNION ALL
                 SELECT h.sweep_id, r.state, COUNT(*), COUNT(*)
                 FROM shared_run h JOIN run r ON r.id = h.run_id AND r.sweep_id <> h.sweep_id
                 GROUP BY h.sweep_id, r.state) needed
           GROUP BY needed.sweep_id) n ON n.sweep_id = w.id
"""


def refresh_views(conn: Connection) -> None:
    """Drop the views, if they exist, and make them for the parameters that the registry's sweeps have by now."""
    drop_views(conn)
    for statement in view_statements(conn.dialect.name, stored_parameters(conn)):
        _execute_as_it_stands(conn, statement)


def drop_views(conn: Connection) -> None:
    """Drop the views: SQLite cannot alter a table, and PostgreSQL no column, that a view shows."""
    for view in VIEWS:
        _execute_as_it_stands(conn, f"DROP VIEW IF EXISTS {view}")


def stored_parameters(conn: Connection) -> dict[str, str]:
    """Return the name and type of every parameter that some sweep's samples set, in the order of their names."""
    union: dict[str, str] = {}
    for stored in execute(conn, "SELECT DISTINCT parameters FROM sweep").scalars():
        merge_types(union, json.loads(stored).items())
    return dict(sorted(union.items()))


def merge_types(known: dict[str, str], added: Iterable[tuple[str, str]]) -> None:
    """Add names with their types to those known; a number that is real somewhere is real, other mixtures are text."""
    for name, kind in added:
        before = known.get(name, kind)
        mixed = "real" if {before, kind} == {"integer", "real"} else "text"
        known[name] = kind if before == kind else mixed


def view_statements(dialect: str, parameters: Mapping[str, str]) -> list[str]:
    """Return the statements that make the views on one database.

    Parameters
    ----------
    dialect : str
        The database's name.
    parameters : mapping of str to str
        The parameters that `samples` has a column for, with their types (integer, real, boolean, text).
    """
    fields: dict[str, str] = {
        "results": listed_results(),
        "parameters": _parameter_columns(dialect, parameters),
        "parsed": _parsed_parameters(dialect),
        "counts": ", ".join(f"COALESCE(n.{state}, 0) AS {state}" for state in RUN_STATES),
        "sums": ", ".join(f"SUM(CASE WHEN state = '{state}' THEN runs ELSE 0 END) AS {state}" for state in RUN_STATES),
        "created": _iso(dialect, "w.created"),
        "lease_until": _iso(dialect, "r.lease_until"),
        "not_before": _iso(dialect, "r.not_before"),
        **{time: _iso(dialect, f"a.{time}") for time in ("claimed", "started", "finished")},
    }
    return [_filled(view, fields) for view in (SAMPLES, RUNS, FAILURES, SWEEPS)]


def parameter_names(parameters: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Give each parameter a column name that no other column has, whatever the case of the letters.

    It is the parameter's own name where that is free, and `param_<name>` with a number behind it if need be elsewhere.
    """
    used = {name.lower() for name in taken}
    names = {}
    for parameter in parameters:
        name, number = _cut(parameter or "param_"), 1
        while name.lower() in used:
            suffix = f"_{number}" if number > 1 else ""
            name, number = _cut(f"param_{parameter}", room=len(suffix)) + suffix, number + 1
        used.add(name.lower())
        names[parameter] = name
    return names


def sample_columns(parameters: Iterable[str]) -> dict[str, str]:
    """Return the name of the column that the view `samples` has for each of the registry's parameters."""
    return parameter_names(parameters, re.findall(r"(?:AS |s\.)(\w+)", SAMPLES + listed_results()))


def _filled(statement: str, fields: Mapping[str, str]) -> str:
    """Fill a statement's places in one pass, so that nothing is looked for inside what was filled in."""
    return re.sub(r"\{(\w+)\}", lambda place: fields[place[1]], statement).strip()


def _cut(name: str, room: int = 0) -> str:
    return name.replace("\0", "").encode()[: LONGEST_NAME - room].decode(errors="ignore")


def result_columns() -> dict[str, str]:
    """Return the columns of all results by name; a name that two stages have gets the stage before it."""
    names = [column.name for table in RESULT_TABLES.values() for column in table.c]
    columns = {}
    for stage, table in RESULT_TABLES.items():
        for column in table.c:
            if column.name != "run_id":
                alias = column.name if names.count(column.name) == 1 else f"{stage}_{column.name}"
                columns[alias] = f"{table.name}.{column.name}"
    return columns


def listed_results() -> str:
    """List the columns of all results for a SELECT."""
    return ", ".join(f"{column} AS {alias}" for alias, column in result_columns().items())


def result_names() -> frozenset[str]:
    """Return the names of all results that are numbers."""
    return frozenset(result_columns()) - {"accuracy_met"}


def _parameter_columns(dialect: str, parameters: Mapping[str, str]) -> str:
    names = sample_columns(parameters)
    return "".join(
        f"CAST({_extracted(dialect, name)} AS {SQL_TYPES[dialect][kind]}) AS {quoted(names[name])}, "
        for name, kind in parameters.items()
    )


def _extracted(dialect: str, name: str) -> str:
    """Return the expression for one parameter's value.

    On SQLite a path finds it quickly, but only a plain name is sure to be one step of a path.
    """
    if dialect == POSTGRESQL:
        return f"p.params ->> {literal(name)}"
    if re.fullmatch(r"\w+", name, re.ASCII):
        return f"json_extract(s.params, '$.{name}')"
    return f"(SELECT value FROM json_each(s.params) WHERE key = {literal(name)})"  # noqa: S608 (quoted)


def _parsed_parameters(dialect: str) -> str:
    """Return the join that has PostgreSQL parse a sample's JSON once, not once for each column (hence the OFFSET)."""
    if dialect == SQLITE:
        return ""
    return "CROSS JOIN LATERAL (SELECT CAST(s.params AS jsonb) AS params OFFSET 0) p"


def _iso(dialect: str, seconds: str) -> str:
    """Return the expression for a time as ISO 8601 in UTC."""
    if dialect == SQLITE:
        return f"strftime('%Y-%m-%dT%H:%M:%SZ', {seconds}, 'unixepoch')"
    return f"""to_char(to_timestamp({seconds}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


def _execute_as_it_stands(conn: Connection, statement: str) -> None:
    """Execute a statement in which `%` and `:` mean themselves, since a parameter's name may hold them."""
    conn.exec_driver_sql(statement, execution_options={"no_parameters": True})
