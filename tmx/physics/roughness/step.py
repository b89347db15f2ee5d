"""One step of all facets of a rough surface, coupled within every stage.

The method is that of `tmx.physics.day`. Each column is a linear system of its own; what the facets send each other adds
one unknown per facet, the flux that falls on it. Columns answer to that flux in proportion, so that a stage solves all
columns as if nothing fell on them, then the fluxes, and adds the answers: the coupling is as implicit as the
conduction.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import lean, part, spliced
from tmx.physics.conduction import heat_from_below
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.day import ABSORBED, EMITTED, FROM_BELOW
from tmx.physics.materials import FloatArray
from tmx.physics.rosenbrock import GAMMA, RATE_WEIGHT, STAGE_TIME, STAGES, STATE_WEIGHT, TIME_DERIVATIVE
from tmx.physics.roughness.columns import conduct_in_stage, link_derivatives
from tmx.physics.roughness.coupling import incident_fluxes
from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.sunlight import light_at, light_change
from tmx.physics.roughness.surface import (
    Systems,
    add_brightening,
    add_incident,
    add_light,
    emission_slopes,
    emit,
    factorise,
    first_folded,
    respond,
    set_brightening,
    system_of,
)
from tmx.physics.roughness.vectors import largest, load, spread, store, total

ASTRAY = 20.0
"""Error estimate of a single facet, over the tolerance, that is not accepted whatever the others are."""


class Work(NamedTuple):
    """State and scratch of the integrator; B blocks, n nodes, R radiating nodes.

    Attributes
    ----------
    systems : Systems
        Linear systems.
    heat, capacity : ndarray, shape (B, n, LANES)
        Heat per area [J m⁻²] and heat capacity per area [J m⁻² K⁻¹].
    bends : ndarray, shape (B, 2, n, LANES)
        Expansion of temperature in heat.
    stage : ndarray, shape (B, STAGES · n, LANES)
        Stages of the step [K].
    argument, unused : ndarray, shape (R, LANES)
        Temperatures of the radiating nodes within a stage [K], and a place for heat that nobody asks for.
    light, light_before, light_change : ndarray, shape (B, kinds, LANES)
        Sunlight within a stage, at the start of the step, and its time derivative there.
    brightening : ndarray, shape (B, R, LANES)
        Time derivative of the sunlight that nodes absorb [W m⁻² s⁻¹].
    own, absorbed, from_below, incident : ndarray, shape (B, LANES)
        Own emission, sunlight, heat from below and thermal radiation that falls on facets, within a stage [W m⁻²].
    still : ndarray, shape (B, LANES)
        Gain of facets whose temperatures do not answer: 0.
    spare : ndarray, shape (2, B, LANES)
        Scratch of the exchange.
    budget : ndarray, shape (3,)
        Energies of the step per area of the element [J m⁻²].
    budget_stage : ndarray, shape (STAGES, 3)
        The same of the stages.
    """

    systems: Systems
    heat: FloatArray
    capacity: FloatArray
    bends: FloatArray
    stage: FloatArray
    argument: FloatArray
    unused: FloatArray
    light: FloatArray
    light_before: FloatArray
    light_change: FloatArray
    brightening: FloatArray
    own: FloatArray
    absorbed: FloatArray
    from_below: FloatArray
    incident: FloatArray
    still: FloatArray
    spare: FloatArray
    budget: FloatArray
    budget_stage: FloatArray


@part
def make_work(systems, kinds):
    """Return scratch for linear systems and kinds of sunlight."""
    blocks, n, radiating = systems.diagonal.shape[0], systems.diagonal.shape[1], systems.slope.shape[1]
    return Work(
        systems,
        np.zeros((blocks, n, LANES)),
        np.zeros((blocks, n, LANES)),
        np.zeros((blocks, 2, n, LANES)),
        np.zeros((blocks, STAGES * n, LANES)),
        np.zeros((radiating, LANES)),
        np.zeros((radiating, LANES)),
        np.zeros((blocks, kinds, LANES)),
        np.zeros((blocks, kinds, LANES)),
        np.zeros((blocks, kinds, LANES)),
        np.zeros((blocks, radiating, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((2, blocks, LANES)),
        np.zeros(3),
        np.zeros((STAGES, 3)),
    )


@lean
def linearise(column, radiation, receiving, temperature, system):
    """Set the derivatives of links and emission of a block."""
    link_derivatives(column, temperature, system.from_above, system.from_below)
    emission_slopes(radiation, receiving, temperature, system.slope)


@spliced
def _begin_stage(column, radiation, receiving, lit, q, h, b, temperature, work):
    """Solve a stage of a block for the radiating nodes as if no thermal radiation fell on it."""
    system, stages, n = system_of(work.systems, b), work.stage[b], temperature.shape[1]
    stage, first = stages[q * n : (q + 1) * n], first_folded(radiation, receiving)
    state = (temperature[b], work.capacity[b], work.bends[b, 0], work.bends[b, 1])
    state_weights, rate_weights = STATE_WEIGHT[q], RATE_WEIGHT[q]
    lowest = conduct_in_stage(
        column, state_weights, rate_weights, q, h, stages, state, system.factor, first, work.argument
    )
    own, absorbed = emit(radiation, receiving, work.argument, stage, work.systems.scratch), spread(0.0)
    if lit:
        absorbed = add_light(radiation, receiving, work.light[b], stage, work.systems)
        absorbed += add_brightening(work.brightening[b], TIME_DERIVATIVE[q] * h, stage)
    store(work.own, b, own + respond(radiation, system, stage, work.systems.scratch))
    store(work.absorbed, b, absorbed)
    store(work.from_below, b, heat_from_below(column, lowest))


@spliced
def _end_stage(column, radiation, receiving, coupling, q, b, temperature, work):
    """Solve a stage of a block, given the thermal radiation that falls on it, and add its part to the budget."""
    n, incident, share = temperature.shape[1], load(work.incident, b), load(coupling.share, b)
    stage = work.stage[b, q * n : (q + 1) * n]
    add_incident(radiation, receiving, system_of(work.systems, b), incident, stage)
    lowest, gain = load(temperature[b], n - 1), load(work.systems.gain, b)
    bottom = column.bottom_conductance * (1.0 + column.bottom_radiative * (lowest * lowest * lowest))
    emitted = load(work.own, b) + (gain - (1.0 - coupling.reflected)) * incident
    budget = work.budget_stage[q]
    budget[ABSORBED] += total(share * load(work.absorbed, b))
    budget[EMITTED] += total(share * emitted)
    budget[FROM_BELOW] += total(share * (load(work.from_below, b) - bottom * load(stage, n - 1)))


@lean
def take_step(column, radiation, receiving, coupling, light, lit, t, h, temperature, work):
    """Take one step of all facets and return its error estimate [K].

    Leaves in the last stage of `work.stage` the change of state from the argument of that stage, and in `work.budget`
    the energies of the step per area of the element [J m⁻²].
    """
    blocks, systems, n = temperature.shape[0], work.systems, temperature.shape[1]
    for b in range(blocks):
        system, lowest, scale = system_of(systems, b), load(temperature[b], n - 1), 1.0 / (GAMMA * h)
        gain = factorise(column, radiation, receiving, lowest, work.capacity[b], scale, system, systems.scratch)
        store(systems.gain, b, gain)
    if lit:
        light_at(light, t, work.light_before)
        light_change(light, t, work.light_change)
        for b in range(blocks):
            before, change = work.light_before[b], work.light_change[b]
            set_brightening(radiation, receiving, before, change, work.brightening[b], systems)
    work.budget_stage[:] = 0.0
    for q in range(STAGES + 1):
        if lit and q < STAGES:
            light_at(light, t + STAGE_TIME[q] * h, work.light)
        for b in range(blocks):  # what ends and begins of a block meets in the cache
            if q > 0:
                _end_stage(column, radiation, receiving, coupling, q - 1, b, temperature, work)
            if q < STAGES:
                _begin_stage(column, radiation, receiving, lit, q, h, b, temperature, work)
        if q < STAGES:
            incident_fluxes(coupling, coupling.sky, work.own, systems.gain, work.incident, work.spare)
    for k in range(work.budget.size):
        for q in range(STAGES):
            flux = h * work.budget_stage[q, k]
            for p in range(q):
                flux += RATE_WEIGHT[q, p] * work.budget_stage[p, k]
            work.budget_stage[q, k] = GAMMA * flux
        work.budget[k] = work.budget_stage[STAGES - 1, k]
        for p in range(STAGES - 1):
            work.budget[k] += STATE_WEIGHT[STAGES - 1, p] * work.budget_stage[p, k]
    return _error(coupling, work.stage)


@spliced
def _error(coupling, stages):
    """Return the error estimate of a step [K]: the largest of every facet, and of these the RMS by area.

    One facet at the edge of a shadow does not rule the steps of all, unless it goes astray. Infinite if any temperature
    is not a number.
    """
    squares, whole, worst, sums = 0.0, 0.0, 0.0, spread(0.0)
    n = stages.shape[1] // STAGES
    for b in range(stages.shape[0]):
        block, highest = stages[b], spread(0.0)
        for j in range((STAGES - 1) * n, STAGES * n):
            magnitude = np.abs(load(block, j))
            highest = np.maximum(highest, magnitude)
            sums += magnitude
        share = load(coupling.share, b)
        squares += total(share * highest * highest)
        whole += total(share)
        worst = max(worst, largest(highest))
    return max(math.sqrt(squares / whole), worst / ASTRAY) if math.isfinite(total(sums)) else math.inf


@lean
def see(radiation, receiving, coupling, temperature, work, seen):
    """Set `seen`, shape (B, LANES), to the temperatures that are seen of facets [K], as of a flat surface."""
    if radiation is None:
        for b in range(temperature.shape[0]):
            store(seen, b, load(temperature[b], 0))
        return
    for b in range(temperature.shape[0]):
        store(work.own, b, emit(radiation, receiving, temperature[b], work.unused, work.systems.scratch))
    incident_fluxes(coupling, coupling.sky, work.own, work.still, work.incident, work.spare)
    for b in range(temperature.shape[0]):
        for f in range(LANES):
            upward = work.own[b, f] + coupling.reflected * work.incident[b, f]
            seen[b, f] = (upward / STEFAN_BOLTZMANN) ** 0.25
