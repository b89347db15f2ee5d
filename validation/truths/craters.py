"""Bowls without conduction: caps of a sphere, whose points all see the same part of one another.

References
----------
Buhl, Welch & Rea (1968), J. Geophys. Res. 73, 5281.
Emery, Sprague, Witteborn, Colwell, Kozlowski & Wooden (1998), Icarus 136, 104.
Ingersoll, Svitek & Murray (1992), Icarus 100, 40, doi:10.1016/0019-1035(92)90016-Z.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.constants import Stefan_Boltzmann

FloatArray = npt.NDArray[np.float64]

POINTS = 1000
"""Points in height and in azimuth of integrals over a bowl."""


def self_view(depth_ratio: float) -> float:
    """Return the view factor f of a bowl to itself, from its depth over its diameter [-] (Ingersoll et al. 1992)."""
    return 4.0 * depth_ratio**2 / (1.0 + 4.0 * depth_ratio**2)


def lit_part(incidence: float) -> float:
    """Return the part of a hemisphere's area that the sun at an incidence [rad] lights [-] (Buhl et al. 1968)."""
    return 1.0 - incidence / (0.5 * math.pi)


@dataclass(frozen=True)
class Bowl:
    """A bowl in the sun.

    Attributes
    ----------
    depth_ratio : float
        Depth over diameter, 0.5 for a hemisphere [-].
    elevation : float
        Elevation of the sun, which stands in the direction of +x [rad].
    sunlight : float
        Sunlight at normal incidence [W m⁻²].
    albedo, emissivity : float
        Of the ground [-].
    """

    depth_ratio: float
    elevation: float
    sunlight: float = 1365.0
    albedo: float = 0.12
    emissivity: float = 0.95

    @property
    def sun(self) -> FloatArray:
        """Unit vector to the sun."""
        return np.array([math.cos(self.elevation), 0.0, math.sin(self.elevation)])

    @property
    def half_angle_cosine(self) -> float:
        """Cosine of the angle at the centre of the sphere between the axis and the rim [-]."""
        return math.cos(2.0 * math.atan(2.0 * self.depth_ratio))

    @property
    def flat_temperature(self) -> float:
        """Temperature of flat ground [K]."""
        absorbed = (1.0 - self.albedo) * self.sunlight * math.sin(self.elevation)
        return float((absorbed / (self.emissivity * Stefan_Boltzmann)) ** 0.25)

    @property
    def shadow_temperature(self) -> float:
        """Temperature of everything in the shadow [K] (Ingersoll et al. 1992)."""
        return float(self.temperature(np.zeros(1))[0])

    def temperature(self, lit: FloatArray) -> FloatArray:
        """Return the temperature [K] where the sun is seen at a cosine, 0 in the shadow (Ingersoll et al. 1992).

        Light and heat from the rest of the bowl are the same everywhere, so that all orders of scattering add up.
        """
        f, a, e = self_view(self.depth_ratio), self.albedo, self.emissivity
        indirect = math.sin(self.elevation) * f * (e + a * (1.0 - f)) / (1.0 - a * f)
        return np.asarray((self.sunlight * (1.0 - a) / e / Stefan_Boltzmann * (lit + indirect)) ** 0.25)

    def lit(self, normals: FloatArray) -> FloatArray:
        """Return the cosine at which points with given normals, shape (…, 3), see the sun, 0 in the shadow.

        A ray from a point leaves the sphere above the rim where 2 (n·s) s_z − n_z > −cos β, β the half-angle.
        """
        cosine = normals @ self.sun
        free = 2.0 * cosine * self.sun[2] - normals[..., 2] + self.half_angle_cosine > 0.0
        return np.where(free & (cosine > 0.0), cosine, 0.0)

    def beaming(self, radiance: Callable[[FloatArray], FloatArray]) -> float:
        """Return the radiance at the nadir over that of flat ground (Emery et al. 1998 for hemispheres).

        Parameters
        ----------
        radiance : callable
            Radiance of a black body of a temperature, in all or in one band.

        Notes
        -----
        Every point sends ε B(T) + (1 − ε) X, X = f ε ⟨B⟩ / (1 − (1 − ε) f) being what it receives; seen from above it
        counts by the cosine of its slope. The means are taken over `POINTS` by `POINTS` points of equal area.
        """
        up = 1.0 - (1.0 - self.half_angle_cosine) * (np.arange(POINTS) + 0.5) / POINTS
        around = 2.0 * math.pi * (np.arange(POINTS) + 0.5) / POINTS
        across = np.sqrt(1.0 - up**2)[:, None]
        level = np.broadcast_to(up[:, None], (POINTS, POINTS))
        normals = np.stack([-across * np.cos(around), -across * np.sin(around), level], axis=2)
        own = self.emissivity * radiance(self.temperature(self.lit(normals)))
        f, mirror = self_view(self.depth_ratio), 1.0 - self.emissivity
        received = f * own.mean() / (1.0 - mirror * f)
        seen = (own * level).sum() / level.sum() + mirror * received
        return float(seen / (self.emissivity * radiance(np.array([self.flat_temperature]))[0]))


def bolometric(temperature: FloatArray) -> FloatArray:
    """Return the radiance of a black body in all [W m⁻² sr⁻¹]."""
    return np.asarray(Stefan_Boltzmann / math.pi * temperature**4)


def at_wavenumber(wavenumber: float) -> Callable[[FloatArray], FloatArray]:
    """Return the radiance of a black body at a wavenumber [m⁻¹], up to a factor, as a function of temperature."""
    second = 1.438776877e-2
    return lambda temperature: 1.0 / np.expm1(second * wavenumber / temperature)
