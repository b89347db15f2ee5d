"""One solar day of heat conduction under a radiating surface: the compiled heart of the thermal stage.

`integrate_day` carries a column from node to node of a time mesh, adapting its steps in between or taking exactly one
step per interval. `DayMeans` and `DaySummary` gather, during the same pass, what the periodic solution and the error
estimates need. Everything here works on the numbers of a `Column` and a `Sun`.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import kernel
from tmx.physics.conduction import heat_from_below, heat_rates, negative_jacobian, settle_massless
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.enthalpy import advanced_temperatures, enthalpy_of, heat_capacities
from tmx.physics.insolation import absorbed_sunlight
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
from tmx.physics.tridiagonal import factorise, substitute

FINISHED, TOO_MANY_STEPS, STEP_TOO_SMALL = 0, 1, 2

ABSORBED, EMITTED, FROM_BELOW, HOTTEST, TIME_OF_HOTTEST, COLDEST = range(6)
"""Places in the running tally of a day; the first three are the budgets of a step as well."""

SMALLEST_STEP = 1e-13
"""Smallest step of the integrator, as a fraction of the day."""


class _Work(NamedTuple):
    """Scratch arrays of the integrator; n nodes."""

    capacity: FloatArray
    lower: FloatArray
    diagonal: FloatArray
    upper: FloatArray
    rate: FloatArray
    increment: FloatArray
    argument: FloatArray
    start_slope: FloatArray
    end_slope: FloatArray
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
    emission : ndarray, shape (1,)
        Derivative of the emitted flux to the surface temperature [W m⁻² K⁻¹].
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
    hottest, time_of_hottest, coldest : float
        Extremes of the surface temperature [K] and when the highest came [s].
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


def empty_means(nodes: int) -> DayMeans:
    """Return day means of a column of `nodes` nodes, all zero."""
    return DayMeans(np.zeros(nodes), np.zeros(nodes - 1), np.zeros(nodes - 1), np.zeros(1), np.zeros(nodes))


@kernel
def _make_work(n):
    """Return the scratch arrays for a column of n nodes."""
    return _Work(
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty((STAGES, n)),
        np.empty(3),
        np.empty((STAGES, 3)),
    )


@kernel
def _weighted_sum(weights, stages, count, out):
    """Set `out` to Σ weights[p] stages[p] over the first `count` stages."""
    for j in range(out.size):
        out[j] = 0.0
    for p in range(count):
        weight = weights[p]
        if weight != 0.0:
            for j in range(out.size):
                out[j] += weight * stages[p, j]


@kernel
def _sunlight(sun, lit, t):
    """Return the absorbed sunlight and its time derivative, zero by night."""
    if not lit:
        return 0.0, 0.0
    return absorbed_sunlight(sun, t)


@kernel
def _budget_rates(column, sunlight, temperature, rate):
    """Set `rate` to the fluxes of the energy budget [W m⁻²]: absorbed, emitted, from below."""
    rate[ABSORBED] = sunlight
    rate[EMITTED] = column.emissivity * STEFAN_BOLTZMANN * temperature[0] ** 4 - column.downwelling
    rate[FROM_BELOW] = heat_from_below(column, temperature[-1])


@kernel
def _rosenbrock_step(column, sun, lit, t, h, temperature, heat, work):
    """Take one step and return its error estimate [K].

    Leaves the change of state in `work.increment`, the new temperatures in `work.argument`, and in `work.budget` the
    energies of the step [J m⁻²]: the budget is integrated by the same method as the state, so that it closes exactly.
    """
    heat_capacities(column, heat, work.capacity)
    negative_jacobian(column, temperature, work.lower, work.diagonal, work.upper)
    bottom_slope = -column.bottom_conductance * (1.0 + column.bottom_radiative * temperature[-1] ** 3)
    emission_slope = 4.0 * column.emissivity * STEFAN_BOLTZMANN * temperature[0] ** 3
    for j in range(temperature.size):
        work.diagonal[j] += work.capacity[j] / (GAMMA * h)
    factorise(work.lower, work.diagonal, work.upper)
    sunlight_rate = _sunlight(sun, lit, t)[1]
    for q in range(STAGES):
        _weighted_sum(STATE_WEIGHT[q], work.stage, q, work.increment)
        advanced_temperatures(column, temperature, heat, work.capacity, work.increment, work.argument)
        sunlight = _sunlight(sun, lit, t + STAGE_TIME[q] * h)[0]
        heat_rates(column, sunlight, work.argument, work.rate)
        _budget_rates(column, sunlight, work.argument, work.budget_stage[q])
        _weighted_sum(RATE_WEIGHT[q], work.stage, q, work.increment)
        stage = work.stage[q]
        for j in range(temperature.size):
            stage[j] = work.rate[j] + work.capacity[j] * work.increment[j] / h
        stage[0] += TIME_DERIVATIVE[q] * h * sunlight_rate
        substitute(work.lower, work.diagonal, work.upper, stage)
        work.budget_stage[q, ABSORBED] += TIME_DERIVATIVE[q] * h * sunlight_rate
        work.budget_stage[q, EMITTED] += emission_slope * stage[0]
        work.budget_stage[q, FROM_BELOW] += bottom_slope * stage[-1]
        _weighted_sum(RATE_WEIGHT[q], work.budget_stage, q, work.budget)
        for j in range(work.budget.size):
            work.budget_stage[q, j] = GAMMA * (h * work.budget_stage[q, j] + work.budget[j])
    _weighted_sum(STATE_WEIGHT[STAGES - 1], work.stage, STAGES - 1, work.increment)
    _weighted_sum(STATE_WEIGHT[STAGES - 1], work.budget_stage, STAGES - 1, work.budget)
    for part in range(work.budget.size):
        work.budget[part] += work.budget_stage[STAGES - 1, part]
    error, total = 0.0, 0.0
    for j in range(temperature.size):
        estimate = abs(work.stage[STAGES - 1, j])
        error = max(error, estimate)
        total += estimate
        work.increment[j] += work.stage[STAGES - 1, j]
    advanced_temperatures(column, temperature, heat, work.capacity, work.increment, work.argument)
    return error if math.isfinite(total) else math.inf


@kernel
def _slopes(column, sunlight, sunlight_rate, temperature, heat, work, slope):
    """Set `slope` to dT/dt of every node [K s⁻¹]; massless nodes follow their neighbours."""
    heat_capacities(column, heat, work.capacity)
    heat_rates(column, sunlight, temperature, work.rate)
    negative_jacobian(column, temperature, work.lower, work.diagonal, work.upper)
    for j in range(temperature.size):
        if work.capacity[j] > 0.0:
            slope[j] = work.rate[j] / work.capacity[j]
    for j in range(temperature.size):
        if work.capacity[j] == 0.0:
            change = sunlight_rate if j == 0 else -work.lower[j] * slope[j - 1]
            slope[j] = (change - work.upper[j] * slope[j + 1]) / work.diagonal[j]


@kernel
def _add_jacobian(column, temperature, heat, weight, work, means):
    """Add a time, with its quadrature weight, to the means that linearise the day."""
    heat_capacities(column, heat, work.capacity)
    negative_jacobian(column, temperature, work.lower, work.diagonal, work.upper)
    means.emission[0] += weight * 4.0 * column.emissivity * STEFAN_BOLTZMANN * temperature[0] ** 3
    for j in range(temperature.size):
        means.heat_capacity[j] += weight * work.capacity[j]
    for j in range(temperature.size - 1):
        means.from_above[j] -= weight * work.lower[j + 1]
        means.from_below[j] -= weight * work.upper[j]


@kernel
def _add_temperature(temperature, slope, weight, correction, means):
    """Add one end of a step to the mean temperatures, by the trapezoid rule with its end correction."""
    for j in range(temperature.size):
        means.temperature[j] += weight * temperature[j] + correction * slope[j]


@kernel
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


@kernel
def _total(values):
    """Return the sum of an array."""
    total = 0.0
    for value in values:
        total += value
    return total


@kernel
def _step_for(error, tolerance, h, limit):
    """Return the step at which the error estimate, `error` at step h, would come to the tolerance; at most `limit`."""
    if not math.isfinite(error):
        return 0.1 * h
    if error == 0.0:
        return limit
    return min(limit, max(0.1 * h, 0.9 * h * (tolerance / error) ** (1.0 / ERROR_ORDER)))


@kernel
def _accept_step(column, sun, lit, t, h, day, temperature, heat, work, means, tally, record):
    """Move the state to the end of a step, and add the step to the means and extremes of the day."""
    n = temperature.size
    if record:
        sunlight, sunlight_rate = _sunlight(sun, lit, t)
        _slopes(column, sunlight, sunlight_rate, temperature, heat, work, work.start_slope)
        _add_temperature(temperature, work.start_slope, 0.5 * h / day, h * h / (12.0 * day), means)
    before = temperature[0]
    for part in range(work.budget.size):
        tally[part] += work.budget[part]
    _add_jacobian(column, temperature, heat, 0.5 * h / day, work, means)
    for j in range(n):
        heat[j] += work.capacity[j] * work.increment[j]
        temperature[j] = work.argument[j]
    _add_jacobian(column, temperature, heat, 0.5 * h / day, work, means)
    if record:
        sunlight, sunlight_rate = _sunlight(sun, lit, t + h)
        _slopes(column, sunlight, sunlight_rate, temperature, heat, work, work.end_slope)
        _add_temperature(temperature, work.end_slope, 0.5 * h / day, -h * h / (12.0 * day), means)
        high, where, low = _hermite_extremes(before, work.start_slope[0], temperature[0], work.end_slope[0], h)
        if high > tally[HOTTEST]:
            tally[HOTTEST], tally[TIME_OF_HOTTEST] = high, t + where * h
        tally[COLDEST] = min(tally[COLDEST], low)


@kernel
def integrate_day(column, sun, mesh, lit, tolerance, temperature, profiles, trace, means, record):
    """Integrate a column over the mesh of one day, in place.

    Parameters
    ----------
    column : Column
        The network of nodes and links, n nodes.
    sun : Sun
        Sunlight.
    mesh : ndarray, shape (m + 1,)
        Times [s] at which steps must end; sunrise and sunset are among them.
    lit : ndarray of bool, shape (m,)
        Whether the sun is up in each interval.
    tolerance : float
        Largest error estimate of a step [K]; infinite takes one step per interval.
    temperature : ndarray, shape (n,)
        Temperatures [K] at the start, replaced by those at the end.
    profiles : ndarray, shape (m, n)
        Receives the temperatures at the start of every interval [K].
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
    work = _make_work(temperature.size)
    tally = np.zeros(6)
    day = mesh[-1] - mesh[0]
    settle_massless(column, _sunlight(sun, lit[0], mesh[0])[0], temperature)
    heat = enthalpy_of(column, temperature)
    stored = -_total(heat)
    tally[HOTTEST], tally[TIME_OF_HOTTEST], tally[COLDEST] = temperature[0], mesh[0], temperature[0]
    steps, rejected, status = 0, 0, FINISHED
    suggestion = 1e-3 * day
    for interval in range(lit.size):
        t, end = mesh[interval], mesh[interval + 1]
        for j in range(temperature.size):
            profiles[interval, j] = temperature[j]
        growth = 5.0
        while t < end and status == FINISHED:
            h = end - t
            if not math.isinf(tolerance) and suggestion < h:
                h = min(suggestion, 0.5 * h)
            error = _rosenbrock_step(column, sun, lit[interval], t, h, temperature, heat, work)
            if error > tolerance or math.isinf(error):
                suggestion = _step_for(error, tolerance, h, h)
                growth = 1.0
                rejected += 1
                if suggestion < SMALLEST_STEP * day or math.isinf(tolerance):
                    status = STEP_TOO_SMALL
                continue
            _accept_step(column, sun, lit[interval], t, h, day, temperature, heat, work, means, tally, record)
            if not math.isinf(tolerance):
                suggestion = _step_for(error, tolerance, h, growth * max(suggestion, h))
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
    )
