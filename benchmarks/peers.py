"""The overhead of a run beside that of other managers, on the same work, which is nothing: `make bench-peers`.

Each gets a database of its own and as many workers, each a process. What is counted is the time between computations,
so that neither filling the database nor starting and ending the workers is in it. tmx is measured as its peers are,
without files, and as it works, with an HDF5 file that is flushed and hashed.
"""

import multiprocessing
import sys
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.manager import base_config, scratch_directory
from benchmarks.noop import Content, Noted, note, work_on_nothing
from benchmarks.postgres import Server, postgres_server
from tmx.config import SimulationConfig, preset
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.registry.engine import open_registry
from tmx.simulation import record_bytes
from tmx.stages.thermal import run_thermal
from tmx.sweeps import load_sweep

RUNS = 600
WORKERS = (1, 2)

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


def run() -> None:
    """Print what each of those that are installed takes per run."""
    try:
        print(f"no-op runs; PyExperimenter {version('py-experimenter')}, Optuna {version('optuna')}")
    except ImportError as missing:
        print(f"{missing}: the peers come with pip install '.[bench]'")
        return
    with scratch_directory() as directory, postgres_server(directory) as server:
        for workers in WORKERS:
            _compare(directory, server, workers)


def _compare(directory: Path, server: Server, workers: int) -> None:
    optuna_server = server.new_database().replace("postgresql://", "postgresql+psycopg://")
    cases: dict[str, Callable[[Path], None]] = {
        "tmx, SQLite": partial(_tmx, None, workers),
        "tmx, SQLite, with files": partial(_tmx, None, workers, content=_files()),
        "tmx, PostgreSQL": partial(_tmx, server.new_database(), workers),
        "PyExperimenter, SQLite": partial(_pyexperimenter, workers),
        "Optuna, SQLite": partial(_optuna, None, workers),
        "Optuna, PostgreSQL": partial(_optuna, optuna_server, workers),
    }
    print(f"{RUNS} runs, {workers} worker{'s' * (workers > 1)}")
    unit: dict[str, float] = {}
    for name, case in cases.items():
        place = directory / f"{name} {workers}".replace(",", "").replace(" ", "_")
        place.mkdir()
        case(place)
        noted = Noted.read(place / "noted")
        unit.setdefault(name.split(", ")[1], noted.ms_per_run)
        ratio = noted.ms_per_run / unit[name.split(", ")[1]]
        print(
            f"  {name:26} {noted.ms_per_run:7.2f} ms per run  {ratio:6.1f}  {noted.again:4} of {noted.runs} run twice"
        )


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
            sys.exit(f"a worker ended with {process.exitcode}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    run()
