"""The page of a sweep: its design, its results, what failed, and its samples with the curves of their days."""

import math
import sqlite3
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Request
from sqlalchemy.engine import Connection

from tmx.browse.cells import table_url
from tmx.browse.home import NOTHING, progress_of, stood
from tmx.browse.parameters import parameter
from tmx.browse.source import Source
from tmx.browse.wide import CURVE, WideTable
from tmx.config import FIELDS
from tmx.errors import NotFoundError
from tmx.registry.meanings import column_meaning, unit_of_column
from tmx.registry.queries import failure_groups, sweep_overview
from tmx.registry.sql import execute, quoted
from tmx.words import shown, unit_of_people

ROWS = 25

MOST_GROUPS = 50
"""Kinds of errors that are shown: their messages may all be different."""

TELLING = ("t_surf_max", "t_surf_min", "t_surf_mean", "beaming_ratio", "reststrahlen_depth", "estimated_error")
"""Results that the table of samples shows, of those that there are."""

LINKS = ("sample_id", "thermal_run_id", "radiance_run_id")

DATASETS = "SELECT id, name, n_samples FROM dataset WHERE sweep_id = :id ORDER BY id DESC"


@dataclass(frozen=True)
class Column:
    """A column of the table of samples: its name and unit, its meaning, and the address that sorts by it."""

    name: str
    unit: str
    factor: float
    meaning: str
    sort: str
    arrow: str

    def say(self, value: Any) -> str:
        """Return a value of the column in its unit."""
        return shown(self.factor * value if isinstance(value, float) else value)


def sweep_page(source: Source, request: Request) -> dict[str, Any]:
    """Gather the page of a sweep."""
    sweep_id = int(request.url_vars["id"])
    with source.read() as conn:
        sweep = _sweep(conn, sweep_id)
        progress = progress_of(conn).get(sweep["sweep"], NOTHING)
        failures = failure_groups(conn, sweep_id)
        datasets = execute(conn, DATASETS, id=sweep_id).mappings().all()
    table = source.tables.get(sweep_id)
    return {
        "sweep": stood(sweep, progress),
        "progress": progress,
        "failures": failures[:MOST_GROUPS],
        "more_failures": len(failures) > MOST_GROUPS,
        "datasets": datasets,
        "bytes": source.disk.get(sweep_id, 0),
        "table": table,
        **(_samples(source, request, table) if table else {}),
    }


def _sweep(conn: Connection, sweep_id: int) -> dict[str, Any]:
    name = execute(conn, "SELECT name FROM sweep WHERE id = :id", id=sweep_id).scalar()
    if name is None:
        raise NotFoundError(f"there is no sweep {sweep_id}")
    return sweep_overview(conn, name)[0]


def _samples(source: Source, request: Request, table: WideTable) -> dict[str, Any]:
    results = [name for name in TELLING if name in table.results]
    wanted = ["sample_index", "state", CURVE, *table.parameters, *results]
    sort, down = _order(request, wanted)
    page = min(int(text) if (text := request.args.get("page") or "").isdecimal() else 0, 10**6)
    names = ", ".join(map(quoted, [*wanted, *LINKS]))
    order = f"{quoted(sort)} IS NULL, {quoted(sort)} {'DESC' if down else 'ASC'}"
    with source.read_tables() as conn:
        rows = conn.execute(
            f"SELECT {names} FROM {quoted(table.name)} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608 (quoted)
            (ROWS + 1, ROWS * page),
        ).fetchall()
        units = {name: _unit(conn, table, name) for name in (*table.parameters, *results)}
    here = f"/-/sweep/{request.url_vars['id']}"
    asked = {"sort": sort, "down": int(down)}
    return {
        "columns": [_column(name, units.get(name, (1.0, "")), here, sort, down=down) for name in wanted],
        "results": results,
        "by": by if (by := request.args.get("by")) in table.results else (results or [""])[0],
        "rows": rows[:ROWS],
        "page": page,
        "before": f"{here}?{urlencode({**asked, 'page': page - 1})}#samples" if page else None,
        "after": f"{here}?{urlencode({**asked, 'page': page + 1})}#samples" if len(rows) > ROWS else None,
        "all_url": table_url(table.name),
        "parameters": [parameter(name, None) for name in table.parameters if name in FIELDS],
    }


def _order(request: Request, columns: list[str]) -> tuple[str, bool]:
    """Return the column that the rows are sorted by, and whether the largest goes first."""
    wanted = request.args.get("sort")
    return wanted if wanted in columns and wanted != CURVE else "sample_index", request.args.get("down") == "1"


def _unit(conn: sqlite3.Connection, table: WideTable, name: str) -> tuple[float, str]:
    """Return a factor and the unit that all values of a column are shown in."""
    unit = unit_of_column(name)
    if unit != "m":
        return unit_of_people(unit, math.inf)
    (largest,) = conn.execute(f"SELECT MAX(ABS({quoted(name)})) FROM {quoted(table.name)}").fetchone()  # noqa: S608
    return unit_of_people(unit, largest or math.inf)


def _column(name: str, unit: tuple[float, str], here: str, sort: str, *, down: bool) -> Column:
    falling = name == sort and not down
    address = f"{here}?{urlencode({'sort': name, 'down': int(falling)})}#samples"
    arrow = ("▼" if down else "▲") if name == sort else ""
    meaning = "surface temperature in a day" if name == CURVE else column_meaning(name)
    return Column(name, unit[1], unit[0], meaning, "" if name == CURVE else address, arrow)
