"""Sunlight on a horizontal surface over one solar day.

`Sun` holds the geometry and the albedo law as plain numbers; `cos_incidence` and `absorbed_sunlight` are the
compiled functions of time that the integrators call; `daylight` gives the two instants at which they have a kink.
Time runs from local midnight.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tmx.physics.compiled import kernel

FloatArray = npt.NDArray[np.float64]

DIFFUSE_ANGLES = 32
"""Angles of incidence by which isotropic light is represented."""

GAUSS_NODES, GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(40)


class Sun(NamedTuple):
    """Sunlight on a horizontal surface: μ(t) = offset + amplitude · cos h, h the hour angle.

    Attributes
    ----------
    period : float
        Length of the solar day [s].
    offset, amplitude : float
        sin δ sin φ and cos δ cos φ for declination δ and latitude φ [-].
    flux : float
        Sunlight at normal incidence [W m⁻²]; 0 without a sun.
    albedo, albedo_a, albedo_b : float
        Coefficients of the incidence-dependent albedo [-].
    latitude, declination : float
        Latitude of the place and declination of the sun [rad].
    """

    period: float
    offset: float
    amplitude: float
    flux: float
    albedo: float
    albedo_a: float
    albedo_b: float
    latitude: float
    declination: float


def make_sun(
    *,
    period: float,
    latitude: float,
    declination: float,
    flux: float,
    albedo: float = 0.0,
    albedo_a: float = 0.0,
    albedo_b: float = 0.0,
) -> Sun:
    """Describe the sun over a horizontal surface.

    Parameters
    ----------
    period : float
        Length of the solar day [s].
    latitude, declination : float
        Latitude of the place and declination of the sun [rad].
    flux : float
        Sunlight at normal incidence, S / R² [W m⁻²].
    albedo, albedo_a, albedo_b : float
        A(i) = albedo + albedo_a (i / 45°)³ + albedo_b (i / 90°)⁸ [-].

    References
    ----------
    Hayne et al. (2017), J. Geophys. Res. Planets 122, 2371, doi:10.1002/2017JE005387, appendix A, after Keihm
    (1984), Icarus 60, 568.
    """
    return Sun(
        period=float(period),
        offset=math.sin(declination) * math.sin(latitude),
        amplitude=math.cos(declination) * math.cos(latitude),
        flux=float(flux),
        albedo=float(albedo),
        albedo_a=float(albedo_a),
        albedo_b=float(albedo_b),
        latitude=float(latitude),
        declination=float(declination),
    )


@kernel
def cos_incidence(sun: Sun, t: float) -> float:
    """Return μ = cos i at time t [s]; negative while the sun is below the horizon."""
    return sun.offset - sun.amplitude * math.cos(2.0 * math.pi * t / sun.period)


def sun_azimuth(latitude: float, declination: float, phase: FloatArray) -> FloatArray:
    """Return the azimuth of the sun, from south over east to north [rad].

    Parameters
    ----------
    latitude, declination : float
        Latitude of the place and declination of the sun [rad].
    phase : ndarray, shape (t,)
        Part of the solar day that has passed since local midnight [-].
    """
    hour = 2.0 * np.pi * phase - np.pi
    south = math.cos(declination) * np.cos(hour) * math.sin(latitude) - math.sin(declination) * math.cos(latitude)
    return np.arctan2(-math.cos(declination) * np.sin(hour), south)


def sun_directions(sun: Sun, times: FloatArray) -> FloatArray:
    """Return the unit vectors to the sun, x south, y east, z up, shape (t, 3)."""
    azimuth = sun_azimuth(sun.latitude, sun.declination, times / sun.period)
    mu = sun.offset - sun.amplitude * np.cos(2.0 * np.pi * times / sun.period)
    across = np.sqrt(np.maximum(0.0, 1.0 - mu * mu))
    return np.stack([across * np.cos(azimuth), across * np.sin(azimuth), mu], axis=1)


def albedo_at(sun: Sun, cos_incidence: FloatArray) -> FloatArray:
    """Return the albedo A(i) at cosines of the incidence angle [-]."""
    cosines = np.ascontiguousarray(cos_incidence, dtype=np.float64)
    return np.asarray(_albedos(sun, cosines.ravel()).reshape(cosines.shape))


@kernel
def _albedos(sun, cosines):
    albedos = np.empty_like(cosines)
    for i in range(cosines.size):
        albedos[i] = _albedo(sun, cosines[i])[0]
    return albedos


@kernel
def _albedo(sun, mu):
    """Return the albedo at μ and its derivative dA/dμ."""
    albedo, slope = sun.albedo, 0.0
    if sun.albedo_a != 0.0 or sun.albedo_b != 0.0:
        incidence = math.acos(min(1.0, max(-1.0, mu)))
        x = incidence / (0.25 * math.pi)
        y = incidence / (0.5 * math.pi)
        albedo += sun.albedo_a * x**3 + sun.albedo_b * y**8
        sine = math.sin(incidence)
        if sine > 1e-9:
            slope = -(3.0 * sun.albedo_a * x**2 / (0.25 * math.pi) + 8.0 * sun.albedo_b * y**7 / (0.5 * math.pi)) / sine
    return albedo, slope


@kernel
def absorbed_sunlight(sun, t):
    """Return the sunlight absorbed at time t [W m⁻²] and its time derivative [W m⁻² s⁻¹].

    The expression is continued smoothly below the horizon: an integrator that steps up to sunrise or sunset must not
    meet a clamped value inside its stages. The caller decides whether it is day.
    """
    omega = 2.0 * math.pi / sun.period
    mu = sun.offset - sun.amplitude * math.cos(omega * t)
    mu_rate = sun.amplitude * omega * math.sin(omega * t)
    albedo, slope = _albedo(sun, mu)
    return sun.flux * mu * (1.0 - albedo), sun.flux * mu_rate * (1.0 - albedo - mu * slope)


def absorbed_at(sun: Sun, cos_incidence: float) -> float:
    """Return the sunlight absorbed with the sun at a given μ = cos i [W m⁻²]."""
    return float(sun.flux * cos_incidence) - reflected_at(sun, cos_incidence)


def reflected_at(sun: Sun, cos_incidence: float) -> float:
    """Return the sunlight reflected with the sun at a given μ = cos i [W m⁻²]."""
    return float(sun.flux * cos_incidence * _albedo(sun, cos_incidence)[0])


def daylight(sun: Sun) -> tuple[float, float]:
    """Return sunrise and sunset [s]; (0, period) if the sun never sets, (period/2, period/2) if it never rises."""
    if sun.flux <= 0.0 or sun.offset + sun.amplitude <= 0.0:
        return 0.5 * sun.period, 0.5 * sun.period
    if sun.offset - sun.amplitude >= 0.0:
        return 0.0, sun.period
    rise = sun.period / (2.0 * math.pi) * math.acos(sun.offset / sun.amplitude)
    return rise, sun.period - rise


def mean_sunlight(sun: Sun, absorbed: Callable[[FloatArray], FloatArray]) -> float:
    """Return the day mean of the sunlight that is absorbed where a part `absorbed(μ₀)` of it is [W m⁻²].

    By Gauss-Legendre quadrature of the morning; the afternoon mirrors it.
    """
    rise, sunset = daylight(sun)
    half = 0.25 * (sunset - rise)
    if half == 0.0:
        return 0.0
    angle = 2.0 * np.pi / sun.period * (rise + half * (1.0 + GAUSS_NODES))
    mu = sun.offset - sun.amplitude * np.cos(angle)
    return float(2.0 * half / sun.period * sun.flux * (GAUSS_WEIGHTS @ (mu * absorbed(mu))))


def mean_absorbed_sunlight(sun: Sun) -> float:
    """Return the day mean of the absorbed sunlight [W m⁻²], by Gauss-Legendre quadrature of the morning."""
    rise, sunset = daylight(sun)
    half = 0.25 * (sunset - rise)
    return float(2.0 * half / sun.period * _weighted_sunlight(sun, rise + half * (1.0 + GAUSS_NODES), GAUSS_WEIGHTS))


@kernel
def _weighted_sunlight(sun, times, weights):
    """Return Σ weight · absorbed sunlight over times [W m⁻²]."""
    total = 0.0
    for i in range(times.size):
        total += weights[i] * absorbed_sunlight(sun, times[i])[0]
    return total


def diffuse_mean(of_cosine: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return the mean of a function of the cosine of incidence over isotropic light, ∫ f 2 μ dμ.

    The function is given cosines of shape (k,) and returns an array of shape (k, …).
    """
    nodes, weights = np.polynomial.legendre.leggauss(DIFFUSE_ANGLES)
    mu = 0.5 * (nodes + 1.0)
    return np.asarray(np.tensordot(weights * mu, of_cosine(mu), axes=1))
