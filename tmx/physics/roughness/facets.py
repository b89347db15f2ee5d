"""A rough surface as a thermal model sees it: facets, their exchange of radiation, and what sees a direction."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from tmx.physics.roughness.mesh import FloatArray, Mesh

MOST_SOLVED = 2
"""Reflectances for which the exchange in all orders is kept: that of sunlight and that of thermal radiation."""


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

    def overlap(self, view: FloatArray, suns: FloatArray) -> FloatArray | None:
        """Return the mean over facets of the product of the cosines to a view and to each sun, shape (t, N) [-].

        It is 0 where either is hidden. None where it is not known which parts of a facet are.
        """


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

    def all_orders(self, reflected: float) -> FloatArray:
        """Return G = (I − r F)⁻¹ F, in the shape of the view factors: what reaches a facet directly or by reflections.

        Radiosity is the linear problem of any textbook of radiative transfer, e.g. Modest (2013), Radiative Heat
        Transfer, 3rd edition, section 5.4.

        Parameters
        ----------
        reflected : float
            Part of what falls on a facet that it reflects [-].
        """
        if len(self.view_factors) == 1:
            return np.asarray(self.view_factors / (1.0 - reflected * self.view_factors.sum()))
        if reflected not in self._solved:
            if len(self._solved) == MOST_SOLVED:
                del self._solved[next(iter(self._solved))]
            identity = np.eye(len(self.view_factors))
            solution = np.linalg.solve(identity - reflected * self.view_factors, self.view_factors)
            self._solved[reflected] = np.asarray(solution, dtype=np.float64)
        return self._solved[reflected]

    @cached_property
    def _solved(self) -> dict[float, FloatArray]:
        return {}

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
