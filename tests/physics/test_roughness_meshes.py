"""View factors and shadows of any mesh, against catalogues, rays, craters in closed form, and conservation."""

import math

import numpy as np
import pytest

from tmx.physics.roughness import (
    Mesh,
    gaussian_mesh,
    height_mesh,
    mesh_facets,
    repeating_cell,
    spherical_cap,
    view_factors,
)
from tmx.physics.roughness.terrain import nearest_grid_facets

UNIT = (1.0, 1.0)


def plates(*corners):
    """Return a mesh of quadrilaterals, two facets each."""
    faces = [
        face for k in range(len(corners)) for face in ([4 * k, 4 * k + 1, 4 * k + 2], [4 * k, 4 * k + 2, 4 * k + 3])
    ]
    return Mesh(np.concatenate([np.array(one, dtype=float) for one in corners]), np.array(faces))


def level(z, *, up, low=0.0, high=1.0):
    """Return the corners of a square at a height, or of its part from `low` to `high` along y."""
    square = [[0.0, low, z], [1.0, low, z], [1.0, high, z], [0.0, high, z]]
    return square if up else square[::-1]


WALLS = (
    [[0, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]],
    [[1, 0, 0], [1, 0, 1], [1, 1, 1], [1, 1, 0]],
    [[0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 0, 0]],
    [[0, 1, 0], [1, 1, 0], [1, 1, 1], [0, 1, 1]],
)


def between(factors, first, second):
    """Return the view factor from one plate of equal facets to another."""
    return 0.5 * factors[2 * first : 2 * first + 2, 2 * second : 2 * second + 2].sum()


def towards(elevation, azimuth):
    elevation, azimuth = np.broadcast_arrays(np.radians(elevation), np.radians(azimuth))
    return np.stack(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], axis=-1
    )


def test_plates_of_the_catalogue():
    """Howell, A Catalog of Radiation Heat Transfer Configuration Factors, C-11 and C-14."""
    apart = view_factors(plates(level(0.0, up=True), level(1.0, up=False)))
    assert between(apart, 0, 1) == pytest.approx(0.1998249, rel=1e-5)
    joined = view_factors(plates(level(0.0, up=True), WALLS[0]))
    assert between(joined, 0, 1) == pytest.approx(0.2000438, rel=1e-5)


def test_a_closed_box_sees_nothing_else():
    factors = view_factors(plates(level(0.0, up=True), level(1.0, up=False), *WALLS))
    assert factors.sum(axis=1) == pytest.approx(np.ones(12), abs=1e-5)
    assert not np.diag(factors).any()


def test_what_is_between_hides():
    """A screen half-way that covers one half hides one half: reflection exchanges what it hides and what not."""
    screen = (level(0.5, up=True, high=0.5), level(0.5, up=False, high=0.5))
    factors = view_factors(plates(level(0.0, up=True), level(1.0, up=False), *screen))
    assert between(factors, 0, 1) == pytest.approx(0.5 * 0.1998249, rel=0.05)
    screen = (level(0.5, up=True), level(0.5, up=False))
    assert between(view_factors(plates(level(0.0, up=True), level(1.0, up=False), *screen)), 0, 1) == 0.0


def test_facets_of_a_crater_see_each_other_as_on_the_sphere():
    cap = spherical_cap(0.5, 216)
    facets = mesh_facets(cap.mesh)
    exchanged = facets.view_factors * facets.areas[:, None]
    assert np.array_equal(exchanged > 0.0, ~np.eye(216, dtype=bool))
    assert exchanged == pytest.approx(exchanged.T, rel=1e-12)
    relative = facets.view_factors / (facets.areas / facets.areas.sum() * 0.5)
    assert np.median(relative) == pytest.approx(1.0, abs=0.02)
    sky = 1.0 - facets.view_factors.sum(axis=1)
    assert facets.areas @ sky == pytest.approx(facets.area, rel=1e-4)


@pytest.fixture(scope="module")
def landscape():
    return mesh_facets(gaussian_mesh(0.6, 200, seed=5), UNIT)


def test_reciprocity_and_what_leaves_a_landscape(landscape):
    exchanged = landscape.view_factors * landscape.areas[:, None]
    assert exchanged == pytest.approx(exchanged.T, rel=1e-12)
    assert landscape.view_factors.sum(axis=1).max() < 1.0
    sky = 1.0 - landscape.view_factors.sum(axis=1)
    assert landscape.areas @ sky == pytest.approx(landscape.area, rel=1e-3)


def test_view_of_the_sky_is_what_shadows_leave(landscape):
    """The sky's view factor is the mean of fraction · cosine over the hemisphere, computed in another way."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    elevation = np.degrees(np.arcsin(np.sqrt(0.5 * (1.0 + nodes))))[:, None]
    azimuth = 360.0 / 32.0 * (np.arange(32) + 0.5)
    directions = towards(elevation, azimuth).reshape(-1, 3)
    seen = landscape.visible(directions)
    weight = np.repeat(0.5 * weights, 32) / 32.0 / directions[:, 2]
    difference = weight @ (seen.fraction * seen.cosine) - (1.0 - landscape.view_factors.sum(axis=1))
    assert np.abs(difference).max() < 0.03
    assert math.sqrt(np.mean(difference**2)) < 0.005
    assert landscape.areas @ difference == pytest.approx(0.0, abs=1e-3)


def test_all_light_that_enters_a_landscape_is_received(landscape):
    elevation = np.concatenate([[0.001, 0.01, 0.1, 0.5, 1.0], np.linspace(3.0, 90.0, 30)])
    directions = towards(elevation, 37.0 * np.arange(elevation.size))
    seen = landscape.visible(directions)
    assert ((seen.fraction >= 0.0) & (seen.fraction <= 1.0)).all()
    assert (seen.fraction * seen.cosine) @ landscape.areas == pytest.approx(directions[:, 2], rel=1e-9)
    assert not seen.fraction[directions @ landscape.normals.T <= 0.0].any()


def lit_by_rays(mesh, directions, cell, points=300):
    """Return the part of random points of every facet from which no facet or image of one is met."""
    a, b = np.random.default_rng(1).random((2, points))
    a, b = np.where(a + b > 1.0, 1.0 - a, a), np.where(a + b > 1.0, 1.0 - b, b)
    places = np.stack([1.0 - a - b, a, b], axis=1) @ mesh.corners
    images = [(m, n) for m in (-1, 0, 1) for n in (-1, 0, 1)] if cell else [(0, 0)]
    corners = np.concatenate([mesh.corners + np.array([*image, 0.0]) for image in images])
    edges = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    lit = np.empty((len(directions), len(places)))
    for k, direction in enumerate(directions):
        across = np.cross(direction, edges[1])
        determinant = (across * edges[0]).sum(axis=1)
        for i, starts in enumerate(places):
            apart = starts[:, None] - corners[:, 0]
            u = (apart * across).sum(axis=2) / determinant
            turned = np.cross(apart, edges[0])
            v, t = turned @ direction / determinant, (turned * edges[1]).sum(axis=2) / determinant
            met = (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (t > 1e-9)
            lit[k, i] = (mesh.normals[i] @ direction > 0.0) * (1.0 - met.any(axis=1).mean())
    return lit


@pytest.mark.parametrize("cell", [None, UNIT])
def test_fractions_against_rays(cell):
    facets = mesh_facets(gaussian_mesh(0.5, 32, seed=2), cell)
    directions = towards([20.0, 35.0, 50.0], [10.0, 130.0, 250.0])
    expected = lit_by_rays(facets.mesh, directions, cell)
    assert (expected == 0.0).any()
    assert ((expected > 0.0) & (expected < 1.0)).any()
    difference = facets.visible(directions).fraction - expected
    assert np.abs(difference).max() < 0.08
    assert math.sqrt(np.mean(difference**2)) < 0.02


def test_fractions_follow_the_sun_smoothly(landscape):
    seen = landscape.visible(towards(np.arange(5.0, 85.0, 0.05), 60.0))
    assert np.abs(np.diff(seen.fraction * seen.cosine, axis=0)).max() < 0.03


def test_overhangs_cast_shadows_below_them():
    bump = np.zeros((9, 9))
    bump[3:6, 3:6] = 0.3
    mesh = height_mesh(bump, (0.125, 0.125))
    sheared = mesh.vertices + mesh.vertices[:, 2:] * np.array([1.0, 0.0, 0.0])
    facets = mesh_facets(Mesh(sheared, mesh.faces), UNIT)
    assert (facets.normals[:, 2] < 0.0).any()
    directions = towards([90.0, 60.0, 20.0], [0.0, 180.0, 180.0])
    seen = facets.visible(directions)
    assert (seen.fraction * seen.cosine) @ facets.areas == pytest.approx(directions[:, 2], rel=1e-9)
    assert not seen.fraction[0][facets.normals[:, 2] < 0.0].any()
    under = (facets.mesh.centroids[:, 0] > 0.76) & (facets.mesh.centroids[:, 2] == 0.0)
    assert (seen.fraction[0][under] < 0.9).any()


@pytest.mark.parametrize("slope", [0.01, 0.35, 1.0])
def test_random_surfaces_have_their_slope_and_repeat(slope):
    mesh = gaussian_mesh(slope, 500, seed=7)
    mesh.check()
    assert len(mesh.faces) == nearest_grid_facets(500) == 512
    assert mesh.rms_slope == pytest.approx(slope, rel=1e-9)
    assert mesh.projected_area == pytest.approx(1.0)
    heights = mesh.vertices[:, 2].reshape(17, 17)
    assert np.array_equal(heights[0], heights[-1])
    assert np.array_equal(heights[:, 0], heights[:, -1])


def test_random_surfaces_are_those_of_their_seed_at_any_resolution():
    coarse, fine, other = (gaussian_mesh(0.3, 2 * side**2, seed) for side, seed in ((16, 1), (32, 1), (16, 2)))
    assert np.array_equal(coarse.vertices, gaussian_mesh(0.3, 512, 1).vertices)
    heights, finer = coarse.vertices[:, 2].reshape(17, 17), fine.vertices[:, 2].reshape(33, 33)[::2, ::2]
    correlation = np.corrcoef(heights.ravel(), finer.ravel())[0, 1]
    assert correlation > 0.9999
    assert np.corrcoef(heights.ravel(), other.vertices[:, 2])[0, 1] < 0.9


def test_what_can_repeat_is_known_by_its_sides():
    assert repeating_cell(gaussian_mesh(0.5, 128, 3)) == pytest.approx(UNIT)
    assert repeating_cell(height_mesh(np.zeros((3, 5)))) == (2.0, 4.0)
    assert repeating_cell(height_mesh(np.eye(3))) is None
    assert repeating_cell(spherical_cap(0.2, 96).mesh) is None


def test_rows_of_heights_go_south_and_columns_east():
    mesh = height_mesh(np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]), (10.0, 20.0))
    assert mesh.vertices[3].tolist() == [10.0, 20.0, 3.0]
    assert mesh.projected_area == 400.0
    mesh.check()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: height_mesh(np.zeros((1, 5))), "at least 2 rows"),
        (lambda: height_mesh(np.array([[0.0, 1.0], [np.nan, 0.0]])), "row 1, column 0"),
        (lambda: height_mesh(np.zeros((2, 2)), (0.0, 1.0)), "spacing"),
        (lambda: gaussian_mesh(0.0, 100, 1), "RMS slope"),
        (lambda: gaussian_mesh(1.3, 100, 1), "RMS slope"),
        (lambda: gaussian_mesh(0.3, 100, -1), "seed"),
        (lambda: mesh_facets(gaussian_mesh(0.3, 32, 1), (2.0, 1.0)), "the mesh is 1 by 1, and its cell 2 by 1"),
        (lambda: mesh_facets(height_mesh(np.eye(3)), (2.0, 2.0)), "does not repeat"),
    ],
)
def test_surfaces_that_are_none_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
