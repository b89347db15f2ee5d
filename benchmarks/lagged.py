"""The scheme that codes with radiative transfer begin with: a call of a transfer solver at every step.

The solver says where heat goes at the temperatures of the step before; conduction is implicit. Steps are even, and days
follow one another until they hardly differ. Here tmx's own radiation operator stands in for the solver: it gives the
same heat, so that what a number of steps is worth is known without days of waiting. The bottom is the middle of the
lowest cell: without a heat capacity of its own it could not be lagged. What a call of DISORT costs on the
same grid is measured apart, with pydisort where it is installed.
"""

import numpy as np
from numba import njit

from benchmarks.timing import median_s
from tmx.physics.conduction import heat_rates, negative_jacobian
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import cos_incidence
from tmx.physics.layout import Layout
from tmx.physics.transfer.optics import Optics
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


def disort_s(layout: Layout) -> float | None:
    """Return how long DISORT takes for a step [s]: a call, and by day another for sunlight; None without pydisort."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    regolith, edges = layout.problem.surface, layout.edges[0]
    infrared = _disort(regolith.thermal[0].optics, regolith.streams, edges, 250.0, 0.0)
    sunlight = _disort(regolith.solar[0].optics, regolith.streams, edges, None, 1366.0)
    return median_s(infrared, 101) + 0.5 * median_s(sunlight, 101)


def _disort(optics: Optics, streams: int, edges: np.ndarray, temperature: float | None, flux: float):
    import torch
    from pydisort import Disort, DisortOptions, scattering_moments

    options, layers = DisortOptions(), len(edges) - 1
    options.flags("lamber,quiet,onlyfl" + (",planck" if temperature else ""))
    options.ds().nlyr, options.ds().nstr = layers, streams
    options.ds().nmom = options.ds().nphase = streams
    options.nwave(1)
    options.ncol(1)
    if temperature:
        options.wave_lower([1.0])
        options.wave_upper([20000.0])
    solver = Disort(options)
    medium = torch.zeros((1, 1, layers, 2 + streams), dtype=torch.float64)
    medium[0, 0, :, 0] = torch.tensor(optics.extinction * np.diff(edges))
    medium[0, 0, :, 1] = optics.albedo
    medium[0, 0, :, 2:] = scattering_moments(streams, "henyey-greenstein", optics.asymmetry)[:streams]
    one = torch.ones((1, 1), dtype=torch.float64)
    boundaries = {"umu0": 0.5 * one[0], "phi0": 0.0 * one[0], "albedo": 0.0 * one, "fisot": 0.0 * one, "temis": one}
    boundaries |= {"btemp": (temperature or 0.0) * one[0], "ttemp": 0.0 * one[0], "fbeam": flux * one}
    profile = torch.full((1, layers + 1), temperature or 0.0, dtype=torch.float64)
    return lambda: solver.forward(medium, "", profile, **boundaries)
