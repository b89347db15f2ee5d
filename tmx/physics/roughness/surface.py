"""How the facets of a block exchange radiation with what is above them, and the linear systems of their columns.

Facets are either opaque (`radiation` is None) or regolith that radiation goes through; the compiler drops the branch
that does not apply. Arrays have the shape (n, LANES); what there is one of per facet is a value of lanes.
"""

from typing import NamedTuple

import numpy as np

from tmx.physics.column import Column
from tmx.physics.compiled import lean, spliced
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.columns import fold, unfold
from tmx.physics.roughness.elimination import factorise_blocks
from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.regolith import (
    Scratch,
    beam_parts,
    beam_slopes,
    make_inverses,
    make_scratch,
    planck_slopes,
    radiate,
    substitute_radiating,
)
from tmx.physics.roughness.sunlight import COSINE, DIRECT, SCATTERED
from tmx.physics.roughness.vectors import load, spread, store
from tmx.physics.transfer.exchange import departures, deposit, emergent_flux
from tmx.physics.transfer.radiation import Radiation


class Receiving(NamedTuple):
    """What a facet does with isotropic radiation that falls on it; R radiating nodes, from the surface down.

    Attributes
    ----------
    thermal : ndarray, shape (R,)
        Heat at the nodes per unit of thermal flux [-].
    solar : ndarray, shape (R,)
        The same per unit of scattered sunlight [-].
    emissivity : float
        Emissivity of an opaque facet [-].
    """

    thermal: FloatArray
    solar: FloatArray
    emissivity: float


def opaque_receiving(emissivity: float) -> tuple[Receiving, float]:
    """Return what opaque facets do with what falls on them, and the part of thermal radiation that they reflect."""
    return Receiving(np.array([emissivity]), np.ones(1), float(emissivity)), 1.0 - emissivity


def regolith_receiving(radiation: Radiation, diffuse: FloatArray) -> tuple[Receiving, float]:
    """Return the same of regolith, given the part of diffuse sunlight that its nodes absorb, shape (R,)."""
    exchange, nodes = radiation.exchange, radiation.beam.shape[2]
    dark, heat, departure = np.zeros(nodes), np.zeros(nodes), np.zeros((exchange.planck.size, nodes))
    departures(exchange, dark, 1.0 / np.pi, np.zeros(nodes), departure)
    deposit(exchange, departure, heat)
    return Receiving(heat, diffuse, 0.0), float(emergent_flux(exchange, departure, dark, 1.0 / np.pi))


class Systems(NamedTuple):
    """Linear systems of the columns of all blocks, factorised once per step; B blocks, n nodes, R radiating nodes.

    Attributes
    ----------
    from_above, from_below : ndarray, shape (B, n - 1, LANES)
        Derivatives of the fluxes of the links [W m⁻² K⁻¹].
    diagonal : ndarray, shape (B, n, LANES)
        Diagonal, inverted once factorised.
    factor : ndarray, shape (B, n - 1, LANES)
        Elimination from below.
    slope : ndarray, shape (B, R, LANES)
        Derivatives of emission to the temperature of the radiating nodes.
    answer : ndarray, shape (B, R, LANES)
        Change of temperature of the radiating nodes per unit of incident thermal flux [K m² W⁻¹]; of an opaque surface
        the heat that it takes, for that is what its own elimination begins with.
    gain : ndarray, shape (B, LANES)
        Change of own emission per unit of incident thermal flux [-].
    inverse : ndarray, shape (B, R, m + 1, m + 1, LANES)
        Eliminated diagonal blocks of the radiating nodes, inverted; empty where facets are opaque.
    parts, part_slopes : ndarray, shape (R, LANES)
        Scratch: the parts of direct light that the nodes absorb.
    scratch : Scratch
        Scratch of the radiation operator.
    """

    from_above: FloatArray
    from_below: FloatArray
    diagonal: FloatArray
    factor: FloatArray
    slope: FloatArray
    answer: FloatArray
    gain: FloatArray
    inverse: FloatArray
    parts: FloatArray
    part_slopes: FloatArray
    scratch: Scratch


class System(NamedTuple):
    """The part of `Systems` that is one block's."""

    from_above: FloatArray
    from_below: FloatArray
    diagonal: FloatArray
    factor: FloatArray
    slope: FloatArray
    answer: FloatArray
    inverse: FloatArray


def make_systems(column: Column, radiation: Radiation | None, receiving: Receiving, blocks: int) -> Systems:
    """Return empty systems."""
    n, radiating = column.mass.size, receiving.thermal.size
    exchange = None if radiation is None else radiation.exchange
    links = (blocks, n - 1, LANES)
    nodes = (blocks, n, LANES)
    return Systems(
        np.zeros(links),
        np.zeros(links),
        np.zeros(nodes),
        np.zeros(links),
        np.zeros((blocks, radiating, LANES)),
        np.zeros((blocks, radiating, LANES)),
        np.zeros((blocks, LANES)),
        make_inverses(exchange, blocks),
        np.zeros((radiating, LANES)),
        np.zeros((radiating, LANES)),
        make_scratch(exchange),
    )


@spliced
def system_of(systems, b):
    """Return the system of a block."""
    return System(
        systems.from_above[b],
        systems.from_below[b],
        systems.diagonal[b],
        systems.factor[b],
        systems.slope[b],
        systems.answer[b],
        systems.inverse[b],
    )


@lean
def first_folded(radiation, receiving):
    """Return the uppermost node that is eliminated from below: the surface itself where facets are opaque."""
    return 0 if radiation is None else receiving.thermal.size


@lean
def emission_slopes(radiation, receiving, temperature, slope):
    """Set the derivatives of emission to the temperatures of the radiating nodes."""
    if radiation is None:
        t = load(temperature, 0)
        store(slope, 0, 4.0 * receiving.emissivity * STEFAN_BOLTZMANN * (t * t * t))
    else:
        planck_slopes(temperature, slope)


@lean
def emit(radiation, receiving, temperature, rate, scratch):
    """Add what the nodes radiate to their heat `rate` [W m⁻²]; return what leaves upward."""
    if radiation is None:
        squared = load(temperature, 0) * load(temperature, 0)
        own = receiving.emissivity * STEFAN_BOLTZMANN * (squared * squared)
        store(rate, 0, load(rate, 0) - own)
        return own
    return radiate(radiation.exchange, temperature, rate, scratch)


@lean
def factorise(column, radiation, receiving, lowest, inertia, scale, system, scratch):
    """Factorise scale · inertia − J of a block, set its answer to incident flux, and return its gain.

    The derivatives of links and emission are in the system; `lowest` is the temperature of the lowest nodes [K].
    """
    answer = system.answer
    surface = load(system.slope, 0) if radiation is None else spread(0.0)
    first = first_folded(radiation, receiving)
    fold(
        column,
        lowest,
        inertia,
        scale,
        surface,
        system.from_above,
        system.from_below,
        system.diagonal,
        system.factor,
        first,
    )
    if radiation is not None:
        factorise_blocks(
            scratch.blocks,
            system.slope,
            system.from_above,
            system.from_below,
            system.diagonal,
            system.inverse,
            scratch.spare,
        )
    for j in range(receiving.thermal.size):
        store(answer, j, spread(receiving.thermal[j]))
    return respond(radiation, system, answer, scratch)


@lean
def respond(radiation, system, x, scratch):
    """Solve for the radiating nodes where nothing falls on them, in place; return the change of what leaves upward.

    Below them `x` is folded already. An opaque surface is left as it is: it is the uppermost of the folded nodes.
    """
    if radiation is None:
        return load(system.slope, 0) * (load(x, 0) * load(system.diagonal, 0))
    return substitute_radiating(radiation.exchange, system, x, scratch)


@lean
def add_incident(radiation, receiving, system, incident, x):
    """Add the answer to incident flux to the solution for the radiating nodes, and solve for those below."""
    for j in range(system.answer.shape[0]):
        store(x, j, load(x, j) + load(system.answer, j) * incident)
    unfold(system.from_above, system.diagonal, x, first_folded(radiation, receiving))


@lean
def add_light(radiation, receiving, light, rate, systems):
    """Add the sunlight absorbed, from `light` of shape (kinds, LANES), to the nodes; return its sum."""
    if radiation is None:
        store(rate, 0, load(rate, 0) + load(light, DIRECT))
        return load(light, DIRECT)
    parts, absorbed = systems.parts, spread(0.0)
    beam_parts(radiation.beam, load(light, COSINE), parts)
    direct, scattered = load(light, DIRECT), load(light, SCATTERED)
    for node in range(parts.shape[0]):
        heat = direct * load(parts, node) + scattered * receiving.solar[node]
        store(rate, node, load(rate, node) + heat)
        absorbed += heat
    return absorbed


@lean
def set_brightening(radiation, receiving, light, change, brightening, systems):
    """Set the time derivative of the sunlight that the nodes absorb, shape (R, LANES) [W m⁻² s⁻¹]."""
    if radiation is None:
        store(brightening, 0, load(change, DIRECT))
    else:
        parts, slopes = systems.parts, systems.part_slopes
        beam_parts(radiation.beam, load(light, COSINE), parts)
        beam_slopes(radiation.beam, load(light, COSINE), slopes)
        brighter, higher = load(change, DIRECT), load(light, DIRECT) * load(change, COSINE)
        scattered = load(change, SCATTERED)
        for node in range(parts.shape[0]):
            direct = brighter * load(parts, node) + higher * load(slopes, node)
            store(brightening, node, direct + scattered * receiving.solar[node])


@lean
def add_brightening(brightening, weight, x):
    """Add the time derivative of the sunlight absorbed, times a weight, to `x`; return its sum."""
    absorbed = spread(0.0)
    for node in range(brightening.shape[0]):
        heat = weight * load(brightening, node)
        store(x, node, load(x, node) + heat)
        absorbed += heat
    return absorbed
