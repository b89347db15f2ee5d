"""Optical properties of regolith in one band of wavenumbers."""

from dataclasses import dataclass

import numpy as np

from tmx.physics.materials import FloatArray


@dataclass(frozen=True)
class Optics:
    """How regolith extinguishes and scatters in one band.

    Attributes
    ----------
    extinction : float
        Extinction coefficient at the top of the layer [m⁻¹]; deeper down it grows with density.
    albedo : float
        Single-scattering albedo ω, 0 to 1 [-].
    asymmetry : float
        Asymmetry parameter g of the Henyey-Greenstein phase function, −1 to 1 [-].
    moments : tuple of float
        Legendre moments χ₀ = 1, χ₁, … of the phase function where they are known; the Henyey-Greenstein ones, gˡ,
        follow after them [-].
    """

    extinction: float
    albedo: float
    asymmetry: float = 0.0
    moments: tuple[float, ...] = ()

    def phase_moments(self, count: int) -> FloatArray:
        """Return the first `count` Legendre moments of the phase function, from χ₀ = 1."""
        moments = self.asymmetry ** np.arange(count, dtype=np.float64)
        given = self.moments[:count]
        moments[: len(given)] = given
        return moments

    def phase_function(self, cosine: FloatArray) -> FloatArray:
        """Return the phase function, of mean 1 over all directions, at cosines of the scattering angle [-]."""
        g = self.asymmetry
        whole = (1.0 - g * g) / (1.0 + g * g - 2.0 * g * cosine) ** 1.5
        if not self.moments:
            return np.asarray(whole)
        degree = np.arange(len(self.moments))
        apart = (2.0 * degree + 1.0) * (np.array(self.moments) - g**degree)
        return np.asarray(whole + np.polynomial.legendre.legval(cosine, apart))
