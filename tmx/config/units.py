"""Units: what a unit is worth in SI, and which one it can be converted to.

Factors are exact fractions, so that ``15 um`` becomes the same float as ``15e-6``. The degree is the
exception: it is converted by :func:`math.radians`, so that ``30 deg`` equals ``np.radians(30)``.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from tmx.errors import ConfigError

Number: TypeAlias = Fraction | float


@dataclass(frozen=True)
class Unit:
    """A factor to SI and the exponents of metre, kilogram, second, kelvin and radian."""

    factor: Fraction
    dimension: tuple[int, ...]

    def __mul__(self, other: "Unit") -> "Unit":
        exponents = (a + b for a, b in zip(self.dimension, other.dimension, strict=True))
        return Unit(self.factor * other.factor, tuple(exponents))

    def __pow__(self, power: int) -> "Unit":
        return Unit(self.factor**power, tuple(power * exponent for exponent in self.dimension))


_ONE = Unit(Fraction(1), (0, 0, 0, 0, 0))


def _unit(factor: str | int, m: int = 0, kg: int = 0, s: int = 0, K: int = 0, rad: int = 0) -> Unit:
    return Unit(Fraction(factor), (m, kg, s, K, rad))


_DEGREE = Unit(Fraction(math.pi) / 180, (0, 0, 0, 0, 1))

# The first name of each unit is the one that messages suggest.
_NAMES: dict[tuple[str, ...], Unit] = {
    ("m",): _unit(1, m=1),
    ("km",): _unit(1000, m=1),
    ("cm",): _unit("1e-2", m=1),
    ("mm",): _unit("1e-3", m=1),
    ("um", "µm", "μm", "micron", "microns"): _unit("1e-6", m=1),
    ("nm",): _unit("1e-9", m=1),
    ("AU", "au"): _unit(149_597_870_700, m=1),
    ("s", "sec"): _unit(1, s=1),
    ("min",): _unit(60, s=1),
    ("h", "hr", "hour", "hours"): _unit(3600, s=1),
    ("d", "day", "days"): _unit(86400, s=1),
    ("kg",): _unit(1, kg=1),
    ("g",): _unit("1e-3", kg=1),
    ("K",): _unit(1, K=1),
    ("mK",): _unit("1e-3", K=1),
    ("rad",): _unit(1, rad=1),
    ("deg", "degree", "degrees", "°"): _DEGREE,
    ("W",): _unit(1, m=2, kg=1, s=-3),
    ("mW",): _unit("1e-3", m=2, kg=1, s=-3),
    ("kW",): _unit(1000, m=2, kg=1, s=-3),
    ("J",): _unit(1, m=2, kg=1, s=-2),
    ("kJ",): _unit(1000, m=2, kg=1, s=-2),
    ("%", "percent"): _unit("1e-2"),
}
_UNITS = {name: unit for names, unit in _NAMES.items() for name in names}

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻·⋅", "0123456789-**")
_DENOMINATOR = re.compile(r"/\s*\(([^()]*)\)")
_FACTOR = re.compile(r"\s*(?P<divide>/)?\s*\*?\s*(?:(?P<name>[A-Za-zµμ°%]+)(?:\^?(?P<power>[+-]?\d))?|1(?=\s*/))")


@lru_cache(maxsize=256)
def parse_unit(text: str) -> Unit:
    """Read a unit such as ``um``, ``kg/m^3``, ``W m-1 K-1`` or ``W/(m K)``.

    Raises
    ------
    ConfigError
        If the text is not a product of known units.
    """
    plain = text.translate(_SUPERSCRIPTS).replace("**", "^")
    plain = _DENOMINATOR.sub(lambda group: "/" + "/".join(re.split(r"[\s*]+", group[1].strip())), plain)
    unit, position = _ONE, 0
    while plain[position:].strip():
        factor = _FACTOR.match(plain, position)
        if factor is None or (factor["name"] and factor["name"] not in _UNITS):
            raise ConfigError(f"unknown unit {text!r}")
        unit, position = unit * _value_of(factor), factor.end()
    return unit


def _value_of(factor: re.Match[str]) -> Unit:
    if not factor["name"]:
        return _ONE
    power = int(factor["power"] or 1)
    return _UNITS[factor["name"]] ** (-power if factor["divide"] else power)


def convert(value: Number, given: str, wanted: str) -> Number:
    """Convert a value from the unit `given` to the unit `wanted` (``""`` for a pure number).

    Raises
    ------
    ConfigError
        If the unit is unknown or of another dimension; the message says which units are possible.
    """
    source, target = _parse_given(given, wanted), parse_unit(wanted)
    if source.dimension != target.dimension:
        raise ConfigError(f"{given!r} is a unit of another kind; {_possible(wanted)}")
    if source == _DEGREE:
        return math.radians(value)
    return Fraction(value) * (source.factor / target.factor)


def _parse_given(given: str, wanted: str) -> Unit:
    try:
        return parse_unit(given)
    except ConfigError as error:
        raise ConfigError(f"{error}; {_possible(wanted)}") from None


def _possible(wanted: str) -> str:
    target = parse_unit(wanted)
    names = [names[0] for names, unit in _NAMES.items() if unit.dimension == target.dimension]
    if wanted not in names:
        names.insert(0, wanted)
    return f"possible: {', '.join(names)}" if wanted else "this is a pure number, write it without a unit"
