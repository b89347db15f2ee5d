import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from tmx.physics.insolation import (
    absorbed_at,
    absorbed_sunlight,
    cos_incidence,
    daylight,
    make_sun,
    mean_absorbed_sunlight,
)

angles = st.floats(-math.pi / 2, math.pi / 2)


def test_equator_at_equinox():
    sun = make_sun(period=15450.0, latitude=0.0, declination=0.0, flux=1361.0)
    assert daylight(sun) == pytest.approx((0.25 * 15450.0, 0.75 * 15450.0))
    assert mean_absorbed_sunlight(sun) == pytest.approx(1361.0 / math.pi, rel=1e-13)
    assert cos_incidence(sun, 0.5 * 15450.0) == pytest.approx(1.0)


def test_midnight_sun_and_polar_night():
    summer = make_sun(period=1e5, latitude=1.5, declination=0.3, flux=1000.0)
    winter = make_sun(period=1e5, latitude=1.5, declination=-0.3, flux=1000.0)
    assert daylight(summer) == (0.0, 1e5)
    assert mean_absorbed_sunlight(summer) == pytest.approx(1000.0 * math.sin(0.3) * math.sin(1.5))
    assert daylight(winter) == (0.5e5, 0.5e5)
    assert mean_absorbed_sunlight(winter) == 0.0


@given(latitude=angles, declination=st.floats(-0.6, 0.6), a=st.floats(0, 0.1), b=st.floats(0, 0.3))
def test_mean_is_the_integral_over_the_day(latitude, declination, a, b):
    sun = make_sun(
        period=1e4, latitude=latitude, declination=declination, flux=1361.0, albedo=0.12, albedo_a=a, albedo_b=b
    )
    rise, sunset = daylight(sun)
    expected = 2.0 * quad(lambda t: absorbed_sunlight(sun, t)[0], rise, 0.5e4, limit=200)[0] / 1e4
    assert sunset == pytest.approx(1e4 - rise)
    assert mean_absorbed_sunlight(sun) == pytest.approx(expected, rel=1e-7, abs=1e-9)


def test_rate_is_the_derivative():
    sun = make_sun(period=1e4, latitude=0.4, declination=0.1, flux=1361.0, albedo=0.12, albedo_a=0.06, albedo_b=0.25)
    times = np.linspace(2600.0, 7400.0, 31)
    difference = [(absorbed_sunlight(sun, t + 0.05)[0] - absorbed_sunlight(sun, t - 0.05)[0]) / 0.1 for t in times]
    assert [absorbed_sunlight(sun, t)[1] for t in times] == pytest.approx(difference, rel=1e-6, abs=1e-9)


def test_albedo_grows_with_incidence_as_published():
    sun = make_sun(period=1.0, latitude=0.0, declination=0.0, flux=1.0, albedo=0.12, albedo_a=0.06, albedo_b=0.25)
    half = math.cos(math.radians(45.0))
    assert absorbed_at(sun, half) == pytest.approx(half * (1.0 - 0.12 - 0.06 - 0.25 / 256.0))
