"""Points of the unit cube that fill it evenly, from a seed; `scipy.stats.qmc` is imported when they are drawn.

Sequences go on for ever: more points of one begin with the same ones.
"""

from collections.abc import Iterator, Sequence
from typing import Any

_CHUNK = 256
"""Points that are drawn at a time; a power of 2, or Sobol' sequences would be unbalanced at the first."""


def sobol(dimensions: int, seed: int) -> Iterator[list[float]]:
    """Give the points of a Sobol' sequence with random linear scrambling and a digital shift.

    References
    ----------
    Joe & Kuo (2008), SIAM J. Sci. Comput. 30, 2635, doi:10.1137/070709359 (direction numbers);
    Matousek (1998), J. Complexity 14, 527, doi:10.1006/jcom.1998.0489 (scrambling).
    """
    from scipy.stats import qmc

    return _points(qmc.Sobol(dimensions, seed=_generator(seed)))


def halton(dimensions: int, seed: int) -> Iterator[list[float]]:
    """Give the points of a Halton sequence with random permutations of its digits.

    References
    ----------
    Owen (2017), A randomized Halton algorithm in R, arXiv:1706.02808.
    """
    from scipy.stats import qmc

    return _points(qmc.Halton(dimensions, seed=_generator(seed)))


def latin_hypercube(dimensions: int, seed: int, count: int) -> Sequence[list[float]]:
    """Give points of which each coordinate has one in every `count`-th part of its range.

    References
    ----------
    McKay, Beckman & Conover (1979), Technometrics 21, 239, doi:10.1080/00401706.1979.10489755.
    """
    from scipy.stats import qmc

    points: list[list[float]] = qmc.LatinHypercube(dimensions, seed=_generator(seed)).random(count).tolist()
    return points


def _generator(seed: int) -> Any:
    from numpy.random import default_rng

    return default_rng(seed)


def _points(sequence: Any) -> Iterator[list[float]]:
    while True:
        yield from sequence.random(_CHUNK).tolist()
