"""How long a solution to a stated accuracy takes, against what a user would write or wait for instead."""

import math
from collections.abc import Iterator

import numpy as np

from benchmarks.explicit import solve_explicit
from benchmarks.rows import Row
from benchmarks.timing import median_s, medians_s
from tmx.config import SimulationConfig, preset
from tmx.physics.column import Bottom, Surface
from tmx.physics.insolation import make_sun
from tmx.physics.materials import Layer
from tmx.physics.problem import Numerics, Problem
from tmx.physics.thermal import solve_periodic
from tmx.stages.thermal import thermal_problem

OUTPUTS = 48

FINE = Numerics(accuracy=0.003)


def run() -> Iterator[Row]:
    """Yield the times of periodic states, and those beside an explicit scheme."""
    for name, problem in _problems().items():
        yield _one(name, problem)
    yield from _against_explicit()


def _problems() -> dict[str, Problem]:
    bodies = {body: thermal_problem(SimulationConfig(**preset(body).values)) for body in ("Bennu", "Moon", "Mercury")}
    return {"asteroid, inertia 250": asteroid(250.0), "asteroid, inertia 30": asteroid(30.0), **bodies}


def asteroid(inertia: float) -> Problem:
    """Return an asteroid like Bennu with constant properties and a thermal inertia [J m⁻² K⁻¹ s⁻½]."""
    conductivity = inertia**2 / (1190.0 * 750.0)
    depth = 10.0 * math.sqrt(conductivity * 15466.0 / (math.pi * 1190.0 * 750.0))
    sun = make_sun(period=15466.0, latitude=0.0, declination=0.0, flux=1361.0, albedo=0.02)
    return Problem([Layer(depth, 1190.0, conductivity, 750.0)], Surface(0.95), Bottom(), sun)


def _one(name: str, problem: Problem) -> Row:
    seconds = median_s(lambda: solve_periodic(problem, OUTPUTS))
    solution = solve_periodic(problem, OUTPUTS)
    converged = solve_periodic(problem, OUTPUTS, FINE)
    error = np.abs(solution.surface_temperature - converged.surface_temperature).max()
    return Row(
        name,
        seconds,
        f"{error:.3f} K (estimated {solution.error.total:.3f} K); {len(solution.depth)} cells,"
        f" {solution.steps} steps a day, {solution.days} days",
    )


def _against_explicit() -> Iterator[Row]:
    """Compare with an explicit scheme whose grid and patience come near the same error."""
    problem = asteroid(250.0)
    converged = solve_periodic(problem, OUTPUTS, FINE).surface_temperature
    ours = np.abs(solve_periodic(problem, OUTPUTS).surface_temperature - converged).max()
    for first, change in ((0.1, 0.1), (0.05, 0.01), (0.025, 0.001)):
        surface, days = solve_explicit(problem, first, change, OUTPUTS)
        theirs = np.abs(surface - converged).max()
        calls = [lambda: solve_periodic(problem, OUTPUTS), lambda f=first, c=change: solve_explicit(problem, f, c, 48)]
        tmx, explicit = medians_s(calls, 3)
        yield Row(
            "asteroid, inertia 250",
            tmx,
            f"{ours:.3f} K",
            f"explicit steps, first cell {first} skin depths, {days} days",
            explicit,
            f"{theirs:.2f} K",
        )
