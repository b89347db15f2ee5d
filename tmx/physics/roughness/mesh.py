"""Triangulated surfaces, and whether one can stand for a rough surface."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

THINNEST = 1e-10
"""Twice the area of a triangle over the square of its longest edge, below which its normal is rounding [-]."""


@dataclass(frozen=True)
class Mesh:
    """A surface of triangles, whose vertices go around counter-clockwise as seen from where light comes from.

    Attributes
    ----------
    vertices : ndarray, shape (V, 3)
        Positions, x south, y east, z up, in any unit.
    faces : ndarray of int, shape (N, 3)
        The vertices of every triangle.
    """

    vertices: FloatArray
    faces: IntArray

    @cached_property
    def corners(self) -> FloatArray:
        """Return the corners of every triangle, shape (N, 3 corners, 3)."""
        return self.vertices[self.faces]

    @cached_property
    def area_vectors(self) -> FloatArray:
        """Return normal times area of every triangle, shape (N, 3)."""
        first, second, third = self.corners.transpose(1, 0, 2)
        return 0.5 * np.cross(second - first, third - first)

    @cached_property
    def areas(self) -> FloatArray:
        """Return the area of every triangle, shape (N,)."""
        return np.linalg.norm(self.area_vectors, axis=1)

    @cached_property
    def normals(self) -> FloatArray:
        """Return the unit normal of every triangle, shape (N, 3)."""
        return self.area_vectors / self.areas[:, None]

    @cached_property
    def centroids(self) -> FloatArray:
        """Return the centroid of every triangle, shape (N, 3)."""
        return self.corners.mean(axis=1)

    @property
    def projected_area(self) -> float:
        """Return the area of the surface projected on the horizontal; what overhangs counts as negative."""
        return float(self.area_vectors[:, 2].sum())

    @property
    def rms_slope(self) -> float:
        """Return the root of the mean square of the angle between normals and the vertical, by projected area [rad].

        Facets that overhang count by their own area seen from above or below.
        """
        slope = np.arctan2(np.linalg.norm(self.area_vectors[:, :2], axis=1), self.area_vectors[:, 2])
        return float(np.sqrt(np.average(slope**2, weights=np.abs(self.area_vectors[:, 2]))))

    def rim(self) -> IntArray:
        """Return the edges that only one triangle has, as directed pairs of vertices, shape (edges, 2)."""
        edges = _directed_edges(self.faces)
        codes = _codes(edges, len(self.vertices))
        return edges[~np.isin(codes, _codes(edges[:, ::-1], len(self.vertices)))]

    def check_arrays(self) -> None:
        """Check that there are faces, that vertices are finite, and that faces name such as there are.

        Raises
        ------
        ValueError
            If not; one line says what is wrong.
        """
        vertices, faces = self.vertices, self.faces
        if vertices.ndim != 2 or vertices.shape[1] != 3 or faces.ndim != 2 or faces.shape[1] != 3:
            raise ValueError(f"vertices {vertices.shape} and faces {faces.shape}: each must have three columns")
        if len(faces) == 0:
            raise ValueError("there are no faces")
        if not np.isfinite(vertices).all():
            vertex = int(np.argmin(np.isfinite(vertices).all(axis=1)))
            raise ValueError(f"vertex {vertex} is {vertices[vertex].tolist()}: coordinates must be finite")
        outside = (faces < 0) | (faces >= len(vertices))
        if outside.any():
            face, corner = np.argwhere(outside)[0]
            raise ValueError(f"face {face} names vertex {faces[face, corner]}, of vertices 0 to {len(vertices) - 1}")

    def check(self) -> None:
        """Check that the mesh is one sheet with one rim whose upper side is that of its normals.

        Raises
        ------
        ValueError
            If it is not; one line says what is wrong, and with which face, counted from 0.
        """
        self.check_arrays()
        _check_shapes(self)
        _check_edges(self)
        _check_rim(self)
        if self.projected_area <= 0.0:
            raise ValueError("the normals point down: the vertices of every face must go around counter-clockwise")


def _check_shapes(mesh: Mesh) -> None:
    sides = mesh.corners - np.roll(mesh.corners, 1, axis=1)
    longest = (sides**2).sum(axis=2).max(axis=1)
    thin = 2.0 * mesh.areas <= THINNEST * longest
    if thin.any():
        face = int(np.argmax(thin))
        raise ValueError(f"face {face} has no area: its vertices {mesh.faces[face].tolist()} lie on a line")


def _check_edges(mesh: Mesh) -> None:
    """Check that an edge has at most two faces, which go along it in opposite directions."""
    edges = _directed_edges(mesh.faces)
    _, first, faces = np.unique(
        _codes(np.sort(edges, axis=1), len(mesh.vertices)), return_index=True, return_counts=True
    )
    if (faces > 2).any():
        edge = edges[first[np.argmax(faces > 2)]]
        raise ValueError(f"{faces.max()} faces share the edge of vertices {edge[0]} and {edge[1]}: at most 2 may")
    _, first, times = np.unique(_codes(edges, len(mesh.vertices)), return_index=True, return_counts=True)
    if (times > 1).any():
        edge = edges[first[np.argmax(times > 1)]]
        raise ValueError(
            f"the two faces at the edge of vertices {edge[0]} and {edge[1]} face opposite sides: all normals must be on"
            " one side of the surface"
        )


def _check_rim(mesh: Mesh) -> None:
    """Check that the edges of single faces make one closed line."""
    rim = mesh.rim()
    if len(rim) == 0:
        raise ValueError("the mesh is closed: a rough surface has a rim, open to the sky")
    starts, times = np.unique(rim[:, 0], return_counts=True)
    if (times > 1).any():
        raise ValueError(f"at vertex {starts[np.argmax(times > 1)]} the surface touches itself in a point")
    after = dict(rim.tolist())
    loops = []
    while after:
        start, vertex = after.popitem()
        loop = [start]
        while vertex != start:
            loop.append(vertex)
            vertex = after.pop(vertex)
        loops.append(loop)
    if len(loops) > 1:
        hole = min(loops, key=len)
        raise ValueError(
            f"the surface has {len(loops)} rims, one of {len(hole)} edges at vertex {hole[0]}: holes must be closed,"
            " and pieces joined"
        )


def _directed_edges(faces: IntArray) -> IntArray:
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def _codes(edges: IntArray, vertices: int) -> IntArray:
    """Return a number for every pair of vertices."""
    return edges[:, 0] * vertices + edges[:, 1]
