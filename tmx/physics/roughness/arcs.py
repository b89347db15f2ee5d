"""Arcs of the circles of a cap: which part of a circle sees a direction, and what its parts add to the facets on it.

A circle of latitude lies at a *place*, counted in rings from the bottom. What is integrated along it is a polynomial of
second degree in the sphere's normal, so that every arc has a closed form.
"""

import math
from typing import NamedTuple

from tmx.physics.compiled import part

SEXTANT = math.pi / 3.0


class Integrand(NamedTuple):
    """even + south cos φ + east sin φ + square sin² φ + product sin φ cos φ, along a circle."""

    even: float
    south: float
    east: float
    square: float
    product: float


@part
def cosine_along(sine, radius, x, y, z):
    """Return the cosine between the sphere's normal and a direction along the circle at a radius, 0 to 1."""
    half = sine * radius
    slant = 2.0 * half * math.sqrt(1.0 - half * half)
    return Integrand(z * (1.0 - 2.0 * half * half), -slant * x, -slant * y, 0.0, 0.0)


@part
def product_along(one, other):
    """Return the product of two cosines along a circle."""
    return Integrand(
        one.even * other.even + one.south * other.south,
        one.even * other.south + one.south * other.even,
        one.even * other.east + one.east * other.even,
        one.east * other.east - one.south * other.south,
        one.south * other.east + one.east * other.south,
    )


@part
def edge_of_shadow(sine, rings, x, y, z):
    """Return up to which place all circles are free, or all are hidden, and how high the direction is: see `lit_arc`.

    With a height above 0 they are free.
    """
    height = z * math.sqrt(1.0 / (sine * sine) - 1.0) - math.hypot(x, y)
    return min(float(rings), rings * abs(height)), height


@part
def lit_arc(sine, radius, x, y, z):
    """Return between which azimuths a circle is lit; the first may be up to 3π, and the last is above it."""
    half = sine * radius
    free = z * z * (1.0 - 2.0 * half * half) - sine * sine + half * half
    shaded = 2.0 * z * math.hypot(x, y) * half * math.sqrt(1.0 - half * half)
    shadow = 0.0 if free >= shaded else math.pi if free <= -shaded else math.acos(free / shaded)
    begin = math.atan2(y, x) % (2.0 * math.pi) + shadow
    return begin, begin + 2.0 * (math.pi - shadow)


@part
def add_arc(fraction, flux, ring, place, weight, begin, end, along):
    """Add an arc of a circle, between two azimuths, to the facets on it: its part of their area, and an integrand.

    At `place` in a ring, between `ring` and ring + 1, the hexagon's side is as long as `place`, and the facets meet on
    it at 0, τ, 1, 1 + τ, … with τ = place − ring. Sine and cosine are carried from one to the next by rotation.
    """
    step = SEXTANT / place
    even, half_square, half_product = along.even + 0.5 * along.square, 0.5 * along.square, 0.5 * along.product
    wide, narrow = step * (place - ring), step * (ring + 1 - place)
    sin_wide, cos_wide, sin_narrow, cos_narrow = math.sin(wide), math.cos(wide), math.sin(narrow), math.cos(narrow)
    sin_begin, cos_begin, sin_end, cos_end = math.sin(begin), math.cos(begin), math.sin(end), math.cos(end)
    density = 2.0 * weight / step
    facet = 6 * ring * ring
    low, sin_low, cos_low = 0.0, 0.0, 1.0
    for _ in range(6):
        for number in range(2 * ring + 1):
            width, sine_of, cosine_of = (
                (wide, sin_wide, cos_wide) if number % 2 == 0 else (narrow, sin_narrow, cos_narrow)
            )
            high = low + width
            sin_high, cos_high = sin_low * cosine_of + cos_low * sine_of, cos_low * cosine_of - sin_low * sine_of
            if high > begin and low < end:
                first, sin_first, cos_first = (low, sin_low, cos_low) if low >= begin else (begin, sin_begin, cos_begin)
                last, sin_last, cos_last = (high, sin_high, cos_high) if high <= end else (end, sin_end, cos_end)
                fraction[facet] += density * (last - first)
                flux[facet] += density * (
                    even * (last - first)
                    + along.south * (sin_last - sin_first)
                    - along.east * (cos_last - cos_first)
                    - half_square * (sin_last * cos_last - sin_first * cos_first)
                    + half_product * (sin_last * sin_last - sin_first * sin_first)
                )
            low, sin_low, cos_low = high, sin_high, cos_high
            facet += 1
