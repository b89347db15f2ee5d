"""Files that appear whole or not at all.

A file is written under a staging name in its own directory, flushed to the disk, and renamed. `Staged` keeps the two
halves apart, so that a caller can make sure in between that it may still publish.
"""

import errno
import hashlib
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tmx.errors import WriteError
from tmx.storage.paths import staging_path

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Staged:
    """A file that is whole and on the disk, but not yet under its name."""

    path: Path
    staging: Path
    sha256: str
    size: int

    def publish(self) -> None:
        """Give the file its name, replacing what had it, and make that last."""
        os.replace(self.staging, self.path)
        flush(self.path.parent)
        LOG.debug("wrote %s, %d bytes", self.path, self.size)

    def discard(self) -> None:
        """Remove the file, if it has not been published."""
        self.staging.unlink(missing_ok=True)


def stage(path: Path, content: bytes, token: str) -> Staged:
    """Write a file under a staging name and flush it to the disk.

    Parameters
    ----------
    path : Path
        Where the file is to appear; its directory is made.
    content : bytes
        What it holds.
    token : str
        Keeps staging names of different writers apart.

    Raises
    ------
    WriteError
        If the file cannot be written; nothing is left behind.
    """
    staging = staging_path(path, token)
    try:
        make_directory(path.parent)
        with open(staging, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            staging.unlink()
        raise WriteError(f"cannot write {path}: {_reason(error)}") from error
    return Staged(path, staging, hashlib.sha256(content).hexdigest(), len(content))


def write_atomically(path: Path, content: bytes) -> Staged:
    """Write a file and publish it."""
    staged = stage(path, content, str(os.getpid()))
    staged.publish()
    return staged


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_directory(path: Path) -> None:
    """Make a directory, and those above it, so that what will be in it lasts: it is lost with their names.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(exist_ok=True)
        flush(path.parent)


def flush(path: Path) -> None:
    """Have the disk hold what a file holds, or the names that are in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_or_copy(source: Path, target: Path) -> None:
    """Make a file appear under another name as well: a hard link, or a copy where links cannot be made."""
    if target.exists():
        return
    make_directory(target.parent)
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:
        write_atomically(target, source.read_bytes())


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "no space left on the disk"
    if error.errno == errno.EEXIST:  # what mkdir says of a file where a directory is wanted
        return os.strerror(errno.ENOTDIR)
    return error.strerror or str(error)
