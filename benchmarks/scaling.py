"""Two workers against one on a sweep that computes all the time: `python -m benchmarks.scaling`."""

import time
from pathlib import Path

from benchmarks.manager import base_config, scratch_directory
from tmx.execution.job import Job
from tmx.execution.pool import Crew, run_workers
from tmx.execution.submission import submit_sweep
from tmx.registry.engine import open_registry
from tmx.registry.sql import execute
from tmx.sweeps import load_sweep

SAMPLES = 400
TIMES = 3

SWEEP = """
fixed_overrides: {{use_RTE: true, RTE_solver: disort}}
parameter_sweeps:
  - {{parameter: Et, type: log_uniform, min: 5000, max: 100000, n_samples: {samples}}}
output_settings: {{radiance: false}}
"""

ELAPSED = "SELECT MAX(finished) - MIN(started) FROM attempt WHERE outcome = 'done'"


def run(samples: int = SAMPLES) -> None:
    """Print how much faster a sweep is done by two workers; they take turns, so that a busy machine hits both alike."""
    best: dict[int, tuple[float, float]] = {}
    for _ in range(TIMES):
        for workers in (1, 2):
            with scratch_directory() as directory:
                best[workers] = min(best.get(workers, (1e9, 1e9)), _elapsed(directory, workers, samples))
    (alone, alone_in_all), (together, together_in_all) = best[1], best[2]
    print(f"{samples} runs with radiative transfer: one worker {alone:.2f} s, two {together:.2f} s,")
    print(f"  {alone / together:.2f} times as fast; {alone_in_all / together_in_all:.2f} with their start and end")


def _elapsed(directory: Path, workers: int, samples: int) -> tuple[float, float]:
    """Return the time from the first run's start to the last one's end, and that of everything [s]."""
    file = directory / "sweep.yaml"
    file.write_text(SWEEP.format(samples=samples))
    with open_registry(directory / "tmx.db", create=True) as registry:
        submit_sweep(registry, directory, base_config(directory), load_sweep(file), directory / "results")
        before = time.perf_counter()
        run_workers(Job(registry, directory), Crew(workers))
        in_all = time.perf_counter() - before
        with registry.read() as conn:
            return float(execute(conn, ELAPSED).scalar_one()), in_all


if __name__ == "__main__":
    run()
