"""What is kept in `~/.cache` because it takes long to compute: geometry of rough surfaces and optics of grains.

It can all be computed again, and nobody else would ever remove it. A file's time is that of its last use.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tmx.stages import roughness, scattering
from tmx.stages.cache import is_numbers_file

NAME = re.compile(r"[0-9a-f]{64}\.(factors|table)")
UNFINISHED = re.compile(r"\.[0-9a-f]{64}\.(factors|table)\.\d+-\d+\.tmp")

LONGEST_UNUSED_S = 90 * 86400.0
MOST_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a file of a cache may lie unused [s], and how many bytes a cache may have, those last used kept."""

    unused_s: float = LONGEST_UNUSED_S
    most_bytes: int = MOST_BYTES


def cache_directories() -> tuple[Path, ...]:
    """Return the directories of the caches, whether or not they exist."""
    return roughness.cache_directory(), scattering.cache_directory()


def unused_files(limits: Limits, unfinished_s: float) -> Iterator[Path]:
    """Yield the files of the caches that are beyond the limits, and those left by whoever could not finish them.

    A file that has the name of one of a cache but not its content is somebody else's.
    """
    now = time.time()
    for directory in cache_directories():
        kept = 0
        for path, used, size in _by_use(directory):
            if UNFINISHED.fullmatch(path.name):
                if now - used > unfinished_s:
                    yield path
                continue
            if now - used <= limits.unused_s and kept + size <= limits.most_bytes:
                kept += size
            elif is_numbers_file(path):
                yield path


def _by_use(directory: Path) -> list[tuple[Path, float, int]]:
    """Return the files of a cache with the times of their last use and their sizes, the last used first."""
    if not directory.is_dir():
        return []
    found = []
    for path in directory.iterdir():
        if (NAME.fullmatch(path.name) or UNFINISHED.fullmatch(path.name)) and path.is_file() and not path.is_symlink():
            status = path.stat()
            found.append((path, status.st_mtime, status.st_size))
    return sorted(found, key=lambda each: -each[1])
