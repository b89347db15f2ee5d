"""A disk that forgets in a power cut what was not flushed, and power cuts between any two steps of a process."""

import json
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from tmx.storage import atomic

FILES, COMMITS = "files", "commits"
"""What a disk may forget."""

STEPS = ("fsync", "link", "mkdir", "replace", "unlink")


class Disk:
    """Keeps a record, which outlives the process, of what it did to files and names, and of what it had flushed.

    Contents last once the file is flushed, names once their directory is: no file system promises more. The files below
    `fresh` were written a moment ago by somebody who had nothing flushed.
    """

    def __init__(self, place: Path, fresh: Path | None = None) -> None:
        place.mkdir()
        self._place = place
        self._fresh = fresh
        self._log = place / "log"
        self._log.touch()

    def watch(self) -> None:
        """Record what this process does from now on."""
        real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in STEPS}

        def fsync(descriptor: int) -> None:
            real["fsync"](descriptor)
            self._note("flush", os.readlink(f"/proc/self/fd/{descriptor}"), str(os.fstat(descriptor).st_size))

        def link(source: Path, target: Path) -> None:
            real["link"](source, target)
            self._note("link", target)
            if self._fresh in Path(source).parents:
                self._note("write", target)

        def mkdir(path: Path, *mode: int) -> None:
            real["mkdir"](path, *mode)
            self._note("mkdir", path)

        def replace(source: Path, target: Path) -> None:
            kept = self._keep(target)
            real["replace"](source, target)
            self._note("replace", target, source, kept)

        def unlink(path: Path) -> None:
            kept = self._keep(path)
            real["unlink"](path)
            self._note("unlink", path, kept)

        def opened(path: Path, mode: str = "r") -> Any:
            if "w" in mode:
                self._note("write", path)
            return open(path, mode)

        for step in (fsync, link, mkdir, replace, unlink):
            setattr(os, step.__name__, step)
        setattr(atomic, "open", opened)  # noqa: B010 (it has none of its own)

    def cut(self, registry: Path | None, forgets: Callable[[str], bool]) -> None:
        """Undo what was not flushed, as far as the disk forgets it: names and contents of files, and SQLite's commits.

        Nobody may have the registry open.
        """
        pending, flushed = self._read(registry)
        contents = [each for each in pending if each[0] == "write"]
        names_made = [each for each in pending if each[0] != "write"]
        for action, *names in [*contents, *reversed(names_made)]:
            if forgets(FILES):
                with suppress(FileNotFoundError):
                    UNDO[action](*names)
        if registry and (log := registry.with_name(f"{registry.name}-wal")).exists():
            if forgets(COMMITS):
                os.truncate(log, flushed)
            registry.with_name(f"{registry.name}-shm").unlink()
        shutil.rmtree(self._place)

    def _read(self, registry: Path | None) -> tuple[list[list[str]], int]:
        """Return what was not flushed, and how much of SQLite's log was."""
        pending: list[list[str]] = []
        flushed = 0
        for action, *names in map(json.loads, self._log.read_text().splitlines()):
            if action == "replace":
                pending = [["write", names[0]] if each == ["write", names[1]] else each for each in pending]
            if action != "flush":
                pending.append([action, *names])
                continue
            pending = [each for each in pending if names[0] != _lasts_with(each)]
            if names[0] == f"{registry}-wal":
                flushed = int(names[1])
        return pending, flushed

    def _note(self, *words: Any) -> None:
        with open(self._log, "a") as log:
            log.write(json.dumps([*map(str, words)]) + "\n")

    def _keep(self, path: Path) -> str:
        """Keep what has a name that is about to be taken from it; return where, or nothing."""
        kept = self._place / str(len(list(self._place.iterdir())))
        with suppress(FileNotFoundError):
            shutil.copyfile(path, kept)
            return str(kept)
        return ""


def _lasts_with(noted: list[str]) -> str:
    """Return what has to be flushed for it to last."""
    action, name = noted[:2]
    return name if action == "write" else str(Path(name).parent)


def _take_back(target: str, source: str, kept: str) -> None:
    os.rename(target, source)
    if kept:
        os.rename(kept, target)


UNDO: dict[str, Callable[..., Any]] = {
    "link": os.unlink,
    "mkdir": shutil.rmtree,
    "replace": _take_back,
    "unlink": lambda path, kept: os.rename(kept, path),
    "write": lambda path: os.truncate(path, os.stat(path).st_size // 2),
}


def die_at(step: int, *others: tuple[Any, str]) -> None:
    """Have this process die by SIGKILL before a step that touches the disk or ends a transaction, or before others."""
    steps = count()

    def pass_by() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(owner: Any, name: str, function: Callable[..., Any]) -> None:
        def watching(*args: Any, **kwargs: Any) -> Any:
            pass_by()
            return function(*args, **kwargs)

        setattr(owner, name, watching)

    for name in STEPS:
        watched(os, name, getattr(os, name))
    watched(atomic, "open", getattr(atomic, "open", open))
    for owner, name in ((Connection, "commit"), *others):
        watched(owner, name, getattr(owner, name))
