"""What a worker is to do, and what it did: both can be sent to another process."""

import time
from dataclasses import dataclass
from pathlib import Path

from tmx import messages
from tmx.execution.stopping import EXIT_INTERRUPTED
from tmx.registry.engine import Registry
from tmx.registry.queue import LEASE_S

GRACE_S = 20.0
"""How long a run may go on once its worker is asked to stop: SLURM and others kill 30 s after they ask."""


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
    isolated : bool
        Compute in a process that can be killed, and not in the worker's own.
    elsewhere : bool
        The worker may be on another machine, which has its own store root, and which signals do not reach.
    until : float, optional
        When the worker should be gone, in seconds since 1970.
    run_timeout_s : float, optional
        How long a run may take [s]; a longer one is stopped and has failed. Only where it is computed in isolation.
    grace_s : float
        How long a run may go on once its worker is asked to stop [s].
    exit_code : int
        Of the process, where it has to be ended by force after the grace period.
    level : int
        What a worker in a process of its own says on stderr: records of this level and above.
    """

    registry: Registry
    store: Path
    sweep_ids: tuple[int, ...] | None = None
    backend: str = "in-process"
    crew: str = "alone"
    wait: bool = False
    lease_s: float = LEASE_S
    isolated: bool = False
    elsewhere: bool = False
    until: float | None = None
    run_timeout_s: float | None = None
    grace_s: float = GRACE_S
    exit_code: int = EXIT_INTERRUPTED
    level: int = messages.QUIET

    @property
    def is_time_up(self) -> bool:
        """Whether the worker should be gone."""
        return self.until is not None and time.time() > self.until


@dataclass
class Tally:
    """What a worker has done.

    Attributes
    ----------
    done, failed : int
        Runs recorded as done, and as failed for good.
    retried : int
        Runs that failed or whose process died, and that wait for another try.
    lost : int
        Runs whose lease was lost before they were recorded.
    interrupted : bool
        Whether it stopped while there was work left.
    terminated : bool
        Whether it stopped because of a SIGTERM.
    out_of_time : bool
        Whether it stopped because there was no time for another run.
    problem : str, optional
        What kept it from working on.
    """

    done: int = 0
    failed: int = 0
    retried: int = 0
    lost: int = 0
    interrupted: bool = False
    terminated: bool = False
    out_of_time: bool = False
    problem: str | None = None

    def add(self, part: "Tally") -> None:
        """Count what another worker has done as well."""
        self.done += part.done
        self.failed += part.failed
        self.retried += part.retried
        self.lost += part.lost
        self.interrupted = self.interrupted or part.interrupted
        self.out_of_time = self.out_of_time or part.out_of_time
        self.problem = self.problem or part.problem
