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
from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.sunlight import DIRECT


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
    """

    from_above: FloatArray
    from_below: FloatArray
    diagonal: FloatArray
    factor: FloatArray
    slope: FloatArray
    answer: FloatArray
    gain: FloatArray


class System(NamedTuple):
    """The part of `Systems` that is one block's."""

    from_above: FloatArray
    from_below: FloatArray
    diagonal: FloatArray
    factor: FloatArray
    slope: FloatArray
    answer: FloatArray
    gain: FloatArray


def make_systems(column: Column, receiving: Receiving, blocks: int) -> Systems:
    """Return empty systems."""
    n, radiating = column.mass.size, receiving.thermal.size
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
    )


@part
def emission_slopes(radiation, receiving, temperature, slope):
    """Set the derivatives of emission to the temperatures of the radiating nodes."""
    for f in range(LANES):
        slope[0, f] = 4.0 * receiving.emissivity * STEFAN_BOLTZMANN * temperature[0, f] ** 3


@part
def emit(radiation, receiving, temperature, rate, own):
    """Take what the nodes radiate from their heat `rate` [W m⁻²]; set `own`, shape (LANES,), to what leaves upward."""
    for f in range(LANES):
        own[f] = receiving.emissivity * STEFAN_BOLTZMANN * temperature[0, f] ** 4
        rate[0, f] -= own[f]


@part
def factorise(column, radiation, receiving, lowest, inertia, system):
    """Factorise inertia − J of a block, and set its answer to incident flux and its gain.

    The derivatives of links and emission are in the system; `lowest` is the temperature of the lowest nodes [K].
    """
    diagonal = system.diagonal
    set_diagonal(column, lowest, inertia, system.from_above, system.from_below, diagonal)
    for f in range(LANES):
        diagonal[0, f] += system.slope[0, f]
    fold(system.from_above, system.from_below, diagonal, system.factor, 0)
    answer = system.answer
    for j in range(answer.shape[0]):
        for f in range(LANES):
            answer[j, f] = receiving.thermal[j] if j < receiving.thermal.size else 0.0
    unfold(system.from_above, diagonal, answer, 0)
    for f in range(LANES):
        system.gain[f] = system.slope[0, f] * answer[0, f]


@part
def substitute(radiation, system, x, own):
    """Solve the factorised system of a block in place; add the change of own emission to `own`, shape (LANES,)."""
    fold_right_hand_side(system.factor, x, 0)
    unfold(system.from_above, system.diagonal, x, 0)
    for f in range(LANES):
        own[f] += system.slope[0, f] * x[0, f]


@part
def receive(receiving, incident, rate):
    """Add the heat of an incident thermal flux, shape (LANES,), to the nodes."""
    for j in range(receiving.thermal.size):
        for f in range(LANES):
            rate[j, f] += receiving.thermal[j] * incident[f]


@part
def add_light(radiation, light, rate, absorbed):
    """Add the sunlight absorbed, from `light` of shape (kinds, LANES), to the nodes; set `absorbed` to its sum."""
    for f in range(LANES):
        rate[0, f] += light[DIRECT, f]
        absorbed[f] = light[DIRECT, f]


@part
def add_light_change(radiation, light, change, weight, x, absorbed):
    """Add the time derivative of the sunlight absorbed, times a weight, to `x`; and to `absorbed` its sum."""
    for f in range(LANES):
        x[0, f] += weight * change[DIRECT, f]
        absorbed[f] += weight * change[DIRECT, f]
