"""Whether results can be written where they are to go, and whether there is room for what is left to be computed."""

import fcntl
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from tmx.config import stored_config
from tmx.config.fields import Stage
from tmx.doctor.findings import Finding, ok, warning, wrong
from tmx.errors import TmxError
from tmx.execution.batch import require_writable
from tmx.execution.costs import Costs, known_costs
from tmx.execution.preview import PAST_RUNS
from tmx.registry.address import Address
from tmx.registry.costs import past_runs
from tmx.registry.engine import open_registry
from tmx.registry.health import Unfinished, unfinished_runs
from tmx.storage.paths import existing, in_store
from tmx.words import counted, size_of

LITTLE = 500_000_000
"""Bytes below which a disk is soon full."""

FEW_FILES = 10_000

LARGEST_SKEW_S = 60.0
"""Files older than an hour may be taken for garbage: the clock of a file server must not be far off."""


def examine_store(root: Path, address: Address | None) -> Iterator[Finding]:
    """Yield findings on the store root, and on where the sweeps of a registry that are not finished will write."""
    yield _place(root)
    if root.is_dir() and os.access(root, os.W_OK):
        yield from _file_system(root)
    left, need = _needs(root, address) if address else ([], {})
    yield from _room(root, need)
    for sweep, directory in sorted({(each.sweep, in_store(each.output_dir, root)) for each in left}):
        try:
            require_writable(directory)
        except TmxError as error:
            yield wrong("results", f"sweep {sweep}: {error}", "make it writable, or mount it, or set TMX_STORE")


def _needs(root: Path, address: Address) -> tuple[list[Unfinished], dict[Path, float]]:
    """Return what is left to be computed, and how many bytes that will be in which directory; nothing if unknown."""
    try:
        with open_registry(address, read_only=True) as registry, registry.read() as conn:
            left = unfinished_runs(conn)
            return left, _bytes_needed(left, root, known_costs(past_runs(conn, PAST_RUNS)))
    except TmxError:  # the examination of the registry says it
        return [], {}


def _place(root: Path) -> Finding:
    origin = "TMX_STORE" if os.environ.get("TMX_STORE") else "where the registry is"
    if not root.is_dir():
        return wrong("store", f"{root} ({origin}) is not a directory", "make or mount it, or set TMX_STORE to another")
    if not os.access(root, os.W_OK):
        return wrong("store", f"{root} ({origin}) cannot be written to", f"chmod u+w {root}, or set TMX_STORE")
    return ok("store", f"{root} ({origin})")


def _file_system(root: Path) -> Iterator[Finding]:
    """Do with a small file what is done with results, and remove it."""
    probe = root / f".doctor.{os.getpid()}.tmp"
    renamed, linked = (probe.with_suffix(suffix) for suffix in (".renamed", ".linked"))
    try:
        with open(probe, "w") as file:
            file.write("tmx")
            file.flush()
            os.fsync(file.fileno())
            locks = _locks(file.fileno())
        skew = probe.stat().st_mtime - time.time()
        os.replace(probe, renamed)
        links = _links(renamed, linked)
    except OSError as error:
        yield wrong("files", f"{root}: {error.strerror}", "free space or change permissions, or set TMX_STORE")
        return
    finally:
        for path in (probe, renamed, linked):
            path.unlink(missing_ok=True)
    less = [word for word, works in (("locks", locks), ("hard links", links)) if not works]
    if abs(skew) > LARGEST_SKEW_S:
        yield warning(
            "files", f"the clock of the file system is {skew:+.0f} s off", "set the clocks of both machines (NTP)"
        )
    elif less:
        yield warning(
            "files", f"no {' and no '.join(less)} here", "copies and double work take their place; nothing must be done"
        )
    else:
        yield ok("files", "can be written, flushed, renamed, linked and locked")


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _links(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def _bytes_needed(left: list[Unfinished], root: Path, costs: Costs) -> dict[Path, float]:
    """Return for each directory, which is there, how many bytes unfinished runs will write to it."""
    need: dict[Path, float] = defaultdict(float)
    for each in left:
        cost = costs.of(stored_config(each.resolved), cast(Stage, each.stage))
        need[existing(in_store(each.output_dir, root))] += each.runs * cost.bytes
    return need


def _room(root: Path, need: dict[Path, float]) -> Iterator[Finding]:
    """Compare what will be written with the room on each disk, of which directories may share one."""
    disks: dict[int, list[Path]] = defaultdict(list)
    for directory in dict.fromkeys((existing(root), *need)):
        disks[directory.stat().st_dev].append(directory)
    for directories in disks.values():
        yield _room_on(directories[0], sum(need.get(directory, 0.0) for directory in directories))


def _room_on(directory: Path, needed: float) -> Finding:
    free, files = shutil.disk_usage(directory).free, os.statvfs(directory).f_favail
    shown = f"{size_of(free)} free at {directory}"
    if needed:
        shown += f"; the runs that are left need about {size_of(round(needed))}"
    if needed > free:
        return wrong("disk", shown, "free some space: `tmx gc` shows what nobody needs")
    if free < LITTLE:
        return warning("disk", shown, "free some space: `tmx gc` shows what nobody needs")
    if 0 < files < FEW_FILES and os.statvfs(directory).f_files:
        return warning(
            "disk", f"room for {counted(files, 'more file')} at {directory}", "remove files: each run has one"
        )
    return ok("disk", shown)
