"""Common axes for samples whose own axes differ, and their outputs on these.

No point of a common axis lies beyond what some sample has: it is the coarsest axis of all, cut to the range that all
have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from tmx.datasets.layout import Coordinate
from tmx.datasets.outputs import KINDS, Arrays
from tmx.errors import ConfigError

FloatArray = npt.NDArray[np.float64]

CONTINUOUS = frozenset({"time", "radiance_time", "wavenumber", "depth", "crater_depth"})
"""Axes between whose points there is something."""

DAY = 24.0


@dataclass
class Survey:
    """The axes of samples, gathered one sample after the other."""

    _coarsest: dict[str, Coordinate] = field(default_factory=dict)
    _ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    _different: set[str] = field(default_factory=set)

    def add(self, coordinates: Mapping[str, Coordinate], sample: str) -> None:
        """Take in the axes of a sample.

        Raises
        ------
        ConfigError
            If an axis is not that of the samples before, and cannot be interpolated.
        """
        for dim, own in coordinates.items():
            known = self._coarsest.setdefault(dim, own)
            if not np.array_equal(known.values, own.values):
                self._different.add(dim)
            if dim in CONTINUOUS:
                self._widen(dim, own)
            elif dim in self._different:
                raise ConfigError(
                    f"sample {sample} has another {dim} axis than those before it, {len(own.values)} in place of"
                    f" {len(known.values)}, and nothing lies between: leave out these samples with --where, or the"
                    " outputs that have it with --outputs"
                )

    def axes(self) -> dict[str, Coordinate]:
        """Return the axes that all samples can be brought to.

        Raises
        ------
        ConfigError
            If their ranges have nothing in common.
        """
        return {dim: self._common(dim) if dim in self._different else own for dim, own in self._coarsest.items()}

    @property
    def different(self) -> list[str]:
        """The axes in which samples differ."""
        return sorted(self._different)

    def _widen(self, dim: str, own: Coordinate) -> None:
        values = own.values
        low, high = (-np.inf, np.inf) if _is_whole_day(dim, values) else (values.min(), values.max())
        before = self._ranges.get(dim, (-np.inf, np.inf))
        self._ranges[dim] = (max(low, before[0]), min(high, before[1]))
        known = self._coarsest[dim].values
        if (len(values), tuple(values)) < (len(known), tuple(known)):
            self._coarsest[dim] = own

    def _common(self, dim: str) -> Coordinate:
        low, high = self._ranges[dim]
        values = self._coarsest[dim].values
        inside = values[(values >= low) & (values <= high)]
        if not inside.size:
            raise ConfigError(f"the {dim} axes of the samples have no range in common: divide them with --where")
        return replace(self._coarsest[dim], values=inside)


def on_axes(sample: Arrays, axes: Mapping[str, Coordinate]) -> Arrays:
    """Return the outputs of a sample on other axes, linearly interpolated."""
    arrays = {}
    for name, values in sample.arrays.items():
        for place, dim in enumerate(KINDS[name].dims):
            own, wanted = sample.coordinates[dim].values, axes[dim].values
            if not np.array_equal(own, wanted):
                values = _interpolated(values, place, own, wanted, whole_day=_is_whole_day(dim, own))
        arrays[name] = values
    return Arrays(arrays, {dim: axes[dim] for dim in sample.coordinates})


def _interpolated(
    values: FloatArray, place: int, own: FloatArray, wanted: FloatArray, *, whole_day: bool
) -> FloatArray:
    """Interpolate along one axis; around midnight, where the axis is a whole day."""
    order = np.argsort(own)
    if whole_day:
        order = np.concatenate([order[-1:], order, order[:1]])
    own = own[order]
    if whole_day:
        own[0] -= DAY
        own[-1] += DAY
    below = np.clip(np.searchsorted(own, wanted, side="right") - 1, 0, max(own.size - 2, 0))
    above = np.minimum(below + 1, own.size - 1)
    weight = (wanted - own[below]) / np.where(above > below, own[above] - own[below], 1.0)
    weight = weight.reshape([-1 if axis == place else 1 for axis in range(values.ndim)])
    lower, upper = (np.take(values, order[index], axis=place) for index in (below, above))
    return np.asarray(lower + weight * (upper - lower))


def _is_whole_day(dim: str, values: FloatArray) -> bool:
    """Say whether an axis has evenly spaced times of one day."""
    if dim not in ("time", "radiance_time"):
        return False
    return values.size > 1 and np.allclose(np.diff(values), DAY / values.size)
