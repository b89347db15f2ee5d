"""Where the results of runs are: by the ids of runs in a registry, or files that no registry knows."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import Connection

from tmx.errors import NotFoundError
from tmx.registry.sql import execute
from tmx.storage.hdf5 import kind_of
from tmx.storage.paths import in_store

FILE = """
SELECT f.path FROM artifact f JOIN run r ON r.id = f.run_id AND f.kind = r.stage
WHERE f.run_id = :id AND r.stage = :stage AND f.deleted IS NULL
"""

RELATED = """
SELECT CASE WHEN r.stage = :stage THEN r.id WHEN :stage = 'thermal' THEN r.parent_id
            ELSE (SELECT MIN(c.id) FROM run c WHERE c.parent_id = r.id HAVING COUNT(*) = 1) END
FROM run r WHERE r.id = :id
"""
"""The run of a stage that belongs to a run: itself, the one that it builds on, or the only one that builds on it."""


class HasResults(Protocol):
    """Runs, and their files."""

    def result(self, run: int, stage: str) -> Path:
        """Return the file that a run of a stage left."""

    def related(self, run: int, stage: str) -> int | None:
        """Return the run of a stage that belongs to a run, or None if there is none, or no only one."""

    def called(self, run: int) -> str:
        """Return what a run is called."""


class RegistryResults(ABC):
    """Runs of a registry, for whoever can read it and has its store."""

    store: Path

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """Open a transaction on the registry."""

    def result(self, run: int, stage: str) -> Path:
        """Return the file that a run of a stage left.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        with self.read() as conn:
            path = execute(conn, FILE, id=run, stage=stage).scalar()
        if path is None:
            raise NotFoundError(f"there is no file of {stage} run {run}")
        return in_store(path, self.store)

    def related(self, run: int, stage: str) -> int | None:
        """Return the run of a stage that belongs to a run, or None if there is none, or no only one."""
        with self.read() as conn:
            found: int | None = execute(conn, RELATED, id=run, stage=stage).scalar()
        return found

    def called(self, run: int) -> str:
        """Return what a run is called."""
        return f"run {run}"


class LooseFiles:
    """Files of results; a run is known by its place among them.

    Parameters
    ----------
    paths : sequence of Path
        The files.

    Attributes
    ----------
    stages : list of str
        The stage whose result each is.

    Raises
    ------
    NotFoundError
        If one is not there.
    StorageError
        If one is no result of a run.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self.stages = [kind_of(path).kind for path in paths]

    def result(self, run: int, stage: str) -> Path:
        """Return a file.

        Raises
        ------
        NotFoundError
            If it is not of that stage.
        """
        if self.stages[run] != stage:
            raise NotFoundError(f"{self._paths[run]} is the file of a {self.stages[run]} run, not of a {stage} run")
        return self._paths[run]

    def related(self, run: int, stage: str) -> int | None:
        """Return the run itself if it is of that stage; files do not say where their relatives are."""
        return run if self.stages[run] == stage else None

    def called(self, run: int) -> str:
        """Return the name of a file."""
        return self._paths[run].stem
