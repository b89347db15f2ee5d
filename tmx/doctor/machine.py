"""Whether the machine has processors, memory and temporary space for workers."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tmx.doctor.findings import Finding, ok, warning, wrong
from tmx.execution.backends import default_workers
from tmx.execution.process import THREADS
from tmx.words import counted, size_of

MEMORY_OF_WORKER = 400_000_000
"""Bytes of a worker and the process that computes for it: 280 MB were seen with flat surfaces, more with craters."""

LITTLE_SPACE = 100_000_000

CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""What a container may use: microseconds of processor time in a period, and the period."""

MEMORY_QUOTA = Path("/sys/fs/cgroup/memory.max")

MEMORY = Path("/proc/meminfo")


def examine_machine() -> Iterator[Finding]:
    """Yield findings on processors, threads, memory and the temporary directory."""
    yield _processors()
    yield _threads()
    memory = _available_memory()
    if memory is not None:
        yield _memory(memory)
    yield _temporary()


def _processors() -> Finding:
    usable = default_workers()
    found = f"{usable} of {os.cpu_count()} may be used, so many workers are started by default"
    quota = _quota()
    if quota is not None and quota < usable - 0.5:
        return warning(
            "processors", f"{found}, but the container may use {quota:g}", f"give --workers {max(1, int(quota))}"
        )
    return ok("processors", found)


def _threads() -> Finding:
    given = {name: os.environ[name] for name in THREADS if name in os.environ}
    odd = [f"{name}={value}" for name, value in given.items() if not value.isdigit() or int(value) < 1]
    if odd:
        return wrong("threads", f"{', '.join(odd)} is no number of threads", f"unset {odd[0].partition('=')[0]}")
    if wide := [f"{name}={value}" for name, value in given.items() if int(value) > default_workers()]:
        return warning(
            "threads",
            f"{', '.join(wide)}: more than processors; `tmx single` and datasets would use them, workers use one each",
            f"unset {wide[0].partition('=')[0]}, or set it to {default_workers()}",
        )
    shown = ", ".join(f"{name}={value}" for name, value in given.items())
    return ok("threads", f"one for each worker{f', whatever {shown} says' if shown else ''}")


def _memory(available: int) -> Finding:
    room = available // MEMORY_OF_WORKER
    found = f"{size_of(available)} available"
    if room < default_workers():
        return warning("memory", f"{found}, room for {counted(room, 'worker')}", f"give --workers {max(1, room)}")
    return ok("memory", found)


def _temporary() -> Finding:
    try:
        directory = tempfile.gettempdir()
        free = shutil.disk_usage(directory).free
    except OSError as error:
        return wrong("temporary", str(error), "set TMPDIR to a directory that can be written to")
    if free < LITTLE_SPACE:
        return warning("temporary", f"{size_of(free)} free at {directory}", "free some space, or set TMPDIR")
    return ok("temporary", f"{size_of(free)} free at {directory}")


def _quota() -> float | None:
    """Return how many processors a container may use, if that is limited."""
    quota, _, period = _text(CPU_QUOTA).partition(" ")
    return int(quota) / int(period) if quota.isdigit() else None


def _available_memory() -> int | None:
    """Return how many bytes are available, to a container as to the machine; None where Linux does not tell."""
    lines = dict(line.split(":", 1) for line in _text(MEMORY).splitlines() if ":" in line)
    if "MemAvailable" not in lines:
        return None
    available = 1024 * int(lines["MemAvailable"].split()[0])
    quota = _text(MEMORY_QUOTA).strip()
    return min(available, int(quota)) if quota.isdigit() else available


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
