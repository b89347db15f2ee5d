"""`tmx emulate`: models that stand in for simulations, learnt from a dataset."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tmx.cli.names import SETTING
from tmx.cli.options import (
    FILE,
    VariadicCommand,
    echo_json,
    echo_table,
    echo_warnings,
    examples,
    json_option,
    shortest,
)
from tmx.words import counted

if TYPE_CHECKING:
    from tmx.emulation.emulator import Emulator, Prediction
    from tmx.emulation.evaluation import Score

EMULATOR_FILE = "emulator.h5"

SCORES = ("output", "part", "samples", "RMS error", "largest", "spread", "unit", "in 1 bar", "in 2 bars")


@click.group()
def emulate() -> None:
    """Train models that stand in for simulations, and use them."""


model_option = click.option(
    "--model",
    type=click.Choice(["gp", "network"]),
    default="gp",
    show_default=True,
    help="Gaussian processes (4,000 samples at most) or small neural networks.",
)
outputs_option = click.option("--outputs", multiple=True, metavar="NAME…", help="Which outputs; by default all.")
seed_option = click.option("--seed", type=int, default=42, show_default=True, help="Seed of all random choices.")


@emulate.command(
    cls=VariadicCommand,
    epilog=examples(
        "tmx emulate train results/moon/ml_dataset.h5 --outputs T_surf emissivity",
    ),
)
@click.argument("dataset", type=FILE)
@click.option("--output", "-o", type=FILE, help=f"The file to write; by default {EMULATOR_FILE} beside the dataset.")
@outputs_option
@model_option
@click.option("--samples", type=click.IntRange(min=1), help="Only the first so many samples of the training part.")
@seed_option
@json_option
def train(
    dataset: Path,
    output: Path | None,
    outputs: tuple[str, ...],
    model: str,
    samples: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Train an emulator on a dataset, and say how good it is on the parts that it has not seen."""
    from tmx.datasets.reading import open_dataset
    from tmx.emulation.emulator import train as train_emulator
    from tmx.emulation.evaluation import UNSEEN, evaluate
    from tmx.emulation.files import save_emulator

    opened = open_dataset(dataset)
    made = train_emulator(opened, outputs or None, model=model, samples=samples, seed=seed)
    path = output or opened.path.parent / EMULATOR_FILE
    save_emulator(made, path)
    scores = evaluate(made, opened) if any(part in opened.splits for part in UNSEEN) else []
    if as_json:
        facts = {"emulator": path, "models": _titled(made), "samples": made.provenance["samples"]}
        echo_json({**facts, "scores": [_facts(score) for score in scores]})
        return
    click.echo(f"emulator   {shortest(path)}: {_titled(made)} on {counted(made.provenance['samples'], 'sample')}")
    if left := opened.splits["train"] - made.provenance["samples"]:
        click.echo(f"           {counted(left, 'sample')} of the training part not used")
    if scores:
        _echo_scores(scores)


@emulate.command()
@click.argument("emulator", type=FILE)
@click.option("--dataset", type=FILE, help="By default the one that it was trained on, beside the emulator.")
@click.option("--output", "-o", type=FILE, help="A figure of errors and error bars: .png, .pdf or .svg.")
@json_option
def evaluate(emulator: Path, dataset: Path | None, output: Path | None, as_json: bool) -> None:
    """Compare an emulator with simulations that it has not seen: the parts test and test_ood of a dataset."""
    from tmx.datasets.reading import open_dataset
    from tmx.emulation.evaluation import scores_of, unseen_errors
    from tmx.emulation.files import load_emulator
    from tmx.emulation.pictures import drawable_errors
    from tmx.figures import emulator_figure, require_format, save_figure

    if output:
        require_format(output)
    loaded = load_emulator(emulator)
    opened = open_dataset(dataset or emulator.parent / loaded.provenance["dataset"])
    if opened.fingerprint != loaded.provenance["dataset_fingerprint"]:
        echo_warnings([f"{opened.path} is not what {emulator} was trained on: it may have seen some of these samples"])
    unseen = list(unseen_errors(loaded, opened))
    scores = [score for errors in unseen for score in scores_of(errors)]
    if as_json:
        echo_json([_facts(score) for score in scores])
    else:
        _echo_scores(scores)
    if output:
        save_figure(emulator_figure(drawable_errors(unseen), f"{_titled(loaded)}, test part"), output)
        click.echo(f"figure     {output}", err=as_json)


@emulate.command(cls=VariadicCommand)
@click.argument("dataset", type=FILE)
@click.option(
    "--samples", "counts", type=click.IntRange(min=1), multiple=True, metavar="N…",
    help="Numbers of training samples; by default 125, 250, … up to all.",
)  # fmt: skip
@click.option("--output", "-o", type=FILE, help="A figure of the curve: .png, .pdf or .svg.")
@outputs_option
@model_option
@seed_option
@json_option
def curve(
    dataset: Path,
    counts: tuple[int, ...],
    output: Path | None,
    outputs: tuple[str, ...],
    model: str,
    seed: int,
    as_json: bool,
) -> None:
    """Show what more samples bring: the error of emulators that were trained on more and more of a dataset."""
    from tmx.datasets.reading import open_dataset
    from tmx.emulation.evaluation import doubled, learning_curve
    from tmx.emulation.pictures import drawable_curves
    from tmx.figures import curve_figure, require_format, save_figure

    if output:
        require_format(output)
    opened = open_dataset(dataset)
    learnt = learning_curve(opened, counts or doubled(opened), outputs or None, model=model, seed=seed)
    if as_json:
        echo_json([{"training_samples": count, **_facts(score)} for count, scores in learnt for score in scores])
    else:
        rows = [(count, *_row(score)) for count, scores in learnt for score in scores]
        echo_table(("trained on", *SCORES), rows)
    if output:
        curves, unit = drawable_curves(learnt)
        save_figure(curve_figure(curves, unit), output)
        click.echo(f"figure     {output}", err=as_json)


@emulate.command(
    cls=VariadicCommand,
    epilog=examples(
        'tmx emulate predict results/moon/emulator.h5 -p k_dust=0.005 latitude="30 deg"',
        "tmx emulate predict results/moon/emulator.h5 --points points.csv -o predicted.csv",
    ),
)
@click.argument("emulator", type=FILE)
@click.option("--params", "-p", type=SETTING, multiple=True, metavar="NAME=VALUE…", help="The inputs, as in a config.")
@click.option("--points", type=FILE, help="A CSV file with a column for each input, a line for each point.")
@click.option("--output", "-o", type=FILE, help="A CSV file to write; by default a table is shown.")
@outputs_option
@json_option
def predict(
    emulator: Path,
    params: tuple[str, ...],
    points: Path | None,
    output: Path | None,
    outputs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Predict outputs, with error bars, at a point or at many."""
    from tmx.emulation.files import load_emulator
    from tmx.storage.atomic import write_atomically
    from tmx.storage.tables import comma_separated

    loaded = load_emulator(emulator)
    if bool(params) == bool(points):
        raise click.UsageError("give one point with --params, or many with --points FILE.csv")
    wanted: list[Mapping[str, Any]] = _read_points(points) if points else [_point(params)]
    columns = loaded.columns(wanted)
    echo_warnings(loaded.space.outside(columns))
    predictions = loaded.predict(columns, outputs or None)
    if as_json:
        echo_json({name: {"mean": each.mean.tolist(), "std": each.std.tolist()} for name, each in predictions.items()})
        return
    header, rows = _long(loaded, predictions)
    if output:
        write_atomically(output, comma_separated(header, rows).encode())
        click.echo(f"predicted  {counted(len(columns), 'point')}: {output}")
    else:
        echo_table(header, rows)


def _titled(emulator: "Emulator") -> str:
    kinds = {output.model.title for output in emulator.outputs.values()}
    return f"{', '.join(sorted(kinds))} of {', '.join(emulator.outputs)}"


def _echo_scores(scores: "Sequence[Score]") -> None:
    echo_table(SCORES, [_row(score) for score in scores])


def _row(score: "Score") -> tuple[Any, ...]:
    numbers = (f"{value:.3g}" for value in (score.rmse, score.largest, score.spread))
    bars = (f"{100 * value:.0f} %" for value in (score.within_1, score.within_2))
    return (score.name, score.part, score.samples, *numbers, score.unit, *bars)


def _facts(score: "Score") -> dict[str, Any]:
    return {**vars(score), "coverage": score.coverage.tolist()}


def _point(params: Sequence[str]) -> dict[str, Any]:
    """Read a point: fields as in a config, with units; what is no field (a derived input) as a number."""
    from tmx.config import FIELDS, parse_override
    from tmx.errors import ConfigError

    point: dict[str, Any] = {}
    for text in params:
        name, _, value = (part.strip() for part in text.partition("="))
        if name in point:
            raise ConfigError(f"{name} is given twice")
        point[name] = parse_override(text)[1] if name in FIELDS else value
    return point


def _read_points(path: Path) -> list[Mapping[str, Any]]:
    from tmx.errors import ConfigError, NotFoundError

    if not path.exists():
        raise NotFoundError(f"{path}: no such file; --points needs a CSV file with a column for each input")
    with open(path, newline="", encoding="utf-8") as file:
        points: list[Mapping[str, Any]] = [
            _line(row, path, line) for line, row in enumerate(csv.DictReader(file), start=2)
        ]
    if not points:
        raise ConfigError(f"{path}: has no points; its first line names the inputs, each further one is a point")
    return points


def _line(row: dict[Any, Any], path: Path, line: int) -> dict[str, Any]:
    from tmx.errors import ConfigError

    if None in row or None in row.values():
        raise ConfigError(f"{path}:{line}: has another number of values than the first line has names")
    try:
        return _point([f"{name}={value}" for name, value in row.items()])
    except ConfigError as error:
        raise ConfigError(f"{path}:{line}: {error}") from None


def _long(
    emulator: "Emulator", predictions: "Mapping[str, Prediction]"
) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
    """Return predictions as rows: point, output, coordinates, mean, error bar and unit."""
    dims = tuple(dict.fromkeys(dim for name in predictions for dim in emulator.outputs[name].output.dims))
    return ("point", "output", *dims, "mean", "std", "unit"), _rows(emulator, predictions, dims)


def _rows(
    emulator: "Emulator", predictions: "Mapping[str, Prediction]", dims: tuple[str, ...]
) -> Iterator[tuple[Any, ...]]:
    import numpy as np

    for name, prediction in predictions.items():
        output = emulator.outputs[name].output
        units = [unit.strip() for unit in output.unit.split(",")]
        for index in np.ndindex(prediction.mean.shape):
            at = dict(zip(output.dims, index[1:], strict=True))
            places = (output.coords[dim].values[at[dim]].item() if dim in at else "" for dim in dims)
            unit = units[index[-1]] if len(units) > 1 else output.unit
            yield (index[0], name, *places, float(prediction.mean[index]), float(prediction.std[index]), unit)
