"""Mie theory in bands: tables of tmx beside plain samples by miepython, on whose series they are built.

What is compared is how bands are averaged. Grains of one size have ripples that a few points in a band miss.
"""

from collections.abc import Iterator
from functools import partial
from importlib.metadata import version

import numpy as np

from benchmarks.rows import Row
from benchmarks.timing import medians_s
from tmx.config import SimulationConfig
from tmx.physics.grains.grains import Grains
from tmx.physics.grains.mie import efficiencies, scattering_table
from tmx.stages.grains import grains_of

BANDS = 216
EDGES = np.linspace(2e4, 1.8e5, BANDS + 1)
EXACT = 100
"""Points in a band of what counts as right."""

POINTS = (1, 20)
GRAINS = {
    "forsterite, 15 µm": {"composition": "forsterite", "radius": 15e-6},
    "forsterite, log-normal around 15 µm": {
        "composition": "forsterite",
        "radius": 15e-6,
        "size_distribution": "lognormal",
    },
}


def run() -> Iterator[Row]:
    """Yield times and errors of cross-sections in bands."""
    for name, fields in GRAINS.items():
        grains = grains_of(SimulationConfig(use_RTE=True, **fields))
        exact = _sampled(grains, EXACT)
        error = np.abs(scattering_table(EDGES, grains).extinction / exact - 1.0)
        for points in POINTS:
            tmx, sampled = medians_s([partial(scattering_table, EDGES, grains), partial(_sampled, grains, points)], 1)
            theirs = np.abs(_sampled(grains, points) / exact - 1.0)
            other = f"miepython {version('miepython')}, {points} point{'s' * (points > 1)} a band"
            yield Row(f"{name}, {BANDS} bands", tmx, _error_text(error), other, sampled, _error_text(theirs))


def _sampled(grains: Grains, points: int) -> np.ndarray:
    """Return the mean extinction of a grain at evenly spread points of every band [m²], all bands in one call."""
    radius, number = grains.sizes.nodes()
    extinction = np.zeros(BANDS)
    for place in (np.arange(points) + 0.5) / points:
        wavenumber = EDGES[:-1] + place * np.diff(EDGES)
        share, index = grains.kinds(1.0 / wavenumber)
        size = 2.0 * np.pi * np.outer(radius, wavenumber)
        shape = (share.size, *size.shape)
        m, x = np.broadcast_to(index[:, None, :], shape).ravel(), np.broadcast_to(size, shape).ravel()
        weight = np.pi * radius**2 * number
        extinction += np.einsum("k,s,ksw->w", share, weight, efficiencies(m, x)[0].reshape(shape))
    return extinction / points


def _error_text(error: np.ndarray) -> str:
    return f"extinction off by {np.median(error):.0e} (median), {error.max():.0e} (largest)"
