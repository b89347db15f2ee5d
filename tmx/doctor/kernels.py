"""Whether compiled code works, and where it is kept."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tmx.doctor.findings import Finding, ok, warning, wrong
from tmx.words import counted, size_of

LARGE = 3e9
"""Bytes of compiled code that are worth a word."""


def examine_kernels() -> Iterator[Finding]:
    """Yield findings on numba and on the cache of compiled code."""
    yield _numba()
    from tmx.physics.compiled import KEPT_CACHES, cache_directory

    try:
        directory = cache_directory()
    except OSError as error:
        yield wrong("cache", str(error), "set NUMBA_CACHE_DIR to a directory that can be written to")
        return
    sizes = _size(directory), _size(directory.parent)
    kinds = list(directory.glob("*.done"))
    where = f"{directory} ({size_of(sizes[0])})"
    if directory.is_relative_to(tempfile.gettempdir()) and not os.environ.get("NUMBA_CACHE_DIR"):
        yield warning("cache", f"{where}: temporary, since no other place can be written to", "set NUMBA_CACHE_DIR")
    elif sizes[1] > LARGE:
        yield warning(
            "cache",
            f"{where}, with those of up to {KEPT_CACHES - 1} other versions {size_of(sizes[1])}",
            f"remove the other directories in {directory.parent}",
        )
    else:
        yield ok("cache", where)
    if kinds:
        yield ok(
            "compiled", f"{counted(len(kinds), 'kind')} of runs and tables; any other compiles once, in up to a minute"
        )
    else:
        yield ok("compiled", "nothing yet: the first run of a kind compiles for up to a minute")


def _numba() -> Finding:
    """Compile something small and have it computed."""
    import numba

    if numba.config.DISABLE_JIT:
        slow = f"{numba.__version__}, but NUMBA_DISABLE_JIT has it not compile: runs take a hundred times as long"
        return warning("numba", slow, "unset NUMBA_DISABLE_JIT")
    doubled = numba.njit(lambda value: 2.0 * value)(21.0)
    if doubled != 42.0:
        return wrong(
            "numba", f"{numba.__version__} computes 2 × 21 as {doubled}", "pip install --force-reinstall numba"
        )
    return ok("numba", f"{numba.__version__} compiles for {numba.config.CPU_NAME or _cpu()}")


def _cpu() -> str:
    from llvmlite import binding

    return str(binding.get_host_cpu_name())


def _size(directory: Path) -> int:
    return sum(entry.stat().st_size for entry in directory.rglob("*") if entry.is_file())
