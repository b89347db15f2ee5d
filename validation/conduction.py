"""Conduction against solutions in closed form: a flux that is switched on, waves of a day, and heat from below."""

import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tmx.figures.style import COLOURS, DOT
from tmx.physics.column import Bottom, Surface
from tmx.physics.insolation import make_sun
from tmx.physics.materials import LUNAR_HEAT_CAPACITY, Layer, polynomial_heat_capacity
from tmx.physics.problem import GridRule, Numerics, Problem
from tmx.physics.solution import ThermalSolution
from tmx.physics.thermal import solve_days, solve_periodic
from validation.case import Check, FloatArray, Outcome, largest, panels, spread
from validation.truths.conduction import ComplexArray, Solid, layered_wave, resistance, warming_by_constant_flux, wave

TITLE = "Heat conduction"

DUST, ROCK = Solid(5e-3, 1300.0, 750.0), Solid(1.5, 2500.0, 800.0)
PERIOD, THICKNESS = 15450.0, 0.006
HARMONICS = (1, 2, 3)
FLUX, START = 10.0, 100.0
HEATED = Solid(2e-3, 1500.0, 700.0)
SURFACE_K, DEEP_K, SCALE, RADIATIVE, FROM_BELOW = 7.4e-4, 3.4e-3, 0.06, 2.7 / 350.0**3, 0.018

CAPTION = """\
Left: warming at five hours of a day of constant flux. Middle: amplitude of the first three harmonics of the day
below dust 6 mm thick, over that at the surface. Right: mean temperature at the lunar equator, and what it would be
by the closed form from the surface's temperatures alone. Lines are closed forms, dots cells of the model."""

TEXT = """\
A flux that is switched on at a face of even temperature is the hardest of these, since its first moments have no
scale: the error given is the largest of all cells at 23 hours. Waves are compared as complex amplitudes, so that
both their decay and their lag count, as a part of the wave at the surface. The surface itself is not prescribed: it
follows from sunlight and emission, and its own harmonics are what the closed form starts from. The last case has
every law of the Moon: B of k₀(z)(1 + B T³) makes the depth warmer than the surface by {rise:.1f} K, and the
difference to the closed form is what remains of grid, steps and periodicity."""


def run() -> Outcome:
    """Compute the case."""
    heated, alone, layered, lunar = _heated(), _waves(_layer(DUST, 0.1)), _waves(*_layers()), _lunar()
    books = "Carslaw & Jaeger (1959)"
    checks = [
        Check("half-space, one day of constant flux", f"{books}, section 2.9", _heated_error(heated), 0.01, "K"),
        Check("half-space, waves of three harmonics", f"{books}, section 2.6", _wave_error(alone, _in_dust), 5e-4),
        Check("dust over rock, the same", f"{books}, chapter 3", _wave_error(layered, _in_layers), 5e-4),
        Check(
            "⟨T⟩ + B⟨T⁴⟩/4 at depth, k(z, T), c_p(T), heat from below",
            f"{books}, section 1.6",
            _rise(lunar)[1],
            0.01,
            "K",
        ),
    ]
    figure = _draw(heated, layered, lunar)
    return Outcome(checks, figure, CAPTION, TEXT.format(rise=_rise(lunar)[0]))


def _layer(solid: Solid, thickness: float) -> Layer:
    return Layer(thickness, solid.density, solid.conductivity, solid.heat_capacity)


def _layers() -> tuple[Layer, Layer]:
    return _layer(DUST, THICKNESS), _layer(ROCK, 1.0)


def _heated() -> ThermalSolution:
    """Heat a half-space that does not radiate, under a sun that stands at one height all day."""
    sun = make_sun(period=86400.0, latitude=0.5 * math.pi, declination=0.5, flux=FLUX / math.sin(0.5))
    problem = Problem([_layer(HEATED, 0.3)], Surface(1e-12), Bottom(), sun)
    return solve_days(problem, 24, 1, START, Numerics(accuracy=0.01, grid=GridRule(first=0.02, ratio=1.1)))


def _heated_error(heated: ThermalSolution) -> float:
    depth = np.concatenate([[0.0], heated.depth])[:, None]
    found = np.vstack([heated.surface_temperature, heated.temperature])[:, 1:]
    return largest(found, START + warming_by_constant_flux(HEATED, FLUX, depth, heated.times[1:]))


def _waves(*layers: Layer) -> ThermalSolution:
    sun = make_sun(period=PERIOD, latitude=0.3, declination=0.0, flux=1361.0, albedo=0.05)
    return solve_periodic(Problem(layers, Surface(0.95), Bottom(), sun), 512, Numerics(accuracy=0.01))


def _in_dust(frequency: float, depth: FloatArray) -> ComplexArray:
    return wave(DUST, frequency, depth)


def _in_layers(frequency: float, depth: FloatArray) -> ComplexArray:
    return layered_wave(DUST, THICKNESS, ROCK, frequency, depth)


def _harmonics(solution: ThermalSolution) -> ComplexArray:
    """Return the waves of all cells over those of the surface, shape (harmonics, cells)."""
    order = np.array(HARMONICS)
    surface = np.fft.rfft(solution.surface_temperature)[order]
    return np.asarray(np.fft.rfft(solution.temperature, axis=1)[:, order].T / surface[:, None])


def _wave_error(solution: ThermalSolution, truth: Callable[[float, FloatArray], ComplexArray]) -> float:
    found = _harmonics(solution)
    exact = [truth(2.0 * math.pi * n / PERIOD, solution.depth) for n in HARMONICS]
    return largest(found, exact)


def _lunar() -> ThermalSolution:
    heat_capacity = polynomial_heat_capacity(LUNAR_HEAT_CAPACITY)
    layer = Layer(1.5, 1100.0, SURFACE_K, heat_capacity, RADIATIVE, 1800.0, DEEP_K, SCALE)
    sun = make_sun(period=2551443.0, latitude=0.0, declination=0.0, flux=1361.0, albedo=0.12)
    return solve_periodic(Problem([layer], Surface(0.95), Bottom(FROM_BELOW), sun), 960, Numerics(accuracy=0.01))


def _transform(temperature: FloatArray) -> FloatArray:
    """Return ⟨T⟩ + B⟨T⁴⟩/4 over the last axis [K]."""
    return np.asarray((temperature + 0.25 * RADIATIVE * temperature**4).mean(axis=-1))


def _rise(lunar: ThermalSolution) -> tuple[float, float]:
    """Return by how much the depth is warmer than the surface, and the largest departure from the closed form [K]."""
    exact = _transform(lunar.surface_temperature) + FROM_BELOW * resistance(lunar.depth, SURFACE_K, DEEP_K, SCALE)
    rise = float(lunar.temperature[-1].mean() - lunar.surface_temperature.mean())
    return rise, largest(_transform(lunar.temperature), exact)


def _draw(heated: ThermalSolution, layered: ThermalSolution, lunar: ThermalSolution) -> Figure:
    with panels(3) as (figure, axes):
        _draw_heated(axes[0], heated)
        _draw_waves(axes[1], layered)
        _draw_means(axes[2], lunar)
        for drawn in axes:
            drawn.set_ylabel("Depth [cm]")
            drawn.invert_yaxis()
    return figure


def _draw_heated(axes: Axes, heated: ThermalSolution) -> None:
    shown = heated.depth[heated.depth < 0.08]
    dots = spread(shown, 14)
    for colour, hour in zip(COLOURS, (1, 3, 6, 12, 23), strict=False):
        exact = warming_by_constant_flux(HEATED, FLUX, shown, np.array(3600.0 * hour))
        axes.plot(exact, 100.0 * shown, color=colour, label=f"{hour} h")
        axes.plot(heated.temperature[dots, hour] - START, 100.0 * shown[dots], "o", color=colour, **DOT)
    axes.set_xlabel("Warming [K]")
    axes.legend()


def _draw_waves(axes: Axes, layered: ThermalSolution) -> None:
    depth = np.linspace(0.0, 0.02, 200)
    found, dots = np.abs(_harmonics(layered)), spread(layered.depth[layered.depth < 0.02], 16)
    for colour, row, n in zip(COLOURS, found, HARMONICS, strict=False):
        exact = np.abs(_in_layers(2.0 * math.pi * n / PERIOD, depth))
        axes.semilogx(exact, 100.0 * depth, color=colour, label=f"harmonic {n}")
        axes.plot(row[dots], 100.0 * layered.depth[dots], "o", color=colour, **DOT)
    axes.axhline(100.0 * THICKNESS, color="black", linewidth=0.7, linestyle="--")
    axes.set_xlabel("Amplitude over that at the surface")
    axes.legend()


def _draw_means(axes: Axes, lunar: ThermalSolution) -> None:
    dots = spread(np.log(lunar.depth), 20)
    axes.semilogy(_closed_form_mean(lunar), 100.0 * lunar.depth, color=COLOURS[0])
    axes.plot(lunar.temperature[dots].mean(axis=1), 100.0 * lunar.depth[dots], "o", color=COLOURS[0], **DOT)
    axes.set_xlabel("Mean temperature [K]")


def _closed_form_mean(lunar: ThermalSolution) -> FloatArray:
    """Return ⟨T⟩ by the closed form, with ⟨T⁴⟩ − ⟨T⟩⁴ that of the model."""
    exact = _transform(lunar.surface_temperature) + FROM_BELOW * resistance(lunar.depth, SURFACE_K, DEEP_K, SCALE)
    return np.asarray(exact - 0.25 * RADIATIVE * (lunar.temperature**4).mean(axis=1))
