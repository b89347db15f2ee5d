"""The reference pages are those that the code's declarations give, and what is said by hand there holds."""

import re

import click
import pytest
from commands import REPOSITORY

from documentation.commands import EXIT_CODES, VARIABLES, exit_codes
from documentation.pages import PAGES
from tmx.cli.main import cli
from tmx.config.schema import FIELDS
from tmx.datasets.splits import KINDS as SPLITS
from tmx.emulation.models import MODELS
from tmx.execution.backends import BACKENDS
from tmx.registry.tables import metadata

DIRECTORY = REPOSITORY / "docs/reference"


@pytest.fixture(scope="module")
def written():
    return {name: page() for name, page in PAGES.items()}


def test_the_pages_are_as_the_code_declares(written):
    stale = [name for name, text in written.items() if (DIRECTORY / name).read_text() != text]
    assert stale == [], "run `make docs` and commit what it writes"
    assert {path.name for path in DIRECTORY.iterdir()} == set(PAGES)


def test_nothing_is_left_out(written):
    assert all(f'<a id="{name}"></a>' in written["config.md"] for name in FIELDS)
    assert all(f"## {table}\n" in written["tables.md"] for table in metadata.tables)


def test_exit_codes_and_variables_are_those_of_the_code():
    assert exit_codes() <= set(EXIT_CODES)
    sources = "".join(path.read_text() for path in (REPOSITORY / "tmx").rglob("*.py"))
    named = set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"|envvar=\"([A-Z_]+)\"", sources))
    read = {one or other for one, other in named} - {"PATH"}
    assert {name for name in read if name.startswith(("TMX_", "NUMBA_", "XDG_"))} == set(VARIABLES)


@pytest.mark.parametrize(
    ("command", "option", "known"),
    [
        ("emulate train", "--model", MODELS),
        ("emulate curve", "--model", MODELS),
        ("batch", "--backend", BACKENDS),
        ("dataset build", "--split", SPLITS),
    ],
)
def test_options_have_the_choices_of_the_code(command, option, known):
    found, context = cli, click.Context(cli)
    for name in command.split():
        found = found.get_command(context, name)
    (choice,) = (one.type for one in found.params if option in one.opts)
    assert list(choice.choices) == list(known)
