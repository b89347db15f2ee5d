"""The scheme that codes of rough surfaces begin with: what facets send each other is that of the step before.

Conduction and own emission of every facet are implicit, in even steps, and days follow one another until they hardly
differ. Sunlight, view factors and columns are those of tmx, so that only the method is compared.
"""

import numpy as np
from numba import njit

from tmx.physics.conduction import heat_rates, negative_jacobian
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.layout import Layout
from tmx.physics.roughness.sunlight import light_at
from tmx.physics.tridiagonal import factorise, substitute

MOST_DAYS = 3000


def solve_lagged(layout: Layout, steps: int, change: float, outputs: int) -> tuple[np.ndarray, int]:
    """Return the surface temperatures of the last day, shape (outputs, N) [K], and how many days it took.

    Parameters
    ----------
    layout : Layout
        Opaque facets with constant heat capacities, all of which see as much of each other, on their grid.
    steps : int
        Steps a day, a multiple of the number of outputs.
    change : float
        Largest change of a facet from one day to the next with which the state counts as periodic [K].
    outputs : int
        Output times per day.
    """
    site, start = layout.site, layout.problem.typical_temperature
    temperature = np.full((site.facets, layout.column.depth.size), start)
    emissivity = site.receiving.emissivity
    return _march(
        site.column, site.coupling, site.light, site.sun.period, emissivity, temperature, steps, change, outputs
    )


@njit(cache=True)
def _march(column, coupling, light, period, emissivity, temperature, steps, change, outputs):
    facets, n = temperature.shape
    dt = period / steps
    lower, diagonal, upper, rate = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    absorbed, seen = np.zeros_like(light.value[0]), np.zeros((outputs, facets))
    for day in range(MOST_DAYS):
        largest = 0.0
        for step in range(steps):
            if step % (steps // outputs) == 0:
                place = step // (steps // outputs)
                for i in range(facets):
                    largest = max(largest, abs(temperature[i, 0] - seen[place, i]))
                    seen[place, i] = temperature[i, 0]
            received = 0.0
            for i in range(facets):
                received += coupling.common[i] * emissivity * STEFAN_BOLTZMANN * temperature[i, 0] ** 4
            light_at(light, (step + 1) * dt, absorbed)
            sunlight, sky = absorbed[:, 0].copy().reshape(-1), coupling.sky.reshape(-1)
            for i in range(facets):
                column_temperature = temperature[i]
                heat_rates(column, column_temperature, rate)
                negative_jacobian(column, column_temperature, lower, diagonal, upper)
                skin = column_temperature[0]
                rate[0] += sunlight[i] + emissivity * (received + sky[i]) - column.downwelling
                diagonal[0] += 4.0 * emissivity * STEFAN_BOLTZMANN * skin**3
                for j in range(n):
                    diagonal[j] += column.mass[j] * column.heat_capacity[j] / dt
                factorise(lower, diagonal, upper)
                substitute(lower, diagonal, upper, rate)
                for j in range(n):
                    column_temperature[j] += rate[j]
        if largest < change:
            return seen, day + 1
    return seen, MOST_DAYS
