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

from benchmarks.rows import Row
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


def run() -> Iterator[Row]:
    """Yield what the manager adds to the physics of a run."""
    with scratch_directory() as directory:
        yield from _overhead(directory)


def _overhead(directory: Path) -> Iterator[Row]:
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
    seconds["the rest"] = total - sum(seconds.values())
    each = f"a run of Bennu, mean of {tally.done}, half of them spectra"
    yield Row(f"{each}: whole", total / tally.done)
    for piece, taken in seconds.items():
        yield Row(f"{each}: {piece}", taken / tally.done)
    yield Row(f"{each}: added to the physics", (total - seconds["physics"]) / tally.done)


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
