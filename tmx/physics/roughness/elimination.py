"""Modes and temperatures of the radiating nodes of a block of facets, solved for together and for all lanes at once.

The unknowns of a node are its m modes and, last, its temperature. Elimination goes node by node from the lowest to the
surface. What a node takes of its neighbours is the same in all facets but for the slopes of the Planck radiances and
for conduction, so that only the inverses of the diagonal blocks are kept: a third of a factorised band, and memory is
what facets wait for. Blocks need no pivoting, as the band does not. Their usual sizes are known to the compiler.
"""

from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import inlined, lean
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.vectors import load, spread, store
from tmx.physics.transfer.exchange import Exchange

MODE, SOURCE, HEAT = range(3)
"""Places in `Blocks.above` and `Blocks.below`."""


class Blocks(NamedTuple):
    """Coefficients of modes and temperatures that all facets share; R radiating nodes, m modes.

    Attributes
    ----------
    own : ndarray, shape (R, m + 1, m + 1)
        Diagonal blocks without conduction and inertia, for unit derivatives of the Planck radiances.
    above, below : ndarray, shape (R, 3, m)
        What a node takes of the one above and below it: each mode of the same mode there, each mode of the Planck
        radiance there, and the heat of each mode there. Zero where there is none.
    """

    own: FloatArray
    above: FloatArray
    below: FloatArray


def no_blocks() -> Blocks:
    """Return the coefficients of opaque facets."""
    return Blocks(np.zeros((0, 1, 1)), np.zeros((0, 3, 0)), np.zeros((0, 3, 0)))


def make_blocks(exchange: Exchange) -> Blocks:
    """Return the coefficients of an operator."""
    above, below = (-_blocks_of(exchange, step) for step in (-1, 1))
    return Blocks(_blocks_of(exchange, 0), _taken(above), _taken(below))


def _blocks_of(exchange: Exchange, step: int) -> FloatArray:
    """Return the blocks of `Exchange.template` that lie `step` nodes from the diagonal, with T last."""
    size, width = exchange.planck.size + 1, exchange.template.shape[1] // 2
    place = width - size  # of T
    order = np.append(np.delete(np.arange(size), place), place)
    rows = exchange.template.reshape(-1, size, 2 * width + 1)[:, order]
    columns = width + step * size + order[None, :] - order[:, None]
    inside = (columns >= 0) & (columns <= 2 * width)
    return np.where(inside, np.take_along_axis(rows, np.where(inside, columns, 0)[None], axis=2), 0.0)


def _taken(blocks: FloatArray) -> FloatArray:
    return np.stack([np.diagonal(blocks, axis1=1, axis2=2)[:, :-1], blocks[:, :-1, -1], blocks[:, -1, :-1]], axis=1)


@lean
def factorise_blocks(blocks, slope, from_above, from_below, diagonal, inverse, spare):
    """Set `inverse`, shape (R, m + 1, m + 1, LANES), to the inverses of the diagonal blocks as they are eliminated.

    `slope` are the derivatives of the Planck radiances, `from_above` and `from_below` those of the links, `diagonal`
    that of conduction and inertia, from which all below the radiating nodes is folded away; `spare` is a block of
    scratch, shape ((m + 1)², LANES).
    """
    size = inverse.shape[1]
    if size == 2:
        _factorise(blocks, slope, from_above, from_below, diagonal, inverse, spare, 2)
    elif size == 3:
        _factorise(blocks, slope, from_above, from_below, diagonal, inverse, spare, 3)
    elif size == 5:
        _factorise(blocks, slope, from_above, from_below, diagonal, inverse, spare, 5)
    else:
        _factorise(blocks, slope, from_above, from_below, diagonal, inverse, spare, size)


@lean
def substitute_blocks(blocks, slope, from_above, from_below, inverse, x, solution, spare):
    """Solve for the temperatures, in place in `x`, and the modes: `solution`, shape (R, m + 1, LANES), has both."""
    size = inverse.shape[1]
    if size == 2:
        _substitute(blocks, slope, from_above, from_below, inverse, x, solution, spare, 2)
    elif size == 3:
        _substitute(blocks, slope, from_above, from_below, inverse, x, solution, spare, 3)
    elif size == 5:
        _substitute(blocks, slope, from_above, from_below, inverse, x, solution, spare, 5)
    else:
        _substitute(blocks, slope, from_above, from_below, inverse, x, solution, spare, size)


@inlined
def _factorise(blocks, slope, from_above, from_below, diagonal, inverse, spare, size):
    last = inverse.shape[0] - 1
    spare[:] = 0.0  # the lowest node takes nothing
    for node in range(last, -1, -1):
        block = inverse[node].reshape(size * size, LANES)
        lower = min(node + 1, last)
        if node < last:
            below = inverse[lower].reshape(size * size, LANES)
            _times_taken(below, blocks.above[lower], load(slope, node), load(from_above, node), spare, size)
        _subtract_taken(blocks.own[node], load(slope, node), spare, blocks.below[node], load(slope, lower), block, size)
        link = load(from_below, min(node, last - 1))  # there may be none below the lowest
        _subtract_from_heat(blocks.own[node], load(diagonal, node), spare, blocks.below[node], link, block, size)
        _invert(block, size)


@inlined
def _times_taken(block, taken, slope, link, product, size):
    """Set `product` to a block times what its node takes of a neighbour with a slope of its Planck radiance."""
    modes = size - 1
    for r in range(size):
        heat, source = load(block, r * size + modes), spread(0.0)
        for c in range(modes):
            value = load(block, r * size + c)
            store(product, r * size + c, value * taken[MODE, c] + heat * taken[HEAT, c])
            source += value * taken[SOURCE, c]
        store(product, r * size + modes, heat * link + slope * source)


@inlined
def _subtract_taken(own, slope, product, taken, slope_below, block, size):
    """Set the rows of modes: a node's own less what it takes of the node below, in terms of its own unknowns."""
    modes = size - 1
    for r in range(modes):
        source = slope_below * taken[SOURCE, r]
        for c in range(size):
            value = load(product, r * size + c) * taken[MODE, r] + load(product, modes * size + c) * source
            store(block, r * size + c, (own[r, c] * slope if c == modes else spread(own[r, c])) - value)


@inlined
def _subtract_from_heat(own, diagonal, product, taken, link, block, size):
    """Set the row of the temperature in the same way."""
    modes = size - 1
    for c in range(size):
        value = load(product, modes * size + c) * link
        for r in range(modes):
            value += load(product, r * size + c) * taken[HEAT, r]
        value = own[modes, c] - value
        store(block, modes * size + c, value + diagonal if c == modes else value)


@inlined
def _invert(block, size):
    """Invert a block in place, by Gauss and Jordan's elimination."""
    for k in range(size):
        row = k * size
        pivot = 1.0 / load(block, row + k)
        store(block, row + k, spread(1.0))
        for c in range(size):
            store(block, row + c, load(block, row + c) * pivot)
        for r in range(size):
            if r != k:
                factor = load(block, r * size + k)
                store(block, r * size + k, spread(0.0))
                for c in range(size):
                    store(block, r * size + c, load(block, r * size + c) - factor * load(block, row + c))


@inlined
def _substitute(blocks, slope, from_above, from_below, inverse, x, solution, spare, size):
    last, heat = inverse.shape[0] - 1, size - 1
    for node in range(last, -1, -1):
        if node < last:
            link = load(from_below, node)
            _take(blocks.below[node], load(slope, node + 1), link, solution[node + 1], spare, size)
        else:
            spare[:size] = 0.0
        store(spare, heat, load(spare, heat) + load(x, node))
        solution[node] = 0.0
        _add_product(inverse[node].reshape(size * size, LANES), spare, solution[node], size)
    for node in range(last + 1):
        if node > 0:
            link = load(from_above, node - 1)
            _take(blocks.above[node], load(slope, node - 1), link, solution[node - 1], spare, size)
            _add_product(inverse[node].reshape(size * size, LANES), spare, solution[node], size)
        store(x, node, load(solution[node], heat))


@inlined
def _take(taken, slope, link, unknowns, out, size):
    """Set `out` to what a node takes of the unknowns of a neighbour."""
    heat = size - 1
    warming = load(unknowns, heat)
    brightening, received = slope * warming, link * warming
    for r in range(heat):
        mode = load(unknowns, r)
        store(out, r, taken[MODE, r] * mode + taken[SOURCE, r] * brightening)
        received += taken[HEAT, r] * mode
    store(out, heat, received)


@inlined
def _add_product(block, vector, out, size):
    for r in range(size):
        value = load(out, r)
        for c in range(size):
            value += load(block, r * size + c) * load(vector, c)
        store(out, r, value)
