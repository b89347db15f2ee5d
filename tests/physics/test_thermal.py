"""Whole solutions against published numbers, peers and themselves at a finer resolution."""

import math

import numpy as np
import pytest

from tmx.physics.column import Bottom, Surface
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import make_sun
from tmx.physics.materials import LUNAR_HEAT_CAPACITY, Layer, biele_heat_capacity, polynomial_heat_capacity
from tmx.physics.problem import GridRule, Numerics, Problem
from tmx.physics.thermal import fixed_temperature, solve_days, solve_periodic, solve_steady
from validation.truths import stored
from validation.truths.conduction import EQUATOR
from validation.truths.moon import DEEP_EQUATOR, EXTREMES

LUNAR_DAY = 29.53059 * 86400.0
MOON = Layer(2.0, 1100.0, 7.4e-4, polynomial_heat_capacity(LUNAR_HEAT_CAPACITY), 2.7 / 350**3, 1800.0, 3.4e-3, 0.06)


def moon_at(latitude_deg):
    sun = make_sun(
        period=LUNAR_DAY,
        latitude=math.radians(latitude_deg),
        declination=0.0,
        flux=1361.0,
        albedo=0.12,
        albedo_a=0.06,
        albedo_b=0.25,
    )
    return Problem([MOON], Surface(0.95), Bottom(0.018), sun)


def asteroid(inertia=250.0, latitude=0.0, **sun):
    conductivity = inertia**2 / (1190.0 * 750.0)
    layer = Layer(20.0 * math.sqrt(conductivity * 15466.0 / (math.pi * 1190.0 * 750.0)), 1190.0, conductivity, 750.0)
    sun = make_sun(period=15466.0, latitude=latitude, declination=0.0, flux=1361.0, **{"albedo": 0.02, **sun})
    return Problem([layer], Surface(0.95), Bottom(), sun)


@pytest.mark.parametrize("case", stored("moon_periodic"), ids=lambda c: str(c["latitude_deg"]))
def test_lunar_surface_over_a_day(case):
    solution = solve_periodic(moon_at(case["latitude_deg"]), 480, Numerics(accuracy=0.02))
    fraction = (np.array(case["time_fraction_from_noon"]) + 0.5) % 1.0
    found = np.interp(fraction, solution.times / LUNAR_DAY, solution.surface_temperature, period=1.0)
    expected = np.array(case["surface_temperature_K"])
    # Sampling at 480 times a day costs up to 0.1 K by interpolation where temperatures change fastest.
    assert found == pytest.approx(expected, abs=0.15)
    assert np.median(np.abs(found - expected)) < 0.01


@pytest.mark.parametrize("latitude", EXTREMES)
def test_lunar_extremes_and_means(latitude):
    highest, lowest, mean = EXTREMES[latitude]
    solution = solve_periodic(moon_at(latitude), 24, Numerics(accuracy=0.01))
    assert solution.hottest == pytest.approx(highest, abs=0.01)
    assert solution.coldest == pytest.approx(lowest, abs=0.02)
    assert solution.mean == pytest.approx(mean, abs=0.02)


def test_lunar_temperature_at_depth():
    solution = solve_periodic(moon_at(0), 24, Numerics(accuracy=0.02))
    depth, known = DEEP_EQUATOR
    assert np.interp(depth, solution.depth, solution.temperature.mean(axis=1)) == pytest.approx(known, abs=0.1)


@pytest.mark.parametrize("theta", EQUATOR)
def test_equator_in_units_of_the_subsolar_temperature(theta):
    highest, lag_deg, lowest, mean = EQUATOR[theta]
    emissivity, period, flux = 0.9, 36000.0, 1000.0
    subsolar = (flux / (emissivity * STEFAN_BOLTZMANN)) ** 0.25
    inertia = theta * emissivity * STEFAN_BOLTZMANN * subsolar**3 / math.sqrt(2.0 * math.pi / period)
    conductivity = inertia**2 / (1500.0 * 800.0)
    depth = 15.0 * math.sqrt(conductivity * period / (math.pi * 1500.0 * 800.0))
    sun = make_sun(period=period, latitude=0.0, declination=0.0, flux=flux)
    problem = Problem([Layer(depth, 1500.0, conductivity, 800.0)], Surface(emissivity), Bottom(), sun)
    solution = solve_periodic(problem, 240, Numerics(accuracy=0.02))
    assert solution.hottest / subsolar == pytest.approx(highest, abs=2e-4)
    assert 360.0 * (solution.time_of_hottest / period - 0.5) == pytest.approx(lag_deg, abs=0.05)
    assert solution.coldest / subsolar == pytest.approx(lowest, abs=2e-4)
    assert solution.mean / subsolar == pytest.approx(mean, abs=2e-4)
    assert np.mean((solution.surface_temperature / subsolar) ** 4) * math.pi == pytest.approx(1.0, abs=2e-4)


@pytest.mark.parametrize(("name", "tolerance"), [("A", 0.2), ("B", 0.35)], ids=["one layer", "two layers"])
def test_days_from_a_given_start_as_a_peer_has_them(name, tolerance):
    case = stored("thermospec_runs")[name]
    given = case["overrides"]
    layers = [Layer(given["dust_thickness"], given["rho_dust"], given["k_dust"], given["cp_dust"])]
    if not given.get("single_layer", True):
        layers.append(Layer(given["rock_thickness"], given["rho_rock"], given["k_rock"], given["cp_rock"]))
    sun = make_sun(period=given["P"], latitude=0.0, declination=0.0, flux=1366.0, albedo=given["albedo"])
    problem = Problem(layers, Surface(given["em"]), Bottom(), sun)
    solution = solve_days(problem, 47, given["ndays"], given["T_bottom"], Numerics(accuracy=0.01))
    assert solution.times == pytest.approx(case["time_s"][:47], abs=1e-3)
    assert solution.surface_temperature == pytest.approx(case["surface_temperature_K"][:47], abs=tolerance)


def random_problem(rng):
    """Draw a surface from a wide space: periods of hours to a month, 0.3 to 30 AU, dust, rock and lunar laws."""

    def log_uniform(low, high):
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    dust = Layer(log_uniform(1e-3, 5.0), rng.uniform(300, 3000), log_uniform(1e-5, 0.5), rng.uniform(300, 1200))
    rock = Layer(log_uniform(0.05, 5.0), rng.uniform(1500, 3300), log_uniform(0.05, 4.0), biele_heat_capacity)
    layers = [[dust], [dust, rock], [MOON]][rng.integers(3)]
    bottom = [Bottom(), Bottom(flux=log_uniform(1e-3, 0.1)), Bottom(temperature=rng.uniform(50, 300))][rng.integers(3)]
    sun = make_sun(
        period=log_uniform(7200.0, LUNAR_DAY),
        latitude=math.radians(rng.uniform(-90, 90)),
        declination=math.radians(rng.uniform(-25, 25)),
        flux=1361.0 / log_uniform(0.3, 30.0) ** 2,
        albedo=rng.uniform(0.0, 0.9),
    )
    return Problem(layers, Surface(rng.uniform(0.5, 1.0), downwelling=rng.uniform(0.01, 5.0)), bottom, sun)


@pytest.mark.parametrize("seed", range(25))
def test_error_is_below_the_accuracy_asked_for_and_below_its_estimate(seed):
    problem = random_problem(np.random.default_rng([20260101, seed]))
    solution = solve_periodic(problem, 48)
    converged = solve_periodic(problem, 48, Numerics(accuracy=0.005))
    error = np.abs(solution.surface_temperature - converged.surface_temperature).max()
    assert error < 0.1
    assert solution.error.total <= 0.1
    assert error < 2.0 * solution.error.total + 0.005
    assert abs(solution.energy_residual) < 1e-5
    assert solution.periodicity_residual < 0.02


@pytest.mark.parametrize("accuracy", [1.0, 0.1, 0.01])
def test_accuracy_is_met_as_asked(accuracy):
    solution = solve_periodic(moon_at(20), 48, Numerics(accuracy=accuracy))
    converged = solve_periodic(moon_at(20), 48, Numerics(accuracy=accuracy / 50))
    assert np.abs(solution.surface_temperature - converged.surface_temperature).max() < accuracy


def test_an_accuracy_out_of_reach_is_reported():
    coarse = Numerics(accuracy=0.01, grid=GridRule(first=0.8, ratio=1.5), refine_grid=False)
    solution = solve_periodic(asteroid(), 48, coarse)
    converged = solve_periodic(asteroid(), 48, Numerics(accuracy=0.01))
    error = np.abs(solution.surface_temperature - converged.surface_temperature).max()
    assert solution.error.total > 0.01
    assert error == pytest.approx(solution.error.grid, rel=0.5)


def test_cells_are_of_second_order():
    errors = []
    converged = solve_periodic(asteroid(), 48, Numerics(accuracy=0.002))
    for first, ratio in ((0.2, 1.2), (0.1, math.sqrt(1.2)), (0.05, 1.2**0.25)):
        numerics = Numerics(accuracy=0.002, grid=GridRule(first, ratio), refine_grid=False)
        solution = solve_periodic(asteroid(), 48, numerics)
        errors.append(np.abs(solution.surface_temperature - converged.surface_temperature).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 1.7).all()


def test_fixed_steps_are_of_fourth_order():
    def surface(steps):
        numerics = Numerics(accuracy=10.0, grid=GridRule(0.1, 1.2), refine_grid=False, steps_per_day=steps)
        return solve_periodic(asteroid(latitude=1.2), 12, numerics).surface_temperature

    converged = surface(6144)
    errors = [np.abs(surface(steps) - converged).max() for steps in (192, 384, 768)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 2.8).all()
    assert errors[0] < 0.05


def test_thick_dust_hides_the_rock_and_thin_dust_does_not_matter():
    rock = Layer(2.0, 2500.0, 1.5, 800.0)
    dust = Layer(0.2, 1100.0, 1e-3, 800.0)
    sun = make_sun(period=15466.0, latitude=0.0, declination=0.0, flux=1361.0)

    def surface(*layers):
        return solve_periodic(Problem(layers, Surface(0.95), Bottom(), sun), 48).surface_temperature

    assert surface(dust, rock) == pytest.approx(surface(dust), abs=0.2)
    film = Layer(1e-7, 1100.0, 1e-3, 800.0)
    assert surface(film, rock) == pytest.approx(surface(rock), abs=0.2)


def test_polar_night_is_warmed_from_below_alone():
    sun = make_sun(period=LUNAR_DAY, latitude=math.radians(-89.0), declination=math.radians(1.5), flux=1361.0)
    polar = Layer(1.0, 1500.0, 3e-3, biele_heat_capacity)
    solution = solve_periodic(Problem([polar], Surface(0.95), Bottom(flux=0.018), sun), 24)
    assert solution.surface_temperature == pytest.approx((0.018 / (0.95 * STEFAN_BOLTZMANN)) ** 0.25, abs=0.01)
    assert solution.deep - solution.mean == pytest.approx(0.018 * solution.depth[-1] / 3e-3, rel=1e-3)


def test_midnight_sun_gives_the_same_temperature_all_day():
    sun = make_sun(period=15466.0, latitude=math.pi / 2, declination=0.3, flux=1000.0)
    solution = solve_periodic(Problem([MOON], Surface(0.95), Bottom(), sun), 24)
    expected = (1000.0 * math.sin(0.3) / (0.95 * STEFAN_BOLTZMANN)) ** 0.25
    assert solution.surface_temperature == pytest.approx(expected, abs=1e-3)


def test_north_and_south_differ_by_half_a_year_only():
    north = solve_periodic(asteroid(latitude=0.5), 24)
    south = solve_periodic(asteroid(latitude=-0.5), 24)
    assert north.surface_temperature == pytest.approx(south.surface_temperature, abs=1e-9)


def test_all_days_are_kept_when_asked():
    last = solve_days(asteroid(), 24, 3, 250.0)
    every = solve_days(asteroid(), 24, 3, 250.0, last_day=False)
    assert every.times == pytest.approx(15466.0 * np.arange(72) / 24)
    assert last.times == pytest.approx(every.times[48:])
    assert last.surface_temperature == pytest.approx(every.surface_temperature[48:], abs=0.1)
    assert every.temperature.shape == (every.depth.size, 72)


def test_many_days_come_to_the_periodic_state():
    days = solve_days(asteroid(inertia=50.0), 24, 400, 230.0)
    periodic = solve_periodic(asteroid(inertia=50.0), 24)
    assert days.surface_temperature == pytest.approx(periodic.surface_temperature, abs=0.2)


def test_standing_sun():
    solution = solve_steady(asteroid(), 0.5)
    assert solution.times.tolist() == [0.0]
    assert solution.temperature == pytest.approx((0.98 * 680.5 / (0.95 * STEFAN_BOLTZMANN)) ** 0.25)


def test_temperature_given():
    solution = fixed_temperature(asteroid(), 300.0)
    assert (solution.temperature == 300.0).all()
    assert solution.surface_temperature.tolist() == [300.0]


def test_cells_describe_the_layers():
    rock = Layer(0.5, 2500.0, 1.5, 800.0)
    dust = Layer(0.01, 1100.0, 1e-3, 800.0)
    sun = make_sun(period=15466.0, latitude=0.0, declination=0.0, flux=1361.0)
    solution = solve_periodic(Problem([dust, rock], Surface(0.95), Bottom(), sun), 12)
    assert solution.boundaries[[0, -1]] == pytest.approx([0.0, 0.51])
    assert solution.depth == pytest.approx(0.5 * (solution.boundaries[1:] + solution.boundaries[:-1]))
    assert (solution.layer == (solution.depth > 0.01)).all()
