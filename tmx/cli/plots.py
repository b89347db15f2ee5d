"""`tmx plot`: figures of results."""

from pathlib import Path

import click

from tmx.cli.options import FILE, opened, registry_option


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
    from tmx.execution.figures import beaming_of_files
    from tmx.figures import beaming_figure, require_format, save_figure

    require_format(output)
    curves, title = beaming_of_files(files, local_time)
    save_figure(beaming_figure(curves, title), output)
    ratios = [ratio for curve in curves for ratio in curve.ratio]
    click.echo(
        f"figure     {output}  ({len(ratios)} observations: {min(ratios):.3f} to {max(ratios):.3f} times flat ground)"
    )
