"""Cells of datasette's tables as people read them; all that stands in them is escaped."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from datasette.utils import tilde_encode
from markupsafe import Markup

from tmx.browse.parameters import parameter
from tmx.browse.source import Source
from tmx.browse.wide import CURVE
from tmx.words import shown, size_of

MOMENTS = frozenset(
    {"claimed", "created", "deleted", "finished", "heartbeat", "lease_until", "not_before", "started"}
)  # fmt: skip
"""Columns that are seconds since 1970."""

HASHES = (
    "key", "thermal_key", "radiance_key", "parent_key", "sha256", "fingerprint", "token", "lease_token",
)  # fmt: skip
"""Columns of which the first characters tell as much as all of them."""

SHORT_HASH = 12

PAGES = {
    "run_id": "run",
    "thermal_run_id": "run",
    "radiance_run_id": "run",
    "parent_id": "run",
    "sample_id": "sample",
    "sweep_id": "sweep",
    "dataset_id": "dataset",
}
"""Columns that hold ids, and the page of what they are ids of."""


def cell(source: Source, value: Any, column: str, table: str | None, database: str) -> Markup | None:
    """Return what a cell shows, or None to leave it to datasette."""
    label = None
    if isinstance(value, dict):
        value, label = value["value"], value["label"]
    if value is None:
        return None
    if column == CURVE and database == "sweeps":
        return curve_cell(value)
    if column in PAGES and isinstance(value, int):
        words = value if label is None else f"{label} {value}"
        return Markup('<a href="/-/{}/{}">{}</a>').format(PAGES[column], value, words)
    if column == "sweep":
        return sweep_link(source, str(value))
    show: Callable[[Any], Markup | None] | None = _SHOWN.get(column)
    if column in MOMENTS:
        show = moment
    return show(value) if show else _number(value, column) if isinstance(value, float) else None


def curve_cell(artifact: int | None) -> Markup:
    """Return the place of a day's curve, which is drawn once the table is there."""
    if artifact is None:
        return Markup("")
    return Markup('<span class="curve" data-curve="{}"></span>').format(artifact)


def sweep_link(source: Source, name: str) -> Markup | None:
    """Return a link to the page of a sweep that is known by its name."""
    for sweep_id, table in source.tables.items():
        if table.sweep == name:
            return Markup('<a href="/-/sweep/{}">{}</a>').format(sweep_id, name)
    return None


def moment(value: Any) -> Markup | None:
    """Return a time in UTC."""
    text = moment_text(value)
    return Markup('<time title="{}">{}</time>').format(value, text) if text else None


def moment_text(seconds: Any) -> str:
    """Return seconds since 1970 as a date and time in UTC; nothing of what is none."""
    if not isinstance(seconds, float | int) or not 0.0 <= seconds < 1e11:
        return ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def table_url(table: str) -> str:
    """Return the address of a wide table."""
    return f"/sweeps/{tilde_encode(table)}"


def _number(value: float, column: str) -> Markup:
    """Show a number as it is stored, which is how filters want it, and a parameter in the unit of people beside it."""
    also = parameter(column, value).also
    beside = Markup(" <small>({})</small>").format(also) if also else ""
    return Markup('<span title="{}">{}{}</span>').format(value, shown(value), beside)


def _hash(value: Any) -> Markup:
    return Markup('<code title="{}">{}</code>').format(value, str(value)[:SHORT_HASH])


def _size(value: Any) -> Markup | None:
    return Markup('<span title="{} bytes">{}</span>').format(value, size_of(value)) if isinstance(value, int) else None


def _named_values(value: Any) -> Markup | None:
    """Show parameters without the signs of JSON."""
    try:
        values = json.loads(value)
    except (TypeError, ValueError):
        return None
    if not isinstance(values, dict):
        return None
    said = ", ".join(parameter(name, one).short for name, one in values.items())
    return Markup('<span title="{}">{}</span>').format(value, said or "–")


def _preformatted(value: Any) -> Markup | None:
    return Markup("<details><summary>{}</summary><pre>{}</pre></details>").format(
        str(value).rstrip().rpartition("\n")[2][:80], value
    )


_SHOWN: dict[str, Callable[[Any], Markup | None]] = {
    "bytes": _size,
    "params": _named_values,
    "traceback": _preformatted,
    "source": _preformatted,
    "resolved": _preformatted,
    **dict.fromkeys(HASHES, _hash),
}
