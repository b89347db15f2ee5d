"""A sweep as its file says it, and the samples that its design makes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tmx.sweeps.axis import Axis
from tmx.sweeps.designs import DESIGNS


@dataclass(frozen=True)
class Sample:
    """One point of a sweep: its index and the values of the swept parameters."""

    index: int
    params: dict[str, Any]


@dataclass(frozen=True)
class Sweep:
    """A design over parameters.

    Attributes
    ----------
    name, description : str
        For people; the name is that of the file unless given.
    seed : int
        Seed of everything random.
    design : str
        How the axes are combined; a name in :data:`~tmx.sweeps.designs.DESIGNS`.
    axes : tuple of Axis
        The swept parameters, in the order of the file.
    fixed_overrides : mapping
        Settings that all samples share, laid over the base config.
    radiance : bool
        Whether the samples have radiance runs besides the thermal ones.
    source : str
        Text of the file.
    path : Path
        The file.
    warnings : tuple of str
        What is legal but odd in the file.
    """

    name: str
    description: str
    seed: int
    design: str
    axes: tuple[Axis, ...]
    fixed_overrides: Mapping[str, Any]
    radiance: bool
    source: str
    path: Path
    warnings: tuple[str, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the swept parameters."""
        return tuple(axis.parameter for axis in self.axes)

    def __len__(self) -> int:
        return DESIGNS[self.design].count(self.axes)


def samples(sweep: Sweep) -> Iterator[Sample]:
    """Give the samples of a sweep in order; their indices count from 0."""
    names = sweep.parameters
    points = DESIGNS[sweep.design].points(sweep.axes, sweep.seed)
    for index, point in enumerate(points):
        yield Sample(index, dict(zip(names, point, strict=True)))
