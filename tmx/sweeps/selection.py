"""The samples of a sweep: the points of its design that meet its constraints, numbered."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tmx.config.model import SimulationConfig, overlay, read_layer
from tmx.config.problems import shown
from tmx.errors import ConfigError
from tmx.sweeps.constraints import violated
from tmx.sweeps.designs import Point
from tmx.sweeps.sweep import Sweep

FIRST_BLOCKS = 10_000
"""So many points are drawn before a sweep is given up whose constraints leave hardly anything."""

SMALLEST_PART = 1000
"""Of so many points one must meet the constraints."""


@dataclass(frozen=True)
class Sample:
    """One point of a sweep: its index and the values of the swept parameters."""

    index: int
    params: dict[str, Any]


class Selection:
    """The choice of samples by constraints, which counts what it leaves out.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    base : SimulationConfig, optional
        The base config, whose fields constraints may name; by default one of defaults.

    Attributes
    ----------
    drawn : int
        Points of the design that were looked at so far.
    left_out : int
        Those of them that are no samples.
    """

    def __init__(self, sweep: Sweep, base: SimulationConfig | None = None) -> None:
        self._sweep = sweep
        self._names = sweep.parameters
        common = overlay(base or SimulationConfig(), sweep.fixed_overrides) if sweep.constraints else None
        self._common = vars(common) if common else {}
        self._violations: Counter[str] = Counter()
        self.drawn = 0
        self.left_out = 0

    def samples(self) -> Iterator[Sample]:
        """Give the samples in order; their indices count from 0.

        Raises
        ------
        ConfigError
            If no sample meets the constraints, or hardly any of those that are drawn does.
        """
        index = 0
        count = len(self._sweep)
        for block in self._blocks():
            for point in block:
                yield Sample(index, dict(zip(self._names, point, strict=True)))
                index += 1
            if index >= count:
                return
        if not index:
            raise self._error(f"none of the {count} samples meets")

    def _blocks(self) -> Iterator[Sequence[Point]]:
        blocks = self._sweep.plan.blocks(self._sweep.axes, self._sweep.seed)
        for number, block in enumerate(blocks):
            self._require_enough(number, block)
            self.drawn += len(block)
            if self._meets(block):
                yield block
            else:
                self.left_out += len(block)

    def _meets(self, block: Sequence[Point]) -> bool:
        return not self._sweep.constraints or all(map(self._allowed, block))

    def _allowed(self, point: Point) -> bool:
        params = dict(zip(self._names, point, strict=True))
        values = {**self._common, **read_layer(params)}
        try:
            broken = violated(self._sweep.constraints, values)
        except ConfigError as error:
            where = ", ".join(f"{name}={shown(value)}" for name, value in params.items())
            raise ConfigError(f"{error} (at {where})") from None
        if broken:
            self._violations[broken.place] += 1
        return not broken

    def _require_enough(self, number: int, block: Sequence[Point]) -> None:
        kept = (self.drawn - self.left_out) // len(block)
        if self._sweep.plan.endless and number >= FIRST_BLOCKS and kept * SMALLEST_PART < number:
            points = "points" if len(block) == 1 else "blocks"
            raise self._error(f"only {kept} of the first {number} {points}, fewer than 1 in {SMALLEST_PART}, meet")

    def _error(self, what: str) -> ConfigError:
        worst = self._violations.most_common(1)[0][0]
        text = next(one.text for one in self._sweep.constraints if one.place == worst)
        return ConfigError(
            f"{worst}: {what} the constraints; {shown(text)} leaves out most: relax it or change the ranges"
        )


def samples(sweep: Sweep, base: SimulationConfig | None = None) -> Iterator[Sample]:
    """Give the samples of a sweep in order; their indices count from 0.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    base : SimulationConfig, optional
        The base config, whose fields constraints may name; by default one of defaults.

    Raises
    ------
    ConfigError
        If no sample meets the constraints, or hardly any of those that are drawn does.
    """
    return Selection(sweep, base).samples()


def count_samples(sweep: Sweep, base: SimulationConfig | None = None) -> int:
    """Count the samples of a sweep; constraints may leave fewer than its design has points."""
    if sweep.constraints and not sweep.plan.endless:
        return sum(1 for _ in samples(sweep, base))
    return len(sweep)
