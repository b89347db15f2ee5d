"""`tmx plot`: figures of results."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmx.cli.names import SWEEP
from tmx.cli.options import FILE, VariadicCommand, examples, opened, registry_option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tmx.browse.finding import HasResults
    from tmx.browse.source import Files

OF_STAGE = {"thermal": ("day", "depth", "facets"), "radiance": ("spectra", "observers", "views", "channels")}
"""What is drawn of a run of each stage, the usual first."""

figure_option = click.option(
    "--output", "-o", type=FILE, required=True, help="The figure to write: .png, .pdf or .svg."
)
time_option = click.option(
    "--local-time",
    type=click.FloatRange(0, 24),
    default=12.0,
    show_default=True,
    help="Local time of the spectra, in hours.",
)
times_option = click.option(
    "--local-times",
    type=click.FloatRange(0, 24),
    multiple=True,
    metavar="HOUR…",
    help="Local times in hours, for all but the day.",
)


@click.group()
def plot() -> None:
    """Draw results."""


@plot.command()
@click.argument("sweep", type=SWEEP)
@click.option("--by", metavar="PARAMETER", help="What the colours show; by default the parameter that was named last.")
@time_option
@figure_option
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
@time_option
@figure_option
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


@plot.command(
    cls=VariadicCommand,
    epilog=examples(
        "tmx plot run 17 -o day.pdf",
        "tmx plot run 18 --what spectra --local-times 9 12 15 -o spectra.png",
    ),
)
@click.argument("run", metavar="RUN|FILE")
@click.option(
    "--what",
    type=click.Choice([what for kinds in OF_STAGE.values() for what in kinds]),
    help="What to draw; by default the day of a thermal run, and the spectra of a radiance run.",
)
@times_option
@figure_option
@registry_option
def run(run: str, what: str | None, local_times: Sequence[float], output: Path, db: str) -> None:
    """Draw a run, by its id or its file: temperatures, facets, spectra, or what observers and instruments see."""
    from tmx.browse import of_runs

    def draw(source: "HasResults", ids: list[int], stages: list[str]) -> "Figure":
        (stage,) = stages
        if what and what not in OF_STAGE[stage]:
            raise click.UsageError(f"{run} is a {stage} run: --what is one of {', '.join(OF_STAGE[stage])}")
        figure: Figure = getattr(of_runs, what or OF_STAGE[stage][0])(source, ids, _words(local_times))
        return figure

    _draw_runs(db, output, [run], draw)


@plot.command(
    cls=VariadicCommand,
    epilog=examples(
        "tmx plot compare 17 21 30 -o compared.png",
    ),
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN|FILE...")
@times_option
@figure_option
@registry_option
def compare(runs: tuple[str, ...], local_times: Sequence[float], output: Path, db: str) -> None:
    """Draw several runs over one another: their spectra if all are radiance runs, or else the days of temperatures."""
    from tmx.browse import of_runs

    def draw(source: "HasResults", ids: list[int], stages: list[str]) -> "Figure":
        figure = of_runs.emissivities if {*stages} == {"radiance"} else of_runs.days
        return figure(source, ids, _words(local_times))

    _draw_runs(db, output, runs, draw)


@plot.command()
@click.argument("sweep", type=SWEEP)
@click.option(
    "--by", metavar="RESULT", default="", help="The result that colours show; by default the first of those there are."
)
@click.option("--results", is_flag=True, help="How results are distributed, in place of the samples.")
@figure_option
@registry_option
def sweep(sweep: str, by: str, results: bool, output: Path, db: str) -> None:
    """Draw the samples of a sweep as lines across its parameters, coloured by a result."""
    from tmx.browse import of_samples
    from tmx.browse.alone import SweepAlone

    def draw(files: "Files") -> "Figure":
        alone = SweepAlone(files.registry, sweep)
        of_samples.require_result(alone, alone.sweep_id, by)
        return (of_samples.results if results else of_samples.design)(alone, [alone.sweep_id], by)

    _draw(db, output, draw)


@plot.command()
@click.argument("dataset", type=int, metavar="ID")
@figure_option
@registry_option
def dataset(dataset: int, output: Path, db: str) -> None:
    """Draw the samples of a dataset, by its id, in the space of their parameters, coloured by part."""
    from tmx.browse import of_samples

    _draw(db, output, lambda source: of_samples.splits(source, [dataset], ""))


def _draw(db: str, output: Path, draw: "Callable[[Files], Figure]") -> None:
    from tmx.browse.source import Files
    from tmx.figures import require_format, save_figure

    require_format(output)
    registry, store = opened(db)
    with registry:
        save_figure(draw(Files(registry, store)), output)
    click.echo(f"figure     {output}")


def _draw_runs(
    db: str, output: Path, runs: Sequence[str], draw: "Callable[[HasResults, list[int], list[str]], Figure]"
) -> None:
    """Draw runs that are all known by their ids, or else all by their files."""
    from tmx.browse.finding import LooseFiles
    from tmx.figures import require_format, save_figure

    if all(run.isdecimal() for run in runs):
        ids = [int(run) for run in runs]
        _draw(db, output, lambda source: draw(source, ids, [_stage_of(source, run) for run in ids]))
        return
    require_format(output)
    files = LooseFiles([Path(run) for run in runs])
    save_figure(draw(files, list(range(len(runs))), files.stages), output)
    click.echo(f"figure     {output}")


def _stage_of(source: "Files", run: int) -> str:
    from tmx.errors import NotFoundError
    from tmx.registry.sql import execute

    with source.read() as conn:
        stage = execute(conn, "SELECT stage FROM run WHERE id = :id", id=run).scalar()
    if stage is None:
        raise NotFoundError(f"{source.registry.address.shown} has no run {run}; the view `runs` lists them")
    return str(stage)


def _words(hours: Sequence[float]) -> str:
    return " ".join(f"{hour:g}" for hour in hours)
