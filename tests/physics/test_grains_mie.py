"""Cross-sections of grains against published tables, limits, and means taken by brute force."""

import math
from itertools import pairwise

import numpy as np
import pytest

from tmx.physics.grains import sizes
from tmx.physics.grains.composition import parse_composition
from tmx.physics.grains.grains import Coating, Grains
from tmx.physics.grains.material import Axis, Material, material_from_table
from tmx.physics.grains.mie import efficiencies, scattering_table, without_forward_peak
from tmx.physics.grains.mixing import coated
from tmx.physics.grains.packing import structure_factor
from tmx.physics.grains.sizes import Lognormal, PowerLaw, SingleSize
from validation.truths.mie import BOHREN_HUFFMAN, WISCOMBE

SILICATES = ("quartz", "forsterite", "enstatite", "enstatite_glass", "montmorillonite")


def constant(name, n, k):
    return material_from_table(name, np.array([1e-8, 1.0]), np.array([n, n]), np.array([k, k]))


def one(material, radius, **more):
    return Grains(((material, 1.0),), SingleSize(radius), **more)


def narrow(wavelength):
    """Return the edges of a band too narrow for anything to change in it."""
    return np.array([1.0, 1.0 + 1e-9]) / wavelength


def test_bohren_and_huffman_example():
    index, size, known = BOHREN_HUFFMAN
    extinction, scattering, _ = efficiencies(np.array([index]), np.array([size]))
    assert extinction[0] == pytest.approx(known, abs=5e-6)
    assert scattering[0] == pytest.approx(known, abs=5e-6)


@pytest.mark.parametrize(("index", "size", "extinction", "scattering", "asymmetry"), WISCOMBE)
def test_tables_of_wiscombe(index, size, extinction, scattering, asymmetry):
    found = efficiencies(np.array([index]), np.array([size]))
    assert np.ravel(found) == pytest.approx([extinction, scattering, asymmetry], abs=1.5e-6)


def test_small_grains_scatter_as_rayleigh_has_it():
    radius, wavelength = 5e-9, 10e-6
    n = 1.6 + 0.3j
    table = scattering_table(narrow(wavelength), one(constant("x", n.real, n.imag), radius))
    size = 2.0 * math.pi * radius / wavelength
    polarised = (n**2 - 1.0) / (n**2 + 2.0)
    area = math.pi * radius**2
    # Bohren & Huffman (1983), eqs. 5.8 and 5.11
    assert table.scattering[0] / area == pytest.approx(8.0 / 3.0 * size**4 * abs(polarised) ** 2, rel=1e-4)
    absorbed = (table.extinction - table.scattering)[0] / area
    assert absorbed == pytest.approx(4.0 * size * polarised.imag, rel=1e-4)
    assert abs(table.asymmetry[0]) < 1e-3


def test_large_absorbing_grains_take_twice_their_shadow():
    table = scattering_table(narrow(1e-6), one(constant("x", 1.5, 0.1), 2e-3))
    area = math.pi * 2e-3**2
    # edge effects fall as x^(-2/3): Bohren & Huffman (1983), section 4.4.3
    assert table.extinction[0] / area == pytest.approx(2.0, rel=0.01)
    reflected = table.scattering[0] / area - 1.0
    assert 0.02 < reflected < 0.2  # diffraction, and the reflectivity of an opaque sphere


@pytest.mark.parametrize("name", [*SILICATES, "magnetite", "troilite", "iron", "amorphous_carbon"])
@pytest.mark.parametrize("radius", [1e-7, 3e-6, 5e-5])
def test_no_grain_scatters_more_than_it_takes(name, radius):
    composition = parse_composition(name)
    low, high = composition[0][0].wavelengths
    edges = np.geomspace(1.0 / min(high, 5e-5), 1.0 / max(low, 5e-7), 60)
    table = scattering_table(edges, Grains(composition, SingleSize(radius)))
    assert (table.scattering <= table.extinction).all()
    assert (table.extinction > 0.0).all()
    assert (np.abs(table.asymmetry) < 1.0).all()


@pytest.mark.parametrize("radius", [2e-6, 15e-6, 60e-6])
@pytest.mark.parametrize("name", ["quartz", "forsterite"])
def test_band_means_are_those_of_many_points(name, radius):
    grains = Grains(parse_composition(name), SingleSize(radius))
    edges = 1e2 * np.array([300.0, 380.0, 500.0, 860.0, 900.0, 1100.0, 1300.0, 1900.0])
    table = scattering_table(edges, grains)
    for band, (low, high) in enumerate(pairwise(edges)):
        fine = scattering_table(np.linspace(low, high, 301), grains)
        assert table.extinction[band] == pytest.approx(fine.extinction.mean(), rel=6e-4)
        assert table.scattering[band] == pytest.approx(fine.scattering.mean(), rel=6e-4)
        forward = (fine.asymmetry * fine.scattering).mean() / fine.scattering.mean()
        assert table.asymmetry[band] == pytest.approx(forward, abs=3e-4)


def test_axes_are_averaged_on_cross_sections():
    first, second = constant("a", 1.5, 0.01), constant("b", 2.5, 0.2)
    crystal = Material("ab", (Axis(0.25, first.axes[0].index), Axis(0.75, second.axes[0].index)))
    edges = np.array([9e4, 1e5, 1.1e5])
    both = scattering_table(edges, one(crystal, 3e-6))
    alone = [scattering_table(edges, one(material, 3e-6)) for material in (first, second)]
    assert both.extinction == pytest.approx(0.25 * alone[0].extinction + 0.75 * alone[1].extinction, rel=1e-12)
    assert both.scattering == pytest.approx(0.25 * alone[0].scattering + 0.75 * alone[1].scattering, rel=1e-12)


def test_an_intimate_mixture_is_the_mean_of_its_grains():
    edges = np.linspace(3e4, 1.9e5, 20)
    mixed = scattering_table(edges, Grains(parse_composition("quartz 0.6, magnetite 0.4"), SingleSize(5e-6)))
    parts = [
        scattering_table(edges, Grains(parse_composition(name), SingleSize(5e-6))) for name in ("quartz", "magnetite")
    ]
    assert mixed.extinction == pytest.approx(0.6 * parts[0].extinction + 0.4 * parts[1].extinction, rel=1e-3)
    forward = sum(f * p.scattering * p.asymmetry for f, p in zip((0.6, 0.4), parts, strict=True))
    assert mixed.asymmetry == pytest.approx(forward / mixed.scattering, rel=2e-3)


def test_a_distribution_is_the_mean_of_its_radii():
    material = constant("x", 1.5, 0.05)
    table = scattering_table(narrow(10e-6), Grains(((material, 1.0),), PowerLaw(1e-6, 3e-6)))
    radii = np.geomspace(1e-6, 3e-6, 4001)
    number = radii**-3.5 * np.gradient(radii)
    each = [efficiencies(np.full(radii.size, 1.5 + 0.05j), 2.0 * math.pi * radii / 10e-6)[0]]
    mean = (number * each[0] * math.pi * radii**2).sum() / number.sum()
    assert table.extinction[0] == pytest.approx(mean, rel=1e-4)


def test_a_narrow_lognormal_is_a_single_size():
    edges = np.linspace(5e4, 1e5, 10)
    material = constant("x", 1.5, 0.05)
    narrow_sizes = Grains(((material, 1.0),), Lognormal(3e-6, 1.001))
    single = scattering_table(edges, one(material, 3e-6))
    assert scattering_table(edges, narrow_sizes).extinction == pytest.approx(single.extinction, rel=1e-4)


@pytest.mark.parametrize("name", ["quartz", "forsterite"])
def test_bands_of_a_distribution_have_enough_radii(name, monkeypatch):
    grains = Grains(parse_composition(name), Lognormal(10e-6, 1.6))
    edges = 1e2 * np.array([400.0, 500.0, 600.0, 900.0, 1000.0, 1100.0, 1200.0, 2000.0, 10000.0, 20000.0])
    table = scattering_table(edges, grains)
    monkeypatch.setattr(sizes, "NODE_SPACING", 0.04)
    many = scattering_table(edges, grains)
    assert table.extinction == pytest.approx(many.extinction, rel=0.01)
    assert table.albedo == pytest.approx(many.albedo, abs=2e-3)
    assert table.asymmetry == pytest.approx(many.asymmetry, abs=5e-3)


def test_a_coating_is_that_of_a_coated_sphere_in_the_small_limit():
    shell, core, wavelength = constant("s", 1.3, 0.1), constant("c", 2.0, 0.5), 20e-6
    table = scattering_table(narrow(wavelength), one(core, 1e-8, coating=Coating(shell, 0.4)))
    m = coated(np.array([2.0 + 0.5j]), np.array([1.3 + 0.1j]), 0.4)[0]
    polarised = (m**2 - 1.0) / (m**2 + 2.0)
    # Bohren & Huffman (1983), eq. 5.36, with f the fraction of the core
    e1, e2, f = (2.0 + 0.5j) ** 2, (1.3 + 0.1j) ** 2, 0.6
    above = (e2 - 1) * (e1 + 2 * e2) + f * (2 * e2 + 1) * (e1 - e2)
    below = (e2 + 2) * (e1 + 2 * e2) + f * (2 * e2 - 2) * (e1 - e2)
    assert polarised == pytest.approx(above / below, rel=1e-12)
    size = 2.0 * math.pi * 1e-8 / wavelength
    assert table.extinction[0] == pytest.approx(math.pi * 1e-16 * 4.0 * size * polarised.imag, rel=1e-3)


def test_without_its_forward_peak_a_grain_absorbs_and_turns_back_as_much():
    table = scattering_table(narrow(5e-6), one(constant("x", 1.6, 0.01), 20e-6))
    scaled = scattering_table(narrow(5e-6), one(constant("x", 1.6, 0.01), 20e-6, without_forward_peak=True))
    assert scaled.extinction - scaled.scattering == pytest.approx(table.extinction - table.scattering, rel=1e-9)
    assert scaled.scattering * (1 - scaled.asymmetry) == pytest.approx(table.scattering * (1 - table.asymmetry))
    # Joseph et al. (1976), eq. 13: g' = g/(1 + g)
    assert scaled.asymmetry == pytest.approx(table.asymmetry / (1.0 + table.asymmetry), rel=1e-12)
    back = without_forward_peak(np.array([2.0]), np.array([1.0]), np.array([-0.3]))
    assert [float(value[0]) for value in back] == [2.0, 1.0, -0.3]


@pytest.mark.parametrize("packing", [0.1, 0.3, 0.5])
def test_structure_factor_has_its_limits(packing):
    # at q = 0 the compressibility of hard spheres: Wertheim (1963)
    zero = (1.0 - packing) ** 4 / (1.0 + 2.0 * packing) ** 2
    assert structure_factor(np.array([0.0]), packing)[0] == pytest.approx(zero, rel=1e-12)
    around = structure_factor(np.array([2.0 - 1e-9, 2.0]), packing)
    assert around[0] == pytest.approx(around[1], rel=1e-7)
    assert structure_factor(np.array([500.0]), packing)[0] == pytest.approx(1.0, abs=1e-3)


def test_close_packing_takes_away_forward_scattering_only():
    material = constant("x", 1.6, 0.05)
    apart = scattering_table(narrow(10e-6), one(material, 10e-6))
    close = scattering_table(narrow(10e-6), one(material, 10e-6, packing=0.4))
    thin = scattering_table(narrow(10e-6), one(material, 10e-6, packing=1e-6))
    assert close.scattering < 0.9 * apart.scattering
    assert close.asymmetry < apart.asymmetry
    assert close.extinction - close.scattering == pytest.approx(apart.extinction - apart.scattering, rel=1e-9)
    assert thin.scattering == pytest.approx(apart.scattering, rel=1e-4)


@pytest.mark.parametrize(
    ("edges", "radius", "words"),
    [
        ([1e5, 1e6], 5e-2, ["5e+04 um", "size parameter 3.14e+05", "too slow"]),
        ([1e4, 1e5], 1e-10, ["size parameter 6.28e-06", "below 0.0001"]),
        ([1e4], 1e-6, ["two edges"]),
        ([0.0, 1e4], 1e-6, ["positive"]),
        ([1e4, np.inf], 1e-6, ["finite"]),
        ([2e4, 1e4], 1e-6, ["ascending"]),
        ([1e4, 1e8], 1e-6, ["glass is known from 0.05 to 1000 um: 0.01 um is 0.04 um too short"]),
        ([5e2, 1e5], 1e-6, ["2000 um is 1e+03 um too long"]),
    ],
)
def test_what_cannot_be_computed_is_one_line(edges, radius, words):
    glass = material_from_table("glass", np.array([5e-8, 1e-3]), np.array([1.5, 1.5]), np.array([0.0, 0.0]))
    with pytest.raises(ValueError, match=r"\w") as raised:
        scattering_table(np.array(edges), one(glass, radius))
    message = str(raised.value)
    assert "\n" not in message
    for word in words:
        assert word in message
