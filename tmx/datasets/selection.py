"""Which samples of a sweep go into a dataset, and why others do not."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from tmx.registry.sql import execute

SAMPLES = """
SELECT s.id, s.sample_index, s.params, t.state AS thermal_state, r.state AS radiance_state,
       ta.path AS thermal_path, ra.path AS radiance_path, n.accuracy_met,
       n.t_surf_max, n.t_surf_min, n.t_surf_mean, n.time_of_max, n.t_deep, n.estimated_error
FROM sample s
JOIN run t ON t.id = s.thermal_run_id
LEFT JOIN run r ON r.id = s.radiance_run_id
LEFT JOIN thermal_result n ON n.run_id = t.id
LEFT JOIN artifact ta ON ta.run_id = t.id AND ta.kind = 'thermal' AND ta.deleted IS NULL
LEFT JOIN artifact ra ON ra.run_id = r.id AND ra.kind = 'radiance' AND ra.deleted IS NULL
WHERE s.sweep_id = :sweep_id
ORDER BY s.sample_index
"""

SUMMARY = {
    "t_surf_max": "K",
    "t_surf_min": "K",
    "t_surf_mean": "K",
    "time_of_max": "s",
    "t_deep": "K",
    "estimated_error": "K",
}
"""Numbers of a sample's registry row that a dataset holds, with their units."""


@dataclass(frozen=True)
class Member:
    """A sample of a dataset.

    Attributes
    ----------
    sample_id, index : int
        Its row, and its index in the sweep.
    identity : str
        Canonical JSON of its parameters.
    params : dict
        Its parameters.
    thermal_path : str
        Its temperatures, relative to the store.
    radiance_path : str or None
        Its spectra.
    summary : tuple of float
        The numbers of `SUMMARY`.
    """

    sample_id: int
    index: int
    identity: str
    params: dict[str, Any]
    thermal_path: str
    radiance_path: str | None
    summary: tuple[float, ...]


def select_members(conn: Connection, sweep_id: int) -> tuple[list[Member], dict[str, int]]:
    """Return the samples that a dataset may use, in order, and how many are left out for which reason."""
    members: list[Member] = []
    excluded: Counter[str] = Counter()
    for row in execute(conn, SAMPLES, sweep_id=sweep_id).all():
        reason = _reason_against(row)
        if reason:
            excluded[reason] += 1
        else:
            members.append(_member(row))
    return members, dict(sorted(excluded.items()))


def _reason_against(row: Any) -> str | None:
    states = {row.thermal_state, row.radiance_state} - {None}
    if "failed" in states:
        return "failed"
    if states != {"done"}:
        return "not done"
    if not row.accuracy_met:
        return "accuracy not met"
    return None


def _member(row: Any) -> Member:
    summary = tuple(float(getattr(row, name)) for name in SUMMARY)
    params = json.loads(row.params)
    return Member(row.id, row.sample_index, row.params, params, row.thermal_path, row.radiance_path, summary)
