"""Radiative transfer: what is known in closed form, and the test problems of DISORT.

References
----------
Chandrasekhar (1960), Radiative Transfer, Dover.
Stamnes, Tsay, Wiscombe & Laszlo (2000), DISORT report v1.1, NASA Goddard: test problems and their correct answers.
Sweigart (1970), Astrophys. J. Suppl. 22, 1.
van de Hulst (1980), Multiple Light Scattering, Academic Press: tables 12 and 37.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad

FloatArray = npt.NDArray[np.float64]


def h_function(mu: float, albedo: float) -> float:
    """Return Chandrasekhar's H-function for isotropic scattering at a cosine μ and an albedo ω below 1.

    By its integral ln H = −(1/π) ∫ ln(1 − ω arctan(u)/u) μ/(1 + μ²u²) du from 0 to ∞, with u = tan t.
    """

    def integrand(t: float) -> float:
        u = math.tan(t)
        characteristic = 1.0 - albedo * (t / u if u > 0.0 else 1.0)
        return math.log(characteristic) * mu / (1.0 + (mu * u) ** 2) * (1.0 + u * u)

    return math.exp(-quad(integrand, 0.0, 0.5 * math.pi, epsabs=1e-13)[0] / math.pi)


def directional_emissivity(mu: float, albedo: float) -> float:
    """Return the emissivity of an isothermal half-space that scatters isotropically, √(1 − ω) H(μ).

    References
    ----------
    Chandrasekhar (1960), chapter 5, by Kirchhoff's law from the albedo of a half-space.
    """
    return math.sqrt(1.0 - albedo) * h_function(mu, albedo)


def reflection(albedo: float, mu: float, mu_sun: float) -> float:
    """Return the radiance per unit of flux at normal incidence that such a half-space reflects [sr⁻¹].

    References
    ----------
    Chandrasekhar (1960), section 29: I = ω/4 μ₀/(μ + μ₀) H(μ) H(μ₀) F for a flux πF.
    """
    geometry = albedo / (4.0 * math.pi) * mu_sun / (mu + mu_sun)
    return geometry * h_function(mu, albedo) * h_function(mu_sun, albedo)


HEMISPHERICAL = {0.1: 0.9783023651, 0.5: 0.8534556193, 0.9: 0.5219755108, 0.99: 0.2054363471, 0.999: 0.0702867154}
"""Hemispherical emissivity of the same by its albedo: integrals of `directional_emissivity`, to ten digits."""

HOPF = {
    0.0: 0.577350, 0.01: 0.587724, 0.05: 0.610790, 0.1: 0.627900, 0.2: 0.649536, 0.3: 0.663352, 0.5: 0.680280,
    0.8: 0.693521, 1.0: 0.698526, 1.5: 0.705117, 2.0: 0.707904, 3.0: 0.709795, 5.0: 0.710383,
}  # fmt: skip
"""Hopf function q(τ): in radiative equilibrium T⁴ = ¾ T_e⁴ (τ + q). Chandrasekhar (1960), section 65; six decimals."""


@dataclass(frozen=True)
class Slab:
    """A slab over a black ground, under a beam.

    Attributes
    ----------
    name : str
        Number of the problem, and letter of the case.
    moments : tuple of float
        Legendre moments of the phase function; those after them are 0.
    thickness, albedo : float
        Optical thickness and single-scattering albedo [-].
    mu_sun, flux : float
        Cosine of the incidence of the beam [-], and its flux at normal incidence.
    upward, downward : float
        Flux upward at the top, and diffuse flux downward at the bottom.
    mu, radiance : tuple of float
        Cosines of emission, and radiance upward at the top at these, in the azimuth of the beam.
    """

    name: str
    moments: tuple[float, ...]
    thickness: float
    albedo: float
    mu_sun: float
    flux: float
    upward: float
    downward: float
    mu: tuple[float, ...]
    radiance: tuple[float, ...]


_RAYLEIGH = (1.0, 0.0, 0.1)
_FORWARD = tuple(0.75**degree for degree in range(33))
_SWEIGART = (0.018014, 0.538263, 0.981986)
_EVEN = (0.1, 0.5, 1.0)

TEST_PROBLEMS = (
    Slab("1a", (1.0,), 0.03125, 0.2, 0.1, math.pi / 0.1, 7.99451e-2, 7.94108e-2, _EVEN,
                (1.17771e-1, 2.64170e-2, 1.34041e-2)),
    Slab("1b", (1.0,), 0.03125, 1.0, 0.1, math.pi / 0.1, 4.22922e-1, 4.20233e-1, _EVEN,
                (6.22884e-1, 1.39763e-1, 7.09192e-2)),
    Slab("1d", (1.0,), 32.0, 0.2, 0.1, math.pi / 0.1, 2.59686e-1, 0.0, _EVEN,
                (2.62972e-1, 9.06967e-2, 5.02853e-2)),
    Slab("1e", (1.0,), 32.0, 1.0, 0.1, math.pi / 0.1, 3.07390, 6.76954e-2, _EVEN,
                (1.93321, 1.02732, 7.97199e-1)),
    Slab("2a", _RAYLEIGH, 0.2, 0.5, 0.080442, math.pi, 5.35063e-2, 4.41791e-2, _SWEIGART,
                (1.61796e-1, 2.11501e-2, 7.86713e-3)),
    Slab("2b", _RAYLEIGH, 0.2, 1.0, 0.080442, math.pi, 1.25561e-1, 1.06123e-1, _SWEIGART,
                (3.47678e-1, 4.87120e-2, 1.89387e-2)),
    Slab("2c", _RAYLEIGH, 5.0, 0.5, 0.080442, math.pi, 6.24730e-2, 2.51683e-4, _SWEIGART,
                (1.62566e-1, 2.45786e-2, 1.01498e-2)),
    Slab("2d", _RAYLEIGH, 5.0, 1.0, 0.080442, math.pi, 2.25915e-1, 2.68008e-2, _SWEIGART,
                (3.64010e-1, 8.26993e-2, 4.92370e-2)),
    Slab("3a", _FORWARD, 1.0, 1.0, 1.0, math.pi, 2.47374e-1, 1.73849, _EVEN,
                (1.51159e-1, 1.01103e-1, 3.95460e-2)),
    Slab("3b", _FORWARD, 8.0, 1.0, 1.0, math.pi, 1.59096, 1.54958, _EVEN,
                (3.79740e-1, 5.19598e-1, 4.93302e-1)),
)  # fmt: skip
"""Isotropic (1), Rayleigh (2) and Henyey-Greenstein scattering that is cut after 32 moments (3), 16 streams: Stamnes et
al. (2000), six digits, after van de Hulst (1980), Sweigart (1970) and van de Hulst (1980)."""
