"""Craters against what is known of them in closed form, and against one another."""

import math

import numpy as np
import pytest

from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.roughness import Facets, Mesh, nearest_facets, spherical_cap
from validation.truths.craters import Bowl, bolometric, lit_part, self_view

DEPTHS = (1e-6, 1e-3, 0.05, 0.2, 0.5)


def towards(elevation, azimuth=0.0):
    """Return unit vectors, shape (k, 3), from elevations and azimuths [rad]."""
    elevation, azimuth = np.broadcast_arrays(np.atleast_1d(elevation), azimuth)
    level = np.cos(elevation)
    return np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)], axis=1)


def many_directions():
    elevation = np.radians(np.concatenate([np.geomspace(1e-6, 0.5, 15), np.linspace(1.0, 90.0, 45)]))
    return towards(elevation, 0.7 * np.arange(elevation.size))


def received(facets, directions):
    """Return fraction · cosine of every facet, shape (k, N)."""
    seen = facets.visible(directions)
    return seen.fraction * seen.cosine


@pytest.mark.parametrize(("wanted", "made"), [(1, 6), (6, 6), (14, 6), (16, 24), (96, 96), (100, 96), (500, 486)])
def test_the_nearest_number_of_facets_is_made(wanted, made):
    assert nearest_facets(wanted) == made == spherical_cap(0.2, wanted).areas.size


@pytest.mark.parametrize(("depth", "count"), [(0.0, 96), (-0.1, 96), (0.51, 96), (math.nan, 96), (0.2, 0)])
def test_a_crater_that_is_none_is_refused(depth, count):
    with pytest.raises(ValueError, match=r"depth over diameter|facets"):
        spherical_cap(depth, count)


@pytest.mark.parametrize("depth", DEPTHS)
def test_areas_and_normals_are_those_of_the_sphere(depth):
    facets = spherical_cap(depth, 150)
    whole = math.pi * (1.0 + 4.0 * depth**2)
    assert facets.areas == pytest.approx(np.full(150, whole / 150), rel=1e-12)
    assert facets.area == pytest.approx(math.pi, rel=1e-15)
    assert np.linalg.norm(facets.normals, axis=1) == pytest.approx(np.ones(150), rel=1e-14)
    mean = facets.shape.mean_normals * facets.areas[:, None]
    assert mean.sum(axis=0) == pytest.approx([0.0, 0.0, math.pi], abs=1e-13)


def test_flat_triangles_approach_the_curved_ones():
    gaps = []
    for count in (96, 384):
        facets = spherical_cap(0.3, count)
        facets.mesh.check()
        assert facets.mesh.projected_area < facets.area
        gaps.append(
            (1.0 - facets.mesh.areas.sum() / facets.areas.sum(), np.abs(facets.mesh.normals - facets.normals).max())
        )
    assert gaps[0] < (0.06, 0.05)
    assert gaps[1][0] == pytest.approx(gaps[0][0] / 4.0, rel=0.05)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_cap_sees_itself_as_on_a_sphere(depth):
    facets = spherical_cap(depth, 96)
    assert facets.view_factors.shape == (1, 96)
    assert facets.view_factors.sum() == pytest.approx(self_view(depth), rel=1e-12)
    sphere = 4.0 * math.pi / math.sin(2.0 * math.atan(2.0 * depth)) ** 2
    assert facets.view_factors[0] == pytest.approx(facets.areas / sphere, rel=1e-12)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("count", [6, 96, 486])
def test_all_light_that_enters_is_received(depth, count):
    facets, directions = spherical_cap(depth, count), many_directions()
    seen = facets.visible(directions)
    assert ((seen.fraction >= 0.0) & (seen.fraction <= 1.0)).all()
    assert ((seen.cosine >= 0.0) & (seen.cosine <= 1.0)).all()
    assert ((seen.cosine > 0.0) == (seen.fraction > 0.0)).all()
    total = (seen.fraction * seen.cosine) @ facets.areas
    assert total == pytest.approx(facets.area * directions[:, 2], rel=1e-13)


@pytest.mark.parametrize("count", [96, 486, 1944])
def test_lit_part_of_a_hemisphere(count):
    """Exact where the circles follow the shadow, whatever the number of facets."""
    elevation = np.radians(np.linspace(0.01, 90.0, 200))
    seen = spherical_cap(0.5, count).visible(towards(elevation, 0.3))
    assert seen.fraction.mean(axis=1) == pytest.approx([lit_part(0.5 * math.pi - one) for one in elevation], abs=1e-9)


def facet_of(normals, shape):
    """Return the facet in which the sphere has a normal, from the place of its point on the hexagon."""
    side = shape.rings * np.sqrt(0.5 * (1.0 - normals[:, 2])) / shape.sine
    turn = 6.0 * (np.arctan2(-normals[:, 1], -normals[:, 0]) / (2.0 * math.pi) % 1.0)
    ring, sextant, along = side.astype(int), turn.astype(int), side * (turn % 1.0)
    return 6 * ring**2 + sextant * (2 * ring + 1) + 2 * along.astype(int) + (along % 1.0 > side % 1.0)


def test_fractions_of_single_facets():
    """Against the part of their points from which the rim hides no sun."""
    facets, fine = spherical_cap(0.35, 54), spherical_cap(0.35, 54 * 64**2)
    normals, owner = fine.normals, facet_of(fine.normals, facets.shape)
    assert np.bincount(owner) == pytest.approx(np.full(54, 64**2), rel=0.02)
    directions = towards(np.radians([8.0, 20.0, 33.0, 50.0]), np.radians([10.0, 40.0, 200.0, 300.0]))
    rim = math.cos(2.0 * math.atan(0.7))
    free = 2.0 * (normals @ directions.T) * directions[:, 2] - normals[:, 2:] + rim > 0.0
    lit = np.stack([np.bincount(owner, one) for one in free.T]) / np.bincount(owner)
    assert facets.visible(directions).fraction == pytest.approx(lit, abs=6e-3)


def test_fractions_follow_the_sun_smoothly():
    facets = spherical_cap(0.5, 96)
    steps = towards(np.radians(np.arange(5.0, 85.0, 0.05)), 0.2)
    change = np.abs(np.diff(received(facets, steps), axis=0))
    assert change.max() < 0.02


def test_turning_the_sun_turns_the_facets():
    facets = spherical_cap(0.4, 150)
    elevation = np.radians([5.0, 25.0, 60.0])
    turned = []
    for ring in range(5):
        in_ring = np.arange(6 * ring**2, 6 * (ring + 1) ** 2)
        turned.extend(np.roll(in_ring, -(2 * ring + 1)))
    here, there = (facets.visible(towards(elevation, azimuth)) for azimuth in (0.4, 0.4 + math.pi / 3.0))
    assert there.fraction[:, turned] == pytest.approx(here.fraction, abs=1e-12)
    assert there.cosine[:, turned] == pytest.approx(here.cosine, abs=1e-12)


def test_what_is_almost_flat_is_a_plane():
    facets, directions = spherical_cap(1e-6, 96), towards(np.radians([0.1, 10.0, 80.0]), 1.0)
    seen = facets.visible(directions)
    assert seen.fraction == pytest.approx(np.ones((3, 96)), abs=1e-12)
    assert seen.cosine == pytest.approx(np.repeat(directions[:, 2:], 96, axis=1), abs=1e-5)


def test_nothing_is_seen_from_the_horizon_and_below():
    seen = spherical_cap(0.2, 24).visible(towards(np.radians([-30.0, 0.0, 30.0])))
    assert not seen.fraction[:2].any()
    assert not seen.cosine[:2].any()
    assert seen.fraction[2].any()


def equilibrium(facets: Facets, sun, *, flux=1.0, albedo, emissivity):
    """Return emitted and outgoing thermal radiation of facets that conduct no heat, by all orders of exchange."""
    exchange = np.broadcast_to(facets.view_factors, 2 * (facets.areas.size,))
    unit = np.eye(facets.areas.size)
    direct = flux * received(facets, sun)[0]
    leaving = np.linalg.solve(unit - albedo * exchange, albedo * direct)
    absorbed = (1.0 - albedo) * (direct + exchange @ leaving)
    outgoing = np.linalg.solve(unit - exchange, absorbed)
    return absorbed + emissivity * exchange @ outgoing, outgoing


@pytest.mark.parametrize("elevation", [2.0, 10.0, 20.0])
def test_temperature_of_a_shadowed_floor(elevation):
    """Ingersoll et al. (1992), Icarus 100, 40: the shadow has one temperature, and lit parts add their sunlight."""
    facets, sun = spherical_cap(0.2, 486), towards(math.radians(elevation), 0.5)
    bowl = Bowl(0.2, math.radians(elevation))
    emitted, _ = equilibrium(facets, sun, flux=bowl.sunlight, albedo=bowl.albedo, emissivity=bowl.emissivity)
    seen = facets.visible(sun)
    temperature = (emitted / (bowl.emissivity * STEFAN_BOLTZMANN)) ** 0.25
    dark = seen.fraction[0] == 0.0
    assert dark.any()
    assert temperature[dark] == pytest.approx(np.full(dark.sum(), bowl.shadow_temperature), rel=1e-9)
    lit = seen.fraction[0] == 1.0
    assert temperature[lit] == pytest.approx(bowl.temperature(facets.normals[lit] @ sun[0]), rel=5e-4)


@pytest.mark.parametrize("incidence", [0.0, 30.0])
def test_beaming_of_hemispheres(incidence):
    """Bolometric radiance at the nadir over that of a flat surface, without thermal inertia; it converges as 1/N."""
    sun, nadir = towards(math.radians(90.0 - incidence)), np.array([[0.0, 0.0, 1.0]])
    ratio = Bowl(0.5, math.radians(90.0 - incidence), albedo=0.1).beaming(bolometric)
    ratios = []
    for count in (96, 384):
        facets = spherical_cap(0.5, count)
        _, outgoing = equilibrium(facets, sun, albedo=0.1, emissivity=0.95)
        seen = received(facets, nadir)[0] * facets.areas
        ratios.append(seen @ outgoing / seen.sum() / (0.9 * sun[0, 2]))
    assert ratios[1] == pytest.approx(ratio, rel=0.004)
    assert ratios[1] + (ratios[1] - ratios[0]) / 3.0 == pytest.approx(ratio, abs=2e-4)


def square(height=0.0):
    vertices = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, height]])
    return Mesh(vertices, np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]]))


def test_quantities_of_a_mesh():
    pit = square(-0.5)
    pit.check()
    assert pit.areas == pytest.approx(np.full(4, math.sqrt(0.125)))
    assert pit.projected_area == pytest.approx(1.0)
    assert pit.rms_slope == pytest.approx(math.pi / 4.0)
    assert pit.normals[0] == pytest.approx([0.0, math.sqrt(0.5), math.sqrt(0.5)])
    assert sorted(map(tuple, pit.rim())) == [(0, 1), (1, 2), (2, 3), (3, 0)]


@pytest.mark.parametrize(
    ("faces", "message"),
    [
        ([[0, 1, 9]], "face 0 names vertex 9, of vertices 0 to 4"),
        ([[0, 1, -1]], "face 0 names vertex -1"),
        (np.empty((0, 3), int), "there are no faces"),
        ([[0, 1, 4], [1, 2, 4], [2, 3, 4], [0, 3, 4]], "opposite sides"),
        ([[1, 0, 4], [2, 1, 4], [3, 2, 4], [0, 3, 4]], "normals point down"),
        ([[0, 1, 1]], "face 0 has no area"),
        ([[0, 1, 4], [0, 1, 3], [0, 1, 2]], "3 faces share the edge of vertices 0 and 1"),
        ([[0, 1, 4], [2, 3, 4]], "at vertex 4 the surface touches itself"),
    ],
)
def test_a_broken_mesh_is_refused(faces, message):
    with pytest.raises(ValueError, match=message):
        Mesh(square().vertices, np.array(faces)).check()


def test_holes_pieces_and_closed_bodies_are_refused():
    cap = spherical_cap(0.2, 54).mesh
    with pytest.raises(ValueError, match="2 rims, one of 3 edges"):
        Mesh(cap.vertices, cap.faces[1:]).check()
    with pytest.raises(ValueError, match="closed"):
        Mesh(np.eye(4)[:, :3], np.array([[0, 1, 2], [1, 0, 3], [2, 1, 3], [0, 2, 3]])).check()


def test_coordinates_must_be_finite():
    vertices = square().vertices.copy()
    vertices[2, 1] = np.nan
    with pytest.raises(ValueError, match="vertex 2 is"):
        Mesh(vertices, square().faces).check()


def escapes(points, normals, direction, radius):
    """Tell from which points of a sphere of a radius, whose cap has its rim at z = 0, a ray leaves above the rim."""
    cosine = normals @ direction
    return (cosine > 0.0) & (points[:, 2] + 2.0 * radius * cosine * direction[2] > 0.0)


@pytest.mark.parametrize("depth", [0.1, 0.3, 0.5])
def test_what_is_seen_and_lit_is_what_rays_from_many_points_find(depth):
    """A million points that are even in area: the whole crater to 1e-4, its facets to the noise of their points."""
    count, facets = 1_000_000, spherical_cap(depth, 54)
    sine2 = 4.0 * depth**2 / (1.0 + 4.0 * depth**2)
    radius = 1.0 / (2.0 * math.sqrt(sine2 * (1.0 - sine2)))
    up, turn = 1.0 - 2.0 * sine2 * (np.arange(count) + 0.5) / count, math.pi * (3.0 - math.sqrt(5.0)) * np.arange(count)
    across = np.sqrt(1.0 - up**2)
    normals = np.stack([-across * np.cos(turn), -across * np.sin(turn), up], axis=1)
    points = radius * (np.array([0.0, 0.0, 1.0 - 2.0 * sine2]) - normals)
    rings = np.sqrt((1.0 - up) / (2.0 * sine2)) * facets.shape.rings
    ring, sector = rings.astype(int), (turn % (2.0 * math.pi)) / (math.pi / 3.0)
    along = (sector % 1.0) * rings
    which = 6 * ring**2 + np.floor(sector).astype(int) * (2 * ring + 1)
    which += np.minimum(2 * np.floor(along).astype(int) + (along % 1.0 > rings - ring), 2 * ring)
    view = towards(0.7, 0.4)[0]
    suns = towards([1.4, 0.7, 0.6, 0.3, 0.2], [0.0, 0.4, 0.6, 0.2, 3.0])
    found = facets.shape.overlap(view, suns)
    for sun, ours in zip(suns, found, strict=True):
        both = (normals @ view) * (normals @ sun)
        both *= escapes(points, normals, view, radius) & escapes(points, normals, sun, radius)
        assert ours.mean() == pytest.approx(both.mean(), abs=1e-4)
        each = np.bincount(which, both, facets.areas.size) / np.bincount(which, minlength=facets.areas.size)
        assert ours == pytest.approx(each, abs=2e-3)


def test_nothing_is_both_seen_and_lit_by_night():
    facets = spherical_cap(0.4, 24)
    suns = towards([0.5, 0.0, -0.3])
    found = facets.shape.overlap(towards(1.0)[0], suns)
    assert found[0].any()
    assert not found[1:].any()
