"""Radiances of regolith: against another program, H-functions, closed forms, reciprocity and their own operators."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PythonicDISORT import pydisort
from scipy.integrate import quad

from tmx.physics.compiled import kernel
from tmx.physics.planck import band_radiances, weighted_band_radiances
from tmx.physics.transfer import emission
from tmx.physics.transfer.emission import emission_weights
from tmx.physics.transfer.exchange import departures, emergent_flux, make_exchange
from tmx.physics.transfer.legendre import associated_legendre
from tmx.physics.transfer.link import mode_integrals, response_integral
from tmx.physics.transfer.modes import one_of
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.reflection import reflected_radiance
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand
from tmx.physics.transfer.solvers import disort, hapke
from tmx.physics.transfer.spectrum import emitted, reflected
from tmx.physics.transfer.sunbeam import absorbed_beam
from validation.truths.transfer import TEST_PROBLEMS, directional_emissivity, reflection

albedo = st.floats(0.0, 1.0)
asymmetry = st.floats(-0.9, 0.9)
thickness = st.floats(1e-3, 300.0)
streams = st.sampled_from([2, 4, 8, 16, 32])
reflectivity = st.floats(0.0, 1.0)
cosine = st.floats(0.05, 1.0)


def gauss(count):
    node, weight = np.polynomial.legendre.leggauss(count // 2)
    return 0.5 * (1.0 + node), 0.5 * weight


def vector(mu, azimuth=0.0):
    across = math.sqrt(1.0 - mu * mu)
    return [across * math.cos(azimuth), across * math.sin(azimuth), mu]


@pytest.mark.parametrize("case", range(12))
def test_thermal_radiance_is_that_of_pythonic_disort(case):
    rng = np.random.default_rng([11, case])
    count = (4, 8, 16, 32)[case % 4]
    omega, g, tau = rng.uniform(0.0, 1.0), rng.uniform(-0.5, 0.9), 10.0 ** rng.uniform(-1.5, 1.5)
    ground, sky = rng.uniform(0.0, 1.0), rng.uniform(0.0, 2.0)
    top, bottom = rng.uniform(0.0, 1.0, 2)
    depth = np.sort(np.concatenate([[0.0, tau], tau * rng.random(9)]))
    node, _ = gauss(count)
    weights, from_sky = emission_weights(
        disort.modes([Optics(1.0, omega, g)], count), depth[None], np.array([ground]), node
    )
    ours = weights[0] @ (top + (bottom - top) * depth / tau) + sky * from_sky[0]
    source = {"s_poly_coeffs": np.array([[top, (bottom - top) / tau]]), "b_pos": (1.0 - ground) * bottom, "b_neg": sky}
    mu, _, _, radiance, _ = pydisort(
        np.array([tau]), np.array([omega]), count, (g ** np.arange(count))[None], 0.5, 0.0, 0.0,
        f_arr=np.array([g**count]), BDRF_Fourier_modes=[ground], **source,
    )  # fmt: skip
    assert np.sort(np.asarray(mu)[: count // 2]) == pytest.approx(np.sort(node))
    assert ours[np.argsort(node)] == pytest.approx(radiance(0.0)[np.argsort(mu)][count // 2 :], abs=1e-11)


@pytest.mark.parametrize("case", range(12))
def test_reflected_sunlight_is_that_of_pythonic_disort(case):
    rng = np.random.default_rng([13, case])
    count = (4, 8, 16, 32)[case % 4]
    omega, g, tau = rng.uniform(0.0, 1.0), rng.uniform(-0.5, 0.8), 10.0 ** rng.uniform(-1.5, 1.5)
    ground, mu_sun = rng.uniform(0.0, 1.0), rng.uniform(0.1, 1.0)
    node, _ = gauss(count)
    azimuths = (0.3, 1.7, 2.9)
    views = np.array([vector(mu, azimuth) for azimuth in azimuths for mu in node])
    sun = np.array([vector(mu_sun, math.pi)])
    medium = [Optics(1.0, omega, g)]
    ours = reflected_radiance(disort, medium, count, np.array([tau]), np.array([ground]), views, sun)[0, :, 0]
    mu, *_, radiance = pydisort(
        np.array([tau]), np.array([omega]), count, (g ** np.arange(400))[None], mu_sun, 1.0, 0.0,
        f_arr=np.array([g**count]), BDRF_Fourier_modes=[ground], NT_cor=True,
    )  # fmt: skip
    order = np.argsort(mu)[count // 2 :]
    theirs = np.concatenate([np.asarray(radiance(0.0, azimuth))[order] for azimuth in azimuths])
    ours = ours.reshape(3, -1)[:, np.argsort(node)].ravel()
    assert ours == pytest.approx(theirs, abs=1e-8)


@pytest.mark.parametrize("omega", [0.5, 0.9])
def test_emissivity_of_a_half_space_by_h_functions(omega):
    mu = np.array([0.2, 0.6, 1.0])
    depth = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 30)])[None]
    weights, _ = emission_weights(disort.modes([Optics(1.0, omega)], 32), depth, np.zeros(1), mu)
    exact = [directional_emissivity(one, omega) for one in mu]
    assert weights[0].sum(axis=1) == pytest.approx(exact, rel=2e-6)


def test_reflection_of_a_half_space_by_h_functions():
    omega, mu_sun = 0.8, 0.5
    mu = np.array([0.2, 0.6, 1.0])
    views, sun = np.array([vector(one) for one in mu]), np.array([vector(mu_sun)])
    ours = reflected_radiance(disort, [Optics(1.0, omega)], 32, np.array([1e3]), np.zeros(1), views, sun)[0, :, 0]
    assert ours == pytest.approx([reflection(omega, one, mu_sun) for one in mu], rel=1e-5)


@pytest.mark.parametrize("slab", TEST_PROBLEMS, ids=lambda slab: slab.name)
def test_radiances_of_the_test_problems_of_disort(slab):
    medium, views = Optics(1.0, slab.albedo, moments=slab.moments), np.array([vector(mu) for mu in slab.mu])
    sun, depth = np.array([vector(slab.mu_sun, math.pi)]), np.array([slab.thickness])
    ours = slab.flux * reflected_radiance(disort, [medium], 16, depth, np.zeros(1), views, sun)[0, :, 0]
    assert ours == pytest.approx(slab.radiance, rel=1e-5)


@given(albedo, cosine)
def test_hapkes_half_space_emits_gamma_h(omega, mu):
    # Hapke (2012), section 15.3: ε = γ H(μ) with H = (1 + 2μ)/(1 + 2γμ).
    gamma = math.sqrt(1.0 - omega)
    depth = np.concatenate([[0.0], np.geomspace(1e-3, 1e9, 40)])[None]
    weights, _ = emission_weights(hapke.modes([Optics(1.0, omega)]), depth, np.zeros(1), np.array([mu]))
    assert weights.sum() == pytest.approx(gamma * (1.0 + 2.0 * mu) / (1.0 + 2.0 * gamma * mu), rel=1e-6, abs=1e-6)


@given(albedo, asymmetry, thickness, streams, reflectivity, cosine)
def test_kirchhoffs_law(omega, g, tau, count, ground, mu):
    """What a column of one temperature emits in a direction, and the part of a beam from there that it sends back."""
    depth = np.linspace(0.0, tau, 7)
    modes = disort.modes([Optics(1.0, omega, g)], count)
    weights, sky = emission_weights(modes, depth[None], np.array([ground]), np.array([mu]))
    assert weights.sum() + sky[0, 0] == pytest.approx(1.0, abs=1e-9)
    _, plane_albedo = absorbed_beam(one_of(modes, 0), depth, ground, np.array([mu]))
    assert weights.sum() + plane_albedo[0] == pytest.approx(1.0, abs=1e-8)


@given(albedo, asymmetry, thickness, streams, reflectivity, st.integers(0, 1000))
def test_radiances_of_all_directions_add_up_to_the_flux(omega, g, tau, count, ground, seed):
    rng = np.random.default_rng(seed)
    depth = tau * np.concatenate([[0.0], np.sort(rng.random(5)), [1.0]])
    planck, sky = rng.random(depth.size), 0.4
    modes = disort.modes([Optics(1.0, omega, g)], count)
    node, weight = gauss(count)
    weights, from_sky = emission_weights(modes, depth[None], np.array([ground]), node)
    radiance = weights[0] @ planck + from_sky[0] * sky
    exchange = make_exchange(one_of(modes, 0), depth, 0.5 * (depth[1:] + depth[:-1]), ground)
    departure = np.zeros((count // 2, depth.size))
    departures(exchange, planck, sky, np.zeros(depth.size), departure)
    flux = emergent_flux(exchange, departure, planck, sky)
    assert 2.0 * math.pi * (weight * node) @ radiance == pytest.approx(flux, rel=1e-8)


@given(albedo, asymmetry, thickness, st.sampled_from([2, 8]), reflectivity, cosine, cosine, st.floats(0.0, 3.1))
def test_light_may_go_either_way(omega, g, tau, count, ground, mu, mu_sun, azimuth):
    def seen(solver, one, other):
        column = (np.array([tau]), np.array([ground]))
        views, suns = np.array([vector(one)]), np.array([vector(other, azimuth)])
        return reflected_radiance(solver, [Optics(1.0, omega, g)], count, *column, views, suns)[0, 0, 0]

    for solver in (disort, hapke):
        there, back = seen(solver, mu, mu_sun) / mu_sun, seen(solver, mu_sun, mu) / mu
        assert there == pytest.approx(back, rel=1e-6, abs=1e-10)


def test_nothing_is_reflected_at_night():
    views, suns = np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0], vector(0.5), [0.8, 0.0, -0.6]])
    seen = reflected_radiance(disort, [Optics(1.0, 0.9)], 4, np.array([5.0]), np.zeros(1), views, suns)[0, 0]
    assert (seen > 0.0).tolist() == [False, True, False]


def test_a_peak_that_few_streams_cannot_resolve_is_scattered_once_as_it_is():
    medium, column = [Optics(1.0, 0.3, 0.85)], (np.array([50.0]), np.zeros(1))
    views, suns = np.array([vector(0.2)]), np.array([vector(0.2, math.pi)])
    few, many = (reflected_radiance(disort, medium, count, *column, views, suns)[0, 0, 0] for count in (16, 64))
    assert few == pytest.approx(many, rel=0.01)


def test_what_is_out_of_sight_is_left_out(monkeypatch):
    depth = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 60)])[None]
    modes = disort.modes([Optics(1.0, 0.6, 0.3)], 16)
    there, _ = emission_weights(modes, depth, np.zeros(1), np.array([0.4, 1.0]))
    monkeypatch.setattr(emission, "OUT_OF_SIGHT", 1e9)
    whole, _ = emission_weights(modes, depth, np.zeros(1), np.array([0.4, 1.0]))
    assert there == pytest.approx(whole, abs=1e-13)
    assert np.count_nonzero(there[0, 0]) < np.count_nonzero(whole[0, 0])


@kernel
def integrals(decay, length, mu, even, odd):
    y = length / mu
    return mode_integrals(decay, length, y, math.exp(-decay * length), math.exp(-y), even, odd)


@given(st.floats(1e-4, 20.0), st.floats(1e-4, 10.0), cosine)
def test_integrals_along_the_line_of_sight(decay, length, mu):
    def far(t):
        return math.sinh(decay * t) / math.sinh(decay * length)

    def rise(t):
        return decay * math.cosh(decay * t) / math.sinh(decay * length)

    def through(shape):
        return quad(lambda t: shape(t) * math.exp(-t / mu) / mu, 0.0, length, epsabs=1e-12, limit=200)[0]

    near_even, far_even = integrals(decay, length, mu, 1.0, 0.0)
    near_odd, far_odd = integrals(decay, length, mu, 0.0, 1.0)
    assert far_even == pytest.approx(through(far), rel=1e-7, abs=1e-10)
    assert far_odd == pytest.approx(through(rise), rel=1e-7)
    assert near_even == pytest.approx(through(lambda t: far(length - t)), rel=1e-7)
    assert near_odd == pytest.approx(through(lambda t: -rise(length - t)), rel=1e-7)


@kernel
def response(decay, inverse, total, mu):
    return response_integral(decay, inverse, total, mu)


@given(st.floats(0.5, 10.0), st.floats(1e-2, 30.0), cosine, st.floats(-16.0, -1.0))
def test_a_beam_that_meets_a_mode_is_nothing_special(decay, total, mu, apart):
    at, near = response(decay, decay, total, mu), response(decay, decay * (1.0 + 10.0**apart), total, mu)
    assert near == pytest.approx(at, rel=3.0 * 10.0**apart + 1e-8)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 3.0))
def test_addition_theorem(mu, other, azimuth):
    degree = 12
    total = np.zeros(degree)
    for order in range(degree):
        pair = associated_legendre(np.array([mu, other]), degree, order)
        total += (1.0 if order == 0 else 2.0) * pair[:, 0] * pair[:, 1] * math.cos(order * azimuth)
    cos_angle = float(np.dot(vector(mu), vector(other, azimuth)))
    assert total == pytest.approx(np.polynomial.legendre.legvander(cos_angle, degree - 1).ravel(), abs=1e-12)


@given(
    st.integers(0, 1000), st.floats(20.0, 500.0), st.floats(0.0, 500.0), st.floats(1.0, 3000.0), st.floats(0.5, 300.0)
)
def test_planck_radiances_of_narrow_and_wide_bands(seed, coldest, warmer, start, width):
    rng = np.random.default_rng(seed)
    edges = np.concatenate([[0.0], 100.0 * (start + width * np.arange(4)), [np.inf]])
    temperature = coldest + warmer * rng.random((3, 4))
    weights = rng.random((5, 2, 3))
    planck = np.array([band_radiances(edges, row) for row in temperature])
    exact = np.einsum("ban,nbt->bat", weights, planck)
    assert weighted_band_radiances(edges, temperature, weights) == pytest.approx(exact, rel=1e-6, abs=1e-300)


def medium(bands=1, **settings):
    edges = (
        np.concatenate([[0.0], 100.0 * np.linspace(200.0, 1800.0, bands - 1), [np.inf]]) if bands > 1 else [0, np.inf]
    )
    optics = Optics(2e4, 0.5, 0.3)
    thermal = tuple(ThermalBand(optics, float(a), float(b), 0.1) for a, b in pairwise(edges))
    return Regolith(thermal, (SolarBand(optics, 1.0, 0.1),), sky=40.0, **settings)


DEPTH = np.concatenate([[0.0], np.geomspace(2e-6, 0.02, 60)])
WARM = 250.0 + 60.0 * np.exp(-DEPTH / 2e-4)[:, None] * np.array([-1.0, 0.2, 1.0])


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_grey_bands_add_up_to_one(solver):
    grey, split = (
        emitted(medium(bands, solver=solver, streams=8), DEPTH, WARM, np.array([0.5, 1.0])) for bands in (1, 40)
    )
    assert split.radiance.sum(axis=0) == pytest.approx(grey.radiance[0], rel=1e-8)
    assert (grey.fewer is None) == (solver == "hapke")


def test_errors_of_grid_and_streams_are_those_that_are_estimated():
    mu = np.array([0.3, 1.0])
    fine_depth = np.sort(np.concatenate([DEPTH, 0.5 * (DEPTH[1:] + DEPTH[:-1])]))
    fine_depth = np.sort(np.concatenate([fine_depth, 0.5 * (fine_depth[1:] + fine_depth[:-1])]))
    fine_warm = 250.0 + 60.0 * np.exp(-fine_depth / 2e-4)[:, None] * np.array([-1.0, 0.2, 1.0])
    ours = emitted(medium(streams=8), DEPTH, WARM, mu)
    grid_error = np.abs(emitted(medium(streams=8), fine_depth, fine_warm, mu).radiance / ours.radiance - 1.0).max()
    estimate = np.abs(ours.coarser / ours.radiance - 1.0).max() / 3.0
    assert 0.5 < estimate / grid_error < 2.0
    streams_error = np.abs(emitted(medium(streams=64), DEPTH, WARM, mu).radiance / ours.radiance - 1.0).max()
    assert np.abs(ours.fewer / ours.radiance - 1.0).max() > streams_error


def test_sunlight_is_shared_among_its_bands():
    optics = Optics(2e4, 0.9, 0.3)
    views, suns = np.array([vector(0.9, 1.0)]), np.array([vector(0.5)])
    one = reflected(Regolith((), (SolarBand(optics),), streams=8), 0.02, views, suns)
    two = reflected(Regolith((), (SolarBand(optics, 0.3), SolarBand(optics, 0.7)), streams=8), 0.02, views, suns)
    assert two.sum(axis=0) == pytest.approx(one[0], rel=1e-9)
    assert two[0] / two[1] == pytest.approx(3.0 / 7.0)
