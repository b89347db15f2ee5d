"""View factors between the facets of any mesh, parts that others hide left out.

What two facets exchange, A_i F_ij = A_j F_ji, is computed once for both, so that reciprocity is exact. Near facets are
integrated along their edges, which holds to the edge that they share; far ones over their areas. Rays between them say
how much of it is hidden. Facets of a repeated surface also see the images of one another.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import kernel, part
from tmx.physics.roughness.mesh import FloatArray, IntArray, Mesh

NEAR = 2.0
"""Distance over the sum of sizes below which facets are integrated along their edges, and have most rays [-]."""

FAR = 6.0
"""The same above which one point, and one ray, stand for all of a facet [-]."""

IMAGES_SEEN = 2.5
"""How far along x and y facets of a repeated surface see one another, over the length of its cell [-]."""

NODES = 8
"""Points on an edge at which the integral along another, known in closed form, is taken."""

GRAZING = 1e-9
"""Height over a facet's plane, over its size, that counts as none [-]."""

ROUNDING = 1e-3
"""How far above 1 the errors of quadrature may bring the sum of a facet's view factors [-]."""


class Rules(NamedTuple):
    """Where integrals are sampled: barycentric coordinates of points in facets, and places with weights on edges."""

    far: FloatArray
    middle: FloatArray
    near: FloatArray
    nearest: FloatArray
    edge: FloatArray


def _rules() -> Rules:
    """Return a facet's centroid; three points, exact for quadratic functions; centres of its quarters, and of theirs.

    Places on an edge are Gauss's, moved so that they crowd at its ends.
    """
    three = np.array([[4.0, 1.0, 1.0], [1.0, 4.0, 1.0], [1.0, 1.0, 4.0]]) / 6.0
    four = np.append(three, np.full((1, 3), 1.0 / 3.0), axis=0)
    sixteen = np.concatenate([0.5 * (four + corner) for corner in np.eye(3)] + [0.5 * (1.0 - four)])
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    even = 0.5 * (1.0 + nodes)
    edge = np.stack([even**2 * (3.0 - 2.0 * even), 3.0 * even * (1.0 - even) * weights], axis=1)
    return Rules(four[3:], three, four, sixteen, edge)


RULES = _rules()


def view_factors(mesh: Mesh, cell: tuple[float, float] | None = None) -> FloatArray:
    """Compute the view factors between flat facets.

    Parameters
    ----------
    mesh : Mesh
        A surface; a repeated one lies within its cell.
    cell : tuple of float or None
        Lengths along x and y after which the surface repeats; none: it stands alone.

    Returns
    -------
    ndarray, shape (N, N)
        Part F_ij of what leaves facet i that arrives at facet j, or at any of its images [-].

    Raises
    ------
    ValueError
        If more arrives than leaves: the surface cuts itself.

    Notes
    -----
    F_ij A_i = ∫∫ cos θ_i cos θ_j / (π r²) dA_i dA_j over the parts in front of each other's plane, by Stokes' theorem
    ∮∮ ln r dr_i·dr_j / (2π) along their borders. The inner integral is known; the outer is by Gauss's rule with nodes
    that crowd at corners, where ln r is singular.

    References
    ----------
    Sparrow (1963), J. Heat Transfer 85, 81, doi:10.1115/1.3686058.
    """
    exchanged = _exchanged(_surface(mesh), RULES, _grid(mesh, cell))
    factors = exchanged / mesh.areas[:, None]
    sums = factors.sum(axis=1)
    if sums.max() > 1.0 + ROUNDING:
        facet = int(np.argmax(sums))
        raise ValueError(f"facet {facet} sees others with a view factor of {sums[facet]:.4g}: the surface cuts itself")
    share = np.minimum(1.0, 1.0 / np.maximum(sums, 1.0))
    factors *= np.minimum.outer(share, share)
    return factors


class Surface(NamedTuple):
    """Facets, for compiled code: a size is the longest edge."""

    corners: FloatArray
    normals: FloatArray
    areas: FloatArray
    centres: FloatArray
    sizes: FloatArray


def _surface(mesh: Mesh) -> Surface:
    edges = mesh.corners - np.roll(mesh.corners, 1, axis=1)
    sizes = np.sqrt((edges**2).sum(axis=2).max(axis=1))
    return Surface(np.ascontiguousarray(mesh.corners), mesh.normals, mesh.areas, mesh.centroids, sizes)


class Grid(NamedTuple):
    """The facets above every cell of a horizontal grid, for rays that pass over it.

    Members of cell (a, b) begin at first[a · counts[1] + b]; none is higher than `highest` there. `period` is 0, or the
    lengths after which the surface repeats.
    """

    first: IntArray
    members: IntArray
    highest: FloatArray
    origin: FloatArray
    size: FloatArray
    counts: IntArray
    period: FloatArray


def _grid(mesh: Mesh, cell: tuple[float, float] | None) -> Grid:
    """Sort facets into cells about as large as they are."""
    lows, highs = mesh.corners.min(axis=1), mesh.corners.max(axis=1)
    origin = lows[:, :2].min(axis=0)
    extent = np.array(cell) if cell else highs[:, :2].max(axis=0) - origin
    typical = (highs - lows)[:, :2].mean(axis=0)
    counts = np.clip((extent / typical).astype(np.int64), 1, 1000)
    size = extent / counts
    begin = np.clip(((lows[:, :2] - origin) / size).astype(np.int64), 0, counts - 1)
    end = np.clip(((highs[:, :2] - origin) / size).astype(np.int64), 0, counts - 1)
    cells: list[list[int]] = [[] for _ in range(counts[0] * counts[1])]
    for facet, ((a0, b0), (a1, b1)) in enumerate(zip(begin.tolist(), end.tolist(), strict=True)):
        for a in range(a0, a1 + 1):
            for b in range(b0, b1 + 1):
                cells[a * int(counts[1]) + b].append(facet)
    first = np.concatenate([[0], np.cumsum([len(one) for one in cells])])
    members = np.array([facet for one in cells for facet in one], dtype=np.int64)
    highest = np.array([max((highs[facet, 2] for facet in one), default=-np.inf) for one in cells])
    return Grid(first, members, highest, origin, size, counts, np.array(cell or (0.0, 0.0)))


@kernel
def _exchanged(surface, rules, grid):
    """Return A_i F_ij of all facets, shape (N, N)."""
    count = len(surface.corners)
    exchanged = np.zeros((count, count))
    images = 0 if grid.period[0] == 0.0 else int(IMAGES_SEEN) + 1
    moved, borders, shift = np.empty((3, 3)), np.empty((2, 4, 3)), np.zeros(3)
    for i in range(count):
        for j in range(i + 1, count):
            for m in range(-images, images + 1):
                for n in range(-images, images + 1):
                    shift[0], shift[1] = m * grid.period[0], n * grid.period[1]
                    exchanged[i, j] += _between(i, j, shift, surface, rules, grid, moved, borders)
            exchanged[j, i] = exchanged[i, j]
    return exchanged


@part
def _between(i, j, shift, surface, rules, grid, moved, borders):
    """Return what facet i and an image of facet j exchange; `moved` and `borders` are room to work in."""
    sizes, centres = surface.sizes, surface.centres
    x = centres[j, 0] - centres[i, 0] + shift[0]
    y = centres[j, 1] - centres[i, 1] + shift[1]
    z = centres[j, 2] - centres[i, 2]
    if grid.period[0] > 0.0 and max(abs(x) / grid.period[0], abs(y) / grid.period[1]) > IMAGES_SEEN:
        return 0.0
    normals = surface.normals
    if x * normals[i, 0] + y * normals[i, 1] + z * normals[i, 2] <= -sizes[j]:
        return 0.0
    if x * normals[j, 0] + y * normals[j, 1] + z * normals[j, 2] >= sizes[i]:
        return 0.0
    for c in range(3):
        for axis in range(3):
            moved[c, axis] = surface.corners[j, c, axis] + shift[axis]
    side_i = _side(surface.corners[i], moved, normals[j], GRAZING * sizes[j])
    side_j = _side(moved, surface.corners[i], normals[i], GRAZING * sizes[i])
    if side_i < 0 or side_j < 0:
        return 0.0
    distance = math.sqrt(x * x + y * y + z * z) / (sizes[i] + sizes[j])
    points = rules.near if distance < NEAR else rules.middle if distance < FAR else rules.far
    whole, seen = _sampled(i, j, moved, shift, surface, points, grid)
    if distance < NEAR and 0.0 < seen < whole:
        whole, seen = _sampled(i, j, moved, shift, surface, rules.nearest, grid)
    if seen == 0.0:
        return 0.0
    if distance < NEAR or (distance < FAR and min(side_i, side_j) == 0):
        return seen / whole * _along_borders(surface.corners[i], moved, normals[i], normals[j], borders, rules.edge)
    return seen * surface.areas[i] * surface.areas[j]


@part
def _height(point, foot, normal):
    """Return how far a point is before the plane through another."""
    return (point[0] - foot[0]) * normal[0] + (point[1] - foot[1]) * normal[1] + (point[2] - foot[2]) * normal[2]


@part
def _side(corners, others, normal, tolerance):
    """Tell whether a facet is before the plane of another: 1 all of it, 0 in part, -1 nothing."""
    before, behind = False, False
    for c in range(3):
        height = _height(corners[c], others[0], normal)
        before, behind = before or height > tolerance, behind or height < -tolerance
    return -1 if not before else 0 if behind else 1


@part
def _sampled(i, j, moved, shift, surface, points, grid):
    """Return the mean of cos θ_i cos θ_j / (π r²) over two facets, of all of them and of what they see."""
    whole, seen = 0.0, 0.0
    normals = surface.normals
    for a in range(len(points)):
        start = _mixed(points[a], surface.corners[i])
        for b in range(len(points)):
            end = _mixed(points[b], moved)
            x, y, z = end[0] - start[0], end[1] - start[1], end[2] - start[2]
            cos_i = x * normals[i, 0] + y * normals[i, 1] + z * normals[i, 2]
            cos_j = -x * normals[j, 0] - y * normals[j, 1] - z * normals[j, 2]
            if cos_i > 0.0 and cos_j > 0.0:
                amount = cos_i * cos_j / (math.pi * (x * x + y * y + z * z) ** 2)
                whole += amount
                if not _hidden(start, (x, y, z), i, j, shift, surface, grid):
                    seen += amount
    pairs = len(points) ** 2
    return whole / pairs, seen / pairs


@part
def _mixed(parts, corners):
    """Return the point of a triangle with given barycentric coordinates."""
    return (
        parts[0] * corners[0, 0] + parts[1] * corners[1, 0] + parts[2] * corners[2, 0],
        parts[0] * corners[0, 1] + parts[1] * corners[1, 1] + parts[2] * corners[2, 1],
        parts[0] * corners[0, 2] + parts[1] * corners[1, 2] + parts[2] * corners[2, 2],
    )


@part
def _hidden(start, way, i, j, shift, surface, grid):
    """Tell whether a facet other than i and the moved j cuts the way from one to the other.

    It must then enter the ground through one, from before its plane.
    """
    at_a, at_b = (start[0] - grid.origin[0]) / grid.size[0], (start[1] - grid.origin[1]) / grid.size[1]
    speed_a, speed_b = way[0] / grid.size[0], way[1] / grid.size[1]
    a, b = math.floor(at_a), math.floor(at_b)
    entered = 0.0
    while entered < 1.0:
        leave_a, leave_b = _leaving(a, at_a, speed_a), _leaving(b, at_b, speed_b)
        left = min(leave_a, leave_b, 1.0)
        lowest = start[2] + way[2] * (entered if way[2] > 0.0 else left)
        if _cut_in_cell(a, b, lowest, start, way, i, j, shift, surface, grid):
            return True
        if leave_a <= leave_b:
            a += 1 if speed_a > 0.0 else -1
        else:
            b += 1 if speed_b > 0.0 else -1
        entered = left
    return False


@part
def _leaving(cell, place, speed):
    """Return when something that moves along an axis leaves a cell."""
    if speed == 0.0:
        return math.inf
    return ((cell + 1 if speed > 0.0 else cell) - place) / speed


@part
def _cut_in_cell(a, b, lowest, start, way, i, j, shift, surface, grid):
    """Tell whether a facet over a cell cuts a way that is nowhere lower there than given."""
    whole_a, whole_b = a // grid.counts[0], b // grid.counts[1]
    if grid.period[0] == 0.0:
        a, b = min(max(a, 0), grid.counts[0] - 1), min(max(b, 0), grid.counts[1] - 1)
    else:
        a, b = a - whole_a * grid.counts[0], b - whole_b * grid.counts[1]
    cell = a * grid.counts[1] + b
    if lowest > grid.highest[cell]:
        return False
    x, y = whole_a * grid.period[0], whole_b * grid.period[1]
    for facet in grid.members[grid.first[cell] : grid.first[cell + 1]]:
        normal = surface.normals[facet]
        inwards = way[0] * normal[0] + way[1] * normal[1] + way[2] * normal[2]
        if inwards >= 0.0:
            continue
        place = (start[0] - x, start[1] - y, start[2])
        height = _height(place, surface.corners[facet, 0], normal)
        if height <= 0.0 or height + inwards >= 0.0:
            continue
        if (facet == i and x == 0.0 and y == 0.0) or (facet == j and x == shift[0] and y == shift[1]):
            continue
        if _passes(surface.corners[facet], place, way):
            return True
    return False


@part
def _passes(corners, start, way):
    """Tell whether a line passes through a triangle: it has all edges on one side."""
    before, behind = False, False
    for c in range(3):
        d = (c + 1) % 3
        x, y, z = corners[c, 0] - start[0], corners[c, 1] - start[1], corners[c, 2] - start[2]
        u, v, w = corners[d, 0] - start[0], corners[d, 1] - start[1], corners[d, 2] - start[2]
        volume = way[0] * (y * w - z * v) + way[1] * (z * u - x * w) + way[2] * (x * v - y * u)
        before, behind = before or volume > 0.0, behind or volume < 0.0
    return not (before and behind)


@part
def _along_borders(first, second, normal_first, normal_second, borders, rule):
    """Return A_i F_ij of what is before the plane of the other, by integrals along its borders."""
    sides_first = _clipped(first, second[0], normal_second, borders[0])
    sides_second = _clipped(second, first[0], normal_first, borders[1])
    total = 0.0
    for a in range(sides_first):
        for b in range(sides_second):
            total += _along_edges(
                borders[0, a],
                borders[0, (a + 1) % sides_first],
                borders[1, b],
                borders[1, (b + 1) % sides_second],
                rule,
            )
    return max(0.0, total / (2.0 * math.pi))


@part
def _clipped(corners, foot, normal, border):
    """Keep of a triangle what is before a plane, as up to four corners; return how many."""
    count = 0
    for c in range(3):
        d = (c + 1) % 3
        here, there = _height(corners[c], foot, normal), _height(corners[d], foot, normal)
        if here >= 0.0:
            for axis in range(3):
                border[count, axis] = corners[c, axis]
            count += 1
        if here * there < 0.0:
            for axis in range(3):
                border[count, axis] = corners[c, axis] + here / (here - there) * (corners[d, axis] - corners[c, axis])
            count += 1
    return count


@part
def _along_edges(start, end, other_start, other_end, rule):
    """Return ∫∫ ln r dr·dr' of two edges."""
    along, square = 0.0, 0.0
    for axis in range(3):
        along += (end[axis] - start[axis]) * (other_end[axis] - other_start[axis])
        square += (other_end[axis] - other_start[axis]) ** 2
    length = math.sqrt(square)
    if length == 0.0:
        return 0.0
    total = 0.0
    for q in range(len(rule)):
        foot, away = 0.0, 0.0
        for axis in range(3):
            apart = start[axis] + rule[q, 0] * (end[axis] - start[axis]) - other_start[axis]
            foot += apart * (other_end[axis] - other_start[axis]) / length
            away += apart * apart
        height = math.sqrt(max(0.0, away - foot * foot))
        total += rule[q, 1] * (_log_integral(length - foot, height) + _log_integral(foot, height))
    return total * along / length


@part
def _log_integral(length, height):
    """Return ∫ ln √(x² + h²) dx from 0 to a length."""
    square = length * length + height * height
    if square == 0.0:
        return 0.0
    return 0.5 * length * math.log(square) - length + (height * math.atan(length / height) if height > 0.0 else 0.0)
