"""Facets in blocks of lanes: the same number of many columns side by side, so that one instruction serves several.

The columns of all facets are alike and differ in their temperatures alone. Blocks are arrays of shape (n, LANES) that
fit the fastest caches; the last block is filled up with copies of the first facet, which weigh nothing. How compiled
functions work on all lanes of a row at once is in `vectors`.
"""

import numpy as np

from tmx.physics.materials import FloatArray

LANES = 16
"""Facets in a block."""


def padded(facets: int) -> int:
    """Return the number of facets, filled up to whole blocks."""
    return -(-facets // LANES) * LANES


def in_lanes(values: FloatArray, filling: FloatArray | float | None = None) -> FloatArray:
    """Fill the last axis, that of the facets, up to whole blocks: with a value, or with that of the first facet."""
    missing = padded(values.shape[-1]) - values.shape[-1]
    if filling is None:
        extra = np.repeat(values[..., :1], missing, axis=-1)
    else:
        extra = np.full((*values.shape[:-1], missing), filling)
    return np.ascontiguousarray(np.concatenate([values, extra], axis=-1))


def per_facet(values: FloatArray, filling: FloatArray | float | None = None) -> FloatArray:
    """Return what there is one of per facet, on the last axis, in blocks: shape (..., blocks, LANES)."""
    return in_lanes(values, filling).reshape(*values.shape[:-1], -1, LANES)


def from_blocks(blocks: FloatArray, facets: int) -> FloatArray:
    """Return blocks, shape (blocks, n, LANES), as columns, shape (N, n)."""
    nodes = blocks.shape[1]
    return np.ascontiguousarray(blocks.transpose(0, 2, 1).reshape(-1, nodes)[:facets])
