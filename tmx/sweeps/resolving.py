"""From samples to configs, and what a sweep does that its author may not have meant."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tmx.config.conditions import NEVER
from tmx.config.model import SimulationConfig, overlay, resolve
from tmx.config.problems import shown
from tmx.config.reading import fields_in_use, is_switch
from tmx.config.schema import FIELDS
from tmx.errors import ConfigError
from tmx.sweeps.axis import Axis
from tmx.sweeps.selection import Selection
from tmx.sweeps.sweep import Sweep

_MOST_SWITCHINGS = 4096


@dataclass(frozen=True)
class ResolvedSample:
    """A sample and its config."""

    index: int
    params: dict[str, Any]
    config: SimulationConfig


def resolve_samples(
    base: SimulationConfig, sweep: Sweep, selection: Selection | None = None
) -> Iterator[ResolvedSample]:
    """Make the config of every sample: the base, then the fixed overrides, then the sample's parameters.

    Parameters
    ----------
    base : SimulationConfig
        The base config.
    sweep : Sweep
        The sweep.
    selection : Selection, optional
        What chooses the samples, for those who want to know what it leaves out.

    Raises
    ------
    ConfigError
        If a sample's settings contradict one another; the message names its index and parameters. If constraints
        leave no sample, or hardly any.
    """
    common = overlay(base, sweep.fixed_overrides)
    for sample in (selection or Selection(sweep, base)).samples():
        try:
            config = resolve(common, sample.params)
        except ConfigError as error:
            params = ", ".join(f"{name}={shown(value)}" for name, value in sample.params.items())
            raise ConfigError(f"{sweep.path}: sample {sample.index} ({params}): {error}") from None
        yield ResolvedSample(sample.index, sample.params, config)


def sweep_warnings(base: SimulationConfig, sweep: Sweep) -> tuple[str, ...]:
    """Say what is legal but odd in a sweep over this base config: the file's warnings, and idle parameters."""
    in_use = _ever_in_use(base, sweep)
    idle = (_idle(axis) for axis in sweep.axes if axis.parameter not in in_use)
    return (*sweep.warnings, *idle)


def _ever_in_use(base: SimulationConfig, sweep: Sweep) -> frozenset[str]:
    """Give the fields that some stage reads under some combination of the swept switches."""
    switches = [axis for axis in sweep.axes if is_switch(axis.parameter)]
    others = {axis.parameter: axis.values[0] for axis in sweep.axes if axis not in switches}
    common = overlay(base, sweep.fixed_overrides, others)
    names = [axis.parameter for axis in switches]
    combinations = itertools.product(*(axis.values for axis in switches))
    in_use: frozenset[str] = frozenset()
    for values in itertools.islice(combinations, _MOST_SWITCHINGS):
        layer = dict(zip(names, values, strict=True))
        in_use |= fields_in_use(vars(overlay(common, layer)))
    return in_use


def _idle(axis: Axis) -> str:
    condition = FIELDS[axis.parameter].used
    why = "is only a label" if condition == NEVER else f"is read only when {condition.words()}"
    return f"{axis.place}: {axis.name!r}: {axis.parameter} {why}, so its values make identical runs"
