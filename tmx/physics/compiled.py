"""The decorators of compiled functions, where their machine code is kept, and who compiles first.

numba's own cache looks at the file of a function, not at those of the functions it calls: after a change elsewhere it
would go on with stale code. Here the directory of the cache is named by a hash of every source of this package, so that
any change compiles anew, and an installation that cannot be written to can be cached as well.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

from numba import config, njit

Function = TypeVar("Function", bound=Callable[..., object])

LOG = logging.getLogger(__name__)

KEPT_CACHES = 8
"""How many caches are kept, of earlier sources and of other checkouts: those used last."""


def kernel(function: Function) -> Function:
    """Compile a function on its first call, without the interpreter's lock, and keep the machine code on disk."""
    return _compiled(function)


def part(function: Function) -> Function:
    """Compile a function that only other kernels call: its face to Python would take as long again to compile."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def lean(function: Function) -> Function:
    """Compile a part that allocates and returns no arrays, without counting references to them.

    The counts are atomic: on a small block they would take as long as the work on it.
    """
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)


def inlined(function: Function) -> Function:
    """Compile a function into each of its callers, so that constant arguments make loops of known length."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)


def spliced(function: Function) -> Function:
    """Compile a function as text of its one caller: between large functions a boundary only costs compilation."""
    return _compiled(function, inline="always")


def _compiled(function: Function, **options: bool | str) -> Function:
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_directory())
    try:
        compiled: Function = njit(cache=True, nogil=True, error_model="numpy", **options)(function)
    finally:
        config.CACHE_DIR = before
    return compiled


@cache
def cache_directory() -> Path:
    """Return the directory that holds the machine code of the present sources; it exists and can be written to."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    places = [os.environ.get("NUMBA_CACHE_DIR"), home, tempfile.gettempdir()]
    for place in filter(None, places):
        parent = Path(place) / "tmx-kernels"
        directory = parent / _hash_of_sources()
        try:
            directory.mkdir(parents=True, exist_ok=True)
            os.utime(directory)
            _forget_old(parent)
        except OSError:
            continue
        if os.access(directory, os.W_OK):
            return directory
    raise OSError(f"no directory for compiled code can be written to: {', '.join(filter(None, places))}")


def is_compiled(what: str) -> bool:
    """Tell whether there is machine code of the present sources for a kind of problem."""
    return _done(what).exists()


@contextmanager
def one_compiles(what: str) -> Iterator[None]:
    """Let one process compile for a kind of problem, by solving one, while others that want to wait for it.

    Parameters
    ----------
    what : str
        The kind of problem, in words.
    """
    if config.DISABLE_JIT or is_compiled(what):
        yield
        return
    with open(_done(what).with_suffix(".lock"), "a") as turn:
        with suppress(OSError):  # a file system without locks: everybody compiles
            fcntl.flock(turn, fcntl.LOCK_EX)
        if not is_compiled(what):
            LOG.warning("compiling the physics of %s, once for this installation: up to a minute", what)
            yield
            _done(what).touch()
            return
    yield


def _done(what: str) -> Path:
    """Return the file that exists once a kind of problem is compiled."""
    return cache_directory() / f"{what.replace(' ', '-')}.done"


def _hash_of_sources() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _forget_old(parent: Path) -> None:
    """Remove all but the caches used last; a process that still uses one has its code in memory."""
    caches = sorted(parent.iterdir(), key=_last_use, reverse=True)
    for path in caches[KEPT_CACHES:]:
        shutil.rmtree(path, ignore_errors=True)


def _last_use(path: Path) -> float:
    with suppress(FileNotFoundError):  # another process was faster
        return path.stat().st_mtime
    return 0.0
