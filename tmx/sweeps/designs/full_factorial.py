"""The full grid: every value of every axis with every other."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from tmx.sweeps.axis import Axis


class FullFactorial:
    """All combinations, in the order of the file; the last axis varies fastest."""

    def count(self, axes: Sequence[Axis]) -> int:
        """Count the points."""
        return math.prod(len(axis.values) for axis in axes)

    def points(self, axes: Sequence[Axis], seed: int) -> Iterator[tuple[Any, ...]]:
        """Give the points; the seed does not matter here."""
        return itertools.product(*(axis.values for axis in axes))
