"""A process that computes for a worker: it can be killed, and it can die, without the worker.

What it computes, it computes with one thread: a machine has as many workers as it has processors, and sums would come
out otherwise with another number of threads.
"""

import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import IO

from tmx import messages
from tmx.errors import TmxError
from tmx.execution.outcomes import Died, Ending, Stop, Watch
from tmx.registry.engine import Registry
from tmx.registry.queue import Claim, Failure

COMMAND = (sys.executable, "-P", "-m", "tmx.execution.compute")

READY, BEGUN = "ready", "begun"
"""What the process says besides its answers: that it can compute, and that a computation has begun."""

TICK_S = 0.2
"""How often the worker looks up from waiting."""

MOST_LINES = 40
"""Last lines of what a process wrote that are kept, for when it dies."""

NOISE = b"Extension modules: "
"""Begins a line of a hundred names with which Python ends what it says of a crash."""

ASKED_TO_END = (-signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP)
"""Deaths that somebody wished, such as of all processes of a job; not the doing of what was computed."""

LIBRARIES_WITH_THREADS = ("BLIS", "MKL", "NUMBA", "NUMEXPR", "OMP", "OPENBLAS")
THREADS = {f"{library}_NUM_THREADS": "1" for library in LIBRARIES_WITH_THREADS} | {"VECLIB_MAXIMUM_THREADS": "1"}


class ComputingProcess:
    """Computes runs in a process of its own, which is started when it is needed and again after it died.

    Parameters
    ----------
    registry : Registry
        Where the configs of the sweeps are; the process makes its own connections.
    store : Path
        The store root on this machine.
    hear : callable
        Gets each line that the process writes.
    """

    def __init__(self, registry: Registry, store: Path, hear: Callable[[str], None]) -> None:
        self.seconds = 0.0
        self._hear = hear
        self._registry = registry
        self._store = store
        self._child: _Child | None = None

    def compute(self, claim: Claim, watch: Watch) -> Ending:
        """Compute a run, unless the watch has it stopped or the process dies.

        Raises
        ------
        TmxError
            If the process cannot even be started.
        """
        self._child = self._child or _Child(self._registry, self._store, self._hear)
        try:
            self._child.connection.send(claim)
            return self._answer(self._child, watch)
        except (EOFError, OSError):
            child, self._child = self._child, None
            return _ending_of(child, child.bury())

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _answer(self, child: "_Child", watch: Watch) -> Ending:
        began, self.seconds = None, 0.0
        while True:
            if child.connection.poll(TICK_S):
                message = child.connection.recv()
                if message == READY:
                    child.ready = True
                elif message == BEGUN:
                    began = time.monotonic()
                else:
                    self.seconds = time.monotonic() - began if began else 0.0
                    return message  # type: ignore[no-any-return]
            elif stop := watch(time.monotonic() - began if began else 0.0):
                self.close()
                return stop


class _Child:
    """A running process, the connection to it, and the last of what it wrote."""

    def __init__(self, registry: Registry, store: Path, hear: Callable[[str], None]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 (our own command)
                [*COMMAND, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, **THREADS},
                start_new_session=True,  # the terminal's Ctrl-C is for the worker to hear
            )
        self.ready = False
        self.connection = Connection(ours.detach())
        self.connection.send((registry, store, messages.level()))
        self._hear = hear
        self._last_lines: deque[str] = deque(maxlen=MOST_LINES)
        self._reader = Thread(target=self._pass_on, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        """The last lines that the process wrote."""
        return "".join(self._last_lines)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self.bury()

    def bury(self) -> tuple[int, int]:
        """Wait for the end of the process; return its exit code, negative for a signal, and the memory it used [B]."""
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self.connection.close()
        self._reader.join(1.0)
        return self._process.returncode, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    def _pass_on(self, output: IO[bytes]) -> None:
        """Write what the process writes to stderr, and remember the last of it."""
        with output:
            for line in output:
                if line.startswith(NOISE):
                    continue
                self._last_lines.append(line.decode(errors="replace"))
                self._hear(self._last_lines[-1])
                sys.stderr.write(self._last_lines[-1])
                sys.stderr.flush()


def _ending_of(child: _Child, end: tuple[int, int]) -> Ending:
    """Return what is known of a process that ended by itself."""
    code, memory = end
    if code in ASKED_TO_END:
        return Stop.HANDED_BACK
    if not child.ready and code >= 0:
        last = child.log.strip().splitlines()[-1:] or [f"exit code {code}"]
        raise TmxError(f"the process that computes does not start: {last[0]}")
    how = f"exit code {code}"
    if code < 0:
        hint = ", as when memory runs out" if code == -signal.SIGKILL else ""
        how = f"{signal.Signals(-code).name} (signal {-code}{hint})"
    message = f"the process that computed it died of {how} on {platform.node()}, with {memory / 1e6:.0f} MB of memory"
    return Died(Failure("ProcessDied", message, child.log or None))
