"""What observers see of rough surfaces: against closed forms, energy, and the flat surface."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.emission import emission_spectrum
from tmx.physics.insolation import albedo_at, make_sun
from tmx.physics.planck import band_radiances, bolometric_brightness_temperature
from tmx.physics.roughness import spherical_cap
from tmx.physics.roughness.sight import (
    light_between,
    opaque_emission,
    opaque_sunlight,
    regolith_emission,
    regolith_sunlight,
    sight_of,
)
from tmx.physics.roughness.sunlight import light_on
from tmx.physics.transfer.directions import COSINES, HEMISPHERE, interpolation
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand
from tmx.physics.transfer.spectrum import emission_tables, emitted, reflected, reflected_facets
from validation.truths.craters import Bowl, at_wavenumber, bolometric

EDGES = np.linspace(2e4, 1.8e5, 9)
NADIR = np.array([[0.0, 0.0, 1.0]])
DEPTH = np.concatenate([[0.0], np.geomspace(1e-6, 0.05, 40)])


def towards(incidence, azimuth=0.0):
    """Return unit vectors, shape (k, 3), from angles in degrees from the zenith, and from south over east."""
    slant, around = np.broadcast_arrays(np.radians(np.atleast_1d(incidence)), np.radians(azimuth))
    return np.stack([np.sin(slant) * np.cos(around), np.sin(slant) * np.sin(around), np.cos(slant)], axis=1)


def hemisphere(rings=12, sectors=24):
    """Return directions and weights w with which radiances over a hemisphere make a flux."""
    node, weight = np.polynomial.legendre.leggauss(rings)
    mu, azimuth = 0.5 * (1.0 + node), 360.0 * np.arange(sectors) / sectors
    directions = np.concatenate([towards(np.degrees(np.arccos(one)), azimuth) for one in mu])
    return directions, np.repeat(math.pi * weight * mu / sectors, sectors)


def grains(solver="disort", bands=6):
    """Return a regolith whose bands differ."""
    edges = np.concatenate([[0.0], np.linspace(3e4, 1.5e5, bands - 1), [np.inf]])
    optics = [Optics(2e4 * (1 + i), 0.9 - 0.15 * i, 0.1 * i) for i in range(bands)]
    thermal = [ThermalBand(one, low, high) for one, low, high in zip(optics, edges[:-1], edges[1:], strict=True)]
    return Regolith(tuple(thermal), tuple(SolarBand(one, 1.0 / bands) for one in optics), solver, 8)


def temperatures(facets, times=3):
    """Return temperatures that change with depth, from facet to facet and with time, shape (nodes, facets, times)."""
    swing = np.linspace(0.5, 1.0, facets)[:, None] * np.linspace(-1.0, 1.0, times)
    return 250.0 + 60.0 * swing * np.exp(-DEPTH / 2e-3)[:, None, None]


def resting(facets, sun, albedo, emissivity):
    """Return temperatures of facets that conduct no heat, in the sun of unit flux, shape (N, 1) [K].

    What all facets emit together is known from the sunlight that enters, so that no system need be solved.
    """
    light = light_on(facets, 1.0, sun, lambda cosine: np.full_like(cosine, albedo))
    exchange = np.broadcast_to(facets.view_factors, 2 * (facets.areas.size,))
    outgoing = np.linalg.solve(np.eye(facets.areas.size) - exchange, light.absorbed[0])
    own = light.absorbed[0] + emissivity * exchange @ outgoing
    return (own / (emissivity * STEFAN_BOLTZMANN))[:, None] ** 0.25


def test_directions_between_those_of_the_table():
    root = np.concatenate([[0.0, 1.0], np.random.default_rng(3).random(20), np.sqrt(COSINES[:2])])
    for power in (0, 1, 2, 7, 20):
        assert interpolation(root**2) @ np.sqrt(COSINES) ** power == pytest.approx(root**power, abs=1e-12)
    assert pytest.approx([1.0, 2.0 / 3.0, 0.5]) == [HEMISPHERE @ COSINES**power for power in (0, 1, 2)]


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_what_the_table_gives_is_what_a_flat_surface_gives(solver):
    regolith, mu = grains(solver), np.array([1e-3, 0.05, 0.4, 0.83, 1.0])
    column = np.ascontiguousarray(temperatures(1)[:, 0])
    weights, reflectance = (each[:, 0] for each in emission_tables(regolith, DEPTH))
    planck = band_radiances(regolith.thermal_edges, column.ravel()).reshape(-1, *column.shape)
    ours = (interpolation(mu) @ weights) @ planck
    assert ours == pytest.approx(emitted(regolith, DEPTH, column, mu).radiance, rel=1e-5)
    assert reflectance + weights.sum(axis=2) == pytest.approx(np.ones_like(reflectance), abs=1e-8)


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_many_surfaces_reflect_as_each_of_them_does(solver):
    rng = np.random.default_rng(5)
    views = np.stack([towards(rng.uniform(0.0, 89.0, 3), rng.uniform(0.0, 360.0, 3)) for _ in range(4)])
    suns = np.stack([towards([0.0, 40.0, 88.0], rng.uniform(0.0, 360.0)) for _ in range(4)])
    ours = reflected_facets(grains(solver), 0.05, views, suns)
    each = [reflected(grains(solver), 0.05, *pair) for pair in zip(views, suns, strict=True)]
    assert ours == pytest.approx(np.stack(each, axis=1), rel=1e-4, abs=1e-6)


def test_light_between_facets_in_all_orders():
    rng = np.random.default_rng(7)
    factors, sent = rng.random((5, 5)) / 6.0, rng.random((2, 5, 3))
    mirror, sky = np.array([0.3, 0.9]), np.array([0.0, 2.0])
    received = light_between(factors, sent, mirror, sky)
    above = (1.0 - factors.sum(axis=1))[:, None] * sky[:, None, None]
    assert received == pytest.approx(factors @ (sent + mirror[:, None, None] * received) + above, rel=1e-11)
    row = light_between(factors[:1], sent, mirror, sky)
    assert row == pytest.approx(light_between(np.repeat(factors[:1], 5, axis=0), sent, mirror, sky), rel=1e-11)


@pytest.mark.parametrize("depth", [0.1, 0.5])
def test_an_isothermal_crater_is_a_cavity(depth):
    """From everywhere it has the emissivity ε / (1 − (1 − ε) f): Modest (2013), Radiative Heat Transfer, chapter 5."""
    facets, emissivity = spherical_cap(depth, 54), np.linspace(0.2, 1.0, EDGES.size - 1)
    sight = sight_of(facets, towards([0.0, 30.0, 85.0], 40.0))
    seen = opaque_emission(facets, sight, EDGES, emissivity, np.full((54, 1), 300.0), 0.0)
    f = facets.view_factors.sum()
    cavity = emissivity / (1.0 - (1.0 - emissivity) * f)
    black = band_radiances(EDGES, np.array([300.0]))[:, 0]
    assert seen.whole[1:-1, :, 0] == pytest.approx(np.repeat((cavity * black)[:, None], 3, axis=1), rel=1e-12)


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_kirchhoffs_law_of_a_crater_in_its_own_radiation(solver):
    facets = spherical_cap(0.4, 24)
    sight = sight_of(facets, towards([0.0, 50.0, 80.0], 10.0))
    regolith = replace(grains(solver), sky=280.0)
    seen = regolith_emission(facets, sight, regolith, DEPTH, np.full((DEPTH.size, 24, 1), 280.0))
    black = band_radiances(regolith.thermal_edges, np.array([280.0]))
    assert seen.whole[:, :, 0] == pytest.approx(np.repeat(black, 3, axis=1), rel=1e-7)
    hidden = sight.fraction[0] == 0.0
    assert seen.facets[:, ~hidden, 0] == pytest.approx(np.repeat(black, 24 - hidden.sum(), axis=1), rel=1e-7)


def test_radiance_over_all_directions_is_what_leaves():
    facets, emissivity = spherical_cap(0.5, 96), np.full(EDGES.size - 1, 0.8)
    directions, weights = hemisphere()
    temperature = 300.0 + 40.0 * facets.normals[:, :1]
    seen = opaque_emission(facets, sight_of(facets, directions), EDGES, emissivity, temperature, 0.0)
    own = 0.8 * STEFAN_BOLTZMANN * temperature[:, 0] ** 4
    f = facets.view_factors.sum()
    leaving = own.sum() / own.size * (1.0 - 0.2 * f) ** -1 * (facets.areas.sum() / facets.area) * (1.0 - f)
    assert weights @ seen.whole.sum(axis=0)[:, 0] == pytest.approx(leaving, rel=1e-4)
    sun = make_sun(period=1.0, latitude=0.0, declination=0.0, flux=1000.0, albedo=0.3, albedo_a=0.02, albedo_b=0.1)
    suns = towards([0.0, 40.0, 75.0], 30.0)
    lit = opaque_sunlight(facets, sight_of(facets, directions), sun, suns)
    back = 1000.0 * suns[:, 2] - absorbed_by(facets, sun, suns)
    assert weights @ lit.whole[0] == pytest.approx(back, rel=1e-3)


def absorbed_by(facets, sun, suns):
    """Return the sunlight that a rough surface absorbs, per area of its opening [W m⁻²]."""
    light = light_on(facets, sun.flux, suns, lambda cosine: albedo_at(sun, cosine))
    return light.absorbed @ facets.areas / facets.area


@pytest.mark.parametrize("incidence", [0.0, 30.0])
def test_beaming_of_a_hemisphere_without_thermal_inertia(incidence):
    """Radiance at the nadir over that of flat ground, A 0.1, ε 0.95; the error falls as the number of facets grows."""
    bowl = Bowl(0.5, math.radians(90.0 - incidence), albedo=0.1)
    exact = [bowl.beaming(band) for band in (bolometric, at_wavenumber(1e5))]
    sun, flux = towards(incidence), bowl.sunlight
    edges, emissivity = np.array([9.9e4, 1.01e5]), np.array([0.95])
    flat = (0.9 * flux * sun[0, 2] / (0.95 * STEFAN_BOLTZMANN)) ** 0.25
    below = emission_spectrum(edges, emissivity, np.array([flat]))
    ratios = []
    for count in (96, 384):
        facets = spherical_cap(0.5, count)
        warm = flux**0.25 * resting(facets, sun, 0.1, 0.95)
        whole = opaque_emission(facets, sight_of(facets, NADIR), edges, emissivity, warm, 0.0).whole[:, 0, 0]
        ratios.append((whole.sum() / below.bolometric_radiance[0], whole[1] / below.radiance[0, 0]))
    assert ratios[1] == pytest.approx(exact, rel=0.005)
    extrapolated = np.array(ratios[1]) + (np.array(ratios[1]) - np.array(ratios[0])) / 3.0
    assert extrapolated == pytest.approx(exact, rel=5e-4)


def test_an_almost_flat_crater_is_seen_as_flat_ground_is():
    facets, views = spherical_cap(1e-5, 24), towards([0.0, 50.0, 80.0], [0.0, 200.0, 70.0])
    sight, suns = sight_of(facets, views), towards([20.0, 70.0], [0.0, 100.0])
    emissivity = np.linspace(0.5, 1.0, EDGES.size - 1)
    warm = np.array([200.0, 350.0])
    ours = opaque_emission(facets, sight, EDGES, emissivity, np.repeat(warm[None], 24, axis=0), 90.0).whole
    theirs = emission_spectrum(EDGES, emissivity, warm, 90.0)
    assert ours[1:-1, 1] == pytest.approx(theirs.radiance, rel=1e-8)
    assert ours.sum(axis=0)[2] == pytest.approx(theirs.bolometric_radiance, rel=1e-8)
    regolith, column = grains(), temperatures(1)
    seen = regolith_emission(facets, sight, regolith, DEPTH, np.repeat(column, 24, axis=1)).whole
    flat = emitted(regolith, DEPTH, np.ascontiguousarray(column[:, 0]), views[:, 2]).radiance
    assert seen == pytest.approx(flat, rel=1e-5)
    sunlit = regolith_sunlight(facets, sight, regolith, 0.05, 1000.0, suns).whole
    assert sunlit == pytest.approx(1000.0 * reflected(regolith, 0.05, views, suns), rel=1e-4)


def test_grains_that_are_hardly_there_leave_an_opaque_ground():
    """Light meets the substrate alone, which emits and reflects evenly: the two ways of seeing facets agree."""
    facets, suns = spherical_cap(0.5, 54), towards([10.0, 60.0, 95.0], [0.0, 70.0, 0.0])
    sight = sight_of(facets, towards([0.0, 65.0], [0.0, 150.0]))
    closed = np.concatenate([[0.0], EDGES, [np.inf]])
    thin = Optics(1e-9, 0.1, 0.0)
    thermal = tuple(ThermalBand(thin, low, high, 0.25) for low, high in pairwise(closed))
    regolith = Regolith(thermal, (SolarBand(thin, 1.0, 0.25),), streams=4, sky=100.0)
    warm = 250.0 + 50.0 * facets.normals[:, :1] * np.array([1.0, -1.0, 0.3])
    column = np.broadcast_to(warm, (DEPTH.size, *warm.shape))
    theirs = opaque_emission(facets, sight, EDGES, np.full(EDGES.size - 1, 0.75), warm, 100.0)
    ours = regolith_emission(facets, sight, regolith, DEPTH, np.ascontiguousarray(column))
    assert ours.whole == pytest.approx(theirs.whole, rel=1e-5)
    assert ours.facets == pytest.approx(theirs.facets, rel=1e-5)
    sun = make_sun(period=1.0, latitude=0.0, declination=0.0, flux=1365.0, albedo=0.25)
    theirs = opaque_sunlight(facets, sight, sun, suns)
    ours = regolith_sunlight(facets, sight, regolith, float(DEPTH[-1]), 1365.0, suns)
    assert ours.whole == pytest.approx(theirs.whole, rel=1e-5)
    assert ours.facets == pytest.approx(theirs.facets, rel=1e-5)
    assert not ours.whole[..., 2].any()


def test_observers_on_either_side_of_the_suns_plane_see_the_same():
    facets, sun = spherical_cap(0.5, 96), towards([35.0, 70.0])
    sight = sight_of(facets, towards(50.0, [40.0, -40.0, 120.0, -120.0]))
    mirrored = np.repeat(250.0 + 80.0 * (facets.normals @ sun.T)[:, :1], 2, axis=1)
    emission = opaque_emission(facets, sight, EDGES, np.full(EDGES.size - 1, 0.9), mirrored, 0.0).whole
    light = regolith_sunlight(facets, sight, grains(), 0.05, 1.0, sun).whole
    for seen in (emission, light):
        assert seen[:, 0] == pytest.approx(seen[:, 1], rel=1e-9)
        assert seen[:, 2] == pytest.approx(seen[:, 3], rel=1e-9)
    warm = bolometric_brightness_temperature(emission.sum(axis=0)[:, 0])
    assert warm[0] > warm[2] + 1.0


BEHIND = towards([0.0, 25.0, 60.0, 55.0, 60.0, 70.0, 40.0], [0.0, 0.0, 0.0, 10.0, 60.0, 5.0, 180.0])


@pytest.mark.parametrize("depth", [0.2, 0.5])
def test_sunlight_that_is_reflected_evenly_is_exact_in_any_number_of_facets(depth):
    """What is lit and seen of a facet is known, with the sun behind the observer as well: to rounding of quadrature."""
    suns = towards([0.0, 30.0, 60.0, 80.0])
    sun = make_sun(period=1.0, latitude=0.0, declination=0.0, flux=1000.0, albedo=0.3)
    few, many = (spherical_cap(depth, count) for count in (24, 864))
    ours, theirs = (opaque_sunlight(facets, sight_of(facets, BEHIND), sun, suns).whole[0] for facets in (few, many))
    assert ours == pytest.approx(theirs, abs=1e-4 * theirs.max())


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_sunlight_from_regolith_hardly_changes_with_more_facets(solver):
    """Where lit and seen parts counted as independent, 96 facets were off by 5 %."""
    suns, medium = towards([0.0, 30.0, 60.0, 75.0]), grains(solver, bands=2)
    few, many = (spherical_cap(0.5, count) for count in (96, 864))
    ours, theirs = (
        regolith_sunlight(facets, sight_of(facets, BEHIND), medium, 0.05, 1000.0, suns).whole for facets in (few, many)
    )
    assert np.abs(ours - theirs).max(axis=(1, 2)) == pytest.approx(np.zeros(2), abs=0.025 * theirs.max())


def test_slivers_of_rounding_do_no_harm():
    """At every hour of a day at the equator: the edge of a shadow may touch a facet by 1e-15 of its area."""
    hours = np.arange(-85.0, 90.0, 5.0)
    suns = np.array(
        [[6.1e-17 * abs(z), -y, z] for y, z in zip(*map(np.sin, np.radians([hours, 90.0 - hours])), strict=True)]
    )
    for depth in (0.2, 0.5):
        facets = spherical_cap(depth, 96)
        assert facets.visible(suns).cosine.min() >= 0.0
        light = regolith_sunlight(facets, sight_of(facets, suns[20:23]), grains(), 0.05, 1.0, suns)
        assert np.isfinite(light.whole).all()


def test_a_facet_that_nobody_sees_weighs_nothing():
    facets = spherical_cap(0.5, 24)
    sight = sight_of(facets, towards([85.0, 89.9]))
    assert (sight.fraction == 0.0).any()
    assert sight.share.sum(axis=1) == pytest.approx(np.ones(2))
    seen = regolith_emission(facets, sight, grains(), DEPTH, temperatures(24))
    dark = regolith_sunlight(facets, sight, grains(), 0.05, 1.0, towards([100.0]))
    assert not seen.facets[:, sight.fraction[0] == 0.0].any()
    assert np.isfinite(seen.whole).all()
    assert not dark.whole.any()
    assert dark.facets.shape == (6, 24, 1)
