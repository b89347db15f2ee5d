"""Mixtures, sizes and compositions: limits, bounds and moments."""

import math
import subprocess
import sys

import numpy as np
import pytest

from tmx.physics.grains.composition import parse_composition
from tmx.physics.grains.grains import Coating, Grains
from tmx.physics.grains.minerals import mineral_named
from tmx.physics.grains.mixing import bruggeman, coated, maxwell_garnett
from tmx.physics.grains.sizes import Lognormal, PowerLaw, SingleSize, effective_radius, mean_volume

A, B = np.array([1.5 + 0.01j, 1.7 + 0.0j, 0.3 + 2.0j]), np.array([3.0 + 1.0j, 2.4 + 0.0j, 1.4 + 0.02j])


def both(first, second):
    return np.array([first, second])


@pytest.mark.parametrize("rule", ["maxwell_garnett", "bruggeman", "coated"])
@pytest.mark.parametrize(("fraction", "whole"), [(0.0, A), (1.0, B)])
def test_mixtures_end_at_their_parts(rule, fraction, whole):
    mixed = {
        "maxwell_garnett": lambda: maxwell_garnett(A, B[None, :], np.array([fraction])),
        "bruggeman": lambda: bruggeman(both(A, B), np.array([1.0 - fraction, fraction])),
        "coated": lambda: coated(A, B, fraction),
    }[rule]()
    assert mixed == pytest.approx(whole, rel=1e-9)


def test_bruggeman_has_no_matrix():
    one = bruggeman(both(A, B), np.array([0.3, 0.7]))
    assert bruggeman(both(B, A), np.array([0.7, 0.3])) == pytest.approx(one, rel=1e-10)


def test_bruggeman_solves_its_equation():
    fractions = np.array([0.45, 0.55])
    mixed = bruggeman(both(A, B), fractions) ** 2
    inside = both(A, B) ** 2
    residual = (fractions[:, None] * (inside - mixed) / (inside + 2.0 * mixed)).sum(axis=0)
    assert np.abs(residual).max() < 1e-9
    assert (mixed.imag >= 0.0).all()


@pytest.mark.parametrize("fraction", [0.1, 0.35, 0.5, 0.8])
def test_mixtures_keep_within_bounds(fraction):
    # Wiener (1912) and Hashin & Shtrikman (1962), doi:10.1063/1.1728579, for ε without absorption
    low, high = 2.0, 9.0
    n_low, n_high = np.array([math.sqrt(low) + 0j]), np.array([math.sqrt(high) + 0j])
    lower = float(maxwell_garnett(n_low, n_high[None, :], np.array([fraction]))[0].real ** 2)
    upper = float(maxwell_garnett(n_high, n_low[None, :], np.array([1.0 - fraction]))[0].real ** 2)
    mixed = float(bruggeman(both(n_low, n_high), np.array([1.0 - fraction, fraction]))[0].real ** 2)
    series, parallel = 1.0 / ((1 - fraction) / low + fraction / high), (1 - fraction) * low + fraction * high
    assert lower == pytest.approx(low + fraction / (1 / (high - low) + (1 - fraction) / (3 * low)), rel=1e-12)
    assert series < lower < mixed < upper < parallel


def test_grains_of_one_mineral_are_the_same_by_every_rule_but_the_polycrystal():
    composition = parse_composition("magnetite")
    wavelength = np.array([5e-6, 20e-6])
    for mixing in ("intimate", "maxwell_garnett", "bruggeman"):
        weight, index = Grains(composition, SingleSize(1e-6), mixing).kinds(wavelength)
        assert weight.sum() == pytest.approx(1.0)
        assert index[0] == pytest.approx(composition[0][0].indices(wavelength)[0], rel=1e-12)


@pytest.mark.parametrize("mixing", ["intimate", "maxwell_garnett", "bruggeman"])
def test_kinds_of_coated_mixtures_have_weights(mixing):
    coating = Coating(mineral_named("troilite"), 0.05)
    grains = Grains(parse_composition("quartz 0.5, forsterite 0.5"), SingleSize(1e-6), mixing, coating)
    weight, index = grains.kinds(np.array([6e-6, 9e-6, 20e-6]))
    assert weight.sum() == pytest.approx(1.0, abs=1e-12)
    assert index.shape == (weight.size, 3)
    assert (index.imag >= 0.0).all()
    assert grains.wavelengths == pytest.approx((0.2e-6, 100e-6))


@pytest.mark.parametrize("deviation", [1.05, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("power", [1, 2, 3, 4])
def test_moments_of_a_lognormal(deviation, power):
    radius, weight = Lognormal(2e-6, deviation).nodes()
    expected = 2e-6**power * math.exp(0.5 * (power * math.log(deviation)) ** 2)
    assert (weight * radius**power).sum() == pytest.approx(expected, rel=3e-4)


def test_effective_radius_and_volume_of_a_lognormal():
    sizes = Lognormal(2e-6, 1.6)
    square = math.log(1.6) ** 2
    assert effective_radius(sizes) == pytest.approx(2e-6 * math.exp(2.5 * square), rel=1e-4)
    assert mean_volume(sizes) == pytest.approx(4 / 3 * math.pi * 8e-18 * math.exp(4.5 * square), rel=1e-4)


@pytest.mark.parametrize("power", [1, 2, 3, 6])
@pytest.mark.parametrize(("largest", "exponent"), [(2e-6, 3.5), (1e-4, 3.5), (1e-4, 2.0)])
def test_moments_of_a_power_law(power, largest, exponent):
    smallest = 1e-6
    radius, weight = PowerLaw(smallest, largest, exponent).nodes()

    def integral(p):
        return (largest**p - smallest**p) / p if p else math.log(largest / smallest)

    expected = integral(power + 1 - exponent) / integral(1 - exponent)
    assert (weight * radius**power).sum() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SingleSize(0.0), "radius of grains must be a positive"),
        (lambda: SingleSize(float("nan")), "positive"),
        (lambda: Lognormal(1e-6, 1.0), "not above 1"),
        (lambda: Lognormal(-1e-6, 1.5), "median"),
        (lambda: PowerLaw(2e-6, 1e-6), "below"),
        (lambda: Coating(mineral_named("quartz"), 1.0), "between 0 and 1"),
        (lambda: Grains(parse_composition("quartz"), SingleSize(1e-6), "stirred"), "not one of intimate"),
        (lambda: Grains(parse_composition("quartz"), SingleSize(1e-6), packing=0.8), "0.74"),
        (lambda: Grains((), SingleSize(1e-6)), "at least one"),
    ],
)
def test_what_no_grains_can_be_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_compositions_are_read():
    assert [(m.name, f) for m, f in parse_composition("forsterite")] == [("forsterite", 1.0)]
    assert [(m.name, f) for m, f in parse_composition(" Forsterite 0.7,  magnetite  .3")] == [
        ("forsterite", 0.7),
        ("magnetite", 0.3),
    ]
    assert parse_composition("quartz 1")[0][1] == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("forsterit", "did you mean 'forsterite'"),
        ("forsterite 0.7, magnetit 0.3", "did you mean 'magnetite'"),
        ("forsterite 0.7, magnetite 0.2", "must add up to 1, not to 0.9"),
        ("forsterite 0.7, magnetite 0.300002", "not to 1.000002"),
        ("forsterite 0.7, magnetite", "'magnetite' is not a mineral and its part of the volume"),
        ("forsterite much", "'much' after forsterite is not a number"),
        ("forsterite 0.7 0.3", "'forsterite 0.7 0.3' is not a mineral"),
        ("forsterite 0.5, forsterite 0.5", "named twice"),
        ("forsterite 1.5, magnetite -0.5", "at most 1, not 1.5"),
        ("forsterite nan", "not nan"),
        ("forsterite,", "missing next to a comma"),
        ("", "at least one mineral"),
    ],
)
def test_compositions_that_are_none_are_one_line(text, words):
    with pytest.raises(ValueError, match=r"\w") as raised:
        parse_composition(text)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_reading_a_composition_imports_nothing_slow():
    code = (
        "import sys; from tmx.physics.grains.composition import parse_composition; parse_composition('quartz');"
        "print([name for name in ('numba', 'scipy', 'miepython', 'matplotlib') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
