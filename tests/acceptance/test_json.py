"""`--json`: whatever a script may want to read is JSON on stdout, and nothing else is there."""

import json
from importlib import import_module
from pathlib import Path

import click
import pytest
from commands import write_sweep

from tmx.cli.main import COMMANDS

FILES = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "out")

ONE_AFTER_THE_OTHER = [
    ("create-config", "-o", "moon.yaml", "--planetary-body", "Moon"),
    ("config", "check", "base.yaml"),
    ("config", "schema"),
    ("sweep", "preview", "sweep.yaml", "-b", "base.yaml"),
    ("single", "-c", "base.yaml"),
    ("postprocess", "-t", "single.h5"),
    ("db", "upgrade"),
    ("submit", *FILES, "-n", 1),
    ("pause", "out"),
    ("cancel", "out"),
    ("work", "-w", 1, "--backend", "threading"),
    ("batch", *FILES, "-w", 1, "--backend", "threading", "--create-dataset"),
    ("resume", "-w", 1, "--backend", "threading"),
    ("retry",),
    ("priority", "out", -1),
    ("status",),
    ("show", "run", 1),
    ("show", "run", 1, "--log"),
    ("show", "sample", "out/0"),
    ("show", "artifact", 1),
    ("show", "worker", 1),
    ("sql", "select * from samples"),
    ("verify",),
    ("gc",),
    ("dataset", "build", "--sweep", "out", "--allow-empty"),
    ("dataset", "outputs"),
    ("dataset", "show", "out/ml_dataset.h5"),
    ("export", "out", "exported"),
    ("export", "out", "samples.csv", "--csv"),
    ("import", "exported", "--db", "other.db"),
    ("db", "current"),
    ("db", "check"),
    ("db", "copy", "tmx.db", "copy.db"),
    ("optics", "list"),
    ("mesh", "make", "cap", "--facets", 24, "-o", "cap.obj"),
    ("mesh", "check", "cap.obj"),
    ("doctor",),
]

WITH_EMULATORS = {"emulate train", "emulate evaluate", "emulate curve", "emulate predict", "sweep refine"}
"""Commands that `test_emulators` tries, where an emulator is at hand."""

NOT_FOR_SCRIPTS = {
    "browse", "plot spectra", "plot beaming", "plot run", "plot compare", "plot sweep", "plot dataset", "optics show",
    "optics table", "mesh make cap", "mesh make gaussian", "mesh make dem", "mesh show", "slurm write", "completion",
}  # fmt: skip
"""Commands that write a file of the caller's choice, or go on until they are stopped."""


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def test_every_command_gives_json_and_nothing_else(tmx, directory):
    write_sweep(directory / "sweep.yaml", 3, 2, radiance=False)
    for command in ONE_AFTER_THE_OTHER:
        if "--json" not in options_of(command):
            assert tmx(*command).code == 0
            continue
        answer = tmx(*command, "--json")
        assert answer.code == 0, (command, answer.err)
        found = json.loads(answer.out, parse_constant=refuse)
        if command[0] == "single":
            Path(found["thermal_file"]).rename("single.h5")
        if command[0] == "batch":
            assert (found["runs"], found["done"], found["failed"], found["computed"]) == (6, 6, 0, 6)
            assert Path(found["dataset"]["path"]).exists()
        if command[:2] == ("sql", "select * from samples"):
            assert len(found) == 6


def options_of(words):
    """Return the options of the command that some words begin with."""
    command, ctx = command_named(words[0]), click.Context(click.Command(""))
    for word in words[1:]:
        if not isinstance(command, click.Group):
            break
        command = command.get_command(ctx, word)
    return {option for parameter in command.params for option in parameter.opts}


def command_named(name):
    module, attribute = COMMANDS[name]
    return getattr(import_module(module), attribute)


def leaves(command, name):
    if isinstance(command, click.Group):
        return [leaf for each, below in command.commands.items() for leaf in leaves(below, f"{name} {each}")]
    return [(name, command)]


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_is_left_out(name):
    tried = {" ".join(map(str, words)) for words in ONE_AFTER_THE_OTHER} | WITH_EMULATORS
    for path, command in leaves(command_named(name), name):
        if path in NOT_FOR_SCRIPTS:
            assert all("--json" not in parameter.opts for parameter in command.params)
        else:
            assert any("--json" in parameter.opts for parameter in command.params), path
            assert any(each == path or each.startswith(f"{path} ") for each in tried), path
