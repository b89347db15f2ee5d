"""What tmx says of its work: records of the standard library's logging, shown on stderr.

Modules log under their own names and configure nothing. Processes that people start, and those that these start in
turn, call `show`; in a notebook it is the user's own configuration that counts.
"""

import logging
import sys
import time
from contextlib import suppress

QUIET, VERBOSE, DEBUG = logging.WARNING, logging.INFO, logging.DEBUG

TMX = logging.getLogger("tmx")


class _OnStderr(logging.Handler):
    """Writes records to what stderr is at the moment: a progress bar takes its place for a while."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; where nobody reads any more, nothing is written."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()


class _Formatter(logging.Formatter):
    """With times and modules for those who asked for more, and as plain lines for all others."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record."""
        text = super().format(record)
        if level() >= QUIET:
            return text
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        return f"{clock}.{int(record.msecs):03d} {record.name.removeprefix('tmx.')}: {text}"


_HANDLER = _OnStderr()
_HANDLER.setFormatter(_Formatter())


def show(least: int) -> None:
    """Show records of a level and above on stderr: `QUIET`, `VERBOSE` or `DEBUG`."""
    TMX.setLevel(least)
    TMX.addHandler(_HANDLER)


def level() -> int:
    """Return the level from which on records are shown."""
    return TMX.getEffectiveLevel()
