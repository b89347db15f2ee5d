"""What the manager adds to the physics of a run, piece by piece, and what a claim costs as the registry grows."""

import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from tmx.config import LoadedConfig, SimulationConfig, preset
from tmx.execution import runner, worker
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.registry import queue
from tmx.registry.engine import Registry, open_registry
from tmx.registry.sql import execute
from tmx.registry.submission import ConfigRow, SweepRow, submit
from tmx.registry.workers import Process, register_worker
from tmx.sweeps import load_sweep

SWEEP = """
parameter_sweeps:
  - {parameter: k_dust, type: log_uniform, min: 0.01, max: 0.5, n_samples: 15}
  - {parameter: albedo, type: linear, min: 0.01, max: 0.3, n_samples: 10}
"""

PIECES = {
    "physics": [(runner, "run_thermal"), (runner, "run_radiance")],
    "file in memory": [(runner, "record_bytes")],
    "file on disk, hash": [(runner, "stage")],
    "parent's file": [(runner, "read")],
    "record, publish, next": [(queue, "finish")],
    "claim": [(queue, "claim")],
}


def run() -> None:
    """Print the manager's benchmarks."""
    with scratch_directory() as directory:
        _overhead(directory)
    print("\nclaiming one run and finishing it, on SQLite")
    for samples in (1_000, 1_000_000):
        with scratch_directory() as directory:
            _claims(directory, samples)

    print("\nruns claimed at once, on SQLite")
    for limit in (1, 5, 20, 100):
        with scratch_directory() as directory:
            _batches(directory, limit)


def _overhead(directory: Path) -> None:
    registry = open_registry(directory / "tmx.db", create=True)
    file = directory / "sweep.yaml"
    file.write_text(SWEEP)
    base = base_config(directory)
    with registry:
        submit_sweep(registry, directory, base, load_sweep(file), directory / "results")
        runner.run_radiance(base.config, runner.run_thermal(base.config).record)
        seconds: dict[str, float] = defaultdict(float)
        with _timed_pieces(seconds):
            before = time.perf_counter()
            tally = worker.work(Job(registry, directory))
            total = time.perf_counter() - before
    print(f"one worker, {tally.done} runs of Bennu, half of them spectra: {1e3 * total / tally.done:.2f} ms per run")
    seconds["the rest"] = total - sum(seconds.values())
    for piece, taken in seconds.items():
        print(f"  {piece:22} {1e3 * taken / tally.done:6.2f} ms")
    print(f"  added to the physics   {1e3 * (total - seconds['physics']) / tally.done:6.2f} ms")


def base_config(directory: Path) -> LoadedConfig:
    """Return the config of Bennu as if it had been read from a file."""
    config = SimulationConfig(**preset("Bennu").values)
    return LoadedConfig(config, (), "", directory / "bennu.yaml", frozenset())


@contextmanager
def _timed_pieces(seconds: dict[str, float]) -> Iterator[None]:
    """Add up the time spent in each piece while the block runs."""
    patches = []
    for piece, functions in PIECES.items():
        for module, name in functions:
            patches.append(mock.patch.object(module, name, _adding(getattr(module, name), seconds, piece)))
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


def _adding(function: Callable[..., Any], seconds: dict[str, float], piece: str) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        before = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            seconds[piece] += time.perf_counter() - before

    return timed


def _claims(directory: Path, samples: int) -> None:
    with open_registry(directory / "tmx.db", create=True) as registry:
        _fill(registry, samples)
        worker_id = register_worker(registry, Process("bench", "here", 1, "none"), {})
        claimed, finished = [], []
        for _ in range(200):
            before = time.perf_counter()
            (claim,) = queue.claim(registry, queue.Ask(worker_id, queue.new_token()))
            between = time.perf_counter()
            queue.finish(registry, claim, queue.Result(), lambda: None)
            finished.append(time.perf_counter() - between)
            claimed.append(between - before)
    medians = (1e3 * statistics.median(times) for times in (claimed, finished))
    print("  {:9,} runs waiting: claim {:.2f} ms, finish {:.2f} ms".format(samples, *medians))


def _batches(directory: Path, limit: int, runs: int = 500) -> None:
    """Claim and finish runs as a worker does, but compute nothing."""
    with open_registry(directory / "tmx.db", create=True) as registry:
        _fill(registry, 20_000)
        worker_id = register_worker(registry, Process("bench", "here", 1, "none"), {})
        before = time.perf_counter()
        held = queue.claim(registry, queue.Ask(worker_id, queue.new_token(), limit))
        for _ in range(runs):
            claim, *held = held
            following = held[0] if held else queue.Ask(worker_id, queue.new_token(), limit)
            begun = queue.finish(registry, claim, queue.Result(), lambda: None, following)
            held = held or begun
        print(f"  {limit:3} at once: {1e3 * (time.perf_counter() - before) / runs:.2f} ms per run")


def _fill(registry: Registry, samples: int) -> None:
    """Fill a registry with runs that wait, by a statement of its own: submitting a million samples takes a minute."""
    config = ConfigRow("bench", "", "", "{}")
    sweep = SweepRow("bench", "", "0" * 64, "full_factorial", 42, "results/bench")
    sweep_id = submit(registry, config, sweep, []).sweep_id
    with registry.write() as conn:
        execute(
            conn,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :samples)"
            " INSERT INTO run (stage, key, sweep_id, params, state)"
            " SELECT 'thermal', printf('%064x', i), :sweep_id, '{}', 'pending' FROM n",
            samples=samples,
            sweep_id=sweep_id,
        )


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """Make a directory beside the sources, on the disk that people would use and not in memory."""
    directory = Path(tempfile.mkdtemp(prefix=".bench-", dir="."))
    try:
        yield directory.resolve()
    finally:
        shutil.rmtree(directory)
