"""Runs over one another: their figures, their numbers, and what differs between their configs."""

from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import Request

from tmx.browse.files import config_of
from tmx.browse.parameters import parameter
from tmx.browse.runs import Run, find_run
from tmx.browse.source import Source
from tmx.config import FIELDS, SimulationConfig
from tmx.errors import ConfigError
from tmx.registry.meanings import column_meaning
from tmx.registry.sql import execute
from tmx.words import shown

MOST = 8

ONLY_CHILD = "SELECT MIN(id) FROM run WHERE parent_id = :id HAVING COUNT(*) = 1"


@dataclass(frozen=True)
class Difference:
    """What is not the same in all runs: its name, its meaning with the unit, and the value of each run."""

    name: str
    meaning: str
    values: list[str]


@dataclass(frozen=True)
class Compared:
    """A run that is compared, with the temperatures and, if there are any, the spectra that belong to it."""

    run: Run
    thermal: Run
    radiance: Run | None
    config: SimulationConfig


def compare_page(source: Source, request: Request) -> dict[str, Any]:
    """Gather the page that compares runs.

    Raises
    ------
    ConfigError
        If it is not clear which.
    NotFoundError
        If there is no such run.
    """
    ids = wanted_runs(request)
    if not ids:
        return {"compared": [], "ids": "", "most": MOST}
    compared = [_compared(source, run) for run in ids]
    thermal = dict.fromkeys(one.thermal.row["id"] for one in compared if one.thermal.version)
    radiance = dict.fromkeys(one.radiance.row["id"] for one in compared if one.radiance and one.radiance.version)
    return {
        "compared": compared,
        "ids": " ".join(str(run) for run in ids),
        "most": MOST,
        "thermal_ids": ",".join(map(str, thermal)),
        "radiance_ids": ",".join(map(str, radiance)),
        "version": "-".join(
            run.version[:8] for one in compared for run in (one.thermal, one.radiance) if run and run.version
        ),
        "hour": request.args.get("hour") or "12",
        "differences": differences([one.config for one in compared]),
        "numbers": _numbers(compared),
    }


def wanted_runs(request: Request) -> list[int]:
    """Return the ids of the runs that are to be compared, each once, in the order in which they were named."""
    words = " ".join(request.args.getlist("run")).replace(",", " ").split()
    for word in words:
        if not (word.isdecimal() and len(word) < 10):
            raise ConfigError(f"{word[:40]!r} is no run: give ids of runs, such as 12 15")
    ids = list(dict.fromkeys(map(int, words)))
    if len(ids) > MOST:
        raise ConfigError(f"{len(ids)} runs are too many to be told apart: give {MOST} at most")
    return ids


def differences(configs: list[SimulationConfig]) -> list[Difference]:
    """Return the fields that are not the same in all configs."""
    found = []
    for name in FIELDS:
        values = [getattr(config, name) for config in configs]
        if any(value != values[0] for value in values):
            about = FIELDS[name].about
            meaning = f"{about.meaning} [{about.unit}]" if about.unit else about.meaning
            said = [parameter(name, value) for value in values]
            found.append(Difference(name, meaning, [f"{p.value} ({p.also})" if p.also else p.value for p in said]))
    return found


def _compared(source: Source, run_id: int) -> Compared:
    with source.read() as conn:
        run = find_run(conn, run_id)
        thermal, radiance = run, None
        if run.row["parent_id"] is not None:
            thermal, radiance = find_run(conn, run.row["parent_id"]), run
        elif (child := execute(conn, ONLY_CHILD, id=run_id).scalar()) is not None:
            radiance = find_run(conn, child)
    last = radiance or thermal
    return Compared(run, thermal, radiance, config_of(last.row["resolved"], last.row["params"]))


def _numbers(compared: list[Compared]) -> list[Difference]:
    """Return the results of all runs, those of the same name side by side."""
    tables = []
    for one in compared:
        runs = [run for run in (one.thermal, one.radiance) if run]
        tables.append({number.name: shown(number.value) for run in runs for number in run.numbers})
    names = dict.fromkeys(name for table in tables for name in table)
    return [Difference(name, column_meaning(name), [table.get(name, "") for table in tables]) for name in names]
