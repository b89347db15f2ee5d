"""Size distributions of grains, as nodes and weights of a quadrature over radii.

Weights are numbers of grains and add up to 1: ``(weight * f(radius)).sum()`` is the mean of f over grains.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tmx.physics.grains.material import FloatArray

REACH = 4.5
"""Standard deviations of ln r that nodes of a lognormal distribution reach to either side."""

NODE_SPACING = 0.4
"""Spacing of these nodes in standard deviations.

Moments are then right to 1e-5, from the tails that are cut. The ripples of transparent grains are narrower than the
spacing: cross-sections of these are right to 3 % at one wavelength, and to 1 % as means over bands.
"""

LARGEST_DEVIATION = 5.0
"""Geometric standard deviation beyond which the largest grains are thousands of times the median."""


class Sizes(Protocol):
    """A distribution of radii."""

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Return radii [m] and their weights, which add up to 1."""
        ...


@dataclass(frozen=True)
class SingleSize:
    """Grains of one radius.

    Attributes
    ----------
    radius : float
        Radius [m].
    """

    radius: float

    def __post_init__(self) -> None:
        _check_positive(radius=self.radius)

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Return the radius [m] and its weight 1."""
        return np.array([self.radius]), np.array([1.0])


@dataclass(frozen=True)
class Lognormal:
    """Radii whose logarithm is normally distributed in number.

    Attributes
    ----------
    median : float
        Median radius r_g by number [m].
    deviation : float
        Geometric standard deviation σ_g > 1, e to the standard deviation of ln r [-].

    Notes
    -----
    ⟨rᵖ⟩ = r_g^p exp(p² ln²σ_g / 2), and the effective radius is r_g exp(5 ln²σ_g / 2) (Hansen & Travis 1974, eq. 2.60,
    doi:10.1007/BF00168069). Nodes are equidistant in ln r, a trapezoidal rule, which for a Gaussian converges faster
    than any power. They reach from 4.5 deviations below the number median to as many above the median by volume: large
    grains are rare, but carry the cross-section.
    """

    median: float
    deviation: float

    def __post_init__(self) -> None:
        _check_positive(median=self.median)
        if not 1.0 < self.deviation <= LARGEST_DEVIATION:
            raise ValueError(
                f"a geometric standard deviation of {self.deviation:g} is not above 1 and at most {LARGEST_DEVIATION:g}"
            )

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Return radii [m] and their weights."""
        sigma = math.log(self.deviation)
        low, high = -REACH * sigma, REACH * sigma + 3.0 * sigma**2
        place = np.linspace(low, high, math.ceil((high - low) / (NODE_SPACING * sigma)) + 1)
        weight = np.exp(-0.5 * (place / sigma) ** 2)
        return self.median * np.exp(place), weight / weight.sum()


@dataclass(frozen=True)
class PowerLaw:
    """Radii between two limits, dN/dr ∝ r^−p.

    Attributes
    ----------
    smallest, largest : float
        Limits [m].
    exponent : float
        p; 3.5 is that of collisional equilibrium (Dohnanyi 1969, doi:10.1029/JB074i010p02531) [-].
    """

    smallest: float
    largest: float
    exponent: float = 3.5

    def __post_init__(self) -> None:
        _check_positive(smallest=self.smallest, largest=self.largest)
        if self.smallest >= self.largest:
            raise ValueError(
                f"a power law from {self.smallest:g} to {self.largest:g} m: the first radius must be below the second"
            )

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Return radii [m] and their weights, by Gauss and Legendre's rule in ln r."""
        span = math.log(self.largest / self.smallest)
        place, weight = np.polynomial.legendre.leggauss(8 + math.ceil(8.0 * span))
        radius = self.smallest * np.exp(0.5 * span * (place + 1.0))
        weight = weight * radius ** (1.0 - self.exponent)
        return radius, weight / weight.sum()


def effective_radius(sizes: Sizes) -> float:
    """Return ⟨r³⟩/⟨r²⟩ [m] (Hansen & Travis 1974, eq. 2.53)."""
    radius, weight = sizes.nodes()
    return float((weight * radius**3).sum() / (weight * radius**2).sum())


def mean_volume(sizes: Sizes) -> float:
    """Return the mean volume of a grain, 4π⟨r³⟩/3 [m³]."""
    radius, weight = sizes.nodes()
    return float(4.0 / 3.0 * math.pi * (weight * radius**3).sum())


def _check_positive(**radii: float) -> None:
    for name, radius in radii.items():
        if not 0.0 < radius < math.inf:
            raise ValueError(f"the {name} of grains must be a positive number of metres, not {radius:g}")
