"""What the manager adds to the physics of a run, piece by piece."""

import shutil
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
from tmx.registry.engine import open_registry
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


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """Make a directory beside the sources, on the disk that people would use and not in memory."""
    directory = Path(tempfile.mkdtemp(prefix=".bench-", dir="."))
    try:
        yield directory.resolve()
    finally:
        shutil.rmtree(directory)
