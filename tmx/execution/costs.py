"""What runs will cost: as much as similar ones that are in the registry, or else by a rule of thumb."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any, TypeAlias

from tmx.config import FIELDS, SimulationConfig, stored_config
from tmx.config.fields import Stage
from tmx.config.model import overlay
from tmx.config.reading import is_switch
from tmx.registry.costs import PastRun

COSTLY = (
    *(name for name in FIELDS if is_switch(name)),
    "accuracy", "crater_facets", "n_bands_out", "composition",
)  # fmt: skip
"""The fields in which similar runs are the same: the switches, and those that say how much is to be computed."""

FACETS = 96
"""Number of facets that the rule of thumb is for."""

THERMAL_S = {(False, False): 0.02, (False, True): 0.06, (True, False): 0.15, (True, True): 0.6}
"""Time of a thermal run, without and with a crater, and without and with radiative transfer."""

RADIANCE_S = {False: 0.02, True: 0.05}
"""Time of a radiance run, without and with radiative transfer."""

THERMAL_BYTES = {False: 35_000, True: 650_000}
"""File of a thermal run, without and with a crater."""

RADIANCE_BYTES = 100_000

Kind: TypeAlias = tuple[Stage, tuple[Any, ...]]


@dataclass(frozen=True)
class Cost:
    """What a run takes: time [s] and bytes; from how many runs like it that is known."""

    seconds: float
    bytes: float
    similar: int = 0


@dataclass(frozen=True)
class Costs:
    """The costs of every kind of run that is known."""

    known: dict[Kind, Cost] = field(default_factory=dict)

    def of(self, config: SimulationConfig, stage: Stage) -> Cost:
        """Estimate the cost of a run."""
        return self.known.get(kind_of(config, stage)) or rule_of_thumb(config, stage)


def kind_of(config: SimulationConfig, stage: Stage) -> Kind:
    """Return what similar runs have in common."""
    return stage, tuple(getattr(config, name) for name in COSTLY)


def known_costs(runs: Iterable[PastRun]) -> Costs:
    """Learn from runs: the median of their times, since the first of a process takes longer, and their mean size."""
    bases: dict[str, SimulationConfig] = {}
    kinds: dict[Kind, list[PastRun]] = {}
    for run in runs:
        if run.config not in bases:
            bases[run.config] = stored_config(run.config)
        config = overlay(bases[run.config], json.loads(run.params))
        kinds.setdefault(kind_of(config, "thermal" if run.stage == "thermal" else "radiance"), []).append(run)
    return Costs(
        {
            kind: Cost(median(run.seconds for run in alike), mean(run.bytes for run in alike), len(alike))
            for kind, alike in kinds.items()
        }
    )


def rule_of_thumb(config: SimulationConfig, stage: Stage) -> Cost:
    """Estimate the cost of a run of which nothing is known, on one core of a desktop computer."""
    rough = config.crater and (stage == "thermal" or config.compute_crater_radiance)
    facets = config.crater_facets / FACETS if rough else 1.0
    if stage == "thermal":
        return Cost(THERMAL_S[rough, config.use_RTE] * facets, THERMAL_BYTES[rough] * facets)
    return Cost(RADIANCE_S[config.use_RTE], RADIANCE_BYTES)
