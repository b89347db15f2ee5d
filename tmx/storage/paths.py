"""Every path that tmx writes to is built here.

The files of a batch lie under its output directory. The registry refers to them relative to the store root, so that a
store may be moved, or mounted elsewhere on another machine.
"""

import os
import re
from pathlib import Path

KEY_IN_NAME = 20
"""Characters of a run's key in the name of its file: 80 bits keep a billion runs apart."""

STAGE_DIRECTORIES = {"thermal": "thermal_results", "radiance": "radiance_results"}
STAGE_PREFIXES = {"thermal": "thermal_sim", "radiance": "radiance"}

STAGING_SUFFIX = ".tmp"

LOG_DIRECTORY = "logs"
WORKER_LOG_PREFIX = "worker-"


def artifact_path(output_dir: Path, stage: str, key: str) -> Path:
    """Return the path of the result of a run."""
    return output_dir / STAGE_DIRECTORIES[stage] / f"{STAGE_PREFIXES[stage]}_{key[:KEY_IN_NAME]}.h5"


def dataset_path(output_dir: Path) -> Path:
    """Return the path of the dataset built from a batch."""
    return output_dir / "ml_dataset.h5"


def summary_path(output_dir: Path) -> Path:
    """Return the path of the summary of a batch."""
    return output_dir / "batch_results.yaml"


def log_path(output_dir: Path, name: str) -> Path:
    """Return the path of a log file of a batch."""
    return output_dir / LOG_DIRECTORY / f"{name}.log"


def log_directory(store: Path) -> Path:
    """Return the directory of the logs of workers."""
    return store / LOG_DIRECTORY


def worker_log_path(store: Path, worker: str) -> Path:
    """Return the path of the log of a worker, by its name in the registry: that of its crew is not part of it."""
    own = worker.partition("/")[2] or worker
    return log_directory(store) / f"{WORKER_LOG_PREFIX}{re.sub(r'[^A-Za-z0-9_.-]', '-', own)}.log"


def staging_path(path: Path, token: str) -> Path:
    """Return a path beside another, for a file that is not whole yet."""
    return path.with_name(f".{path.name}.{token}{STAGING_SUFFIX}")


def radiance_path_beside(thermal_file: Path) -> Path:
    """Return where spectra computed from a thermal file by hand go."""
    stem = thermal_file.stem
    key = stem.removeprefix(f"{STAGE_PREFIXES['thermal']}_")
    return thermal_file.with_name(f"{STAGE_PREFIXES['radiance']}_{key}.h5")


def store_relative(path: Path, root: Path) -> str:
    """Return a path relative to the store root, with forward slashes."""
    return Path(os.path.relpath(path, root)).as_posix()


def in_store(relative: str, root: Path) -> Path:
    """Return the path on this machine of a path relative to the store root."""
    return Path(os.path.normpath(root / relative))


def existing(path: Path) -> Path:
    """Return a path, or if it is not there the nearest directory above it that is."""
    return next(each for each in (path, *path.absolute().parents) if each.exists())


def store_root(registry_file: Path | None) -> Path:
    """Return the directory that artifact paths are relative to, on this machine.

    `TMX_STORE` where it is set; otherwise the directory of the registry's file, or with a database server the working
    directory.
    """
    return store_on_this_machine(registry_file.resolve().parent if registry_file else Path.cwd())


def store_on_this_machine(usual: Path) -> Path:
    """Return the store root on this machine, `TMX_STORE` or else the usual one: work may be sent from elsewhere."""
    given = os.environ.get("TMX_STORE")
    return Path(given).resolve() if given else usual
