"""One solar day of all facets of a rough surface, step by step (`tmx.physics.roughness.step`)."""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.column import Column
from tmx.physics.compiled import kernel, lean
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
from tmx.physics.rosenbrock import STAGES, STATE_WEIGHT
from tmx.physics.roughness.columns import advance, expand
from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.step import linearise, make_work, see, take_step
from tmx.physics.roughness.surface import system_of
from tmx.physics.roughness.vectors import load, spread, store, total


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


def empty_means(column: Column, radiating: int, blocks: int) -> FacetMeans:
    """Return day means of all facets, all zero."""
    n = column.mass.size
    nodes, links = (blocks, n, LANES), (blocks, n - 1, LANES)
    return FacetMeans(
        np.zeros(nodes), np.zeros(links), np.zeros(links), np.zeros((blocks, radiating, LANES)), np.zeros(nodes)
    )


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
    work = make_work(systems, light.value.shape[2])
    tally, seen = np.zeros(7), np.zeros_like(work.own)
    day = mesh[-1] - mesh[0]
    work.heat[:] = enthalpies_of(column, temperature)
    for b in range(temperature.shape[0]):
        expand(column, temperature[b], work.heat[b], work.capacity[b], work.bends[b])
        linearise(column, radiation, receiving, temperature[b], system_of(systems, b))
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
            error = take_step(column, radiation, receiving, coupling, light, lit[interval], t, h, temperature, work)
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
                see(radiation, receiving, coupling, temperature, work, seen)
                _record_extremes(coupling, seen, t, weight, tally)
            for b in range(temperature.shape[0]):
                _add_means(systems, b, work.capacity[b], temperature[b], weight, means)
                last = STATE_WEIGHT[STAGES - 1]
                advance(column, last, work.stage[b], temperature[b], work.heat[b], work.capacity[b], work.bends[b])
                linearise(column, radiation, receiving, temperature[b], system_of(systems, b))
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
        see(radiation, receiving, coupling, temperature, work, seen)
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
    work = make_work(systems, 1)
    seen = np.empty((profiles.shape[0], *work.own.shape))
    for i in range(profiles.shape[0]):
        see(radiation, receiving, coupling, profiles[i], work, seen[i])
    return seen
