"""What a sweep would be, before it is submitted: its samples, its runs, and what they will cost."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tmx.config import FIELDS, SimulationConfig
from tmx.config.fields import STAGES, Stage
from tmx.config.problems import shown
from tmx.execution.costs import Cost, Costs, known_costs
from tmx.execution.submission import computable_samples
from tmx.figures import PairAxis
from tmx.registry.costs import computed_keys, past_runs
from tmx.registry.engine import Registry
from tmx.stages.keys import radiance_key, thermal_key
from tmx.sweeps import Axis, Range, ResolvedSample, Selection, Sweep
from tmx.words import unit_of_people

PAST_RUNS = 2000
"""How many finished runs are looked at for similar ones."""


@dataclass(frozen=True)
class StagePreview:
    """The runs of a stage: how many there are, how many are computed already, and what the others will cost.

    Attributes
    ----------
    runs, computed : int
        Distinct runs, and those of them that the registry has.
    seconds, bytes : float
        Of all that are to be computed, by one worker.
    similar : int
        How many finished runs like these the estimate is from.
    by_rule : int
        For how many runs it is a rule of thumb.
    """

    runs: int
    computed: int
    seconds: float
    bytes: float
    similar: int
    by_rule: int


@dataclass(frozen=True)
class ParameterPreview:
    """A parameter: its field's name and unit, what it is, and the values of the samples."""

    parameter: str
    unit: str
    kind: str
    values: tuple[Any, ...]
    axis: Axis

    @property
    def distinct(self) -> tuple[Any, ...]:
        """The distinct values, numbers in order."""
        values = dict.fromkeys(self.values)
        return tuple(sorted(values) if is_numeric(values) else (one for one in self.axis.values if one in values))


@dataclass(frozen=True)
class Preview:
    """A sweep as it would be submitted.

    Attributes
    ----------
    samples : int
        Number of samples.
    drawn, left_out : int
        Points of the design that were looked at, and those that constraints leave out.
    parameters : tuple of ParameterPreview
        The swept parameters.
    stages : dict
        The runs of each stage.
    """

    samples: int
    drawn: int
    left_out: int
    parameters: tuple[ParameterPreview, ...]
    stages: dict[Stage, StagePreview]

    @property
    def seconds(self) -> float:
        """Time that one worker will take [s]."""
        return sum(stage.seconds for stage in self.stages.values())

    @property
    def bytes(self) -> float:
        """Size of the files that will be written."""
        return sum(stage.bytes for stage in self.stages.values())

    @property
    def similar(self) -> int:
        """How many finished runs the estimate is from."""
        return sum(stage.similar for stage in self.stages.values())

    @property
    def by_rule(self) -> int:
        """For how many runs the estimate is a rule of thumb."""
        return sum(stage.by_rule for stage in self.stages.values())


def preview_sweep(base: SimulationConfig, sweep: Sweep, registry: Registry | None = None) -> Preview:
    """Make the samples of a sweep, and estimate what computing them takes.

    Parameters
    ----------
    base : SimulationConfig
        The base config.
    sweep : Sweep
        The sweep.
    registry : Registry, optional
        Where similar runs, and those that need not be computed again, may be.

    Raises
    ------
    ConfigError
        If the sweep could not be submitted.
    """
    selection = Selection(sweep, base)
    values: dict[str, list[Any]] = {axis.parameter: [] for axis in sweep.axes}
    configs: dict[Stage, dict[str, SimulationConfig]] = {stage: {} for stage in STAGES}
    samples = 0
    for sample in computable_samples(base, sweep, selection):
        samples += 1
        for name, value in sample.params.items():
            values[name].append(value)
        _note_runs(configs, sample, radiance=sweep.radiance)
    costs = Costs()
    done: set[str] = set()
    if registry:
        with registry.read() as conn:
            costs = known_costs(past_runs(conn, PAST_RUNS))
            done = computed_keys(conn, [key for runs in configs.values() for key in runs])
    stages = {stage: _stage(stage, runs, costs, done) for stage, runs in configs.items() if runs}
    parameters = tuple(_parameter(axis, values[axis.parameter]) for axis in sweep.axes)
    return Preview(samples, selection.drawn, selection.left_out, parameters, stages)


def pair_axes(preview: Preview) -> list[PairAxis]:
    """Give those parameters that vary, for a figure of pairs."""
    varying = (one for one in preview.parameters if len(one.distinct) > 1)
    return [_pair_axis(one) for one in varying]


def named(value: Any) -> str:
    """Return a value as a config has it, a word without quotes."""
    return value if isinstance(value, str) else shown(value)


def is_numeric(values: Iterable[Any]) -> bool:
    """Tell whether all values are numbers."""
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _note_runs(configs: dict[Stage, dict[str, SimulationConfig]], sample: ResolvedSample, *, radiance: bool) -> None:
    thermal = thermal_key(sample.config)
    configs["thermal"][thermal] = sample.config
    if radiance:
        configs["radiance"][radiance_key(sample.config, thermal)] = sample.config


def _stage(stage: Stage, runs: dict[str, SimulationConfig], costs: Costs, done: set[str]) -> StagePreview:
    expected: list[Cost] = [costs.of(config, stage) for key, config in runs.items() if key not in done]
    return StagePreview(
        runs=len(runs),
        computed=len(runs) - len(expected),
        seconds=sum(cost.seconds for cost in expected),
        bytes=sum(cost.bytes for cost in expected),
        similar=sum(cost.similar for cost in set(expected)),
        by_rule=sum(not cost.similar for cost in expected),
    )


def _parameter(axis: Axis, values: list[Any]) -> ParameterPreview:
    return ParameterPreview(axis.parameter, FIELDS[axis.parameter].unit, _kind(axis), tuple(values), axis)


def _kind(axis: Axis) -> str:
    spacing = "logarithmic" if axis.kind == "log_uniform" else axis.kind
    if isinstance(axis, Range):
        spacing = spacing.replace("uniform", "linear")
        return f"{spacing}, whole numbers" if axis.step else spacing
    if axis.kind != "list":
        return spacing
    return "values" if is_numeric(axis.values) else "categories"


def _pair_axis(one: ParameterPreview) -> PairAxis:
    largest = max(map(abs, one.values)) if is_numeric(one.values) else math.inf
    factor, unit = unit_of_people(one.unit, largest)
    label = f"{one.parameter} [{unit}]" if unit else one.parameter
    if is_numeric(one.values):
        return PairAxis(label, factor * np.array(one.values, float), logarithmic=one.axis.kind == "log_uniform")
    names = [named(value) for value in one.distinct]
    places = {value: place for place, value in enumerate(one.distinct)}
    return PairAxis(label, np.array([places[value] for value in one.values], float), names=tuple(names))
