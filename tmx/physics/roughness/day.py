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
from tmx.physics.compiled import kernel, part, spliced
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
from tmx.physics.roughness.columns import advanced_temperatures, conduct, expand, link_derivatives
from tmx.physics.roughness.coupling import incident_fluxes
from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.sunlight import light_at, light_change
from tmx.physics.roughness.surface import (
    Systems,
    add_brightening,
    add_light,
    emission_slopes,
    emit,
    factorise,
    set_brightening,
    substitute,
    system_of,
)

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
    """State and scratch of the integrator; B blocks, n nodes, P facets."""

    systems: Systems
    heat: FloatArray
    capacity: FloatArray
    bends: FloatArray
    stage: FloatArray
    argument: FloatArray
    increment: FloatArray
    history: FloatArray
    inertia: FloatArray
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
    blocks, n = systems.diagonal.shape[0], systems.diagonal.shape[1]
    return _Work(
        systems,
        np.zeros((blocks, n, LANES)),
        np.zeros((blocks, n, LANES)),
        np.zeros((blocks, 2, n, LANES)),
        np.zeros((blocks, STAGES, n, LANES)),
        np.zeros((n, LANES)),
        np.zeros((n, LANES)),
        np.zeros((n, LANES)),
        np.zeros((n, LANES)),
        np.zeros((blocks, kinds, LANES)),
        np.zeros((blocks, kinds, LANES)),
        np.zeros((blocks, kinds, LANES)),
        np.zeros((blocks, systems.slope.shape[1], LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((blocks, LANES)),
        np.zeros((2, blocks, LANES)),
        np.zeros(3),
        np.zeros((STAGES, 3)),
    )


@part
def _combine(weights, others, stages, sums, other_sums):
    """Set two weighted sums of the stages of a block, as the method has it for the next; later stages weigh nothing."""
    first, second = sums.reshape(sums.size), other_sums.reshape(sums.size)
    a, b, c = stages[0].reshape(sums.size), stages[1].reshape(sums.size), stages[2].reshape(sums.size)
    d, e = stages[3].reshape(sums.size), stages[4].reshape(sums.size)
    wa, wb, wc, wd, we = weights[0], weights[1], weights[2], weights[3], weights[4]
    va, vb, vc, vd, ve = others[0], others[1], others[2], others[3], others[4]
    for i in range(first.size):
        first[i] = wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i] + we * e[i]
        second[i] = va * a[i] + vb * b[i] + vc * c[i] + vd * d[i] + ve * e[i]


@part
def _linearise(column, radiation, receiving, temperature, heat, capacity, bends, system):
    """Set the heat capacities and the derivatives of links and emission of a block."""
    expand(column, heat, capacity, bends)
    link_derivatives(column, temperature, system.from_above, system.from_below)
    emission_slopes(radiation, receiving, temperature, system.slope)


@spliced
def _begin_stage(column, radiation, receiving, lit, q, h, b, temperature, work):
    """Solve a stage of a block as if no thermal radiation fell on it; `work.own` receives what the facets emit then."""
    system, stages, own, absorbed = system_of(work.systems, b), work.stage[b], work.own[b], work.absorbed[b]
    capacity, stage = work.capacity[b], stages[q]
    _combine(STATE_WEIGHT[q], RATE_WEIGHT[q], stages, work.increment, work.history)
    _expanded(temperature[b], work.increment, work.bends[b], work.argument)
    conduct(column, work.argument, stage)
    emit(radiation, receiving, work.argument, stage, own, work.systems.scratch)
    _add_product(1.0 / h, capacity, work.history, stage)
    absorbed[:] = 0.0
    if lit:
        add_light(radiation, receiving, work.light[b], stage, absorbed, work.systems)
        add_brightening(work.brightening[b], TIME_DERIVATIVE[q] * h, stage, absorbed)
    last = work.argument.shape[0] - 1
    from_below = work.from_below[b]
    for f in range(LANES):
        from_below[f] = heat_from_below(column, work.argument[last, f])
    substitute(radiation, system, stage, own, work.systems.scratch)


@part
def _expanded(temperature, increment, bends, out):
    """Set `out` to temperatures after `increment` has been added, by their expansion (`columns.expand`)."""
    t, u, c = temperature.reshape(out.size), increment.reshape(out.size), out.reshape(out.size)
    first, second = bends[0].reshape(out.size), bends[1].reshape(out.size)
    for i in range(c.size):
        c[i] = t[i] + u[i] * (1.0 + u[i] * (first[i] + u[i] * second[i]))


@part
def _add(values, out):
    """Add values to a block."""
    a, c = values.reshape(out.size), out.reshape(out.size)
    for i in range(c.size):
        c[i] += a[i]


@part
def _add_product(factor, values, others, out):
    """Add factor · values · others, element by element, to a block."""
    a, b, c = values.reshape(out.size), others.reshape(out.size), out.reshape(out.size)
    for i in range(c.size):
        c[i] += factor * a[i] * b[i]


@spliced
def _end_stage(column, coupling, q, b, temperature, work):
    """Add the answer of a block to the thermal radiation that falls on it, and its part to the budget of the stage."""
    system, stage = system_of(work.systems, b), work.stage[b, q]
    incident, own, absorbed = work.incident[b], work.own[b], work.absorbed[b]
    from_below, share = work.from_below[b], coupling.share[b]
    for j in range(stage.shape[0]):
        for f in range(LANES):
            stage[j, f] += system.answer[j, f] * incident[f]
    budget, last = work.budget_stage[q], stage.shape[0] - 1
    kept = 1.0 - coupling.reflected
    for f in range(LANES):
        lowest = temperature[b, last, f]
        bottom = column.bottom_conductance * (1.0 + column.bottom_radiative * lowest**3)
        budget[ABSORBED] += share[f] * absorbed[f]
        budget[EMITTED] += share[f] * (own[f] + (system.gain[f] - kept) * incident[f])
        budget[FROM_BELOW] += share[f] * (from_below[f] - bottom * stage[last, f])


@spliced
def _step(column, radiation, receiving, coupling, light, lit, t, h, temperature, work):
    """Take one step of all facets and return its error estimate [K].

    Leaves in the last stage of `work.stage` the change of state from the argument of that stage, and in `work.budget`
    the energies of the step per area of the element [J m⁻²].
    """
    blocks = temperature.shape[0]
    for b in range(blocks):
        system, capacity = system_of(work.systems, b), work.capacity[b]
        _linearise(column, radiation, receiving, temperature[b], work.heat[b], capacity, work.bends[b], system)
        for j in range(capacity.shape[0]):
            for f in range(LANES):
                work.inertia[j, f] = capacity[j, f] / (GAMMA * h)
        factorise(column, radiation, receiving, temperature[b, -1], work.inertia, system, work.systems.scratch)
    if lit:
        light_at(light, t, work.light_before)
        light_change(light, t, work.light_change)
        for b in range(blocks):
            before, change = work.light_before[b], work.light_change[b]
            set_brightening(radiation, receiving, before, change, work.brightening[b], work.systems)
    gain = work.systems.gain
    for q in range(STAGES):
        if lit:
            light_at(light, t + STAGE_TIME[q] * h, work.light)
        for b in range(blocks):
            _begin_stage(column, radiation, receiving, lit, q, h, b, temperature, work)
        incident_fluxes(coupling, coupling.sky, work.own, gain, work.incident, work.spare)
        work.budget_stage[q] = 0.0
        for b in range(blocks):
            _end_stage(column, coupling, q, b, temperature, work)
        for k in range(work.budget.size):
            total = h * work.budget_stage[q, k]
            for p in range(q):
                total += RATE_WEIGHT[q, p] * work.budget_stage[p, k]
            work.budget_stage[q, k] = GAMMA * total
    for k in range(work.budget.size):
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
    total, whole, largest = 0.0, 0.0, 0.0
    most, sums = np.empty(LANES), np.zeros(LANES)
    for b in range(stages.shape[0]):
        last, share = stages[b, STAGES - 1], coupling.share[b]
        most[:] = 0.0
        for j in range(last.shape[0]):
            for f in range(LANES):
                magnitude = abs(last[j, f])
                most[f] = max(most[f], magnitude)
                sums[f] += magnitude
        for f in range(LANES):
            total += share[f] * most[f] * most[f]
            whole += share[f]
            largest = max(largest, most[f])
    return max(math.sqrt(total / whole), largest / ASTRAY) if math.isfinite(sums.sum()) else math.inf


@spliced
def _advance(column, temperature, work):
    """Move the state of all facets to the end of a step."""
    for b in range(temperature.shape[0]):
        stages, heat, capacity = work.stage[b], work.heat[b], work.capacity[b]
        _combine(STATE_WEIGHT[STAGES - 1], RATE_WEIGHT[STAGES - 1], stages, work.increment, work.history)
        _add(stages[STAGES - 1], work.increment)
        advanced_temperatures(column, temperature[b], heat, capacity, work.increment, work.argument)
        _add_product(1.0, capacity, work.increment, heat)
        temperature[b] = work.argument


@part
def _add_means(systems, b, capacity, temperature, weight, means):
    """Add a time, with its quadrature weight, to the means of a block; its system is linearised there."""
    for j in range(temperature.shape[0]):
        for f in range(LANES):
            means.heat_capacity[b, j, f] += weight * capacity[j, f]
            means.temperature[b, j, f] += weight * temperature[j, f]
    for j in range(temperature.shape[0] - 1):
        for f in range(LANES):
            means.from_above[b, j, f] += weight * systems.from_above[b, j, f]
            means.from_below[b, j, f] += weight * systems.from_below[b, j, f]
    for j in range(systems.slope.shape[1]):
        for f in range(LANES):
            means.slope[b, j, f] += weight * systems.slope[b, j, f]


@part
def _see(column, radiation, receiving, coupling, temperature, work, seen):
    """Set `seen`, shape (B, LANES), to the temperatures that are seen of facets [K], as of a flat surface."""
    if radiation is None:
        seen[:] = temperature[:, 0]
        return
    for b in range(temperature.shape[0]):
        emit(radiation, receiving, temperature[b], work.increment, work.own[b], work.systems.scratch)
    incident_fluxes(coupling, coupling.sky, work.own, work.still, work.incident, work.spare)
    for b in range(temperature.shape[0]):
        for f in range(LANES):
            upward = work.own[b, f] + coupling.reflected * work.incident[b, f]
            seen[b, f] = (upward / STEFAN_BOLTZMANN) ** 0.25


@part
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


@part
def _total(coupling, heat):
    """Return the heat of all columns per area of the element [J m⁻²]."""
    total = 0.0
    for b in range(heat.shape[0]):
        for j in range(heat.shape[1]):
            for f in range(LANES):
                total += coupling.share[b, f] * heat[b, j, f]
    return total


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
    stored = -_total(coupling, work.heat)
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
                    work.stage[:] = 0.0
                continue
            weight = 0.5 * (before + h) / day
            for b in range(temperature.shape[0]):
                _add_means(work.systems, b, work.capacity[b], temperature[b], weight, means)
            if record:
                _see(column, radiation, receiving, coupling, temperature, work, seen)
                _record_extremes(coupling, seen, t, weight, tally)
            _advance(column, temperature, work)
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
        system = system_of(systems, b)
        _linearise(column, radiation, receiving, temperature[b], work.heat[b], work.capacity[b], work.bends[b], system)
        _add_means(work.systems, b, work.capacity[b], temperature[b], 0.5 * before / day, means)
    if record:
        _see(column, radiation, receiving, coupling, temperature, work, seen)
        _record_extremes(coupling, seen, mesh[-1], 0.5 * before / day, tally)
    return DaySummary(
        status,
        steps,
        rejected,
        tally[ABSORBED],
        tally[EMITTED],
        tally[FROM_BELOW],
        stored + _total(coupling, work.heat),
        tally[HOTTEST],
        tally[TIME_OF_HOTTEST],
        tally[COLDEST],
        tally[MEAN],
    )


@kernel
def seen_facets(column, radiation, receiving, coupling, systems, profiles):
    """Return the temperatures that are seen of facets [K], shape (rows, B, LANES), for rows of states."""
    work = _make_work(systems, 1)
    seen = np.empty((profiles.shape[0], *work.own.shape))
    for i in range(profiles.shape[0]):
        _see(column, radiation, receiving, coupling, profiles[i], work, seen[i])
    return seen


@kernel
def solve_linearised_facets(column, radiation, receiving, coupling, systems, inertia, source):
    """Solve (inertia − J) x = source for all facets, in place in `source`, shape (B, n, LANES).

    The derivatives that make up J are in `systems`; `inertia`, shape (B, n, LANES), is in W m⁻² K⁻¹.
    """
    shape = (source.shape[0], LANES)
    own, incident, nothing, spare = np.zeros(shape), np.empty(shape), np.zeros(shape), np.empty((2, *shape))
    fixed = np.full(LANES, column.bottom_temperature)
    for b in range(source.shape[0]):
        system = system_of(systems, b)
        factorise(column, radiation, receiving, fixed, inertia[b], system, systems.scratch)
        substitute(radiation, system, source[b], own[b], systems.scratch)
    incident_fluxes(coupling, nothing, own, systems.gain, incident, spare)
    for b in range(source.shape[0]):
        answer, flux = systems.answer[b], incident[b]
        for j in range(source.shape[1]):
            for f in range(LANES):
                source[b, j, f] += answer[j, f] * flux[f]


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
        system, own, rate = system_of(systems, b), work.own[b], change[b]
        link_derivatives(column, temperature[b], system.from_above, system.from_below)
        emission_slopes(radiation, receiving, temperature[b], system.slope)
        conduct(column, temperature[b], rate)
        emit(radiation, receiving, temperature[b], rate, own, systems.scratch)
        add_light(radiation, receiving, light[b], rate, work.absorbed[b], systems)
        for f in range(LANES):
            work.from_below[b, f] = heat_from_below(column, temperature[b, last, f])
    incident_fluxes(coupling, coupling.sky, work.own, work.still, work.incident, work.spare)
    absorbed, lost, below = 0.0, 0.0, 0.0
    for b in range(temperature.shape[0]):
        for f in range(LANES):
            share = coupling.share[b, f]
            absorbed += share * work.absorbed[b, f]
            lost += share * (work.own[b, f] - (1.0 - coupling.reflected) * work.incident[b, f])
            below += share * work.from_below[b, f]
    for b in range(temperature.shape[0]):
        system, own = system_of(systems, b), work.own[b]
        factorise(column, radiation, receiving, temperature[b, last], inertia, system, systems.scratch)
        for j in range(last + 1):
            if inertia[j, 0] > 0.0:
                change[b, j] = 0.0
        substitute(radiation, system, change[b], own, systems.scratch)
    incident_fluxes(coupling, coupling.sky, work.own, systems.gain, work.incident, work.spare)
    for b in range(temperature.shape[0]):
        answer, incident = systems.answer[b], work.incident[b]
        for j in range(change.shape[1]):
            for f in range(LANES):
                change[b, j, f] += answer[j, f] * incident[f]
    return change, absorbed, lost, below
