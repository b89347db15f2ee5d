"""The process that computes: it gets runs from its worker one by one, answers with what became of each, dies with it.

Started as `python -m tmx.execution.compute FD` by `tmx.execution.process`. Its worker keeps the leases, writes to the
registry and hears the signals; so whatever happens here, a crash or a run that takes for ever, there is somebody to
record it.
"""

import ctypes
import faulthandler
import os
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from tmx import messages
from tmx.execution.process import BEGUN, READY
from tmx.execution.runner import Runner
from tmx.registry.queue import Claim

OOM_SCORE = "500"
"""Makes it likely that Linux, short of memory, ends this process rather than the worker, which can tell the tale."""

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Compute what the worker sends until it is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    faulthandler.enable()
    if sys.platform == "linux":
        _arrange_for_the_worst()
    worker = Connection(int(sys.argv[1]))
    registry, store, level = worker.recv()
    messages.show(level)
    runner = Runner(registry, store, begun=lambda: worker.send(BEGUN))
    claims: SimpleQueue[Claim] = SimpleQueue()
    Thread(target=_receive, args=(worker, claims), daemon=True).start()
    worker.send(READY)
    while True:
        worker.send(runner.compute(claims.get()))


def _arrange_for_the_worst() -> None:
    """Have Linux end this process with its worker, whatever is being computed, and before it when memory is short."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)


def _receive(worker: Connection, claims: "SimpleQueue[Claim]") -> None:
    """Pass on what the worker sends, and end the process when the worker is gone."""
    while True:
        try:
            claims.put(worker.recv())
        except (EOFError, OSError):
            os._exit(0)


if __name__ == "__main__":
    main()
