"""Radiation inside the regolith of a block of facets: the operator of `transfer.exchange`, for all lanes at once.

The same equations as in `transfer.exchange` and `transfer.radiation`, with one band of thermal radiation; R
radiating nodes, m modes, and LANES facets on the last axis. All facets have one medium and one grid, and so one set of
coefficients.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import part
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.elimination import Blocks, make_blocks, no_blocks, substitute_blocks
from tmx.physics.roughness.lanes import LANES
from tmx.physics.transfer.exchange import ABOVE, BACKWARD, BELOW, FORWARD, OWN, PIVOT, Exchange


class Scratch(NamedTuple):
    """Scratch of the operator on one block, and what the systems of all blocks share.

    Attributes
    ----------
    planck, source : ndarray, shape (R, LANES)
        Planck radiances of the nodes, and changes of their slope [W m⁻² sr⁻¹].
    departure : ndarray, shape (m, R, LANES)
        Departure of the modes from equilibrium.
    ends : ndarray, shape (2 m, LANES)
        Right-hand side at the two ends.
    blocks : Blocks
        Coefficients of modes and temperatures.
    solution : ndarray, shape (R, (m + 1) · LANES)
        Changes of modes and temperatures.
    spare : ndarray
        A block of the elimination.
    """

    planck: FloatArray
    source: FloatArray
    departure: FloatArray
    ends: FloatArray
    blocks: Blocks
    solution: FloatArray
    spare: FloatArray


def make_scratch(exchange: Exchange | None) -> Scratch:
    """Return scratch for a block; nothing where facets are opaque."""
    modes, nodes = (0, 0) if exchange is None else exchange.deposits.shape[::2]
    return Scratch(
        np.zeros((nodes, LANES)),
        np.zeros((nodes, LANES)),
        np.zeros((modes, nodes, LANES)),
        np.zeros((2 * modes, LANES)),
        no_blocks() if exchange is None else make_blocks(exchange),
        np.zeros((nodes, (modes + 1) * LANES)),
        np.zeros((modes + 1) ** 2 * LANES),
    )


def make_inverses(exchange: Exchange | None, blocks: int) -> FloatArray:
    """Return the eliminated systems of all blocks, shape (blocks, R, m + 1, m + 1, LANES); empty on opaque facets."""
    modes, nodes = (0, 0) if exchange is None else exchange.deposits.shape[::2]
    return np.zeros((blocks, nodes, modes + 1, modes + 1, LANES))


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
def substitute_radiating(exchange, system, x, own, scratch):
    """Solve the factorised system for the radiating nodes; add the change of the upward flux to `own`."""
    solution = scratch.solution
    substitute_blocks(
        scratch.blocks, system.slope, system.from_above, system.from_below, system.inverse, x, solution, scratch.spare
    )
    for f in range(LANES):
        own[f] += 2.0 * math.pi * system.slope[0, f] * x[0, f]
    for j in range(exchange.planck.size):
        weight = 2.0 * math.pi * exchange.surface[j]
        for f in range(LANES):
            own[f] += weight * solution[0, j * LANES + f]


@part
def beam_parts(beam, cosine, parts):
    """Set the parts of direct light that the nodes absorb, shape (R, LANES), for the cosine of incidence in each lane.

    `beam` holds splines in the square root of the cosine, as in `transfer.radiation.Radiation`.
    """
    for f in range(LANES):
        i, s = _beam_place(beam, cosine[f])
        a, b, c, d = beam[i, 0], beam[i, 1], beam[i, 2], beam[i, 3]
        for node in range(parts.shape[0]):
            parts[node, f] = a[node] + s * (b[node] + s * (c[node] + s * d[node]))


@part
def beam_slopes(beam, cosine, slopes):
    """Set the derivatives of `beam_parts` to the cosine."""
    for f in range(LANES):
        i, s = _beam_place(beam, cosine[f])
        steep = 0.5 * beam.shape[0] / max(math.sqrt(max(cosine[f], 0.0)), 1e-6)
        b, c, d = beam[i, 1], beam[i, 2], beam[i, 3]
        for node in range(slopes.shape[0]):
            slopes[node, f] = steep * (b[node] + s * (2.0 * c[node] + 3.0 * s * d[node]))


@part
def _beam_place(beam, cosine):
    """Return the interval of the splines that a cosine is in, and where in it."""
    intervals = beam.shape[0]
    root = math.sqrt(max(cosine, 0.0))
    i = min(int(root * intervals), intervals - 1)
    return i, root * intervals - i
