"""The equator of a body of constant properties: one number rules its day."""

import math

import numpy as np
from matplotlib.figure import Figure

from tmx.figures.style import COLOURS, DOT
from tmx.physics.column import Bottom, Surface
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import make_sun
from tmx.physics.materials import Layer
from tmx.physics.problem import Numerics, Problem
from tmx.physics.solution import ThermalSolution
from tmx.physics.thermal import solve_periodic
from validation.case import Check, FloatArray, Outcome, largest, panels
from validation.truths.conduction import EQUATOR, strong_inertia

TITLE = "Surface temperature against the thermal parameter"

PERIOD, EMISSIVITY, FLUX = 36000.0, 0.9, 1000.0
SUBSOLAR = (FLUX / (EMISSIVITY * STEFAN_BOLTZMANN)) ** 0.25
LARGE = 100.0
DRAWN = np.geomspace(0.02, LARGE, 25)

CAPTION = """\
Highest, mean and lowest temperature of the equator in units of the subsolar temperature, and the lag of the highest
behind noon. Lines: the model. Dots: the independent solver. Dashed: linear theory for large Θ."""

TEXT = """\
Where properties are constant, the day of the equator depends on Θ = Γ√ω/(εσT_ss³) alone: Γ the thermal inertia, ω
the rate of rotation, T_ss the subsolar temperature. Small Θ is a slow rotator without memory, whose mean
temperature is lowest; large Θ a fast one with one temperature all day, π^(−¼). The problem is that of Spencer et
al. (1989); the numbers are those of another program, converged to 1e-5. At Θ = {large:g} the balance is linear to
1e-4, and the closed form needs no program at all."""


def run() -> Outcome:
    """Compute the case."""
    table = np.array([_numbers(_day(theta)) for theta in EQUATOR])
    known = np.array(list(EQUATOR.values()))
    strong = _day(LARGE)
    exact = strong_inertia(LARGE, 2.0 * math.pi * (strong.times / PERIOD - 0.5))
    source = "problem of Spencer et al. (1989), an independent solver, 1e-5"
    checks = [
        Check(
            "highest, lowest and mean temperature at Θ = 0.1, 1, 10, in units of the subsolar one",
            source,
            largest(table[:, [0, 2, 3]], known[:, [0, 2, 3]]),
            2e-4,
        ),
        Check("lag of the highest behind noon at these", source, largest(table[:, 1], known[:, 1]), 0.05, "°"),
        Check(
            f"the whole day at Θ = {LARGE:g}",
            "linear theory, closed form; leaves out Θ⁻²",
            largest(strong.surface_temperature / SUBSOLAR, exact),
            2e-4,
        ),
    ]
    return Outcome(checks, _draw(known), CAPTION, TEXT.format(large=LARGE))


def _day(theta: float) -> ThermalSolution:
    """Solve for the equator at a thermal parameter."""
    inertia = theta * EMISSIVITY * STEFAN_BOLTZMANN * SUBSOLAR**3 / math.sqrt(2.0 * math.pi / PERIOD)
    conductivity = inertia**2 / (1500.0 * 800.0)
    depth = 15.0 * math.sqrt(conductivity * PERIOD / (math.pi * 1500.0 * 800.0))
    sun = make_sun(period=PERIOD, latitude=0.0, declination=0.0, flux=FLUX)
    problem = Problem([Layer(depth, 1500.0, conductivity, 800.0)], Surface(EMISSIVITY), Bottom(), sun)
    return solve_periodic(problem, 240, Numerics(accuracy=0.02))


def _numbers(day: ThermalSolution) -> FloatArray:
    """Return the highest temperature, its lag behind noon [degrees], the lowest and the mean temperature."""
    lag = 360.0 * (day.time_of_hottest / PERIOD - 0.5)
    return np.array([day.hottest / SUBSOLAR, lag, day.coldest / SUBSOLAR, day.mean / SUBSOLAR])


def _draw(known: FloatArray) -> Figure:
    drawn = np.array([_numbers(_day(theta)) for theta in DRAWN])
    phase = np.linspace(-math.pi, math.pi, 2001)
    large = DRAWN[DRAWN > 2.0]
    linear = [strong_inertia(theta, phase) for theta in large]
    peaks = [np.degrees(phase[np.argmax(one)]) for one in linear]
    with panels(2) as (figure, (warm, late)):
        for colour, column, name in zip(COLOURS, (0, 3, 2), ("highest", "mean", "lowest"), strict=False):
            warm.semilogx(DRAWN, drawn[:, column], color=colour, label=name)
            warm.plot(list(EQUATOR), known[:, column], "o", color=colour, **DOT)
        warm.plot(large, [one.max() for one in linear], "--", color="black", linewidth=0.8)
        warm.plot(large, [one.min() for one in linear], "--", color="black", linewidth=0.8)
        warm.set(xlabel="Thermal parameter Θ", ylabel="Temperature over the subsolar one")
        warm.legend()
        late.semilogx(DRAWN, drawn[:, 1], color=COLOURS[0])
        late.plot(list(EQUATOR), known[:, 1], "o", color=COLOURS[0], **DOT)
        late.plot(large, peaks, "--", color="black", linewidth=0.8)
        late.set(xlabel="Thermal parameter Θ", ylabel="Lag of the highest behind noon [°]")
    return figure
