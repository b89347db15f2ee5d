"""Which part of a dataset a sample belongs to, decided by the sample alone.

A hash of the seed and of what a sample is falls somewhere between 0 and 1, and the fractions cut that line. Adding
samples to a sweep moves none of the others, and samples with the same parameters never part.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tmx.config.problems import suggestion
from tmx.datasets.columns import Values
from tmx.datasets.filters import Condition
from tmx.datasets.selection import Point
from tmx.errors import ConfigError
from tmx.sweeps.axis import Axis, Range

PARTS = ("train", "val", "test")
OOD = "test_ood"

KINDS = ("random", "grouped", "stratified", "extrapolation")

LEVELS = 5
"""Strata of a parameter that has a range; of all others, each value is one."""

GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0

Label: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True)
class SplitPolicy:
    """How a dataset is divided.

    Attributes
    ----------
    train, val : float
        Fractions for training and validation; what is left is for the test.
    seed : int
        Another seed gives another split.
    kind : {"random", "grouped", "stratified", "extrapolation"}
        Every sample for itself; samples with the same values of `by` together; the fractions kept within each stratum
        of `by`; or as random, with what is held out.
    by : tuple of str
        The parameters that make groups or strata.
    hold_out : tuple of str
        Conditions on parameters: samples that meet one of them are `test_ood`, whatever else is said.

    Raises
    ------
    ConfigError
        If the fractions are none, or the kind does not go with the rest.
    """

    train: float = 0.8
    val: float = 0.1
    seed: int = 42
    kind: str = "random"
    by: tuple[str, ...] = ()
    hold_out: tuple[str, ...] = ()
    _held: tuple[Condition, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        for name in ("train", "val"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"--{name}-fraction: {getattr(self, name)} is not a fraction from 0 to 1")
        if self.train + self.val > 1.0 + 1e-12:
            raise ConfigError(
                f"--train-fraction {self.train} and --val-fraction {self.val} add up to more than 1;"
                " what they leave is the test"
            )
        if self.kind not in KINDS:
            raise ConfigError(f"--split: {self.kind!r} is none of {', '.join(KINDS)}{suggestion(self.kind, KINDS)}")
        if (self.kind in ("grouped", "stratified")) != bool(self.by):
            with_by = "grouped and stratified splits, and only these, need parameters: --by latitude"
            raise ConfigError(f"--split {self.kind}: {with_by}")
        if self.kind == "extrapolation" and not self.hold_out:
            raise ConfigError('--split extrapolation: say what to hold out: --hold-out "latitude > 1.0"')
        object.__setattr__(self, "_held", tuple(Condition(text, "--hold-out") for text in self.hold_out))

    @property
    def fractions(self) -> dict[str, float]:
        """The fraction of each part."""
        left = 1.0 - self.train - self.val
        return {"train": self.train, "val": self.val, "test": left if left > 1e-12 else 0.0}

    def definition(self) -> dict[str, Any]:
        """Return what defines it, for people and scripts; of what is not used, nothing."""
        found: dict[str, Any] = {"train": self.train, "val": self.val, "seed": self.seed, "kind": self.kind}
        return {**found, **{name: list(getattr(self, name)) for name in ("by", "hold_out") if getattr(self, name)}}

    def part_of(self, identity: str) -> str:
        """Return `train`, `val` or `test` for a sample, or for a group of them.

        Parameters
        ----------
        identity : str
            Canonical JSON of its parameters.
        """
        return self._part_at(self._position(identity))

    def is_held_out(self, values: Values) -> bool:
        """Say whether a sample is in a part of parameter space that is held out."""
        return any(condition.holds(values) for condition in self._held)

    def parts_of(self, points: Sequence[Point], axes: Sequence[Axis]) -> list[str]:
        """Return `train`, `val` or `test` for each sample of a sweep.

        Parameters
        ----------
        points : sequence of Point
            All samples of the sweep, computed or not, in order: the places of those that come later depend on them.
        axes : sequence of Axis
            The parameters of the sweep.

        Raises
        ------
        ConfigError
            If a parameter that makes groups or strata was not swept.
        """
        swept = points[0].params if points else {}
        for name in self.by:
            if name not in swept:
                raise ConfigError(
                    f"--by: {name!r} was not swept{suggestion(name, swept)} (there are {', '.join(swept)})"
                )
        if self.kind == "grouped":
            return [self.part_of(_key([point.params[name] for name in self.by])) for point in points]
        if self.kind == "stratified":
            return self._stratified(points, _labels(axes))
        return [self.part_of(point.identity) for point in points]

    def _stratified(self, points: Sequence[Point], labels: Mapping[str, Label]) -> list[str]:
        """Go through each stratum with steps of the golden section, which keep fractions at any length."""
        counts: Counter[str] = Counter()
        parts: dict[str, str] = {}
        for point in points:
            if point.identity not in parts:
                params = point.params
                stratum = _key([labels.get(name, _itself)(params[name]) for name in self.by])
                place = self._position(stratum) + GOLDEN * counts[stratum]
                counts[stratum] += 1
                parts[point.identity] = self._part_at(place % 1.0)
        return [parts[point.identity] for point in points]

    def _position(self, identity: str) -> float:
        digest = hashlib.sha256(f"{self.seed}\n{identity}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2.0**64

    def _part_at(self, position: float) -> str:
        if position < self.train:
            return "train"
        return "val" if position < self.train + self.val else "test"


def _key(values: Sequence[Any]) -> str:
    return json.dumps(values, sort_keys=True)


def _itself(value: Any) -> Any:
    return value


def _labels(axes: Sequence[Axis]) -> dict[str, Label]:
    """Return how the values of parameters that have ranges are told apart: by equal shares of the range."""
    return {axis.parameter: _level(axis) for axis in axes if isinstance(axis, Range)}


def _level(axis: Range) -> Label:
    scale: Callable[[float], float] = math.log if axis.is_logarithmic else float
    low, high = (scale(end) for end in axis.values)

    def level(value: float) -> int:
        return min(int(LEVELS * (scale(value) - low) / (high - low)), LEVELS - 1)

    return level
