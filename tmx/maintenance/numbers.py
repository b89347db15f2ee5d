"""The numbers of results: those in the registry's columns against those in the files, whose hashes are known."""

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from tmx.registry.queue import plain
from tmx.registry.sql import execute
from tmx.registry.tables import RESULT_TABLES

OF_ARTIFACTS = """
SELECT n.* FROM {table} n
WHERE n.run_id IN (SELECT f.run_id FROM artifact f WHERE f.deleted IS NULL AND f.id >= :first AND f.id <= :last)
"""

MOST_BYTES = 1 << 16
"""Of the circumstances of a run, as its file has them: a few lines of JSON."""

MOST_NAMED = 3

Numbers = Mapping[str, Any]


def recorded_numbers(conn: Connection, first: int, last: int) -> dict[int, Numbers]:
    """Return the rows of results of the runs whose artifacts have ids in a range, by the id of the run."""
    found: dict[int, Numbers] = {}
    for table in RESULT_TABLES.values():
        rows = execute(conn, OF_ARTIFACTS.replace("{table}", table.name), first=first, last=last).mappings()
        found |= {row["run_id"]: dict(row) for row in rows.all()}
    return found


def stored_numbers(path: Path, stage: str, key: str) -> Numbers:
    """Return the numbers of a run that are in its file, which is whole: its circumstances are JSON, never packed."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = content.find(f'{{"key": "{key}"'.encode())
        text = content[start : start + MOST_BYTES].decode(errors="replace") if start >= 0 else "{}"
    circumstances, _ = json.JSONDecoder().raw_decode(text)
    names = [column.name for column in RESULT_TABLES[stage].c if column.name in circumstances]
    return {name: plain(circumstances[name]) for name in names}


def differing(recorded: Numbers, stored: Numbers) -> list[str]:
    """Return the names of the numbers that are not recorded as the file has them."""
    return [name for name, value in stored.items() if recorded[name] != value]


def described(names: list[str], recorded: Numbers, stored: Numbers) -> str:
    """Say in words how numbers differ; of many, of the first ones."""
    named = [f"{name} is {_shown(recorded[name])} in place of {_shown(stored[name])}" for name in names[:MOST_NAMED]]
    more = len(names) - MOST_NAMED
    return ", ".join(named) + (f", and {more} more" if more > 0 else "")


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)
