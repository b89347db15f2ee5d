"""What a design promises."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from tmx.sweeps.axis import Axis


class Design(Protocol):
    """A rule that makes points from axes.

    The same axes and seed always give the same points in the same order.
    """

    def count(self, axes: Sequence[Axis]) -> int:
        """Count the points."""

    def points(self, axes: Sequence[Axis], seed: int) -> Iterator[tuple[Any, ...]]:
        """Give the points, each with one value per axis."""
