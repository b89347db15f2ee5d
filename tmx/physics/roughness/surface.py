"""How the facets of a block exchange radiation with what is above them, and the linear systems of their columns.

Facets are either opaque (`radiation` is None) or regolith that radiation goes through; the compiler drops the branch
that does not apply. Arrays have the shape (n, LANES), or (LANES,) for what there is one of per facet.
"""

from typing import NamedTuple

import numpy as np

from tmx.physics.column import Column
from tmx.physics.compiled import part
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.columns import fold, fold_right_hand_side, set_diagonal, unfold
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
    answer : ndarray, shape (B, n, LANES)
        Change of temperature per unit of incident thermal flux [K m² W⁻¹].
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
    gain: FloatArray
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
        np.zeros(nodes),
        np.zeros((blocks, LANES)),
        make_inverses(exchange, blocks),
        np.zeros((radiating, LANES)),
        np.zeros((radiating, LANES)),
        make_scratch(exchange),
    )


@part
def system_of(systems, b):
    """Return the system of a block."""
    return System(
        systems.from_above[b],
        systems.from_below[b],
        systems.diagonal[b],
        systems.factor[b],
        systems.slope[b],
        systems.answer[b],
        systems.gain[b],
        systems.inverse[b],
    )


@part
def emission_slopes(radiation, receiving, temperature, slope):
    """Set the derivatives of emission to the temperatures of the radiating nodes."""
    if radiation is None:
        for f in range(LANES):
            slope[0, f] = 4.0 * receiving.emissivity * STEFAN_BOLTZMANN * temperature[0, f] ** 3
    else:
        planck_slopes(temperature, slope)


@part
def emit(radiation, receiving, temperature, rate, own, scratch):
    """Add what the nodes radiate to their heat `rate` [W m⁻²]; set `own`, shape (LANES,), to what leaves upward."""
    if radiation is None:
        for f in range(LANES):
            own[f] = receiving.emissivity * STEFAN_BOLTZMANN * temperature[0, f] ** 4
            rate[0, f] -= own[f]
    else:
        radiate(radiation.exchange, temperature, rate, own, scratch)


@part
def factorise(column, radiation, receiving, lowest, inertia, system, scratch):
    """Factorise inertia − J of a block, and set its answer to incident flux and its gain.

    The derivatives of links and emission are in the system; `lowest` is the temperature of the lowest nodes [K].
    """
    diagonal, answer, gain = system.diagonal, system.answer, system.gain
    set_diagonal(column, lowest, inertia, system.from_above, system.from_below, diagonal)
    if radiation is None:
        for f in range(LANES):
            diagonal[0, f] += system.slope[0, f]
        fold(system.from_above, system.from_below, diagonal, system.factor, 0)
    else:
        fold(system.from_above, system.from_below, diagonal, system.factor, system.slope.shape[0])
        factorise_blocks(
            scratch.blocks,
            system.slope,
            system.from_above,
            system.from_below,
            diagonal,
            system.inverse,
            scratch.spare,
        )
    answer[:] = 0.0
    for j in range(receiving.thermal.size):
        for f in range(LANES):
            answer[j, f] = receiving.thermal[j]
    gain[:] = 0.0
    substitute(radiation, system, answer, gain, scratch)


@part
def substitute(radiation, system, x, own, scratch):
    """Solve the factorised system of a block in place; add the change of own emission to `own`, shape (LANES,)."""
    if radiation is None:
        fold_right_hand_side(system.factor, x, 0)
        unfold(system.from_above, system.diagonal, x, 0)
        for f in range(LANES):
            own[f] += system.slope[0, f] * x[0, f]
    else:
        fold_right_hand_side(system.factor, x, system.slope.shape[0])
        substitute_radiating(radiation.exchange, system, x, own, scratch)
        unfold(system.from_above, system.diagonal, x, system.slope.shape[0])


@part
def add_light(radiation, receiving, light, rate, absorbed, systems):
    """Add the sunlight absorbed, from `light` of shape (kinds, LANES), to the nodes; add it to `absorbed` as well."""
    if radiation is None:
        for f in range(LANES):
            rate[0, f] += light[DIRECT, f]
            absorbed[f] += light[DIRECT, f]
    else:
        parts = systems.parts
        beam_parts(radiation.beam, light[COSINE], parts)
        for node in range(parts.shape[0]):
            for f in range(LANES):
                heat = light[DIRECT, f] * parts[node, f] + light[SCATTERED, f] * receiving.solar[node]
                rate[node, f] += heat
                absorbed[f] += heat


@part
def set_brightening(radiation, receiving, light, change, brightening, systems):
    """Set the time derivative of the sunlight that the nodes absorb, shape (R, LANES) [W m⁻² s⁻¹]."""
    if radiation is None:
        for f in range(LANES):
            brightening[0, f] = change[DIRECT, f]
    else:
        parts, slopes = systems.parts, systems.part_slopes
        beam_parts(radiation.beam, light[COSINE], parts)
        beam_slopes(radiation.beam, light[COSINE], slopes)
        for node in range(parts.shape[0]):
            for f in range(LANES):
                direct = change[DIRECT, f] * parts[node, f] + light[DIRECT, f] * change[COSINE, f] * slopes[node, f]
                brightening[node, f] = direct + change[SCATTERED, f] * receiving.solar[node]


@part
def add_brightening(brightening, weight, x, absorbed):
    """Add the time derivative of the sunlight absorbed, times a weight, to `x` and to `absorbed`."""
    for node in range(brightening.shape[0]):
        for f in range(LANES):
            heat = weight * brightening[node, f]
            x[node, f] += heat
            absorbed[f] += heat
