"""The scheme that codes with radiative transfer begin with: a call of a transfer solver at every step.

The solver says where heat goes at the temperatures of the step before; conduction is implicit. Steps are even, and days
follow one another until they hardly differ. Here tmx's own radiation operator stands in for the solver: it gives the
same heat, so that what a number of steps is worth is known without days of waiting. The bottom is the middle of the
lowest cell: without a heat capacity of its own it could not be lagged. What a call of CDISORT costs on
the same grid is measured apart.
"""

import numpy as np
from numba import njit

from benchmarks.ordinates import WHOLE_SPECTRUM_CM, c_state
from benchmarks.timing import median_s
from tmx.physics.conduction import heat_rates, negative_jacobian
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import cos_incidence
from tmx.physics.layout import Layout
from tmx.physics.transfer.radiation import add_beam, add_radiation, radiation_work
from tmx.physics.tridiagonal import factorise, substitute

MOST_DAYS = 3000


def solve_lagged(layout: Layout, steps: int, change: float, outputs: int) -> tuple[np.ndarray, int]:
    """Return the brightness temperatures of the last day [K] and how many days it took.

    Parameters
    ----------
    layout : Layout
        A problem on its grid, with constant heat capacities.
    steps : int
        Steps a day, a multiple of the number of outputs.
    change : float
        Largest change of brightness temperature from one day to the next with which the state counts as periodic [K].
    outputs : int
        Output times per day.
    """
    site = layout.site
    temperature = np.full(layout.column.depth.size, layout.problem.typical_temperature)
    return _march(site.column, site.radiation, site.sun, temperature, steps, change, outputs)


@njit(cache=True)
def _march(column, radiation, sun, temperature, steps, change, outputs):
    n = temperature.size
    dt = sun.period / steps
    work = radiation_work(radiation)
    lower, diagonal, upper, rate = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    seen = np.zeros(outputs)
    for day in range(MOST_DAYS):
        largest = 0.0
        for step in range(steps):
            t = step * dt
            heat_rates(column, temperature, rate)
            upward = add_radiation(radiation, temperature, work, rate)
            if cos_incidence(sun, t) > 0.0:
                add_beam(radiation, sun, t, rate)
            if step % (steps // outputs) == 0:
                place = step // (steps // outputs)
                brightness = (upward / STEFAN_BOLTZMANN) ** 0.25
                largest = max(largest, abs(brightness - seen[place]))
                seen[place] = brightness
            rate[-2] += rate[-1]
            rate[-1] = 0.0
            negative_jacobian(column, temperature, lower, diagonal, upper)
            for j in range(n):
                diagonal[j] += column.mass[j] * column.heat_capacity[j] / dt
            factorise(lower, diagonal, upper)
            substitute(lower, diagonal, upper, rate)
            for j in range(n):
                temperature[j] += rate[j]
            temperature[-1] = temperature[-2]
        if largest < change:
            return seen, day + 1
    return seen, MOST_DAYS


def disort_s(layout: Layout) -> float:
    """Return how long CDISORT takes for a step [s]: a call, and by day another for sunlight."""
    regolith, depth = layout.problem.surface, layout.edges[0]
    thermal, solar = regolith.thermal[0].optics, regolith.solar[0].optics
    warm = np.full(depth.size, 250.0)
    infrared = c_state(
        regolith.streams, thermal.extinction * np.diff(depth), thermal, thermal.extinction * depth, temperature=warm
    )
    infrared.wvnmlo, infrared.wvnmhi = WHOLE_SPECTRUM_CM
    sunlight = c_state(regolith.streams, solar.extinction * np.diff(depth), solar, solar.extinction * depth)
    sunlight.fbeam, sunlight.umu0 = 1366.0, 0.5
    return median_s(infrared.solve, 101) + 0.5 * median_s(sunlight.solve, 101)
