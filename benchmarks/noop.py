"""Work that is nothing, for measuring what runs around it: each run only says in a common file that it was computed."""

import os
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tmx.execution import worker
from tmx.execution.job import Job, Tally
from tmx.execution.outcomes import Ending, Prepared, Watch
from tmx.execution.worker_log import WorkerLog
from tmx.registry.queue import Claim, File, Result
from tmx.storage.atomic import Staged, stage
from tmx.storage.paths import artifact_path, store_relative

NUMBERS = {"t_surf_max": 350.0, "t_surf_min": 120.0, "t_surf_mean": 240.0, "estimated_error": 0.01}
"""What is recorded of a run."""

Content = Callable[[str], bytes]
"""Makes a run's file from its key."""

ENTRY = struct.Struct("<qq")


def note(file: Path, number: int) -> None:
    """Write down that a run was computed, and when. Lines this short are appended whole, whoever else appends."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, ENTRY.pack(number, time.monotonic_ns()))
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Noted:
    """What the runs of all workers wrote down.

    Attributes
    ----------
    runs : int
        How many different runs were computed.
    again : int
        Computations of runs that had been computed already.
    ms_per_run : float
        Time between two computations, whoever did them, without the start and the end of the workers [ms].
    """

    runs: int
    again: int
    ms_per_run: float

    @classmethod
    def read(cls, file: Path) -> "Noted":
        """Read what was noted in a file."""
        entries = list(ENTRY.iter_unpack(file.read_bytes()))
        times = [when for _, when in entries]
        counted = Counter(number for number, _ in entries)
        elapsed = (max(times) - min(times)) / max(1, len(entries) - 1)
        return cls(len(counted), len(entries) - len(counted), elapsed * 1e-6)


class _NoFile(Staged):
    """A file that is none."""

    def publish(self) -> None:
        """Do nothing."""

    def discard(self) -> None:
        """Do nothing."""


class Noop:
    """Computes nothing.

    Parameters
    ----------
    file : Path
        Where to note it.
    store : Path
        Where to leave a file for each run, flushed and hashed like that of a computed one.
    content : callable, optional
        Makes the bytes of that file; without it there is none.
    """

    seconds = 0.0

    def __init__(self, file: Path, store: Path, content: Content | None = None) -> None:
        self._file = file
        self._store = store
        self._content = content

    def compute(self, claim: Claim, watch: Watch) -> Ending:
        """Note the run, and record that it is done."""
        del watch
        note(self._file, claim.run_id)
        if self._content is None:
            return Prepared(_NoFile(self._file, self._file, "", 0), Result(numbers=NUMBERS))
        path = artifact_path(self._store, claim.stage, claim.key)
        staged = stage(path, self._content(claim.key), claim.token)
        file = File(claim.stage, store_relative(path, self._store), staged.sha256, staged.size)
        return Prepared(staged, Result((file,), NUMBERS))

    def close(self) -> None:
        """Do nothing."""


def work_on_nothing(job: Job, file: Path, content: Content | None = None) -> Tally:
    """Be a worker whose runs are nothing."""

    @contextmanager
    def computer(_job: Job, store: Path, _log: WorkerLog) -> Iterator[Noop]:
        yield Noop(file, store, content)

    with mock.patch.object(worker, "_computer", computer):
        return worker.work(job)
