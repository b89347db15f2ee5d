from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.constants import Wien, c, h, k, sigma
from scipy.integrate import quad

from tmx.physics.emission import band_means, emission_spectrum
from tmx.physics.planck import band_brightness_temperature, band_radiance


def planck(wavenumber, temperature):
    return 2 * h * c**2 * wavenumber**3 / np.expm1(h * c * wavenumber / (k * temperature))


@pytest.mark.parametrize("temperature", [30.0, 100.0, 300.0, 1000.0])
@pytest.mark.parametrize(("low", "high"), [(1e2, 2e3), (1e4, 1.1e4), (5e4, 1.5e5), (2e4, 2.0001e4)])
def test_band_integral(low, high, temperature):
    expected = quad(planck, low, high, args=(temperature,), epsabs=0.0, epsrel=1e-12)[0]
    assert band_radiance(low, high, temperature) == pytest.approx(expected, rel=1e-9)


def test_whole_spectrum_is_stefan_boltzmann():
    assert band_radiance(0.0, np.inf, 288.0) == pytest.approx(sigma * 288.0**4 / np.pi, rel=1e-9)


def test_half_of_the_energy_lies_below_the_median_wavelength():
    # The median of the Planck function in wavelength is at λT = 4107 µm K.
    wavenumber = 300.0 / 4107e-6
    half = band_radiance(wavenumber, np.inf, 300.0) / band_radiance(0.0, np.inf, 300.0)
    assert half == pytest.approx(0.5, abs=2e-4)
    assert Wien / 300.0 < 4107e-6 / 300.0


@given(
    low=st.floats(0.0, 3e5), width=st.floats(10.0, 1e5), temperature=st.floats(20.0, 1500.0), factor=st.floats(0.3, 1.0)
)
def test_brightness_temperature_inverts(low, width, temperature, factor):
    radiance = band_radiance(low, low + width, temperature)
    if radiance < 1e-250:
        return
    found = band_brightness_temperature(low, low + width, factor * radiance)
    assert band_radiance(low, low + width, found) == pytest.approx(factor * radiance, rel=1e-9)
    assert found <= temperature * (1.0 + 1e-9)


def test_no_radiance_has_brightness_temperature_zero():
    assert band_brightness_temperature(1e4, 2e4, 0.0) == 0.0


def test_grey_surface_spectrum_sums_to_its_bolometric_radiance():
    edges = np.linspace(1e4, 1.8e5, 86)
    temperature = np.array([95.0, 250.0, 385.0])
    spectrum = emission_spectrum(edges, np.full(85, 0.9), temperature)
    assert spectrum.bolometric_radiance == pytest.approx(0.9 * sigma * temperature**4 / np.pi, rel=1e-9)
    assert spectrum.bolometric_brightness_temperature == pytest.approx(0.9**0.25 * temperature, rel=1e-9)
    outside = band_radiance(0.0, 1e4, 250.0) + band_radiance(1.8e5, np.inf, 250.0)
    assert spectrum.radiance[:, 1].sum() + 0.9 * outside == pytest.approx(spectrum.bolometric_radiance[1])
    assert (spectrum.brightness_temperature < temperature).all()


def test_black_surface_has_its_own_temperature_in_every_band():
    temperature = np.array([60.0, 200.0])
    spectrum = emission_spectrum(np.linspace(2e4, 1.5e5, 11), np.ones(10), temperature)
    assert spectrum.brightness_temperature == pytest.approx(np.tile(temperature, (10, 1)), rel=1e-9)


def test_surface_in_an_oven_of_its_own_temperature_is_black():
    spectrum = emission_spectrum(np.linspace(2e4, 1.5e5, 11), np.full(10, 0.7), np.array([250.0]), 250.0)
    assert spectrum.brightness_temperature == pytest.approx(250.0, rel=1e-9)
    assert spectrum.emissivity == pytest.approx(1.0, rel=1e-9)
    assert spectrum.bolometric_brightness_temperature == pytest.approx(250.0, rel=1e-9)


def test_band_means_of_a_table():
    edges = np.array([0.0, 1.0, 2.0, 4.0])
    values = band_means(edges, np.array([0.5, 1.5, 3.0]), np.array([0.0, 1.0, 4.0]))
    line = lambda x: np.interp(x, [0.5, 1.5, 3.0], [0.0, 1.0, 4.0])  # noqa: E731
    expected = [quad(line, a, b, points=[0.5, 1.5, 3.0])[0] / (b - a) for a, b in pairwise(edges)]
    assert values == pytest.approx(expected)
