"""Where a dataset goes, and how it appears there: whole or not at all."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py

from tmx.datasets.layout import DATASET_FILE, FileRecord
from tmx.datasets.writing import LIBRARY_VERSIONS, Shards, SingleFile, Storage, shard_rows
from tmx.errors import ConfigError, WriteError
from tmx.storage.atomic import flush, make_directory, write_atomically
from tmx.storage.paths import staging_path

FILE_SUFFIXES = frozenset({".h5", ".hdf5", ".nc"})
"""What the name of a dataset in one file ends in; any other is that of a directory of versions."""

SHARD_BYTES = 512 * 10**6

FIRST_VERSION = "1.0.0"

PAPER_MARKS = {
    "README.md": b"---\npretty_name: ",
    "croissant.json": b'{\n  "@context": ',
    "stats.json": b'{\n  "split": "train"',
}
"""The papers that go with a dataset, and how each begins."""


@dataclass(frozen=True)
class Destination:
    """Where a dataset goes.

    Attributes
    ----------
    path : Path
        A file that ends in .h5, or a directory of versions.
    version : str
        The version; in one file, what its card says.
    shard_bytes : int
        Size of a shard before it is packed, about.
    """

    path: Path
    version: str = FIRST_VERSION
    shard_bytes: int = SHARD_BYTES

    @property
    def is_file(self) -> bool:
        """Whether everything goes into one file."""
        return self.path.suffix in FILE_SUFFIXES

    @property
    def place(self) -> Path:
        """The file, or the directory of the version."""
        return self.path if self.is_file else self.path / self.version

    @property
    def main_file(self) -> Path:
        """The file that shows the whole."""
        return self.path if self.is_file else self.place / DATASET_FILE

    def options(self) -> list[str]:
        """Return the options of `tmx dataset build` that ask for it, without the directory that it is in."""
        output = [] if self.is_file and self.path.name == DATASET_FILE else ["-o", self.path.name]
        return output + [word for option, values in self.repeated_options().items() for word in (option, *values)]

    def repeated_options(self) -> dict[str, list[str]]:
        """Return those of them that are not the place; of what is as usual, none."""
        version = {} if self.version == FIRST_VERSION else {"--version": [self.version]}
        shards = {} if self.shard_bytes == SHARD_BYTES else {"--shard-size": [str(self.shard_bytes)]}
        return {**version, **shards}

    def check(self) -> None:
        """Make sure that a dataset may be built there.

        Raises
        ------
        ConfigError
            If the version is there already, or its name is no name for a directory.
        """
        if not re.fullmatch(r"\d+\.\d+\.\d+", self.version, re.ASCII):
            raise ConfigError(f"--version: {self.version!r} is no version: write it as {FIRST_VERSION}")
        if self.is_file:
            return
        if self.place.exists():
            raise ConfigError(
                f"{self.place} exists, and a version is never changed: give the new one another --version, such as"
                f" {self._next_version()}"
            )
        if self.path.is_file():
            raise ConfigError(f"{self.path} is a file; a dataset of one file ends in .h5, others go into a directory")

    @contextmanager
    def staged(self, row_bytes: int) -> Iterator["Staging"]:
        """Begin to write; what is not published at the end of the block is removed.

        Parameters
        ----------
        row_bytes : int
            Size of a sample.

        Raises
        ------
        WriteError
            If it cannot be written there.
        """
        staging = _StagedFile(self) if self.is_file else _StagedDirectory(self, row_bytes)
        try:
            staging.begin()
            yield staging
        except OSError as error:
            raise WriteError(f"cannot write {self.place}: {error.strerror or error}") from error
        finally:
            staging.discard()

    def paper(self, name: str) -> str:
        """Return what a paper of the dataset is called.

        It bears the name of a file that has another than usual, and also where somebody else's file has its own.
        """
        if not self.is_file:
            return name
        taken = self.path.with_name(name)
        usual = self.path.name == DATASET_FILE and (not taken.exists() or _begins(taken, PAPER_MARKS[name]))
        return name if usual else f"{self.path.stem}.{name}"

    def _next_version(self) -> str:
        head, _, last = self.version.rpartition(".")
        return f"{head}.{int(last) + 1}"


class Staging:
    """A dataset that is not under its name yet."""

    storage: Storage

    def __init__(self, target: Destination) -> None:
        self._target = target

    def begin(self) -> None:
        """Make what is written to."""

    def close(self) -> list[FileRecord]:
        """Close all files, and return what they are, the one that shows the whole first."""
        raise NotImplementedError

    def publish(self, papers: Mapping[str, str]) -> None:
        """Give everything its name, with the papers beside it."""
        raise NotImplementedError

    def discard(self) -> None:
        """Remove what has not been published."""
        raise NotImplementedError


class _StagedFile(Staging):
    def begin(self) -> None:
        self._path = staging_path(self._target.path, str(os.getpid()))
        make_directory(self._target.path.parent)
        self._file = h5py.File(self._path, "w", libver=LIBRARY_VERSIONS)
        self.storage = SingleFile(self._file)

    def close(self) -> list[FileRecord]:
        self._file.close()
        flush(self._path)
        return [FileRecord.of(self._path, self._target.path.name)]

    def publish(self, papers: Mapping[str, str]) -> None:
        for name, text in papers.items():
            write_atomically(self._target.path.with_name(name), text.encode())
        os.replace(self._path, self._target.path)
        flush(self._target.path.parent)

    def discard(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
        self._path.unlink(missing_ok=True)


class _StagedDirectory(Staging):
    """A version that is being built: whoever builds it has a lock on its directory, which ends with the process."""

    def __init__(self, target: Destination, row_bytes: int) -> None:
        super().__init__(target)
        self._rows = shard_rows(row_bytes, target.shard_bytes)
        self._directory = target.path / f".{target.version}.tmp"
        self._lock: int | None = None

    def begin(self) -> None:
        make_directory(self._directory)
        self._lock = self._locked()
        self._target.check()
        for left in self._directory.iterdir():  # by a build that was killed
            left.unlink()
        self.storage = self._shards = Shards(self._directory, self._rows)

    def _locked(self) -> int:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), os.stat(self._directory)):
                return descriptor
        except OSError:  # somebody else's, or published in between
            pass
        os.close(descriptor)
        raise ConfigError(f"{self._target.place} is being built by another process at this moment")

    def close(self) -> list[FileRecord]:
        self._shards.close()
        for path in self._directory.iterdir():
            flush(path)
        return [FileRecord.of(self._directory / DATASET_FILE, DATASET_FILE), *self._shards.records]

    def publish(self, papers: Mapping[str, str]) -> None:
        for name, text in papers.items():
            write_atomically(self._directory / name, text.encode())
        os.rename(self._directory, self._target.place)
        flush(self._target.path)
        self._unlock()

    def discard(self) -> None:
        if self._lock is not None:
            if hasattr(self, "_shards"):
                self._shards.close()
            shutil.rmtree(self._directory, ignore_errors=True)
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _begins(path: Path, mark: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(mark)) == mark
