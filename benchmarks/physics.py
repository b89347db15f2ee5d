"""How long a solution to a stated accuracy takes, against what a user would write or wait for instead."""

import math

import numpy as np

from benchmarks.explicit import solve_explicit
from benchmarks.timing import median_s, medians_s
from tmx.config import SimulationConfig, preset
from tmx.physics.column import Bottom, Surface
from tmx.physics.insolation import make_sun
from tmx.physics.materials import Layer
from tmx.physics.problem import Numerics, Problem
from tmx.physics.thermal import solve_periodic
from tmx.stages.thermal import run_thermal, thermal_problem


def run() -> None:
    """Print the physics benchmarks."""
    print("periodic state at 0.1 K, 48 output times, one core, warm")
    for name, problem in _problems().items():
        _one(name, problem)
    print("\nagainst the usual way: lagged surface, even steps, day after day until the day-to-day change is small")
    _against_explicit()


def _problems() -> dict[str, Problem]:
    bodies = {body: thermal_problem(SimulationConfig(**preset(body).values)) for body in ("Bennu", "Moon", "Mercury")}
    return {"asteroid, inertia 250": asteroid(250.0), "asteroid, inertia 30": asteroid(30.0), **bodies}


def asteroid(inertia: float) -> Problem:
    """Return an asteroid like Bennu with constant properties and a thermal inertia [J m⁻² K⁻¹ s⁻½]."""
    conductivity = inertia**2 / (1190.0 * 750.0)
    depth = 10.0 * math.sqrt(conductivity * 15466.0 / (math.pi * 1190.0 * 750.0))
    sun = make_sun(period=15466.0, latitude=0.0, declination=0.0, flux=1361.0, albedo=0.02)
    return Problem([Layer(depth, 1190.0, conductivity, 750.0)], Surface(0.95), Bottom(), sun)


def _one(name: str, problem: Problem) -> None:
    seconds = median_s(lambda: solve_periodic(problem, 48))
    solution = solve_periodic(problem, 48)
    converged = solve_periodic(problem, 48, Numerics(accuracy=0.003))
    error = np.abs(solution.surface_temperature - converged.surface_temperature).max()
    print(
        f"  {name:22} {1e3 * seconds:7.1f} ms   error {error:.3f} K (estimated {solution.error.total:.3f})"
        f"   {len(solution.depth)} cells, {solution.steps} steps a day, {solution.days} days"
    )


def _against_explicit() -> None:
    """Compare with an explicit scheme whose grid and patience come near the same error."""
    problem = asteroid(250.0)
    converged = solve_periodic(problem, 48, Numerics(accuracy=0.003)).surface_temperature
    ours = np.abs(solve_periodic(problem, 48).surface_temperature - converged).max()
    for first, change in ((0.1, 0.1), (0.05, 0.01), (0.025, 0.001)):
        surface, days = solve_explicit(problem, first, change, 48)
        theirs = np.abs(surface - converged).max()
        tmx, explicit = medians_s(
            [lambda: solve_periodic(problem, 48), lambda f=first, c=change: solve_explicit(problem, f, c, 48)], 3
        )
        print(
            f"  first cell {first} skin depths, {days} days: {1e3 * explicit:6.1f} ms, error {theirs:.2f} K:"
            f" {explicit / tmx:6.1f} times as long as tmx, whose error is {ours:.2f} K"
        )


def first_call_s() -> float:
    """Return how long the first run of a process takes with cached machine code [s]."""
    import time

    before = time.perf_counter()
    run_thermal(SimulationConfig(**preset("Bennu").values))
    return time.perf_counter() - before
