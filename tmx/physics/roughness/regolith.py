"""Radiation inside the regolith of a block of facets: the operator of `transfer.exchange`, for all lanes at once.

The same equations as in `transfer.exchange`, `transfer.radiation` and `banded`, with one band of thermal radiation; R
radiating nodes, m modes, and LANES facets on the last axis. All facets have one medium and one grid, and so one set of
coefficients.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import inlined, part
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.lanes import LANES
from tmx.physics.transfer.exchange import (
    ABOVE,
    BACKWARD,
    BELOW,
    FORWARD,
    OWN,
    PIVOT,
    Exchange,
    half_width,
    place_of_heat,
)


class Scratch(NamedTuple):
    """Scratch of the operator on one block.

    Attributes
    ----------
    planck, source : ndarray, shape (R, LANES)
        Planck radiances of the nodes, and changes of their slope [W m⁻² sr⁻¹].
    departure : ndarray, shape (m, R, LANES)
        Departure of the modes from equilibrium.
    ends : ndarray, shape (2 m, LANES)
        Right-hand side at the two ends.
    vector : ndarray
        Right-hand side of the banded system, with zeros before and after.
    """

    planck: FloatArray
    source: FloatArray
    departure: FloatArray
    ends: FloatArray
    vector: FloatArray


def make_scratch(exchange: Exchange | None) -> Scratch:
    """Return scratch for a block; nothing where facets are opaque."""
    if exchange is None:
        nothing = np.zeros((0, LANES))
        return Scratch(nothing, nothing, np.zeros((0, 0, LANES)), nothing, nothing)
    modes, nodes = exchange.planck.size, exchange.deposits.shape[2]
    rows, width = (modes + 1) * nodes, modes + 1 + (modes + 1) // 2
    return Scratch(
        np.zeros((nodes, LANES)),
        np.zeros((nodes, LANES)),
        np.zeros((modes, nodes, LANES)),
        np.zeros((2 * modes, LANES)),
        np.zeros((rows + 2 * width, LANES)),
    )


def make_bands(exchange: Exchange | None, blocks: int) -> FloatArray:
    """Return the banded systems of all blocks, shape (blocks, rows, columns, LANES); empty where facets are opaque."""
    if exchange is None:
        return np.zeros((blocks, 0, 0, LANES))
    modes, nodes = exchange.planck.size, exchange.deposits.shape[2]
    width = modes + 1 + (modes + 1) // 2
    return np.zeros((blocks, (modes + 1) * nodes + width, 2 * width + 1, LANES))


@part
def planck_slopes(temperature, slope):
    """Set the derivatives of the Planck radiances of the radiating nodes to their temperatures [W m⁻² sr⁻¹ K⁻¹]."""
    for node in range(slope.shape[0]):
        for f in range(LANES):
            slope[node, f] = 4.0 * STEFAN_BOLTZMANN / math.pi * temperature[node, f] ** 3


@part
def radiate(exchange, temperature, rate, own, scratch):
    """Add the thermal radiation absorbed less that emitted to the rates of the nodes, under a sky that sends nothing.

    `own`, shape (LANES,), receives the upward flux at the surface [W m⁻²].
    """
    planck = scratch.planck
    for node in range(planck.shape[0]):
        for f in range(LANES):
            planck[node, f] = STEFAN_BOLTZMANN / math.pi * temperature[node, f] ** 4
    _departures(exchange, planck, scratch)
    _deposit(exchange, scratch.departure, rate)
    for f in range(LANES):
        own[f] = planck[0, f]
    for j in range(exchange.planck.size):
        for f in range(LANES):
            own[f] += exchange.surface[j] * scratch.departure[j, 0, f]
    for f in range(LANES):
        own[f] *= 2.0 * math.pi


@part
def _departures(exchange, planck, scratch):
    """Set the departures of the modes at the nodes under no radiation, as `transfer.exchange.departures` does."""
    departure, source, ends, thickness = scratch.departure, scratch.source, scratch.ends, exchange.thickness
    modes, last = departure.shape[0], departure.shape[1] - 1
    for node in range(1, last):
        before, after = 1.0 / thickness[node - 1], 1.0 / thickness[node]
        for f in range(LANES):
            source[node, f] = (planck[node + 1, f] - planck[node, f]) * after - (
                planck[node, f] - planck[node - 1, f]
            ) * before
    for j in range(modes):
        alpha, beta, inner = departure[j], exchange.planck[j], exchange.inner[j]
        for f in range(LANES):
            alpha[0, f] = 0.0
            alpha[last, f] = 0.0
        for node in range(1, last):
            for f in range(LANES):
                alpha[node, f] = source[node, f] + inner[FORWARD, node] * alpha[node - 1, f]
        for node in range(last - 1, 0, -1):
            for f in range(LANES):
                alpha[node, f] = alpha[node, f] * inner[PIVOT, node] + inner[BACKWARD, node] * alpha[node + 1, f]
        first_link, last_link = beta / thickness[0], beta / thickness[last - 1]
        to_first, to_last = beta * exchange.coupling[j, 0], beta * exchange.coupling[j, 1]
        for f in range(LANES):
            slant = first_link * (planck[1, f] - planck[0, f]) - 2.0 * exchange.surface[j] * planck[0, f]
            ends[j, f] = slant + to_first * alpha[1, f]
            slant = last_link * (planck[last, f] - planck[last - 1, f])
            ends[modes + j, f] = to_last * alpha[last - 1, f] - slant
    for j in range(modes):
        alpha, beta = departure[j], exchange.planck[j]
        top, bottom = exchange.shapes[j, 0], exchange.shapes[j, 1]
        at_top, at_bottom = np.zeros(LANES), np.zeros(LANES)
        for i in range(2 * modes):
            for f in range(LANES):
                at_top[f] += exchange.ends[j, i] * ends[i, f]
                at_bottom[f] += exchange.ends[modes + j, i] * ends[i, f]
        for node in range(last + 1):
            for f in range(LANES):
                alpha[node, f] = beta * alpha[node, f] + at_top[f] * top[node] + at_bottom[f] * bottom[node]


@part
def _deposit(exchange, departure, rate):
    """Add the heat that the departures of the modes deposit at the nodes."""
    last = departure.shape[1] - 1
    for j in range(departure.shape[0]):
        alpha, above, own, below = (
            departure[j],
            exchange.deposits[j, ABOVE],
            exchange.deposits[j, OWN],
            exchange.deposits[j, BELOW],
        )
        for f in range(LANES):
            rate[0, f] += own[0] * alpha[0, f] + below[0] * alpha[1, f]
            rate[last, f] += above[last] * alpha[last - 1, f] + own[last] * alpha[last, f]
        for node in range(1, last):
            for f in range(LANES):
                rate[node, f] += (
                    above[node] * alpha[node - 1, f] + own[node] * alpha[node, f] + below[node] * alpha[node + 1, f]
                )


@part
def factorise_radiating(exchange, slope, from_above, from_below, diagonal, band):
    """Factorise the system of the radiating nodes and the modes, once those below are folded away."""
    _fill(exchange, slope, from_above, from_below, diagonal, band)
    width = band.shape[1] // 2
    if width == 3:
        _factorise(band, 3)
    elif width == 4:
        _factorise(band, 4)
    elif width == 7:
        _factorise(band, 7)
    else:
        _factorise(band, width)


@part
def _fill(exchange, slope, from_above, from_below, diagonal, band):
    """Set the banded system: the template, Planck derivatives in the columns of T, and conduction in its rows."""
    modes, nodes = exchange.planck.size, slope.shape[0]
    size, width, place = modes + 1, half_width(modes), place_of_heat(modes)
    last = nodes - 1
    template = exchange.template
    for row in range(band.shape[0]):
        for k in range(band.shape[1]):
            value = template[row, k] if row < size * nodes else 0.0
            for f in range(LANES):
                band[row, k, f] = value
    for node in range(nodes):
        row = node * size + place
        for f in range(LANES):
            band[row, width, f] = diagonal[node, f]
        if node > 0:
            for f in range(LANES):
                band[row, width - size, f] = -from_above[node - 1, f]
        if node < last:
            for f in range(LANES):
                band[row, width + size, f] = -from_below[node, f]
        for j in range(modes):
            position = node * size + (j if j < place else j + 1)
            column = width + row - position
            for f in range(LANES):
                band[position, column, f] *= slope[node, f]
            if node > 0:
                for f in range(LANES):
                    band[position, column - size, f] *= slope[node - 1, f]
            if node < last:
                for f in range(LANES):
                    band[position, column + size, f] *= slope[node + 1, f]


@inlined
def _factorise(band, width):
    for i in range(band.shape[0] - width):
        pivot = band[i, width]
        for f in range(LANES):
            pivot[f] = 1.0 / pivot[f]
        for r in range(1, width + 1):
            factor = band[i + r, width - r]
            for f in range(LANES):
                factor[f] *= pivot[f]
            for c in range(1, width + 1):
                target, taken = band[i + r, width - r + c], band[i, width + c]
                for f in range(LANES):
                    target[f] -= factor[f] * taken[f]


@part
def substitute_radiating(exchange, slope, x, own, band, vector):
    """Solve the factorised system for the radiating nodes; add the change of the upward flux to `own`."""
    modes, nodes = exchange.planck.size, slope.shape[0]
    size, width, place = modes + 1, half_width(modes), place_of_heat(modes)
    vector[:] = 0.0
    for node in range(nodes):
        for f in range(LANES):
            vector[width + node * size + place, f] = x[node, f]
    if width == 3:
        _substitute(band, 3, vector)
    elif width == 4:
        _substitute(band, 4, vector)
    elif width == 7:
        _substitute(band, 7, vector)
    else:
        _substitute(band, width, vector)
    for node in range(nodes):
        for f in range(LANES):
            x[node, f] = vector[width + node * size + place, f]
    for f in range(LANES):
        own[f] += 2.0 * math.pi * slope[0, f] * x[0, f]
    for j in range(modes):
        weight = 2.0 * math.pi * exchange.surface[j]
        for f in range(LANES):
            own[f] += weight * vector[width + (j if j < place else j + 1), f]


@inlined
def _substitute(band, width, x):
    rows = band.shape[0] - width
    for i in range(rows):
        target = x[i + width]
        for c in range(width):
            taken, factor = x[i + c], band[i, c]
            for f in range(LANES):
                target[f] -= factor[f] * taken[f]
    for i in range(rows - 1, -1, -1):
        target = x[i + width]
        for c in range(1, width + 1):
            taken, factor = x[i + width + c], band[i, width + c]
            for f in range(LANES):
                target[f] -= factor[f] * taken[f]
        pivot = band[i, width]
        for f in range(LANES):
            target[f] *= pivot[f]


@part
def beam_parts(beam, cosine, parts, slopes):
    """Set the parts of direct light that the nodes absorb, shape (R, LANES), and their derivatives to the cosine.

    `beam` holds splines in the square root of the cosine, as in `transfer.radiation.Radiation`.
    """
    intervals = beam.shape[0]
    for f in range(LANES):
        root = math.sqrt(max(cosine[f], 0.0))
        i = min(int(root * intervals), intervals - 1)
        s = root * intervals - i
        steep = 0.5 * intervals / max(root, 1e-6)
        a, b, c, d = beam[i, 0], beam[i, 1], beam[i, 2], beam[i, 3]
        for node in range(parts.shape[0]):
            parts[node, f] = a[node] + s * (b[node] + s * (c[node] + s * d[node]))
            slopes[node, f] = steep * (b[node] + s * (2.0 * c[node] + 3.0 * s * d[node]))
