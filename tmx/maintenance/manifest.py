"""The folder of an exported sweep: its manifest, its rows as JSON, and its files.

```
manifest.json        what this is, and the SHA-256 of every file in rows/, and of itself
rows/sweep.jsonl     the sweep and its config
rows/*.jsonl         samples, finished runs with their attempts, workers, environments, datasets
thermal_results/…    the results, named as in every store; rows/runs.jsonl has their hashes
datasets/…
```
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tmx import __version__
from tmx.errors import ConfigError, NotFoundError, StorageError
from tmx.storage.atomic import file_sha256, write_atomically

FORMAT = "tmx sweep export"
FORMAT_VERSION = 1

MANIFEST = "manifest.json"
DATASETS = "datasets"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export says of itself.

    Attributes
    ----------
    sweep : str
        Name of the sweep.
    rows : dict
        From each file of rows to its SHA-256.
    runs, done : int
        Runs that the sweep needs, and those of them that are done.
    files, bytes : int
        The results and datasets.
    """

    sweep: str
    rows: dict[str, str]
    runs: int
    done: int
    files: int
    bytes: int
    tmx_version: str = __version__
    format: str = FORMAT
    version: int = FORMAT_VERSION

    def write(self, directory: Path) -> None:
        """Write the manifest: the last file of an export."""
        content = asdict(self)
        text = json.dumps({**content, "sha256": _sha256(content)}, indent=2)
        write_atomically(directory / MANIFEST, f"{text}\n".encode())

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """Read the manifest of an export and check it, and all files of rows against it.

        Raises
        ------
        NotFoundError
            If the directory is no export.
        ConfigError
            If a newer tmx made it.
        StorageError
            If it is damaged.
        """
        path = directory / MANIFEST
        if not path.is_file():
            raise NotFoundError(f"{directory} is no exported sweep: it has no {MANIFEST}; `tmx export` makes one")
        try:
            content = json.loads(path.read_bytes())
            sha256 = content.pop("sha256")
            if content["format"] == FORMAT and content["version"] > FORMAT_VERSION:
                raise ConfigError(f"{path}: made by tmx {content['tmx_version']}, of a newer format: update tmx")
            manifest = cls(**content)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StorageError(f"{path}: not the manifest of an exported sweep: export it again") from None
        if sha256 != _sha256(content) or manifest.format != FORMAT:
            raise StorageError(f"{path}: has changed since the export: export the sweep again")
        for name, expected in manifest.rows.items():
            manifest._check(directory / "rows" / Path(name).name, expected)
        return manifest

    @staticmethod
    def _check(path: Path, sha256: str) -> None:
        if not path.is_file():
            raise StorageError(f"{path}: is missing: export the sweep again")
        if file_sha256(path) != sha256:
            raise StorageError(f"{path}: has changed since the export: export the sweep again")


def write_rows(directory: Path, name: str, rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Write rows as lines of JSON, and return the name of the file with its SHA-256."""
    path = directory / "rows" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
    return {path.name: file_sha256(path)}


def read_rows(directory: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file.

    Raises
    ------
    StorageError
        If a line is no JSON object.
    """
    path = directory / "rows" / f"{name}.jsonl"
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise StorageError(f"{path}:{number}: not a row: export the sweep again")
                yield row
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: cannot be read ({error}): export the sweep again") from None


def _sha256(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
