"""Several workers on one machine, through joblib; what a worker that dies leaves behind is taken back at once."""

import os
import secrets
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from tmx.config import stored_config
from tmx.errors import ConfigError
from tmx.execution.beside import beside
from tmx.execution.stopping import StopRequest
from tmx.execution.worker import Job, Tally, reap_dead_workers, work
from tmx.physics.compiled import is_compiled
from tmx.registry.engine import Registry
from tmx.registry.queries import configs_of, outstanding
from tmx.registry.workers import alive_in_crew
from tmx.stages.radiance import kind_of_spectra, load_spectra_kernels
from tmx.stages.thermal import kind_of_problem, load_kernels

BACKEND = "loky"


def run_workers(job: Job, workers: int) -> Tally:
    """Work with several processes until nothing is left, or until asked to stop.

    With one worker, the work is done in this process. A worker process that dies, killed or crashed, is replaced; the
    run that it computed counts as lost and is tried again.
    """
    reap_dead_workers(job.registry)
    if not job.wait and not _is_work_left(job.registry, job.sweep_ids):
        return Tally()
    if workers == 1:
        return work(job)
    job = replace(job, backend=BACKEND, crew=secrets.token_hex(8))
    total = Tally()
    with StopRequest() as stop, beside(lambda over: _pass_on(job, stop, over), "stop"):
        while True:
            died = _run_round(job, workers, total)
            reap_dead_workers(job.registry)
            if stop.requested or not died:
                break
    total.interrupted = total.interrupted or stop.requested
    return total


def compile_kernels(registry: Registry, sweep_ids: Sequence[int] | None) -> None:
    """Compile what sweeps need, of all active ones by default, before workers start and progress is shown."""
    if not _is_work_left(registry, sweep_ids):
        return
    with registry.read() as conn:
        configs = [(stored_config(resolved), radiance) for resolved, radiance in configs_of(conn, sweep_ids)]
    for config, radiance in configs:
        with suppress(ConfigError):  # its samples may be acceptable where a base config alone is not
            if not is_compiled(kind_of_problem(config)):
                load_kernels(config)
            if radiance and not is_compiled(kind_of_spectra(config)):
                load_spectra_kernels(config)


def default_workers() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_work_left(registry: Registry, sweep_ids: Sequence[int] | None) -> bool:
    with registry.read() as conn:
        return outstanding(conn, sweep_ids) > 0


def _run_round(job: Job, workers: int, total: Tally) -> bool:
    """Start the workers, add up what they did, and return whether any of them died."""
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import BrokenProcessPool

    try:
        with parallel_config(backend=BACKEND, inner_max_num_threads=1):
            tallies = Parallel(n_jobs=workers, return_as="generator_unordered")(
                delayed(work)(job) for _ in range(workers)
            )
            for tally in tallies:
                _add(total, tally)
    except BrokenProcessPool:
        return True
    return False


def _add(total: Tally, part: Tally) -> None:
    total.done += part.done
    total.failed += part.failed
    total.lost += part.lost
    total.interrupted = total.interrupted or part.interrupted


def _pass_on(job: Job, stop: StopRequest, over: threading.Event) -> None:
    """Pass a request to stop on to the worker processes, as a signal that they take as a request as well."""
    while not over.wait(0.2):
        if stop.requested:
            _signal_crew(job)
            return


def _signal_crew(job: Job) -> None:
    with job.registry.read() as conn:
        crew = alive_in_crew(conn, job.crew)
    for pid in crew:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
