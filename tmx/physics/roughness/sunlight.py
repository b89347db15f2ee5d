"""Sunlight on facets over a day: direct light with shadows, and what facets scatter to each other in all orders.

All of it is known before temperatures are, and is tabulated here once: the integrator reads values between two times of
the table by cubic interpolation that keeps them positive.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import lean
from tmx.physics.insolation import Sun, daylight, diffuse_mean
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.facets import Facets, Visible
from tmx.physics.roughness.lanes import per_facet

DIRECT, COSINE, SCATTERED = range(3)
"""Places in `Light.value` where facets are regolith that light goes into; on opaque ones the first is all they
absorb."""


class Light(NamedTuple):
    """Table of sunlight on facets, in B blocks of lanes; K intervals.

    Attributes
    ----------
    start, step : float
        Time at which the table begins, and its spacing [s].
    value, slope : ndarray, shape (K + 1, B, kinds, LANES)
        What falls on the facets or what they absorb [W m⁻²], or a cosine [-]; and its time derivative times the step.
    """

    start: float
    step: float
    value: FloatArray
    slope: FloatArray


@dataclass(frozen=True)
class Lighting:
    """Sunlight on facets at some times; N facets.

    Attributes
    ----------
    direct : ndarray, shape (k, N)
        Direct sunlight per area of facet, shadows included [W m⁻²].
    cosine : ndarray, shape (k, N)
        Cosine of the incidence angle on what is lit of a facet [-].
    scattered : ndarray, shape (k, N)
        Sunlight that comes from other facets, per area [W m⁻²].
    absorbed : ndarray, shape (k, N)
        Sunlight that is absorbed of both, per area [W m⁻²].
    """

    direct: FloatArray
    cosine: FloatArray
    scattered: FloatArray
    absorbed: FloatArray

    def kinds(self, *, opaque: bool) -> tuple[FloatArray, ...]:
        """Return what the integrator needs to know: of opaque facets, only what they absorb."""
        return (self.absorbed,) if opaque else (self.direct, self.cosine, self.scattered)


def table_times(sun: Sun, intervals: int) -> FloatArray:
    """Return evenly spaced times from sunrise to sunset [s]."""
    rise, sunset = daylight(sun)
    return np.linspace(rise, sunset if sunset > rise else rise + sun.period, intervals + 1)


def light_on(
    facets: Facets,
    flux: float,
    directions: FloatArray,
    reflectance: Callable[[FloatArray], FloatArray],
    visible: Visible | None = None,
) -> Lighting:
    """Return the sunlight on facets, direct and scattered in all orders.

    Parameters
    ----------
    facets : Facets
        The facets.
    flux : float
        Sunlight at normal incidence [W m⁻²].
    directions : ndarray, shape (k, 3)
        Unit vectors to the sun.
    reflectance : callable
        Part of sunlight that is reflected, diffusely, as a function of the cosine of incidence [-].
    visible : Visible, optional
        What the sun sees of the facets, where that is known.
    """
    visible = visible or facets.visible(directions)
    cosine = np.where(visible.fraction > 0.0, visible.cosine, np.maximum(directions @ facets.normals.T, 0.0))
    direct = flux * visible.fraction * visible.cosine
    reflected = direct * reflectance(cosine)
    diffuse = float(diffuse_mean(reflectance))
    scattered = np.broadcast_to(reflected @ facets.all_orders(diffuse).T, direct.shape)
    absorbed = direct - reflected + (1.0 - diffuse) * scattered
    return Lighting(direct, cosine, scattered, absorbed)


def light_table(times: FloatArray, *kinds: FloatArray) -> Light:
    """Tabulate what facets get, each of shape (K + 1, N), against evenly spaced times [s]."""
    values = np.stack([per_facet(kind) for kind in kinds], axis=2)
    return Light(float(times[0]), float(times[1] - times[0]), values, _slopes(values))


def thinned(light: Light) -> Light:
    """Return a table of every second time; the number of intervals is even."""
    values = np.ascontiguousarray(light.value[::2])
    return Light(light.start, 2.0 * light.step, values, _slopes(values))


def _slopes(values: FloatArray) -> FloatArray:
    """Return slopes, per interval, of cubics that keep to the values where these rise and fall."""
    from scipy.interpolate import PchipInterpolator  # slow to load, and flat surfaces do without

    places = np.arange(len(values))
    return np.ascontiguousarray(PchipInterpolator(places, values, axis=0).derivative()(places))


def mean_light(light: Light, period: float) -> FloatArray:
    """Return the day mean of what is tabulated, shape (B, kinds, LANES)."""
    inner = light.value.sum(axis=0) - 0.5 * (light.value[0] + light.value[-1])
    return np.asarray(light.step / period * (inner + (light.slope[0] - light.slope[-1]) / 12.0))


@lean
def light_at(light, t, out):
    """Set `out`, shape (B, kinds, LANES), to the sunlight at time t."""
    i, values = _place(light, t), out.reshape(out.size)
    s = min(max((t - light.start) / light.step - i, 0.0), 1.0)
    start, end = light.value[i].reshape(out.size), light.value[i + 1].reshape(out.size)
    leaving, arriving = light.slope[i].reshape(out.size), light.slope[i + 1].reshape(out.size)
    for j in range(out.size):
        rise = end[j] - start[j]
        quadratic, cubic = 3.0 * rise - 2.0 * leaving[j] - arriving[j], leaving[j] + arriving[j] - 2.0 * rise
        values[j] = start[j] + s * (leaving[j] + s * (quadratic + s * cubic))


@lean
def light_change(light, t, out):
    """Set `out`, shape (B, kinds, LANES), to the time derivative of the sunlight at time t [s⁻¹ times its unit]."""
    i, values = _place(light, t), out.reshape(out.size)
    s = min(max((t - light.start) / light.step - i, 0.0), 1.0)
    start, end = light.value[i].reshape(out.size), light.value[i + 1].reshape(out.size)
    leaving, arriving = light.slope[i].reshape(out.size), light.slope[i + 1].reshape(out.size)
    for j in range(out.size):
        rise = end[j] - start[j]
        quadratic, cubic = 3.0 * rise - 2.0 * leaving[j] - arriving[j], leaving[j] + arriving[j] - 2.0 * rise
        values[j] = (leaving[j] + s * (2.0 * quadratic + 3.0 * s * cubic)) / light.step


@lean
def _place(light, t):
    """Return the interval of the table that a time is in."""
    return min(max(int((t - light.start) / light.step), 0), light.value.shape[0] - 2)
