"""`tmx optics`: the library of minerals, and tables and figures of how grains of them scatter."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmx.cli.options import FILE, Command, echo_json, echo_table, echo_warnings, examples, json_option
from tmx.errors import ConfigError

if TYPE_CHECKING:
    from tmx.config import SimulationConfig

SHOWN_RANGE_UM = (0.2, 60.0)
"""Wavelengths that a figure shows, where they are known [µm]."""

SHOWN_BANDS = 400
TABLE_RANGE = (200.0, 2000.0)
"""Wavenumbers of a table unless told, where they are known [cm⁻¹]."""

UM = 1e6
"""µm in a m."""

PER_CM = 100.0
"""m⁻¹ in a cm⁻¹."""


GRAIN_OPTIONS = (
    click.option(
        "--radius",
        required=True,
        metavar="QUANTITY",
        help="Radius of the grains, e.g. 15um: of all, the median of a lognormal one, the smallest of a power law.",
    ),
    click.option(
        "--mixing",
        type=click.Choice(["intimate", "maxwell_garnett", "bruggeman"]),
        help="How minerals are mixed.  [default: intimate]",
    ),
    click.option("--coating", metavar="MINERAL PART", help='What coats the grains: "troilite 0.05".'),
    click.option("--index-file", metavar="FILE", help="Index of the mineral called custom: wavelength in um, n, k."),
    click.option(
        "--size-distribution",
        type=click.Choice(["single", "lognormal", "power_law"]),
        help="How radii are distributed.  [default: single]",
    ),
    click.option(
        "--size-deviation", metavar="NUMBER", help="Geometric standard deviation of a lognormal distribution."
    ),
    click.option("--radius-max", metavar="QUANTITY", help="Largest radius of a power law."),
    click.option("--size-exponent", metavar="NUMBER", help="Exponent q of a power law, radius^-q."),
    click.option("--close-packing", is_flag=True, help="Let neighbours change how grains scatter, by --fill-frac."),
    click.option("--fill-frac", metavar="NUMBER", help="Part of the volume that grains fill."),
    click.option("--without-forward-peak", is_flag=True, help="Count light diffracted forward as not scattered."),
)
"""The fields of a config's grains, but for the composition."""


@click.group()
def optics() -> None:
    """Show minerals, and how grains of them scatter."""


@optics.command("list")
@json_option
def list_minerals(as_json: bool) -> None:
    """List the minerals of the library: where they are known, and from whom."""
    from tmx.physics.grains.minerals import MINERALS, mineral_named

    minerals = [mineral_named(name) for name in MINERALS]
    ranges = [tuple(UM * limit for limit in mineral.wavelengths) for mineral in minerals]
    if as_json:
        rows = zip(minerals, ranges, strict=True)
        echo_json(
            {m.name: {"wavelengths_um": known, "axes": len(m.axes), "source": m.source} for m, known in rows},
        )
        return
    echo_table(
        ("mineral", "from_um", "to_um", "axes"),
        [(m.name, f"{low:.4g}", f"{high:.4g}", len(m.axes)) for m, (low, high) in zip(minerals, ranges, strict=True)],
    )
    click.echo()
    for mineral in minerals:
        click.echo(f"{mineral.name}: {mineral.source}")


def _grains_options(command: Command) -> Command:
    for option in reversed(GRAIN_OPTIONS):
        command = option(command)
    return click.argument("composition", metavar="MINERAL")(command)


@optics.command(
    epilog=examples(
        'tmx optics show "forsterite 0.9, magnetite 0.1" --radius 15um -o grains.png',
    )
)
@_grains_options
@click.option("--output", "-o", type=FILE, required=True, help="The figure to write: .png, .pdf or .svg.")
def show(composition: str, output: Path, **given: str | bool | None) -> None:
    """Draw index, extinction, albedo and asymmetry against wavelength.

    MINERAL is a name of `tmx optics list`, or a mixture such as "forsterite 0.7, magnetite 0.3". The options of grains
    are the fields of a config, explained by `tmx config schema`.
    """
    import numpy as np

    from tmx.figures import grains_figure, require_format, save_figure
    from tmx.stages.grains import grains_of
    from tmx.stages.scattering import cached_scattering_table

    require_format(output)
    grains = grains_of(_config(composition, given))
    low, high = grains.wavelengths
    longest, shortest = min(high, SHOWN_RANGE_UM[1] / UM), max(low, SHOWN_RANGE_UM[0] / UM)
    table = cached_scattering_table(np.geomspace(1.0 / longest, 1.0 / shortest, SHOWN_BANDS + 1), grains)
    save_figure(grains_figure(_in_words(composition, given), grains, table), output)
    click.echo(f"{output}: {composition} from {shortest * UM:.4g} to {longest * UM:.4g} um")


@optics.command()
@_grains_options
@click.option("--wn-min", type=float, help="Lowest wavenumber [1/cm]; 200, where it is known.")
@click.option("--wn-max", type=float, help="Highest wavenumber [1/cm]; 2000, where it is known.")
@click.option("--bands", type=click.IntRange(1, 100_000), default=216, show_default=True, help="Number of bands.")
@click.option("--output", "-o", type=FILE, required=True, help="The table to write, a `mie_file`.")
@click.option("--edges", type=FILE, help="Also write the edges of the bands [1/cm], a `wn_bounds`.")
def table(
    composition: str,
    wn_min: float | None,
    wn_max: float | None,
    bands: int,
    output: Path,
    edges: Path | None,
    **given: str | bool | None,
) -> None:
    """Write cross-sections, albedo and asymmetry of bands of equal width in wavenumber.

    MINERAL is a name of `tmx optics list`, or a mixture such as "forsterite 0.7, magnetite 0.3". The options of grains
    are the fields of a config, explained by `tmx config schema`. Cross-sections are those of as much material as a
    sphere of --radius has, for a config counts grains of its radius.
    """
    import numpy as np

    from tmx.stages.grains import grains_of
    from tmx.stages.scattering import cached_scattering_table, edges_text, table_text
    from tmx.storage.atomic import write_atomically

    config = _config(composition, given)
    grains = grains_of(config)
    known = tuple(1.0 / (limit * PER_CM) for limit in reversed(grains.wavelengths))
    low = max(TABLE_RANGE[0], known[0]) if wn_min is None else wn_min
    high = min(TABLE_RANGE[1], known[1]) if wn_max is None else wn_max
    if not 0.0 < low < high:
        raise ConfigError(f"--wn-min {low:g} and --wn-max {high:g}: wavenumbers must be positive and ascend")
    computed = cached_scattering_table(PER_CM * np.linspace(low, high, bands + 1), grains)
    write_atomically(output, table_text(computed, _in_words(composition, given), config.radius).encode())
    if edges is not None:
        write_atomically(edges, edges_text(computed).encode())
    click.echo(f"{output}: {bands} bands from {low:g} to {high:g} 1/cm")


def _config(composition: str, given: Mapping[str, str | bool | None]) -> "SimulationConfig":
    """Return a config with the grains that options describe; what has no effect is said."""
    from tmx.config import SimulationConfig, parse_override
    from tmx.config.notices import notices

    settings = {"composition": composition, **_chosen(given)}
    values = dict(parse_override(f"{name}={value}") for name, value in settings.items())
    config = SimulationConfig(use_RTE=True, **values)
    echo_warnings(str(notice) for notice in notices(config, frozenset(values)))
    return config


def _chosen(given: Mapping[str, str | bool | None]) -> dict[str, str]:
    """Return the options that were given, as the text of fields."""
    return {name: "true" if value is True else str(value) for name, value in given.items() if value}


def _in_words(composition: str, given: Mapping[str, str | bool | None]) -> str:
    return ", ".join([composition, *(f"{name} {value}" for name, value in _chosen(given).items())])
