"""The directory of a browser's own files, which is gone with it, however it ended."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "tmx-browse-"

SURELY_LOCKED_S = 60.0
"""A directory that is older is locked by whoever uses it."""


@contextmanager
def own_directory() -> Iterator[Path]:
    """Yield a directory for as long as the block lasts; those that killed processes left are removed first."""
    _remove_left(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        lock = os.open(name, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(lock)


def _remove_left(where: Path) -> None:
    for directory in where.glob(f"{PREFIX}*"):
        # Others' directories, and those that somebody else removes right now, are none of ours.
        with suppress(OSError):
            _remove_if_left(directory)


def _remove_if_left(directory: Path) -> None:
    lock = os.open(directory, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(lock)
        if status.st_uid == os.getuid() and time.time() - status.st_ctime > SURELY_LOCKED_S:
            shutil.rmtree(directory)
    finally:
        os.close(lock)
