"""One solar day of all facets of a rough surface, coupled within every stage of a step.

The method is that of `tmx.physics.day`. Each column is a linear system of its own; what the facets send each other adds
one unknown per facet, the flux that falls on it. Columns answer to that flux in proportion, so that a stage solves all
columns as if nothing fell on them, then the fluxes, and adds the answers: the coupling is as implicit as the
conduction.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.column import Column
from tmx.physics.compiled import kernel, lean, part, spliced
from tmx.physics.conduction import heat_from_below
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.day import (
    ABSORBED,
    COLDEST,
    EMITTED,
    FINISHED,
    FROM_BELOW,
    HOTTEST,
    MEAN,
    SMALLEST_STEP,
    STEP_TOO_SMALL,
    TIME_OF_HOTTEST,
    TOO_MANY_STEPS,
    DaySummary,
    step_for,
)
from tmx.physics.enthalpy import enthalpies_of
from tmx.physics.materials import FloatArray
from tmx.physics.rosenbrock import (
    GAMMA,
    RATE_WEIGHT,
    STAGE_TIME,
    STAGES,
    STATE_WEIGHT,
    TIME_DERIVATIVE,
)
from tmx.physics.roughness.columns import (
    advance,
    conduct,
    conduct_in_stage,
    expand,
    fold_right_hand_side,
    link_derivatives,
)
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


class FacetMeans(NamedTuple):
    """Day means that linearise a day of all facets; B blocks, n nodes, R radiating nodes.

    Attributes
    ----------
    heat_capacity : ndarray, shape (B, n, LANES)
        Heat capacity per area of the nodes [J m⁻² K⁻¹].
    from_above, from_below : ndarray, shape (B, n - 1, LANES)
        Derivative of the flux of a link to the temperature of its upper and lower node [W m⁻² K⁻¹].
    slope : ndarray, shape (B, R, LANES)
        Derivatives of emission to the temperature of the radiating nodes.
    temperature : ndarray, shape (B, n, LANES)
        Temperature of the nodes [K].
    """

    heat_capacity: FloatArray
    from_above: FloatArray
    from_below: FloatArray
    slope: FloatArray
    temperature: FloatArray


class _Work(NamedTuple):
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


def empty_means(column: Column, radiating: int, blocks: int) -> FacetMeans:
    """Return day means of all facets, all zero."""
    n = column.mass.size
    nodes, links = (blocks, n, LANES), (blocks, n - 1, LANES)
    return FacetMeans(
        np.zeros(nodes), np.zeros(links), np.zeros(links), np.zeros((blocks, radiating, LANES)), np.zeros(nodes)
    )


@part
def _make_work(systems, kinds):
    blocks, n, radiating = systems.diagonal.shape[0], systems.diagonal.shape[1], systems.slope.shape[1]
    return _Work(
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
def _linearise(column, radiation, receiving, temperature, system):
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
def _step(column, radiation, receiving, coupling, light, lit, t, h, temperature, work):
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
def _add_means(systems, b, capacity, temperature, weight, means):
    """Add a time, with its quadrature weight, to the means of a block; its system is linearised there."""
    for j in range(temperature.shape[0]):
        _add_weighted(means.heat_capacity[b], weight, capacity, j)
        _add_weighted(means.temperature[b], weight, temperature, j)
    for j in range(temperature.shape[0] - 1):
        _add_weighted(means.from_above[b], weight, systems.from_above[b], j)
        _add_weighted(means.from_below[b], weight, systems.from_below[b], j)
    for j in range(systems.slope.shape[1]):
        _add_weighted(means.slope[b], weight, systems.slope[b], j)


@lean
def _add_weighted(sums, weight, values, j):
    store(sums, j, load(sums, j) + weight * load(values, j))


@lean
def _see(radiation, receiving, coupling, temperature, work, seen):
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


@lean
def _record_extremes(coupling, seen, t, weight, tally):
    """Add the seen temperatures at a time, with its quadrature weight, to the running tally."""
    whole = coupling.share.sum()
    for b in range(seen.shape[0]):
        for f in range(LANES):
            share = coupling.share[b, f]
            if share > 0.0:
                if seen[b, f] > tally[HOTTEST]:
                    tally[HOTTEST], tally[TIME_OF_HOTTEST] = seen[b, f], t
                tally[COLDEST] = min(tally[COLDEST], seen[b, f])
                tally[MEAN] += weight * seen[b, f] * share / whole


@lean
def _stored(coupling, heat):
    """Return the heat of all columns per area of the element [J m⁻²]."""
    sums = spread(0.0)
    for b in range(heat.shape[0]):
        share = load(coupling.share, b)
        for j in range(heat.shape[1]):
            sums += share * load(heat[b], j)
    return total(sums)


@kernel
def integrate_facets(
    column,
    radiation,
    receiving,
    coupling,
    light,
    systems,
    mesh,
    lit,
    kept,
    tolerance,
    energy,
    temperature,
    profiles,
    trace,
    means,
    record,
):
    """Integrate all facets over the mesh of one day, in place; P facets in B blocks.

    Parameters
    ----------
    column : Column
        The network of nodes and links of every facet, n nodes.
    radiation : Radiation or None
        Radiation operator of the uppermost layer; None where facets are opaque.
    receiving : Receiving
        What a facet does with radiation that falls on it.
    coupling : Coupling
        Exchange of thermal radiation.
    light : Light
        Sunlight.
    systems : Systems
        Scratch.
    mesh : ndarray, shape (m + 1,)
        Times [s] at which steps must end.
    lit : ndarray of bool, shape (m,)
        Whether the sun is up in each interval.
    kept : ndarray of int, shape (m,)
        Row of `profiles` that receives the temperatures at the start of each interval; none if negative.
    tolerance, energy : float
        As in `integrate_day`.
    temperature : ndarray, shape (B, n, LANES)
        Temperatures [K] at the start, where massless nodes agree with the others; replaced by those at the end.
    profiles : ndarray, shape (rows, B, n, LANES)
        Receives temperatures [K].
    trace : ndarray
        Receives the times at which accepted steps end [s]; no more steps are taken than it holds.
    means : FacetMeans
        Receives the day means; zero at the start.
    record : bool
        Gather the extremes and the mean of what is seen as well.

    Returns
    -------
    DaySummary
        Energies are per area of the element; extremes are those of all facets.
    """
    work = _make_work(systems, light.value.shape[2])
    tally, seen = np.zeros(7), np.zeros_like(work.own)
    day = mesh[-1] - mesh[0]
    work.heat[:] = enthalpies_of(column, temperature)
    for b in range(temperature.shape[0]):
        expand(column, temperature[b], work.heat[b], work.capacity[b], work.bends[b])
        _linearise(column, radiation, receiving, temperature[b], system_of(systems, b))
    stored = -_stored(coupling, work.heat)
    tally[COLDEST] = math.inf
    steps, rejected, status = 0, 0, FINISHED
    suggestion, before = 1e-3 * day, 0.0
    for interval in range(lit.size):
        t, end = mesh[interval], mesh[interval + 1]
        if kept[interval] >= 0:
            profiles[kept[interval]] = temperature
        growth = 5.0
        while t < end and status == FINISHED:
            h = end - t
            if not math.isinf(tolerance) and suggestion < h:
                h = min(suggestion, 0.5 * h)
            error = _step(column, radiation, receiving, coupling, light, lit[interval], t, h, temperature, work)
            if energy > 0.0 and not math.isinf(tolerance):
                error = max(error, tolerance * abs(work.budget_stage[STAGES - 1, ABSORBED]) / energy)
            if error > tolerance or math.isinf(error):
                suggestion = step_for(error, tolerance, h, h)
                growth = 1.0
                rejected += 1
                if suggestion < SMALLEST_STEP * day or math.isinf(tolerance):
                    status = STEP_TOO_SMALL
                if math.isinf(error):
                    work.incident[:] = 0.0  # the next iteration begins with it
                continue
            weight = 0.5 * (before + h) / day
            if record:
                _see(radiation, receiving, coupling, temperature, work, seen)
                _record_extremes(coupling, seen, t, weight, tally)
            for b in range(temperature.shape[0]):
                _add_means(systems, b, work.capacity[b], temperature[b], weight, means)
                last = STATE_WEIGHT[STAGES - 1]
                advance(column, last, work.stage[b], temperature[b], work.heat[b], work.capacity[b], work.bends[b])
                _linearise(column, radiation, receiving, temperature[b], system_of(systems, b))
            for k in range(work.budget.size):
                tally[k] += work.budget[k]
            before = h
            if not math.isinf(tolerance):
                suggestion = step_for(error, tolerance, h, growth * max(suggestion, h))
            growth = 5.0
            t = end if h == end - t else t + h
            trace[steps] = t
            steps += 1
            if steps == trace.size and t < mesh[-1]:
                status = TOO_MANY_STEPS
    for b in range(temperature.shape[0]):
        _add_means(systems, b, work.capacity[b], temperature[b], 0.5 * before / day, means)
    if record:
        _see(radiation, receiving, coupling, temperature, work, seen)
        _record_extremes(coupling, seen, mesh[-1], 0.5 * before / day, tally)
    return DaySummary(
        status,
        steps,
        rejected,
        tally[ABSORBED],
        tally[EMITTED],
        tally[FROM_BELOW],
        stored + _stored(coupling, work.heat),
        tally[HOTTEST],
        tally[TIME_OF_HOTTEST],
        tally[COLDEST],
        tally[MEAN],
    )


@kernel
def seen_facets(radiation, receiving, coupling, systems, profiles):
    """Return the temperatures that are seen of facets [K], shape (rows, B, LANES), for rows of states."""
    work = _make_work(systems, 1)
    seen = np.empty((profiles.shape[0], *work.own.shape))
    for i in range(profiles.shape[0]):
        _see(radiation, receiving, coupling, profiles[i], work, seen[i])
    return seen


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
    work = _make_work(systems, light.shape[1])
    change, last = np.empty_like(temperature), column.mass.size - 1
    for b in range(temperature.shape[0]):
        system = system_of(systems, b)
        _linearise(column, radiation, receiving, temperature[b], system)
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
