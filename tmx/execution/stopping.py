"""Stopping in good order: signals, and workers that outlive whoever started them."""

import math
import os
import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any

EXIT_INTERRUPTED = 130

ECHO_S = 1.0
"""Signals that follow the first within this time are the same wish: a terminal sends them to all processes of a group,
and the one that started the others passes them on."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Turns the first SIGINT or SIGTERM into a request to stop, and ends the process at a second one.

    A context manager; outside the main thread, where signals cannot be caught, it waits for `request` alone.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._caught_at = -math.inf
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
        return self._event.is_set()

    def request(self) -> None:
        """Ask to stop."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until a request to stop; return whether there is one."""
        return self._event.wait(seconds)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        if not self._event.is_set():
            self._caught_at = time.monotonic()
            self._event.set()
        elif time.monotonic() - self._caught_at > ECHO_S:
            os._exit(EXIT_INTERRUPTED)
