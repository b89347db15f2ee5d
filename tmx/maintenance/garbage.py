"""What nobody needs any more: found first, and removed only when asked to.

A file is taken for garbage by its name and by what is in it, both of which only tmx gives to a file; anything else is
left alone. What a live worker may be writing is known by the lease under which it is written, by the process that
writes it, and, on other machines, by its age.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tmx.datasets.destination import PAPER_MARKS
from tmx.errors import NotFoundError, StorageError
from tmx.execution.environment import is_alive
from tmx.execution.worker_log import MARK
from tmx.maintenance.caches import Limits, unused_files
from tmx.maintenance.files import is_whole
from tmx.registry import leftovers
from tmx.registry.engine import Registry
from tmx.storage.hdf5 import read_provenance
from tmx.storage.paths import (
    KEY_IN_NAME,
    STAGE_DIRECTORIES,
    STAGE_PREFIXES,
    WORKER_LOG_PREFIX,
    in_store,
    log_directory,
    store_relative,
    worker_log_path,
)
from tmx.storage.records import RECORDS

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"

RESULT_NAME = re.compile(rf"(?:{'|'.join(STAGE_PREFIXES.values())})_([0-9a-f]{{{KEY_IN_NAME}}})\.h5")

UNFINISHED_NAME = re.compile(r"\.(?P<name>.+)\.(?P<token>[0-9a-f]{32}|\d{1,10})\.tmp")

UNFINISHED_MARKS = {
    re.compile(RESULT_NAME.pattern): HDF5_SIGNATURE,
    re.compile(r"ml_dataset\.h5"): HDF5_SIGNATURE,
    **{re.compile(rf"(?:ml_dataset\.)?{re.escape(name)}"): mark for name, mark in PAPER_MARKS.items()},
    re.compile(r"batch_results\.yaml"): b"batch_metadata:",
    re.compile(r"writable"): b"",
}
"""Names of files that tmx writes, and how they begin: one that is not finished is empty, or begins so."""

FEWEST_OF_LEASE = 32
"""Digits of a lease's token; one of fewer is the id of a process."""

MIN_AGE_S = 3600.0

LOG_AGE_S = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Options:
    """What is taken for garbage.

    Attributes
    ----------
    min_age_s : float
        A file younger than this may be at work for somebody. [s]
    unknown : bool
        Also results of which the registry does not know the run: computed by hand, or for another registry.
    limits : Limits
        Those of the caches.
    log_age_s : float
        A worker's log is of no use when it was not written to for so long. [s]
    """

    min_age_s: float = MIN_AGE_S
    unknown: bool = False
    limits: Limits = field(default_factory=Limits)
    log_age_s: float = LOG_AGE_S


@dataclass(frozen=True, slots=True)
class Garbage:
    """A file or row that nobody needs: its kind, what is shown of it, its bytes, and what removes it.

    `remove` says whether it did; not if somebody needs it by now.
    """

    kind: str
    name: str
    bytes: int
    remove: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Spared:
    """A file that is left alone though no row refers to it, and why."""

    name: str
    bytes: int
    reason: str


def find_garbage(registry: Registry, store: Path, options: Options) -> Iterator[Garbage | Spared]:
    """Yield what nobody needs, and what looks so and is left alone."""
    with registry.read() as conn:
        sweeps = leftovers.output_directories(conn)
        superseded = leftovers.superseded_runs(conn)
    for sweep in sweeps:
        directory = in_store(sweep["output_dir"], store)
        for part in (directory, *(directory / name for name in STAGE_DIRECTORIES.values())):
            yield from _unfinished(registry, part, options)
        for stage, name in STAGE_DIRECTORIES.items():
            for file in _files(directory / name):
                if RESULT_NAME.fullmatch(file.path.name) and (
                    found := _orphan(registry, store, file, stage, sweep["sweep_id"], options)
                ):
                    yield found
    for run in superseded:
        if found := _superseded(registry, store, run, options):
            yield found
    yield from _logs(registry, store, options)
    yield from _rows(registry, store)


def find_unused_cache(options: Options) -> Iterator[Garbage]:
    """Yield the files of the caches that are beyond their limits."""
    for path in unused_files(options.limits, options.min_age_s):
        yield Garbage("cache", str(path), path.stat().st_size, _unlink(path))


def _unfinished(registry: Registry, directory: Path, options: Options) -> Iterator[Garbage | Spared]:
    for file in _files(directory):
        named = UNFINISHED_NAME.fullmatch(file.path.name)
        if named is None or (mark := _mark_of(named["name"])) is None:
            continue
        if _is_at_work(registry, file.path, named["token"], options.min_age_s):
            continue
        if not _is_begun(file, mark):
            yield Spared(str(file.path), file.size, "has the name of an unfinished file of tmx, but not its content")
        else:
            yield Garbage(
                "temporary", str(file.path), file.size, _remover(registry, file.path, named["token"], options)
            )


def _remover(registry: Registry, path: Path, token: str, options: Options) -> Callable[[], bool]:
    return lambda: not _is_at_work(registry, path, token, options.min_age_s) and _unlink(path)()


def _is_at_work(registry: Registry, path: Path, token: str, min_age_s: float) -> bool:
    """Say whether somebody may be writing an unfinished file: of a lease that is over, nobody with effect."""
    if len(token) < FEWEST_OF_LEASE:
        return _age(path) < min_age_s or is_alive(int(token))
    with registry.read() as conn:
        held = leftovers.is_held(conn, token)
    return _age(path) < min_age_s if held is None else held


def _orphan(
    registry: Registry, store: Path, file: "_File", stage: str, sweep_id: int, options: Options
) -> Garbage | Spared | None:
    """Return a result to which no row refers; None for one that is needed, or may yet be."""
    relative, name = store_relative(file.path, store), str(file.path)
    with registry.read() as conn:
        if leftovers.is_recorded(conn, relative) or _age(file.path) < options.min_age_s:
            return None
    try:
        key = read_provenance(file.path, RECORDS[stage]).key
    except NotFoundError:
        return None
    except (StorageError, ValueError, RuntimeError):  # the last two are HDF5's, of content that is damaged
        return Spared(name, file.size, "is not a whole result of this version of tmx")
    if not file.path.stem.endswith(f"_{key[:KEY_IN_NAME]}"):
        return Spared(name, file.size, "was named by hand")
    with registry.read() as conn:
        state, shared = leftovers.state_of_key(conn, key), leftovers.is_shared(conn, sweep_id, key)
    if shared or state in {"blocked", "pending", "running"}:
        return None
    if state is None and not options.unknown:
        return Spared(name, file.size, "was computed by hand, or for another registry; --unknown takes it along")
    return Garbage("orphan", name, file.size, lambda: _remove_orphan(registry, key, relative, sweep_id, file.path))


def _remove_orphan(registry: Registry, key: str, relative: str, sweep_id: int, path: Path) -> bool:
    return leftovers.remove_orphan(registry, key, relative, sweep_id, lambda: path.unlink(missing_ok=True))


def _superseded(registry: Registry, store: Path, run: dict[str, Any], options: Options) -> Garbage | Spared | None:
    """Return a result that no sample refers to, as when the solver's version has changed."""
    path = in_store(run["path"], store)
    there = path.exists()
    if not path.parent.is_dir() or (there and _age(path) < options.min_age_s):
        return None
    if there and not is_whole(path, run["sha256"], run["bytes"]):
        return Spared(str(path), path.stat().st_size, "is not as its row says: see `tmx verify`")

    def remove() -> bool:
        return leftovers.retire(registry, run["run_id"]) and _remove_orphan(
            registry, run["key"], run["path"], run["sweep_id"], path
        )

    return Garbage("superseded", str(path), run["bytes"] if there else 0, remove)


def _logs(registry: Registry, store: Path, options: Options) -> Iterator[Garbage | Spared]:
    """Yield the logs of workers that are gone; errors of runs are in the registry as well."""
    with registry.read() as conn:
        alive = {worker_log_path(store, name) for name in leftovers.alive_workers(conn)}
    for file in _files(log_directory(store)):
        if (
            not file.path.match(f"{WORKER_LOG_PREFIX}*.log")
            or file.path in alive
            or _age(file.path) < options.log_age_s
        ):
            continue
        if _is_begun(file, MARK.encode()):
            yield Garbage("log", str(file.path), file.size, _unlink(file.path))
        else:
            yield Spared(str(file.path), file.size, "has the name of a worker's log, but not its content")


def _rows(registry: Registry, store: Path) -> Iterator[Garbage]:
    with registry.read() as conn:
        datasets, idle = leftovers.recorded_datasets(conn), leftovers.count_idle_workers(conn)
    for dataset in datasets:
        path = in_store(dataset["path"], store)
        if path.parent.is_dir() and not path.exists():

            def remove(dataset: dict[str, Any] = dataset) -> bool:
                leftovers.forget_dataset(registry, dataset["dataset_id"], dataset["sha256"])
                return True

            yield Garbage("row", f"dataset {dataset['path']}, whose file is gone", 0, remove)
    if idle:

        def forget() -> bool:
            leftovers.forget_idle_workers(registry)
            return True

        yield Garbage("row", f"{idle} workers that stopped without having tried anything", 0, forget)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int


def _files(directory: Path) -> list[_File]:
    """Return the regular files in a directory; workers may rename them meanwhile."""
    found = []
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(directory) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    found.append(_File(Path(entry.path), entry.stat(follow_symlinks=False).st_size))
    return sorted(found, key=lambda file: file.path)


def _mark_of(name: str) -> bytes | None:
    return next((mark for pattern, mark in UNFINISHED_MARKS.items() if pattern.fullmatch(name)), None)


def _is_begun(file: _File, mark: bytes) -> bool:
    """Say whether a file is empty or begins with a mark, or ends within it."""
    try:
        with open(file.path, "rb") as content:
            beginning = content.read(max(len(mark), 1))
    except FileNotFoundError:
        return True
    return mark.startswith(beginning)


def _age(path: Path) -> float:
    """Return how long ago a file was last changed [s]; one that is gone was changed just now."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _unlink(path: Path) -> Callable[[], bool]:
    def remove() -> bool:
        path.unlink(missing_ok=True)
        return True

    return remove
