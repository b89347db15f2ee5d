"""How far a set of sweeps is: counts from the registry, as a bar on a terminal and as lines in a log."""

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tmx.errors import RegistryError
from tmx.execution.beside import beside
from tmx.registry.engine import Registry
from tmx.registry.queries import status_counts

REFRESH_S = 0.5
LOG_EVERY_S = 10.0


@dataclass(frozen=True)
class Counts:
    """Runs of one or several sweeps by what has become of them.

    Attributes
    ----------
    done, failed, cancelled : int
        Runs in these states.
    left : int
        Runs that wait or are being computed.
    reused : int
        Runs that are done and that another sweep computed.
    """

    done: int = 0
    failed: int = 0
    cancelled: int = 0
    left: int = 0
    reused: int = 0

    @property
    def total(self) -> int:
        """All runs."""
        return self.done + self.failed + self.cancelled + self.left


def count_runs(registry: Registry, sweeps: Iterable[str] | None = None) -> Counts:
    """Count the runs that sweeps need; by default those of all sweeps."""
    wanted = None if sweeps is None else set(sweeps)
    sums = {"done": 0, "failed": 0, "cancelled": 0, "left": 0, "reused": 0}
    for count in registry.consult(status_counts):
        if wanted is not None and count.sweep not in wanted:
            continue
        sums[count.state if count.state in sums else "left"] += count.runs
        if count.state == "done":
            sums["reused"] += count.reused
    return Counts(**sums)


@contextmanager
def shown_progress(registry: Registry, sweeps: list[str] | None, log: Path | None) -> Iterator[None]:
    """Show how far the sweeps are while the block runs: a bar if stderr is a terminal, and lines in a log file."""
    with beside(_Watcher(registry, sweeps, log).watch, "progress"):
        yield


class _Watcher:
    def __init__(self, registry: Registry, sweeps: list[str] | None, log: Path | None) -> None:
        self._registry = registry
        self._sweeps = sweeps
        self._log = log
        self._bar = _make_bar() if sys.stderr.isatty() else None
        self._began = time.monotonic()
        self._first = count_runs(registry, sweeps)

    def watch(self, over: threading.Event) -> None:
        """Follow the counts until the event is set, or until the registry is away for so long that workers say so."""
        with suppress(RegistryError):
            if self._bar is None:
                self._follow(over)
                return
            with self._bar:
                done, total = self._first.done, self._first.total
                self._follow(over, self._bar.add_task("runs", total=total, completed=done, failed=0, rate=""))

    def _follow(self, over: threading.Event, task: Any = None) -> None:
        logged = 0.0
        while True:
            last = over.wait(REFRESH_S)
            counts = count_runs(self._registry, self._sweeps)
            if self._bar is not None:
                self._bar.update(
                    task,
                    total=counts.total,
                    completed=counts.total - counts.left,
                    failed=counts.failed,
                    rate=f"{self._rate(counts):.1f}/s",
                )
            if last or time.monotonic() - logged > LOG_EVERY_S:
                logged = time.monotonic()
                self._write_line(counts)
            if last:
                return

    def _rate(self, counts: Counts) -> float:
        """Return runs finished per second since the watch began."""
        finished = counts.done + counts.failed - self._first.done - self._first.failed
        return max(0, finished) / max(1e-9, time.monotonic() - self._began)

    def _write_line(self, counts: Counts) -> None:
        if self._log is None:
            return
        rate = self._rate(counts)
        left = f", about {counts.left / rate:.0f} s to go" if counts.left and rate else ""
        line = f"{counts.done} done, {counts.failed} failed, {counts.left} left, {rate:.2f} runs/s{left}"
        with suppress(OSError):  # no run depends on it
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with open(self._log, "a") as file:
                file.write(f"{datetime.now().isoformat(timespec='seconds')} {line}\n")


def _make_bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[red]{task.fields[failed]} failed"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
