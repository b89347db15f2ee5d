"""`tmx plot`: figures of results."""

from pathlib import Path

import click

from tmx.cli.options import FILE, opened, registry_option

LONGEST_LABEL = 24
"""Letters of a file's name in a legend."""


@click.group()
def plot() -> None:
    """Draw results."""


@plot.command()
@click.argument("sweep")
@click.option("--by", metavar="PARAMETER", help="What the colours show; by default the parameter that was named last.")
@click.option("--local-time", type=click.FloatRange(0, 24), default=12.0, show_default=True, help="In hours.")
@click.option("--output", "-o", type=FILE, required=True, help="The figure to write: .png, .pdf or .svg.")
@registry_option
def spectra(sweep: str, by: str | None, local_time: float, output: Path, db: str) -> None:
    """Draw the spectra of samples that differ in one parameter, the others in the middle of theirs."""
    from tmx.execution.figures import spectra_of_sweep
    from tmx.figures import require_format, save_figure, spectra_figure

    require_format(output)
    registry, store = opened(db)
    with registry:
        drawn, title = spectra_of_sweep(registry, store, sweep, by, local_time)
    save_figure(spectra_figure(drawn, title), output)
    click.echo(f"figure     {output}  ({len(drawn.values)} spectra: {title})")


@plot.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="RADIANCE_FILE...")
@click.option("--local-time", type=click.FloatRange(0, 24), default=12.0, show_default=True, help="In hours.")
@click.option("--output", "-o", type=FILE, required=True, help="The figure to write: .png, .pdf or .svg.")
def beaming(files: tuple[Path, ...], local_time: float, output: Path) -> None:
    """Draw how bright rough surfaces are against phase angle, from radiances towards many observers."""
    from tmx.figures import PhaseCurve, beaming_figure, require_format, save_figure
    from tmx.stages.beaming import beaming_from_file

    require_format(output)
    read = [beaming_from_file(path, local_time) for path in files]
    curves = [
        PhaseCurve(_short(path.stem), each.phase_angle, each.flat_brightness, each.rough_brightness, each.ratio)
        for path, each in zip(files, read, strict=True)
    ]
    save_figure(beaming_figure(curves, f"{read[0].local_time_h:g} h"), output)
    ratios = [ratio for each in read for ratio in each.ratio]
    click.echo(
        f"figure     {output}  ({len(ratios)} observations: {min(ratios):.3f} to {max(ratios):.3f} times flat ground)"
    )


def _short(name: str) -> str:
    """Return the beginning of a name that holds a key."""
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
