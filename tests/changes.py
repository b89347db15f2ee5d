"""Changes to the sources of tmx that a page shows, tried without touching the sources.

New and changed files go to a directory of their own, and Python is told to look for modules of tmx there first. All
others stay where they are: copies of compiled functions would have to be compiled again.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from commands import REPOSITORY

_LOOK_HERE_FIRST = '''\
import sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path

CHANGED = Path({directory!r})


class ChangedFirst:
    """Finds packages of tmx in the directory of changes as well, which comes first."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        changed = CHANGED.joinpath(*name.split("."))
        if name.partition(".")[0] != "tmx" or not changed.is_dir():
            return None
        spec = PathFinder.find_spec(name, path and [place for place in path if not Path(place).is_relative_to(CHANGED)])
        places = [str(changed), *spec.submodule_search_locations]
        init = changed / "__init__.py"
        return spec_from_file_location(name, init if init.exists() else spec.origin, submodule_search_locations=places)


sys.meta_path.insert(0, ChangedFirst)
'''

FILE = re.compile(r"# ((?:tmx|migrations)/[\w./-]+\.py)\n")
"""The first line of a new file of the sources."""


class Changes:
    """New and changed files of the sources; programs that are started after the first change have them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return self._directory.exists()

    def add(self, text: str) -> None:
        """Add a new file, whose first line is its name."""
        named = FILE.match(text)
        assert named is not None, "the first line names the file"
        self._begin()
        path = self._directory / named[1]
        assert not (REPOSITORY / named[1]).exists(), f"{named[1]} is there already: show what changes as a diff"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text[named.end() :].lstrip())

    def apply(self, diff: str) -> None:
        """Apply a diff to the sources as they are, changed before or not."""
        self._begin()
        for name in re.findall(r"^\+\+\+ b/(.+)$", diff, re.MULTILINE):
            path = self._directory / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / name, path)
        # With a line before each file, git counts the lines of hunks itself and looks for their place.
        whole = re.sub(r"^--- a/(\S+)$", r"diff --git a/\1 b/\1\n\g<0>", diff, flags=re.MULTILINE)
        command = ["git", "apply", "--recount", "-"]
        done = subprocess.run(command, cwd=self._directory, input=whole, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"the sources are not as the diff says: {done.stderr}"

    def _begin(self) -> None:
        if self.any:
            return
        (self._directory / "tmx").mkdir(parents=True)
        # Migrations are looked for beside the package, which is where its first file is.
        shutil.copy(REPOSITORY / "tmx/__init__.py", self._directory / "tmx")
        shutil.copytree(REPOSITORY / "migrations", self._directory / "migrations")
        start = self._directory / "start"
        start.mkdir()
        (start / "sitecustomize.py").write_text(_LOOK_HERE_FIRST.format(directory=str(self._directory)))
        os.environ["PYTHONPATH"] = str(start)
