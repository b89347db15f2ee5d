"""Numbers that were computed before, kept on disk under a hash of all that went into them.

Files appear whole or not at all and carry the hash of their numbers, so any number of processes may share a cache. One
that cannot be written to is done without.
"""

import hashlib
import os
import struct
import threading
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from tmx.errors import WriteError
from tmx.storage.atomic import stage
from tmx.storage.records import FloatArray

DIGEST_SIZE = 32
"""Bytes of a SHA-256."""


def cache_home() -> Path:
    """Return the directory in which caches are."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def content_sha256(value: object) -> str:
    """Return the SHA-256 of numbers, text, arrays, tuples and dataclasses of them, in hexadecimal digits."""
    digest = hashlib.sha256()
    _feed(digest, value)
    return digest.hexdigest()


def read_numbers(path: Path, count: int) -> FloatArray | None:
    """Return the numbers of a file, or None if there is none, it is damaged, or holds another number of them.

    The file's time becomes that of this use, so that what is not used any more can be told.
    """
    numbers = _numbers(path)
    if numbers is None or len(numbers) != 8 * count:
        return None
    with suppress(OSError):
        os.utime(path)
    return np.frombuffer(numbers, "<f8").astype(np.float64)


def is_numbers_file(path: Path) -> bool:
    """Say whether a file is one that `write_numbers` wrote, and whole."""
    return _numbers(path) is not None


def write_numbers(path: Path, numbers: FloatArray) -> None:
    """Write numbers after their SHA-256, if that is possible."""
    content = numbers.astype("<f8").tobytes()
    with suppress(OSError, WriteError):
        token = f"{os.getpid()}-{threading.get_ident()}"
        stage(path, hashlib.sha256(content).digest() + content, token).publish()


def _numbers(path: Path) -> bytes | None:
    """Return the bytes of the numbers in a file, or None if it does not begin with their hash."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, numbers = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
    return numbers if hashlib.sha256(numbers).digest() == digest else None


def _feed(digest: "hashlib._Hash", value: object) -> None:
    """Hash a value with its type and its size, so that no two values have the same bytes."""
    digest.update(type(value).__name__.encode())
    if isinstance(value, np.ndarray):
        digest.update(struct.pack("<q", value.size) + value.astype("<f8").tobytes())
    elif is_dataclass(value):
        for field in fields(value):
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, tuple) and value and all(isinstance(one, float) for one in value):
        _feed(digest, np.array(value))
    elif isinstance(value, tuple):
        digest.update(struct.pack("<q", len(value)))
        for one in value:
            _feed(digest, one)
    else:
        text = repr(value).encode()
        digest.update(struct.pack("<q", len(text)) + text)
