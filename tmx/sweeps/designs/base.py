"""What a design promises."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Protocol, TypeAlias

from tmx.sweeps.axis import Axis

Point: TypeAlias = tuple[Any, ...]


class Design(Protocol):
    """A rule that makes points from axes; its attributes are what a sweep file says of it.

    The same axes and seed always give the same points in the same order.

    Attributes
    ----------
    chooses : bool
        Whether it chooses values between the ends of ranges. Otherwise axes have values of their own.
    endless : bool
        Whether its points go on for ever, so that those which constraints leave out are replaced by later ones, and
        a design with more of them begins with the same ones.
    """

    chooses: ClassVar[bool]
    endless: ClassVar[bool]

    def count(self, axes: Sequence[Axis]) -> int:
        """Count the points that are asked for."""

    def blocks(self, axes: Sequence[Axis], seed: int) -> Iterator[Sequence[Point]]:
        """Give the points, each with one value per axis, in blocks that are of use only as a whole."""

    def definition(self) -> dict[str, Any]:
        """Give what a sweep file says of it, for a hash."""
