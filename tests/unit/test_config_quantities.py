"""Quantities: exact conversions, safe arithmetic, and never anything but a value or one clear error."""

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tmx.config.quantities import MAX_LENGTH, read_quantity
from tmx.config.units import convert, parse_unit
from tmx.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("15 um", "m", 15e-6),
        ("15um", "m", 15e-6),
        ("15 µm", "m", 15e-6),
        ("15 μm", "m", 15e-6),
        ("5 cm", "m", 0.05),
        ("10e-6", "m", 10e-6),
        ("4.296 h", "s", 15465.6),
        ("29.53059 d", "s", 2551442.976),
        ("90 min", "s", 5400.0),
        ("1190 kg/m^3", "kg/m3", 1190.0),
        ("1.19 g/cm3", "kg/m3", 1190.0),
        ("1190 kg m-3", "kg/m3", 1190.0),
        ("18 mW/m²", "W/m2", 0.018),
        ("0.74 mW/(m K)", "W/m/K", 7.4e-4),
        ("0.74 mW m^-1 K^-1", "W/m/K", 7.4e-4),
        ("0.7 kJ/kg/K", "J/kg/K", 700.0),
        ("1000 1/m", "1/m", 1000.0),
        ("10 cm^-1", "1/m", 1000.0),
        ("18000 1/m", "cm-1", 180.0),
        ("149597870700 m", "AU", 1.0),
        ("3.33e-6 m", "um", 3.33),
        ("2.7/350**3", "1/K3", 2.7 / 350**3),
        ("5 %", "", 0.05),
        ("0.1 + 0.2", "", 0.3),
        ("-2**2", "", -4.0),
        ("2**-1", "", 0.5),
        ("2**3**2", "", 512.0),
        ("(1 + 2) * 3 - 4/8", "", 8.5),
        (" - - 3 ", "", 3.0),
    ],
)
def test_exact_quantities(text, unit, value):
    assert float(read_quantity(text, unit)) == value


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("30 deg", "rad", math.radians(30)),
        ("0.1 deg", "rad", math.radians(0.1)),
        ("90°", "rad", math.pi / 2),
        ("np.radians(30)", "rad", math.radians(30)),
        ("numpy.deg2rad(30)", "rad", math.radians(30)),
        ("math.degrees(math.pi)", "", 180.0),
        ("np.cos(np.radians(60))", "", math.cos(math.radians(60))),
        ("2*np.pi", "rad", 2 * math.pi),
        ("π/4", "rad", math.pi / 4),
        ("sqrt(2) km", "m", 1000 * math.sqrt(2)),
        ("log10(exp(log(100)))", "", 2.0),
    ],
)
def test_functions_agree_with_the_math_library(text, unit, value):
    assert float(read_quantity(text, unit)) == pytest.approx(value, rel=1e-15)


def test_degrees_equal_numpys_radians_exactly():
    for degrees in ("30", "22.5", "0.1", "4.6", "-178.3"):
        assert read_quantity(f"{degrees} deg", "rad") == math.radians(float(degrees))


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("5 parsec", "m", "unknown unit 'parsec'; possible: m, km, cm, mm, um, nm, AU"),
        ("3 K", "m", "'K' is a unit of another kind; possible: m, km, cm, mm, um, nm, AU"),
        ("3 W/m", "W/m/K", "'W/m' is a unit of another kind; possible: W/m/K"),
        ("3 m", "", "'m' is a unit of another kind; this is a pure number, write it without a unit"),
        ("5 degC", "K", "unknown unit 'degC'; possible: K, mK"),
        ("", "m", "the expression ends where a number is expected"),
        ("2 *", "m", "the expression ends where a number is expected"),
        ("*2", "m", "expected a number at '*2'"),
        ("(2", "m", "a closing parenthesis is missing"),
        ("1.5.2", "m", "'.2' does not belong in a number"),
        ("12:30", "s", "':30' does not belong in a number"),
        ("1/0", "", "division by zero"),
        ("0**-1", "", "division by zero"),
        ("1e999", "", "this has no finite real value"),
        ("10**400", "", "this has no finite real value"),
        ("9**9**9**9", "", "this has no finite real value"),
        ("(-8)**0.5", "", "this has no finite real value"),
        ("log(0)", "", "this has no finite real value"),
        ("exp(1e9)", "", "this has no finite real value"),
        ("(" * 100 + "1", "", "the expression is nested too deeply"),
        ("-" * 100 + "1", "", "the expression is nested too deeply"),
        ("1" * (MAX_LENGTH + 1), "", "an expression of 201 characters is too long (at most 200)"),
    ],
)
def test_errors_say_what_is_wrong(text, unit, message):
    with pytest.raises(ConfigError) as error:
        read_quantity(text, unit)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "os",
        "np.load(1)",
        "lambda: 1",
        "[1]",
        "1 if 1 else 2",
        "'a'",
        "1,2",
        "x=1",
        "1j",
    ],
)
def test_nothing_else_is_an_expression(text):
    with pytest.raises(ConfigError):
        read_quantity(text, "")


def test_growing_fractions_stay_small():
    tower = "**9)" * 30
    with pytest.raises(ConfigError, match="no finite real value"):
        read_quantity("(" * 30 + "9" + tower, "")


def test_units_multiply_and_divide():
    assert parse_unit("W/(m K)") == parse_unit("W/m/K") == parse_unit("W m^-1 K^-1") == parse_unit("W*m⁻¹·K⁻¹")
    assert parse_unit("J/s") == parse_unit("W")
    assert convert(Fraction(1), "g/cm^3", "kg/m3") == 1000


@given(st.text(max_size=60) | st.text(alphabet="0123456789.eE+-*/() mkgKWradnp.,cosqt^%°", max_size=60))
@example("1" + "\x00")
@example("(" * 60)
@settings(deadline=None, max_examples=300)
def test_any_text_gives_a_finite_number_or_a_config_error(text):
    for unit in ("", "m", "rad", "W/m/K"):
        value, message = value_or_message(text, unit)
        assert "\n" not in message
        assert math.isfinite(value)


def value_or_message(text: str, unit: str) -> tuple[float, str]:
    try:
        return float(read_quantity(text, unit)), ""
    except ConfigError as error:
        return 0.0, str(error)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back_as_itself(number):
    assert float(read_quantity(repr(number), "m")) == number


@given(st.decimals(min_value="-1e6", max_value="1e6", places=6))
def test_units_are_converted_with_one_rounding(number):
    assert float(read_quantity(f"{number} um", "m")) == float(f"{number}e-6")
    assert float(read_quantity(f"{number} d", "s")) == float(Fraction(str(number)) * 86400)
