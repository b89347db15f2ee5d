"""Tridiagonal systems that are diagonally dominant, so that they need no pivoting."""

from tmx.physics.compiled import part


@part
def factorise(lower, diagonal, upper):
    """Factorise a tridiagonal matrix in place, without pivoting: it is diagonally dominant. `diagonal` is inverted."""
    diagonal[0] = 1.0 / diagonal[0]
    for j in range(1, diagonal.size):
        lower[j] *= diagonal[j - 1]
        diagonal[j] = 1.0 / (diagonal[j] - lower[j] * upper[j - 1])


@part
def substitute(lower, diagonal, upper, x):
    """Solve the system factorised by `factorise` for a right-hand side `x`, in place."""
    for j in range(1, x.size):
        x[j] -= lower[j] * x[j - 1]
    x[-1] *= diagonal[-1]
    for j in range(x.size - 2, -1, -1):
        x[j] = (x[j] - upper[j] * x[j + 1]) * diagonal[j]
