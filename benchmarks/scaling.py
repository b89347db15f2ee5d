"""Two workers against one on a sweep that computes all the time.

Beside it, what the machine allows: the same configs computed by one and by two processes that have nothing in common.
Virtual processors may be two halves of one, and a busy machine has less than two to give.
"""

import math
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.manager import base_config, scratch_directory
from benchmarks.rows import Row
from tmx.config import SimulationConfig, preset
from tmx.execution.job import Job
from tmx.execution.pool import Crew, run_workers
from tmx.execution.submission import submit_sweep
from tmx.registry.engine import open_registry
from tmx.registry.sql import execute
from tmx.stages.thermal import run_thermal
from tmx.sweeps import load_sweep

SAMPLES = 600
TIMES = 2

SWEEP = """
fixed_overrides: {{use_RTE: true, RTE_solver: disort}}
parameter_sweeps:
  - {{parameter: Et, type: log_uniform, min: 5000, max: 100000, n_samples: {samples}}}
output_settings: {{radiance: false}}
"""

ELAPSED = "SELECT MAX(finished) - MIN(finished) FROM attempt WHERE outcome = 'done'"


def run(samples: int = SAMPLES) -> Iterator[Row]:
    """Yield how much faster a sweep is done by two workers; all take turns, so that a busy machine hits them alike."""
    sweeps, bare = {1: math.inf, 2: math.inf}, {1: math.inf, 2: math.inf}
    for _ in range(TIMES):
        for workers in (1, 2):
            with scratch_directory() as directory:
                sweeps[workers] = min(sweeps[workers], _sweep_s(directory, workers, samples))
            bare[workers] = min(bare[workers], _bare_s(workers, samples))
    for name, seconds in (("a sweep, 2 workers", sweeps), ("bare computations, 2 at once", bare)):
        yield Row(f"{samples} runs with radiative transfer, {name}", seconds[2], "", "1 at once", seconds[1])


def _sweep_s(directory: Path, workers: int, samples: int) -> float:
    """Return the time from the end of the first run to that of the last [s]: loading compiled code is not in it."""
    file = directory / "sweep.yaml"
    file.write_text(SWEEP.format(samples=samples))
    with open_registry(directory / "tmx.db", create=True) as registry:
        submit_sweep(registry, directory, base_config(directory), load_sweep(file), directory / "results")
        run_workers(Job(registry, directory), Crew(workers))
        with registry.read() as conn:
            return float(execute(conn, ELAPSED).scalar_one())


def _bare_s(processes: int, samples: int) -> float:
    """Return the time in which as many processes compute the same samples, without a registry or a file [s]."""
    extinctions = np.geomspace(5e3, 1e5, samples)
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(processes + 1)
    started = [spawn.Process(target=_compute, args=(extinctions[each::processes], ready)) for each in range(processes)]
    for process in started:
        process.start()
    ready.wait()
    before = time.perf_counter()
    for process in started:
        process.join()
    return time.perf_counter() - before


def _compute(extinctions: np.ndarray, ready: Barrier) -> None:
    configs = [
        SimulationConfig(**preset("Bennu").values | {"use_RTE": True, "RTE_solver": "disort", "Et": each})
        for each in extinctions
    ]
    with threadpool_limits(1):
        run_thermal(configs[0])
        ready.wait()
        for config in configs:
            run_thermal(config)
