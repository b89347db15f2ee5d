"""Values along one axis of a sweep: the same on every machine, for ever.

Even spacing is computed in exact fractions, logarithmic spacing in 50-digit decimals, and each value is rounded
once; ends are the numbers as written. Random values use the raw output of the PCG64 generator, whose stream is
fixed, and not numpy's distributions, whose streams may change. :func:`between` and :func:`log_between` take a part of
a range, as designs draw it, to a number in the same exact way.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import islice

from tmx.errors import ConfigError

_DIGITS = 50
_RANDOM_BITS = 53
_CHUNK = 1024


def linear(low: float, high: float, count: int) -> list[Fraction]:
    """Space values evenly from `low` to `high`, both included; a single value is `low`."""
    start, span = _as_written(low), _as_written(high) - _as_written(low)
    return [start + span * Fraction(i, max(count - 1, 1)) for i in range(count)]


def log_uniform(low: float, high: float, count: int) -> list[Fraction]:
    """Space values evenly in the logarithm from `low` to `high`, both included; a single value is `low`."""
    with localcontext(Context(prec=_DIGITS)):
        start, end = Decimal(repr(low)).ln(), Decimal(repr(high)).ln()
        inner = [(start + (end - start) * i / (count - 1)).exp() for i in range(1, count - 1)]
    ends = [_as_written(low), _as_written(high)]
    return [ends[0], *map(Fraction, inner), *ends[1:count]]


def between(low: float, high: float, part: float) -> float:
    """Give the number at a part, from 0 to 1, of the way from `low` to `high`."""
    start, span = _as_written(low), _as_written(high) - _as_written(low)
    return float(start + span * Fraction(part))


def log_between(low: float, high: float, part: float) -> float:
    """Give the number at a part, from 0 to 1, of the way from `low` to `high` in the logarithm."""
    with localcontext(Context(prec=_DIGITS)):
        start, end = _logarithm(low), _logarithm(high)
        return float((start + (end - start) * Decimal(part)).exp())


def random_parts(seed: int, parameter: str) -> Iterator[float]:
    """Draw parts of a range, from 0 to below 1 and without end, by the seed and the parameter's name only."""
    return (draw / 2**_RANDOM_BITS for draw in _draws(seed, parameter))


def uniform(low: float, high: float, count: int, seed: int, parameter: str) -> list[Fraction]:
    """Draw values from `low` up to `high` that depend on the seed and the parameter's name only."""
    start, span = _as_written(low), _as_written(high) - _as_written(low)
    return [start + span * Fraction(draw, 2**_RANDOM_BITS) for draw in islice(_draws(seed, parameter), count)]


def uniform_integers(low: int, high: int, count: int, seed: int, parameter: str) -> list[int]:
    """Draw whole numbers from `low` to `high`, both included."""
    span = high - low + 1
    return [low + (draw * span >> _RANDOM_BITS) for draw in islice(_draws(seed, parameter), count)]


def rounded_integers(
    spaced: Callable[[float, float, int], Sequence[Fraction]], low: int, high: int, count: int
) -> list[int]:
    """Round evenly spaced values to whole numbers.

    Raises
    ------
    ConfigError
        If some of them become equal; the message says how many are possible.
    """
    values = _rounded(spaced, low, high, count)
    if len(set(values)) < count:
        possible = _most_distinct(spaced, low, high, count)
        raise ConfigError(
            f"{count} samples between {low} and {high} repeat whole numbers; at most {possible} are possible"
        )
    return values


def _most_distinct(
    spaced: Callable[[float, float, int], Sequence[Fraction]], low: int, high: int, too_many: int
) -> int:
    """Bisect for the number of samples up to which no whole number repeats."""
    fine = 1
    while too_many - fine > 1:
        middle = (fine + too_many) // 2
        if len(set(_rounded(spaced, low, high, middle))) == middle:
            fine = middle
        else:
            too_many = middle
    return fine


def _rounded(spaced: Callable[[float, float, int], Sequence[Fraction]], low: int, high: int, count: int) -> list[int]:
    return [round(value) for value in spaced(low, high, count)]


@lru_cache(maxsize=256)
def _logarithm(value: float) -> Decimal:
    return Decimal(repr(value)).ln(Context(prec=_DIGITS))


def _as_written(value: float) -> Fraction:
    """Give the decimal number that people wrote, not the binary one that stands for it."""
    return Fraction(repr(value))


def _draws(seed: int, parameter: str) -> Iterator[int]:
    """Draw whole numbers of 53 bits, without end."""
    from numpy.random import PCG64, SeedSequence

    name = int.from_bytes(hashlib.sha256(parameter.encode()).digest()[:16], "big")
    generator = PCG64(SeedSequence([seed, name]))
    while True:
        yield from (int(word) >> (64 - _RANDOM_BITS) for word in generator.random_raw(_CHUNK))
