"""A sweep as a folder that somebody else can take into another registry."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tmx.datasets.query import is_whole_alone
from tmx.errors import ConfigError, StorageError, WriteError
from tmx.maintenance.files import Expected, fault_of, key_marks, side_by_side
from tmx.maintenance.manifest import DATASETS, Manifest, write_rows
from tmx.registry import transfers
from tmx.registry.control import sweep_id_of
from tmx.registry.engine import Registry
from tmx.storage.atomic import link_or_copy, write_atomically
from tmx.storage.paths import artifact_path, in_store, staging_path

BATCH = 1000


@dataclass(frozen=True, slots=True)
class _File:
    """A file to be exported: how the registry names it, where it is, and what it must be in the folder."""

    name: str
    source: Path
    expected: Expected


def export_sweep(registry: Registry, store: Path, sweep: str, directory: Path, *, copy: bool = False) -> Manifest:
    """Write a sweep with all that is finished of it into a new folder, whole or not at all.

    Its rows are those of one moment, workers may go on meanwhile. What is not finished is exported as what is still to
    be computed.

    Parameters
    ----------
    registry : Registry
        Where the sweep is.
    store : Path
        The store root.
    sweep : str
        Name of the sweep.
    directory : Path
        The folder, which must not exist, or be empty.
    copy : bool
        Copy files also where they could be linked.

    Returns
    -------
    Manifest
        What was exported.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    ConfigError
        If there is something in the folder.
    StorageError
        If a file is not as the registry says, or the folder cannot be written.
    """
    target = directory.absolute()
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise ConfigError(f"{directory} is not empty: name a new folder")
    staging = staging_path(target, str(os.getpid()))
    try:
        manifest = _write(registry, store, sweep, staging, copy=copy)
        os.replace(staging, target)
    except OSError as error:
        raise WriteError(f"cannot write {directory}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return manifest


def _write(registry: Registry, store: Path, sweep: str, folder: Path, *, copy: bool) -> Manifest:
    with registry.read() as conn:
        transfers.one_state(conn)
        sweep_id = sweep_id_of(conn, sweep)
        definition = transfers.definition(conn, sweep_id)
        datasets = [
            {**dataset, "file": f"{number}_{Path(dataset['path']).name}"}
            for number, dataset in enumerate(transfers.datasets_of(conn, sweep_id))
            if is_whole_alone(dataset["query"]) and in_store(dataset["path"], store).exists()
        ]
        rows = write_rows(folder, "sweep", [definition])
        rows |= write_rows(folder, "samples", transfers.samples(conn, sweep_id))
        rows |= write_rows(folder, "environments", transfers.environments_of(conn, sweep_id))
        rows |= write_rows(folder, "workers", transfers.workers_of(conn, sweep_id))
        rows |= write_rows(folder, "datasets", datasets)
        gathered = _Gathered(store, folder)
        rows |= write_rows(folder, "runs", gathered.noted(transfers.finished_runs(conn, sweep_id)))
        runs = transfers.count_runs(conn, sweep_id)
    for dataset in datasets:
        gathered.note_dataset(dataset)
    gathered.export(sweep, copy=copy)
    for name, text in (("config.yaml", definition["config_source"]), ("sweep.yaml", definition["source"])):
        write_atomically(folder / name, text.encode())
    size = sum(file.expected.size for file in gathered.files)
    manifest = Manifest(sweep, rows, runs, gathered.done, len(gathered.files), size)
    manifest.write(folder)
    return manifest


class _Gathered:
    """The files of an export, gathered while its rows go by."""

    def __init__(self, store: Path, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self.files: list[_File] = []
        self.done = 0

    def noted(self, runs: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Pass runs on, without the places of their files, and note the files.

        Raises
        ------
        StorageError
            If one that is done has no file or no numbers.
        """
        for run in runs:
            if run["state"] == "done":
                path = run["file"].pop("path")
                if path is None or run["numbers"] is None:
                    raise StorageError(f"run {run['key'][:12]} ({run['stage']}) is done without a result: `tmx verify`")
                self.done += 1
                target = artifact_path(self._folder, run["stage"], run["key"])
                expected = Expected(target, run["file"]["sha256"], run["file"]["bytes"], key_marks(run["key"], None))
                self.files.append(_File(path, in_store(path, self._store), expected))
            yield run

    def note_dataset(self, dataset: dict[str, Any]) -> None:
        """Note the file of a dataset."""
        expected = Expected(self._folder / DATASETS / dataset["file"], dataset["sha256"], dataset["bytes"])
        self.files.append(_File(dataset["path"], in_store(dataset["path"], self._store), expected))

    def export(self, sweep: str, *, copy: bool) -> None:
        """Put the files into the folder, and make sure that they are what the registry says."""
        for start in range(0, len(self.files), BATCH):
            files = self.files[start : start + BATCH]
            for file in files:
                _put(file, copy=copy)
            faults = side_by_side(lambda file: fault_of(file.expected), files)
            for file, fault in zip(files, faults, strict=True):
                if fault:
                    repair = f"`tmx verify {sweep} --repair`, then `tmx resume {sweep}`"
                    raise StorageError(f"{file.name} {fault.text}: {repair}, and export again")


def _put(file: _File, *, copy: bool) -> None:
    """Link or copy a file into the folder; of one that is missing nothing, which is then found."""
    file.expected.path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if copy:
            shutil.copyfile(file.source, file.expected.path)
        else:
            link_or_copy(file.source, file.expected.path)
