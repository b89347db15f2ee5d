"""Figures of many samples, from the wide tables."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tmx.browse.source import HasFiles, Source
from tmx.browse.wide import WideTable
from tmx.config import FIELDS
from tmx.config.problems import suggestion
from tmx.datasets.splits import OOD, PARTS
from tmx.errors import NotFoundError
from tmx.execution.figures import SCALES
from tmx.execution.preview import is_numeric, named
from tmx.figures import PairAxis, histograms_figure, pairs_figure, parallel_figure
from tmx.registry.meanings import column_meaning
from tmx.registry.sql import execute, quoted
from tmx.sweeps.spread import counts_by_ratios

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LINES = 600
MOST_VALUES = 20_000
"""Samples that a figure is drawn from, evenly taken from all."""

MOST_PARAMETERS = 7
MOST_CATEGORIES = 24
LEAST_RATIO = 8.0
"""Of the largest to the smallest value on a logarithmic axis."""

SCATTER = 2654435761
"""2^32 over the golden ratio: its multiples, modulo 2^32, are spread evenly, and in no step with grids or sequences."""

SHOWN_RESULTS = (
    "t_surf_max",
    "t_surf_min",
    "estimated_error",
    "reststrahlen_depth",
    "christiansen_wavelength",
    "beaming_ratio",
)

MEMBERS = """
SELECT s.params, m.split FROM dataset_sample m JOIN sample s ON s.id = m.sample_id
WHERE m.dataset_id = :id ORDER BY s.id LIMIT :most
"""


def design(source: Source, ids: Sequence[int], about: str) -> "Figure":
    """Draw the samples of a sweep as lines across its parameters, coloured by a result."""
    table = _table(source, ids[0])
    usual = [name for name in SHOWN_RESULTS if name in table.results]
    result = about if about in table.results else usual[0] if usual else "sample_index"
    names = [*table.parameters[:MOST_PARAMETERS], result]
    columns = _columns(source, table, names, MOST_LINES)
    if not columns[result]:
        raise NotFoundError(f"sweep {table.sweep!r} has no results yet")
    return parallel_figure([axis_of(name, columns[name]) for name in names])


def results(source: Source, ids: Sequence[int], _about: str) -> "Figure":
    """Draw how the results of a sweep are distributed."""
    table = _table(source, ids[0])
    names = [name for name in SHOWN_RESULTS if name in table.results]
    columns = {name: _columns(source, table, [name], MOST_VALUES)[name] for name in names}
    axes = [axis_of(name, values) for name, values in columns.items() if values]
    if not axes:
        raise NotFoundError(f"sweep {table.sweep!r} has no results yet")
    return histograms_figure(axes)


def require_result(source: Source, sweep_id: int, name: str) -> None:
    """Make sure that a sweep has a result, if one is named.

    Raises
    ------
    NotFoundError
        If not.
    """
    table = _table(source, sweep_id)
    if name and name not in table.results:
        there = ", ".join(table.results)
        raise NotFoundError(
            f"sweep {table.sweep!r} has no result {name!r}{suggestion(name, table.results)} (it has {there})"
        )


def splits(source: HasFiles, ids: Sequence[int], _about: str) -> "Figure":
    """Draw the samples of a dataset in the space of their parameters, coloured by the part that they are in."""
    with source.read() as conn:
        rows = execute(conn, MEMBERS, id=ids[0], most=MOST_VALUES).all()
    if not rows:
        raise NotFoundError(f"there is no dataset {ids[0]} with samples")
    params = [json.loads(row.params) for row in rows]
    names = [name for name in params[0] if len({str(one.get(name)) for one in params}) > 1]
    axes = [axis_of(name, [one.get(name) for one in params]) for name in names[:MOST_PARAMETERS] or [*params[0]][:1]]
    parts = [part for part in (*PARTS, OOD) if any(row.split == part for row in rows)]
    places = np.array([parts.index(row.split) for row in rows], float)
    return pairs_figure(axes, parts=PairAxis("", places, names=tuple(parts)))


def axis_of(name: str, values: Sequence[Any]) -> PairAxis:
    """Return an axis with the values of a column, in units that people read better."""
    if not is_numeric(values):
        return _categories(name, [named(value) for value in values])
    numbers = np.array(values, float)
    unit = FIELDS[name].unit if name in FIELDS else _unit(column_meaning(name))
    small = unit == "m" and np.abs(numbers).max() < 1e-3
    factor, unit = SCALES[unit] if unit == "rad" or small else (1.0, unit)
    numbers = factor * numbers
    label = _plain(f"{name} [{unit}]" if unit else name)
    return PairAxis(label, numbers, logarithmic=counts_by_ratios(numbers, LEAST_RATIO))


def one_in(step: int) -> str:
    """Return the SQL condition for one in so many samples, in no step with the design.

    Of a Sobol' sequence, every fourth point lies in a quarter of the space; of a grid, it may have one value only.
    """
    return f"(sample_index * {SCATTER}) % {1 << 32} < {(1 << 32) // step}"


def _unit(meaning: str) -> str:
    return meaning.rpartition("[")[2].rstrip("]") if meaning.endswith("]") else ""


def _categories(name: str, words: Sequence[str]) -> PairAxis:
    """Return an axis of words; the rarest, where there are very many, are one."""
    distinct = sorted(set(words), key=lambda word: (-words.count(word), word))[:MOST_CATEGORIES]
    names = (*sorted(distinct), "others") if len(set(words)) > MOST_CATEGORIES else tuple(sorted(distinct))
    places = {word: place for place, word in enumerate(names)}
    values = np.array([places.get(word, len(names) - 1) for word in words], float)
    return PairAxis(_plain(name), values, names=tuple(map(_plain, names)))


def _plain(text: str) -> str:
    """Return a text that matplotlib shows as it stands: between two dollars it would read a formula."""
    return text.replace("$", r"\$")


def _table(source: Source, sweep_id: int) -> WideTable:
    table = source.tables.get(sweep_id)
    if table is None:
        raise NotFoundError(f"there is no table of sweep {sweep_id} yet")
    return table


def _columns(source: Source, table: WideTable, names: Iterable[str], most: int) -> dict[str, list[Any]]:
    """Return columns of those samples that have a value in all of them, evenly taken if there are too many."""
    wanted = list(names)
    listed = ", ".join(map(quoted, wanted))
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in wanted)
    with source.read_tables() as conn:
        (last,) = conn.execute(f"SELECT COALESCE(MAX(sample_index), 0) FROM {quoted(table.name)}").fetchone()  # noqa: S608
        step = last // most + 1
        rows = conn.execute(
            f"SELECT {listed} FROM {quoted(table.name)} WHERE {one_in(step)} AND {present}",  # noqa: S608 (quoted)
        ).fetchall()
    return {name: [row[number] for row in rows] for number, name in enumerate(wanted)}
