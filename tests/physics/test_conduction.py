"""The compiled column against solutions that others worked out on paper."""

import math

import numpy as np
import pytest

from tmx.physics.balance import steady_state
from tmx.physics.column import Bottom, Surface, make_column
from tmx.physics.conduction import heat_rates, negative_jacobian
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.grid import bisect, geometric_edges
from tmx.physics.insolation import make_sun, mean_absorbed_sunlight
from tmx.physics.materials import LUNAR_HEAT_CAPACITY, Layer, biele_heat_capacity, polynomial_heat_capacity
from tmx.physics.periodic import find_periodic
from tmx.physics.site import IntegrationError, Site, day_mesh
from validation.truths.conduction import Solid, resistance, warming_by_constant_flux, wave

DARK = make_sun(period=86400.0, latitude=0.0, declination=0.0, flux=0.0)
MOON = Layer(1.5, 1100.0, 7.4e-4, polynomial_heat_capacity(LUNAR_HEAT_CAPACITY), 2.7 / 350**3, 1800.0, 3.4e-3, 0.06)
ROCK = Layer(0.5, 2500.0, 1.5, biele_heat_capacity)


def column_of(*layers, first=0.05, bottom=None, emissivity=0.95):
    edges = [geometric_edges(layer.thickness, first * layer.thickness, 1.2) for layer in layers]
    return make_column(layers, edges, Surface(emissivity), bottom)


def site_of(column, sun):
    return Site(column, None, sun, mean_absorbed_sunlight(sun))


def test_jacobian_is_the_derivative_of_the_fluxes():
    column = column_of(MOON, ROCK, bottom=Bottom(0.02, 240.0))
    temperature = np.linspace(300.0, 200.0, column.depth.size)
    n = temperature.size
    lower, diagonal, upper = np.zeros(n), np.zeros(n), np.zeros(n)
    negative_jacobian(column, temperature, lower, diagonal, upper)
    diagonal[0] += 4.0 * 0.95 * STEFAN_BOLTZMANN * temperature[0] ** 3
    banded = np.diag(diagonal) + np.diag(upper[:-1], 1) + np.diag(lower[1:], -1)
    numerical = np.zeros((n, n))
    for j in range(n):
        high, low, shift = np.empty(n), np.empty(n), np.zeros(n)
        shift[j] = 1e-3
        heat_rates(column, temperature + shift, high)
        heat_rates(column, temperature - shift, low)
        numerical[:, j] = -(high - low) / 2e-3
    assert banded == pytest.approx(numerical, rel=1e-6, abs=1e-6 * np.abs(banded).max())


def test_half_space_under_a_constant_flux():
    solid, flux, seconds = Solid(2e-3, 1500.0, 700.0), 10.0, 86400.0
    layer = Layer(0.3, solid.density, solid.conductivity, solid.heat_capacity)
    edges = 0.3 - geometric_edges(0.3, 2e-4, 1.05)[::-1]
    for _ in range(2):
        edges = 0.3 - bisect(0.3 - edges[::-1])[::-1]
    column = make_column([layer], [edges], Surface(1e-12), Bottom(flux))
    start = np.full(column.depth.size, 100.0)
    end = site_of(column, DARK).integrate(day_mesh(DARK), start, 1e-4, record=False).end
    x = 0.3 - column.depth
    exact = 100.0 + warming_by_constant_flux(solid, flux, x, np.array(seconds))
    assert end[1:] == pytest.approx(exact[1:], abs=2e-3)


def test_temperature_waves_fade_and_lag_with_depth():
    layer = Layer(0.4, 1300.0, 5e-3, 750.0)
    sun = make_sun(period=15450.0, latitude=0.3, declination=0.0, flux=1361.0, albedo=0.05)
    column = make_column([layer], [geometric_edges(0.4, 2e-4, 1.03)], Surface(0.95))
    times = np.arange(512) * sun.period / 512
    state = find_periodic(site_of(column, sun), day_mesh(sun, times), tolerance=1e-3, target=1e-5, start=250.0)
    day = state.day.profiles[state.mesh.at(times)]
    waves = np.fft.rfft(day, axis=0) / 512
    for harmonic in (1, 2, 3):
        frequency = 2.0 * math.pi * harmonic / sun.period
        expected = waves[harmonic, 0] * wave(Solid(5e-3, 1300.0, 750.0), frequency, column.depth)
        assert np.abs(waves[harmonic] - expected).max() < 2e-3 * np.abs(waves[harmonic, 0])


def test_two_halves_of_a_layer_are_the_whole_layer():
    whole = make_column([Layer(0.2, 1500.0, 2e-3, 700.0)], [np.linspace(0, 0.2, 41)], Surface(0.95))
    half = Layer(0.1, 1500.0, 2e-3, 700.0)
    halves = make_column([half, half], [np.linspace(0, 0.1, 21)] * 2, Surface(0.95))
    sun = make_sun(period=5e4, latitude=0.0, declination=0.0, flux=1361.0)
    one, two = (
        site_of(c, sun).integrate(day_mesh(sun), np.full(c.depth.size, 250.0), 1e-4, record=False).end
        for c in (whole, halves)
    )
    assert two[halves.mass > 0.0] == pytest.approx(one[whole.mass > 0.0], abs=1e-3)


@pytest.mark.parametrize("layers", [(MOON,), (MOON, ROCK)], ids=["one layer", "two layers"])
@pytest.mark.parametrize("bottom", [Bottom(), Bottom(flux=0.05), Bottom(temperature=230.0)])
def test_heat_is_conserved_to_rounding(layers, bottom):
    column = column_of(*layers, bottom=bottom)
    sun = make_sun(period=2.55e6, latitude=0.7, declination=0.02, flux=1361.0, albedo=0.12)
    start = np.full(column.depth.size, 250.0)
    summary = site_of(column, sun).integrate(day_mesh(sun), start, 0.3, record=False).summary
    gained = summary.absorbed + summary.from_below - summary.emitted
    assert gained == pytest.approx(summary.stored, abs=1e-12 * summary.absorbed)


def test_conductivity_that_grows_with_temperature_warms_the_depth():
    # ⟨T⟩ + B⟨T⁴⟩/4 is the same at every depth of the periodic state: the solid-state greenhouse effect.
    sun = make_sun(period=2.551e6, latitude=0.0, declination=0.0, flux=1361.0, albedo=0.12)
    column = make_column([MOON], [geometric_edges(1.5, 1e-3, 1.05)], Surface(0.95))
    times = np.arange(2000) * sun.period / 2000
    state = find_periodic(site_of(column, sun), day_mesh(sun, times), tolerance=0.01, target=1e-5, start=250.0)
    rows = state.mesh.at(times)
    day = state.day.profiles[rows]
    transform = (day + MOON.radiative / 4 * day**4).mean(axis=0)
    assert transform == pytest.approx(transform[0], rel=2e-4)
    assert day[:, -1].mean() > day[:, 0].mean() + 30.0


def test_periodic_state_is_found_in_a_few_days():
    sun = make_sun(period=15450.0, latitude=0.0, declination=0.0, flux=1361.0)
    column = make_column([Layer(2.0, 1200.0, 1e-3, 700.0)], [geometric_edges(2.0, 5e-4, 1.2)], Surface(0.9))
    state = find_periodic(site_of(column, sun), day_mesh(sun), tolerance=0.1, target=1e-3, start=250.0)
    assert state.maps <= 8
    assert np.abs(state.day.end - state.day.profiles[0]).max() < 2e-3
    slow = np.full(column.depth.size, 300.0)
    for _ in range(50):
        slow = site_of(column, sun).integrate(day_mesh(sun), slow, 0.1, record=False).end
    assert np.abs(slow - state.day.end).max() > 1.0


def test_steady_state_carries_the_heat_from_below():
    column = make_column([MOON], [geometric_edges(1.5, 1e-3, 1.1)], Surface(0.95), Bottom(flux=0.02))
    temperature = steady_state(site_of(column, DARK), np.eye(column.depth.size)[0] * 100.0, 400.0)
    surface = (100.02 / (0.95 * STEFAN_BOLTZMANN)) ** 0.25
    transform = temperature + MOON.radiative / 4 * temperature**4
    assert temperature[0] == pytest.approx(surface, rel=1e-12)
    rise = 0.02 * resistance(column.depth, 7.4e-4, 3.4e-3, 0.06)
    assert transform - transform[0] == pytest.approx(rise, rel=1e-9, abs=1e-9)


def test_steady_state_between_the_sun_and_a_cold_bottom():
    layer = Layer(0.1, 1500.0, 0.5, 700.0)
    column = make_column([layer], [np.linspace(0, 0.1, 11)], Surface(0.9), Bottom(temperature=200.0))
    temperature = steady_state(site_of(column, DARK), np.eye(column.depth.size)[0] * 800.0, 400.0)
    flux = 800.0 - 0.9 * STEFAN_BOLTZMANN * temperature[0] ** 4
    assert flux > 100.0
    assert temperature == pytest.approx(200.0 + flux / 0.5 * (0.1 - column.depth), rel=1e-9)


def test_a_hopeless_integration_says_so(monkeypatch):
    column = column_of(Layer(0.1, 1500.0, 1e-2, 700.0))
    monkeypatch.setattr("tmx.physics.site.MOST_STEPS", 5)
    with pytest.raises(IntegrationError, match="stopped after 5 steps of a day: more than 5 steps"):
        site_of(column, DARK).integrate(day_mesh(DARK), np.full(column.depth.size, 300.0), 1e-3, record=False)
