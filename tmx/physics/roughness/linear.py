"""Linear problems of all facets of a rough surface: those of its day means, and Newton's of its balance."""

import numpy as np

from tmx.physics.compiled import kernel, lean
from tmx.physics.conduction import heat_from_below
from tmx.physics.roughness.columns import conduct, fold_right_hand_side
from tmx.physics.roughness.coupling import incident_fluxes
from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.step import linearise, make_work
from tmx.physics.roughness.surface import add_incident, add_light, emit, factorise, first_folded, respond, system_of
from tmx.physics.roughness.vectors import load, spread, store, total


@kernel
def solve_linearised_facets(column, radiation, receiving, coupling, systems, inertia, source):
    """Solve (inertia − J) x = source for all facets, in place in `source`, shape (B, n, LANES).

    The derivatives that make up J are in `systems`; `inertia`, shape (B, n, LANES), is in W m⁻² K⁻¹.
    """
    shape = (source.shape[0], LANES)
    own, incident, nothing, spare = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.empty((2, *shape))
    fixed = spread(column.bottom_temperature)
    for b in range(source.shape[0]):
        _solve_alone(column, radiation, receiving, fixed, inertia[b], b, source[b], systems, own)
    incident_fluxes(coupling, nothing, own, systems.gain, incident, spare)
    for b in range(source.shape[0]):
        add_incident(radiation, receiving, system_of(systems, b), load(incident, b), source[b])


@lean
def _solve_alone(column, radiation, receiving, lowest, inertia, b, x, systems, own):
    """Factorise the system of a block, and solve for the radiating nodes as if nothing fell on it."""
    system = system_of(systems, b)
    gain = factorise(column, radiation, receiving, lowest, inertia, 1.0, system, systems.scratch)
    store(systems.gain, b, gain)
    fold_right_hand_side(system.factor, x, first_folded(radiation, receiving))
    store(own, b, load(own, b) + respond(radiation, system, x, systems.scratch))


@kernel
def facets_newton_change(column, radiation, receiving, coupling, systems, light, inertia, temperature):
    """Return the change of all facets towards their balance under steady sunlight, `light` of shape (B, kinds, LANES).

    Nodes with an inertia, of shape (n, LANES), are held at their temperatures.

    Returns
    -------
    change : ndarray, shape (B, n, LANES)
        Change of temperature [K].
    absorbed, lost, from_below : float
        Sunlight absorbed, thermal radiation lost and heat from below, per area of the element, before it [W m⁻²].
    """
    work = make_work(systems, light.shape[1])
    change, last = np.empty_like(temperature), column.mass.size - 1
    for b in range(temperature.shape[0]):
        system = system_of(systems, b)
        linearise(column, radiation, receiving, temperature[b], system)
        lowest = conduct(column, temperature[b], change[b])
        store(work.own, b, emit(radiation, receiving, temperature[b], change[b], systems.scratch))
        store(work.absorbed, b, add_light(radiation, receiving, light[b], change[b], systems))
        store(work.from_below, b, heat_from_below(column, lowest))
    incident_fluxes(coupling, coupling.sky, work.own, work.still, work.incident, work.spare)
    absorbed, lost, below = 0.0, 0.0, 0.0
    for b in range(temperature.shape[0]):
        share = load(coupling.share, b)
        absorbed += total(share * load(work.absorbed, b))
        lost += total(share * (load(work.own, b) - (1.0 - coupling.reflected) * load(work.incident, b)))
        below += total(share * load(work.from_below, b))
    for b in range(temperature.shape[0]):
        for j in range(last + 1):
            if inertia[j, 0] > 0.0:
                change[b, j] = 0.0
        lowest = load(temperature[b], last)
        _solve_alone(column, radiation, receiving, lowest, inertia, b, change[b], systems, work.own)
    incident_fluxes(coupling, coupling.sky, work.own, systems.gain, work.incident, work.spare)
    for b in range(temperature.shape[0]):
        add_incident(radiation, receiving, system_of(systems, b), load(work.incident, b), change[b])
    return change, absorbed, lost, below
