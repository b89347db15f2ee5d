"""The models that emulators are made of: each turns coordinates into components, with variances.

A new one is a class that keeps the promises of :class:`Model`, and a line in the table here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from tmx.emulation.gaussian import GaussianProcesses
from tmx.emulation.network import Networks

FloatArray = npt.NDArray[np.float64]


class Model(Protocol):
    """What stands for components as a function of coordinates."""

    name: ClassVar[str]
    title: ClassVar[str]

    @classmethod
    def fit(cls, x: FloatArray, z: FloatArray, seed: int) -> Self:
        """Train on coordinates, shape (samples, coordinates), and components, shape (samples, components)."""
        ...

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Make one of what was stored."""
        ...

    def predict(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return means and variances, each of shape (points, components)."""
        ...

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what it consists of, to be stored."""
        ...


MODELS: Mapping[str, type[Model]] = MappingProxyType({model.name: model for model in (GaussianProcesses, Networks)})
"""Every model by the name that `--model` and files have for it."""
