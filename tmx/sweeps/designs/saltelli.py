"""Saltelli's design: the samples from which Sobol' indices of sensitivity are estimated."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from tmx.sweeps.axis import Axis
from tmx.sweeps.designs import unit_cube
from tmx.sweeps.designs.base import Point


@dataclass(frozen=True)
class Saltelli:
    """Blocks of samples that differ in one parameter at a time.

    Attributes
    ----------
    n_base : int
        Number of blocks.
    second_order : bool
        Whether interactions of two parameters can be estimated: blocks of 2D + 2 samples for D parameters instead of
        D + 2.

    Notes
    -----
    Each point of a Sobol' sequence in 2D dimensions is a pair of points a and b. Its block is, in this order: a; for
    each parameter, a with this parameter of b; for each parameter, b with this parameter of a (second order only); b.
    This is the order in which SALib's analysis expects results.

    References
    ----------
    Saltelli (2002), Comput. Phys. Commun. 145, 280, doi:10.1016/S0010-4655(02)00280-1;
    Saltelli et al. (2010), Comput. Phys. Commun. 181, 259, doi:10.1016/j.cpc.2009.09.018.
    """

    n_base: int
    second_order: bool = True

    chooses: ClassVar[bool] = True
    endless: ClassVar[bool] = True

    def count(self, axes: Sequence[Axis]) -> int:
        """Count the points that are asked for."""
        return self.n_base * ((2 if self.second_order else 1) * len(axes) + 2)

    def blocks(self, axes: Sequence[Axis], seed: int) -> Iterator[Sequence[Point]]:
        """Give the blocks."""
        dimensions = len(axes)
        for parts in unit_cube.sobol(2 * dimensions, seed):
            a = tuple(axis.at(part) for axis, part in zip(axes, parts[:dimensions], strict=True))
            b = tuple(axis.at(part) for axis, part in zip(axes, parts[dimensions:], strict=True))
            crossed = [_with_one_of(b, a), *([_with_one_of(a, b)] if self.second_order else [])]
            yield (a, *(point for points in crossed for point in points), b)

    def definition(self) -> dict[str, Any]:
        """Give what a sweep file says of it, for a hash."""
        return asdict(self)


def _with_one_of(other: Point, point: Point) -> list[Point]:
    """Give a point with each of its values in turn replaced by that of the other."""
    return [(*point[:i], other[i], *point[i + 1 :]) for i in range(len(point))]
