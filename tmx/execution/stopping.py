"""Stopping in good order: signals, and workers that outlive whoever started them."""

import math
import os
import signal
import threading
import time
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

EXIT_INTERRUPTED = 130

ECHO_S = 1.0
"""Signals that follow the first within this time are the same wish: a terminal sends them to all processes of a group,
and the one that started the others passes them on."""

NAP_S = 0.1

PARENT_LOOK_S = 0.5
"""How often a process of a pool looks whether the one that started it is there."""

AT_WORK = threading.Lock()
"""Taken while a process of a pool works: it does not end with its coordinator before what it holds is handed back."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Turns the first SIGINT or SIGTERM into a request to stop, and ends the process at a second one.

    A context manager; outside the main thread, where signals cannot be caught, it waits for `request` alone.

    Attributes
    ----------
    terminated : bool
        Whether the request was a SIGTERM: a scheduler's wish, which is fulfilled when the process ends.
    followers : list of int
        Processes of this machine that end at once as well when this one does.
    """

    def __init__(self) -> None:
        self.terminated = False
        self.followers: list[int] = []
        self._requested_at = math.inf
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._caught) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def requested(self) -> bool:
        """Whether to stop."""
        return self._requested_at < math.inf

    @property
    def requested_for_s(self) -> float:
        """How long ago it was requested [s]; minus infinity if it was not."""
        return time.monotonic() - self._requested_at

    def request(self) -> None:
        """Ask to stop.

        There is no lock in it: a signal could find one taken by the very thread that it interrupts.
        """
        if not self.requested:
            self._requested_at = time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until a request to stop; return whether there is one."""
        until = time.monotonic() + seconds
        while not self.requested and (left := until - time.monotonic()) > 0.0:
            time.sleep(min(left, NAP_S))
        return self.requested

    def _caught(self, number: int, frame: FrameType | None) -> None:
        if not self.requested:
            self.terminated = number == signal.SIGTERM
            self.request()
        elif self.requested_for_s > ECHO_S:
            for pid in self.followers:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os._exit(EXIT_INTERRUPTED)


def end_with(coordinator: int) -> None:
    """Have this process end once the one that started it is gone, as soon as it is not `AT_WORK`.

    Left to itself, a pool's process waits for minutes for more from somebody who will never send it.

    Parameters
    ----------
    coordinator : int
        Its process id: it may be gone before anybody here could ask for it.
    """

    def watch() -> None:
        while os.getppid() == coordinator:
            time.sleep(PARENT_LOOK_S)
        with AT_WORK:
            os._exit(EXIT_INTERRUPTED)

    threading.Thread(target=watch, name="coordinator", daemon=True).start()
