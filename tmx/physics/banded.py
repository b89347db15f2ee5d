"""Banded and dense linear systems that need no pivoting.

The widths of the bands that occur all the time are known to the compiler, which unrolls their loops: four to five times
faster than a width that is only known at run time.
"""

from tmx.physics.compiled import inlined, part


@inlined
def _factorise(band, width):
    for i in range(band.shape[0] - width):
        pivot = 1.0 / band[i, width]
        band[i, width] = pivot
        for r in range(1, width + 1):
            factor = band[i + r, width - r] * pivot
            band[i + r, width - r] = factor
            for c in range(1, width + 1):
                band[i + r, width - r + c] -= factor * band[i, width + c]


@inlined
def _substitute(band, width, x):
    rows = band.shape[0] - width
    for i in range(rows):
        total = x[i + width]
        for c in range(width):
            total -= band[i, c] * x[i + c]
        x[i + width] = total
    for i in range(rows - 1, -1, -1):
        total = x[i + width]
        for c in range(width, 0, -1):
            total -= band[i, width + c] * x[i + width + c]
        x[i + width] = total * band[i, width]


@part
def factorise_banded(band):
    """Factorise a banded matrix in place; `band[i, width + j − i]` is its element (i, j), 2 width + 1 columns.

    Elements outside the matrix are zero, and `width` rows of zeros follow it: loops of a known length need no ends. The
    diagonal is inverted.
    """
    width = band.shape[1] // 2
    if width == 3:
        _factorise(band, 3)
    elif width == 4:
        _factorise(band, 4)
    elif width == 7:
        _factorise(band, 7)
    else:
        _factorise(band, width)


@part
def substitute_banded(band, x):
    """Solve the system factorised by `factorise_banded` in place.

    `x` holds the right-hand side, and `width` zeros before it and after it.
    """
    width = band.shape[1] // 2
    if width == 3:
        _substitute(band, 3, x)
    elif width == 4:
        _substitute(band, 4, x)
    elif width == 7:
        _substitute(band, 7, x)
    else:
        _substitute(band, width, x)


@part
def factorise_dense(columns):
    """Factorise a dense matrix in place; `columns[j, i]` is its element (i, j). The diagonal is inverted."""
    size = columns.shape[0]
    for k in range(size):
        pivot = 1.0 / columns[k, k]
        columns[k, k] = pivot
        for i in range(k + 1, size):
            columns[k, i] *= pivot
        for j in range(k + 1, size):
            factor = columns[j, k]
            for i in range(k + 1, size):
                columns[j, i] -= factor * columns[k, i]


@part
def substitute_dense(columns, x):
    """Solve the system factorised by `factorise_dense` for a right-hand side `x`, in place."""
    size = columns.shape[0]
    for k in range(size):
        for i in range(k + 1, size):
            x[i] -= columns[k, i] * x[k]
    for k in range(size - 1, -1, -1):
        x[k] *= columns[k, k]
        for i in range(k):
            x[i] -= columns[k, i] * x[k]
