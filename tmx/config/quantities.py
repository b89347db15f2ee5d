"""Quantities as people write them: ``30 deg``, ``4.296 h``, ``15 um``, ``np.cos(np.radians(60))``, ``2*pi``.

:func:`read_quantity` is the entry. An arithmetic expression of numbers, ``pi`` and a few functions is
followed by an optional unit. The text is parsed here, by recursive descent; nothing of it is ever executed.
Decimal numbers are exact fractions until a function or ``pi`` makes them floats, so a value is rounded once.
"""

import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from tmx.config.units import Number, convert
from tmx.errors import ConfigError

MAX_LENGTH = 200
_MAX_DEPTH = 40
_MAX_EXPONENT = 400
_MAX_EXACT_BITS = 4096

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>(?:(?:np|numpy|math)\.)?[A-Za-zπ][A-Za-z0-9]*)"
    r"|(?P<operator>\*\*|[-+*/()]))",
    re.ASCII,
)
CONSTANTS = {"pi": math.pi, "π": math.pi}
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "radians": math.radians,
    "deg2rad": math.radians,
    "degrees": math.degrees,
    "rad2deg": math.degrees,
    "cos": math.cos,
    "sin": math.sin,
    "tan": math.tan,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
}


def read_quantity(text: str, unit: str) -> Number:
    """Read a number with an optional unit, in terms of `unit`.

    Parameters
    ----------
    text : str
        For instance ``"15 um"`` or ``"np.radians(30)"``.
    unit : str
        Unit of the result; a number without a unit is in it already.

    Returns
    -------
    Fraction or float
        Finite; exact where the text was.

    Raises
    ------
    ConfigError
        If the text is not such an expression, has no finite value, or has a unit that cannot become `unit`.
    """
    if len(text) > MAX_LENGTH:
        raise ConfigError(f"an expression of {len(text)} characters is too long (at most {MAX_LENGTH})")
    try:
        value, given = _Parser(text).quantity()
        result = convert(value, given, unit) if given else value
        finite = math.isfinite(float(result))
    except ZeroDivisionError:
        raise ConfigError("division by zero") from None
    except (OverflowError, ValueError):
        finite = False
    if not finite:
        raise ConfigError("this has no finite real value")
    return result


class _Parser:
    """Recursive descent over ``sum := product (('+'|'-') product)*`` and so on, with Python's precedence."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0

    def quantity(self) -> tuple[Number, str]:
        """Read an expression; what remains of the text is its unit."""
        value = self._sum()
        rest = self._text[self._position :].strip()
        if rest and not re.match(r"[A-Za-zµμ°%]|1\s*/", rest):
            raise ConfigError(f"{rest!r} does not belong in a number")
        return value, rest

    def _peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self._text, self._position)

    def _accept(self, *operators: str) -> str | None:
        token = self._peek()
        if token is None or token["operator"] not in operators:
            return None
        self._position = token.end()
        return token["operator"]

    def _sum(self) -> Number:
        value = self._product()
        while sign := self._accept("+", "-"):
            value = _exact(operator.add if sign == "+" else operator.sub, value, self._product())
        return value

    def _product(self) -> Number:
        value = self._signed()
        while sign := self._accept("*", "/"):
            value = _exact(operator.mul if sign == "*" else operator.truediv, value, self._signed())
        return value

    def _signed(self) -> Number:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ConfigError("the expression is nested too deeply")
        sign = self._accept("+", "-")
        value = self._signed() if sign else self._power()
        self._depth -= 1
        return -value if sign == "-" else value

    def _power(self) -> Number:
        base = self._atom()
        return _raise(base, self._signed()) if self._accept("**") else base

    def _atom(self) -> Number:
        if self._accept("("):
            return self._closing(self._sum())
        token = self._peek()
        if token is None or token["operator"]:
            raise ConfigError(self._expected_a_number())
        self._position = token.end()
        return _literal(token["number"]) if token["number"] else self._named(token["name"])

    def _named(self, name: str) -> Number:
        plain = name.rpartition(".")[2]
        if plain in _FUNCTIONS and self._accept("("):
            return _FUNCTIONS[plain](float(self._closing(self._sum())))
        if plain in CONSTANTS:
            return CONSTANTS[plain]
        known = ", ".join((*CONSTANTS, *(f"{function}(…)" for function in _FUNCTIONS)))
        raise ConfigError(f"{name!r} is not known in an expression; known are {known}")

    def _closing(self, value: Number) -> Number:
        if not self._accept(")"):
            raise ConfigError("a closing parenthesis is missing")
        return value

    def _expected_a_number(self) -> str:
        rest = self._text[self._position :].strip()
        return f"expected a number at {rest!r}" if rest else "the expression ends where a number is expected"


def _literal(text: str) -> Fraction:
    exponent = re.search(r"[eE]([+-]?\d+)$", text)
    if exponent and abs(int(exponent[1])) > _MAX_EXPONENT:
        raise OverflowError
    return Fraction(text)


def _exact(operation: Callable[[Number, Number], Number], left: Number, right: Number) -> Number:
    """Apply an operation; fractions that grow too large to be kept go on as floats."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return _bounded(operation(left, right))
    return operation(float(left), float(right))


def _raise(base: Number, exponent: Number) -> Number:
    power = int(exponent)
    if isinstance(base, Fraction) and power == exponent and abs(power) * _bits(base) <= _MAX_EXACT_BITS:
        return base**power
    return math.pow(base, exponent)


def _bounded(value: Number) -> Number:
    return value if isinstance(value, Fraction) and _bits(value) <= _MAX_EXACT_BITS else float(value)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())
