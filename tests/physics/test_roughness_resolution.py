"""The error of the number of facets: against the same craters in many more."""

import numpy as np
import pytest

from tmx.physics.column import Bottom, Surface
from tmx.physics.insolation import make_sun
from tmx.physics.materials import LUNAR_HEAT_CAPACITY, Layer, polynomial_heat_capacity
from tmx.physics.problem import Numerics, Problem
from tmx.physics.roughness import gaussian_mesh, mesh_facets, spherical_cap
from tmx.physics.roughness.resolution import fewer_facets, gathered, looks
from tmx.physics.thermal import fixed_temperature, solve_days, solve_periodic, solve_steady

DUST = Layer(0.4, 1300.0, 0.041, 750.0)
LUNAR = Layer(2.0, 1100.0, 7.4e-4, polynomial_heat_capacity(LUNAR_HEAT_CAPACITY), 2.7 / 350**3, 1800.0, 3.4e-3, 0.06)
COARSE = Numerics(accuracy=0.3)


def asteroid(facets):
    """An asteroid whose thermal inertia is 200 J m⁻² K⁻¹ s⁻½."""
    sun = make_sun(period=15450.0, latitude=0.2, declination=0.1, flux=1000.0, albedo=0.05)
    return Problem([DUST], Surface(0.95, 0.0), Bottom(), sun, facets)


def moon(facets):
    sun = make_sun(period=2551443.0, latitude=0.35, declination=0.0, flux=1361.0, albedo=0.12)
    return Problem([LUNAR], Surface(0.95, 0.0), Bottom(0.018), sun, facets)


@pytest.mark.parametrize("rings", range(2, 12))
def test_fewer_facets_are_some_quarter_of_the_same_crater(rings):
    many = spherical_cap(0.3, 6 * rings**2)
    few = fewer_facets(many)
    assert few is not None
    assert 2.0 < many.areas.size / few.areas.size <= 4.0
    assert few.areas.sum() == pytest.approx(many.areas.sum(), rel=1e-12)
    assert few.view_factors.sum() == pytest.approx(many.view_factors.sum(), rel=1e-12)
    together = gathered(many, few, many.normals)
    assert np.abs(together / np.linalg.norm(together, axis=1)[:, None] - few.normals).max() < 1.0 / few.areas.size**0.5


def test_where_there_are_no_fewer_there_is_no_estimate():
    mesh = mesh_facets(gaussian_mesh(0.4, 18, 1))
    assert fewer_facets(mesh) is None
    assert fewer_facets(spherical_cap(0.3, 6)) is None
    assert solve_steady(asteroid(mesh), 0.5).error.facets is None
    assert solve_periodic(asteroid(spherical_cap(0.3, 6)), 6, COARSE).error.facets is None
    assert solve_periodic(asteroid(None), 6, COARSE).error.facets is None
    assert fixed_temperature(asteroid(spherical_cap(0.3, 24)), 250.0).error.facets is None


def test_a_surface_of_one_temperature_looks_like_that():
    facets = spherical_cap(0.5, 54)
    assert looks(facets, np.full((3, 54), 250.0)) == pytest.approx(250.0, rel=1e-12)


@pytest.mark.parametrize(("make", "truth"), [(asteroid, 486), (moon, 384)])
@pytest.mark.parametrize("depth", [0.2, 0.5])
def test_the_estimate_is_that_of_the_true_error(make, truth, depth):
    """Of 96 facets, for nine observers at 24 times: within 30 % below it and three times above it."""
    found, fine = (
        (facets, solve_periodic(make(facets), 24, COARSE))
        for facets in (spherical_cap(depth, 96), spherical_cap(depth, truth))
    )
    one, other = (looks(facets, solution.surface_temperature.T) for facets, solution in (found, fine))
    error = np.abs(one - other).max()
    assert 0.7 * error < found[1].error.facets < 3.0 * error
    assert fine[1].error.facets < 0.5 * found[1].error.facets


@pytest.mark.parametrize("solve", [lambda p: solve_steady(p, 0.6), lambda p: solve_days(p, 12, 3, 250.0, COARSE)])
def test_it_is_there_however_temperatures_are_found(solve):
    found, fine = (solve(asteroid(spherical_cap(0.5, count))) for count in (54, 384))
    views = [looks(spherical_cap(0.5, n.surface_temperature.shape[0]), n.surface_temperature.T) for n in (found, fine)]
    error = np.abs(views[0] - views[1]).max()
    assert 0.6 * error < found.error.facets < 3.0 * error
