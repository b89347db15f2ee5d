"""Statistics over samples, gathered in double precision chunk by chunk."""

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class Moments:
    """Mean, standard deviation and extremes over samples, of each element."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: FloatArray = np.zeros(1)
        self.min: FloatArray = np.zeros(1)
        self.max: FloatArray = np.zeros(1)
        self._squares: FloatArray = np.zeros(1)

    def add(self, rows: npt.NDArray[Any]) -> None:
        """Take in some samples, shape (samples, …)."""
        values = rows.astype(np.float64)
        first = self.count == 0
        count = self.count + len(values)
        mean = values.mean(axis=0)
        low, high = values.min(axis=0), values.max(axis=0)
        shift = np.zeros_like(mean) if first else mean - self.mean
        weight = self.count * len(values) / count
        self._squares = (0.0 if first else self._squares) + ((values - mean) ** 2).sum(axis=0) + weight * shift**2
        self.mean = (mean if first else self.mean) + shift * len(values) / count
        self.min = low if first else np.minimum(self.min, low)
        self.max = high if first else np.maximum(self.max, high)
        self.count = count

    @property
    def std(self) -> FloatArray:
        """Standard deviation over the samples."""
        return np.sqrt(self._squares / self.count)

    def overall(self) -> dict[str, float]:
        """Return the statistics of all elements together."""
        mean = float(self.mean.mean())
        variance = float((self._squares / self.count + (self.mean - mean) ** 2).mean())
        return {"mean": mean, "std": variance**0.5, "min": float(self.min.min()), "max": float(self.max.max())}
