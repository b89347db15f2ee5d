"""Indices of the library against indices that others published, and the library's own limits."""

import numpy as np
import pytest

from tmx.physics.grains.material import JoinedIndex, TabulatedIndex, material_from_table
from tmx.physics.grains.minerals import MINERALS, mineral_named
from tmx.physics.grains.oscillators import Drude, FourParameterIndex, Lorentz, OscillatorIndex


def at(name, wavelength_um):
    return mineral_named(name).indices(np.array([wavelength_um * 1e-6]))[:, 0]


def modes(high_frequency, rows):
    return FourParameterIndex(
        high_frequency, tuple(tuple(100.0 * value for value in row) for row in rows), (1e-6, 1e-4)
    )


def mean_difference_of_reflectances(ours, theirs):
    """Compare what was measured; where bands begin and end, two crystals differ most."""
    first, second = (np.abs((m - 1.0) / (m + 1.0)) ** 2 for m in (ours, theirs))
    return np.abs(first - second).mean()


@pytest.mark.parametrize(
    ("wavelength_um", "a"),
    [
        # Suto et al. (2006), n and k at 295 K along a that the authors computed of their oscillators
        (7.0, 1.42267 + 0.00179381j),
        (8.0, 1.25899 + 0.00472004j),
        (9.0, 0.779535 + 0.0260054j),
        (9.5, 0.0683972 + 0.835811j),
        (10.0, 0.204326 + 2.53023j),
        (10.2, 1.87925 + 5.32546j),
        (10.5, 4.62141 + 0.539267j),
        (11.0, 2.42312 + 0.0393864j),
    ],
)
def test_forsterite_is_that_of_suto(wavelength_um, a):
    assert at("forsterite", wavelength_um)[0] == pytest.approx(a, rel=1e-4)


@pytest.mark.parametrize(
    ("wavelength_um", "indices"),
    [
        # forsterite of Mutschke & Mohr (2019), FOR 2285: points that are not in the table of the library
        (0.589, (1.6712, 1.6385, 1.6533)),
        (0.9, (1.6633, 1.6306, 1.6455)),
        (3.2, (1.6294, 1.6012, 1.6143)),
        (4.6, (1.5860, 1.5654, 1.5754)),
    ],
)
def test_forsterite_refracts_as_crystals_do(wavelength_um, indices):
    found = at("forsterite", wavelength_um)
    assert found.real == pytest.approx(indices, abs=6e-4)
    assert (found.imag < 2e-4).all()


@pytest.mark.parametrize(
    ("wavelength_um", "indices"),
    [
        # Mutschke & Mohr (2019), FOR 2285, at 295 K, n and k along a, b and c
        (14.993, (0.90477 + 0.0848632j, 1.4681 + 0.019263j, 1.5003 + 0.0203256j)),
        (25, (8.1723 + 4.12114j, 1.1919 + 3.66002j, 5.2417 + 0.587439j)),
        (42.017, (3.0406 + 0.0370886j, 3.5337 + 0.0625664j, 3.2189 + 0.040857j)),
        (59.88, (2.7803 + 0.0234927j, 2.9127 + 0.0315509j, 2.7769 + 0.0220129j)),
        (90.09, (2.6764 + 0.0154771j, 2.8233 + 0.0198072j, 2.6558 + 0.0144851j)),
        (120.48, (2.6469 + 0.0116443j, 2.7649 + 0.0143291j, 2.6218 + 0.0108793j)),
        (185.19, (2.6268 + 0.00763283j, 2.7302 + 0.00927288j, 2.5989 + 0.0071246j)),
    ],
)
def test_forsterite_absorbs_between_its_modes(wavelength_um, indices):
    found = at("forsterite", wavelength_um)
    assert found.real == pytest.approx(np.real(indices), rel=2e-3)
    assert found.imag == pytest.approx(np.imag(indices), rel=0.02, abs=5e-4)


FORSTERITE_A_OTHERS = [
    *[(202.6, 0.18, 202.9, 0.28), (276.6, 0.59, 277.1, 0.84), (296.1, 0.79, 300.6, 1.18), (321.1, 0.60, 322.5, 0.88)],
    *[(383.2, 1.52, 390.5, 1.52), (405.4, 1.58, 468.9, 2.90), (476.6, 4.46, 478.0, 3.69), (504.7, 3.81, 532.6, 5.65)],
    *[(532.3, 5.67, 552.3, 9.41), (606.6, 4.77, 651.6, 12.10), (840.8, 6.75, 841.5, 7.03), (959.9, 2.41, 965.5, 3.30)],
    (978.5, 3.83, 1081.1, 5.76),
]
FORSTERITE_C_OTHERS = [
    *[(278.3, 0.50, 278.9, 0.54), (292.7, 0.90, 305.6, 0.36), (306.3, 0.39, 316.7, 0.53), (411.6, 2.03, 414.6, 1.97)],
    *[(418.5, 3.19, 456.4, 1.88), (425.0, 4.22, 424.5, 3.83), (478.9, 3.22, 487.2, 3.99), (506.2, 2.71, 580.8, 8.79)],
    (874.4, 4.17, 996.8, 4.32),
]


@pytest.mark.parametrize(
    ("axis", "high", "rows", "median"), [(0, 2.83, FORSTERITE_A_OTHERS, 0.13), (2, 2.76, FORSTERITE_C_OTHERS, 0.05)]
)
def test_forsterite_agrees_with_another_measurement(axis, high, rows, median):
    # De La Pierre et al. (2013), J. Comput. Chem. 34, 1476, doi:10.1002/jcc.23283: four-parameter fits of reflectance
    wavelength = np.linspace(8e-6, 30e-6, 2000)
    ours, theirs = mineral_named("forsterite").indices(wavelength)[axis], modes(high, rows).at(wavelength)
    assert np.median(np.abs(ours - theirs) / np.abs(theirs)) < median
    assert mean_difference_of_reflectances(ours, theirs) < 0.07


QUARTZ_ORDINARY_OTHERS = [
    *[(391.5, 1.0, 403.0, 1.0), (454.0, 2.6, 510.5, 1.0), (695.9, 4.9, 698.4, 4.0), (797.2, 4.8, 810.0, 4.3)],
    *[(1063.7, 6.1, 1230.7, 8.2), (1157.2, 6.2, 1154.9, 6.1)],
]
QUARTZ_EXTRAORDINARY_OTHERS = [
    *[(360.7, 1.0, 384.8, 1.0), (497.9, 3.1, 553.6, 2.8), (773.7, 5.4, 789.9, 6.3), (1073.0, 6.2, 1238.7, 12.4)],
]


@pytest.mark.parametrize(
    ("axis", "high", "rows"), [(0, 2.296, QUARTZ_ORDINARY_OTHERS), (1, 2.334, QUARTZ_EXTRAORDINARY_OTHERS)]
)
def test_quartz_agrees_with_another_measurement(axis, high, rows):
    # Winta, Wolf & Paarmann (2019), Phys. Rev. B 99, 144308, doi:10.1103/PhysRevB.99.144308, at 1.5 K
    wavelength = np.linspace(7e-6, 30e-6, 2000)
    ours, theirs = mineral_named("quartz").indices(wavelength)[axis], modes(high, rows).at(wavelength)
    assert np.median(np.abs(ours - theirs) / np.abs(theirs)) < 0.08
    assert mean_difference_of_reflectances(ours, theirs) < 0.06


@pytest.mark.parametrize(
    ("wavelength_um", "indices", "tolerance"),
    [
        # Crystran (2023): n of quartz, ordinary and extraordinary
        (0.4, (1.558, 1.567), 1e-3),
        (0.589, (1.544, 1.553), 1e-3),
        (1.064, (1.534, 1.543), 1e-3),
        (2.01, (1.520, 1.529), 1e-3),
    ],
)
def test_quartz_refracts_as_crystals_do(wavelength_um, indices, tolerance):
    assert at("quartz", wavelength_um).real == pytest.approx(indices, abs=tolerance)


def test_quartz_tends_to_its_static_indices():
    # doi:10.1007/BF02678278: n extrapolated to zero frequency at 300 K, ordinary and extraordinary
    static = [axis.index.at(np.array([1.0]))[0].real for axis in mineral_named("quartz").axes]
    assert static == pytest.approx([2.106, 2.153], rel=0.02)


@pytest.mark.parametrize(
    ("axis", "wavelength_um", "index"),
    [
        # Jäger et al. (1998), their tables of enstatite
        (0, 9.1, 0.92943 + 0.17896j),
        (0, 10.5, 0.96627 + 1.94537j),
        (0, 12.5, 1.89105 + 0.09328j),
        (0, 18.0, 0.63705 + 1.788j),
        (0, 20.0735, 3.85508 + 2.36874j),
        (0, 52.0992, 2.66252 + 0.47094j),
        (0, 71.8421, 2.4597 + 0.39478j),
        (0, 97.5, 2.55175 + 0.14406j),
        (1, 9.1, 0.48157 + 1.62263j),
        (1, 11.0081, 1.16414 + 1.39695j),
        (1, 20.0735, 0.68852 + 2.56233j),
        (1, 59.8684, 3.12908 + 0.20449j),
        (1, 89.8026, 2.9009 + 0.1231j),
        (2, 9.1, 0.2526 + 1.02791j),
        (2, 11.0081, 2.71986 + 0.255228j),
        (2, 29.9342, 1.90648 + 3.94137j),
        (2, 59.8684, 2.80397 + 0.1124j),
        (2, 97.5, 2.69201 + 0.03487j),
    ],
)
def test_enstatite_is_that_of_jaeger(axis, wavelength_um, index):
    # the oscillators are a fit: 3 % of |m| in the median, more at the edges of the bands near 9 µm
    tolerance = 0.12 if wavelength_um < 20 else 0.03
    assert abs(at("enstatite", wavelength_um)[axis] - index) < tolerance * abs(index)


@pytest.mark.parametrize(
    ("wavelength_um", "n", "glass_k"),
    [
        # n of the three axes, Jäger et al. (1998), whose k is noise here; k of the glass, Dorschner et al. (1995)
        (5.5, (1.39366, 1.48036, 1.46251), 2.991e-3),
        (7.0, (1.30349, 1.36025, 1.33813), 4.679e-3),
    ],
)
def test_enstatite_is_nearly_transparent_short_of_its_bands(wavelength_um, n, glass_k):
    found = at("enstatite", wavelength_um)
    assert found.real == pytest.approx(n, rel=0.04)
    assert (found.imag > 0.5 * glass_k).all()
    assert (found.imag < 1.8 * glass_k).all()


@pytest.mark.parametrize(
    ("wavelength_um", "index"),
    [
        # Querry (1987), table of a pressed pellet of montmorillonite
        (2.7548, 1.425 + 0.051j),
        (4.0, 1.422 + 0.033j),
        (6.993, 1.257 + 0.071j),
        (8.4746, 0.724 + 0.337j),
        (9.5238, 1.828 + 1.892j),
        (10.7527, 1.833 + 0.234j),
        (16.129, 1.031 + 0.401j),
        (19.6078, 1.903 + 0.797j),
        (21.2766, 2.286 + 2.135j),
        (30.303, 2.299 + 0.29j),
        (55.5556, 2.085 + 0.139j),
        (100.0, 2.119 + 0.152j),
        (200.0, 2.172 + 0.1j),
    ],
)
def test_montmorillonite_is_that_of_querry(wavelength_um, index):
    # the oscillators are a fit: 0.4 % of |m| in the median, 4 % at worst
    assert abs(at("montmorillonite", wavelength_um)[0] - index) < 0.03 * abs(index)


@pytest.mark.parametrize(
    ("wavelength_um", "index"),
    [
        # Querry (1985), table of magnetite
        (2.11, 2.619 + 1.099j),
        (5.0251, 3.386 + 1.226j),
        (10.3093, 3.607 + 1.502j),
        (16.3934, 3.454 + 2.761j),
        (18.1818, 5.314 + 2.966j),
        (23.2558, 4.372 + 2.959j),
        (28.5714, 6.308 + 5.21j),
        (32.2581, 6.567 + 2.776j),
        (40.0, 6.485 + 3.185j),
        (55.5556, 7.943 + 3.209j),
    ],
)
def test_magnetite_is_that_of_querry(wavelength_um, index):
    # oscillators and free charges are a fit: 0.1 % of |m| in the median, 1.7 % at worst
    assert abs(at("magnetite", wavelength_um)[0] - index) < 0.018 * abs(index)


@pytest.mark.parametrize(
    ("name", "wavelength_um", "index"),
    [
        ("enstatite_glass", 0.5, 1.57711 + 2.1e-5j),  # Dorschner et al. (1995)
        ("enstatite_glass", 10.0, 1.63853 + 1.08967j),
        ("troilite", 0.65, 5.2841 + 1.5591j),  # Henning & Stognienko (1996)
        ("magnetite", 0.21, 2.256 + 0.085j),  # Querry (1985)
        ("iron", 0.496, 2.74 + 2.88j),  # Johnson & Christy (1974)
        ("iron", 10.0, 7.0686579 + 27.901743j),  # Ordal et al. (1988)
        ("iron", 286.0, 238.5194 + 305.98052j),
        ("amorphous_carbon", 6.3096, 3.4355 + 1.277j),  # Zubko et al. (1996), sample BE
        ("amorphous_carbon", 1000.0, 12.672 + 4.5972j),
    ],
)
def test_tables_are_read_as_they_are(name, wavelength_um, index):
    assert at(name, wavelength_um)[0] == pytest.approx(index, rel=2e-5)


@pytest.mark.parametrize(
    ("wavelength_um", "index"),
    [
        # Zubko et al. (1996), sample BE: points that are not in the table of the library
        (0.25003, 1.0594 + 0.74248j),
        (1.0, 2.4454 + 1.1876j),
        (10.0, 3.9731 + 1.5327j),
        (100.0, 6.833 + 2.9525j),
    ],
)
def test_amorphous_carbon_is_that_of_zubko(wavelength_um, index):
    assert abs(at("amorphous_carbon", wavelength_um)[0] - index) < 7e-3 * abs(index)


@pytest.mark.parametrize("wavelength_um", [20.0, 50.0, 100.0, 200.0])
def test_iron_agrees_with_free_charges(wavelength_um):
    # Ordal et al. (1985), Appl. Opt. 24, 4493, doi:10.1364/AO.24.004493: Drude's model, not the same measurement
    charges = OscillatorIndex(1.0, (Drude(3.3e6, 1.47e4),), (2e-5, 3e-4))
    index = charges.at(np.array([wavelength_um * 1e-6]))[0]
    assert abs(at("iron", wavelength_um)[0] - index) < 0.25 * abs(index)
    assert mean_difference_of_reflectances(at("iron", wavelength_um)[0], index) < 0.01


@pytest.mark.parametrize("name", MINERALS)
def test_every_mineral_is_passive_and_named(name):
    material = mineral_named(name)
    low, high = material.wavelengths
    index = material.indices(np.geomspace(low, high, 2000))
    assert material.name == name
    assert material.source
    assert material.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (index.imag >= 0.0).all()
    assert (index.real > 0.0).all()


@pytest.mark.parametrize("name", ["quartz", "forsterite", "magnetite"])
def test_parts_of_an_index_meet(name):
    for axis in mineral_named(name).axes:
        assert isinstance(axis.index, JoinedIndex)
        place = axis.index.parts[0].wavelengths[1]
        before, after = axis.index.at(np.array([place * (1 - 1e-6), place * (1 + 1e-6)]))
        assert abs(before - after) < 3e-3


def test_a_lorentz_oscillator_is_its_equation():
    # Bohren & Huffman (1983), eq. 9.20: at resonance ε = ε∞ + i Δε ν₀/γ
    index = OscillatorIndex(2.0, (Lorentz(1e5, 0.5, 1e3),), (1e-6, 1e-3))
    assert index.at(np.array([1e-5]))[0] ** 2 == pytest.approx(2.0 + 50.0j, rel=1e-12)
    static = index.at(np.array([1.0]))[0] ** 2
    assert static == pytest.approx(2.5, rel=1e-6)


def test_free_charges_reflect_below_the_plasma_frequency():
    metal = OscillatorIndex(1.0, (Drude(1e6, 1e3),), (1e-7, 1e-3))
    below, above = metal.at(np.array([1e-5, 5e-7]))
    assert below.imag > 10.0 * below.real
    assert above.real == pytest.approx(np.sqrt(0.75), rel=1e-3)


def test_unknown_minerals_are_told_the_nearest():
    with pytest.raises(ValueError, match="'forsterit' is not a mineral of the library; did you mean 'forsterite'"):
        mineral_named("forsterit")
    with pytest.raises(ValueError, match="known are quartz, forsterite"):
        mineral_named("zzz")


def test_a_table_is_interpolated_and_checked():
    material = material_from_table("dust.txt", np.array([1e-5, 1e-6]), np.array([2.0, 1.0]), np.array([0.4, 0.0]))
    assert isinstance(material.axes[0].index, TabulatedIndex)
    assert material.indices(np.array([1e-6, np.sqrt(1e-11), 1e-5]))[0] == pytest.approx([1.0, 1.5 + 0.2j, 2.0 + 0.4j])
    with pytest.raises(ValueError, match=r"dust.txt is known from 1 to 10 um: 12 um is 2 um too long"):
        material.indices(np.array([1.2e-5]))


@pytest.mark.parametrize(
    ("wavelength", "n", "k", "words"),
    [
        ([1e-6], [1.5], [0.0], "at least two"),
        ([1e-6, 1e-6], [1.5, 1.5], [0.0, 0.0], "each be there once"),
        ([-1e-6, 1e-6], [1.5, 1.5], [0.0, 0.0], "positive"),
        ([1e-6, 2e-6], [1.5, 0.0], [0.0, 0.0], "n must be positive"),
        ([1e-6, 2e-6], [1.5, 1.5], [0.0, -0.1], "not negative"),
        ([1e-6, 2e-6], [1.5, np.nan], [0.0, 0.1], "finite"),
    ],
)
def test_tables_that_are_no_index_are_refused(wavelength, n, k, words):
    with pytest.raises(ValueError, match=words):
        material_from_table("x", np.array(wavelength), np.array(n), np.array(k))
