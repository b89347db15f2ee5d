"""Rough surfaces of flat facets, from any mesh: one that stands alone, or a cell that repeats."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tmx.physics.roughness.facets import Facets, Visible
from tmx.physics.roughness.mesh import FloatArray, Mesh
from tmx.physics.roughness.shadows import seen_fractions
from tmx.physics.roughness.view_factors import view_factors

MOST_MENDED = 0.5
"""Largest part of fraction × (1 − fraction) that is added to or taken from facets in twilight [-]."""

SAME = 1e-6
"""Difference of coordinates, over the size of the whole, that is rounding, also in files of single precision [-]."""

Cell = tuple[float, float]


def mesh_facets(mesh: Mesh, cell: Cell | None = None, factors: FloatArray | None = None) -> Facets:
    """Make a rough surface of the facets of a mesh.

    Parameters
    ----------
    mesh : Mesh
        One sheet with one rim (`Mesh.check`); it may overhang.
    cell : tuple of float or None
        Lengths along x and y after which the surface repeats, those of the mesh; none: it stands alone, and light
        passes its rim from all sides. Facets at the rim then see more sky than they would within a landscape.
    factors : ndarray, shape (N, N)
        View factors of this mesh that were computed before.

    Raises
    ------
    ValueError
        If the mesh is not such a sheet, does not repeat, or cuts itself.
    """
    mesh.check()
    if cell is not None:
        _check_repeats(mesh, cell)
    return Facets(
        mesh=mesh,
        normals=mesh.normals,
        areas=mesh.areas,
        view_factors=view_factors(mesh, cell) if factors is None else factors,
        area=mesh.projected_area,
        shape=Sheet(mesh, cell),
    )


def repeating_cell(mesh: Mesh) -> Cell | None:
    """Return the lengths along x and y after which a mesh can repeat, or None if it cannot.

    It can if it fills a rectangle, and points on opposite sides of that have the same heights.
    """
    points = mesh.vertices[np.unique(mesh.faces)]
    low, high = points.min(axis=0), points.max(axis=0)
    length_x, length_y, _ = (high - low).tolist()
    tolerance = SAME * max(length_x, length_y)
    if abs(mesh.projected_area - length_x * length_y) > tolerance * max(length_x, length_y):
        return None
    for axis in range(2):
        others = [1 - axis, 2]
        sides = [points[np.abs(points[:, axis] - end) <= tolerance][:, others] for end in (low[axis], high[axis])]
        one, other = (side[np.argsort(side[:, 0])] for side in sides)
        if one.shape != other.shape or np.abs(one - other).max() > tolerance:
            return None
    return length_x, length_y


def _check_repeats(mesh: Mesh, cell: Cell) -> None:
    own = repeating_cell(mesh)
    if own is None:
        raise ValueError("the mesh does not repeat: it fills no rectangle, or its opposite sides differ")
    if np.abs(np.subtract(own, cell)).max() > SAME * max(cell):
        raise ValueError(f"the mesh is {own[0]:g} by {own[1]:g}, and its cell {cell[0]:g} by {cell[1]:g}")


@dataclass(frozen=True)
class Sheet:
    """A surface of flat facets.

    Attributes
    ----------
    mesh : Mesh
        Its facets.
    cell : tuple of float or None
        Lengths along x and y after which the surface repeats; none: it stands alone.
    """

    mesh: Mesh
    cell: Cell | None = None

    @cached_property
    def is_entered_from_above(self) -> bool:
        """Tell whether no light passes the rim from below it, so that all that is received is known."""
        if self.cell is not None:
            return True
        heights = self.mesh.vertices[:, 2]
        rim = heights[self.mesh.rim().ravel()]
        tolerance = SAME * math.sqrt(self.mesh.projected_area)
        return bool(np.ptp(rim) <= tolerance and heights[self.mesh.faces].max() <= rim.max() + tolerance)

    def visible(self, directions: FloatArray) -> Visible:
        """Return what is seen of the facets.

        Parameters
        ----------
        directions : ndarray, shape (k, 3)
            Unit vectors with z above 0.

        Notes
        -----
        Where all light enters from above, what quadrature misses of it, some 1e-3, is put right in the facets that are
        partly lit.
        """
        fraction = seen_fractions(self.mesh, directions, self.cell)
        cosine = np.where(fraction > 0.0, np.maximum(0.0, directions @ self.mesh.normals.T), 0.0)
        if self.is_entered_from_above:
            _mend(fraction, cosine * self.mesh.areas, directions[:, 2] * self.mesh.projected_area)
        return Visible(fraction, cosine)

    def overlap(self, view: FloatArray, suns: FloatArray) -> None:
        """Return nothing: how much of a facet is seen and how much is lit is known, but not how much is both."""


def _mend(fraction: FloatArray, power: FloatArray, entering: FloatArray) -> None:
    """Make the sum of fraction · power what enters; changes the fractions.

    Facets in twilight give or take as far as they can. What is still too much is light under a very low sun that images
    farther than those that were looked at would hide, wherever it falls.
    """
    twilight = fraction * (1.0 - fraction)
    reserve = (twilight * power).sum(axis=1)
    missing = entering - (fraction * power).sum(axis=1)
    share = np.divide(missing, reserve, out=np.zeros_like(missing), where=reserve > 0.0)
    fraction += np.clip(share, -MOST_MENDED, MOST_MENDED)[:, None] * twilight
    received = (fraction * power).sum(axis=1)
    fraction *= np.divide(entering, received, out=np.ones_like(entering), where=received > entering)[:, None]
