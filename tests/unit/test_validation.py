"""The validation: cheap cases through its own code, what it writes, and that the document has all of it."""

import math

import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

from validation.__main__ import main
from validation.case import Check, Outcome
from validation.cases import CASES
from validation.document import DOCUMENTS, figure_name, write_document

CHEAP = ("mie", "transfer", "moon")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    directory = tmp_path_factory.mktemp("validation")
    result = CliRunner().invoke(main, [*CHEAP, "-o", str(directory)])
    return directory, result


def test_cases_pass_and_say_what_they_compared(written):
    directory, result = written
    assert result.exit_code == 0, result.output
    assert "MISSED" not in result.output
    text = (directory / "validation.md").read_text()
    for name in CHEAP:
        assert f"## {CASES[name].TITLE}" in text
        assert 10_000 < (directory / figure_name(name)).stat().st_size < 120_000
    assert "| passes |" in text
    assert "nan" not in text


def test_the_document_has_every_case_and_what_each_compares(written):
    kept = (DOCUMENTS / "validation.md").read_text()
    headings = [line[3:] for line in kept.splitlines() if line.startswith("## ")]
    assert headings == [*(case.TITLE for case in CASES.values()), "References"]
    for name in CASES:
        assert f"]({figure_name(name)})" in kept
        assert (DOCUMENTS / figure_name(name)).stat().st_size < 120_000
    lines = (written[0] / "validation.md").read_text().splitlines()
    rows = [line.split(" | ")[1:4] for line in lines if "| passes |" in line]
    assert len(rows) > 15
    for what, truth, tolerance in rows:
        assert f"| {what} | {truth} | {tolerance} |" in kept


def test_a_tolerance_that_is_missed_is_an_error(tmp_path, monkeypatch):
    class Wrong:
        TITLE = "Wrong"

        @staticmethod
        def run():
            return Outcome([Check("all", "nothing", math.nan, 1.0, "K")], Figure(), "", "")

    monkeypatch.setitem(main.callback.__globals__, "CASES", {"mie": Wrong})
    result = CliRunner().invoke(main, ["mie", "-o", str(tmp_path)])
    assert result.exit_code == 1
    assert "**missed**" in (tmp_path / "validation.md").read_text()


def test_an_unknown_case_is_one_line():
    result = CliRunner().invoke(main, ["mon"])
    assert result.exit_code == 2
    assert "'mon' is not one of" in result.output


def test_writing_makes_the_directory(tmp_path):
    outcome = Outcome([Check("all", "nothing", 0.5, 1.0)], Figure(), "a figure", "some words")
    write_document(tmp_path / "new", {"one": ("One", outcome)})
    assert (tmp_path / "new" / "figures" / "validation_one.png").exists()
