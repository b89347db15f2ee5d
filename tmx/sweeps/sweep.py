"""A sweep as its file says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tmx.sweeps.axis import Axis
from tmx.sweeps.constraints import Constraint
from tmx.sweeps.designs import Design


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
        Name of how the axes are combined; one in :data:`~tmx.sweeps.designs.DESIGNS`.
    plan : Design
        How they are combined, with its settings.
    axes : tuple of Axis
        The swept parameters, in the order of the file.
    constraints : tuple of Constraint
        Conditions that every sample meets.
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
    plan: Design
    axes: tuple[Axis, ...]
    constraints: tuple[Constraint, ...]
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
        """Count the points of the design; constraints may leave out some of them unless they are replaced."""
        return self.plan.count(self.axes)
