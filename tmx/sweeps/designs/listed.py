"""Designs whose axes have values of their own: all combinations, or one after another."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tmx.sweeps.axis import Axis
from tmx.sweeps.designs.base import Point


@dataclass(frozen=True)
class _OwnValues:
    chooses: ClassVar[bool] = False
    endless: ClassVar[bool] = False

    def definition(self) -> dict[str, Any]:
        """Give what a sweep file says of it: nothing."""
        return {}


@dataclass(frozen=True)
class FullFactorial(_OwnValues):
    """All combinations, in the order of the file; the last axis varies fastest."""

    def count(self, axes: Sequence[Axis]) -> int:
        """Count the points."""
        return math.prod(len(axis.values) for axis in axes)

    def blocks(self, axes: Sequence[Axis], seed: int) -> Iterator[Sequence[Point]]:
        """Give the points; the seed does not matter here."""
        return ((point,) for point in itertools.product(*(axis.values for axis in axes)))


@dataclass(frozen=True)
class Zip(_OwnValues):
    """The first values of all axes, then the second ones, and so on: the axes have equally many."""

    def count(self, axes: Sequence[Axis]) -> int:
        """Count the points."""
        return len(axes[0].values)

    def blocks(self, axes: Sequence[Axis], seed: int) -> Iterator[Sequence[Point]]:
        """Give the points; the seed does not matter here."""
        return ((point,) for point in zip(*(axis.values for axis in axes), strict=True))
