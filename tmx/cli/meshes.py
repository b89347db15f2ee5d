"""`tmx mesh`: meshes of rough surfaces: made, drawn and checked."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmx.cli.options import FILE, Command, echo_json, echo_table, examples, json_option
from tmx.errors import ConfigError

if TYPE_CHECKING:
    from tmx.physics.roughness import Facets, Mesh


@click.group()
def mesh() -> None:
    """Make, draw and check the meshes of rough surfaces."""


@mesh.group()
def make() -> None:
    """Write a mesh that `crater_mesh` can name, as .obj or .ply."""


def _output_option(command: Command) -> Command:
    return click.option("--output", "-o", type=FILE, required=True, help="The mesh to write: .obj or .ply.")(command)


def _facets_option(command: Command) -> Command:
    return click.option(
        "--facets", type=click.IntRange(6, 100_000), default=486, show_default=True, help="About how many facets."
    )(command)


@make.command()
@click.option(
    "--depth-ratio",
    type=click.FloatRange(0.0, 0.5, min_open=True),
    default=0.2,
    show_default=True,
    help="Depth of the crater over its diameter.",
)
@_facets_option
@_output_option
def cap(depth_ratio: float, facets: int, output: Path) -> None:
    """Write a crater, a cap of a sphere, in flat facets."""
    from tmx.physics.roughness import spherical_cap

    _write(spherical_cap(depth_ratio, facets).mesh, output)


@make.command(epilog=examples("tmx mesh make gaussian --rms-slope '25 deg' --facets 800 -o slopes.obj"))
@click.option("--rms-slope", default="20 deg", show_default=True, metavar="ANGLE", help="Root mean square slope.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the surface: each gives another one."
)
@_facets_option
@_output_option
def gaussian(rms_slope: str, seed: int, facets: int, output: Path) -> None:
    """Write a cell of a random surface with Gaussian heights; it repeats."""
    from tmx.config.quantities import read_quantity
    from tmx.physics.roughness import gaussian_mesh

    try:
        made = gaussian_mesh(float(read_quantity(rms_slope, "rad")), facets, seed)
    except (ConfigError, ValueError) as error:
        raise ConfigError(f"--rms-slope {rms_slope!r}: {error}") from None
    _write(made, output)


@make.command()
@click.argument("heights", type=FILE)
@_output_option
def dem(heights: Path, output: Path) -> None:
    """Write a mesh of a grid of HEIGHTS: .asc, .npy or .txt."""
    from tmx.stages.meshes import read_mesh

    _write(read_mesh("HEIGHTS", str(heights)), output)


@mesh.command()
@click.argument("file", type=FILE)
@click.option("--output", "-o", type=FILE, required=True, help="The figure to write: .png, .pdf or .svg.")
def show(file: Path, output: Path) -> None:
    """Draw a mesh in sunlight, and how much of the sky its facets see."""
    from tmx.figures import mesh_figure, require_format, save_figure

    require_format(output)
    facets = _facets_of(file)
    save_figure(mesh_figure(file.name, facets), output)
    click.echo(f"{output}: {facets.areas.size} facets")


@mesh.command()
@click.argument("file", type=FILE)
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check that a mesh can stand for a rough surface, and measure it."""
    import numpy as np

    facets = _facets_of(file)
    exchanged = facets.view_factors * facets.areas[:, None]
    sums = facets.view_factors.sum(axis=1)
    cell = getattr(facets.shape, "cell", None)
    measures = {
        "facets": facets.areas.size,
        "vertices": len(facets.mesh.vertices),
        "area": float(facets.areas.sum()),
        "projected_area": facets.area,
        "rms_slope_deg": float(np.degrees(facets.mesh.rms_slope)),
        "repeats": cell is not None,
        "rim_edges": len(facets.mesh.rim()),
        "overhanging_facets": int((facets.normals[:, 2] <= 0.0).sum()),
        "mean_view_of_others": float(np.average(sums, weights=facets.areas)),
        "largest_view_of_others": float(sums.max()),
        "reciprocity_error": float(np.abs(exchanged - exchanged.T).max() / exchanged.max()) if exchanged.any() else 0.0,
        "sky_error": float(facets.areas @ (1.0 - sums) / facets.area - 1.0),
    }
    if as_json:
        echo_json(measures)
    else:
        echo_table(("measure", "value"), list(measures.items()))


def _facets_of(file: Path) -> "Facets":
    from tmx.stages.meshes import read_mesh
    from tmx.stages.roughness import cached_facets

    return cached_facets(read_mesh("FILE", str(file)), f"FILE: {file}")


def _write(made: "Mesh", output: Path) -> None:
    from tmx.stages.meshes import mesh_text
    from tmx.storage.atomic import write_atomically

    write_atomically(output, mesh_text(made, output.suffix).encode())
    click.echo(f"{output}: {len(made.faces)} facets")
