"""Cold start: how long a command takes from the shell, with and without compiled physics, beside peers."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.manager import scratch_directory
from benchmarks.rows import Row, duration, each_attempted
from benchmarks.timing import median_s, medians_s

TIMES = 5
TMX = str(Path(sys.executable).with_name("tmx"))
SWEEP = "parameter_sweeps: [{parameter: k_dust, type: list, values: [0.1, 0.2]}]\n"

SINGLE = ("single", "-c", "moon.yaml")
IMPORT_HEAT1D = "import numpy as np; np.float, np.int = float, int; import heat1d"
RUN_HEAT1D = f"{IMPORT_HEAT1D}; heat1d.Model().run()"
CREATE_STUDY = "import optuna; optuna.create_study(storage='sqlite:///optuna.db', study_name='bench')"
SUMMARISE = "import optuna; optuna.get_all_study_summaries('sqlite:///optuna.db')"


def run() -> Iterator[Row]:
    """Yield times of whole processes."""
    with scratch_directory() as directory:
        shell = _Shell(directory)
        yield from each_attempted(
            {
                "commands": partial(_commands, shell),
                "heat1d": partial(_beside_heat1d, shell),
                "Optuna": partial(_beside_optuna, shell),
            }
        )


class _Shell:
    """Runs commands in a directory that has a config, a sweep and a study, and what they make."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        (directory / "sweep.yaml").write_text(SWEEP)
        self.run("create-config", "-o", "moon.yaml", "--planetary-body", "Moon")
        self.run("submit", "-b", "moon.yaml", "-B", "sweep.yaml", "-o", "results")

    def run(self, *arguments: str, cache: str | None = None) -> None:
        """Run a command of tmx, with another cache of compiled physics if one is given."""
        self._run([TMX, *arguments], {"NUMBA_CACHE_DIR": cache} if cache else {})

    def python(self, program: str) -> None:
        """Run a program in a Python of its own."""
        self._run([sys.executable, "-W", "ignore", "-c", program], {})

    def create_study(self) -> None:
        """Have Optuna make a database and a study in it."""
        (self._directory / "optuna.db").unlink(missing_ok=True)
        self.python(CREATE_STUDY)

    def create_registry(self) -> None:
        """Make a registry with a sweep of two samples."""
        (self._directory / "new.db").unlink(missing_ok=True)
        self.run("submit", "-b", "moon.yaml", "-B", "sweep.yaml", "-o", "results", "--db", "new.db")

    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        subprocess.run(command, cwd=self._directory, check=True, capture_output=True, env=os.environ | environment)


def _commands(shell: _Shell) -> Iterator[Row]:
    yield Row("tmx --version", median_s(lambda: shell.run("--version"), TIMES))
    yield Row("import tmx", median_s(lambda: shell.python("import tmx"), TIMES), "names are loaded when they are used")
    with tempfile.TemporaryDirectory() as empty:
        before = time.perf_counter()
        shell.run(*SINGLE, cache=empty)
        yield Row("tmx single, the Moon, the first time", time.perf_counter() - before, "compiles the physics")


def _beside_heat1d(shell: _Shell) -> Iterator[Row]:
    calls = [lambda: shell.run(*SINGLE), lambda: shell.python(RUN_HEAT1D), lambda: shell.python(IMPORT_HEAT1D)]
    single, whole, imported = medians_s(calls, TIMES)
    yield Row(
        "tmx single, the Moon, every later time",
        single,
        "0.1 K, with spectra and a file",
        "heat1d: import and a run as it comes",
        whole,
        f"1 K, no file; {duration(imported)} of it to import",
    )


def _beside_optuna(shell: _Shell) -> Iterator[Row]:
    calls = [shell.create_registry, shell.create_study, lambda: shell.run("status"), lambda: shell.python(SUMMARISE)]
    submitted, created, status, summaries = medians_s(calls, TIMES)
    yield Row("tmx submit: a new registry and a sweep", submitted, "SQLite", "Optuna: a new study", created, "SQLite")
    yield Row("tmx status", status, "of one sweep", "Optuna: summaries of studies", summaries, "of one study")
