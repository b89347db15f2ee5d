"""Designs that choose values between the ends of ranges, for surrogate models and whatever learns from samples."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from tmx.sweeps.axis import Axis
from tmx.sweeps.designs import unit_cube
from tmx.sweeps.designs.base import Point
from tmx.sweeps.spacing import random_parts


@dataclass(frozen=True)
class _SpaceFilling:
    """A design of so many samples.

    Attributes
    ----------
    n_samples : int
        Number of samples.
    """

    n_samples: int

    chooses: ClassVar[bool] = True
    endless: ClassVar[bool] = True

    def count(self, axes: Sequence[Axis]) -> int:
        """Count the points that are asked for."""
        return self.n_samples

    def blocks(self, axes: Sequence[Axis], seed: int) -> Iterator[Sequence[Point]]:
        """Give the points, one by one."""
        for parts in self.cube(axes, seed):
            yield (tuple(axis.at(part) for axis, part in zip(axes, parts, strict=True)),)

    def cube(self, axes: Sequence[Axis], seed: int) -> Iterable[Sequence[float]]:
        """Give the points of the unit cube, with one coordinate per axis."""
        raise NotImplementedError

    def definition(self) -> dict[str, Any]:
        """Give what a sweep file says of it, for a hash."""
        return asdict(self)


class Sobol(_SpaceFilling):
    """A scrambled Sobol' sequence: as even as can be wherever it is cut, most of all at powers of 2."""

    def cube(self, axes: Sequence[Axis], seed: int) -> Iterable[Sequence[float]]:
        """Give the points of the unit cube."""
        return unit_cube.sobol(len(axes), seed)


class Halton(_SpaceFilling):
    """A scrambled Halton sequence: even wherever it is cut, with no preferred numbers of samples."""

    def cube(self, axes: Sequence[Axis], seed: int) -> Iterable[Sequence[float]]:
        """Give the points of the unit cube."""
        return unit_cube.halton(len(axes), seed)


class Random(_SpaceFilling):
    """Independent random points; the values of a parameter depend on the seed and its name only."""

    def cube(self, axes: Sequence[Axis], seed: int) -> Iterable[Sequence[float]]:
        """Give the points of the unit cube."""
        return zip(*(random_parts(seed, axis.parameter) for axis in axes), strict=True)


class LatinHypercube(_SpaceFilling):
    """As many parts of each range as there are samples, with one sample in each."""

    endless: ClassVar[bool] = False

    def cube(self, axes: Sequence[Axis], seed: int) -> Iterable[Sequence[float]]:
        """Give the points of the unit cube."""
        return unit_cube.latin_hypercube(len(axes), seed, self.n_samples)
