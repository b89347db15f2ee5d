"""Heat conduction in closed form.

References
----------
Carslaw & Jaeger (1959), Conduction of Heat in Solids, 2nd edition, Oxford.
Liou (2002), An Introduction to Atmospheric Radiation, 2nd edition, Academic Press.
Spencer, Lebofsky & Sykes (1989), Icarus 78, 337.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erfc

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]


@dataclass(frozen=True)
class Solid:
    """Constant properties.

    Attributes
    ----------
    conductivity, density, heat_capacity : float
        k [W m⁻¹ K⁻¹], ρ [kg m⁻³] and c_p [J kg⁻¹ K⁻¹].
    """

    conductivity: float
    density: float
    heat_capacity: float

    @property
    def diffusivity(self) -> float:
        """Thermal diffusivity [m² s⁻¹]."""
        return self.conductivity / (self.density * self.heat_capacity)

    def wavenumber(self, frequency: float) -> complex:
        """Return √(iω/κ) for an angular frequency ω [s⁻¹]: temperatures fade as e^(−qz) [m⁻¹]."""
        return (1.0 + 1.0j) * math.sqrt(0.5 * frequency / self.diffusivity)


def warming_by_constant_flux(solid: Solid, flux: float, depth: FloatArray, seconds: FloatArray) -> FloatArray:
    """Return by how much a half-space has warmed since a constant flux began to enter it [K].

    Parameters
    ----------
    solid : Solid
        The half-space.
    flux : float
        Heat flux into its face [W m⁻²].
    depth : ndarray
        Depth [m].
    seconds : ndarray
        Time since then [s], of a shape that goes with that of depth.

    References
    ----------
    Carslaw & Jaeger (1959), section 2.9.
    """
    length = np.sqrt(solid.diffusivity * seconds)
    near = 2.0 * length / math.sqrt(math.pi) * np.exp(-((depth / (2.0 * length)) ** 2))
    return np.asarray(flux / solid.conductivity * (near - depth * erfc(depth / (2.0 * length))))


def wave(solid: Solid, frequency: float, depth: FloatArray) -> ComplexArray:
    """Return the wave at a depth [m] of a half-space, as a part of that at its face.

    References
    ----------
    Carslaw & Jaeger (1959), section 2.6.
    """
    return np.asarray(np.exp(-solid.wavenumber(frequency) * depth))


def layered_wave(upper: Solid, thickness: float, lower: Solid, frequency: float, depth: FloatArray) -> ComplexArray:
    """Return the wave at a depth [m] of a layer over a half-space, as a part of that at the face.

    Temperature and heat flux are continuous where the two meet, so that part of the wave is turned back there.

    References
    ----------
    Carslaw & Jaeger (1959), chapter 3.
    """
    above, below = upper.wavenumber(frequency), lower.wavenumber(frequency)
    ratio = lower.conductivity * below / (upper.conductivity * above)
    to_go = above * (thickness - np.minimum(depth, thickness))
    face = np.cosh(above * thickness) + ratio * np.sinh(above * thickness)
    inside = (np.cosh(to_go) + ratio * np.sinh(to_go)) / face
    return np.asarray(inside * np.exp(-below * np.maximum(depth - thickness, 0.0)))


def resistance(depth: FloatArray, surface: float, deep: float, scale_height: float) -> FloatArray:
    """Return ∫ dz/k for k = k_deep − (k_deep − k_surface) e^(−z/H) [m² K W⁻¹].

    Heat q from below raises ⟨T⟩ + B⟨T⁴⟩/4 by q times this, for a conductivity k (1 + B T³) and in every periodic or
    steady state: Kirchhoff's transform of Fourier's law, Carslaw & Jaeger (1959), section 1.6.
    """
    grown = (deep - (deep - surface) * np.exp(-depth / scale_height)) / surface
    return np.asarray((depth + scale_height * np.log(grown)) / deep)


EQUATOR = {
    0.1: (0.99312, 1.33, 0.33282, 0.61293),
    1.0: (0.94551, 11.06, 0.53778, 0.70498),
    10.0: (0.80482, 31.57, 0.70765, 0.74895),
}
"""Equator in units of the subsolar temperature, by the thermal parameter Θ: highest temperature, its lag behind noon
[degrees], lowest and mean temperature. The problem is that of Spencer et al. (1989); the numbers are converged ones of
an independent solver, to 1e-5 and 0.01 degrees."""


def strong_inertia(theta: float, phase: FloatArray, harmonics: int = 400) -> FloatArray:
    """Return temperatures of the equator in units of the subsolar temperature where Θ is large.

    Parameters
    ----------
    theta : float
        Thermal parameter Θ = Γ √ω / (ε σ T_ss³) [-].
    phase : ndarray
        Hour angle from noon [rad].
    harmonics : int
        Number of harmonics of the sunlight.

    Notes
    -----
    The balance u⁴ = max(cos φ, 0) − Θ √(i∂_φ) u, linear about the mean ū = π^(−¼): every harmonic f_n of the sunlight
    gives u_n = f_n / (4 ū³ + Θ √(i n)). What is left out falls as Θ⁻².
    """
    n = np.arange(1, harmonics + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        sunlight = np.where(n == 1, 0.25, np.cos(0.5 * math.pi * n) / (math.pi * (1.0 - n**2)))
    mean = math.pi**-0.25
    response = sunlight / (4.0 * mean**3 + theta * np.sqrt(1j * n))
    return np.asarray(mean + 2.0 * (response @ np.exp(1j * np.outer(n, phase))).real)


def mean_insolation(latitude: float, declination: float) -> float:
    """Return the day mean of μ₀ where it is positive [-].

    References
    ----------
    Liou (2002), section 2.2.
    """
    sines = math.sin(latitude) * math.sin(declination)
    cosines = math.cos(latitude) * math.cos(declination)
    sunset = math.acos(max(-1.0, min(1.0, -sines / cosines)))
    return (sunset * sines + math.sin(sunset) * cosines) / math.pi
