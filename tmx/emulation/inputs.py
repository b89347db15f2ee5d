"""The inputs of an emulator: from columns of a dataset to coordinates in which distances mean something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tmx.config.problems import shown, suggestion
from tmx.datasets.layout import Inputs, hashable
from tmx.errors import ConfigError
from tmx.sweeps.spread import counts_by_ratios

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InputSpace:
    """What the inputs are, and what they were in the training part.

    Attributes
    ----------
    columns : Inputs
        Names, units and categories.
    low, high : ndarray, shape (columns,)
        The range in training.
    logarithmic : ndarray of bool, shape (columns,)
        Columns that count by their ratios.
    mean, std : ndarray, shape (coordinates,)
        Of the coordinates before they are standardised.
    """

    columns: Inputs
    low: FloatArray
    high: FloatArray
    logarithmic: npt.NDArray[np.bool_]
    mean: FloatArray
    std: FloatArray

    @classmethod
    def of(cls, columns: Inputs, inputs: FloatArray) -> "InputSpace":
        """Learn the space of some inputs, shape (samples, columns)."""
        low, high = inputs.min(axis=0), inputs.max(axis=0)
        numeric = np.array([name not in columns.categories for name in columns.names])
        logarithmic = numeric & np.array([counts_by_ratios(column) for column in inputs.T])
        raw = _coordinates(columns, logarithmic, inputs)
        std = raw.std(axis=0)
        return cls(columns, low, high, logarithmic, raw.mean(axis=0), np.where(std > 0.0, std, 1.0))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.columns.names

    def coordinates(self, inputs: FloatArray) -> FloatArray:
        """Return standardised coordinates, shape (samples, coordinates).

        Logarithms where these count; a category has one coordinate for each of its values, 1 where it is taken.
        """
        clipped = np.where(self.logarithmic, np.maximum(inputs, np.finfo(float).tiny), inputs)
        return (_coordinates(self.columns, self.logarithmic, clipped) - self.mean) / self.std

    def rows(self, points: Sequence[Mapping[str, Any]]) -> FloatArray:
        """Return the columns of points that are given by name, shape (points, columns).

        Raises
        ------
        ConfigError
            If a point lacks an input, names something else, or has a value that is none of a category's.
        """
        return np.array([self._row(point) for point in points], dtype=np.float64).reshape(len(points), len(self.names))

    def table(self, arrays: Mapping[str, Any]) -> FloatArray:
        """Return the columns of points that are given as one array for each input, shape (points, columns).

        A single value is that of all points.

        Raises
        ------
        ConfigError
            If an input is missing or unknown, has a value that is none of a category's, or if lengths differ.
        """
        self._require_all(arrays)
        columns = [np.array([self._number(name, one) for one in _listed(arrays[name])]) for name in self.names]
        points = max(len(column) for column in columns)
        for name, column in zip(self.names, columns, strict=True):
            if len(column) not in {1, points}:
                raise ConfigError(f"{name}: {len(column)} values, where other inputs have {points}")
        return np.stack([np.broadcast_to(column, points) for column in columns], axis=1)

    def outside(self, inputs: FloatArray) -> tuple[str, ...]:
        """Return what lies outside of the training range, in words, one text for each column."""
        margin = 1e-9 * (self.high - self.low)
        beyond = (inputs < self.low - margin) | (inputs > self.high + margin)
        return tuple(
            f"{self.names[column]}: {beyond[:, column].sum()} of {len(inputs)} points are outside of the range in"
            f" training, {self.low[column]:g} to {self.high[column]:g} {self.columns.units[column]}"
            for column in np.flatnonzero(beyond.any(axis=0))
        )

    def _row(self, point: Mapping[str, Any]) -> list[float]:
        self._require_all(point)
        return [self._number(name, point[name]) for name in self.names]

    def _require_all(self, point: Mapping[str, Any]) -> None:
        for name in point:
            if name not in self.names:
                there = ", ".join(self.names)
                raise ConfigError(f"{name} is no input of this emulator{suggestion(name, self.names)} (it has {there})")
        for name in self.names:
            if name not in point:
                raise ConfigError(f"{name} is missing: the emulator's inputs are {', '.join(self.names)}")

    def _number(self, name: str, value: Any) -> float:
        categories = self.columns.categories.get(name)
        if categories is not None:
            if hashable(value) not in categories:
                raise ConfigError(f"{name}: {shown(value)} is none of {', '.join(map(str, categories))}")
            return float(categories.index(hashable(value)))
        try:
            return float(value)
        except (TypeError, ValueError):
            raise ConfigError(f"{name}: {shown(value)} is no number") from None


def _listed(values: Any) -> Sequence[Any]:
    """Return the values of an input: an array's elements, or the one that there is."""
    listed: Sequence[Any] = np.ravel(values).tolist() if isinstance(values, np.ndarray) else [values]
    return listed


def _coordinates(columns: Inputs, logarithmic: npt.NDArray[np.bool_], inputs: FloatArray) -> FloatArray:
    parts = []
    for place, name in enumerate(columns.names):
        column = inputs[:, place]
        if name in columns.categories:
            parts.append((column[:, None] == np.arange(len(columns.categories[name]))).astype(np.float64))
        else:
            parts.append((np.log(column) if logarithmic[place] else column)[:, None])
    return np.concatenate(parts, axis=1)
