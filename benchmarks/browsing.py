"""How long pages of `tmx browse` take with many samples, and how long its tables take to follow."""

import http.client
import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Integer

from benchmarks.manager import base_config, scratch_directory
from benchmarks.rows import Row, duration
from tmx.browse.questions import QUESTIONS
from tmx.browse.wide import WideTables
from tmx.config import SimulationConfig, canonical_json
from tmx.registry.engine import Registry, open_registry
from tmx.registry.sql import execute
from tmx.registry.submission import ConfigRow, SweepRow, submit
from tmx.registry.tables import RESULT_TABLES
from tmx.registry.views import refresh_views
from tmx.registry.workers import Process, register_worker
from tmx.simulation import ThermalSimulator

FILES = 50
"""Samples that have a file that is there: those of one page."""

REPETITIONS = 5

PARAMETERS = ("Et", "k_dust", "latitude", "albedo", "rho_dust", "cp_dust")

SAMPLES = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :samples - 1)
"""

FILL = (
    "INSERT INTO run (id, stage, key, sweep_id, params, state, attempts)"
    " SELECT 2 * i + 1, 'thermal', printf('%064x', 2 * i), :sweep_id, {params}, {state}, 1 FROM n",
    "INSERT INTO run (id, stage, key, sweep_id, params, state, attempts, parent_id)"
    " SELECT 2 * i + 2, 'radiance', printf('%064x', 2 * i + 1), :sweep_id, {params},"
    " CASE WHEN i % 50 = 7 THEN 'blocked' ELSE 'done' END, 1, 2 * i + 1 FROM n",
    "INSERT INTO sample (id, sweep_id, sample_index, params, thermal_run_id, radiance_run_id)"
    " SELECT i + 1, :sweep_id, i, {params}, 2 * i + 1, 2 * i + 2 FROM n",
    "INSERT INTO attempt (run_id, number, worker_id, environment_id, token, claimed, started, finished, duration,"
    " outcome, error_type, message)"
    " SELECT 2 * i + 1, 1, :worker_id, 1, 't', 1e9 + i, 1e9 + i, 1e9 + i, 0.01, {state}, NULL,"
    " CASE WHEN i % 50 = 7 THEN 'the temperature of cell ' || i % 9 || ' is not finite' END FROM n",
    "INSERT INTO artifact (run_id, kind, path, sha256, bytes, created)"
    " SELECT 2 * i + 1, 'thermal', 'files/' || i || '.h5', printf('%064x', i), 30000, 1e9 FROM n WHERE i % 50 <> 7",
    "INSERT INTO artifact (run_id, kind, path, sha256, bytes, created)"
    " SELECT 2 * i + 2, 'radiance', 'files/r' || i || '.h5', printf('%064x', i), 60000, 1e9 FROM n WHERE i % 50 <> 7",
    "INSERT INTO thermal_result (run_id, {thermal}) SELECT 2 * i + 1, {thermal_values} FROM n WHERE i % 50 <> 7",
    "INSERT INTO radiance_result (run_id, {radiance}) SELECT 2 * i + 2, {radiance_values} FROM n WHERE i % 50 <> 7",
)

PAGES = {
    "home": "/",
    "sweep": "/-/sweep/1",
    "sweep, hottest first": "/-/sweep/1?sort=t_surf_max&down=1",
    "sweep, page 1000": "/-/sweep/1?page=1000",
    "sample": "/-/sample/1",
    "run": "/-/run/1",
    "compare": "/-/compare?run=2+4",
    "wide table with facets": "/sweeps/many",
    "wide table, filtered and sorted": "/sweeps/many?latitude__gt=0.5&_sort_desc=t_surf_max",
    "runs as a table": "/registry/run",
    "failures as a view": "/registry/failures",
    "samples as a view": "/registry/samples",
    "curves of 50 rows": "/-/curves?" + "&".join(f"id={number}" for number in range(1, FILES)),
}


def run(samples: int = 100_000) -> Iterator[Row]:
    """Yield how long pages take with so many samples."""
    with scratch_directory() as directory:
        with open_registry(directory / "tmx.db", create=True) as registry:
            fill(registry, directory, samples)
        yield from _measure_tables(directory)
        with _browser(directory) as port:
            slowest = max(QUESTIONS, key=lambda name: _seconds(port, f"/registry/{name}"))
            figures = {f"figure of the {what}": f"/-/figure/{what}/1.svg" for what in ("design", "results")}
            for name, path in {**PAGES, f"slowest question, {slowest}": f"/registry/{slowest}", **figures}.items():
                yield _ask(port, f"{name}, {samples:,} samples", path)


def fill(registry: Registry, directory: Path, samples: int) -> None:
    """Make a sweep whose runs are all done, but for every fiftieth, by statements of its own."""
    config = base_config(directory).config
    sweep = SweepRow("many", "", "0" * 64, "sobol", 42, "files")
    sweep_id = submit(registry, ConfigRow("bench", "", "", canonical_json(vars(config))), sweep, []).sweep_id
    worker_id = register_worker(registry, Process("bench", "here", 1, "none"), {})
    params = ", ".join(f"'{name}', 0.1 + (i * {2 * n + 3}) % 997 / 1e3" for n, name in enumerate(PARAMETERS))
    words = {
        "{params}": f"json_object({params})",
        "{state}": "CASE WHEN i % 50 = 7 THEN 'failed' ELSE 'done' END",
    }
    for stage, table in RESULT_TABLES.items():
        columns = [column for column in table.c if column.name != "run_id" and "facet" not in column.name]
        words[f"{{{stage}}}"] = ", ".join(column.name for column in columns)
        words[f"{{{stage}_values}}"] = ", ".join(_values_of(column, number) for number, column in enumerate(columns))
    with registry.write() as conn:
        for statement in FILL:
            filled = re.sub(r"\{\w+\}", lambda word: words[word[0]], statement)
            execute(conn, f"{SAMPLES} {filled}", samples=samples, sweep_id=sweep_id, worker_id=worker_id)
        parameters = json.dumps(dict.fromkeys(PARAMETERS, "real"))
        execute(conn, "UPDATE sweep SET n_samples = :n, parameters = :p", n=samples, p=parameters)
        refresh_views(conn)
    _make_files(directory, config)


def _values_of(column: Column[Any], number: int) -> str:
    if isinstance(column.type, Boolean):
        return "1"
    return f"i % {97 + number}" if isinstance(column.type, Integer) else f"200 + i % 1009 / {number + 3.0}"


def _make_files(directory: Path, config: SimulationConfig) -> None:
    result = ThermalSimulator(config, save_thermal_data=True, output_dir=directory / "one").run()
    assert result.thermal_file
    (directory / "files").mkdir(exist_ok=True)
    for number in range(FILES):
        shutil.copy(result.thermal_file, directory / f"files/{number}.h5")


def _measure_tables(directory: Path) -> Iterator[Row]:
    tables = WideTables(directory / "tmx.db", directory / "side.db")
    with closing(tables):
        for what in ("the wide table is written", "the wide table is seen to be as it was"):
            before = time.perf_counter()
            tables.refresh()
            yield Row(what, time.perf_counter() - before)


@contextmanager
def _browser(directory: Path) -> Iterator[int]:
    command = [str(Path(sys.executable).with_name("tmx")), "browse", "--port", "0", "--db", "tmx.db"]
    with subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        found = re.search(r":(\d+)/", process.stdout.readline())
        assert found
        port = int(found[1])
        while _answer(port, "/sweeps/many")[0] != 200:
            time.sleep(0.2)
        yield port
        process.terminate()


def _ask(port: int, name: str, path: str) -> Row:
    first = _seconds(port, path)
    again = statistics.median(_seconds(port, path) for _ in range(REPETITIONS))
    return Row(name, again, f"the first time {duration(first)}")


def _seconds(port: int, path: str) -> float:
    before = time.perf_counter()
    status, body = _answer(port, path)
    assert status == 200, (path, body[:300])
    return time.perf_counter() - before


def _answer(port: int, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
