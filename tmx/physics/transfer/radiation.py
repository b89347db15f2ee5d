"""The radiation operator of a column: what the thermal integrator knows of radiative transfer.

Heating of the nodes and the emergent flux are linear in the Planck function at the nodes. With one thermal band the
operator is kept as modes, and its Jacobian is banded. Many bands are condensed: the Planck functions of all bands are
combinations of a few functions of temperature (`planck_basis`), each with its own dense matrix. Sunlight is a vector
per sun angle, tabulated once.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.banded import factorise_banded, factorise_dense, substitute_banded, substitute_dense
from tmx.physics.compiled import inlined, part
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import cos_incidence
from tmx.physics.materials import FloatArray
from tmx.physics.transfer.exchange import Exchange, departures, deposit, emergent_flux, half_width, place_of_heat


class Radiation(NamedTuple):
    """Radiation operator; N nodes, n modes (none if condensed), K Planck functions of a condensed operator (or none).

    Attributes
    ----------
    exchange : Exchange
        Modes of the only thermal band.
    sky : float
        Isotropic radiance from above in that band [W m⁻² sr⁻¹].
    response : ndarray, shape (K, N, N + 1)
        Condensed operator: `response[k, l]` is the heat at the nodes, and last the upward flux at the surface, per unit
        of Planck function k at node l.
    sky_response : ndarray, shape (N + 1,)
        The same for the radiance from above [W m⁻²].
    sky_flux : float
        Flux from above [W m⁻²].
    basis : ndarray, shape (points, K, 2)
        Values, and derivatives times the step, of the Planck functions over σT⁴/π, against √T.
    basis_step : float
        Spacing of the table in √T [K^½].
    beam : ndarray, shape (intervals, 4, N)
        Cubic splines, in √μ₀, of the absorbed part of sunlight per unit of μ₀.
    """

    exchange: Exchange
    sky: float
    response: FloatArray
    sky_response: FloatArray
    sky_flux: float
    basis: FloatArray
    basis_step: float
    beam: FloatArray


class RadiationWork(NamedTuple):
    """Scratch of a radiation operator.

    Attributes
    ----------
    planck, slope : ndarray, shape (max(K, 1), N)
        Planck functions at the nodes, and their derivatives to temperature.
    departure : ndarray, shape (n, N)
        Departure of the modes from equilibrium.
    band, vector : ndarray
        Banded system with the modes as unknowns, and a right-hand side.
    columns : ndarray, shape (N, N)
        Dense system of a condensed operator.
    """

    planck: FloatArray
    slope: FloatArray
    departure: FloatArray
    band: FloatArray
    vector: FloatArray
    columns: FloatArray


def planck_shape(radiation: Radiation) -> tuple[int, int]:
    """Return the shape of the Planck functions at the nodes."""
    return max(1, radiation.response.shape[0]), radiation.beam.shape[2]


@part
def radiation_work(radiation):
    """Return scratch for a radiation operator."""
    modes, nodes = radiation.exchange.planck.size, radiation.beam.shape[2]
    functions = max(1, radiation.response.shape[0])
    dense = nodes if modes == 0 else 0
    width = half_width(modes) if modes > 0 else 0
    rows = (modes + 1) * nodes if modes > 0 else 0
    return RadiationWork(
        np.zeros((functions, nodes)),
        np.zeros((functions, nodes)),
        np.zeros((modes, nodes)),
        np.zeros((rows + width, 2 * width + 1)),
        np.zeros(rows + 2 * width + nodes),
        np.zeros((dense, dense)),
    )


@inlined
def _is_modal(radiation):
    return radiation.exchange.planck.size > 0


@part
def planck_functions(radiation, temperature, work):
    """Set the Planck functions at the nodes and their derivatives to temperature."""
    nodes = work.planck.shape[1]
    if _is_modal(radiation):
        for node in range(nodes):
            cubed = STEFAN_BOLTZMANN / math.pi * temperature[node] ** 3
            work.planck[0, node] = cubed * temperature[node]
            work.slope[0, node] = 4.0 * cubed
        return
    last = radiation.basis.shape[0] - 2
    for node in range(nodes):
        t = temperature[node]
        root = math.sqrt(max(t, 0.0))
        x = root / radiation.basis_step
        i = min(int(x), last)
        s = x - i
        grey = STEFAN_BOLTZMANN / math.pi * t**4
        for k in range(work.planck.shape[0]):
            start, end = radiation.basis[i, k, 0], radiation.basis[i + 1, k, 0]
            a, b = radiation.basis[i, k, 1], radiation.basis[i + 1, k, 1]
            quadratic, cubic = 3.0 * (end - start) - 2.0 * a - b, a + b - 2.0 * (end - start)
            value = start + s * (a + s * (quadratic + s * cubic))
            change = (a + s * (2.0 * quadratic + 3.0 * s * cubic)) / (2.0 * root * radiation.basis_step)
            work.planck[k, node] = grey * value
            work.slope[k, node] = grey * (4.0 * value / t + change)


@part
def add_radiation(radiation, temperature, work, rate):
    """Add the net thermal radiation absorbed at every node to `rate` [W m⁻²]; return the upward flux at the surface."""
    planck_functions(radiation, temperature, work)
    nodes = work.planck.shape[1]
    if _is_modal(radiation):
        departures(radiation.exchange, work.planck[0], radiation.sky, work.vector[:nodes], work.departure)
        deposit(radiation.exchange, work.departure, rate)
        return emergent_flux(radiation.exchange, work.departure, work.planck[0], radiation.sky)
    for node in range(nodes):
        rate[node] += radiation.sky_response[node]
    upward = radiation.sky_response[nodes]
    for k in range(work.planck.shape[0]):
        for source in range(nodes):
            value = work.planck[k, source]
            response = radiation.response[k, source]
            for node in range(nodes):
                rate[node] += value * response[node]
            upward += value * response[nodes]
    return upward


@part
def upward_change(radiation, change, work):
    """Return the change of the upward flux at the surface for changes of temperature at the nodes, to first order.

    `work` holds the Planck derivatives; its Planck functions and modes are overwritten.
    """
    if not _is_modal(radiation):
        return _condensed_change(radiation, work.slope, change)
    nodes = work.planck.shape[1]
    for node in range(nodes):
        work.planck[0, node] = work.slope[0, node] * change[node]
    departures(radiation.exchange, work.planck[0], 0.0, work.vector[:nodes], work.departure)
    return emergent_flux(radiation.exchange, work.departure, work.planck[0], 0.0)


@part
def _condensed_change(radiation, slope, change):
    """Return the change of the upward flux of a condensed operator."""
    nodes = slope.shape[1]
    upward = 0.0
    for k in range(slope.shape[0]):
        for node in range(nodes):
            upward += radiation.response[k, node, nodes] * slope[k, node] * change[node]
    return upward


@part
def factorise_radiation(radiation, slope, lower, diagonal, upper, work):
    """Factorise the system of a column: conduction and inertia in bands, radiation with Planck derivatives `slope`.

    The nodes below the radiating ones are eliminated first, from the bottom; then the radiating ones together.
    """
    nodes = work.planck.shape[1]
    for j in range(diagonal.size - 1, nodes - 1, -1):
        diagonal[j] = 1.0 / diagonal[j]
        upper[j - 1] *= diagonal[j]
        diagonal[j - 1] -= upper[j - 1] * lower[j]
    if _is_modal(radiation):
        _fill_band(radiation.exchange, slope[0], lower, diagonal, upper, work.band)
        factorise_banded(work.band)
    else:
        _fill_columns(radiation.response, slope, lower, diagonal, upper, work.columns)
        factorise_dense(work.columns)


@part
def _fill_band(exchange, slope, lower, diagonal, upper, band):
    """Set the banded system: the template, Planck derivatives in the columns of T, and conduction in its rows."""
    modes, nodes = exchange.planck.size, slope.size
    size, width, place = modes + 1, half_width(modes), place_of_heat(modes)
    band[: size * nodes] = exchange.template
    band[size * nodes :] = 0.0
    last = nodes - 1
    for node in range(nodes):
        row = node * size + place
        heat = band[row]
        heat[width] = diagonal[node]
        if node > 0:
            heat[width - size] = lower[node]
        if node < last:
            heat[width + size] = upper[node]
        for j in range(modes):
            position = node * size + (j if j < place else j + 1)
            balance, column = band[position], width + row - position
            balance[column] *= slope[node]
            if node > 0:
                balance[column - size] *= slope[node - 1]
            if node < last:
                balance[column + size] *= slope[node + 1]


@part
def _fill_columns(response, slope, lower, diagonal, upper, columns):
    """Set the dense system of a condensed operator, column by column."""
    nodes = slope.shape[1]
    for source in range(nodes):
        column = columns[source]
        column[:] = 0.0
        for k in range(slope.shape[0]):
            for node in range(nodes):
                column[node] -= slope[k, source] * response[k, source, node]
        column[source] += diagonal[source]
        if source > 0:
            column[source - 1] += upper[source - 1]
        if source < nodes - 1:
            column[source + 1] += lower[source + 1]


@part
def substitute_radiation(radiation, slope, lower, diagonal, upper, x, work):
    """Solve the factorised system for a right-hand side `x` in place; return the change of the upward flux."""
    nodes = work.planck.shape[1]
    for j in range(x.size - 1, nodes - 1, -1):
        x[j - 1] -= upper[j - 1] * x[j]
    if _is_modal(radiation):
        upward = _substitute_modes(radiation.exchange, slope[0], x, work.band, work.vector)
    else:
        substitute_dense(work.columns, x[:nodes])
        upward = _condensed_change(radiation, slope, x)
    for j in range(nodes, x.size):
        x[j] = (x[j] - lower[j] * x[j - 1]) * diagonal[j]
    return upward


@part
def _substitute_modes(exchange, slope, x, band, vector):
    """Solve for the radiating nodes with the modes as further unknowns."""
    modes, nodes = exchange.planck.size, slope.size
    size, width, place = modes + 1, half_width(modes), place_of_heat(modes)
    vector[:] = 0.0
    for node in range(nodes):
        vector[width + node * size + place] = x[node]
    substitute_banded(band, vector)
    for node in range(nodes):
        x[node] = vector[width + node * size + place]
    upward = slope[0] * x[0]
    for j in range(modes):
        upward += exchange.surface[j] * vector[width + (j if j < place else j + 1)]
    return 2.0 * math.pi * upward


@part
def add_beam(radiation, sun, t, rate):
    """Add the sunlight absorbed at time t to `rate` [W m⁻²]; return its sum."""
    intervals = radiation.beam.shape[0]
    mu = max(0.0, cos_incidence(sun, t))
    x = math.sqrt(mu) * intervals
    i = min(int(x), intervals - 1)
    s = x - i
    spline = radiation.beam[i]
    flux = sun.flux * mu
    total = 0.0
    for node in range(spline.shape[1]):
        part = flux * (spline[0, node] + s * (spline[1, node] + s * (spline[2, node] + s * spline[3, node])))
        rate[node] += part
        total += part
    return total


@part
def beam_change(radiation, sun, t, change):
    """Set `change` to the time derivative of the sunlight absorbed at the nodes [W m⁻² s⁻¹]; return its sum."""
    intervals = radiation.beam.shape[0]
    omega = 2.0 * math.pi / sun.period
    mu = max(0.0, cos_incidence(sun, t))
    root = math.sqrt(mu)
    x = root * intervals
    i = min(int(x), intervals - 1)
    s = x - i
    spline = radiation.beam[i]
    flux_rate = sun.flux * sun.amplitude * omega * math.sin(omega * t)
    total = 0.0
    for node in range(spline.shape[1]):
        part = spline[0, node] + s * (spline[1, node] + s * (spline[2, node] + s * spline[3, node]))
        slope = (spline[1, node] + s * (2.0 * spline[2, node] + 3.0 * s * spline[3, node])) * intervals
        change[node] = flux_rate * (part + 0.5 * root * slope)
        total += change[node]
    return total
