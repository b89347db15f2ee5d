"""Meshes from the files that people name: triangles, or grids of heights; and meshes as the text of such files."""

import io
from pathlib import Path

import numpy as np

from tmx.errors import ConfigError
from tmx.physics.roughness import Mesh, height_mesh
from tmx.stages.tables import read_bytes, read_text
from tmx.storage.records import FloatArray

MESHES = (".obj", ".ply")
GRIDS = (".asc", ".npy", ".txt")


def read_mesh(field: str, path: str) -> Mesh:
    """Read a mesh and check that it can stand for a rough surface.

    Parameters
    ----------
    field : str
        The field or option that names the file, for messages.
    path : str
        Triangles or polygons as .obj or .ply, with x south, y east and z up. Heights as an ESRI grid .asc, in the unit
        of its `cellsize`, or as a table .txt or array .npy, in the distance of neighbouring points; rows from north to
        south and columns from west to east.

    Raises
    ------
    ConfigError
        If the file cannot be read, holds no such mesh, or one that is no surface with one rim.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in MESHES + GRIDS:
        raise ConfigError(f"{field}: {path}: a mesh is one of {', '.join(MESHES)}, and a grid of heights {_or(GRIDS)}")
    try:
        mesh = _triangles(field, path) if suffix in MESHES else _heights(field, path)
        mesh.check()
    except ValueError as error:
        raise ConfigError(f"{field}: {path}: {error}") from None
    return mesh


def mesh_text(mesh: Mesh, suffix: str) -> str:
    """Return the text of a file of a mesh, .obj or .ply, from which every digit can be read back.

    Raises
    ------
    ConfigError
        If the suffix is another.
    """
    if suffix.lower() not in MESHES:
        raise ConfigError(f"{suffix or 'a name without suffix'}: a mesh is written as {_or(MESHES)}")
    vertices = [" ".join(map(repr, vertex)) for vertex in mesh.vertices.tolist()]
    if suffix.lower() == ".obj":
        lines = [f"v {vertex}" for vertex in vertices]
        lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in mesh.faces.tolist()]
    else:
        lines = ["ply", "format ascii 1.0", f"element vertex {len(vertices)}"]
        lines += [f"property double {axis}" for axis in "xyz"]
        lines += [f"element face {len(mesh.faces)}", "property list uchar int vertex_indices", "end_header", *vertices]
        lines += [f"3 {a} {b} {c}" for a, b, c in mesh.faces.tolist()]
    return "\n".join([*lines, ""])


def _or(suffixes: tuple[str, ...]) -> str:
    return f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"


def _triangles(field: str, path: str) -> Mesh:
    """Read triangles, with points that have the same place joined."""
    import trimesh

    content = io.BytesIO(read_bytes(field, path))
    kind = Path(path).suffix.lower().removeprefix(".")
    try:
        read = trimesh.load_mesh(content, file_type=kind, process=False)
        vertices, faces = np.asarray(read.vertices, np.float64), np.asarray(read.faces, np.int64)
    except Exception as error:  # whatever a damaged file makes of its reader
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"cannot be read as {kind}: {reason}") from None
    if len(faces) == 0:
        raise ValueError("there are no faces")
    Mesh(vertices, faces).check_arrays()
    places, joined = np.unique(vertices, axis=0, return_inverse=True)
    return Mesh(places, joined.reshape(-1)[faces])


def _heights(field: str, path: str) -> Mesh:
    suffix = Path(path).suffix.lower()
    if suffix == ".npy":
        return height_mesh(_array(field, path))
    if suffix == ".txt":
        return height_mesh(_rows(read_text(field, path).splitlines(), 1))
    return _esri_grid(read_text(field, path).splitlines())


def _array(field: str, path: str) -> FloatArray:
    try:
        array = np.load(io.BytesIO(read_bytes(field, path)), allow_pickle=False)
        return np.asarray(array, dtype=np.float64)
    except (ValueError, TypeError, EOFError, OSError):
        raise ValueError("cannot be read as an array of numbers") from None


def _rows(lines: list[str], first: int) -> FloatArray:
    """Return rows of numbers separated by blanks or commas; `#` begins a comment."""
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=first):
        cells = line.split("#")[0].replace(",", " ").split()
        if not cells:
            continue
        try:
            rows.append([float(cell) for cell in cells])
        except ValueError:
            raise ValueError(f"line {number}: {line.strip()!r} is not a row of numbers") from None
        if len(rows[-1]) != len(rows[0]):
            raise ValueError(f"line {number} has {len(rows[-1])} numbers, and the first row {len(rows[0])}")
    if not rows:
        raise ValueError("holds no numbers")
    return np.array(rows)


def _esri_grid(lines: list[str]) -> Mesh:
    """Make a mesh of an ESRI ASCII grid: lines of a name and a number, then heights from north to south."""
    header: dict[str, float] = {}
    for count, line in enumerate(lines):
        name, *values = line.split() or [""]
        if not name[:1].isalpha() or name.lower() == "nan":
            break
        try:
            (header[name.lower()],) = map(float, values)
        except ValueError:
            raise ValueError(f"line {count + 1}: {line.strip()!r} is not a name and a number") from None
    for name in ("ncols", "nrows", "cellsize"):
        if header.get(name, 0.0) <= 0.0:
            raise ValueError(f"its header must give {name}, above 0")
    heights = np.array([number for row in lines[len(header) :] for number in _numbers(row)])
    rows, columns = int(header["nrows"]), int(header["ncols"])
    if heights.size != rows * columns:
        raise ValueError(f"{rows} rows of {columns} heights are announced, and {heights.size} numbers there")
    heights = heights.reshape(rows, columns)
    missing = heights == header.get("nodata_value", np.nan)
    if missing.any():
        row, column = np.argwhere(missing)[0] + 1
        raise ValueError(f"row {row}, column {column} has no data: cut out a part where all heights are known")
    return height_mesh(heights, (header["cellsize"], header["cellsize"]))


def _numbers(line: str) -> list[float]:
    try:
        return [float(cell) for cell in line.split()]
    except ValueError:
        raise ValueError(f"{line.strip()[:60]!r} is not a row of numbers") from None
