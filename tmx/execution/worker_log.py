"""The log of a worker: a file of its own beside the store, each line with the moment and the run that it is about.

Every worker writes one file, so that none waits for another, on whatever file system. Nothing that goes wrong with the
file reaches the work: what cannot be written is counted, and the count is written once there is room.
"""

import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

from tmx import __version__
from tmx.messages import TMX
from tmx.registry.workers import Process
from tmx.storage.atomic import make_directory
from tmx.storage.paths import worker_log_path

LOG = logging.getLogger("tmx.execution.worker")
"""Under the name of the module that says the lines."""

MARK = "# worker "
"""Begins every log."""

CONTINUED = "    "
"""Begins each further line of what takes several."""

_CURRENT: ContextVar["WorkerLog"] = ContextVar("worker_log")
"""The log of the worker whose thread this is; threads of none write to all logs of their process."""


class WorkerLog(logging.Handler):
    """Writes what a worker says, and what the modules say that it calls, to its file.

    Parameters
    ----------
    path : Path
        The file, which is made.

    Attributes
    ----------
    run : int or None
        The run that is being computed, which what other modules say is about.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.run: int | None = None
        self._lost = 0
        self._file = -1
        try:
            make_directory(path.parent)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            LOG.warning("no log of this worker: %s cannot be written: %s", path, error.strerror)

    def say(self, text: str, *values: object) -> None:
        """Write a line about the worker; it is also shown to those who asked for more."""
        record = LOG.makeRecord(LOG.name, logging.INFO, "", 0, text, values, None)
        if LOG.isEnabledFor(logging.INFO):
            LOG.handle(record)
        else:
            self.handle(record)

    def tell(self, run: int, text: str, *values: object) -> None:
        """Write a line about a run."""
        self.say(f"run {run}: {text}", *values)

    def hear(self, line: str) -> None:
        """Write a line of the process that computes, which has been shown already."""
        self._write(f"{self._about}| {line.rstrip()}")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless it is another worker's."""
        if _CURRENT.get(self) is not self:
            return
        text = record.getMessage()
        if record.name != LOG.name:
            text = f"{self._about}{record.levelname.lower()}: {text}"
        if record.exc_info and record.exc_info[1]:
            text += "\n" + "".join(traceback.format_exception(record.exc_info[1]))
        self._write(text)

    def close(self) -> None:
        """Close the file."""
        super().close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def head(self, text: str) -> None:
        """Write the first line, by which the file is known."""
        self._append(f"{MARK}{text}\n")

    @property
    def _about(self) -> str:
        return f"run {self.run}: " if self.run else ""

    def _write(self, text: str) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        lines = f"\n{CONTINUED}".join(text.rstrip().splitlines())
        self._append(f"{moment}Z {lines}\n")

    def _append(self, text: str) -> None:
        if self._file < 0:
            return
        if self._lost:
            text = f"\n# {self._lost} lines could not be written\n{text}"
        content = text.encode(errors="replace")
        try:
            written = os.write(self._file, content)
        except OSError:
            written = 0
        self._lost = 0 if written == len(content) else self._lost + 1


@contextmanager
def log_of(store: Path, process: Process) -> Iterator[WorkerLog]:
    """Keep the log of a worker while the block runs."""
    log = WorkerLog(worker_log_path(store, process.name))
    log.head(f"{process.name}, backend {process.backend}, tmx {__version__}")
    token = _CURRENT.set(log)
    TMX.addHandler(log)
    try:
        yield log
    finally:
        TMX.removeHandler(log)
        _CURRENT.reset(token)
        log.close()


def lines_of_run(path: Path, run: int) -> list[str]:
    """Return the lines of a log that are about a run, with those that continue them.

    Raises
    ------
    OSError
        If the log cannot be read.
    """
    found: list[str] = []
    mine = False
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if not line.startswith(CONTINUED):
                mine = line.split(" ", 1)[-1].startswith(f"run {run}: ")
            if mine:
                found.append(line.rstrip("\n"))
    return found
