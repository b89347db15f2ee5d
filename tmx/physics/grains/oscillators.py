"""Dielectric functions of damped oscillators, and the refractive index that follows.

ε(ν) = ε∞ + Σ of one term per resonance; m = n + ik = √ε with k ≥ 0, for fields ∝ e^{-iωt}, in which the imaginary part
of ε is positive (Bohren & Huffman 1983, eq. 9.22). Sources that write e^{+iωt} have the signs of damping reversed.
"""

from dataclasses import dataclass

import numpy as np

from tmx.physics.grains.material import ComplexArray, FloatArray


@dataclass(frozen=True)
class Lorentz:
    """A Lorentz oscillator, Δε ν₀² / (ν₀² − ν² − iγν).

    Attributes
    ----------
    resonance : float
        Wavenumber ν₀ of the transverse mode [m⁻¹].
    strength : float
        Its part Δε = 4πρ of the static dielectric constant [-].
    damping : float
        γ [m⁻¹].
    """

    resonance: float
    strength: float
    damping: float

    def at(self, wavenumber: FloatArray) -> ComplexArray:
        """Return its part of ε at wavenumbers [m⁻¹]."""
        square = self.resonance**2
        return np.asarray(self.strength * square / (square - wavenumber**2 - 1j * self.damping * wavenumber))


@dataclass(frozen=True)
class Drude:
    """Free charges, −ν_p² / (ν² + iγν).

    Attributes
    ----------
    plasma : float
        Wavenumber ν_p of the plasma frequency [m⁻¹].
    damping : float
        γ [m⁻¹].
    """

    plasma: float
    damping: float

    def at(self, wavenumber: FloatArray) -> ComplexArray:
        """Return its part of ε at wavenumbers [m⁻¹]."""
        return np.asarray(-(self.plasma**2) / (wavenumber**2 + 1j * self.damping * wavenumber))


@dataclass(frozen=True)
class OscillatorIndex:
    """A refractive index from a sum of oscillators.

    Attributes
    ----------
    high_frequency : float
        ε∞ [-].
    terms : tuple of Lorentz or Drude
        The oscillators.
    wavelengths : tuple of float
        The shortest and the longest wavelength at which the sum holds [m].
    """

    high_frequency: float
    terms: tuple[Lorentz | Drude, ...]
    wavelengths: tuple[float, float]

    def at(self, wavelength: FloatArray) -> ComplexArray:
        """Return n + ik at wavelengths [m]."""
        wavenumber = 1.0 / np.asarray(wavelength)
        dielectric = np.full(wavenumber.shape, self.high_frequency, dtype=np.complex128)
        for term in self.terms:
            dielectric += term.at(wavenumber)
        return index_of(dielectric)


@dataclass(frozen=True)
class FourParameterIndex:
    """A refractive index from a product over pairs of transverse and longitudinal modes.

    ε = ε∞ Π (ν_LO² − ν² − iγ_LO ν) / (ν_TO² − ν² − iγ_TO ν).

    Attributes
    ----------
    high_frequency : float
        ε∞ [-].
    modes : tuple of (float, float, float, float)
        ν_TO, γ_TO, ν_LO and γ_LO of each pair [m⁻¹].
    wavelengths : tuple of float
        The shortest and the longest wavelength at which the product holds [m].

    References
    ----------
    F. Gervais & B. Piriou, J. Phys. C 7, 2374 (1974), eq. 1, doi:10.1088/0022-3719/7/13/017.
    """

    high_frequency: float
    modes: tuple[tuple[float, float, float, float], ...]
    wavelengths: tuple[float, float]

    def at(self, wavelength: FloatArray) -> ComplexArray:
        """Return n + ik at wavelengths [m]."""
        wavenumber = 1.0 / np.asarray(wavelength)
        dielectric = np.full(wavenumber.shape, self.high_frequency, dtype=np.complex128)
        for transverse, damping, longitudinal, longitudinal_damping in self.modes:
            dielectric *= longitudinal**2 - wavenumber**2 - 1j * longitudinal_damping * wavenumber
            dielectric /= transverse**2 - wavenumber**2 - 1j * damping * wavenumber
        return index_of(dielectric)


def index_of(dielectric: ComplexArray) -> ComplexArray:
    """Return the root n + ik of ε with n and k not negative.

    Four-parameter models may leave ε with a slightly negative imaginary part between their modes, which no passive
    medium has; there k is zero.
    """
    passive = dielectric.real + 1j * np.maximum(dielectric.imag, 0.0)
    return np.asarray(np.sqrt(passive))
