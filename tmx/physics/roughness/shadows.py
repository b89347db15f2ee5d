"""What can be seen of any mesh from any direction: `seen_fractions`.

Seen along a direction, every facet is crossed by some lines, and on each line the parts that nearer facets cover are
joined exactly. So the fractions change as smoothly as the sun moves, at the cost of some lines only. The lines are
vertical in the picture that the sun sees: the edges of shadows are mostly across them. Repeated surfaces are seen with
all the images that can cast a shadow.
"""

import math
from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import kernel, part
from tmx.physics.roughness.mesh import FloatArray, IntArray, Mesh

LINES = 5
"""Lines on each of the two parts into which its middle corner divides a facet."""

MOST_GAPS = 64
"""Parts of a line that are covered apart from one another; more than that are not told apart from light."""

FARTHEST_IMAGES = 10.0
"""How far images of a repeated surface cast shadows, over the length of its cell [-]."""

MOST_CELLS = 400
"""Rows and columns, at most, into which facets are sorted where they are seen."""

FAINTEST = 1e-9
"""Lit fraction of a facet that is what rounding leaves between neighbouring shadows [-]."""


def seen_fractions(mesh: Mesh, directions: FloatArray, cell: tuple[float, float] | None = None) -> FloatArray:
    """Return the part of every facet that sees each direction, shape (k, N).

    Parameters
    ----------
    mesh : Mesh
        Flat facets, any of which may hide others.
    directions : ndarray, shape (k, 3)
        Unit vectors with z above 0.
    cell : tuple of float or None
        Lengths along x and y after which the surface repeats; none: it stands alone.
    """
    nodes, weights = np.polynomial.legendre.leggauss(LINES)
    repeat = np.array(cell or (0.0, 0.0))
    corners = np.ascontiguousarray(mesh.corners)
    return _fractions(corners, mesh.normals, directions, repeat, 0.5 * (1.0 + nodes), 0.5 * weights)


class Picture(NamedTuple):
    """Facets as they are seen along a direction, and which of them lie in which cell of a grid on the picture.

    Coordinates are upwards, sideways, and towards the direction. Corners of a facet are ordered sideways; `lows` and
    `highs`, of shape (N, 3), are those of its box. Members of the cell in row r and column c begin at
    first[r · columns + c].
    """

    points: FloatArray
    lows: FloatArray
    highs: FloatArray
    first: IntArray
    members: IntArray
    origin: FloatArray
    size: FloatArray
    cells: IntArray


class Lines(NamedTuple):
    """Lines across a facet, and what is covered of each, in parts of its length that do not touch.

    The ends of a line are rows of sideways place, then upward place and depth of one end, and of the other.
    """

    ends: FloatArray
    weights: FloatArray
    starts: FloatArray
    stops: FloatArray
    counts: IntArray


@kernel
def _fractions(corners, normals, directions, cell, nodes, weights):
    """Return the part of every facet that is seen from every direction, shape (k, N)."""
    fractions = np.zeros((len(directions), len(corners)))
    count = 2 * nodes.size
    parts = (np.empty((count, MOST_GAPS)), np.empty((count, MOST_GAPS)), np.zeros(count, np.int64))
    lines = Lines(np.empty((count, 5)), np.empty(count), parts[0], parts[1], parts[2])
    last_query = np.full(len(corners), -1)
    for k in range(len(directions)):
        axes = _axes(directions[k])
        picture = _picture(corners, axes)
        images = _images(corners, directions[k], cell)
        for image in range(len(images)):
            images[image, 0], images[image, 1], images[image, 2] = _turned(axes, images[image])
        for i in range(len(corners)):
            if _turned(axes, normals[i])[2] > 0.0:
                _draw_lines(picture.points[i], nodes, weights, lines)
                for image in range(len(images)):
                    query = (k * len(corners) + i) * len(images) + image
                    _cover_by_image(picture, i, images[image], query, last_query, lines)
                fractions[k, i] = _free(lines)
    return fractions


@part
def _cover_by_image(picture, i, shift, query, last_query, lines):
    """Cover the lines of a facet by those facets, moved by a shift, whose boxes are before its own."""
    low_u, high_u = picture.lows[i, 0] - shift[0], picture.highs[i, 0] - shift[0]
    low_v, high_v = picture.lows[i, 1] - shift[1], picture.highs[i, 1] - shift[1]
    rows, columns = picture.cells[0], picture.cells[1]
    row, last_row = (low_u - picture.origin[0]) / picture.size[0], (high_u - picture.origin[0]) / picture.size[0]
    column, last_column = (low_v - picture.origin[1]) / picture.size[1], (high_v - picture.origin[1]) / picture.size[1]
    if row >= rows or last_row < 0.0 or column >= columns or last_column < 0.0:
        return
    for r in range(max(0, int(row)), min(rows - 1, int(last_row)) + 1):
        begin = picture.first[r * columns + max(0, int(column))]
        end = picture.first[r * columns + min(columns - 1, int(last_column)) + 1]
        for m in range(begin, end):
            j = picture.members[m]
            if last_query[j] == query:
                continue
            last_query[j] = query
            if (
                picture.highs[j, 2] + shift[2] > picture.lows[i, 2]
                and picture.lows[j, 0] < high_u
                and picture.highs[j, 0] > low_u
                and picture.lows[j, 1] < high_v
                and picture.highs[j, 1] > low_v
                and (j != i or shift[2] > 0.0)
            ):
                _cover(picture.points[j], shift, lines)


@part
def _axes(direction):
    """Return the axes of the picture that a direction sees: upwards, sideways, and towards the direction."""
    x, y, z = direction[0], direction[1], direction[2]
    across = math.hypot(x, y)
    south, east = (x / across, y / across) if across > 0.0 else (1.0, 0.0)
    return (-z * south, -z * east, across), (-east, south, 0.0), (x, y, z)


@part
def _turned(axes, vector):
    """Return the components of a vector along axes."""
    x, y, z = vector[0], vector[1], vector[2]
    up, aside, towards = axes
    return (
        up[0] * x + up[1] * y + up[2] * z,
        aside[0] * x + aside[1] * y + aside[2] * z,
        towards[0] * x + towards[1] * y + towards[2] * z,
    )


@part
def _picture(corners, axes):
    """Project facets along a direction, and sort them into cells as large as their boxes are on average."""
    count = len(corners)
    points, lows, highs = np.empty(corners.shape), np.empty((count, 3)), np.empty((count, 3))
    for i in range(count):
        for c in range(3):
            points[i, c, 0], points[i, c, 1], points[i, c, 2] = _turned(axes, corners[i, c])
        _order(points[i], 0, 1)
        _order(points[i], 1, 2)
        _order(points[i], 0, 1)
        for axis in range(3):
            lows[i, axis] = min(points[i, 0, axis], points[i, 1, axis], points[i, 2, axis])
            highs[i, axis] = max(points[i, 0, axis], points[i, 1, axis], points[i, 2, axis])
    origin, size, cells = np.empty(2), np.empty(2), np.empty(2, np.int64)
    for axis in range(2):
        low, high, total = lows[0, axis], highs[0, axis], 0.0
        for i in range(count):
            low, high = min(low, lows[i, axis]), max(high, highs[i, axis])
            total += highs[i, axis] - lows[i, axis]
        cells[axis] = min(MOST_CELLS, int((high - low) * count / total) + 1)
        origin[axis], size[axis] = low, (high - low) / cells[axis]
    first, members = _sorted_into_cells(lows, highs, origin, size, cells)
    return Picture(points, lows, highs, first, members, origin, size, cells)


@part
def _order(points, first, second):
    """Exchange two corners of a facet if the second is not as far sideways as the first."""
    if points[first, 1] > points[second, 1]:
        for axis in range(3):
            points[first, axis], points[second, axis] = points[second, axis], points[first, axis]


@part
def _sorted_into_cells(lows, highs, origin, size, cells):
    """Return where the members of every cell begin, and the facets whose boxes touch it, cell by cell."""
    first = np.zeros(cells[0] * cells[1] + 1, np.int64)
    for i in range(len(lows)):
        for row in range(_cell(lows, i, 0, origin, size, cells), _cell(highs, i, 0, origin, size, cells) + 1):
            for column in range(_cell(lows, i, 1, origin, size, cells), _cell(highs, i, 1, origin, size, cells) + 1):
                first[row * cells[1] + column + 1] += 1
    for cell in range(1, first.size):
        first[cell] += first[cell - 1]
    members, places = np.empty(first[-1], np.int64), first.copy()
    for i in range(len(lows)):
        for row in range(_cell(lows, i, 0, origin, size, cells), _cell(highs, i, 0, origin, size, cells) + 1):
            for column in range(_cell(lows, i, 1, origin, size, cells), _cell(highs, i, 1, origin, size, cells) + 1):
                members[places[row * cells[1] + column]] = i
                places[row * cells[1] + column] += 1
    return first, members


@part
def _cell(places, i, axis, origin, size, cells):
    """Return the row or the column of cells in which a place is."""
    return min(cells[axis] - 1, int((places[i, axis] - origin[axis]) / size[axis]))


@part
def _images(corners, direction, cell):
    """Return the shifts of those images of a repeated surface that can cast a shadow on it, shape (images, 3)."""
    if cell[0] == 0.0:
        return np.zeros((1, 3))
    x, y, z = direction[0], direction[1], direction[2]
    lowest, highest = corners[0, 0, 2], corners[0, 0, 2]
    for i in range(len(corners)):
        for c in range(3):
            lowest, highest = min(lowest, corners[i, c, 2]), max(highest, corners[i, c, 2])
    rise = min((highest - lowest) / z, FARTHEST_IMAGES * max(cell[0], cell[1]) / max(math.hypot(x, y), 1e-300))
    reach_x, reach_y = int(rise * abs(x) / cell[0]) + 1, int(rise * abs(y) / cell[1]) + 1
    images = np.empty(((2 * reach_x + 1) * (2 * reach_y + 1), 3))
    count = 0
    for m in range(-reach_x, reach_x + 1):
        for n in range(-reach_y, reach_y + 1):
            first_x, last_x = _passage(m, x / cell[0])
            first_y, last_y = _passage(n, y / cell[1])
            if max(first_x, first_y, 0.0) <= min(last_x, last_y, rise):
                images[count, 0], images[count, 1], images[count, 2] = m * cell[0], n * cell[1], 0.0
                count += 1
    return images[:count]


@part
def _passage(cell, speed):
    """Return between which times something that fills a cell and moves touches another cell, along one axis."""
    if abs(speed) < 1e-12:
        return (0.0, math.inf) if abs(cell) <= 1 else (math.inf, 0.0)
    one, other = (cell - 1) / speed, (cell + 1) / speed
    return min(one, other), max(one, other)


@part
def _draw_lines(points, nodes, weights, lines):
    """Draw lines across a facet, at nodes on either side of its middle corner, none of them covered yet."""
    width = points[2, 1] - points[0, 1]
    for side in range(2):
        begin, stretch = points[side, 1], points[side + 1, 1] - points[side, 1]
        for q in range(nodes.size):
            line = side * nodes.size + q
            _cross(points, begin + stretch * nodes[q], lines.ends[line])
            lines.weights[line] = 2.0 * weights[q] * stretch / width * (nodes[q] if side == 0 else 1.0 - nodes[q])
            lines.counts[line] = 0


@part
def _cross(points, place, ends):
    """Find the two points in which the boundary of a facet crosses a place sideways, the first on its longest side."""
    part_of_long = (place - points[0, 1]) / (points[2, 1] - points[0, 1])
    side = 0 if place < points[1, 1] else 1
    stretch = points[side + 1, 1] - points[side, 1]
    part_of_short = (place - points[side, 1]) / stretch if stretch > 0.0 else 0.0
    ends[0] = place
    for axis in range(2):
        along = 2 * axis
        ends[1 + axis] = points[0, along] + part_of_long * (points[2, along] - points[0, along])
        ends[3 + axis] = points[side, along] + part_of_short * (points[side + 1, along] - points[side, along])


@part
def _cover(points, shift, lines):
    """Cover the lines of a facet where another facet, moved by a shift, is before them."""
    mine = np.empty(5)
    for line in range(len(lines.ends)):
        ends = lines.ends[line]
        place = ends[0] - shift[1]
        if place <= points[0, 1] or place >= points[2, 1]:
            continue
        _cross(points, place, mine)
        length = ends[3] - ends[1]
        begin, end = (mine[1] + shift[0] - ends[1]) / length, (mine[3] + shift[0] - ends[1]) / length
        before = mine[2] + shift[2] - ends[2] - begin * (ends[4] - ends[2])
        after = mine[4] + shift[2] - ends[2] - end * (ends[4] - ends[2])
        if begin > end:
            begin, end, before, after = end, begin, after, before
        if before <= 0.0 and after <= 0.0:
            continue
        if before < 0.0:
            begin += (end - begin) * before / (before - after)
        elif after < 0.0:
            end -= (end - begin) * after / (after - before)
        begin, end = max(0.0, begin), min(1.0, end)
        if begin < end:
            lines.counts[line] = _joined(lines.starts[line], lines.stops[line], lines.counts[line], begin, end)


@part
def _joined(starts, stops, count, begin, end):
    """Add a covered part of a line to others, joined with those that it touches; return how many there are."""
    kept = 0
    for k in range(count):
        if stops[k] < begin or starts[k] > end:
            starts[kept], stops[kept] = starts[k], stops[k]
            kept += 1
        else:
            begin, end = min(begin, starts[k]), max(end, stops[k])
    if kept < starts.size:
        starts[kept], stops[kept] = begin, end
        kept += 1
    return kept


@part
def _free(lines):
    """Return the part of a facet that is not covered."""
    covered = 0.0
    for line in range(len(lines.ends)):
        for k in range(lines.counts[line]):
            covered += lines.weights[line] * (lines.stops[line, k] - lines.starts[line, k])
    return 1.0 - covered if covered < 1.0 - FAINTEST else 0.0
