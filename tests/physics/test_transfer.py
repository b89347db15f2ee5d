"""Radiative transfer against other programs and against what others worked out on paper."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PythonicDISORT import pydisort

from tmx.physics.column import Bottom
from tmx.physics.insolation import make_sun
from tmx.physics.materials import Layer
from tmx.physics.problem import Problem
from tmx.physics.thermal import solve_periodic
from tmx.physics.transfer import solvers
from tmx.physics.transfer.exchange import departures, deposit, emergent_flux, make_exchange
from tmx.physics.transfer.modes import one_of
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand
from tmx.physics.transfer.solvers import disort, hapke
from tmx.physics.transfer.sunbeam import absorbed_beam
from validation.truths.transfer import HEMISPHERICAL, TEST_PROBLEMS

albedo = st.floats(0.0, 1.0)
asymmetry = st.floats(-0.9, 0.95)
thickness = st.floats(1e-3, 300.0)
streams = st.sampled_from([2, 4, 6, 8, 16, 32])
reflectivity = st.floats(0.0, 1.0)


def modes_of(solver, optics, streams=2):
    return one_of(solver.modes([optics], streams), 0)


def nodes_of(edges):
    return np.concatenate([[0.0], 0.5 * (edges[1:] + edges[:-1]), edges[-1:]])


def thermal(modes, edges, planck, sky=0.0, substrate=0.0):
    """Return the heat at the nodes and the upward flux at the surface for Planck radiances at the nodes."""
    exchange = make_exchange(modes, nodes_of(edges), edges, substrate)
    departure, heat = np.zeros((modes.decay.size, planck.size)), np.zeros(planck.size)
    departures(exchange, planck, sky, np.zeros(planck.size), departure)
    deposit(exchange, departure, heat)
    return heat, emergent_flux(exchange, departure, planck, sky)


def net_downward(tau, upward, downward):
    return sum(downward(tau)) - upward(tau)


def absorbed_between(edges, upward, downward):
    net = np.array([net_downward(tau, upward, downward) for tau in edges])
    return np.append(net[:-1] - net[1:], net[-1])


@pytest.mark.parametrize("case", range(12))
def test_sunlight_and_emission_of_a_layer_as_pythonic_disort_has_them(case):
    rng = np.random.default_rng([5, case])
    count = (4, 8, 16, 32)[case % 4]
    omega, g, tau = rng.uniform(0.0, 1.0), rng.uniform(-0.5, 0.9), 10.0 ** rng.uniform(-1.5, 1.5)
    mu0, ground, sky = rng.uniform(0.05, 1.0), rng.uniform(0.0, 1.0), rng.uniform(0.0, 2.0)
    top, bottom = rng.uniform(0.0, 1.0, 2)
    edges = np.linspace(0.0, tau, 9)
    modes = modes_of(disort, Optics(1.0, omega, g), count)
    medium = (np.array([tau]), np.array([omega]), count, (g ** np.arange(count))[None])
    options = {"f_arr": np.array([g**count]), "only_flux": True, "BDRF_Fourier_modes": [ground]}
    _, upward, downward, _ = pydisort(*medium, mu0, 1.0, 0.0, **options)
    absorbed, reflected = absorbed_beam(modes, edges, ground, np.array([mu0]))
    assert mu0 * absorbed[0] == pytest.approx(absorbed_between(edges, upward, downward), abs=1e-11)
    assert mu0 * reflected[0] == pytest.approx(upward(0.0), abs=1e-11)

    planck = top + (bottom - top) * nodes_of(edges) / tau
    emission = {"s_poly_coeffs": np.array([[top, (bottom - top) / tau]]), "b_pos": (1.0 - ground) * bottom}
    _, upward, downward, _ = pydisort(*medium, mu0, 0.0, 0.0, b_neg=sky, **emission, **options)
    heat, emergent = thermal(modes, edges, planck, sky, ground)
    assert heat[1:] == pytest.approx(absorbed_between(edges, upward, downward), abs=1e-11)
    assert heat[0] == 0.0
    assert emergent == pytest.approx(upward(0.0), abs=1e-11)


@pytest.mark.parametrize("slab", TEST_PROBLEMS, ids=lambda slab: slab.name)
def test_fluxes_of_the_test_problems_of_disort(slab):
    modes = modes_of(disort, Optics(1.0, slab.albedo, moments=slab.moments), 16)
    absorbed, reflected = absorbed_beam(modes, np.array([0.0, slab.thickness]), 0.0, np.array([slab.mu_sun]))
    assert slab.flux * slab.mu_sun * reflected[0] == pytest.approx(slab.upward, rel=2e-5)
    diffuse = slab.flux * slab.mu_sun * (absorbed[0, -1] - math.exp(-slab.thickness / slab.mu_sun))
    assert diffuse == pytest.approx(slab.downward, rel=2e-5, abs=1e-12)


@pytest.mark.parametrize("omega", HEMISPHERICAL)
def test_emissivity_of_a_half_space_by_h_functions(omega):
    hemispherical = HEMISPHERICAL[omega]
    edges = np.concatenate([[0.0], np.geomspace(1e-3, 1e5, 40)])
    planck = np.full(edges.size + 1, 1.0 / math.pi)
    emissivity = [thermal(modes_of(disort, Optics(1.0, omega), n), edges, planck)[1] for n in (4, 16, 32)]
    assert emissivity[2] == pytest.approx(hemispherical, rel=1e-7)
    assert abs(emissivity[1] - hemispherical) < 0.01 * abs(emissivity[0] - hemispherical)
    gamma = math.sqrt(1.0 - omega)
    two_stream = thermal(modes_of(hapke, Optics(1.0, omega)), edges, planck)[1]
    assert two_stream == pytest.approx(2.0 * gamma / (1.0 + gamma), rel=1e-12)


@given(albedo, asymmetry, thickness, streams, reflectivity)
def test_nothing_happens_in_equilibrium_with_the_sky(omega, g, tau, count, ground):
    edges = np.linspace(0.0, tau, 6)
    heat, upward = thermal(modes_of(disort, Optics(1.0, omega, g), count), edges, np.ones(7), 1.0, ground)
    assert heat == pytest.approx(0.0, abs=1e-9)
    assert upward == pytest.approx(math.pi, rel=1e-9)


@given(albedo, asymmetry, thickness, streams, reflectivity, st.integers(0, 1000))
def test_what_the_nodes_lose_is_what_leaves(omega, g, tau, count, ground, seed):
    rng = np.random.default_rng(seed)
    edges = tau * np.sort(np.concatenate([[0.0, 1.0], rng.random(5)]))
    planck = rng.random(edges.size + 1)
    heat, upward = thermal(modes_of(disort, Optics(1.0, omega, g), count), edges, planck, 0.5, ground)
    assert upward - 0.5 * math.pi == pytest.approx(-heat.sum(), abs=3e-9)


@given(albedo, asymmetry, thickness, streams, reflectivity, st.floats(1e-3, 1.0))
def test_sunlight_is_absorbed_or_reflected(omega, g, tau, count, ground, mu0):
    modes = modes_of(disort, Optics(1.0, omega, g), count)
    absorbed, reflected = absorbed_beam(modes, np.linspace(0.0, tau, 6), ground, np.array([mu0]))
    assert absorbed.sum() + reflected[0] == pytest.approx(1.0, abs=1e-9)
    if omega == 1.0:
        assert absorbed[0, :-1] == pytest.approx(0.0, abs=1e-9)


def test_a_beam_whose_slant_meets_a_mode_is_nothing_special():
    modes = modes_of(disort, Optics(1.0, 0.7, 0.3), 8)
    edges = np.linspace(0.0, 3.0, 7)
    resonant = 1.0 / modes.decay[2]
    nearby = resonant * np.array([1.0 - 1e-7, 1.0, 1.0 + 1e-7])
    absorbed, _ = absorbed_beam(modes, edges, 0.2, nearby)
    assert absorbed[1] == pytest.approx(0.5 * (absorbed[0] + absorbed[2]), abs=1e-11)


@given(albedo, thickness)
def test_hapke_is_the_two_stream_limit_of_isotropic_scattering(omega, tau):
    edges = np.linspace(0.0, tau, 6)
    planck = np.linspace(1.0, 2.0, 7)
    model, streams = modes_of(hapke, Optics(1.0, omega)), modes_of(disort, Optics(1.0, omega), 2)
    ours, theirs = thermal(model, edges, planck, 0.1, 0.3), thermal(streams, edges, planck, 0.1, 0.3)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-9, abs=1e-12)
    assert ours[1] == pytest.approx(theirs[1], rel=1e-9)
    beams = [absorbed_beam(modes, edges, 0.3, np.array([0.4]))[0] for modes in (model, streams)]
    assert beams[0] == pytest.approx(beams[1], abs=1e-10)


def test_given_moments_are_followed_by_those_of_henyey_and_greenstein():
    assert Optics(1.0, 0.5, 0.5, (1.0, 0.4)).phase_moments(4).tolist() == [1.0, 0.4, 0.25, 0.125]
    given = tuple(0.6 ** np.arange(9))
    same = (modes_of(disort, o, 8) for o in (Optics(1.0, 0.7, 0.6), Optics(1.0, 0.7, 0.0, given)))
    for one, other in zip(*same, strict=True):
        assert one == pytest.approx(other)


def test_thick_links_carry_the_flux_of_radiative_diffusion():
    # The flux through an optically thick medium is 4π/3 (1 − ω g)⁻¹ dB/dτ (Rosseland).
    edges = np.linspace(0.0, 1e5, 101)
    planck = 1.0 + nodes_of(edges) / 1e5
    omega, g = 0.6, 0.5
    heat, upward = thermal(modes_of(disort, Optics(1.0, omega, g), 8), edges, planck)
    leaving = -np.cumsum(heat[::-1])[::-1][50]
    assert leaving == pytest.approx(4.0 * math.pi / 3.0 / (1.0 - omega * g) * 1e-5, rel=1e-3)
    assert heat[3:-2] == pytest.approx(0.0, abs=1e-9)
    assert upward > 0.5


def test_every_solver_gives_modes_of_the_same_form():
    assert solvers.solver_names() == ("disort", "hapke")
    for name in solvers.solver_names():
        modes = modes_of(solvers.solver_named(name), Optics(1.0, 0.4, 0.2), 4)
        assert modes.edge @ modes.planck == pytest.approx(2.0 * modes.surface)
        assert modes.planck @ modes.surface == pytest.approx(1.0)
        assert (modes.decay > 0.0).all()


THIRD = """
from tmx.physics.transfer.solvers import hapke

HAS_STREAMS = False


def modes(optics, streams, order=0):
    return hapke.modes(optics)
"""


def test_a_third_solver_is_a_new_module(tmp_path, monkeypatch):
    (tmp_path / "third.py").write_text(THIRD)
    monkeypatch.setattr(solvers, "__path__", [*solvers.__path__, str(tmp_path)])
    assert solvers.solver_names() == ("disort", "hapke", "third")
    bands = (ThermalBand(Optics(2000.0, 0.1)),), (SolarBand(Optics(2000.0, 0.5)),)
    problem = Problem([Layer(0.1, 1100.0, 1e-3, 700.0)], Regolith(*bands, "third"), Bottom(), make_sun(
        period=15450.0, latitude=0.0, declination=0.0, flux=1361.0))  # fmt: skip
    known = replace(problem, surface=replace(problem.surface, solver="hapke"))
    third, second = solve_periodic(problem, 6), solve_periodic(known, 6)
    assert third.surface_temperature.tolist() == second.surface_temperature.tolist()
    assert third.streams is None


def test_absorbed_sunlight_is_tabulated_to_six_digits():
    layer = Layer(0.05, 1500.0, 1e-3, 700.0)
    regolith = Regolith((ThermalBand(Optics(2000.0, 0.1)),), (SolarBand(Optics(3000.0, 0.5, 0.4), reflectivity=0.2),))
    edges = np.concatenate([[0.0], np.geomspace(1e-5, 0.05, 40)])
    beam = regolith.operator(layer, edges, 400.0).beam
    mu = np.linspace(0.003, 0.999, 57)
    x = np.sqrt(mu) * len(beam)
    place = x.astype(int)
    powers = (x - place)[:, None] ** np.arange(4)
    tabulated = np.einsum("mp,mpn->mn", powers, beam[place])
    exact = regolith.absorbed_sunlight(layer, edges, mu)
    assert (mu[:, None] * tabulated)[:, 0] == pytest.approx(0.0, abs=1e-15)
    assert mu[:, None] * tabulated[:, 1:] == pytest.approx(mu[:, None] * exact, abs=2e-6)
