"""Memory of a worker and of the process that computes for it, over ten thousand runs: `python -m benchmarks.memory`."""

import sys
import threading
import time
from pathlib import Path

from benchmarks.manager import base_config, scratch_directory
from tmx.execution.beside import beside
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.execution.worker import work
from tmx.registry.engine import Registry, open_registry
from tmx.registry.queries import outstanding
from tmx.sweeps import load_sweep

RUNS = 10_000
EVERY_S = 5.0

SWEEP = """
parameter_sweeps:
  - {{parameter: k_dust, type: log_uniform, min: 0.01, max: 0.5, n_samples: {half}}}
"""


def run(runs: int = RUNS) -> None:
    """Print how much memory is held as the runs go by, half of them spectra."""
    with scratch_directory() as directory, open_registry(directory / "tmx.db", create=True) as registry:
        file = directory / "sweep.yaml"
        file.write_text(SWEEP.format(half=runs // 2))
        submit_sweep(registry, directory, base_config(directory), load_sweep(file), directory / "results")
        print(f"{'runs':>8} {'worker':>10} {'computing':>10}")
        with beside(lambda over: _watch(registry, runs, over), "memory"):
            tally = work(Job(registry, directory, isolated=True))
    print(f"{tally.done} runs done")


def _watch(registry: Registry, runs: int, over: threading.Event) -> None:
    printed = 0.0
    while not over.wait(0.2):
        computing = [pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()]
        if time.monotonic() - printed < EVERY_S or not computing:
            continue
        printed = time.monotonic()
        with registry.read() as conn:
            done = _done(runs, outstanding(conn))
        print(f"{done:8} {_resident_mb('self'):7.1f} MB {_resident_mb(computing[0]):7.1f} MB", flush=True)


def _done(runs: int, left: int) -> int:
    """Return about how many runs are done: spectra that wait for temperatures are not among those that are left."""
    return runs - 2 * left


def _resident_mb(pid: str) -> float:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024.0


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
