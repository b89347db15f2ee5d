import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmx.physics.features import christiansen_feature, reststrahlen_depth, transparency_depth

FINE = np.linspace(5e4, 2e5, 301)
"""From 5 to 20 um every 5 1/cm [1/m]."""


def um(wavelength):
    return 1e6 / wavelength


def hill(wavenumber, centre, height=0.98, curvature=4e-11):
    return height - curvature * (wavenumber - centre) ** 2


@given(wavelength=st.floats(7.3, 9.1), ragged=st.integers(0, 2**32 - 1))
def test_a_parabola_has_its_vertex_on_any_grid(wavelength, ragged):
    grid = np.sort(np.random.default_rng(ragged).uniform(5e4, 2e5, 400))
    assert christiansen_feature(grid, hill(grid, um(wavelength))) == pytest.approx(um(wavelength), rel=1e-9)


def test_brightness_temperatures_have_their_feature_too():
    temperature = 300.0 + 10.0 * hill(FINE, um(8.2))
    assert christiansen_feature(FINE, temperature) == pytest.approx(um(8.2), rel=1e-9)


@pytest.mark.parametrize("wavelength", [6.0, 7.0, 9.5, 11.0])
def test_a_maximum_at_the_edge_of_the_window_is_no_feature(wavelength):
    assert math.isnan(christiansen_feature(FINE, hill(FINE, um(wavelength))))


def test_a_grey_surface_has_no_feature():
    grey = np.full(FINE.size, 0.95)
    assert math.isnan(christiansen_feature(FINE, grey))
    assert math.isnan(reststrahlen_depth(FINE, grey))
    assert transparency_depth(FINE, grey) == 0.0


@pytest.mark.parametrize("ends", [(7.2, 20.0), (5.0, 9.0), (8.0, 8.1)])
def test_bands_that_do_not_cover_the_window(ends):
    short, long = ends
    grid = FINE[(um(long) <= FINE) & (um(short) >= FINE)]
    value = hill(grid, um(8.05))
    assert math.isnan(christiansen_feature(grid, value))
    assert math.isnan(reststrahlen_depth(grid, value))


def test_no_bands_have_no_features():
    nothing = np.empty(0)
    for feature in (christiansen_feature, reststrahlen_depth, transparency_depth):
        assert math.isnan(feature(nothing, nothing))


def test_reststrahlen_depth_is_from_the_maximum_to_the_lowest():
    emissivity = np.maximum(hill(FINE, um(8.01)), 0.5)
    emissivity[np.abs(FINE - um(10.0)).argmin()] = 0.4
    emissivity[np.abs(FINE - um(12.5)).argmin()] = 0.1
    assert reststrahlen_depth(FINE, emissivity) == pytest.approx(0.98 - 0.4, rel=1e-12)


def test_reststrahlen_bands_are_beyond_the_feature():
    # A dip between 8.5 um and a feature at 9.2 um is none of them.
    emissivity = hill(FINE, um(9.2), curvature=2e-10)
    emissivity[um(8.9) < FINE] = 0.2
    beyond = (um(9.2) > FINE) & (um(12.0) <= FINE)
    assert reststrahlen_depth(FINE, emissivity) == pytest.approx(0.98 - emissivity[beyond].min(), rel=1e-9)


@given(slope=st.floats(-2e-6, 2e-6), depth=st.floats(0.0, 0.5))
def test_transparency_depth_is_below_a_sloping_continuum(slope, depth):
    continuum = 0.9 + slope * (FINE - um(12.0))
    emissivity = continuum.copy()
    emissivity[np.abs(FINE - um(12.2)).argmin()] *= 1.0 - depth
    assert transparency_depth(FINE, emissivity) == pytest.approx(depth, abs=1e-9)


def test_a_hump_between_the_shoulders_is_no_transparency_feature():
    hump = 0.9 + 0.05 * np.exp(-(((FINE - um(12.2)) / 1e3) ** 2))
    assert transparency_depth(FINE, hump) == pytest.approx(0.0, abs=1e-9)


def test_shoulders_must_be_there():
    assert math.isnan(transparency_depth(FINE[um(13.5) < FINE], np.ones((um(13.5) < FINE).sum())))
    coarse = np.array([5e4, 8e4, 2e5])
    assert math.isnan(transparency_depth(coarse, np.ones(3)))
