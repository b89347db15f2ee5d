"""Figures of many samples, from the wide tables."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import rankdata

from tmx.browse.source import HasFiles, HasTables
from tmx.browse.wide import WideTable
from tmx.config.problems import suggestion
from tmx.datasets.splits import OOD, PARTS
from tmx.errors import NotFoundError
from tmx.execution.preview import is_numeric, named
from tmx.figures import PairAxis, histograms_figure, pairs_figure, parallel_figure
from tmx.registry.meanings import unit_of_column
from tmx.registry.sql import execute, quoted
from tmx.sweeps.spread import counts_by_ratios
from tmx.words import unit_of_people

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


def design(source: HasTables, ids: Sequence[int], about: str) -> "Figure":
    """Draw the samples of a sweep as lines across its parameters, coloured by a result."""
    table = _table(source, ids[0])
    usual = [name for name in SHOWN_RESULTS if name in table.results]
    result = about if about in table.results else usual[0] if usual else "sample_index"
    columns = _columns(source, table, [*table.parameters, result], MOST_LINES)
    values = columns.pop(result)
    if not values:
        raise NotFoundError(f"sweep {table.sweep!r} has no results yet")
    names = telling(columns, values)
    axes = [axis_of(name, columns[name]) for name in names]
    drawn, there = len(values), table.n_samples
    said = [f"{drawn:,} of {there:,} samples"] if drawn < there else []
    if len(names) < len(columns):
        said.append(f"the {len(names)} of {len(columns)} parameters that {result} depends on most")
    return parallel_figure([*axes, axis_of(result, values)], _plain("; ".join(said)))


def results(source: HasTables, ids: Sequence[int], _about: str) -> "Figure":
    """Draw how the results of a sweep are distributed."""
    table = _table(source, ids[0])
    names = [name for name in SHOWN_RESULTS if name in table.results]
    columns = {name: _columns(source, table, [name], MOST_VALUES)[name] for name in names}
    axes = [axis_of(name, values) for name, values in columns.items() if values]
    if not axes:
        raise NotFoundError(f"sweep {table.sweep!r} has no results yet")
    return histograms_figure(axes)


def require_result(source: HasTables, sweep_id: int, name: str) -> None:
    """Make sure that a sweep has a result, if one is named.

    Raises
    ------
    NotFoundError
        If not.
    """
    table = _table(source, sweep_id)
    if name and name not in table.results:
        usual = ", ".join(each for each in SHOWN_RESULTS if each in table.results)
        raise NotFoundError(
            f"sweep {table.sweep!r} has no result {name!r}{suggestion(name, table.results)} (it has {usual} and others)"
        )


def splits(source: HasFiles, ids: Sequence[int], _about: str) -> "Figure":
    """Draw the samples of a dataset in the space of their parameters, coloured by the part that they are in."""
    with source.read() as conn:
        rows = execute(conn, MEMBERS, id=ids[0], most=MOST_VALUES).all()
    if not rows:
        raise NotFoundError(f"there is no dataset {ids[0]} with samples; the table `dataset` lists them")
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
    unit = unit_of_column(name)
    factor, unit = unit_of_people(unit, float(np.abs(numbers).max()))
    numbers = factor * numbers
    label = _plain(f"{name} [{unit}]" if unit else name)
    return PairAxis(label, numbers, logarithmic=counts_by_ratios(numbers, LEAST_RATIO))


def one_in(step: int) -> str:
    """Return the SQL condition for one in so many samples, in no step with the design.

    Of a Sobol' sequence, every fourth point lies in a quarter of the space; of a grid, it may have one value only.
    """
    return f"(sample_index * {SCATTER}) % {1 << 32} < {(1 << 32) // step}"


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


def telling(columns: Mapping[str, Sequence[Any]], values: Sequence[Any]) -> list[str]:
    """Return as many parameters as a figure has room for, those whose ranks go most with those of a result."""
    if len(columns) <= MOST_PARAMETERS:
        return [*columns]
    ranks = rankdata(np.array(values, float))

    def together(name: str) -> float:
        places = rankdata(axis_of(name, columns[name]).values)
        return 0.0 if np.ptp(places) == 0.0 or np.ptp(ranks) == 0.0 else abs(float(np.corrcoef(places, ranks)[0, 1]))

    chosen = sorted(columns, key=together, reverse=True)[:MOST_PARAMETERS]
    return [name for name in columns if name in chosen]


def _table(source: HasTables, sweep_id: int) -> WideTable:
    table = source.tables.get(sweep_id)
    if table is None:
        raise NotFoundError(f"there is no table of sweep {sweep_id} yet")
    return table


def _columns(source: HasTables, table: WideTable, names: Iterable[str], most: int) -> dict[str, list[Any]]:
    """Return columns of those samples that have a value in the last, evenly taken if there are too many."""
    wanted = list(names)
    listed = ", ".join(map(quoted, wanted))
    present = f"{quoted(wanted[-1])} IS NOT NULL"
    with source.read_tables() as conn:
        (last,) = conn.execute(f"SELECT COALESCE(MAX(sample_index), 0) FROM {quoted(table.name)}").fetchone()  # noqa: S608
        step = last // most + 1
        rows = conn.execute(
            f"SELECT {listed} FROM {quoted(table.name)} WHERE {one_in(step)} AND {present}",  # noqa: S608 (quoted)
        ).fetchall()
    return {name: [row[number] for row in rows] for number, name in enumerate(wanted)}
