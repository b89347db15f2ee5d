"""An exported sweep taken into a registry: all of it checked first, then taken in whole or not at all.

What is here already, by its key, is used as it is, and never computed again; what is there twice is kept once.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy.engine import Connection

from tmx.errors import ConfigError, StorageError, WriteError
from tmx.execution.sharing import link_shared_files
from tmx.maintenance.exported import Export, expected_dataset, expected_run, read_export
from tmx.maintenance.files import Expected, is_whole
from tmx.registry import transfers
from tmx.registry.engine import Registry
from tmx.registry.leftovers import remove_orphan
from tmx.registry.sql import execute
from tmx.registry.submission import (
    ConfigRow,
    SampleRow,
    SweepRow,
    add_samples,
    register_config,
    register_sweep,
)
from tmx.storage.atomic import flush, link_or_copy
from tmx.storage.paths import artifact_path, in_store, staging_path, store_relative


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    sweep : str
        Name of the sweep here.
    output_dir : Path
        Where its files are.
    samples, runs, datasets : int
        What was taken in.
    known : int
        Runs of the export that are done here anyway.
    left : int
        Runs that the sweep needs and that are not done.
    """

    sweep: str
    output_dir: Path
    samples: int
    runs: int
    datasets: int
    known: int
    left: int


@dataclass
class _Staged:
    """Files that are whole and on the disk beside their places: from each place to where the file is until then."""

    files: dict[Path, Path] = field(default_factory=dict)

    def add(self, source: Expected, target: Path) -> None:
        """Put a file beside its place, unless it is there already.

        Raises
        ------
        StorageError
            If the source is no more as it was when it was checked.
        """
        if is_whole(target, source.sha256, source.size):
            flush(target)
            return
        staging = staging_path(target, str(os.getpid()))
        staging.unlink(missing_ok=True)
        self.files[target] = staging
        link_or_copy(source.path, staging)
        if not is_whole(staging, source.sha256, source.size):
            raise StorageError(f"{source.path} changed while it was imported: nothing was imported")
        flush(staging)

    def publish(self, path: Path) -> bool:
        """Give a file its name, if it was not there; say whether it was so."""
        staging = self.files.pop(path, None)
        if staging is not None:
            os.replace(staging, path)
        return staging is not None

    def discard(self) -> None:
        """Remove what did not get its name."""
        for staging in self.files.values():
            with suppress(OSError):
                staging.unlink()


def import_sweep(
    registry: Registry, store: Path, folder: Path, *, name: str | None = None, output_dir: Path | None = None
) -> Imported:
    """Take an exported sweep into a registry and a store. To do it again changes nothing.

    Parameters
    ----------
    registry : Registry
        Where to.
    store : Path
        The store root.
    folder : Path
        The export.
    name : str, optional
        What the sweep is called here; by default as in the export.
    output_dir : Path, optional
        Where its files go; by default where they were, relative to the store, if that is inside of it.

    Raises
    ------
    NotFoundError
        If the folder is no export.
    StorageError
        If anything in it is damaged or missing.
    ConfigError
        If a sweep of this name, or in this directory, is another one; or a newer tmx made the export.
    """
    export = read_export(folder)
    name = name or str(export.definition["name"])
    with registry.read() as conn:
        place = _place(conn, store, export, name, output_dir)
        here = transfers.states_by_key(conn, (run["key"] for run in export.runs))
    wanted = [run for run in export.runs if run["state"] == "done" and here.get(run["key"]) not in {"done", "running"}]
    with _staged(in_store(place, store), export, wanted) as staged:
        imported, sweep_id = _Taking(registry, store, export, place, staged).take_in(name, wanted)
    link_shared_files(registry, store, sweep_id)
    return imported


def _place(conn: Connection, store: Path, export: Export, name: str, output_dir: Path | None) -> str:
    """Return the output directory of the sweep here, relative to the store, and refuse what is another sweep.

    Raises
    ------
    ConfigError
        If a sweep of this name or in this directory is another one.
    """
    statement = "SELECT sha256, output_dir FROM sweep WHERE name = :name"
    known = execute(conn, statement, name=name).first()
    if known and known.sha256 != export.definition["sha256"]:
        raise ConfigError(f"there is another sweep {name!r} already: give this one another name, with --name")
    if known:
        return str(known.output_dir)
    if output_dir is not None:
        place = store_relative(output_dir.resolve(), store)
    else:
        before = PurePosixPath(export.definition["output_dir"])
        inside = not before.is_absolute() and ".." not in before.parts and name == export.definition["name"]
        place = str(before) if inside else name
    holder = execute(conn, "SELECT name FROM sweep WHERE output_dir = :place", place=place).scalar()
    if holder is not None:
        raise ConfigError(
            f"the output directory {place} belongs to sweep {holder!r}: choose another, with --output-dir"
        )
    return place


@contextmanager
def _staged(directory: Path, export: Export, runs: list[dict[str, Any]]) -> Iterator[_Staged]:
    """Put the files of runs and datasets beside their places; those that do not get their names go again."""
    staged = _Staged()
    try:
        for run in runs:
            staged.add(expected_run(export.folder, run), artifact_path(directory, run["stage"], run["key"]))
        for dataset in export.datasets:
            target = _dataset_path(directory, dataset)
            if not target.exists():
                staged.add(expected_dataset(export.folder, dataset), target)
        yield staged
    except OSError as error:
        raise WriteError(f"cannot write to {directory}: {error.strerror or error}") from error
    finally:
        staged.discard()


class _Taking:
    """Rows and files of an export on their way into a registry: one transaction, and the names of the files in it."""

    def __init__(self, registry: Registry, store: Path, export: Export, place: str, staged: _Staged) -> None:
        self._registry = registry
        self._store = store
        self._export = export
        self._place = place
        self._directory = in_store(place, store)
        self._staged = staged
        self._published: dict[Path, str | None] = {}

    def take_in(self, name: str, runs: list[dict[str, Any]]) -> tuple[Imported, int]:
        """Write all rows and give the files their names; nothing is left of it if anything goes wrong."""
        try:
            with self._registry.write() as conn:
                sweep_id, new_samples = _register(conn, self._export, name, self._place)
                transfers.take_in_workers(conn, self._export.environments, self._export.workers)
                taken = [run for run in runs if transfers.take_in_done(conn, run, self._relative(run))]
                failed = [run for run in self._export.runs if run["state"] == "failed"]
                for run in failed:
                    transfers.take_in_failed(conn, run)
                datasets = [each for each in self._export.datasets if self._take_in_dataset(conn, sweep_id, each)]
                left = transfers.count_unfinished(conn, sweep_id)
                self._publish(taken, datasets)
        except BaseException:
            self._take_back()
            raise
        known = sum(run["state"] == "done" for run in self._export.runs) - len(taken)
        done = Imported(name, self._directory, new_samples, len(taken), len(datasets), known, left)
        return done, sweep_id

    def _relative(self, run: Mapping[str, Any]) -> str:
        return store_relative(artifact_path(self._directory, run["stage"], run["key"]), self._store)

    def _take_in_dataset(self, conn: Connection, sweep_id: int, dataset: dict[str, Any]) -> bool:
        """Record a dataset, unless another file has its name here."""
        path = _dataset_path(self._directory, dataset)
        if path not in self._staged.files and not is_whole(path, dataset["sha256"], dataset["bytes"]):
            return False
        return transfers.take_in_dataset(conn, sweep_id, dataset, store_relative(path, self._store))

    def _publish(self, runs: list[dict[str, Any]], datasets: list[dict[str, Any]]) -> None:
        """Give the files their names, for good: the last thing before the commit, as when a worker finishes a run."""
        places: dict[Path, str | None] = {
            artifact_path(self._directory, run["stage"], run["key"]): run["key"] for run in runs
        }
        places.update({_dataset_path(self._directory, dataset): None for dataset in datasets})
        for path, key in places.items():
            if self._staged.publish(path):
                self._published[path] = key
        for directory in {path.parent for path in places}:
            flush(directory)

    def _take_back(self) -> None:
        """Remove files whose rows were not committed, unless a row refers to them after all."""
        for path, key in self._published.items():
            relative = store_relative(path, self._store)
            if key is not None:
                remove_orphan(self._registry, key, relative, 0, partial(path.unlink, missing_ok=True))
            elif not self._is_dataset(relative):
                path.unlink(missing_ok=True)

    def _is_dataset(self, path: str) -> bool:
        with self._registry.read() as conn:
            return execute(conn, "SELECT 1 FROM dataset WHERE path = :path", path=path).scalar() is not None


def _register(conn: Connection, export: Export, name: str, place: str) -> tuple[int, int]:
    """Register the sweep and those of its samples that are not here yet; return its id, and how many these are."""
    definition = export.definition
    before = execute(conn, "SELECT state FROM sweep WHERE name = :name", name=name).scalar()
    config = ConfigRow(*(definition[each] for each in ("config_name", "body", "config_source", "resolved")))
    sweep = SweepRow(
        name, definition["source"], definition["sha256"], definition["design"], definition["seed"], place,
        definition["priority"],
    )  # fmt: skip
    sweep_id = register_sweep(conn, sweep, register_config(conn, config))
    here = {row["sample_index"]: SampleRow(**row) for row in transfers.samples(conn, sweep_id)}
    for sample in export.samples:
        _require_same(name, sample, here.get(sample.sample_index, sample))
    missing = [sample for sample in export.samples if sample.sample_index not in here]
    if missing:
        add_samples(conn, sweep_id, missing)
        if (before or definition["state"]) != "active":
            transfers.hold_back(conn, sweep_id)
    return sweep_id, len(missing)


def _require_same(name: str, sample: SampleRow, here: SampleRow) -> None:
    if sample != here:
        what = "has other parameters here" if sample.params != here.params else "is here of another solver version"
        raise ConfigError(f"sample {sample.sample_index} of sweep {name!r} {what}: import it as another, with --name")


def _dataset_path(directory: Path, dataset: Mapping[str, Any]) -> Path:
    return directory / PurePosixPath(dataset["path"]).name
