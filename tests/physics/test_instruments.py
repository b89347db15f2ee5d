from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.constants import c, h, k
from scipy.integrate import quad, trapezoid

from tmx.physics.emission import band_means
from tmx.physics.instruments import (
    Channel,
    CoverageError,
    Instrument,
    ResponseError,
    ResponseLineError,
    bands_for,
    boxcar,
    channel_brightness_temperatures,
    channel_radiances,
    channel_weights,
    instrument_named,
    instrument_names,
    parse_instrument,
    resolution_bands,
    uniform_bands,
)
from tmx.physics.planck import band_radiances

ONE_SHAPE = Channel("hill", np.array([5e4, 7e4, 8e4, 1e5]), np.array([0.0, 1.0, 0.5, 0.0]))


def planck(wavenumber, temperature):
    return 2 * h * c**2 * wavenumber**3 / np.expm1(h * c * wavenumber / (k * temperature))


def instrument(*channels):
    return Instrument("test", channels)


def band_means_of_black_bodies(edges, temperature):
    return band_radiances(edges, temperature) / np.diff(edges)[:, None]


@st.composite
def channels(draw):
    place = draw(st.lists(st.floats(1e4, 3e5), min_size=2, max_size=8, unique=True).map(sorted))
    if min(upper - lower for lower, upper in pairwise(place)) < 1.0:
        place = list(np.linspace(place[0], place[0] + 1e4, len(place)))
    height = draw(st.lists(st.floats(0.0, 1.0), min_size=len(place), max_size=len(place)))
    return Channel("any", np.array(place), np.maximum(height, 1e-3 * np.arange(len(place))))


# Weights


@given(channel=channels(), data=st.data())
def test_weights_are_exact_for_a_spectrum_that_is_constant_inside_each_band(channel, data):
    inner = data.draw(st.lists(st.floats(1.1e4, 2.9e5), max_size=6))
    edges = np.unique([1e4, *inner, 4e5])
    spectrum = np.linspace(1.0, 3.0, edges.size - 1)
    knots = np.union1d(edges, channel.wavenumber)
    knots = knots[(knots >= channel.wavenumber[0]) & (knots <= channel.wavenumber[-1])]
    height = np.interp(knots, channel.wavenumber, channel.response)
    level = spectrum[np.searchsorted(edges, 0.5 * (knots[1:] + knots[:-1])) - 1]
    signal = (0.5 * (height[1:] + height[:-1]) * np.diff(knots) * level).sum()
    weights = channel_weights(instrument(channel), edges)
    assert weights.sum() == pytest.approx(1.0, rel=1e-12)
    assert weights @ spectrum == pytest.approx(signal / channel.width, rel=1e-9)


def test_a_boxcar_takes_bands_by_their_overlap():
    weights = channel_weights(instrument(boxcar("b", 2e4, 4e4)), np.array([1e4, 2.5e4, 3e4, 5e4]))
    assert weights[0] == pytest.approx([0.25, 0.25, 0.5])


def test_radiance_per_wavelength_is_the_mean_over_wavelength():
    grid = np.linspace(1e6 / 1e5, 1e6 / 5e4, 200_001) * 1e-6
    response = np.interp(1.0 / grid, ONE_SHAPE.wavenumber, ONE_SHAPE.response)
    in_wavelength = planck(1.0 / grid, 220.0) / grid**2
    expected = trapezoid(response * in_wavelength, grid) / trapezoid(response, grid)
    seen = instrument(ONE_SHAPE)
    radiance = channel_radiances(seen, np.array([220.0]))
    assert radiance[0, 0] * seen.per_wavelength[0] == pytest.approx(expected, rel=1e-8)


def test_a_channel_beyond_the_bands_is_told_with_its_distance():
    seen = instrument(boxcar("near", 5e4, 6e4), boxcar("far", 2e4, 4e4))
    with pytest.raises(CoverageError, match=r"channel far reaches 50 1/cm \(10 um\) to 200 1/cm beyond the bands"):
        channel_weights(seen, np.array([2.5e4, 7e4]))
    with pytest.raises(CoverageError, match=r"channel near reaches 50 1/cm .* and 49.99 1/cm"):
        channel_weights(seen, np.array([5.5e4, 5.5001e4]))
    with pytest.raises(CoverageError, match="100 % of its response"):
        channel_weights(seen, np.array([1e5, 2e5]))


def test_a_tail_that_does_not_matter_may_lie_outside():
    almost = boxcar("b", 1e4, 2e4)
    assert channel_weights(instrument(almost), np.array([1e4 + 0.9, 2e4])).sum() == pytest.approx(1.0)
    with pytest.raises(CoverageError):
        channel_weights(instrument(almost), np.array([1e4 + 1.1, 2e4]))


# Brightness temperatures


@pytest.mark.parametrize("temperature", [30.0, 120.0, 500.0])
def test_channels_see_the_planck_function_through_their_response(temperature):
    def seen(wavenumber):
        return planck(wavenumber, temperature) * np.interp(wavenumber, ONE_SHAPE.wavenumber, ONE_SHAPE.response)

    signal = sum(quad(seen, *ends, epsabs=0.0, epsrel=1e-12)[0] for ends in pairwise(ONE_SHAPE.wavenumber))
    radiance = channel_radiances(instrument(ONE_SHAPE), np.array([temperature]))
    assert radiance[0, 0] == pytest.approx(signal / ONE_SHAPE.width, rel=1e-9)


@given(channel=channels(), temperature=st.lists(st.floats(30.0, 500.0), min_size=1, max_size=4))
def test_a_black_body_gets_its_temperature_back(channel, temperature):
    seen = instrument(channel, boxcar("other", 2e4, 9e4))
    radiance = channel_radiances(seen, np.array(temperature))
    found = channel_brightness_temperatures(seen, radiance)
    assert np.where(radiance > 1e-290, found - temperature, 0.0) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", instrument_names())
def test_a_black_body_gets_its_temperature_back_through_every_instrument(name):
    seen = instrument_named(name)
    temperature = np.linspace(30.0, 500.0, 48)
    radiance = channel_radiances(seen, temperature)
    found = channel_brightness_temperatures(seen, radiance)
    assert np.where(radiance > 1e-290, found - temperature, 0.0) == pytest.approx(0.0, abs=1e-6)


def test_spectra_in_coarse_bands_give_a_black_body_its_own_temperature():
    edges = np.linspace(1e4, 1.5e5, 12)
    temperature = np.array([60.0, 200.0, 380.0])
    seen = instrument(ONE_SHAPE, boxcar("b", 2e4, 5e4))
    radiance = channel_weights(seen, edges) @ band_means_of_black_bodies(edges, temperature)
    assert channel_brightness_temperatures(seen, radiance, edges) == pytest.approx(
        np.tile(temperature, (2, 1)), abs=1e-6
    )


def test_no_radiance_has_brightness_temperature_zero():
    found = channel_brightness_temperatures(instrument(ONE_SHAPE), np.array([[0.0, -1.0, 1e-300, np.nan]]))
    assert (found == 0.0).all()


# Bands


def test_uniform_bands():
    edges = uniform_bands(1e4, 2e5, 95)
    assert edges.size == 96
    assert np.diff(edges) == pytest.approx(2e3)


@given(low=st.floats(1e3, 1e5), span=st.floats(1.01, 100.0), resolution=st.floats(2.0, 500.0))
def test_bands_of_one_resolution(low, span, resolution):
    edges = resolution_bands(low, low * span, resolution)
    found = 0.5 * (edges[1:] + edges[:-1]) / np.diff(edges)
    assert edges[[0, -1]] == pytest.approx([low, low * span])
    assert found == pytest.approx(found[0])
    assert found[0] >= resolution * (1.0 - 1e-6)
    assert edges.size == 2 or resolution_bands(low, low * span, 0.4 * resolution).size < edges.size


@pytest.mark.parametrize("name", [name for name in instrument_names() if not instrument_named(name).is_spectrometer])
def test_bands_of_filters_resolve_planck_functions_and_emissivities(name):
    seen = instrument_named(name)
    edges = bands_for(seen)
    temperature = np.array([50.0, 85.0, 150.0, 250.0, 400.0, 5772.0])
    fine = np.unique(np.concatenate([np.linspace(*ends, 9) for ends in pairwise(edges)]))
    for length in (2e4, 5e4):

        def emissivity(wavenumber, length=length):
            return 0.9 + 0.05 * np.sin(2 * np.pi * np.arcsinh(wavenumber / 1e5) * 1e5 / length)

        banded, true = (
            channel_weights(seen, grid)
            @ (band_means(grid, fine, emissivity(fine))[:, None] * band_means_of_black_bodies(grid, temperature))
            for grid in (edges, fine)
        )
        faint = true < 1e-200
        assert np.where(faint, 0.0, banded / np.where(faint, 1.0, true) - 1.0) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("name", [name for name in instrument_names() if instrument_named(name).is_spectrometer])
def test_a_spectrometer_has_its_channels_as_bands(name):
    seen = instrument_named(name)
    edges = bands_for(seen)
    assert edges.size == len(seen.channels) + 1
    weights = channel_weights(seen, edges)
    assert np.sort(weights.max(axis=1)) == pytest.approx(1.0)
    assert weights.sum(axis=0) == pytest.approx(1.0)


def test_cold_surfaces_say_nothing_of_ultraviolet_channels():
    edges = bands_for(instrument(boxcar("uv", 1e6 / 0.35, 1e6 / 0.25)))
    assert edges[[0, -1]] == pytest.approx([1e6 / 0.35, 1e6 / 0.25])


def test_as_many_bands_per_channel_as_one_asks_for():
    seen = instrument(boxcar("a", 1e4, 2e4), boxcar("b", 1.5e4, 3e4), boxcar("c", 5e4, 6e4))
    edges = bands_for(seen, per_channel=2)
    assert edges == pytest.approx([1e4, 1.5e4, 2e4, 2.25e4, 3e4, 5e4, 5.5e4, 6e4])


# The library


def test_diviner_has_its_published_passbands():
    # Paige et al. (2010), the channels.
    seen = instrument_named("Diviner")
    found = {channel.name: (1e6 / channel.high, 1e6 / channel.low) for channel in seen.channels}
    published = {"3": (7.55, 8.05), "4": (8.10, 8.40), "5": (8.38, 8.68), "6": (13, 23), "7": (25, 41)}
    published |= {"1": (0.35, 2.8), "2": (0.35, 2.8), "8": (50, 100), "9": (100, 400)}
    assert found.keys() == published.keys()
    for name, ends in published.items():
        assert found[name] == pytest.approx(ends)
    assert all(channel.stand_in and "Paige" in channel.source for channel in seen.channels)


# JWST User Documentation: mean wavelengths of the filters (MIRI Point Spread Functions, table 1), and nominal widths of
# their passbands (MIRI Filters and Dispersers) [um].
MIRI = {
    "F560W": (5.589, 1.2),
    "F770W": (7.528, 2.2),
    "F1000W": (9.883, 2.0),
    "F1130W": (11.298, 0.7),
    "F1280W": (12.712, 2.4),
    "F1500W": (14.932, 3.1),
    "F1800W": (17.875, 3.0),
    "F2100W": (20.563, 5.0),
    "F2550W": (25.147, 4.0),
}


@pytest.mark.parametrize("channel", instrument_named("miri").channels, ids=lambda channel: channel.name)
def test_miri_has_its_published_filters(channel):
    centre, width = MIRI[channel.name]
    assert not channel.stand_in
    assert 1e6 / channel.centre == pytest.approx(centre, rel=0.006)
    fine = np.linspace(channel.low, channel.high, 20_001)
    answer = np.interp(fine, channel.wavenumber, channel.response)
    half = 1e6 / fine[answer >= 0.5 * answer.max()][[-1, 0]]
    assert half[1] - half[0] == pytest.approx(width, rel=0.1)


def test_otes_samples_as_published():
    # Christensen et al. (2018): 1750 to 100 1/cm every 8.66 1/cm.
    centres = instrument_named("otes").centres / 100.0
    assert np.diff(centres) == pytest.approx(8.66)
    assert centres[0] == pytest.approx(100.0, abs=4.33)
    assert centres[-1] == pytest.approx(1750.0, abs=4.33)


def test_mertis_samples_as_published():
    # Hiesinger et al. (2020): 78 channels of 90 nm from 7 to 14 um.
    ends = 1e6 / bands_for(instrument_named("mertis"))
    assert ends.size == 79
    assert np.diff(ends) == pytest.approx(-0.09)


def test_tes_samples_as_published():
    # 143 samples from 148 to 1651 1/cm (Christensen et al. 2001).
    centres = instrument_named("tes").centres / 100.0
    assert centres.size == 143
    assert centres[[0, -1]] == pytest.approx([148.0, 1651.0], abs=1.0)


@pytest.mark.parametrize("name", instrument_names())
def test_every_channel_says_where_it_comes_from(name):
    seen = instrument_named(name)
    assert seen.source
    assert all(channel.source for channel in seen.channels)
    assert seen.name != name


def test_ovirs_has_the_resolving_powers_required_of_it():
    # Reuter et al. (2018), section 1.
    for channel in instrument_named("ovirs").channels:
        short, long = 1e6 / channel.high, 1e6 / channel.low
        required = 125 if long < 1.101 else 150 if long < 2.001 else 350 if short > 2.899 and long < 3.601 else 200
        assert 0.5 * (short + long) / (long - short) == pytest.approx(required, rel=0.02)


def test_an_unknown_instrument():
    with pytest.raises(KeyError):
        instrument_named("hubble")


# Texts


def test_a_text_with_several_channels():
    seen = parse_instrument(
        "# name: Two filters\n# source: somebody\n# any comment\n# channel a\n10, 0\n11, 1\n12 0  # the end\n"
        "# source: somebody else\n# channel b\n20 1\n19 1\n# boxcar c d: 30 40\n",
        "stem",
    )
    assert seen.name == "Two filters"
    assert seen.source == "somebody"
    assert seen.channel_names == ("a", "b", "c d")
    assert [channel.source for channel in seen.channels] == ["somebody", "somebody else", "somebody else"]
    assert [channel.stand_in for channel in seen.channels] == [False, False, True]
    assert 1e6 / seen.channels[0].wavenumber == pytest.approx([12.0, 11.0, 10.0])


def test_rows_alone_are_one_channel():
    seen = parse_instrument("8 0.5\n9 1\n", "mine")
    assert (seen.name, seen.channel_names) == ("mine", ("mine",))


def test_responses_per_photon_become_responses_per_energy():
    # A photon of twice the wavelength has half the energy: per energy there are twice as many.
    seen = parse_instrument("# per photon\n5 1\n10 1\n", "mine").channels[0]
    assert seen.response[0] == pytest.approx(2.0 * seen.response[1])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "holds no channel"),
        ("# channel a\n10 1\n11 x\n", 3, "'11 x' is not a row of wavelength in um and response"),
        ("10 1 3\n", 1, "is not a row"),
        ("-10 1\n11 1\n", 1, "the wavelength must be positive"),
        ("10 nan\n11 1\n", 1, "both numbers finite"),
        ("\n# channel a\n10 1\n10 1\n", 2, "channel a: at least two points, each at its own place"),
        ("# channel a\n10 1\n", 1, "at least two points"),
        ("# channel a\n10 -1\n11 1\n", 1, "must not be negative"),
        ("# channel a\n10 0\n11 0\n", 1, "nor all zero"),
        ("# channel a\n8 1\n9 1\n# channel a\n8 1\n9 1\n", 1, "two channels 'a'"),
        ("# boxcar a: 9 8\n", 1, "must be positive and ascend"),
        ("# boxcar a 9\n", 1, "is not NAME: LOW HIGH"),
        ("# bands furlong 1 2 3\n", 1, "wavenumber_cm, wavelength_um, resolving_um"),
        ("# bands wavelength_um 1 2\n", 1, "is not one of wavenumber_cm"),
    ],
)
def test_texts_that_are_no_instrument(text, line, message):
    with pytest.raises(ResponseLineError, match=message) as caught:
        parse_instrument(text, "mine")
    assert caught.value.line == line


def test_a_channel_that_is_none():
    with pytest.raises(ResponseError, match="at least two points"):
        boxcar("b", 2.0, 1.0)
