"""The document of benchmarks, from rows that are given."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.document import Measured, document
from benchmarks.rows import Row, attempted, duration

DOCUMENT = Path(__file__).parents[2] / "docs/benchmarks.md"

ROWS = (
    Row("the Moon", 0.005, "0.03 K", "a peer", 2.0, "1.1 K"),
    Row("a slab", 2e-4, "", "a peer in C", 2e-5, "1e-15"),
    Row("500 samples", 0.02, "largest 0.9 K", unit="K"),
    Row("another", failed="ModuleNotFoundError: No module named 'another'"),
)


@pytest.fixture(scope="module")
def text():
    began = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    topics = [
        Measured("Conduction", "A note.", began, 90.0, 0.4, ROWS),
        Measured("Pages", "Another.", began.replace(hour=14), 30.0, 1.5, ROWS[2:3]),
    ]
    return document(topics)


def test_a_comparison_has_both_values_both_accuracies_and_their_ratio(text):
    assert "| the Moon | 5 ms | 0.03 K | a peer | 2 s | 1.1 K | 400 |" in text
    assert "| a slab | 200 µs |  | a peer in C | 20 µs | 1e-15 | 0.1 |" in text


def test_what_stands_alone_has_its_unit_and_a_table_of_its_own(text):
    assert "| 500 samples | 0.02 K | largest 0.9 K |" in text
    pages = text.split("## Pages")[1]
    assert "ratio" not in pages
    assert "load average before it 1.5" in pages


def test_what_failed_is_said(text):
    assert "Not measured: another: ModuleNotFoundError: No module named 'another'" in text


def test_where_tmx_is_slower_is_counted(text):
    assert "takes more than what stands beside it in 1 of 4 rows" in text
    assert "takes more" not in text.split("## Pages")[1]


def test_times_machine_and_versions_are_told(text):
    assert "on 2026-03-01, in 2 min" in text
    assert "Measured at 2026-03-01 14:30 UTC, in 30 s" in text
    assert re.search(r"\| machine \| .+, \d+ processors, \d+ GB of memory \|", text)
    assert re.search(r"numpy \d+\.\d+", text)


def test_every_row_of_a_table_has_as_many_cells_as_its_head(text):
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_a_measurement_that_fails_ends_as_a_row_after_those_that_it_had():
    def measure():
        yield ROWS[0]
        raise ValueError("no such peer\nand more")

    first, last = attempted("a case", measure)
    assert first == ROWS[0]
    assert str(last) == "a case: not measured: ValueError: no such peer"


@pytest.mark.parametrize(
    ("seconds", "text"), [(3e-7, "0.3 µs"), (2.5e-4, "250 µs"), (0.0123, "12.3 ms"), (5922.4, "5,922 s")]
)
def test_durations_have_a_unit_that_suits_them(seconds, text):
    assert duration(seconds) == text


def test_every_topic_stands_in_the_document_as_it_is_declared():
    from benchmarks.topics import TOPICS

    written = DOCUMENT.read_text()
    assert re.findall(r"^## (.+)$", written, re.MULTILINE) == [topic.title for topic in TOPICS.values()]
    for topic in TOPICS.values():
        assert topic.note in written, topic.title
