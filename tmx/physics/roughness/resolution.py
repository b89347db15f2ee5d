"""How much the number of facets matters: a surface in fewer facets, and how far apart the two look.

What a rough surface emits in all hardly depends on the number of its facets, since heat is conserved whatever it is.
What is seen of it does: facets that face the sun and those in shadow have one temperature each. So the error of their
number is stated for what observers see.
"""

import math

import numpy as np

from tmx.physics.materials import FloatArray
from tmx.physics.roughness.cap import Cap, cap_facets
from tmx.physics.roughness.facets import Facets

SLANT = math.radians(60.0)
"""Angle from the zenith of the observers around it [rad]."""

AROUND = 8
"""Number of these observers, evenly spaced in azimuth."""

ORDER = 0.75
"""Power of the number of facets with which the largest error over observers and times falls."""


def observers() -> FloatArray:
    """Return unit vectors to those for whom the error is stated, shape (9, 3): at the zenith, and around it."""
    azimuth = 2.0 * math.pi * np.arange(AROUND) / AROUND
    height = np.full(AROUND, math.cos(SLANT))
    around = np.stack([math.sin(SLANT) * np.cos(azimuth), math.sin(SLANT) * np.sin(azimuth), height], axis=1)
    return np.concatenate([[[0.0, 0.0, 1.0]], around])


def fewer_facets(facets: Facets) -> Facets | None:
    """Return the same surface in about a quarter of the facets; None if there is no such.

    Craters have it, down to six facets. A mesh is what it is, and coarser slopes would be another random surface.
    """
    cap = facets.shape
    if not isinstance(cap, Cap) or cap.rings == 1:
        return None
    return cap_facets(Cap(cap.sine, (cap.rings + 1) // 2))


def gathered(many: Facets, few: Facets, values: FloatArray) -> FloatArray:
    """Return what facets have, shape (N, …), as means over those that lie where each of fewer facets is, (n, …)."""
    place = (many.normals @ few.normals.T).argmax(axis=1)
    weights = np.zeros((few.areas.size, many.areas.size))
    weights[place, np.arange(place.size)] = many.areas
    return np.asarray(weights @ values / weights.sum(axis=1)[:, None])


def looks(facets: Facets, temperature: FloatArray) -> FloatArray:
    """Return the temperature that a surface has for observers, (mean of T⁴ over what they see)^¼, shape (t, 9) [K].

    Parameters
    ----------
    facets : Facets
        The surface, N facets.
    temperature : ndarray, shape (t, N)
        Temperatures that are seen of them [K].
    """
    visible = facets.visible(observers())
    apparent = visible.fraction * visible.cosine * facets.areas
    share = apparent / apparent.sum(axis=1, keepdims=True)
    return np.asarray((temperature**4 @ share.T) ** 0.25)


def number_error(many: Facets, few: Facets, temperature: FloatArray, coarse: FloatArray) -> float:
    """Return the error of the larger number of facets: of the temperature for any of the observers at any time [K].

    Parameters
    ----------
    many, few : Facets
        A surface in more facets and in fewer.
    temperature, coarse : ndarray, shapes (t, N) and (t, n)
        Temperatures that are seen of either [K].

    Notes
    -----
    Where everything changes smoothly errors fall as 1/N. The largest are at times when the edge of a shadow passes: of
    craters on asteroids and on the Moon, in 24 to 1944 facets, they fell with powers between 0.6 and 1.
    """
    apart = np.abs(looks(many, temperature) - looks(few, coarse)).max()
    return float(apart / ((many.areas.size / few.areas.size) ** ORDER - 1.0))
