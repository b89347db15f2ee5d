"""A page of the documentation as a session: a directory and a registry in which its blocks are run, in their order.

Commands of tmx are run in this process, which has the compiled kernels; everything else by the shell.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click
from changes import FILE, Changes
from commands import REPOSITORY, TMX, Answer, run_tmx
from pages import DRAWN, OUTPUT, Block, PageError
from shapes import missing_line
from shell import OPERATORS, commands, execute, expanded, without_settings

from tmx.cli.main import cli
from tmx.config import load_config
from tmx.config.schema import FIELDS, SECTIONS
from tmx.sweeps import load_sweep

NOT_RUN = {
    "pip install": "changes the environment of the tests; that the extras exist is checked",
    "tmx browse": "serves until Ctrl-C; its options are checked, see tests/acceptance/test_browsing.py",
    "tmx db copy": "needs a second database; its options are checked, see tests/integration/test_copying.py",
    "make": "all but `make demo`; that the target exists is checked",
    "pytest": "is what runs the pages; that its files exist is checked",
    "python -m benchmarks": "takes long",
    "git clone": "needs a network",
    "ssh": "needs another machine",
    "sbatch": "needs SLURM",
    "less": "waits for keys",
}
"""Commands that are not run wherever they stand, and why."""

DEMO_SAMPLES = 30
"""Of the 300 samples of `make demo`, those that are computed."""


@dataclass
class Demo:
    """What `make demo` gives: its files in a directory, and what it writes; nothing before a page has run it."""

    directory: Path
    answer: Answer | None = None


class Session:
    """Runs the blocks of a page in a directory of its own, with an environment of its own.

    Parameters
    ----------
    directory : Path
        Where they are run; it is empty.
    demo : Demo
        What `make demo` gives, for other pages that begin with it.
    """

    def __init__(self, directory: Path, demo: Demo) -> None:
        self._directory = directory
        self._kept = demo
        self._output = ""
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._changes = Changes(directory / ".changes")
        (directory / ".venv").symlink_to(TMX.parents[1])
        for name in ("configs", "Makefile"):
            (directory / name).symlink_to(REPOSITORY / name)

    def __enter__(self) -> Self:
        self._before = Path.cwd(), dict(os.environ)
        os.chdir(self._directory)
        for name in ("TMX_DATABASE_URL", "TMX_STORE", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
            os.environ.pop(name, None)
        os.environ["MPLBACKEND"] = "agg"
        os.environ["PATH"] = f"{TMX.parent}{os.pathsep}{os.environ['PATH']}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if figures := sys.modules.get("matplotlib.pyplot"):
            figures.close("all")
        directory, environment = self._before
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(environment)

    def run(self, block: Block) -> None:
        """Run a block; one of output is compared with what the block before it has written.

        Raises
        ------
        PageError
            If a command ends with another code than the block says, if it has no meaning, or if the output is another.
        """
        if block.skipped or block.language in DRAWN:
            self._check_skipped(block)
        elif block.text.startswith("$ "):
            self._transcript(block)
        elif block.language in OUTPUT:
            _require_output(block, block.text, self._output)
        else:
            run = {
                "sh": self._shell, "python": self._python, "yaml": self._yaml, "sql": self._sql, "diff": self._diff,
            }  # fmt: skip
            run[block.language](block)

    def _check_skipped(self, block: Block) -> None:
        """Of commands that are not run, check at least that they have such options."""
        for words in commands(block.text) if block.language == "sh" else ():
            if words and Path(words[0]).name == "tmx":
                _at(block, check_options, words[1:])

    def _shell(self, block: Block) -> None:
        lines = list(commands(block.text))
        self._output = ""
        for number, words in enumerate(lines, start=1):
            expected = block.exit_code if number == len(lines) else 0
            self._note(block, shlex.join(words), self._command(block, words), expected)

    def _note(self, block: Block, command: str, answer: Answer, expected: int = 0) -> None:
        self._output += answer.out + answer.err
        if answer.code != expected:
            raise PageError(f"{block.place}: {command}: exit code {answer.code}\n{answer.out}{answer.err}")

    def _transcript(self, block: Block) -> None:
        """Run the commands of a block that begin with `$`, and compare what each wrote with what follows it."""
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            self._shell(replace(block, text=command))
            _require_output(block, shown, self._output)

    def _command(self, block: Block, words: list[str]) -> Answer:
        if OPERATORS & set(words):
            return execute(" ".join(word if word in OPERATORS else shlex.quote(word) for word in words))
        words = without_settings(words)
        words = words[:1] + [path for word in words[1:] for path in expanded(word)]
        match words:
            case []:
                return Answer(0, "", "")
            case ["cd", directory]:
                os.chdir(directory)
                return Answer(0, "", "")
            case ["make", "demo"]:
                return self._demo(block)
        program = [Path(words[0]).name, *words[1:]]
        for rule in NOT_RUN:
            if program[: len(rule.split())] == rule.split():
                _at(block, _check, rule, program[1:])
                return Answer(0, "", "")
        if program[0] != "tmx":
            return execute(shlex.join(words))
        if "…" in program:
            _at(block, check_options, program[1:])
            return Answer(0, "", "")
        arguments = _by_threads(program[1:])
        return execute(shlex.join(["tmx", *arguments])) if self._changes.any else run_tmx(*arguments)

    def _demo(self, block: Block) -> Answer:
        """Run what `make demo` does once the environment is set up, for fewer samples."""
        is_first = not Path("tmx.db").exists()
        if is_first and self._kept.answer:
            shutil.copytree(self._kept.directory, self._directory, dirs_exist_ok=True)
            return self._kept.answer
        recipe = subprocess.run(["make", "-n", "-o", "setup", "demo"], capture_output=True, text=True, check=True)
        text = recipe.stdout.replace("--create-dataset", f"--create-dataset -n {DEMO_SAMPLES}")
        answers = [self._command(block, words) for words in commands(text)]
        out, err = ("".join(getattr(answer, name) for answer in answers) for name in ("out", "err"))
        answer = Answer(max(answer.code for answer in answers), out, err)
        if is_first and answer.code == 0:
            shutil.copytree("results", self._kept.directory / "results")
            shutil.copy("tmx.db", self._kept.directory)
            self._kept.answer = answer
        return answer

    def _diff(self, block: Block) -> None:
        _at(block, self._changes.apply, block.text)

    def _python(self, block: Block) -> None:
        """Execute a block; one that names a file of the sources is a new one."""
        if FILE.match(block.text):
            _at(block, self._changes.add, block.text)
            return
        code = compile("\n" * (block.line - 1) + block.text, str(block.page), "exec")
        with redirect_stdout(StringIO()) as written:
            exec(code, self._names)
        self._output = written.getvalue()

    def _yaml(self, block: Block) -> None:
        """Write a block under the name that it says, if it does; it must be a config or a sweep file."""
        named = re.match(r"# ([\w./-]+\.ya?ml)\b", block.text)
        path = Path(named[1] if named else "unnamed.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
        if named and self._changes.any:
            return  # only programs with the changes can read it
        keys = set(re.findall(r"^(\w+):", block.text, re.MULTILINE))
        is_config = keys <= {*FIELDS, *(section.title() for section in SECTIONS)}
        _at(block, load_config if is_config else load_sweep, path)

    def _sql(self, block: Block) -> None:
        self._output = ""
        self._note(block, "tmx sql", run_tmx("sql", block.text))


def _at(block: Block, action: Callable[..., object], *args: object) -> None:
    try:
        action(*args)
    except Exception as error:
        raise PageError(f"{block.place}: {error}") from error


def _by_threads(words: Sequence[str]) -> list[str]:
    """Have sweeps computed by threads of this process: processes take a second to start."""
    if words[0] not in ("batch", "work", "resume") or {"--backend", "--run-timeout"} & set(words):
        return list(words)
    return [*words, "--backend", "threading", *([] if "--workers" in words else ["--workers", "2"])]


def _check(rule: str, arguments: Sequence[str]) -> None:
    """Check what can be checked of a command that is not run."""
    if rule.startswith("tmx"):
        check_options(arguments)
    elif rule == "pytest":
        paths = {word for word in arguments if word.startswith("tests")}
        _require_known("file of tests", paths, {path for path in paths if (REPOSITORY / path).exists()})
    elif rule == "make":
        rules = (REPOSITORY / "Makefile").read_text().replace("$(VENV)", ".venv")
        targets = set(re.findall(r"^([\w./-]+):", rules, re.MULTILINE))
        _require_known("target of make", {word for word in arguments if "=" not in word}, targets)
    elif rule == "pip install":
        extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        named = re.findall(r"tmx\[([\w,]+)\]", " ".join(arguments))
        _require_known("extra of tmx", {extra for names in named for extra in names.split(",")}, set(extras))


def _require_known(what: str, named: set[str], known: set[str]) -> None:
    if unknown := named - known:
        raise PageError(f"no {what}: {', '.join(sorted(unknown))}")


def check_options(arguments: Sequence[str]) -> None:
    """Check that a command of tmx exists and has the options that it is given."""
    command: click.Command = cli
    context = click.Context(cli, info_name="tmx")
    rest = list(arguments)
    while isinstance(command, click.Group):
        _, rest, _ = command.make_parser(context).parse_args(rest)
        _, found, rest = command.resolve_command(context, rest)
        command = found or command
        context = click.Context(command, parent=context, info_name=command.name)
    command.make_parser(context).parse_args(rest)


def _require_output(block: Block, shown: str, written: str) -> None:
    if line := missing_line(shown, written):
        raise PageError(f"{block.place}: not written, or not after the line before it: {line}\n{written}")
