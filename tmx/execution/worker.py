"""The loop of a worker: claim, have it computed, record, until nothing is left or someone says stop.

The lease of what a worker holds is renewed from a thread. The computation goes on in a process of its own
(`tmx.execution.process`), which is killed when it takes too long, and whose death the worker outlives; or, where that
is wanted, beside the thread: compiled kernels do not hold the interpreter's lock.
"""

import logging
import os
import random
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from tmx.errors import LeaseLostError, RegistryError, TmxError
from tmx.execution.beside import beside
from tmx.execution.environment import describe_environment, describe_process, is_alive, machine_id
from tmx.execution.job import Job, Tally
from tmx.execution.outcomes import Computer, Died, Prepared, Stop, describe_failure
from tmx.execution.process import ComputingProcess
from tmx.execution.stopping import EXIT_INTERRUPTED, NAP_S, StopRequest
from tmx.execution.worker_log import WorkerLog, log_of
from tmx.registry import queue
from tmx.registry.control import output_dir_of_id
from tmx.registry.engine import Registry
from tmx.registry.queries import outstanding, recent_durations
from tmx.registry.queue import Ask, Claim, Failure
from tmx.registry.workers import register_worker, stop_worker, unfinished_on
from tmx.storage.paths import artifact_path, in_store, staging_path, store_on_this_machine
from tmx.words import counted, duration_of

LOG = logging.getLogger(__name__)

SECONDS_PER_CLAIM = 0.5
"""How much work a worker takes at once: little enough that others find some, and that little is handed back."""

MOST_PER_CLAIM = 20

FIRST_GUESS_S = 0.5
"""How long a run is thought to take before one is known: the first claim is of one run."""

LONGEST_HOLD_S = 5.0
"""A run that takes longer was not reckoned with: what its worker holds besides goes back to the others."""

IDLE_WAIT_S = 0.2
"""First pause of a worker that finds nothing to do; it grows to `LONGEST_IDLE_WAIT_S`."""

LONGEST_IDLE_WAIT_S = 5.0

FORCE_S = 5.0
"""How long after that a worker may take to say goodbye to a registry that does not answer."""

REMOTE_HEARTBEAT_S = 5.0
"""How often workers are heard that no signal reaches: with each heartbeat they hear whether to stop."""

REMEMBERED = 20
"""How many durations a worker judges by whether there is time for another run."""

MARGIN = 1.2
"""By how much the next run may take longer than the longest of those."""


def work(job: Job, stop: StopRequest | None = None) -> Tally:
    """Claim runs and have them computed until nothing is left, or until asked to stop.

    Parameters
    ----------
    job : Job
        What to do.
    stop : StopRequest, optional
        Who says stop, for workers that are threads; by default signals to this process.
    """
    store = store_on_this_machine(job.store) if job.elsewhere else job.store
    process = describe_process(job.backend, job.crew)
    worker_id = register_worker(job.registry, process, describe_environment())
    try:
        with (
            log_of(store, process) as log,
            nullcontext(stop) if stop else StopRequest() as stop,
            _computer(job, store, log) as computer,
        ):
            worker = _Worker(job, store, worker_id, stop, computer, log)
            with beside(worker.beat, "heartbeat"), beside(worker.end_by_force, "grace"):
                return worker.run()
    finally:
        stop_worker(job.registry, worker_id)


def reap_dead_workers(registry: Registry) -> int:
    """Take back, at once, what workers of this machine held whose processes are gone; return how many runs."""
    workers = registry.consult(lambda conn: unfinished_on(conn, machine_id()))
    dead = [worker_id for worker_id, process in workers.items() if not is_alive(*process)]
    return queue.reap(registry, dead) if dead else 0


@contextmanager
def _computer(job: Job, store: Path, log: WorkerLog) -> Iterator[Computer]:
    if job.isolated:
        computer: Computer = ComputingProcess(job.registry, store, log.hear)
    else:
        from tmx.execution.runner import Runner  # which brings the physics with it

        computer = Runner(job.registry, store)
    try:
        yield computer
    finally:
        computer.close()


class _Worker:
    def __init__(
        self, job: Job, store: Path, worker_id: int, stop: StopRequest, computer: Computer, log: WorkerLog
    ) -> None:
        self._job = job
        self._log = log
        self._store = store
        self._worker_id = worker_id
        self._stop = stop
        self._computer = computer
        self._held: deque[Claim] = deque()
        self._current: Claim | None = None
        self._withdrawn: Claim | None = None
        self._tally = Tally()
        self._seconds_per_run = FIRST_GUESS_S
        self._durations: deque[float] = deque(maxlen=REMEMBERED)
        if job.until is not None:
            known = job.registry.consult(lambda conn: recent_durations(conn, job.sweep_ids, REMEMBERED))
            self._durations.append(statistics.median(known or [0.0]))

    def run(self) -> Tally:
        """Work until nothing is left or until asked to stop; what is held when that goes wrong is handed back."""
        try:
            tally = self._run()
        except TmxError as error:
            self._log.say("ends, since %s", error)
            with suppress(RegistryError):
                self._hand_back_all()
            raise
        self._log.say("ends: %d done, %d failed, %d to be tried again", tally.done, tally.failed, tally.retried)
        return tally

    def _run(self) -> Tally:
        idle_wait = IDLE_WAIT_S
        while not self._is_over():
            if not self._held:
                self._hold(queue.claim(self._job.registry, self._ask()))
            if self._held:
                idle_wait = IDLE_WAIT_S
                self._compute_first()
                continue
            queue.reap(self._job.registry)
            reap_dead_workers(self._job.registry)
            if not self._job.wait and not self._is_work_left():
                return self._tally
            if idle_wait == IDLE_WAIT_S:
                self._log.say("waits: nothing can be claimed at the moment")
            self._stop.wait(idle_wait * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
            idle_wait = min(2.0 * idle_wait, LONGEST_IDLE_WAIT_S)
        self._hand_back(self._held)
        self._tally.interrupted = self._is_work_left()
        self._tally.terminated = self._stop.terminated
        return self._tally

    def beat(self, over: threading.Event) -> None:
        """Renew the worker's leases, and pass on what it is told; it also stops when whoever started it is gone."""
        job, parent, renewed = self._job, os.getppid(), time.monotonic()
        interval = min(job.lease_s / 4, REMOTE_HEARTBEAT_S if job.elsewhere else job.lease_s)
        while not over.wait(min(1.0, interval)):
            if os.getppid() != parent:
                self._stop.request()
            if time.monotonic() - renewed < interval:
                continue
            with suppress(RegistryError):
                self._hear()
                renewed = time.monotonic()

    def end_by_force(self, over: threading.Event) -> None:
        """See to the end of the grace period where the worker itself cannot, in a computation or without an answer."""
        handing_back = False
        while not over.wait(NAP_S):
            if self._job.is_time_up and not self._job.isolated:
                self._stop.request()
            late = self._stop.requested_for_s - self._job.grace_s
            if late > 0.0 and not self._job.isolated and not handing_back:
                handing_back = True
                threading.Thread(target=self._hand_back_all, daemon=True).start()
            if late > FORCE_S and not self._job.elsewhere:
                os._exit(self._job.exit_code if self._stop.terminated else EXIT_INTERRUPTED)

    def _hear(self) -> None:
        current = self._current
        answer = queue.heartbeat(self._job.registry, self._worker_id, self._job.lease_s)
        LOG.debug("leases renewed of %s", counted(len(answer.held), "run"))
        if answer.stop_requested:
            self._stop.request()
        if current and (not answer.holds(current) or (current.run_id, current.token) in answer.cancelled):
            self._withdrawn = current

    def _is_over(self) -> bool:
        if not self._stop.requested and self._job.until is not None:
            self._tally.out_of_time = time.time() + MARGIN * max(self._durations) > self._job.until
        return self._stop.requested or self._tally.out_of_time

    def _watch(self, seconds: float) -> Stop | None:
        """Say whether a computation that has gone on for some seconds is to be stopped."""
        timeout = self._job.run_timeout_s
        if timeout is not None and seconds > timeout:
            return Stop.TIMEOUT
        if self._stop.requested_for_s > self._job.grace_s or self._job.is_time_up or self._withdrawn is self._current:
            return Stop.HANDED_BACK
        if seconds > LONGEST_HOLD_S and self._held:
            self._hand_back(self._held)
        return None

    def _compute_first(self) -> None:
        """Have the first run that is held computed, which has begun, and have the next one begin."""
        self._current = claim = self._held.popleft()
        self._log.run = claim.run_id
        self._log.tell(claim.run_id, "begins: %s, attempt %d", claim.stage, claim.attempt)
        ending = self._computer.compute(claim, self._watch)
        if isinstance(ending, Prepared):
            self._learn_duration(self._computer.seconds)
            self._record(claim, ending)
        elif isinstance(ending, Failure):
            self._record_failure(claim, ending)
        elif isinstance(ending, Died):
            self._discard_staged(claim)
            self._record_failure(claim, ending.failure, queue.lose)
        elif ending is Stop.TIMEOUT:
            self._discard_staged(claim)
            self._record_failure(claim, _timed_out(self._job))
        else:
            self._discard_staged(claim)
            self._log.tell(claim.run_id, "is handed back")
            queue.release(self._job.registry, [claim])
            self._begin_next()
        self._current = self._log.run = None

    def _record(self, claim: Claim, prepared: Prepared) -> None:
        following = self._following()
        try:
            begun = queue.finish(self._job.registry, claim, prepared.result, prepared.staged.publish, following)
        except LeaseLostError:
            prepared.staged.discard()
            self._lose(claim)
            self._begin_next()
            return
        except OSError as error:
            prepared.staged.discard()
            self._record_failure(claim, describe_failure(error))
            return
        except RegistryError:
            prepared.staged.discard()
            raise
        self._tally.done += 1
        took, name = duration_of(self._computer.seconds), prepared.staged.path.name
        self._log.tell(claim.run_id, "is done after %s: %s", took, name)
        if (prepared.result.numbers or {}).get("accuracy_met") is False:
            self._log.tell(claim.run_id, "warning: its estimated error exceeds the accuracy that was asked for")
        if isinstance(following, Claim) and not begun:
            self._held.popleft()
            self._begin_next()
        elif isinstance(following, Ask):
            self._hold(begun)

    def _hold(self, claims: list[Claim]) -> None:
        if claims:
            self._log.say("claims %s: %s", counted(len(claims), "run"), " ".join(str(each.run_id) for each in claims))
        self._held.extend(claims)

    def _lose(self, claim: Claim) -> None:
        self._tally.lost += 1
        self._log.tell(claim.run_id, "is not recorded: its lease was lost, and somebody else has it")

    def _following(self) -> Claim | Ask | None:
        if self._is_over():
            return None
        return self._held[0] if self._held else self._ask()

    def _record_failure(
        self, claim: Claim, failure: Failure, record: Callable[[Registry, Claim, Failure], str] = queue.fail
    ) -> None:
        error = f"{failure.error_type}: {failure.message}\n{failure.traceback or ''}"
        try:
            if record(self._job.registry, claim, failure) == "failed":
                self._tally.failed += 1
                self._log.tell(claim.run_id, "has failed: %s", error)
            else:
                self._tally.retried += 1
                self._log.tell(claim.run_id, "will be tried again: %s", error)
        except LeaseLostError:
            self._lose(claim)
        self._begin_next()

    def _begin_next(self) -> None:
        while self._held and not self._is_over() and not queue.start(self._job.registry, self._held[0]):
            self._held.popleft()

    def _hand_back(self, claims: deque[Claim]) -> None:
        if claims:
            self._log.say("hands back %s", " ".join(str(each.run_id) for each in claims))
        queue.release(self._job.registry, claims)
        claims.clear()

    def _hand_back_all(self) -> None:
        held = [*([self._current] if self._current else []), *self._held]
        if held:
            self._log.say("hands back %s", " ".join(str(each.run_id) for each in held))
        queue.release(self._job.registry, held)

    def _discard_staged(self, claim: Claim) -> None:
        """Remove what a process that was ended may have left half written."""
        output_dir = self._job.registry.consult(lambda conn: output_dir_of_id(conn, claim.sweep_id))
        path = artifact_path(in_store(output_dir, self._store), claim.stage, claim.key)
        with suppress(OSError):
            staging_path(path, claim.token).unlink(missing_ok=True)

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
        self._durations.append(seconds)
        self._seconds_per_run = 0.7 * self._seconds_per_run + 0.3 * max(seconds, 1e-3)

    def _is_work_left(self) -> bool:
        return self._job.registry.consult(lambda conn: outstanding(conn, self._job.sweep_ids)) > 0


def _timed_out(job: Job) -> Failure:
    return Failure("RunTimeout", f"stopped after {job.run_timeout_s:g} s, the longest that a run may take")
