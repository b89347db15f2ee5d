"""Radiative transfer in the regolith: how long an accuracy takes, and whether it is kept."""

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.lagged import disort_s, solve_lagged
from benchmarks.rows import Row, attempted, duration
from benchmarks.timing import median_s, medians_s
from tmx.physics.column import Bottom
from tmx.physics.insolation import make_sun
from tmx.physics.layout import lay_out
from tmx.physics.materials import Layer
from tmx.physics.problem import GridRule, Numerics, Problem
from tmx.physics.thermal import solve_periodic
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand

SAMPLES = 100
CONVERGED = Numerics(accuracy=0.004, grid=GridRule(first=0.02, ratio=1.1, optical=0.02))
DUST = Layer(0.2, 1100.0, 5.5e-4, 825.0)
SUN = make_sun(period=15450.0, latitude=0.0, declination=0.0, flux=1366.0)


def run() -> Iterator[Row]:
    """Yield the benchmarks of radiative transfer in the regolith."""
    yield from _over_the_whole_space()
    yield _against_two_streams()
    yield from _many_bands()
    yield from attempted("against CDISORT at every step", _against_steps)


def _grey(extinction, albedo=0.1, visible=0.5, *, g=0.0, g_vis=0.0, eta=1.0, ground=0.0, **settings) -> Regolith:
    return Regolith(
        (ThermalBand(Optics(extinction, albedo, g), reflectivity=ground),),
        (SolarBand(Optics(eta * extinction, visible, g_vis), reflectivity=ground),),
        **settings,
    )


def random_problem(number: int) -> Problem:
    """Draw a problem from the whole space that configs allow; the solvers take turns."""
    rng = np.random.default_rng([7, number])

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    layer = Layer(log_uniform(1e-3, 5.0), rng.uniform(500, 2500), log_uniform(1e-6, 0.5), rng.uniform(300, 1000))
    regolith = _grey(
        log_uniform(200.0, 2e5),
        *rng.uniform(0.0, 0.95, 2),
        g=rng.uniform(-0.3, 0.85),
        g_vis=rng.uniform(-0.3, 0.85),
        eta=rng.choice([0.5, 1.0, 2.0]),
        ground=rng.choice([0.0, 0.3]),
        solver=("disort", "hapke")[number % 2],
    )
    sun = make_sun(
        period=log_uniform(7200.0, 2.55e6),
        latitude=rng.uniform(-1.56, 1.56),
        declination=0.0,
        flux=1361.0 / log_uniform(0.3, 30.0) ** 2,
    )
    return Problem([layer], regolith, Bottom(), sun)


def _over_the_whole_space(samples: int = SAMPLES) -> Iterator[Row]:
    solve_periodic(random_problem(0), 48), solve_periodic(random_problem(1), 48)
    seconds, errors, estimates, residuals = np.zeros(samples), np.zeros(samples), np.zeros(samples), np.zeros(samples)
    for number in range(samples):
        problem = random_problem(number)
        before = time.perf_counter()
        solution = solve_periodic(problem, 48)
        seconds[number] = time.perf_counter() - before
        converged = solve_periodic(problem, 48, CONVERGED)
        errors[number] = np.abs(solution.surface_temperature - converged.surface_temperature).max()
        estimates[number], residuals[number] = solution.error.total, abs(solution.energy_residual)
    ratio = np.maximum(errors, 1e-3) / np.maximum(estimates, 1e-3)
    for name, chosen in (("discrete ordinates, 4 streams", slice(0, None, 2)), ("Hapke", slice(1, None, 2))):
        median, high = np.percentile(seconds[chosen], [50, 95])
        yield Row(
            f"{samples // 2} random configurations, {name}: median",
            median,
            f"{np.median(errors[chosen]):.3f} K (median), {errors[chosen].max():.3f} K (largest); over the estimate at"
            f" most {ratio[chosen].max():.1f}; energy residual below {residuals[chosen].max():.0e};"
            f" 95 % take less than {duration(high)}",
        )


def _against_two_streams() -> Row:
    hapke, two = (
        Problem([DUST], _grey(4000.0, solver=solver, streams=2), Bottom(), SUN) for solver in ("hapke", "disort")
    )
    h, d = medians_s([lambda: solve_periodic(hapke, 48), lambda: solve_periodic(two, 48)])
    return Row("grey dust, Hapke", h, "0.1 K", "tmx itself, discrete ordinates with 2 streams", d, "0.1 K")


def _many_bands(bands: int = 200) -> Iterator[Row]:
    """Time bands whose extinction and albedo vary like those of a mineral."""
    edges = np.concatenate([[0.0], np.linspace(5e3, 4e5, bands - 1), [np.inf]])
    place = np.linspace(0.0, 1.0, bands)
    optics = [
        Optics(4000.0 * (1.0 + 0.5 * np.sin(20.0 * x)), 0.45 + 0.4 * np.sin(31.0 * x), 0.3 * np.sin(9.0 * x))
        for x in place
    ]
    thermal = tuple(map(ThermalBand, optics, edges[:-1], edges[1:]))
    hybrid = Regolith(thermal, (SolarBand(Optics(4000.0, 0.5)),))
    multi = Regolith(thermal, tuple(SolarBand(one, 1.0 / bands) for one in optics))
    for name, regolith in (("hybrid", hybrid), ("multi_wave", multi)):
        problem = Problem([DUST], regolith, Bottom(), SUN)
        seconds, solution = median_s(lambda p=problem: solve_periodic(p, 48), 3), solve_periodic(problem, 48)
        yield Row(f"{name}, {bands} bands", seconds, f"estimated {solution.error.total:.3f} K")


def _against_steps() -> Iterator[Row]:
    problem = Problem([DUST], _grey(1000.0), Bottom(), SUN)
    layout = lay_out(problem, GridRule(first=0.1, ratio=1.05, optical=0.05))
    converged = solve_periodic(problem, 48, CONVERGED).surface_temperature
    ours = np.abs(solve_periodic(problem, 48).surface_temperature - converged).max()
    tmx, call = median_s(lambda: solve_periodic(problem, 48)), disort_s(layout)
    for steps, change in ((960, 0.1), (4800, 0.02), (24000, 0.005)):
        surface, days = solve_lagged(layout, steps, change, 48)
        theirs = np.abs(surface - converged).max()
        yield Row(
            "grey dust, 4 streams",
            tmx,
            f"{ours:.3f} K",
            f"CDISORT at each of {steps} steps, {days} days, {layout.cells} cells ({duration(call)} a step)",
            steps * days * call,
            f"{theirs:.2f} K",
        )
