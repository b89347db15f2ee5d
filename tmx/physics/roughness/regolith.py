"""Radiation inside the regolith of a block of facets: the operator of `transfer.exchange`, for all lanes at once.

The same equations as in `transfer.exchange` and `transfer.radiation`, with one band of thermal radiation; R
radiating nodes, m modes, and LANES facets on the last axis. All facets have one medium and one grid, and so one set of
coefficients.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import lean
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.elimination import Blocks, make_blocks, no_blocks, substitute_blocks
from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.vectors import gather, load, spread, store
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
    solution : ndarray, shape (R, m + 1, LANES)
        Changes of modes and temperatures.
    spare : ndarray, shape ((m + 1)², LANES)
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
        np.zeros((nodes, modes + 1, LANES)),
        np.zeros(((modes + 1) ** 2, LANES)),
    )


def make_inverses(exchange: Exchange | None, blocks: int) -> FloatArray:
    """Return the eliminated systems of all blocks, shape (blocks, R, m + 1, m + 1, LANES); empty on opaque facets."""
    modes, nodes = (0, 0) if exchange is None else exchange.deposits.shape[::2]
    return np.zeros((blocks, nodes, modes + 1, modes + 1, LANES))


@lean
def planck_slopes(temperature, slope):
    """Set the derivatives of the Planck radiances of the radiating nodes to their temperatures [W m⁻² sr⁻¹ K⁻¹]."""
    for node in range(slope.shape[0]):
        t = load(temperature, node)
        store(slope, node, 4.0 * STEFAN_BOLTZMANN / math.pi * (t * t * t))


@lean
def radiate(exchange, temperature, rate, scratch):
    """Add the thermal radiation absorbed less that emitted to the rates of the nodes, under a sky that sends nothing.

    Returns the upward flux at the surface [W m⁻²].
    """
    planck, departure = scratch.planck, scratch.departure
    for node in range(planck.shape[0]):
        squared = load(temperature, node) * load(temperature, node)
        store(planck, node, STEFAN_BOLTZMANN / math.pi * (squared * squared))
    _particular(exchange, planck, scratch)
    radiance = load(planck, 0)
    for j in range(exchange.planck.size):
        at_surface = _deposit(exchange, j, departure[j], scratch.ends, rate)
        radiance += exchange.surface[j] * at_surface
    return 2.0 * math.pi * radiance


@lean
def _particular(exchange, planck, scratch):
    """Set the departures of the modes to those that vanish at both ends, and the right-hand side there.

    The equations are those of `transfer.exchange.departures` under no radiation.
    """
    departure, source, ends, thickness = scratch.departure, scratch.source, scratch.ends, exchange.thickness
    modes, last = departure.shape[0], departure.shape[1] - 1
    first_slope = (load(planck, 1) - load(planck, 0)) * (1.0 / thickness[0])
    slope = first_slope
    for node in range(1, last):
        next_slope = (load(planck, node + 1) - load(planck, node)) * (1.0 / thickness[node])
        store(source, node, next_slope - slope)
        slope = next_slope
    for j in range(modes):
        alpha, beta, inner = departure[j], exchange.planck[j], exchange.inner[j]
        value = spread(0.0)
        for node in range(1, last):
            value = load(source, node) + inner[FORWARD, node] * value
            store(alpha, node, value)
        store(alpha, 0, spread(0.0))
        store(alpha, last, spread(0.0))
        value = spread(0.0)
        for node in range(last - 1, 0, -1):
            value = load(alpha, node) * inner[PIVOT, node] + inner[BACKWARD, node] * value
            store(alpha, node, value)
        to_first, to_last = beta * exchange.coupling[j, 0], beta * exchange.coupling[j, 1]
        slant = beta * first_slope - 2.0 * exchange.surface[j] * load(planck, 0)
        store(ends, j, slant + to_first * load(alpha, 1))
        store(ends, modes + j, to_last * load(alpha, last - 1) - beta * slope)


@lean
def _deposit(exchange, j, alpha, ends, rate):
    """Complete the departures of a mode, add the heat that they deposit, and return the departure at the surface."""
    last, beta = alpha.shape[0] - 1, exchange.planck[j]
    top, bottom = exchange.shapes[j, 0], exchange.shapes[j, 1]
    above, own, below = exchange.deposits[j, ABOVE], exchange.deposits[j, OWN], exchange.deposits[j, BELOW]
    at_top, at_bottom = spread(0.0), spread(0.0)
    for i in range(ends.shape[0]):
        end = load(ends, i)
        at_top += exchange.ends[j, i] * end
        at_bottom += exchange.ends[exchange.planck.size + j, i] * end
    before = spread(0.0)
    here = beta * load(alpha, 0) + at_top * top[0] + at_bottom * bottom[0]
    surface = here
    for node in range(last):
        after = beta * load(alpha, node + 1) + at_top * top[node + 1] + at_bottom * bottom[node + 1]
        heat = own[node] * here + below[node] * after
        if node > 0:
            heat += above[node] * before
        store(rate, node, load(rate, node) + heat)
        before, here = here, after
    store(rate, last, load(rate, last) + above[last] * before + own[last] * here)
    return surface


@lean
def substitute_radiating(exchange, system, x, scratch):
    """Solve the factorised system for the radiating nodes, in place in `x`; return the change of the upward flux."""
    solution = scratch.solution
    substitute_blocks(
        scratch.blocks, system.slope, system.from_above, system.from_below, system.inverse, x, solution, scratch.spare
    )
    radiance = load(system.slope, 0) * load(x, 0)
    for j in range(exchange.planck.size):
        radiance += exchange.surface[j] * load(solution[0], j)
    return 2.0 * math.pi * radiance


@lean
def beam_parts(beam, cosine, parts):
    """Set the parts of direct light that the nodes absorb, shape (R, LANES), for the cosine of incidence in each lane.

    `beam` holds splines in the square root of the cosine, as in `transfer.radiation.Radiation`.
    """
    nodes, table = parts.shape[0], beam.reshape(beam.size)
    place, s = _beam_place(beam, cosine)
    for node in range(nodes):
        a, b = gather(table, place + node), gather(table, place + (nodes + node))
        c, d = gather(table, place + (2 * nodes + node)), gather(table, place + (3 * nodes + node))
        store(parts, node, a + s * (b + s * (c + s * d)))


@lean
def beam_slopes(beam, cosine, slopes):
    """Set the derivatives of `beam_parts` to the cosine."""
    nodes, table = slopes.shape[0], beam.reshape(beam.size)
    place, s = _beam_place(beam, cosine)
    steep = (0.5 * beam.shape[0]) / np.maximum(np.sqrt(np.maximum(cosine, 0.0)), 1e-6)
    for node in range(nodes):
        b, c = gather(table, place + (nodes + node)), gather(table, place + (2 * nodes + node))
        d = gather(table, place + (3 * nodes + node))
        store(slopes, node, steep * (b + s * (2.0 * c + 3.0 * s * d)))


@lean
def _beam_place(beam, cosine):
    """Return where the coefficients of the interval that a cosine is in begin, and where in the interval it is."""
    intervals = beam.shape[0]
    x = np.sqrt(np.maximum(cosine, 0.0)) * float(intervals)
    i = np.minimum(np.floor(x), float(intervals - 1))
    return i * float(beam.size // intervals), x - i
