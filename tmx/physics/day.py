"""One solar day of a column of regolith: the compiled heart of the thermal stage.

`integrate_day` carries a column from node to node of a time mesh, adapting its steps in between or taking exactly one
step per interval. `DayMeans` and `DaySummary` gather, during the same pass, what the periodic solution and the error
estimates need. Everything here works on the numbers of a `Column` and a `Sun`.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.column import Column
from tmx.physics.compiled import kernel, part, spliced
from tmx.physics.conduction import heat_from_below
from tmx.physics.energy import (
    System,
    add_sunlight,
    factorise_system,
    linearise,
    make_system,
    net_heat,
    seen_temperature,
    settle_massless,
    substitute_system,
    sunlight_change,
    warming,
)
from tmx.physics.enthalpy import advanced_temperatures, enthalpy_of, heat_capacities
from tmx.physics.materials import FloatArray
from tmx.physics.rosenbrock import (
    ERROR_ORDER,
    GAMMA,
    RATE_WEIGHT,
    STAGE_TIME,
    STAGES,
    STATE_WEIGHT,
    TIME_DERIVATIVE,
)
from tmx.physics.transfer.radiation import Radiation, planck_shape

FINISHED, TOO_MANY_STEPS, STEP_TOO_SMALL = 0, 1, 2

ABSORBED, EMITTED, FROM_BELOW, HOTTEST, TIME_OF_HOTTEST, COLDEST, MEAN = range(7)
"""Places in the running tally of a day; the first three are the budgets of a step as well."""

SMALLEST_STEP = 1e-13
"""Smallest step of the integrator, as a fraction of the day."""


class _Work(NamedTuple):
    """Scratch arrays of the integrator; n nodes."""

    system: System
    capacity: FloatArray
    increment: FloatArray
    argument: FloatArray
    start_slope: FloatArray
    end_slope: FloatArray
    sunlight_change: FloatArray
    slope: FloatArray
    seen: FloatArray
    stage: FloatArray
    budget: FloatArray
    budget_stage: FloatArray


class DayMeans(NamedTuple):
    """Day means that linearise a day; n nodes.

    Attributes
    ----------
    heat_capacity : ndarray, shape (n,)
        Heat capacity per area of the nodes [J m⁻² K⁻¹].
    from_above, from_below : ndarray, shape (n - 1,)
        Derivative of the flux of a link to the temperature of its upper and lower node [W m⁻² K⁻¹].
    emission : ndarray
        Derivatives of emission to temperature, those of `System.radiation.slope`.
    temperature : ndarray, shape (n,)
        Temperature of the nodes [K].
    """

    heat_capacity: FloatArray
    from_above: FloatArray
    from_below: FloatArray
    emission: FloatArray
    temperature: FloatArray


class DaySummary(NamedTuple):
    """What one day of integration came to.

    Attributes
    ----------
    status : int
        `FINISHED`, `TOO_MANY_STEPS` or `STEP_TOO_SMALL`.
    steps, rejected : int
        Accepted and rejected steps.
    absorbed, emitted, from_below : float
        Sunlight absorbed, net thermal radiation emitted, and heat that entered at the bottom, over the day [J m⁻²].
    stored : float
        Heat gained by the column [J m⁻²].
    hottest, time_of_hottest, coldest, mean : float
        Extremes and mean of the temperature that is seen from above [K], and when the highest came [s].
    """

    status: int
    steps: int
    rejected: int
    absorbed: float
    emitted: float
    from_below: float
    stored: float
    hottest: float
    time_of_hottest: float
    coldest: float
    mean: float


def empty_means(column: Column, radiation: Radiation | None) -> DayMeans:
    """Return day means of a column, all zero."""
    nodes = column.mass.size
    emission = np.zeros((1, 1) if radiation is None else planck_shape(radiation))
    return DayMeans(np.zeros(nodes), np.zeros(nodes - 1), np.zeros(nodes - 1), emission, np.zeros(nodes))


@part
def _make_work(column, radiation):
    """Return the scratch arrays for a column."""
    n = column.mass.size
    system = make_system(column, radiation)
    return _Work(
        system,
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty_like(system.radiation.slope),
        np.zeros(2),
        np.empty((STAGES, n)),
        np.empty(3),
        np.empty((STAGES, 3)),
    )


@part
def _weighted_sum(weights, stages, count, out):
    """Set `out` to Σ weights[p] stages[p] over the first `count` stages."""
    for j in range(out.size):
        out[j] = 0.0
    for p in range(count):
        weight = weights[p]
        if weight != 0.0:
            for j in range(out.size):
                out[j] += weight * stages[p, j]


@spliced
def _rosenbrock_step(column, radiation, sun, lit, t, h, temperature, heat, work):
    """Take one step and return its error estimate [K].

    Leaves the change of state in `work.increment`, the new temperatures in `work.argument`, and in `work.budget` the
    energies of the step [J m⁻²]: the budget is integrated by the same method as the state, so that it closes exactly.
    """
    system = work.system
    slope = system.radiation.slope
    heat_capacities(column, heat, work.capacity)
    linearise(column, radiation, temperature, system)
    bottom_slope = -column.bottom_conductance * (1.0 + column.bottom_radiative * temperature[-1] ** 3)
    for j in range(temperature.size):
        system.diagonal[j] += work.capacity[j] / (GAMMA * h)
    for k in range(slope.shape[0]):
        for j in range(slope.shape[1]):
            work.slope[k, j] = slope[k, j]
    factorise_system(radiation, work.slope, system)
    brightening = sunlight_change(sun, radiation, lit, t, work.sunlight_change)
    for q in range(STAGES):
        _weighted_sum(STATE_WEIGHT[q], work.stage, q, work.increment)
        advanced_temperatures(column, temperature, heat, work.capacity, work.increment, work.argument)
        emitted = net_heat(column, radiation, work.argument, system)
        absorbed = add_sunlight(sun, radiation, lit, t + STAGE_TIME[q] * h, system.rate)
        _weighted_sum(RATE_WEIGHT[q], work.stage, q, work.increment)
        stage = work.stage[q]
        early = TIME_DERIVATIVE[q] * h
        for j in range(temperature.size):
            stage[j] = system.rate[j] + work.capacity[j] * work.increment[j] / h + early * work.sunlight_change[j]
        emitted += substitute_system(radiation, work.slope, system, stage)
        work.budget_stage[q, ABSORBED] = absorbed + early * brightening
        work.budget_stage[q, EMITTED] = emitted
        work.budget_stage[q, FROM_BELOW] = heat_from_below(column, work.argument[-1]) + bottom_slope * stage[-1]
        _weighted_sum(RATE_WEIGHT[q], work.budget_stage, q, work.budget)
        for j in range(work.budget.size):
            work.budget_stage[q, j] = GAMMA * (h * work.budget_stage[q, j] + work.budget[j])
    _weighted_sum(STATE_WEIGHT[STAGES - 1], work.stage, STAGES - 1, work.increment)
    _weighted_sum(STATE_WEIGHT[STAGES - 1], work.budget_stage, STAGES - 1, work.budget)
    for k in range(work.budget.size):
        work.budget[k] += work.budget_stage[STAGES - 1, k]
    error, total = 0.0, 0.0
    for j in range(temperature.size):
        estimate = abs(work.stage[STAGES - 1, j])
        error = max(error, estimate)
        total += estimate
        work.increment[j] += work.stage[STAGES - 1, j]
    advanced_temperatures(column, temperature, heat, work.capacity, work.increment, work.argument)
    return error if math.isfinite(total) else math.inf


@part
def _add_jacobian(column, radiation, temperature, heat, weight, work, means):
    """Add a time, with its quadrature weight, to the means that linearise the day."""
    system = work.system
    heat_capacities(column, heat, work.capacity)
    linearise(column, radiation, temperature, system)
    slope = system.radiation.slope
    for k in range(slope.shape[0]):
        for j in range(slope.shape[1]):
            means.emission[k, j] += weight * slope[k, j]
    for j in range(temperature.size):
        means.heat_capacity[j] += weight * work.capacity[j]
    for j in range(temperature.size - 1):
        means.from_above[j] -= weight * system.lower[j + 1]
        means.from_below[j] -= weight * system.upper[j]


@part
def _add_temperature(temperature, slope, weight, correction, means):
    """Add one end of a step to the mean temperatures, by the trapezoid rule with its end correction."""
    for j in range(temperature.size):
        means.temperature[j] += weight * temperature[j] + correction * slope[j]


@part
def _hermite_extremes(start, start_slope, end, end_slope, h):
    """Return the highest value of the cubic through two ends, the fraction of h where it is, and the lowest value."""
    rise, a, b = end - start, start_slope * h, end_slope * h
    quadratic, cubic = 3.0 * rise - 2.0 * a - b, a + b - 2.0 * rise
    high, where, low = max(start, end), 0.0 if start > end else 1.0, min(start, end)
    discriminant = quadratic * quadratic - 3.0 * cubic * a
    if discriminant <= 0.0:
        return high, where, low
    root = math.sqrt(discriminant)
    for sign in (-1.0, 1.0):
        denominator = quadratic + sign * root
        x = -a / denominator if denominator != 0.0 else -1.0
        if 0.0 < x < 1.0:
            value = start + x * (a + x * (quadratic + x * cubic))
            if value > high:
                high, where = value, x
            low = min(low, value)
    return high, where, low


@part
def _total(values):
    """Return the sum of an array."""
    total = 0.0
    for value in values:
        total += value
    return total


@part
def step_for(error, tolerance, h, limit):
    """Return the step at which the error estimate, `error` at step h, would come to the tolerance; at most `limit`."""
    if not math.isfinite(error):
        return 0.1 * h
    if error == 0.0:
        return limit
    return min(limit, max(0.1 * h, 0.9 * h * (tolerance / error) ** (1.0 / ERROR_ORDER)))


@spliced
def _see(column, radiation, sun, lit, t, temperature, heat, work):
    """Set `work.end_slope` to the slopes at time t, and `work.seen` to the seen temperature and its slope."""
    heat_capacities(column, heat, work.capacity)
    warming(column, radiation, sun, lit, t, temperature, work.capacity, work.system, work.end_slope)
    seen = seen_temperature(column, radiation, temperature, work.end_slope, work.system)
    work.seen[0], work.seen[1] = seen[0], seen[1]


@spliced
def _accept_step(column, radiation, sun, lit, kink, t, h, day, temperature, heat, work, means, tally, record):
    """Move the state to the end of a step, and add the step to the means and extremes of the day."""
    n = temperature.size
    if record:
        if kink:
            _see(column, radiation, sun, lit, t, temperature, heat, work)
        for j in range(n):
            work.start_slope[j] = work.end_slope[j]
        _add_temperature(temperature, work.start_slope, 0.5 * h / day, h * h / (12.0 * day), means)
    before, rising = work.seen[0], work.seen[1]
    for k in range(work.budget.size):
        tally[k] += work.budget[k]
    _add_jacobian(column, radiation, temperature, heat, 0.5 * h / day, work, means)
    for j in range(n):
        heat[j] += work.capacity[j] * work.increment[j]
        temperature[j] = work.argument[j]
    _add_jacobian(column, radiation, temperature, heat, 0.5 * h / day, work, means)
    if record:
        _see(column, radiation, sun, lit, t + h, temperature, heat, work)
        _add_temperature(temperature, work.end_slope, 0.5 * h / day, -h * h / (12.0 * day), means)
        after, falling = work.seen[0], work.seen[1]
        tally[MEAN] += 0.5 * h / day * (before + after) + h * h / (12.0 * day) * (rising - falling)
        high, where, low = _hermite_extremes(before, rising, after, falling, h)
        if high > tally[HOTTEST]:
            tally[HOTTEST], tally[TIME_OF_HOTTEST] = high, t + where * h
        tally[COLDEST] = min(tally[COLDEST], low)


@kernel
def integrate_day(
    column, radiation, sun, mesh, lit, kept, tolerance, energy, temperature, profiles, trace, means, record
):
    """Integrate a column over the mesh of one day, in place.

    Parameters
    ----------
    column : Column
        The network of nodes and links, n nodes.
    radiation : Radiation or None
        Radiation operator of the uppermost layer; None where the surface is opaque.
    sun : Sun
        Sunlight.
    mesh : ndarray, shape (m + 1,)
        Times [s] at which steps must end; sunrise and sunset are among them.
    lit : ndarray of bool, shape (m,)
        Whether the sun is up in each interval.
    kept : ndarray of int, shape (m,)
        Row of `profiles` that receives the temperatures at the start of each interval; none if negative.
    tolerance : float
        Largest error estimate of a step [K]; infinite takes one step per interval.
    energy : float
        Largest error estimate of the sunlight absorbed in a step [J m⁻²], if above 0: on thin dust sunlight changes
        faster than the temperatures tell.
    temperature : ndarray, shape (n,)
        Temperatures [K] at the start, replaced by those at the end.
    profiles : ndarray, shape (rows, n)
        Receives temperatures [K].
    trace : ndarray
        Receives the times at which accepted steps end [s]; no more steps are taken than it holds.
    means : DayMeans
        Receives the day means; zero at the start.
    record : bool
        Gather the mean temperatures, and the extremes of the surface, as well.

    Returns
    -------
    DaySummary
    """
    work = _make_work(column, radiation)
    tally = np.zeros(7)
    day = mesh[-1] - mesh[0]
    settle_massless(column, radiation, sun, lit[0], mesh[0], temperature, work.system)
    heat = enthalpy_of(column, temperature)
    stored = -_total(heat)
    work.start_slope[:] = 0.0
    seen = seen_temperature(column, radiation, temperature, work.start_slope, work.system)[0]
    tally[HOTTEST], tally[TIME_OF_HOTTEST], tally[COLDEST] = seen, mesh[0], seen
    steps, rejected, status = 0, 0, FINISHED
    suggestion = 1e-3 * day
    for interval in range(lit.size):
        t, end = mesh[interval], mesh[interval + 1]
        if kept[interval] >= 0:
            profiles[kept[interval]] = temperature
        growth = 5.0
        kink = interval == 0 or lit[interval] != lit[interval - 1]
        while t < end and status == FINISHED:
            h = end - t
            if not math.isinf(tolerance) and suggestion < h:
                h = min(suggestion, 0.5 * h)
            error = _rosenbrock_step(column, radiation, sun, lit[interval], t, h, temperature, heat, work)
            if energy > 0.0 and not math.isinf(tolerance):
                error = max(error, tolerance * abs(work.budget_stage[STAGES - 1, ABSORBED]) / energy)
            if error > tolerance or math.isinf(error):
                suggestion = step_for(error, tolerance, h, h)
                growth = 1.0
                rejected += 1
                if suggestion < SMALLEST_STEP * day or math.isinf(tolerance):
                    status = STEP_TOO_SMALL
                continue
            _accept_step(
                column, radiation, sun, lit[interval], kink, t, h, day, temperature, heat, work, means, tally, record
            )
            kink = False
            if not math.isinf(tolerance):
                suggestion = step_for(error, tolerance, h, growth * max(suggestion, h))
            growth = 5.0
            t = end if h == end - t else t + h
            trace[steps] = t
            steps += 1
            if steps == trace.size and t < mesh[-1]:
                status = TOO_MANY_STEPS
    return DaySummary(
        status,
        steps,
        rejected,
        tally[ABSORBED],
        tally[EMITTED],
        tally[FROM_BELOW],
        stored + _total(heat),
        tally[HOTTEST],
        tally[TIME_OF_HOTTEST],
        tally[COLDEST],
        tally[MEAN],
    )
