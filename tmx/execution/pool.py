"""Several workers at once, through joblib; what a worker that dies leaves behind is taken back at once."""

import logging
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial

from tmx import messages
from tmx.errors import ConfigError, TmxError
from tmx.execution.backends import Site, is_elsewhere, site
from tmx.execution.beside import beside
from tmx.execution.job import GRACE_S, Job, Tally
from tmx.execution.stopping import AT_WORK, EXIT_INTERRUPTED, NAP_S, StopRequest
from tmx.execution.worker import reap_dead_workers, work
from tmx.registry.engine import Registry
from tmx.registry.queries import outstanding, recent_durations
from tmx.registry.workers import alive_in_crew, request_stop
from tmx.storage.paths import log_directory
from tmx.words import counted

LOG = logging.getLogger(__name__)

MOST_ROUNDS_IN_VAIN = 3
"""How often workers are replaced that die without having done anything."""


@dataclass(frozen=True)
class Crew:
    """Workers that are started together.

    Attributes
    ----------
    workers : int, optional
        How many; by default one per processor.
    backend : str
        What of joblib runs them.
    scheduler : str, optional
        The cluster that runs them, for dask and ray.
    until : float, optional
        When they should be gone, in seconds since 1970.
    run_timeout_s : float, optional
        How long a run may take [s].
    grace_s : float
        How long a run may go on once they are asked to stop [s].
    exit_code : int
        Of a process that has to be ended by force after a SIGTERM.
    """

    workers: int | None = None
    backend: str = "loky"
    scheduler: str | None = None
    until: float | None = None
    run_timeout_s: float | None = None
    grace_s: float = GRACE_S
    exit_code: int = EXIT_INTERRUPTED

    def check(self, registry: Registry) -> None:
        """Make sure that what is asked for goes together.

        Raises
        ------
        ConfigError
            If not.
        """
        if self.scheduler and self.backend not in {"dask", "ray"}:
            raise ConfigError(f"--scheduler is for --backend dask or ray, not for {self.backend}")
        if self.run_timeout_s is not None and self.backend == "threading":
            raise ConfigError(
                "--run-timeout needs processes, which can be killed: use another --backend than threading"
            )
        if is_elsewhere(self.scheduler) and registry.address.path is not None:
            raise ConfigError(
                f"workers of {self.scheduler} cannot share the file {registry.address.shown}:"
                " use PostgreSQL (TMX_DATABASE_URL=postgresql://user@host/tmx)"
            )

    def job(self, job: Job) -> Job:
        """Return what each of the workers is to do."""
        return replace(
            job,
            backend=self.backend,
            crew=secrets.token_hex(8),
            isolated=self.backend != "threading",
            elsewhere=self.backend in {"dask", "ray"},
            until=self.until,
            run_timeout_s=self.run_timeout_s,
            grace_s=self.grace_s,
            exit_code=self.exit_code,
            level=messages.level(),
        )


def run_workers(job: Job, crew: Crew) -> Tally:
    """Work with several workers until nothing is left, or until asked to stop.

    A worker that dies, killed or crashed, is replaced; the run that it computed counts as lost and is tried again.

    Raises
    ------
    ConfigError
        If what is asked for does not go together, or a package for it is missing.
    TmxError
        If the workers cannot work.
    """
    crew.check(job.registry)
    reap_dead_workers(job.registry)
    job = crew.job(job)
    if not job.wait and not _runs_left(job):
        return Tally()
    _require_time_for_a_run(job)
    with site(crew.backend, crew.workers, crew.scheduler) as place, StopRequest() as stop:
        LOG.info(
            "starts %s, backend %s; logs in %s",
            counted(place.workers, "worker"),
            crew.backend,
            log_directory(job.store),
        )
        if place.workers == 1 and crew.backend == "loky":
            total = work(job, stop)
        else:
            with beside(lambda over: _pass_on(job, stop, over), "stop"):
                total = _work_in_rounds(job, place, stop)
    total.terminated = stop.terminated
    if total.problem:
        raise TmxError(total.problem)
    return total


def _work_in_rounds(job: Job, place: Site, stop: StopRequest) -> Tally:
    """Start workers, and replace them all as long as some die."""
    total, in_vain = Tally(), 0
    while True:
        before = _runs_left(job)
        died = _run_round(job, place, stop, total)
        reap_dead_workers(job.registry)
        if stop.requested or not died:
            break
        LOG.warning("a worker died: all are started again, and what it held is taken back")
        in_vain = 0 if _runs_left(job) < before else in_vain + 1
        if in_vain == MOST_ROUNDS_IN_VAIN:
            total.problem = f"the workers died {in_vain} times without finishing a run; see what they wrote"
            break
    total.interrupted = total.interrupted or (stop.requested and _runs_left(job) > 0)
    return total


def _run_round(job: Job, place: Site, stop: StopRequest, total: Tally) -> bool:
    """Start the workers, add up what they did, and return whether any of them died."""
    from joblib import Parallel, delayed

    task = delayed(_work_or_say_why)
    if job.backend == "threading":  # signals come to the main thread, so the workers are in others, even a single one
        tasks = [task(replace(job, registry=Registry(job.registry.address)), stop) for _ in range(place.workers)]
    else:
        tasks = [task(job) for _ in range(place.workers)]
    parallel = Parallel(max(2, place.workers), batch_size=1, pre_dispatch="all", **place.options)
    try:
        for tally in parallel(tasks):
            total.add(tally)
    except place.deaths:
        return True
    return False


def _work_or_say_why(job: Job, stop: StopRequest | None = None) -> Tally:
    """Work; a worker that cannot go on does not take the others with it."""
    if job.backend != "threading":
        messages.show(job.level)
    try:
        with job.registry, AT_WORK if job.backend == "loky" else nullcontext():
            return work(job, stop)
    except TmxError as error:
        return Tally(problem=str(error))


def _require_time_for_a_run(job: Job) -> None:
    if job.until is None:
        return
    durations = job.registry.consult(lambda conn: recent_durations(conn, job.sweep_ids, 20))
    left = job.until - time.time()
    if durations and min(durations) > left:
        raise ConfigError(
            f"--max-time leaves {left:.0f} s, but the last runs took {min(durations):.0f} s and more each"
        )


def _runs_left(job: Job) -> int:
    return job.registry.consult(partial(outstanding, sweep_ids=job.sweep_ids))


def _pass_on(job: Job, stop: StopRequest, over: threading.Event) -> None:
    """Pass a request to stop on to the workers: as a signal, or where none reaches them, through the registry."""
    told: set[int] = set()
    while not over.wait(2 * NAP_S):
        if not stop.requested or job.backend == "threading":
            continue
        with suppress(TmxError):
            crew = job.registry.consult(lambda conn: alive_in_crew(conn, job.crew))
            new = {worker_id: pid for worker_id, pid in crew.items() if worker_id not in told}
            if job.elsewhere:
                request_stop(job.registry, list(new))
            else:
                _signal(new.values())
                stop.followers = list(crew.values())
            told |= new.keys()


def _signal(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
