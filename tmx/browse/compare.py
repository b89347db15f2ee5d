"""Runs over one another: their figures, their numbers, and what differs between their configs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import Request

from tmx.browse.files import config_of
from tmx.browse.parameters import differing, parameter, values_read
from tmx.browse.runs import Run, find_run
from tmx.browse.source import Source
from tmx.config.fields import Stage
from tmx.errors import ConfigError, TmxError
from tmx.registry.meanings import column_meaning, parameter_meaning
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
    config: Mapping[str, Any]


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
    return {
        "compared": compared,
        "ids": " ".join(str(run) for run in ids),
        "most": MOST,
        "figure_ids": ",".join(str(run) for run in ids),
        "temperatures": all(one.thermal.version for one in compared),
        "spectra": any(one.radiance and one.radiance.version for one in compared),
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


def differences(configs: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """Return the fields that are not the same in all configs, with their values; empty where a run reads none."""
    return [
        Difference(name, parameter_meaning(name), [_words(name, config) for config in configs])
        for name in differing(configs)
    ]


def _words(name: str, config: Mapping[str, Any]) -> str:
    if name not in config:
        return ""
    one = parameter(name, config[name])
    return f"{one.value} ({one.also})" if one.also else one.value


def _compared(source: Source, run_id: int) -> Compared:
    with source.read() as conn:
        run = find_run(conn, run_id)
        thermal, radiance = run, None
        if run.row["parent_id"] is not None:
            thermal, radiance = find_run(conn, run.row["parent_id"]), run
        elif (child := execute(conn, ONLY_CHILD, id=run_id).scalar()) is not None:
            radiance = find_run(conn, child)
    last = radiance or thermal
    stages = [one.row["stage"] for one in (thermal, radiance) if one]
    return Compared(run, thermal, radiance, _fields(last.row["resolved"], last.row["params"], stages))


def _fields(resolved: str, params: str, stages: Sequence[Stage]) -> dict[str, Any]:
    """Return the values that some stages read of a config; all of one that cannot be read, as it is stored."""
    try:
        config = vars(config_of(resolved, params))
    except TmxError:
        return {**json.loads(resolved), **json.loads(params)}
    return values_read(config, stages)


def _numbers(compared: list[Compared]) -> list[Difference]:
    """Return the results of all runs, those of the same name side by side."""
    tables = []
    for one in compared:
        runs = [run for run in (one.thermal, one.radiance) if run]
        tables.append({number.name: shown(number.value) for run in runs for number in run.numbers})
    names = dict.fromkeys(name for table in tables for name in table)
    return [Difference(name, column_meaning(name), [table.get(name, "") for table in tables]) for name in names]
