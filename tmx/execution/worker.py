"""The loop of a worker: claim, compute, record, until nothing is left or someone says stop.

The lease of what a worker holds is renewed from a thread beside the computation; compiled kernels do not hold the
interpreter's lock, so that it is never starved.
"""

import os
import random
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from tmx.errors import LeaseLostError, RegistryError
from tmx.execution.beside import beside
from tmx.execution.environment import describe_environment, describe_process, is_alive, machine_id
from tmx.execution.runner import Runner, describe_failure
from tmx.execution.stopping import StopRequest
from tmx.registry import queue
from tmx.registry.engine import Registry
from tmx.registry.queries import outstanding
from tmx.registry.queue import LEASE_S, Ask, Claim
from tmx.registry.workers import alive_on, register_worker, stop_worker

SECONDS_PER_CLAIM = 0.5
"""How much work a worker takes at once: little enough that others find some, and that little is handed back."""

MOST_PER_CLAIM = 20

IDLE_WAIT_S = 0.2
"""First pause of a worker that finds nothing to do; it grows to `LONGEST_IDLE_WAIT_S`."""

LONGEST_IDLE_WAIT_S = 5.0


@dataclass(frozen=True)
class Job:
    """What a worker is to do; it can be sent to another process.

    Attributes
    ----------
    registry : Registry
        The registry; each process makes its own connections to it.
    store : Path
        The store root on this machine.
    sweep_ids : tuple of int, optional
        Only these sweeps; by default every active one.
    backend : str
        What runs the worker, for the record.
    crew : str
        Begins the names of workers that were started together.
    wait : bool
        Stay when nothing is left, for sweeps that are yet to be submitted.
    lease_s : float
        How long a claim is honoured without a heartbeat [s].
    """

    registry: Registry
    store: Path
    sweep_ids: tuple[int, ...] | None = None
    backend: str = "in-process"
    crew: str = "alone"
    wait: bool = False
    lease_s: float = LEASE_S


@dataclass
class Tally:
    """What a worker has done.

    Attributes
    ----------
    done, failed, lost : int
        Runs recorded as done and as failed, and those whose lease was lost before they were recorded.
    interrupted : bool
        Whether it was asked to stop while there was work left.
    """

    done: int = 0
    failed: int = 0
    lost: int = 0
    interrupted: bool = False


def work(job: Job) -> Tally:
    """Claim runs and compute them until nothing is left, or until asked to stop."""
    worker_id = register_worker(job.registry, describe_process(job.backend, job.crew), describe_environment())
    try:
        with StopRequest() as stop, beside(lambda over: _beat(job, worker_id, stop, over), "heartbeat"):
            return _Worker(job, worker_id, stop).run()
    finally:
        stop_worker(job.registry, worker_id)


def reap_dead_workers(registry: Registry) -> int:
    """Take back, at once, what workers of this machine held whose processes are gone; return how many runs."""
    with registry.read() as conn:
        workers = alive_on(conn, machine_id())
    dead = [worker_id for worker_id, pid in workers.items() if not is_alive(pid)]
    return queue.reap(registry, dead) if dead else 0


class _Worker:
    def __init__(self, job: Job, worker_id: int, stop: StopRequest) -> None:
        self._job = job
        self._worker_id = worker_id
        self._stop = stop
        self._runner = Runner(job.registry, job.store)
        self._held: deque[Claim] = deque()
        self._tally = Tally()
        self._seconds_per_run = SECONDS_PER_CLAIM

    def run(self) -> Tally:
        idle_wait = IDLE_WAIT_S
        while not self._stop.requested:
            if not self._held:
                self._held.extend(queue.claim(self._job.registry, self._ask()))
            if self._held:
                idle_wait = IDLE_WAIT_S
                self._compute_first()
                continue
            queue.reap(self._job.registry)
            if not self._job.wait and not self._is_work_left():
                return self._tally
            self._stop.wait(idle_wait * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
            idle_wait = min(2.0 * idle_wait, LONGEST_IDLE_WAIT_S)
        queue.release(self._job.registry, self._held)
        self._tally.interrupted = self._is_work_left()
        return self._tally

    def _compute_first(self) -> None:
        """Compute the first run that is held, which has begun, and have the next one begin."""
        claim = self._held.popleft()
        before = time.perf_counter()
        try:
            prepared = self._runner.prepare(claim)
        except Exception as error:  # whatever goes wrong in a run is recorded, and the others go on
            self._record_failure(claim, error)
            return
        self._learn_duration(time.perf_counter() - before)
        following = self._following()
        try:
            begun = queue.finish(self._job.registry, claim, prepared.result, prepared.staged.publish, following)
        except LeaseLostError:
            prepared.staged.discard()
            self._tally.lost += 1
            self._begin_next()
            return
        except OSError as error:
            prepared.staged.discard()
            self._record_failure(claim, error)
            return
        self._tally.done += 1
        if isinstance(following, Claim) and not begun:
            self._held.popleft()
            self._begin_next()
        elif isinstance(following, Ask):
            self._held.extend(begun)

    def _following(self) -> Claim | Ask | None:
        if self._stop.requested:
            return None
        return self._held[0] if self._held else self._ask()

    def _record_failure(self, claim: Claim, error: Exception) -> None:
        try:
            queue.fail(self._job.registry, claim, describe_failure(error))
            self._tally.failed += 1
        except LeaseLostError:
            self._tally.lost += 1
        self._begin_next()

    def _begin_next(self) -> None:
        while self._held and not self._stop.requested and not queue.start(self._job.registry, self._held[0]):
            self._held.popleft()

    def _ask(self) -> Ask:
        limit = round(SECONDS_PER_CLAIM / self._seconds_per_run)
        return Ask(
            self._worker_id,
            queue.new_token(),
            limit=max(1, min(limit, MOST_PER_CLAIM)),
            sweep_ids=self._job.sweep_ids,
            lease_s=self._job.lease_s,
        )

    def _learn_duration(self, seconds: float) -> None:
        self._seconds_per_run = 0.7 * self._seconds_per_run + 0.3 * max(seconds, 1e-3)

    def _is_work_left(self) -> bool:
        with self._job.registry.read() as conn:
            return outstanding(conn, self._job.sweep_ids) > 0


def _beat(job: Job, worker_id: int, stop: StopRequest, over: threading.Event) -> None:
    """Renew the worker's leases, and pass on what it is told; it also stops when whoever started it is gone."""
    parent = os.getppid()
    while not over.wait(job.lease_s / 4):
        try:
            if queue.heartbeat(job.registry, worker_id, job.lease_s).stop_requested or os.getppid() != parent:
                stop.request()
        except RegistryError:
            continue
