"""The overhead of a run beside that of other managers, on the same work, which is nothing.

Each gets a database of its own and as many workers, each a process. What is counted is the time between computations,
so that neither filling the database nor starting and ending the workers is in it. tmx is measured as its peers are,
without files, and as it works, with an HDF5 file that is flushed and hashed.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.manager import base_config, scratch_directory
from benchmarks.noop import Content, Noted, note, work_on_nothing
from benchmarks.postgres import postgres_server
from benchmarks.rows import Row, attempted
from tmx.config import SimulationConfig, preset
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.registry.engine import open_registry
from tmx.simulation import record_bytes
from tmx.stages.thermal import run_thermal
from tmx.sweeps import load_sweep

RUNS = 600
WORKERS = (1, 2)
NAMES = {"py-experimenter": "PyExperimenter", "optuna": "Optuna"}

SWEEP = """
parameter_sweeps:
  - {{parameter: k_dust, type: log_uniform, min: 0.01, max: 0.5, n_samples: {runs}}}
output_settings: {{radiance: false}}
"""

PYEXPERIMENTER = """
PY_EXPERIMENTER:
  n_jobs: {workers}
  Database:
    use_ssh_tunnel: false
    provider: sqlite
    database: {database}
    table:
      name: runs
      keyfields:
        number: {{type: INT}}
      resultfields:
        value: DOUBLE
"""


def run() -> Iterator[Row]:
    """Yield what each takes per run, with one and with two workers."""
    with scratch_directory() as directory:
        for workers in WORKERS:
            case = f"{RUNS} runs that are nothing, {workers} worker{'s' * (workers > 1)}"
            yield from _on_sqlite(case, directory, workers)
            yield from attempted(f"{case}, PostgreSQL", partial(_on_postgres, case, directory, workers))


def _on_sqlite(case: str, directory: Path, workers: int) -> Iterator[Row]:
    ours = _per_run(directory, f"tmx {workers}", partial(_tmx, None, workers))
    files = _per_run(directory, f"tmx with files {workers}", partial(_tmx, None, workers, content=_files()))
    for name, manager in {"py-experimenter": _pyexperimenter, "optuna": partial(_optuna, None)}.items():
        yield from attempted(
            f"{case}, {name}", partial(_beside, f"{case}, SQLite", ours, name, partial(manager, workers), directory)
        )
    yield Row(f"{case}, SQLite, an HDF5 file for each run", 1e-3 * files.ms_per_run, _again(files))


def _on_postgres(case: str, directory: Path, workers: int) -> Iterator[Row]:
    with postgres_server(directory) as server:
        ours = _per_run(directory, f"tmx PostgreSQL {workers}", partial(_tmx, server.new_database(), workers))
        url = server.new_database().replace("postgresql://", "postgresql+psycopg://")
        yield from _beside(f"{case}, PostgreSQL", ours, "optuna", partial(_optuna, url, workers), directory)


def _beside(case: str, ours: Noted, name: str, manager: Callable[[Path], None], directory: Path) -> Iterator[Row]:
    theirs = _per_run(directory, f"{case} {name}", manager)
    other = f"{NAMES[name]} {version(name)}"
    yield Row(case, 1e-3 * ours.ms_per_run, _again(ours), other, 1e-3 * theirs.ms_per_run, _again(theirs))


def _again(noted: Noted) -> str:
    return f"per run; {noted.again} of {noted.runs} computed twice"


def _per_run(directory: Path, name: str, manager: Callable[[Path], None]) -> Noted:
    """Have a manager do all runs in a directory of its own."""
    place = directory / name.replace(",", "").replace(" ", "_")
    place.mkdir()
    manager(place)
    return Noted.read(place / "noted")


def _tmx(url: str | None, workers: int, place: Path, content: Content | None = None) -> None:
    sweep = place / "sweep.yaml"
    sweep.write_text(SWEEP.format(runs=RUNS))
    with open_registry(url or place / "tmx.db", create=True) as registry:
        submit_sweep(registry, place, base_config(place), load_sweep(sweep), place / "results")
        job = Job(registry, place)
        registry.close()  # the workers are forked
        _in_processes(workers, work_on_nothing, job, place / "noted", content)


def _files() -> Content:
    """Return what makes the files of runs: as large as those of Bennu, and packed and described anew each time."""
    config = SimulationConfig(**preset("Bennu").values)
    record = run_thermal(config).record
    return lambda key: record_bytes(config, key, record, {})


def _pyexperimenter(workers: int, place: Path) -> None:
    from py_experimenter.experimenter import PyExperimenter

    config = place / "experiment.yml"
    config.write_text(PYEXPERIMENTER.format(workers=workers, database=place / "runs"))
    manager = PyExperimenter(str(config), use_codecarbon=False, log_level="ERROR", log_file=str(place / "log"))
    manager.fill_table_with_rows([{"number": number} for number in range(RUNS)])
    manager.execute(partial(_experiment, place / "noted"), max_experiments=-1)


def _experiment(file: Path, keys: dict[str, Any], results: Any, _custom: Any) -> None:
    note(file, int(keys["number"]))
    results.process_results({"value": 0.5})


def _optuna(url: str | None, workers: int, place: Path) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = url or f"sqlite:///{place / 'optuna.db'}"
    optuna.create_study(storage=url, study_name="bench", sampler=optuna.samplers.RandomSampler())
    _in_processes(workers, _optimize, url, RUNS // workers, place / "noted")


def _optimize(url: str, runs: int, file: Path) -> None:
    import optuna

    def objective(trial: optuna.Trial) -> float:
        note(file, trial.number)
        return trial.suggest_float("k_dust", 0.01, 0.5)

    study = optuna.load_study(storage=url, study_name="bench", sampler=optuna.samplers.RandomSampler())
    study.optimize(objective, n_trials=runs)


def _in_processes(workers: int, work: Callable[..., object], *arguments: object) -> None:
    processes = [multiprocessing.get_context("fork").Process(target=work, args=arguments) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode:
            raise RuntimeError(f"a worker ended with {process.exitcode}")
