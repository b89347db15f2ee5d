"""Temperatures of craters: against Ingersoll's bowl, planes, symmetry, and themselves at a finer resolution."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tmx.physics.column import Bottom, Surface
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import make_sun, sun_directions
from tmx.physics.materials import LUNAR_HEAT_CAPACITY, Layer, polynomial_heat_capacity
from tmx.physics.problem import Numerics, Problem
from tmx.physics.roughness import Facets, Mesh, gaussian_mesh, mesh_facets, repeating_cell, spherical_cap
from tmx.physics.roughness.coupling import incident_fluxes, make_coupling
from tmx.physics.roughness.lanes import per_facet
from tmx.physics.thermal import solve_days, solve_periodic, solve_steady
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand
from validation.truths.craters import Bowl

DUST = Layer(0.4, 1300.0, 5e-3, 750.0)
LUNAR = Layer(2.0, 1100.0, 7.4e-4, polynomial_heat_capacity(LUNAR_HEAT_CAPACITY), 2.7 / 350**3, 1800.0, 3.4e-3, 0.06)
GRAINY = Layer(0.2, 1300.0, 2e-3, 750.0)


def asteroid(facets, *, albedo=0.1, latitude=0.2, declination=0.1, flux=1000.0, sky=0.0, layer=DUST, flux_below=0.0):
    sun = make_sun(period=15450.0, latitude=latitude, declination=declination, flux=flux, albedo=albedo)
    return Problem([layer], Surface(0.95, STEFAN_BOLTZMANN * sky**4), Bottom(flux_below), sun, facets)


def regolith(facets, solver="disort", *, flux=1000.0, sky=0.0):
    grains = Regolith(
        thermal=(ThermalBand(Optics(extinction=2e4, albedo=0.3, asymmetry=0.2)),),
        solar=(SolarBand(Optics(extinction=1.5e4, albedo=0.7, asymmetry=0.3)),) if flux else (),
        solver=solver,
        sky=sky,
    )
    sun = make_sun(period=15450.0, latitude=0.2, declination=0.1, flux=flux)
    return Problem([GRAINY], grains, Bottom(), sun, facets)


def rms_apart(one, other):
    """Return the largest RMS difference of facets of equal area at any time [K]."""
    return np.sqrt(((one.surface_temperature - other.surface_temperature) ** 2).mean(axis=0)).max()


@pytest.mark.parametrize("elevation", [2.0, 10.0, 35.0, 80.0])
def test_every_facet_of_a_bowl_without_conduction_has_the_exact_temperature(elevation):
    facets, bowl = spherical_cap(0.2, 150), Bowl(0.2, math.radians(elevation))
    solution = solve_steady(asteroid(facets, albedo=bowl.albedo, flux=bowl.sunlight), bowl.sun[2])
    visible = facets.visible(bowl.sun[None])
    exact = bowl.temperature(visible.fraction[0] * visible.cosine[0])
    assert solution.surface_temperature[:, 0] == pytest.approx(exact, rel=1e-6)
    assert abs(solution.energy_residual) < 1e-10


def test_shadowed_floor_of_ingersoll():
    bowl = Bowl(0.2, math.radians(10.0))
    solution = solve_steady(asteroid(spherical_cap(0.2, 486), albedo=bowl.albedo, flux=bowl.sunlight), bowl.sun[2])
    assert solution.coldest == pytest.approx(bowl.shadow_temperature, rel=1e-6)


@pytest.mark.parametrize("albedo", [0.0, 0.3, 1.0])
def test_any_albedo(albedo):
    solution = solve_periodic(asteroid(spherical_cap(0.5, 24), albedo=albedo, sky=50.0), 12)
    assert np.isfinite(solution.surface_temperature).all()
    assert abs(solution.energy_residual) < 1e-5
    if albedo == 1.0:
        assert solution.surface_temperature == pytest.approx(50.0, abs=0.01)


@pytest.mark.parametrize("make", [asteroid, regolith])
def test_a_shallow_crater_is_a_plane(make):
    rough = solve_periodic(make(spherical_cap(1e-5, 6)), 24, Numerics(accuracy=0.02))
    flat = solve_periodic(make(None), 24, Numerics(accuracy=0.02))
    together = rough.error.total + flat.error.total
    assert np.abs(rough.surface_temperature - flat.surface_temperature).max() < together
    assert abs(rough.energy_residual) < 1e-5


@pytest.mark.parametrize("make", [asteroid, regolith])
def test_without_a_sun_everything_has_the_temperature_of_the_sky(make):
    solution = solve_periodic(make(spherical_cap(0.5, 24), flux=0.0, sky=120.0), 6, Numerics(accuracy=0.01))
    assert solution.temperature == pytest.approx(120.0, abs=0.01)


def test_a_sun_that_never_rises():
    problem = asteroid(spherical_cap(0.3, 24), latitude=1.5, declination=-0.3, flux_below=0.05)
    solution = solve_periodic(problem, 6, Numerics(accuracy=0.01))
    # What comes from below leaves through the opening, whose own area is less than that of the facets.
    area = problem.facets.areas.sum() / problem.facets.area
    emitted = STEFAN_BOLTZMANN * 0.95 * (solution.surface_temperature**4).mean()
    inside = problem.facets.view_factors.sum()
    leaves = emitted * area * (1.0 - inside) / (1.0 - 0.05 * inside)
    assert leaves == pytest.approx(0.05 * area, rel=1e-4)


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_regolith_in_a_crater_conserves_energy_and_is_warmer_at_night(solver):
    rough = solve_periodic(regolith(spherical_cap(0.4, 54), solver), 24)
    flat = solve_periodic(regolith(None, solver), 24)
    assert abs(rough.energy_residual) < 1e-5
    assert rough.error.total < 0.1
    assert rough.coldest > flat.coldest + 5.0


@pytest.mark.parametrize("layer", [DUST, LUNAR])
def test_error_estimate_covers_the_true_error(layer):
    problem = asteroid(spherical_cap(0.5, 54), layer=layer)
    found = solve_periodic(problem, 24)
    truth = solve_periodic(problem, 24, Numerics(accuracy=0.02))
    assert found.error.total < 0.1
    assert rms_apart(found, truth) < found.error.total + truth.error.total


def test_facets_that_mirror_each_other_have_equal_temperatures():
    facets = spherical_cap(0.5, 54)
    solution = solve_steady(asteroid(facets), 0.5)
    mirrored = np.abs(facets.normals[:, None] * [1.0, -1.0, 1.0] - facets.normals[None]).sum(axis=2).argmin(axis=1)
    assert solution.surface_temperature[mirrored] == pytest.approx(solution.surface_temperature, abs=1e-8)


def test_morning_mirrors_evening_without_conduction():
    dust = Layer(1e-3, 1300.0, 1e-5, 1.0)
    facets = spherical_cap(0.5, 24)
    solution = solve_periodic(asteroid(facets, latitude=0.0, declination=0.0, sky=100.0, layer=dust), 24)
    mirrored = np.abs(facets.normals[:, None] * [1.0, -1.0, 1.0] - facets.normals[None]).sum(axis=2).argmin(axis=1)
    day = slice(8, 17)
    evening = solution.surface_temperature[mirrored][:, 16:7:-1]
    assert solution.surface_temperature[:, day] == pytest.approx(evening, abs=0.3)


def test_a_matrix_of_view_factors_gives_what_one_row_does():
    facets = spherical_cap(0.5, 54)
    matrix = replace(facets, view_factors=np.repeat(facets.view_factors, facets.areas.size, axis=0))
    row, full = (solve_periodic(asteroid(shape), 12) for shape in (facets, matrix))
    assert rms_apart(full, row) < row.error.time
    assert abs(full.energy_residual) < 1e-5


def test_incident_fluxes_solve_their_equation():
    rng = np.random.default_rng(3)
    count, reflected, sky = 50, 0.3, 2.0
    areas = rng.uniform(0.5, 1.5, count)
    symmetric = rng.uniform(0.0, 1.0, (count, count))
    symmetric = symmetric + symmetric.T
    factors = 0.7 * symmetric / symmetric.sum(axis=1).max() / areas[:, None] * areas.min()
    facets = Facets(mesh=None, normals=None, areas=areas, view_factors=factors, area=areas.sum(), shape=None)
    coupling = make_coupling(facets, reflected, sky)
    own, gain = rng.uniform(0.0, 100.0, count), rng.uniform(0.0, 0.6, count)
    shape = per_facet(own).shape
    incident = np.zeros(shape)
    incident_fluxes(coupling, coupling.sky, per_facet(own), per_facet(gain), incident, np.empty((2, *shape)))
    found = incident.ravel()[:count]
    radiosity = own + gain * found + reflected * found
    assert found == pytest.approx(factors @ radiosity + sky * (1.0 - factors.sum(axis=1)), rel=1e-6)


def test_days_from_a_start_go_to_the_periodic_state():
    problem = asteroid(spherical_cap(0.3, 24), layer=Layer(0.02, 1300.0, 5e-3, 750.0))
    periodic = solve_periodic(problem, 12, Numerics(accuracy=0.05))
    after = solve_days(problem, 12, 40, 250.0, Numerics(accuracy=0.05))
    assert np.abs(after.surface_temperature - periodic.surface_temperature).max() < 0.2


def test_more_facets_come_nearer_to_the_radiance_of_many():
    def radiance(count):
        facets = spherical_cap(0.5, count)
        solution = solve_periodic(asteroid(facets, latitude=0.0, declination=0.0), 24, Numerics(accuracy=0.05))
        visible = facets.visible(np.array([[0.0, 0.0, 1.0]]))
        weight = facets.areas * visible.fraction[0] * visible.cosine[0]
        return weight @ solution.surface_temperature[:, 12] ** 4 / weight.sum()

    few, more, many = radiance(24), radiance(96), radiance(384)
    assert abs(many - more) < 0.5 * abs(more - few)


def test_sun_is_where_its_incidence_says():
    sun = make_sun(period=1000.0, latitude=0.7, declination=-0.2, flux=1.0)
    directions = sun_directions(sun, np.linspace(0.0, 1000.0, 50))
    assert np.linalg.norm(directions, axis=1) == pytest.approx(1.0, abs=1e-12)
    assert directions[12, 1] > 0.0 > directions[37, 1]


def test_turning_a_surface_and_the_sun_together_changes_nothing():
    mesh = gaussian_mesh(0.5, 50, 4)
    turn = 1.1
    rotation = np.array(
        [[math.cos(turn), -math.sin(turn), 0.0], [math.sin(turn), math.cos(turn), 0.0], [0.0, 0.0, 1.0]]
    )
    straight, turned = (mesh_facets(one) for one in (mesh, Mesh(mesh.vertices @ rotation.T, mesh.faces)))
    problem = asteroid(None, albedo=0.4)
    directions = np.array([[0.3, -0.5, 0.81240384], [0.9, 0.1, 0.42426407], [0.0, 0.0, 1.0]])
    light = problem.light_on_facets(straight, directions)
    same = problem.light_on_facets(turned, directions @ rotation.T)
    assert turned.view_factors == pytest.approx(straight.view_factors, abs=1e-6)
    assert same.absorbed == pytest.approx(light.absorbed, abs=0.02 * light.absorbed.max())


def test_a_random_surface_conserves_energy():
    mesh = gaussian_mesh(0.4, 32, 1)
    facets = mesh_facets(mesh, repeating_cell(mesh))
    solution = solve_periodic(asteroid(facets), 12)
    assert solution.error.total < 0.1
    assert abs(solution.energy_residual) < 1e-5
    assert solution.hottest > solve_periodic(asteroid(None), 12).hottest
