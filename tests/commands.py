"""The command line as a user has it: sweep files to give to it, and processes that can be killed."""

import os
import signal
import subprocess
import sys
import textwrap
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from tmx.cli.main import main
from tmx.execution.environment import is_alive

REPOSITORY = Path(__file__).parents[1]
TMX = Path(sys.executable).with_name("tmx")

BASE = "planetary_body: Bennu\nP: 4.296 h\nk_dust: 0.1\ndust_thickness: 0.4\nfreq_out: 12\naccuracy: 0.5\n"


@dataclass
class Answer:
    code: int
    out: str
    err: str


def run_tmx(*args: object) -> Answer:
    """Run `tmx …` in this process; what it sets in the environment is forgotten."""
    out, err = BytesIO(), BytesIO()
    arguments = patch.object(sys, "argv", ["tmx", *map(str, args)])
    written = redirect_stdout(_text(out)), redirect_stderr(_text(err))
    with arguments, patch.dict(os.environ), written[0], written[1]:
        try:
            main()
        except SystemExit as ended:
            return Answer(int(ended.code or 0), out.getvalue().decode(), err.getvalue().decode())
    raise AssertionError("tmx ends with an exit code")


def _text(stream: BytesIO) -> TextIOWrapper:
    return TextIOWrapper(stream, encoding="utf-8", write_through=True)


def write_sweep(path: Path, conductivities: int, latitudes: int, *, radiance: bool = True) -> Path:
    path.write_text(
        "parameter_sweeps:\n"
        f"  - {{parameter: k_dust, type: log_uniform, min: 0.02, max: 0.5, n_samples: {conductivities}}}\n"
        f"  - {{parameter: latitude, type: linear, min: 0 deg, max: 60 deg, n_samples: {latitudes}}}\n"
        f"output_settings: {{radiance: {str(radiance).lower()}}}\n"
    )
    return path


def patch_computing(directory: Path, code: str) -> dict[str, Path]:
    """Have processes that compute execute some code first; return the environment that makes them do so."""
    patches = directory / "patches"
    patches.mkdir()
    computes = '{"tmx.execution.compute", "threading"} & set(sys.orig_argv)'
    (patches / "sitecustomize.py").write_text(
        f"import sys\nif {computes}:\n    from tmx.execution import runner\n" + textwrap.indent(code, "    ")
    )
    return {"PYTHONPATH": patches}


class Process:
    """A `tmx …` in a process group of its own, which can be killed with all that it started."""

    def __init__(self, directory: Path, *args: object, **environment: object) -> None:
        self._process = subprocess.Popen(
            [str(TMX), *map(str, args)],
            cwd=directory,
            env={**os.environ, **{name: str(value) for name, value in environment.items()}},
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill_all(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def terminate(self) -> None:
        self._process.terminate()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait(self, seconds: float) -> Answer:
        out, err = self._process.communicate(timeout=seconds)
        return Answer(self._process.returncode, out, err)


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *descendants(child)]
    return found


def still_there(pids: list[int]) -> list[int]:
    """Return those of some processes that have not ended."""
    return [pid for pid in pids if is_alive(pid)]
