"""Which samples of a sweep go into a dataset, and why others do not."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from tmx.config import SimulationConfig
from tmx.datasets.columns import Values
from tmx.datasets.filters import Filters
from tmx.registry.sql import execute
from tmx.registry.views import listed_results, result_columns

SAMPLES = """
SELECT s.id, s.sample_index, s.params, t.state AS thermal_state, r.state AS radiance_state,
       ta.path AS thermal_path, ra.path AS radiance_path, {results}
FROM sample s
JOIN run t ON t.id = s.thermal_run_id
LEFT JOIN run r ON r.id = s.radiance_run_id
LEFT JOIN thermal_result ON thermal_result.run_id = t.id
LEFT JOIN radiance_result ON radiance_result.run_id = r.id
LEFT JOIN artifact ta ON ta.run_id = t.id AND ta.kind = 'thermal' AND ta.deleted IS NULL
LEFT JOIN artifact ra ON ra.run_id = r.id AND ra.kind = 'radiance' AND ra.deleted IS NULL
WHERE s.sweep_id = :sweep_id
ORDER BY s.sample_index
"""


@dataclass(frozen=True, slots=True)
class Point:
    """A sample of a sweep, computed or not.

    Attributes
    ----------
    sample_id, index : int
        Its row, and its index in the sweep.
    identity : str
        Canonical JSON of its parameters.
    """

    sample_id: int
    index: int
    identity: str

    @property
    def params(self) -> dict[str, Any]:
        """Its parameters."""
        found: dict[str, Any] = json.loads(self.identity)
        return found


@dataclass(frozen=True, slots=True)
class Member(Point):
    """A sample that a dataset may use.

    Attributes
    ----------
    thermal_path : str
        Its temperatures, relative to the store.
    radiance_path : str or None
        Its spectra.
    names : tuple of str
        Numbers of its results that are wanted; the same object for all samples.
    results : tuple
        These numbers.
    """

    thermal_path: str
    radiance_path: str | None
    names: tuple[str, ...]
    results: tuple[Any, ...]

    def result(self, name: str) -> Any:
        """Return one of the numbers of its results."""
        return self.results[self.names.index(name)]


SUMMARY = {
    "t_surf_max": "K",
    "t_surf_min": "K",
    "t_surf_mean": "K",
    "time_of_max": "s",
    "t_deep": "K",
    "estimated_error": "K",
}
"""Numbers of results that every member has, with their units."""


@dataclass(frozen=True)
class Selection:
    """The samples of a sweep.

    Attributes
    ----------
    points : list of Point
        All of them in order; those that a dataset may use are members.
    excluded : dict
        How many are left out, by reason.
    """

    points: list[Point]
    excluded: dict[str, int]

    @property
    def members(self) -> list[Member]:
        """The samples that a dataset may use."""
        return [point for point in self.points if isinstance(point, Member)]


def select_samples(
    conn: Connection, sweep_id: int, base: SimulationConfig, filters: Filters, outputs: Sequence[str] = ()
) -> Selection:
    """Return the samples of a sweep, in order, and how many of them are left out for which reason.

    Parameters
    ----------
    conn : Connection
        To the registry.
    sweep_id : int
        The sweep.
    base : SimulationConfig
        Its config.
    filters : Filters
        What a sample must meet.
    outputs : sequence of str
        Names among which there may be numbers of results, which members then have.
    """
    names = (*SUMMARY, *(name for name in outputs if name in result_columns() and name not in SUMMARY))
    points: list[Point] = []
    excluded: Counter[str] = Counter()
    for row in _rows(conn, sweep_id):
        reason = _unfinished(row) or _reason_against(row, base, filters)
        if reason:
            excluded[reason] += 1
            points.append(Point(row.id, row.sample_index, row.params))
        else:
            points.append(_member(row, names))
    return Selection(points, dict(sorted(excluded.items())))


def select_members(conn: Connection, sweep_id: int) -> list[Member]:
    """Return the finished samples of a sweep that meet their accuracy, in order."""
    return [_member(row, tuple(SUMMARY)) for row in _rows(conn, sweep_id) if not _unfinished(row) and row.accuracy_met]


def values_of(base: SimulationConfig, point: Point) -> Values:
    """Return what can be said of a sample before it is computed."""
    return Values(base, point.params)


def _rows(conn: Connection, sweep_id: int) -> Iterator[Any]:
    return iter(execute(conn, SAMPLES.replace("{results}", listed_results()), sweep_id=sweep_id))


def _unfinished(row: Any) -> str | None:
    states = {row.thermal_state, row.radiance_state} - {None}
    if "failed" in states:
        return "failed"
    return "not done" if states != {"done"} else None


def _reason_against(row: Any, base: SimulationConfig, filters: Filters) -> str | None:
    results: Mapping[str, Any] = row._mapping
    return filters.reason_against(Values(base, json.loads(row.params), results), results)


def _member(row: Any, names: tuple[str, ...]) -> Member:
    results = tuple(getattr(row, name) for name in names)
    return Member(row.id, row.sample_index, row.params, row.thermal_path, row.radiance_path, names, results)
