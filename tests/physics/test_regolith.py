"""Temperatures of regolith that radiation goes through: against other programs, limits, and its own error estimates."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numba import njit

from tmx.physics.column import Bottom, Surface
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.energy import factorise_system, linearise, make_system, net_heat, substitute_system
from tmx.physics.insolation import make_sun
from tmx.physics.layout import lay_out
from tmx.physics.materials import LUNAR_HEAT_CAPACITY, Layer, polynomial_heat_capacity
from tmx.physics.problem import GridRule, Numerics, Problem
from tmx.physics.thermal import fixed_temperature, solve_days, solve_periodic, solve_steady
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand
from validation.truths import stored
from validation.truths.transfer import HOPF

DUST = Layer(0.2, 1100.0, 5.5e-4, 825.0)
ROCK = Layer(0.5, 2000.0, 1.0, 700.0)
LUNAR = Layer(0.8, 1100.0, 7.4e-4, polynomial_heat_capacity(LUNAR_HEAT_CAPACITY), 2.7 / 350**3, 1800.0, 3.4e-3, 0.06)
NOON = make_sun(period=15450.0, latitude=0.0, declination=0.0, flux=1366.0)
DARK = make_sun(period=15450.0, latitude=0.0, declination=0.0, flux=0.0)


def grey(extinction, thermal=0.1, visible=0.5, *, g=0.0, g_vis=0.0, eta=1.0, ground=0.0, **settings):
    return Regolith(
        (ThermalBand(Optics(extinction, thermal, g), reflectivity=ground),),
        (SolarBand(Optics(eta * extinction, visible, g_vis), reflectivity=ground),),
        **settings,
    )


def spectral(extinction, *, edges, albedos, **settings):
    bands = zip(edges[:-1], edges[1:], albedos, strict=True)
    thermal = tuple(ThermalBand(Optics(extinction, albedo, 0.2), low, high) for low, high, albedo in bands)
    return Regolith(thermal, (SolarBand(Optics(extinction, 0.5)),), **settings)


def from_config(given):
    sun = make_sun(
        period=given["P"],
        latitude=given.get("latitude", 0.0),
        declination=given.get("dec", 0.0),
        flux=given["S"] / given.get("R", 1.0) ** 2,
    )
    dust = Layer(given["dust_thickness"], given["rho_dust"], given["k_dust"], given["cp_dust"])
    regolith = grey(
        given["Et"],
        given["ssalb_therm"],
        given["ssalb_vis"],
        g=given.get("g_therm", 0.0),
        g_vis=given.get("g_vis", 0.0),
        eta=given.get("eta", 1.0),
        solver=given["RTE_solver"],
    )
    return Problem([dust], regolith, Bottom(), sun)


@pytest.mark.parametrize("case", range(4))
def test_the_periodic_state_as_another_solver_has_it(case):
    case = stored("regolith_periodic")[case]
    solution = solve_periodic(from_config(case["config"]), 48, Numerics(accuracy=0.02))
    assert solution.surface_temperature == pytest.approx(case["brightness_temperature_K"], abs=0.03)
    for depth, theirs in zip(case["depth_m"], np.transpose(case["temperature_K"]), strict=True):
        ours = [np.interp(depth, solution.depth, profile) for profile in solution.temperature.T]
        assert ours == pytest.approx(theirs, abs=0.08)
    assert solution.error.streams == pytest.approx(case["streams_4_vs_16_K"], rel=0.3)
    assert solution.error.total < 0.02


@pytest.mark.parametrize(("name", "error"), [("C", 0.8), ("D", 0.4)], ids=["Hapke", "discrete ordinates"])
def test_days_from_a_given_start_as_a_peer_has_them(name, error):
    case = stored("thermospec_runs")[name]
    given = case["overrides"]
    solution = solve_days(from_config({**given, "S": 1366.0}), 47, given["ndays"], given["T_bottom"])
    difference = solution.surface_temperature - case["surface_temperature_K"][:47]
    assert solution.times == pytest.approx(case["time_s"][:47], abs=1e-2)
    assert np.abs(difference).max() < error
    assert np.median(np.abs(difference)) < 0.25 * error


def test_radiative_equilibrium_follows_hopf():
    regolith = Regolith((ThermalBand(Optics(100.0, 0.0)),), (), streams=32)
    problem = Problem([Layer(1.0, 1000.0, 1e-9, 700.0)], regolith, Bottom(flux=300.0), DARK)
    solution = solve_steady(problem, 0.0, Numerics(accuracy=0.01))
    optical_depth = 100.0 * solution.depth
    ratio = solution.temperature[:, 0] ** 4 * STEFAN_BOLTZMANN / 300.0
    for tau, q in HOPF.items():
        assert np.interp(tau, optical_depth, ratio) == pytest.approx(0.75 * (tau + q), abs=3e-3)
    assert solution.surface_temperature[0] == pytest.approx((300.0 / STEFAN_BOLTZMANN) ** 0.25, abs=0.01)


def test_optically_thick_dust_conducts_as_the_radiative_conductivity_says():
    # 16 σ T³ / (3 χ) on top of k, below an opaque surface. Heat leaves from a mean optical depth of ⅔, and sunlight
    # arrives at ⟨μ²⟩/⟨μ⟩ = π/4 over a day on the equator: where these are the same depth, nothing has to cross the top.
    chi, k, sun = 2e5, 1e-3, replace_sun(period=86400.0)
    dust = Layer(0.05, 1300.0, k, 800.0)
    radiative = replace(dust, radiative=16.0 * STEFAN_BOLTZMANN / (3.0 * chi * k))
    visible = Optics(chi * (math.pi / 4.0) / (2.0 / 3.0), 0.0)
    through = Problem(
        [dust], Regolith((ThermalBand(Optics(chi, 0.0)),), (SolarBand(visible),), streams=8), Bottom(), sun
    )
    seen, with_it, without = (
        solve_periodic(problem, 24, Numerics(accuracy=0.05))
        for problem in (
            through,
            Problem([radiative], Surface(1.0), Bottom(), sun),
            Problem([dust], Surface(1.0), Bottom(), sun),
        )
    )
    deep, expected, cooler = (np.interp(0.025, s.depth, s.temperature.mean(axis=1)) for s in (seen, with_it, without))
    assert expected - cooler > 1.8
    assert deep == pytest.approx(expected, abs=0.03)
    assert seen.surface_temperature == pytest.approx(with_it.surface_temperature, abs=0.1)


def replace_sun(**changes):
    return make_sun(**{"period": 15450.0, "latitude": 0.0, "declination": 0.0, "flux": 1366.0} | changes)


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_vanishing_dust_leaves_bare_rock(solver):
    bare = Problem([ROCK], Surface(0.9), Bottom(), make_sun(
        period=15450.0, latitude=0.3, declination=0.0, flux=1366.0, albedo=0.1))  # fmt: skip
    rock = solve_periodic(bare, 24, Numerics(accuracy=0.02)).surface_temperature
    apart = []
    for tau in (0.04, 0.01):
        dust = Layer(tau / 1000.0, 1100.0, 1e-2, 825.0)
        problem = Problem([dust, ROCK], grey(1000.0, ground=0.1, solver=solver), Bottom(), replace_sun(latitude=0.3))
        seen = solve_periodic(problem, 24, Numerics(accuracy=0.02))
        brightness = 0.9**0.25 * rock
        apart.append(np.abs(seen.surface_temperature - brightness).max())
    assert apart[0] < 8.0
    assert apart[1] < 0.35 * apart[0]


def test_thick_dust_hides_what_is_below():
    sun = replace_sun(latitude=0.5)
    dust = Layer(0.05, 1100.0, 5.5e-4, 825.0)
    alone = solve_periodic(Problem([replace(dust, thickness=0.5)], grey(3000.0), Bottom(), sun), 24)
    over_rock = solve_periodic(Problem([dust, ROCK], grey(3000.0, ground=0.4), Bottom(), sun), 24)
    assert over_rock.surface_temperature == pytest.approx(alone.surface_temperature, abs=0.15)


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_an_isothermal_column_in_a_shroud_is_a_black_body(solver):
    problem = Problem([DUST], grey(1000.0, thermal=0.8, solver=solver, sky=250.0), Bottom(), DARK)
    even = solve_periodic(problem, 12)
    assert even.surface_temperature == pytest.approx(250.0, abs=0.005)
    assert even.temperature == pytest.approx(250.0, abs=0.01)
    cold = fixed_temperature(replace(problem, surface=replace(problem.surface, sky=0.0)), 250.0)
    assert 200.0 < cold.surface_temperature[0] < 240.0
    assert cold.temperature == pytest.approx(250.0)


EDGES = (0.0, 4e4, 8e4, 1.2e5, 3e5, np.inf)
MODES = {
    "grey": grey(4000.0),
    "scattering forward": grey(4000.0, 0.7, 0.9, g=0.8, g_vis=0.7, eta=3.0),
    "conservative sunlight": grey(900.0, visible=1.0, ground=0.3),
    "two streams": grey(4000.0, streams=2),
    "sixteen streams": grey(4000.0, streams=16),
    "Hapke": grey(4000.0, g=0.3, solver="hapke"),
    "bands": spectral(4000.0, edges=EDGES, albedos=(0.1, 0.3, 0.8, 0.6, 0.1)),
    "bands, Hapke": spectral(4000.0, edges=EDGES, albedos=(0.1, 0.3, 0.8, 0.6, 0.1), solver="hapke"),
    "warm shroud": grey(4000.0, sky=180.0),
}
GROUNDS = {
    "one layer": ([DUST], Bottom()),
    "geothermal": ([DUST], Bottom(flux=0.05)),
    "fixed bottom": ([Layer(0.01, 1100.0, 5.5e-4, 825.0)], Bottom(temperature=200.0)),
    "thin dust over rock": ([Layer(3e-4, 1100.0, 5.5e-4, 825.0), ROCK], Bottom()),
    "lunar laws": ([LUNAR], Bottom(flux=0.018)),
}


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("mode", MODES)
def test_energy_is_conserved_and_accuracy_met_in_every_mode(mode, ground):
    layers, bottom = GROUNDS[ground]
    sun = replace_sun(latitude=0.6, declination=-0.2, period=50_000.0)
    solution = solve_periodic(Problem(layers, MODES[mode], bottom, sun), 12)
    assert abs(solution.energy_residual) < 1e-6
    assert solution.error.total < 0.1
    assert solution.flux_residual < 0.02
    assert solution.coldest <= solution.mean <= solution.hottest
    assert (solution.error.streams is None) == ("Hapke" in mode)


@pytest.mark.parametrize("mode", MODES)
def test_the_steady_balance_closes_and_is_where_days_lead(mode):
    problem = Problem([Layer(0.004, 1100.0, 5.5e-3, 825.0)], MODES[mode], Bottom(flux=0.5), replace_sun(latitude=0.2))
    steady = solve_steady(problem, 0.6)
    assert abs(steady.energy_residual) < 1e-9
    assert steady.error.total < 0.1
    polar = replace(problem, sun=replace_sun(latitude=math.pi / 2, declination=math.asin(0.6), period=3e5))
    assert steady.surface_temperature[0] == pytest.approx(solve_periodic(polar, 4).surface_temperature[0], abs=0.15)


def test_bands_of_the_same_optics_are_one_band():
    sun = replace_sun(latitude=0.4)
    bands = Problem([DUST], spectral(2000.0, edges=EDGES, albedos=(0.4,) * 5), Bottom(), sun)
    one = Problem([DUST], spectral(2000.0, edges=(0.0, np.inf), albedos=(0.4,)), Bottom(), sun)
    many, grey_one = (solve_periodic(p, 24, Numerics(accuracy=0.05)) for p in (bands, one))
    assert many.surface_temperature == pytest.approx(grey_one.surface_temperature, abs=2e-4)
    assert many.temperature == pytest.approx(grey_one.temperature, abs=2e-4)


@njit
def heat_of(column, radiation, temperature):
    system = make_system(column, radiation)
    lost = net_heat(column, radiation, temperature, system)
    return system.rate, lost


@njit
def solved(column, radiation, temperature, inertia, x):
    system = make_system(column, radiation)
    linearise(column, radiation, temperature, system)
    for j in range(inertia.size):
        system.diagonal[j] += inertia[j]
    slope = system.radiation.slope.copy()
    factorise_system(radiation, slope, system)
    return substitute_system(radiation, slope, system, x)


@pytest.mark.parametrize("mode", ["grey", "two streams", "sixteen streams", "Hapke", "bands"])
@pytest.mark.parametrize("ground", ["one layer", "thin dust over rock", "lunar laws"])
def test_linear_systems_are_those_of_the_derivatives(mode, ground):
    layers, bottom = GROUNDS[ground]
    site = lay_out(Problem(layers, MODES[mode], bottom, NOON), GridRule(first=0.3, optical=0.3)).site
    column, radiation = site.column, site.radiation
    temperature = 250.0 + 60.0 * np.sin(np.arange(column.depth.size))
    shift = np.eye(column.depth.size) * 1e-2
    pairs = [[heat_of(column, radiation, temperature + sign * s) for sign in (1, -1)] for s in shift]
    derivative = np.array([(high[0] - low[0]) / 2e-2 for high, low in pairs]).T
    brightening = np.array([(high[1] - low[1]) / 2e-2 for high, low in pairs])
    inertia = np.full(column.depth.size, 7.0)
    right = np.cos(np.arange(column.depth.size))
    solution = right.copy()
    change = solved(column, radiation, temperature, inertia, solution)
    assert (np.diag(inertia) - derivative) @ solution == pytest.approx(right, abs=1e-6)
    assert change == pytest.approx(brightening @ solution, rel=1e-6, abs=1e-8)


def random_problem(number):
    """Draw a regolith from the whole space of configs."""
    rng = np.random.default_rng([11, number])

    def log_uniform(low, high):
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    extinction = log_uniform(200.0, 2e5)
    layer = Layer(log_uniform(1e-3, 5.0), rng.uniform(500, 2500), log_uniform(1e-6, 0.5), rng.uniform(300, 1000))
    regolith = grey(
        extinction,
        rng.uniform(0.0, 0.95),
        rng.uniform(0.0, 0.95),
        g=rng.uniform(-0.3, 0.85),
        g_vis=rng.uniform(-0.3, 0.85),
        eta=rng.choice([0.5, 1.0, 2.0]),
        ground=rng.choice([0.0, 0.3]),
        solver=("disort", "hapke")[number % 2],
    )
    sun = replace_sun(
        latitude=rng.uniform(-1.56, 1.56), period=log_uniform(7200.0, 2.55e6), flux=1361.0 / log_uniform(0.3, 30.0) ** 2
    )
    return Problem([layer], regolith, Bottom(), sun)


@pytest.mark.parametrize("number", range(24))
def test_errors_are_as_estimated(number):
    problem = random_problem(number)
    solution = solve_periodic(problem, 24)
    converged = solve_periodic(problem, 24, Numerics(accuracy=0.006, grid=GridRule(0.02, 1.12, optical=0.02)))
    error = np.abs(solution.surface_temperature - converged.surface_temperature).max()
    assert error < 0.1
    assert error < 3.0 * solution.error.total + 2.0 * converged.error.total
    assert abs(solution.energy_residual) < 1e-6


def test_streams_are_added_until_they_suffice():
    problem = Problem([DUST], grey(5000.0, 0.5, 0.6, g=0.6, g_vis=0.6), Bottom(), replace_sun(latitude=0.3))
    free = solve_periodic(problem, 24, Numerics(add_streams=True))
    assert free.streams > 4
    assert free.error.streams <= 0.04
    many = solve_periodic(replace(problem, surface=problem.surface.with_streams(32)), 24, Numerics(accuracy=0.02))
    assert free.surface_temperature == pytest.approx(many.surface_temperature, abs=0.1)


def test_fixed_steps_and_a_fixed_grid_say_what_they_cost():
    problem = Problem([DUST], grey(5000.0), Bottom(), NOON)
    numerics = Numerics(refine_grid=False, steps_per_day=480, grid=GridRule(0.1, 1.4, 6, 0.2))
    solution = solve_periodic(problem, 24, numerics)
    converged = solve_periodic(problem, 24, Numerics(accuracy=0.01))
    error = np.abs(solution.surface_temperature - converged.surface_temperature).max()
    assert 0.3 < solution.error.total / error < 3.0
