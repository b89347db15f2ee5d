"""The elimination of modes and temperatures of facets against a dense solve."""

import numpy as np
import pytest
from numba import njit

from tmx.physics.roughness.elimination import factorise_blocks, make_blocks, substitute_blocks
from tmx.physics.roughness.lanes import LANES
from tmx.physics.transfer.exchange import departures, deposit, emergent_flux, make_exchange
from tmx.physics.transfer.modes import one_of
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.solvers import disort

EDGES = np.concatenate([[0.0], np.geomspace(0.02, 40.0, 12)])


@njit
def eliminate(blocks, slope, from_above, from_below, diagonal, inverse, spare, x, solution):
    factorise_blocks(blocks, slope, from_above, from_below, diagonal, inverse, spare)
    substitute_blocks(blocks, slope, from_above, from_below, inverse, x, solution, spare)


def heating(exchange, planck):
    """Return the heat at the nodes, the departures of the modes and the upward flux, under a dark sky."""
    heat, departure = np.zeros(planck.size), np.zeros((exchange.planck.size, planck.size))
    departures(exchange, planck, 0.0, np.zeros(planck.size), departure)
    deposit(exchange, departure, heat)
    return heat, departure, emergent_flux(exchange, departure, planck, 0.0)


@pytest.mark.parametrize("modes", [1, 2, 3, 4, 8])
def test_elimination_equals_a_dense_solve(modes):
    rng = np.random.default_rng([1, modes])
    nodes = np.concatenate([[0.0], 0.5 * (EDGES[1:] + EDGES[:-1]), EDGES[-1:]])
    optics = Optics(1.0, rng.uniform(0.1, 0.9), rng.uniform(0.0, 0.7))
    exchange = make_exchange(one_of(disort.modes([optics], 2 * modes), 0), nodes, EDGES, 0.2)
    n, size = nodes.size, modes + 1
    slope, diagonal = rng.uniform(0.01, 2.0, (n, LANES)), 10.0 ** rng.uniform(-1.0, 2.0, (n, LANES))
    from_above, from_below = rng.uniform(0.001, 0.3, (2, n, LANES))
    diagonal[1:] += from_below[:-1]
    diagonal[:-1] += from_above[:-1]
    from_above[-1] = from_below[-1] = np.nan  # there is no link below the lowest node
    source = rng.uniform(-1.0, 1.0, (n, LANES))

    x, solution = source.copy(), np.zeros((n, size, LANES))
    inverse, spare = np.zeros((n, size, size, LANES)), np.zeros((size * size, LANES))
    eliminate(make_blocks(exchange), slope, from_above[:-1], from_below[:-1], diagonal, inverse, spare, x, solution)

    responses = np.stack([heating(exchange, unit)[0] for unit in np.eye(n)], axis=1)
    for f in range(LANES):
        dense = np.diag(diagonal[:, f]) - responses * slope[:, f]
        dense -= np.diag(from_above[:-1, f], -1) + np.diag(from_below[:-1, f], 1)
        assert x[:, f] == pytest.approx(np.linalg.solve(dense, source[:, f]), rel=1e-10, abs=1e-12)
        changes = solution[:, :, f]
        _, departure, upward = heating(exchange, slope[:, f] * x[:, f])
        assert np.abs(changes[:, :-1].T - departure).max() < 1e-12
        at_surface = slope[0, f] * x[0, f] + exchange.surface @ changes[0, :-1]
        assert 2.0 * np.pi * at_surface == pytest.approx(upward, rel=1e-9, abs=1e-12)
