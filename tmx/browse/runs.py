"""The page of a run, or of a sample, which is a thermal run and most often a radiance run on top of it."""

import json
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import Request
from sqlalchemy.engine import Connection, RowMapping

from tmx.browse.files import config_of
from tmx.browse.parameters import parameters_of, values_read
from tmx.browse.source import Source
from tmx.errors import NotFoundError, TmxError
from tmx.registry.meanings import RESULTS, column_meaning
from tmx.registry.sql import execute
from tmx.registry.tables import RESULT_TABLES

USUAL_HOURS = "6 9 12 15 21"

RUN = """
SELECT r.id, r.stage, r.key, r.state, r.sweep_id, w.name AS sweep, r.params, r.attempts, r.losses, r.parent_id,
       c.resolved, c.name AS config, c.body, k.name AS worker
FROM run r JOIN sweep w ON w.id = r.sweep_id JOIN config c ON c.id = w.config_id
LEFT JOIN worker k ON k.id = r.worker_id
WHERE r.id = :id
"""

CHILDREN = "SELECT id, state, params FROM run WHERE parent_id = :id ORDER BY id LIMIT 100"

SAMPLE = """
SELECT s.id, s.sample_index, s.params, s.thermal_run_id, s.radiance_run_id, w.name AS sweep, w.id AS sweep_id,
       w.n_samples, c.resolved
FROM sample s JOIN sweep w ON w.id = s.sweep_id JOIN config c ON c.id = w.config_id
WHERE s.id = :id
"""

NEIGHBOURS = """
SELECT (SELECT id FROM sample WHERE sweep_id = :sweep_id AND sample_index = :index - 1) AS before,
       (SELECT id FROM sample WHERE sweep_id = :sweep_id AND sample_index = :index + 1) AS after
"""

SAMPLES_OF_RUN = """
SELECT s.id, s.sample_index, w.name AS sweep FROM sample s JOIN sweep w ON w.id = s.sweep_id
WHERE s.{stage}_run_id = :id ORDER BY s.id LIMIT 50
"""

SAMPLE_AT = "SELECT id FROM sample WHERE sweep_id = :sweep_id AND sample_index = :number"

ATTEMPTS = """
SELECT r.stage, a.number, a.claimed, a.started, a.finished, a.duration, a.outcome, a.error_type, a.message, a.traceback,
       k.name AS worker, k.host, k.pid, a.environment_id
FROM attempt a JOIN worker k ON k.id = a.worker_id JOIN run r ON r.id = a.run_id
WHERE a.run_id = :id ORDER BY a.number
"""

FILES = "SELECT id, kind, path, sha256, bytes, created, deleted FROM artifact WHERE run_id = :id ORDER BY id"


@dataclass(frozen=True)
class Quality:
    """A number of a result, with what it means."""

    name: str
    value: Any
    meaning: str


@dataclass(frozen=True)
class Run:
    """A run and what it left.

    Attributes
    ----------
    row : RowMapping
        Of the table, with sweep and config.
    numbers : list of Quality
        Its results.
    attempts, files : list of RowMapping
        Rows of those.
    """

    row: RowMapping
    numbers: list[Quality]
    attempts: list[RowMapping]
    files: list[RowMapping]

    @property
    def version(self) -> str | None:
        """A part of the hash of its file, which figures are cached by; None if there is no file."""
        hashes = [file["sha256"][:16] for file in self.files if file["deleted"] is None]
        return hashes[0] if hashes else None


def run_page(source: Source, request: Request) -> dict[str, Any]:
    """Gather the page of a run; a thermal run is shown with its spectra if there are only those."""
    with source.read() as conn:
        run = find_run(conn, int(request.url_vars["id"]))
        children = [dict(row) for row in execute(conn, CHILDREN, id=run.row["id"]).mappings()]
        thermal, radiance = run, None
        if run.row["parent_id"] is not None:
            thermal, radiance = find_run(conn, run.row["parent_id"]), run
        elif len(children) == 1:
            radiance = find_run(conn, children[0]["id"])
        stage = run.row["stage"]
        samples = execute(conn, SAMPLES_OF_RUN.format(stage=stage), id=run.row["id"]).mappings().all()
    last = radiance or thermal
    return {
        "title": f"{stage.capitalize()} run {run.row['id']}",
        "run": run,
        "samples": samples,
        "children": children if len(children) > 1 else [],
        **_configured(last.row["resolved"], last.row["params"], thermal, radiance),
        **_shared(request, thermal, radiance),
    }


def sample_page(source: Source, request: Request) -> dict[str, Any]:
    """Gather the page of a sample."""
    with source.read() as conn:
        sample = execute(conn, SAMPLE, id=int(request.url_vars["id"])).mappings().first()
        if sample is None:
            raise NotFoundError(f"there is no sample {request.url_vars['id']}")
        thermal = find_run(conn, sample["thermal_run_id"])
        radiance = find_run(conn, sample["radiance_run_id"]) if sample["radiance_run_id"] else None
        neighbours = execute(conn, NEIGHBOURS, sweep_id=sample["sweep_id"], index=sample["sample_index"]).one()
    return {
        "title": f"Sample {sample['sweep']}/{sample['sample_index']}",
        "run": radiance or thermal,
        "sample": sample,
        "neighbours": neighbours,
        **_configured(sample["resolved"], sample["params"], thermal, radiance),
        **_shared(request, thermal, radiance),
    }


def find_run(conn: Connection, run_id: int) -> Run:
    """Return a run with all that belongs to it.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    row = execute(conn, RUN, id=run_id).mappings().first()
    if row is None:
        raise NotFoundError(f"there is no run {run_id}")
    attempts = execute(conn, ATTEMPTS, id=run_id).mappings().all()
    files = execute(conn, FILES, id=run_id).mappings().all()
    return Run(row, _numbers(conn, row["stage"], run_id), list(attempts), list(files))


def run_of_artifact(source: Source, artifact: int) -> int:
    """Return the run that produced a file.

    Raises
    ------
    NotFoundError
        If there is no such file.
    """
    with source.read() as conn:
        found = execute(conn, "SELECT run_id FROM artifact WHERE id = :id", id=artifact).scalar()
    if found is None:
        raise NotFoundError(f"there is no file {artifact}")
    return int(found)


def sample_at(source: Source, table: str, index: int) -> int:
    """Return the id of a sample by the wide table that it is in, and its index.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    ids = [sweep_id for sweep_id, one in source.tables.items() if one.name == table]
    with source.read() as conn:
        found = execute(conn, SAMPLE_AT, sweep_id=ids[0], number=index).scalar() if ids else None
    if found is None:
        raise NotFoundError(f"there is no sample {index} in {table}")
    return int(found)


def _configured(resolved: str, params: str, thermal: Run, radiance: Run | None) -> dict[str, Any]:
    """Gather parameters and fields; of a config that this version cannot read, the parameters as they are stored."""
    values = json.loads(params)
    try:
        config = vars(config_of(resolved, params))
    except TmxError as error:
        return {"parameters": parameters_of(values, values), "fields": [], "unreadable": str(error)}
    stages = [run.row["stage"] for run in (thermal, radiance) if run]
    fields = parameters_of(config, values_read(config, stages))
    return {"parameters": parameters_of(config, values), "fields": fields, "unreadable": ""}


def _shared(request: Request, thermal: Run, radiance: Run | None) -> dict[str, Any]:
    """Gather what else the pages of runs and of samples have in common."""
    runs = [run for run in (thermal, radiance) if run]
    has = {one.name: one.value for run in runs for one in run.numbers if one.value}
    return {
        "thermal": thermal,
        "radiance": radiance,
        "runs": runs,
        "hours": request.args.get("hours") or USUAL_HOURS,
        "rough": "n_facets" in has,
        "bands": "n_bands" in has,
        "observed": "beaming_ratio" in has or has.get("n_observers", 0) > 1,
        "channels": "n_channels" in has,
        "last": radiance or thermal,
        "command": _command(radiance or thermal),
    }


def _command(run: Run) -> str:
    """Return what computes the run again, from the config that the page offers."""
    spectra = "" if run.row["stage"] == "radiance" else " --no-radiance"
    return f"tmx single -c run_{run.row['id']}.yaml{spectra}"


def _numbers(conn: Connection, stage: str, run_id: int) -> list[Quality]:
    table = RESULT_TABLES[stage]
    row = execute(conn, f"SELECT * FROM {table.name} WHERE run_id = :id", id=run_id).mappings().first()  # noqa: S608
    if row is None:
        return []
    names = [column.name for column in table.c if column.name in RESULTS or column.name == "wall_time"]
    return [Quality(name, _said(name, row[name]), column_meaning(name)) for name in names if row[name] is not None]


def _said(name: str, value: Any) -> Any:
    return ("yes" if value else "no") if name == "accuracy_met" else value
