"""Principal components of an output: few numbers that stand for a curve or a spectrum."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

LEFT_OUT = 3e-4
"""Part of the standard deviation that components may leave unexplained."""

MOST_COMPONENTS = 24


@dataclass(frozen=True, eq=False)
class Components:
    """An output as mean plus a sum of components.

    Attributes
    ----------
    mean, scale : ndarray, shape (elements,)
        What elements are measured from and in.
    basis : ndarray, shape (components, elements)
        Orthonormal, the one that explains most first.
    residual : ndarray, shape (elements,)
        Standard deviation of what the components leave out, in the output's unit.
    """

    mean: FloatArray
    scale: FloatArray
    basis: FloatArray
    residual: FloatArray

    @classmethod
    def of(cls, values: FloatArray) -> "Components":
        """Find the components of some samples, shape (samples, elements).

        All elements have one scale, so that components explain what there is to explain in the output's unit.
        """
        mean = values.mean(axis=0)
        common = float(np.sqrt(np.mean(values.var(axis=0))))
        scale = np.full_like(mean, common if common > 0.0 else 1.0)
        scaled = (values - mean) / scale
        _, strength, basis = np.linalg.svd(scaled, full_matrices=False)
        left = np.sqrt(np.maximum(0.0, 1.0 - np.cumsum(strength**2) / max(np.sum(strength**2), np.finfo(float).tiny)))
        count = min(int(np.argmax(left <= LEFT_OUT)) + 1 if (left <= LEFT_OUT).any() else len(left), MOST_COMPONENTS)
        basis = _signed(basis[:count])
        rest = scaled - (scaled @ basis.T) @ basis
        return cls(mean, scale, basis, rest.std(axis=0) * scale)

    @classmethod
    def apart(cls, values: FloatArray) -> "Components":
        """Take every element for a component: for quantities that have nothing in common."""
        deviation = values.std(axis=0)
        scale = np.where(deviation > 0.0, deviation, 1.0)
        return cls(values.mean(axis=0), scale, np.eye(len(scale)), np.zeros_like(scale))

    def __len__(self) -> int:
        return len(self.basis)

    def scores(self, values: FloatArray) -> FloatArray:
        """Return how much of each component samples have, shape (samples, components)."""
        scores: FloatArray = ((values - self.mean) / self.scale) @ self.basis.T
        return scores

    def expand(self, scores: FloatArray, variances: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return samples and their standard deviations, shape (samples, elements), from independent scores."""
        values = self.mean + (scores @ self.basis) * self.scale
        return values, np.sqrt((variances @ self.basis**2) * self.scale**2 + self.residual**2)


def _signed(basis: FloatArray) -> FloatArray:
    """Turn each component so that its largest element is positive: an SVD leaves that to chance."""
    largest = np.abs(basis).argmax(axis=1)
    signed: FloatArray = basis * np.sign(basis[np.arange(len(basis)), largest])[:, None]
    return signed
