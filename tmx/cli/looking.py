"""`tmx status`, `show` and `sql`: reading the registry."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tmx.cli.names import SAMPLE, SWEEP
from tmx.cli.options import (
    FILE,
    echo_json,
    echo_table,
    examples,
    json_option,
    json_text,
    opened,
    registry_option,
    shortest,
)
from tmx.words import shown

MOMENTS = frozenset({"claimed", "created", "deleted", "finished", "heartbeat", "started"})
"""Columns that are seconds since 1970."""


@click.command()
@click.argument("sweep", type=SWEEP, required=False)
@json_option
@registry_option
def status(sweep: str | None, as_json: bool, db: str) -> None:
    """Show how far the sweeps are."""
    from tmx.registry.queries import failure_groups, status_counts, stuck_counts, sweep_overview, throughput
    from tmx.registry.queue import reap

    registry, _ = opened(db)
    with registry:
        reap(registry)
        with registry.read() as conn:
            overview = sweep_overview(conn, sweep)
            names = {row["sweep"] for row in overview}
            counts = [count for count in status_counts(conn) if count.sweep in names]
            failures = failure_groups(conn, overview[0]["sweep_id"] if sweep else None)
            stuck, rate = stuck_counts(conn), throughput(conn)
    if as_json:
        keys = ("sweep", "stage", "state", "runs", "reused")
        echo_json(
            {
                "sweeps": overview,
                "counts": [{key: getattr(count, key) for key in keys} for count in counts],
                "failures": failures,
                "runs_per_second": rate.runs_per_second if rate else 0.0,
            }
        )
        return
    if not overview:
        click.echo("no sweep yet; `tmx batch` or `tmx submit` makes one")
        return
    echo_table(_STATUS_COLUMNS, [_status_row(row, counts, stuck) for row in overview])
    if rate:
        click.echo(f"\n{rate.runs_per_second:.1f} runs/s in the last minute, {1e3 * rate.mean_duration:.0f} ms each")
    for group in failures:
        click.echo(
            f"failed: {group['runs']} {group['stage']}: {group['error_type']}: {group['message']}"
            f"  (`tmx show run {group['example']}`)"
        )


_STATUS_COLUMNS = ("sweep", "state", "samples", "runs", "done", "reused", "failed", "cancelled", "left", "output")


def _status_row(row: Mapping[str, Any], counts: list[Any], stuck: Mapping[str, int]) -> list[Any]:
    from tmx.registry.queries import standing
    from tmx.registry.tables import RUN_STATES

    mine = [count for count in counts if count.sweep == row["sweep"]]

    def total(*states: str) -> int:
        return sum(count.runs for count in mine if count.state in states)

    runs = sum(count.runs for count in mine)
    left = total("blocked", "pending", "running")
    waiting = stuck.get(row["sweep"], 0)
    return [
        row["sweep"],
        standing(row["state"], {state: total(state) for state in RUN_STATES}, waiting),
        row["n_samples"],
        runs,
        total("done"),
        sum(count.reused for count in mine if count.state == "done"),
        total("failed"),
        total("cancelled"),
        f"{left} ({waiting} behind failed ones)" if waiting else left,
        row["output_dir"],
    ]


@click.group()
def show() -> None:
    """Show all that is known of a run, a sample, a file or a worker."""


@show.command()
@click.argument("reference", metavar="ID|KEY")
@click.option("--log", is_flag=True, help="Show what its workers wrote about it.")
@json_option
@registry_option
def run(reference: str, log: bool, as_json: bool, db: str) -> None:
    """Show a run: state, results, attempts, logs. Give its id or the beginning of its key."""
    from tmx.registry.showing import show_run

    registry, store = opened(db)
    with registry, registry.read() as conn:
        found = show_run(conn, reference)
    for attempt in found["history"]:
        attempt["log"] = _log_of(store, attempt["worker"])
    if log:
        _echo_log(found["run_id"], found["history"], as_json)
    else:
        _echo_found(found, as_json)


@show.command()
@click.argument("reference", type=SAMPLE, metavar="SWEEP/INDEX|ID")
@json_option
@registry_option
def sample(reference: str, as_json: bool, db: str) -> None:
    """Show a sample: parameters, states, results, files, logs. Give sweep and index, or id."""
    from tmx.registry.showing import show_sample
    from tmx.registry.workers import workers_of

    registry, store = opened(db)
    with registry, registry.read() as conn:
        found = show_sample(conn, reference)
        for stage in ("thermal", "radiance"):
            workers = workers_of(conn, found[f"{stage}_run_id"]) if found[f"{stage}_run_id"] else []
            found[f"{stage}_log"] = _log_of(store, workers[-1]) if workers else None
    _echo_found(found, as_json)


@show.command()
@click.argument("reference", metavar="ID|PATH|SHA256")
@json_option
@registry_option
def artifact(reference: str, as_json: bool, db: str) -> None:
    """Show a file: hash, size, run. Give its id, path or the beginning of its hash."""
    from tmx.registry.showing import show_artifact

    registry, _ = opened(db)
    with registry, registry.read() as conn:
        found = show_artifact(conn, reference)
    _echo_found(found, as_json)


@show.command()
@click.argument("worker", metavar="ID", type=int)
@json_option
@registry_option
def worker(worker: int, as_json: bool, db: str) -> None:
    """Show a worker: process, state, how its attempts ended, log. Give its id, which attempts have."""
    from tmx.registry.showing import show_worker

    registry, store = opened(db)
    with registry, registry.read() as conn:
        found = show_worker(conn, worker)
    _echo_found({**found, "log": _log_of(store, found["name"])}, as_json)


def _log_of(store: Path, worker: str) -> str | None:
    """Return the path of a worker's log, if it is there."""
    from tmx.storage.paths import worker_log_path

    path = worker_log_path(store, worker)
    return str(shortest(path)) if path.exists() else None


def _echo_log(run: int, attempts: list[dict[str, Any]], as_json: bool) -> None:
    """Write what the logs of a run's attempts say of it; two attempts of one worker are in one log."""
    from tmx.execution.worker_log import lines_of_run

    lines: list[str] = []
    for log in dict.fromkeys(attempt["log"] for attempt in attempts if attempt["log"]):
        lines += lines_of_run(Path(log), run)
    for attempt in attempts:
        if attempt["log"] is None:
            click.echo(
                f"attempt {attempt['number']}: its worker's log, on {attempt['host']}, is not in this store", err=True
            )
    if not attempts:
        click.echo(f"run {run} was not tried yet, so nothing is written about it", err=True)
    if as_json:
        echo_json(lines)
    elif lines:
        click.echo("\n".join(lines))


def _echo_found(found: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        echo_json(found)
    else:
        _echo_record(found)


def _echo_record(record: Mapping[str, Any], indent: str = "") -> None:
    """Write the fields that have a value, and lists of records below their name."""
    width = max((len(name) for name, value in record.items() if not isinstance(value, list | Mapping)), default=0)
    for name, value in record.items():
        if isinstance(value, Mapping):
            click.echo(f"{indent}{name}:")
            _echo_record(value, indent + "  ")
        elif isinstance(value, list):
            for number, item in enumerate(value, start=1):
                click.echo(f"{indent}{name} {number}:")
                _echo_record(item, indent + "  ")
        elif name == "traceback" and value:
            click.echo(f"{indent}{name}:")
            click.echo("\n".join(f"{indent}  {line}" for line in value.rstrip().splitlines()))
        elif value is not None:
            text = _moment(value) if name in MOMENTS and isinstance(value, float) else shown(value)
            click.echo(f"{indent}{name.ljust(width)}  {text}")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


@click.command(
    epilog=examples(
        'tmx sql "select state, count(*) from samples group by state"',
        'tmx sql "select * from samples where estimated_error > 0.05" --csv -o doubtful.csv',
    )
)
@click.argument("query")
@click.option("--csv", "form", flag_value="csv", help="Write comma-separated values.")
@click.option("--json", "form", flag_value="json", help="Write a list of JSON objects.")
@click.option("--table", "form", flag_value="table", default=True, help="Write aligned columns (the default).")
@click.option("--output", "-o", type=FILE, help="Write to a file.")
@registry_option
def sql(query: str, form: str, output: Path | None, db: str) -> None:
    """Ask the registry anything, in SQL. It only reads: `tmx sql "select * from samples where state = 'done'"`."""
    from tmx.registry.own_queries import select
    from tmx.storage.atomic import write_atomically
    from tmx.storage.tables import comma_separated

    registry, _ = opened(db)
    with registry:
        columns, rows = select(registry, query)
    if form == "table" and output is None:
        echo_table(columns, rows)
        return
    if form == "json":
        text = json_text([dict(zip(columns, row, strict=True)) for row in rows]) + "\n"
    else:
        text = comma_separated(columns, rows)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())
