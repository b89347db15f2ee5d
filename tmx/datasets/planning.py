"""From a query to the samples of each part, and their inputs; nothing is read from files yet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection

from tmx.config import SimulationConfig, stored_config
from tmx.datasets.columns import Values, inputs_of, read_columns
from tmx.datasets.layout import Inputs
from tmx.datasets.query import Query
from tmx.datasets.selection import Member, Selection, select_samples, values_of
from tmx.datasets.splits import OOD, PARTS
from tmx.errors import ConfigError
from tmx.registry.control import sweep_id_of
from tmx.registry.sql import execute
from tmx.sweeps import Axis, read_sweep

FloatArray = npt.NDArray[np.float64]

SWEEP = """
SELECT w.sha256, w.seed, w.design, w.source, w.created, c.resolved, c.body
FROM sweep w JOIN config c ON c.id = w.config_id WHERE w.id = :sweep_id
"""


@dataclass(frozen=True)
class Source:
    """A sweep that samples come from."""

    name: str
    sweep_id: int
    base: SimulationConfig
    definition: dict[str, Any]
    selection: Selection

    def values(self, member: Member) -> Values:
        """Return what can be said of a sample before it is computed."""
        return values_of(self.base, member)

    def axes(self) -> tuple[Axis, ...]:
        """Return the parameters of the sweep, as its file has them."""
        return read_sweep(self.definition["source"], Path(f"{self.name}.yaml")).axes


@dataclass(frozen=True)
class Chosen:
    """A sample of a dataset, and the sweep that it comes from."""

    member: Member
    source: Source

    @property
    def name(self) -> str:
        """What `tmx show sample` calls it."""
        return f"{self.source.name}/{self.member.index}"

    @property
    def outputs_per_day(self) -> int:
        """How many of its output times make a solar day."""
        return int(self.source.values(self.member)["freq_out"])


@dataclass(frozen=True)
class Plan:
    """The samples of a dataset.

    Attributes
    ----------
    source : Source
        The sweep that it is built from.
    parts : dict
        The samples of each part, in order; parts that may not have any are there as well.
    inputs : Inputs
        The columns of the inputs.
    table : dict
        The inputs of each part, shape (samples, parameters).
    excluded : dict
        How many samples are left out, by reason.
    """

    source: Source
    parts: dict[str, list[Chosen]]
    inputs: Inputs
    table: dict[str, FloatArray]
    excluded: dict[str, int]

    @property
    def sizes(self) -> dict[str, int]:
        """The number of samples of each part."""
        return {part: len(chosen) for part, chosen in self.parts.items()}


def make_plan(conn: Connection, sweep: str, query: Query) -> Plan:
    """Find the samples of a dataset and divide them.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    ConfigError
        If no sample can be used, a part would be empty that must not be, or inputs have no value.
    """
    source = _source(conn, sweep, query)
    others = {part: _source(conn, name, query) for part, name in query.other_sweeps.items()}
    parts = _divided(source, query)
    for part, other in others.items():
        parts["train"] += parts.pop(part, [])
        parts[part] = [Chosen(member, other) for member in other.selection.members]
    parts["train"].sort(key=lambda chosen: chosen.member.index)
    parts = {part: parts[part] for part in (*PARTS, OOD) if part in parts}
    _require_samples(parts, query)
    inputs, table = _inputs_of(parts, query, source)
    excluded: Counter[str] = Counter()
    for each in (source, *others.values()):
        excluded.update(each.selection.excluded)
    return Plan(source, parts, inputs, table, dict(sorted(excluded.items())))


def _source(conn: Connection, sweep: str, query: Query) -> Source:
    sweep_id = sweep_id_of(conn, sweep)
    definition = dict(execute(conn, SWEEP, sweep_id=sweep_id).mappings().one())
    base = stored_config(definition["resolved"])
    selection = select_samples(conn, sweep_id, base, query.filters, query.outputs)
    if not selection.members:
        reasons = ", ".join(f"{count} {reason}" for reason, count in selection.excluded.items()) or "it has none"
        raise ConfigError(f"sweep {sweep!r} has no sample that a dataset can use: {reasons}; see `tmx status`")
    return Source(sweep, sweep_id, base, definition, selection)


def _divided(source: Source, query: Query) -> dict[str, list[Chosen]]:
    policy = query.policy
    points = source.selection.points
    assigned = policy.parts_of(points, source.axes() if policy.kind == "stratified" else ())
    names = (*PARTS, OOD) if policy.hold_out else PARTS
    parts: dict[str, list[Chosen]] = {part: [] for part in names}
    for point, part in zip(points, assigned, strict=True):
        if isinstance(point, Member):
            held = bool(policy.hold_out) and policy.is_held_out(source.values(point))
            parts[OOD if held else part].append(Chosen(point, source))
    return parts


def _require_samples(parts: dict[str, list[Chosen]], query: Query) -> None:
    fractions = query.policy.fractions
    total = sum(map(len, parts.values()))
    for part, chosen in parts.items():
        if chosen or (part != "train" and (query.allow_empty or fractions.get(part) == 0.0)):
            continue
        if part == OOD:
            raise ConfigError(
                f"the {OOD} part is empty: no sample meets {' or '.join(map(repr, query.policy.hold_out))}"
            )
        remedy = "" if part == "train" else "; --allow-empty builds the dataset all the same"
        raise ConfigError(
            f"the {part} part is empty: none of {total} samples falls into its fraction of {fractions[part]:g};"
            f" change the fractions (--train-fraction, --val-fraction) or --random-seed{remedy}"
        )


def _inputs_of(parts: dict[str, list[Chosen]], query: Query, source: Source) -> tuple[Inputs, dict[str, FloatArray]]:
    """Return what the inputs are, and those of all samples."""
    everything = [chosen for part in parts.values() for chosen in part]
    swept: Sequence[str] = list(source.selection.members[0].params)
    columns = read_columns(query.inputs or swept)
    values = (chosen.source.values(chosen.member) for chosen in everything)
    found = [[column.value(sample) for column in columns] for sample in values]
    inputs = inputs_of(columns, found)
    table = np.array([inputs.row(row) for row in found])
    ends = np.cumsum([len(chosen) for chosen in parts.values()])[:-1]
    return inputs, dict(zip(parts, np.split(table, ends), strict=True))
