"""Values of an axis: exact, rounded once, and the same for ever."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmx.errors import ConfigError
from tmx.sweeps.spacing import linear, log_uniform, rounded_integers, uniform, uniform_integers

positive = st.floats(1e-12, 1e12)


def floats(values) -> list[float]:
    return [float(value) for value in values]


def test_linear_gives_the_decimals_that_people_expect():
    assert floats(linear(0.1, 0.7, 7)) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert floats(linear(0, 1, 3)) == [0.0, 0.5, 1.0]
    assert floats(linear(1e-6, 5e-6, 5)) == [1e-6, 2e-6, 3e-6, 4e-6, 5e-6]
    assert floats(linear(2.5, 9.0, 1)) == [2.5]
    assert floats(linear(0, 1, 4))[1] == 1 / 3


def test_log_uniform_gives_exact_powers():
    assert floats(log_uniform(1e-6, 1e3, 10)) == [float(f"1e{n}") for n in range(-6, 4)]
    assert floats(log_uniform(1, 1024, 11)) == [2.0**n for n in range(11)]
    assert floats(log_uniform(3.0, 7.0, 1)) == [3.0]
    assert floats(log_uniform(3.0, 7.0, 2)) == [3.0, 7.0]
    assert floats(log_uniform(10000, 200000, 3))[1] == math.sqrt(2e9)


def test_log_uniform_is_the_nearest_float_by_exact_arithmetic():
    """The i-th of n values x satisfies x^(n-1) = low^(n-1-i) high^i; its neighbours lie on either side."""
    low, high, count = Fraction(5, 10**6), Fraction(50, 10**6), 15
    for i, x in enumerate(floats(log_uniform(5e-6, 50e-6, count))):
        exact = low ** (count - 1 - i) * high**i
        below, above = (Fraction(math.nextafter(x, end)) for end in (0, 1))
        assert ((Fraction(x) + below) / 2) ** (count - 1) <= exact <= ((Fraction(x) + above) / 2) ** (count - 1)


@given(positive, positive, st.integers(2, 40))
@settings(deadline=None)
def test_spaced_values_begin_and_end_exactly_and_rise(a, b, count):
    low, high = sorted((a, b))
    for spaced in (linear, log_uniform):
        values = floats(spaced(low, high, count))
        assert (values[0], values[-1], len(values)) == (low, high, count)
        assert values == sorted(values)


def test_random_values_are_the_same_for_ever():
    expected = [0.39668310916215976, 0.6844311122345, 0.05363242708757365, 0.4742447434055985]
    assert floats(uniform(0, 1, 4, 42, "latitude")) == expected
    assert uniform_integers(1, 10, 8, 42, "ndays") == [6, 2, 9, 8, 6, 9, 8, 8]


def test_random_values_depend_on_seed_and_parameter_only():
    ten = uniform(0, 1, 10, 1, "k_dust")
    assert uniform(0, 1, 20, 1, "k_dust")[:10] == ten
    assert uniform(0, 1, 10, 2, "k_dust") != ten
    assert uniform(0, 1, 10, 1, "latitude") != ten
    assert uniform(0, 2, 10, 1, "k_dust") == [2 * value for value in ten]


@given(st.integers(0, 2**63 - 1), st.floats(-1e6, 1e6), st.floats(0, 1e6))
@settings(deadline=None, max_examples=30)
def test_random_values_stay_in_their_range(seed, low, span):
    high = low + span
    assert all(low <= value <= high for value in floats(uniform(low, high, 50, seed, "R")))


def test_random_integers_cover_their_range_evenly():
    drawn = uniform_integers(3, 7, 5000, 42, "freq_out")
    assert set(drawn) == {3, 4, 5, 6, 7}
    assert all(900 < drawn.count(value) < 1100 for value in range(3, 8))
    assert uniform_integers(5, 5, 3, 42, "freq_out") == [5, 5, 5]


def test_integers_stay_integers():
    assert rounded_integers(linear, 1, 10, 10) == list(range(1, 11))
    assert rounded_integers(linear, 1, 10, 4) == [1, 4, 7, 10]
    assert rounded_integers(log_uniform, 1, 1000, 4) == [1, 10, 100, 1000]


@pytest.mark.parametrize(
    ("spaced", "low", "high", "count", "possible"),
    [(linear, 1, 10, 11, 10), (linear, 5, 5, 2, 1), (log_uniform, 1, 10, 10, 6), (linear, 0, 99, 1000, 100)],
)
def test_integers_that_repeat_are_refused_with_what_is_possible(spaced, low, high, count, possible):
    with pytest.raises(ConfigError) as error:
        rounded_integers(spaced, low, high, count)
    assert str(error.value) == (
        f"{count} samples between {low} and {high} repeat whole numbers; at most {possible} are possible"
    )
    assert len(set(rounded_integers(spaced, low, high, possible))) == possible
