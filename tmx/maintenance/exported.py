"""An export as it lies in its folder, read and checked: its rows, and its files against their hashes."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tmx.config import stored_config
from tmx.errors import ConfigError, StorageError
from tmx.maintenance.files import Expected, fault_of, key_marks, side_by_side
from tmx.maintenance.manifest import DATASETS, Manifest, read_rows
from tmx.registry.submission import SampleRow
from tmx.registry.tables import RESULT_TABLES
from tmx.storage.paths import STAGE_DIRECTORIES, artifact_path

KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Export:
    """The content of an export, checked."""

    folder: Path
    definition: dict[str, Any]
    samples: list[SampleRow]
    runs: list[dict[str, Any]]
    environments: list[dict[str, Any]]
    workers: list[dict[str, Any]]
    datasets: list[dict[str, Any]]


def read_export(folder: Path) -> Export:
    """Read an export and check all that is in it, files included.

    Raises
    ------
    NotFoundError
        If the folder is no export.
    StorageError
        If anything in it is damaged or missing.
    ConfigError
        If a newer tmx made it.
    """
    Manifest.read(folder)
    try:
        export = Export(
            folder,
            definition=_checked_definition(folder, next(read_rows(folder, "sweep"))),
            samples=[_sample(row) for row in read_rows(folder, "samples")],
            runs=[_checked_run(folder, row) for row in read_rows(folder, "runs")],
            environments=list(read_rows(folder, "environments")),
            workers=list(read_rows(folder, "workers")),
            datasets=[_checked_dataset(folder, row) for row in read_rows(folder, "datasets")],
        )
    except (KeyError, TypeError, AttributeError, StopIteration) as error:
        raise StorageError(f"{folder}: its rows are not those of a sweep ({error}): export it again") from None
    expected = [
        *(expected_run(folder, run) for run in export.runs if run["state"] == "done"),
        *(expected_dataset(folder, dataset) for dataset in export.datasets),
    ]
    for one, fault in zip(expected, side_by_side(fault_of, expected), strict=True):
        if fault:
            raise StorageError(f"{one.path} {fault.text}: nothing was imported; export the sweep again")
    return export


def _checked_definition(folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    sha256 = hashlib.sha256(row["resolved"].encode()).hexdigest()
    if sha256 != row["config_sha256"]:
        raise StorageError(f"{folder}: its config is not the one that its hash is of: export the sweep again")
    try:
        stored_config(row["resolved"])
    except ConfigError as error:
        raise ConfigError(f"{folder}: its config cannot be used by this tmx: {error}") from error
    return row


def _sample(row: dict[str, Any]) -> SampleRow:
    keys = (row["thermal_key"], row["radiance_key"])
    if not all(key is None or KEY.fullmatch(key) for key in keys) or keys[0] is None:
        raise TypeError(f"a sample with the keys {keys}")
    return SampleRow(int(row["sample_index"]), row["params"], *keys)


def _checked_run(folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    if row["stage"] not in STAGE_DIRECTORIES or not KEY.fullmatch(row["key"]) or row["state"] not in {"done", "failed"}:
        raise TypeError(f"a run {row['key']!r} of stage {row['stage']!r}")
    unknown = {*(row["numbers"] or {})} - ({*RESULT_TABLES[row["stage"]].c.keys()} - {"run_id"})
    if unknown:
        raise ConfigError(
            f"{folder}: has results that this tmx does not know ({', '.join(sorted(unknown))}): update tmx"
        )
    return row


def _checked_dataset(folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    if Path(row["file"]).name != row["file"]:
        raise StorageError(f"{folder}: a dataset named {row['file']!r} would be outside of it")
    return row


def expected_run(folder: Path, run: Mapping[str, Any]) -> Expected:
    """Return what is expected of a run's file; its place follows from its key alone."""
    file = run["file"]
    path = artifact_path(folder, run["stage"], run["key"])
    return Expected(path, file["sha256"], file["bytes"], key_marks(run["key"], None))


def expected_dataset(folder: Path, dataset: Mapping[str, Any]) -> Expected:
    """Return what is expected of the file of a dataset."""
    return Expected(folder / DATASETS / dataset["file"], dataset["sha256"], dataset["bytes"])
