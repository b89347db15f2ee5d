"""Reading files against what is recorded of them."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

READ_BYTES = 1 << 20

MOST_READERS = 16
"""Threads that read files: they hash beside one another, and where files are far away they wait beside one another."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is recorded of a file.

    Attributes
    ----------
    path : Path
        Where it should be.
    sha256 : str
        Hash of its content.
    size : int
        Its bytes.
    marks : tuple of bytes
        What must be found in it: the keys of the run that it is of and of the run that that builds on.
    """

    path: Path
    sha256: str
    size: int
    marks: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file: a name for scripts, words for people, and whether the content is known to be lost."""

    kind: str
    text: str
    lost: bool = True


def fault_of(expected: Expected) -> Fault | None:
    """Read a file and return what is wrong with it; None if nothing is."""
    try:
        size = os.stat(expected.path).st_size
        if size != expected.size:
            return Fault("file-size", f"has {size} bytes in place of {expected.size}")
        sha256, found = _digest(expected.path, expected.marks)
    except (FileNotFoundError, NotADirectoryError):
        return Fault("file-missing", "is missing")
    except OSError as error:
        return Fault("file-unreadable", f"cannot be read: {error.strerror or error}", lost=False)
    if sha256 != expected.sha256:
        return Fault("file-changed", f"has changed: its sha256 is {sha256[:12]}… in place of {expected.sha256[:12]}…")
    if not found:
        return Fault("file-of-other-run", "is the file of another run")
    return None


def is_whole(path: Path, sha256: str, size: int) -> bool:
    """Say whether a file is there with this content."""
    return fault_of(Expected(path, sha256, size)) is None


def key_marks(key: str, parent_key: str | None) -> tuple[bytes, ...]:
    """Return what the file of a run has in it, as JSON of its metadata, which is never packed."""
    marks = [f'"key": "{key}"']
    if parent_key is not None:
        marks.append(f'"thermal_key": "{parent_key}"')
    return tuple(mark.encode() for mark in marks)


def side_by_side(work: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
    """Do the same with many items in several threads, and yield the answers in the order of the items."""
    readers = min(MOST_READERS, 2 * (os.cpu_count() or 1), len(items))
    if readers < 2:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(readers, "reader") as pool:
        yield from pool.map(work, items)


def _digest(path: Path, marks: Sequence[bytes]) -> tuple[str, bool]:
    """Return the SHA-256 of a file, and whether all marks are in it, without having all of it in memory."""
    digest, missing, tail = hashlib.sha256(), set(marks), b""
    overlap = max(map(len, marks), default=1) - 1
    with open(path, "rb") as file:
        while block := file.read(READ_BYTES):
            digest.update(block)
            if missing:
                window = tail + block
                missing -= {mark for mark in missing if mark in window}
                tail = window[-overlap:]
    return digest.hexdigest(), not missing
