"""Craters: caps of a sphere, divided into curved triangles of equal area.

A hexagon of equilateral triangles, M on a side, is laid on the cap so that areas keep their ratios. Its hexagonal rings
become circles of latitude. Light and shadow are integrated along circles between these: on each, the shadow of the rim
is one arc, known in closed form, so that what a facet receives changes smoothly as the sun moves.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tmx.physics.compiled import kernel, part
from tmx.physics.roughness.arcs import add_arc, cosine_along, edge_of_shadow, lit_arc, product_along
from tmx.physics.roughness.facets import Facets, Visible
from tmx.physics.roughness.mesh import FloatArray, Mesh

CIRCLES = 64
"""Circles on which light and shadow are integrated, at least."""

CIRCLES_PER_RING = 12
"""The same on every ring of facets."""

HORIZON = 1e-9
"""z of a direction below which it counts as horizontal: the lit crescent at the rim would be lost in rounding [-]."""


def nearest_facets(facets: int) -> int:
    """Return the number of facets that a cap can have, 6 M², nearest to a wanted one."""
    return 6 * _rings(facets) ** 2


def spherical_cap(depth_over_diameter: float, facets: int) -> Facets:
    """Make a crater whose opening has the radius 1.

    Parameters
    ----------
    depth_over_diameter : float
        Depth of the crater over the diameter of its opening, above 0 and at most 0.5, a hemisphere [-].
    facets : int
        Wanted number of facets, at least 1; the nearest 6 M² is made (`nearest_facets`).

    Raises
    ------
    ValueError
        If the depth is not in its range, or no facet is wanted.

    Notes
    -----
    With β = 2 atan(2 d/D) the angle from the bottom to the rim at the sphere's centre, ring r of a hexagon of radius 1
    is mapped to sin(θ/2) = r sin(β/2), which conserves areas, as does going along a hexagon's sides at an even pace in
    azimuth. Between elements of a sphere F_ij = A_j / (4πR²), whatever i: the whole sees itself with
    f = sin²(β/2) = 4 (d/D)² / (1 + 4 (d/D)²).

    References
    ----------
    Ingersoll, Svitek & Murray (1992), Icarus 100, 40, doi:10.1016/0019-1035(92)90016-Z: radiation in such craters.
    """
    if not 0.0 < depth_over_diameter <= 0.5:
        raise ValueError(f"depth over diameter {depth_over_diameter}: must be above 0 and at most 0.5")
    if facets < 1:
        raise ValueError(f"{facets} facets: at least one is needed")
    return cap_facets(Cap(math.sin(math.atan(2.0 * depth_over_diameter)), _rings(facets)))


def cap_facets(cap: "Cap") -> Facets:
    """Return the facets of a cap, whose opening has the radius 1."""
    count = 6 * cap.rings**2
    mean = cap.mean_normals
    return Facets(
        mesh=_mesh(cap),
        normals=mean / np.linalg.norm(mean, axis=1)[:, None],
        areas=np.full(count, math.pi / (1.0 - cap.sine**2) / count),
        view_factors=np.full((1, count), cap.sine**2 / count),
        area=math.pi,
        shape=cap,
    )


@dataclass(frozen=True)
class Cap:
    """A cap of a sphere in facets, counted ring by ring from the bottom, and along each ring from south over east.

    Attributes
    ----------
    sine : float
        sin(β/2), β the angle from the bottom to the rim at the sphere's centre [-].
    rings : int
        Number M of rings; ring k has 6 (2k − 1) facets.
    """

    sine: float
    rings: int

    @cached_property
    def rule(self) -> tuple[FloatArray, FloatArray]:
        """Return nodes and weights on 0 … 1 of the circles of a ring, by Gauss."""
        nodes, weights = np.polynomial.legendre.leggauss(max(CIRCLES_PER_RING, -(-CIRCLES // self.rings)))
        return 0.5 * (1.0 + nodes), 0.5 * weights

    @cached_property
    def mean_normals(self) -> FloatArray:
        """Return the mean of the sphere's normal over every facet, shape (N, 3); a little shorter than 1."""
        return _mean_normals(self.sine, self.rings, *self.rule)

    def visible(self, directions: FloatArray) -> Visible:
        """Return what is seen of the facets.

        Parameters
        ----------
        directions : ndarray, shape (k, 3)
            Unit vectors with z above 0.

        Notes
        -----
        From a point with normal n, a ray along s leaves the sphere above the rim, and so is free, where
        n·v > −cos β with v = 2 s_z s − ẑ, a unit vector: the shadow's edge is a circle as large as the rim. All light
        that enters is received, so the sum of fraction · cosine is known. Quadrature meets it to 1e-7, and the cosines
        are scaled by the rest.
        """
        fraction, flux = _lit(directions, self.sine, self.rings, *self.rule, self.mean_normals)
        entering = np.where(directions[:, 2] > HORIZON, directions[:, 2], 0.0) * (1.0 - self.sine**2)
        received = flux.mean(axis=1)
        flux *= np.divide(entering, received, out=np.zeros_like(received), where=received > 0.0)[:, None]
        cosine = np.divide(np.maximum(flux, 0.0), fraction, out=np.zeros_like(flux), where=fraction > 0.0)
        return Visible(np.minimum(fraction, 1.0), cosine)

    def overlap(self, view: FloatArray, suns: FloatArray) -> FloatArray:
        """Return the mean over facets of the product of the cosines to a view and to each sun, shape (t, N)."""
        return np.asarray(_overlap(view, suns, self.sine, self.rings, *self.rule))


def _rings(facets: int) -> int:
    below = max(1, math.isqrt(facets // 6))
    return below if facets - 6 * below**2 <= 6 * (below + 1) ** 2 - facets else below + 1


def _mesh(cap: Cap) -> Mesh:
    """Return the flat triangles whose corners are those of the facets, with the rim at z = 0."""
    ring = np.concatenate([np.full(max(1, 6 * k), k) for k in range(cap.rings + 1)])
    turn = np.concatenate([np.arange(max(1, 6 * k)) / max(1, 6 * k) for k in range(cap.rings + 1)])
    half_sine = ring / cap.rings * cap.sine
    opening = cap.sine * math.sqrt(1.0 - cap.sine**2)
    across = half_sine * np.sqrt(1.0 - half_sine**2) / opening
    height = (half_sine**2 - cap.sine**2) / opening
    azimuth = 2.0 * math.pi * turn
    vertices = np.stack([across * np.cos(azimuth), across * np.sin(azimuth), height], axis=1)
    return Mesh(vertices, np.array([face for k in range(1, cap.rings + 1) for face in _ring_faces(k)]))


def _ring_faces(ring: int) -> list[tuple[int, int, int]]:
    """Return the vertices of the facets of a ring, counted from 1, by azimuth: bases outside and inside alternate."""

    def outer(place: int) -> int:
        return 1 + 3 * ring * (ring - 1) + place % (6 * ring)

    def inner(place: int) -> int:
        return 0 if ring == 1 else 1 + 3 * (ring - 1) * (ring - 2) + place % (6 * (ring - 1))

    faces = []
    for sextant in range(6):
        out, within = sextant * ring, sextant * (ring - 1)
        for step in range(ring):
            faces.append((inner(within + step), outer(out + step), outer(out + step + 1)))
            if step < ring - 1:
                faces.append((inner(within + step), outer(out + step + 1), inner(within + step + 1)))
    return faces


@kernel
def _mean_normals(sine, rings, nodes, weights):
    """Return the mean normal over every facet, shape (N, 3)."""
    normals = np.zeros((6 * rings * rings, 3))
    fraction, flux = np.zeros(len(normals)), np.zeros(len(normals))
    for axis in range(3):
        flux[:] = 0.0
        for ring in range(rings):
            for q in range(nodes.size):
                place = ring + nodes[q]
                along = cosine_along(sine, place / rings, axis == 0, axis == 1, axis == 2)
                add_arc(fraction, flux, ring, place, weights[q], 0.0, 2.0 * math.pi, along)
        normals[:, axis] = flux
    return normals


@kernel
def _lit(directions, sine, rings, nodes, weights, mean_normals):
    """Return the lit fraction of every facet, and the mean over the facet of the cosine, 0 in shadow; both (k, N)."""
    fraction = np.zeros((len(directions), 6 * rings * rings))
    flux = np.zeros(fraction.shape)
    for k in range(len(directions)):
        if directions[k, 2] > HORIZON:
            _light(fraction[k], flux[k], directions[k], sine, rings, nodes, weights, mean_normals)
    return fraction, flux


@part
def _light(fraction, flux, direction, sine, rings, nodes, weights, mean_normals):
    """Light the facets from one direction.

    Places between bottom and rim are counted in rings. From the bottom to the place `edge` all is lit with a high sun,
    and all is dark with a low one; from there to the rim, circles are partly lit. Their lit arc changes with the square
    root of the distance from `edge`, so nodes are placed evenly in that.
    """
    x, y, z = direction[0], direction[1], direction[2]
    edge, height = edge_of_shadow(sine, rings, x, y, z)
    if height > 0.0:
        _light_rings(fraction, flux, int(edge), mean_normals, x, y, z)
    for ring in range(int(edge), rings):
        if height > 0.0 and edge > ring:
            for q in range(nodes.size):
                place, weight = ring + (edge - ring) * nodes[q], (edge - ring) * weights[q]
                along = cosine_along(sine, place / rings, x, y, z)
                add_arc(fraction, flux, ring, place, weight, 0.0, 2.0 * math.pi, along)
        first, last = math.sqrt(max(0.0, ring - edge)), math.sqrt(ring + 1 - edge)
        for q in range(nodes.size):
            root = first + (last - first) * nodes[q]
            place, weight = edge + root * root, 2.0 * root * (last - first) * weights[q]
            begin, end = lit_arc(sine, place / rings, x, y, z)
            along = cosine_along(sine, place / rings, x, y, z)
            for turn in range(2):
                whole = 2.0 * math.pi * turn
                add_arc(fraction, flux, ring, place, weight, begin - whole, end - whole, along)


@part
def _light_rings(fraction, flux, rings, mean_normals, x, y, z):
    """Light the first rings."""
    for i in range(6 * rings * rings):
        fraction[i] = 1.0
        flux[i] = mean_normals[i, 0] * x + mean_normals[i, 1] * y + mean_normals[i, 2] * z


@kernel
def _overlap(view, suns, sine, rings, nodes, weights):
    """Return the mean over facets of the product of the cosines to a view and to the sun, 0 where either is hidden.

    Circles change their course where the shadow of either begins: rings are integrated in up to three pieces.
    """
    product = np.zeros((len(suns), 6 * rings * rings))
    fraction = np.zeros(product.shape[1])
    seen, _ = edge_of_shadow(sine, rings, view[0], view[1], view[2])
    for k in range(len(suns)):
        if min(view[2], suns[k, 2]) <= HORIZON:
            continue
        lit, _ = edge_of_shadow(sine, rings, suns[k, 0], suns[k, 1], suns[k, 2])
        first, second = min(seen, lit), max(seen, lit)
        for ring in range(rings):
            low = float(ring)
            for end in (first, second, float(rings)):
                high = min(max(end, low), float(ring + 1))
                span = math.sqrt(high - low)
                if span > 0.0:
                    for q in range(nodes.size):
                        place, weight = low + (span * nodes[q]) ** 2, 2.0 * span * span * nodes[q] * weights[q]
                        _add_overlap(fraction, product[k], sine, rings, ring, place, weight, view, suns[k])
                low = high
    return product


@part
def _add_overlap(fraction, product, sine, rings, ring, place, weight, view, sun):
    """Add the parts of a circle that see both directions to the facets on it."""
    radius = place / rings
    begin, end = lit_arc(sine, radius, view[0], view[1], view[2])
    other, last = lit_arc(sine, radius, sun[0], sun[1], sun[2])
    along = product_along(
        cosine_along(sine, radius, view[0], view[1], view[2]), cosine_along(sine, radius, sun[0], sun[1], sun[2])
    )
    for turn in range(-1, 2):
        whole = 2.0 * math.pi * turn
        start, stop = max(begin, other + whole), min(end, last + whole)
        if stop > start:
            add_arc(fraction, product, ring, place, weight, start, stop, along)
            add_arc(fraction, product, ring, place, weight, start - 2.0 * math.pi, stop - 2.0 * math.pi, along)
