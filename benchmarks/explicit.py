"""The scheme that most codes begin with, compiled as tmx is, so that only the method is compared.

Explicit conduction on a geometric grid, the surface by Newton's method from the cell below it, day after day until the
surface hardly changes from one day to the next.
"""

import math

import numpy as np
from numba import njit

from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.grid import geometric_edges
from tmx.physics.problem import Problem

RATIO = 1.05
STABLE = 0.4
"""Step of the explicit scheme over that at which it becomes unstable, about."""


def solve_explicit(problem: Problem, first: float, change: float, outputs: int) -> tuple[np.ndarray, int]:
    """Return the surface temperatures of the last day [K] and how many days it took.

    Parameters
    ----------
    problem : Problem
        One layer with constant properties.
    first : float
        Thickness of the first cell in skin depths [-].
    change : float
        Largest change of the surface from one day to the next with which the state counts as periodic [K].
    outputs : int
        Output times per day.
    """
    layer, sun, emissivity = problem.layers[0], problem.sun, problem.surface.emissivity
    edges = geometric_edges(layer.thickness, first * layer.skin_depth(sun.period, 250.0), RATIO)
    widths = np.diff(edges)
    capacity = layer.density * layer.specific_heat(np.array([250.0]))[0] * widths
    conductance = 2.0 * layer.conductivity / np.concatenate([widths[:1], widths[1:] + widths[:-1]])
    stiffest = (capacity / (conductance + np.append(conductance[1:], 0.0))).min()
    steps = outputs * math.ceil(sun.period / (STABLE * stiffest) / outputs)
    absorbed = (1.0 - sun.albedo) * sun.flux
    start = 0.95 * (absorbed / math.pi / (emissivity * STEFAN_BOLTZMANN)) ** 0.25
    temperature = np.full(len(widths), start)
    return _march(temperature, capacity, conductance, absorbed, emissivity, sun.period, steps, change, outputs)


@njit(cache=True)
def _march(temperature, capacity, conductance, absorbed, emissivity, period, steps, change, outputs):
    dt = period / steps
    surface = np.zeros(outputs)
    rate = np.empty(temperature.size)
    skin = temperature[0]
    for day in range(10_000):
        largest = 0.0
        for step in range(steps):
            mu = max(0.0, -math.cos(2.0 * math.pi * step / steps))
            for _ in range(3):
                balance = (
                    absorbed * mu - emissivity * STEFAN_BOLTZMANN * skin**4 - conductance[0] * (skin - temperature[0])
                )
                skin += balance / (4.0 * emissivity * STEFAN_BOLTZMANN * skin**3 + conductance[0])
            if step % (steps // outputs) == 0:
                place = step // (steps // outputs)
                largest = max(largest, abs(skin - surface[place]))
                surface[place] = skin
            heat = conductance[0] * (skin - temperature[0])
            for i in range(temperature.size):
                below = 0.0
                if i + 1 < temperature.size:
                    below = conductance[i + 1] * (temperature[i] - temperature[i + 1])
                rate[i] = heat - below
                heat = below
            for i in range(temperature.size):
                temperature[i] += dt * rate[i] / capacity[i]
        if largest < change:
            return surface, day + 1
    return surface, 10_000
