"""A rough surface as a thermal model sees it: facets, their exchange of radiation, and what sees a direction."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tmx.physics.roughness.mesh import FloatArray, Mesh


@dataclass(frozen=True)
class Visible:
    """What is seen of N facets from k directions.

    Attributes
    ----------
    fraction : ndarray, shape (k, N)
        Part of a facet's area that sees the direction; 0 where it faces away or is hidden [-].
    cosine : ndarray, shape (k, N)
        Mean cosine between normal and direction over that part; 0 where there is none [-].
    """

    fraction: FloatArray
    cosine: FloatArray


class Shape(Protocol):
    """A surface that knows which parts of it can be seen."""

    def visible(self, directions: FloatArray) -> Visible:
        """Return what is seen from directions with z above 0, unit vectors of shape (k, 3)."""


@dataclass(frozen=True)
class Facets:
    """A rough surface: N facets of any size relative to one another.

    Attributes
    ----------
    mesh : Mesh
        Its triangles, for files and pictures; where facets are curved, their corners.
    normals : ndarray, shape (N, 3)
        Unit normals.
    areas : ndarray, shape (N,)
        Areas, in the unit of `area`.
    view_factors : ndarray, shape (N, N) or (1, N)
        Part F_ij of what leaves facet i that arrives at facet j [-]; one row where it is the same for every i.
    area : float
        Area of the whole projected on the horizontal: the opening of a crater.
    shape : Shape
        The surface itself.

    Notes
    -----
    Σ fraction · cosine · areas over facets is `area` times the direction's z, unless light passes the rim from below.
    """

    mesh: Mesh
    normals: FloatArray
    areas: FloatArray
    view_factors: FloatArray
    area: float
    shape: Shape

    def visible(self, directions: FloatArray) -> Visible:
        """Return what sees each direction.

        Parameters
        ----------
        directions : ndarray, shape (k, 3)
            Unit vectors towards the sun or an observer; those at or below the horizon see nothing.
        """
        directions = np.ascontiguousarray(directions, dtype=np.float64)
        above = directions[:, 2] > 0.0
        if above.all():
            return self.shape.visible(directions)
        seen = self.shape.visible(np.ascontiguousarray(directions[above]))
        fraction, cosine = np.zeros((2, len(directions), self.areas.size))
        fraction[above], cosine[above] = seen.fraction, seen.cosine
        return Visible(fraction, cosine)
