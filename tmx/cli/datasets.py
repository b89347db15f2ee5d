"""`tmx dataset`: building datasets for machine learning."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tmx.cli.names import SWEEP
from tmx.cli.options import (
    FILE,
    SIZE,
    VariadicCommand,
    echo_json,
    echo_outcome,
    echo_table,
    echo_warnings,
    examples,
    json_option,
    opened,
    registry_option,
    shortest,
)
from tmx.words import counted

if TYPE_CHECKING:
    from tmx.datasets.builder import BuiltDataset
    from tmx.datasets.query import Query


@click.group()
def dataset() -> None:
    """Build datasets for machine learning, and look at them."""


@dataset.command(
    cls=VariadicCommand,
    epilog=examples(
        "tmx dataset build --sweep moon",
        "tmx dataset build --sweep moon --inputs thermal_inertia latitude --outputs T_surf emissivity --max-error 0.1",
        'tmx dataset build --sweep moon -o moon_spectra --split extrapolation --hold-out "latitude > 1.0"',
    ),
)
@click.option("--sweep", type=SWEEP, required=True, help="Name of the sweep.")
@click.option(
    "--output",
    "-o",
    type=FILE,
    help="A file that ends in .h5, by default ml_dataset.h5 with the sweep's results; or a directory of versions, in"
    " shards.",
)
@click.option("--where", help="Only samples that meet this, such as \"latitude < 0.5 and bottom_bc = 'neumann'\".")
@click.option(
    "--inputs",
    multiple=True,
    help="Fields, thermal_inertia, skin_depth, theta, … or name=expression; by default what was swept.",
)
@click.option("--outputs", multiple=True, help="Names of outputs; by default the usual ones that the samples have.")
@click.option("--max-error", type=float, help="Leave out runs whose temperatures are less certain than this [K].")
@click.option(
    "--max-energy-residual",
    type=float,
    default=1e-2,
    show_default=True,
    help="Leave out runs whose energy in a day is off by more than this part of it.",
)
@click.option(
    "--split",
    type=click.Choice(["random", "grouped", "stratified", "extrapolation"]),
    default="random",
    show_default=True,
    help="How samples are divided.",
)
@click.option("--by", multiple=True, help="The parameters that make groups or strata.")
@click.option("--hold-out", multiple=True, help='A region of parameters for the part test_ood: "latitude > 1.0".')
@click.option("--val-sweep", type=SWEEP, help="Another sweep, whose samples are the validation part.")
@click.option("--test-sweep", type=SWEEP, help="Another sweep, whose samples are the test part.")
@click.option("--train-fraction", type=float, default=0.8, show_default=True, help="Part of the samples for training.")
@click.option(
    "--val-fraction",
    type=float,
    default=0.1,
    show_default=True,
    help="Part of the samples for validation; what is left is for the test.",
)
@click.option("--random-seed", type=int, default=42, show_default=True, help="Seed of the split.")
@click.option("--allow-empty", is_flag=True, help="Build also if the validation or test part has no samples.")
@click.option("--version", default="1.0.0", show_default=True, help="The version in a directory of versions.")
@click.option("--shard-size", type=SIZE, default="512MB", show_default=True, help="Size of a shard before packing.")
@click.option("--license", default="unknown", show_default=True, help="Licence for the card: CC-BY-4.0, ….")
@json_option
@registry_option
def build(
    sweep: str, output: Path | None, version: str, shard_size: int, as_json: bool, db: str, **options: Any
) -> None:
    """Build the dataset of a sweep from what is done of it."""
    from tmx.datasets.builder import build_dataset
    from tmx.datasets.destination import Destination
    from tmx.registry.control import output_dir_of
    from tmx.storage.paths import dataset_path, in_store

    query = _query(options)
    registry, store = opened(db)
    with registry:
        with registry.read() as conn:
            place = output_dir_of(conn, sweep)
        target = Destination(output or dataset_path(in_store(place, store)), version, shard_size)
        built = build_dataset(registry, store, sweep, target, query)
    parts = ", ".join(f"{size} {part}" for part, size in built.sizes.items())
    lines = f"dataset      {shortest(built.path)}: {parts}", f"fingerprint  {built.fingerprint}"
    echo_outcome(as_json, dataset_facts(built), *lines)
    echo_warnings([f"{counted(count, 'sample')} left out: {reason}" for reason, count in built.excluded.items()])
    echo_warnings(built.warnings)


def dataset_facts(built: "BuiltDataset") -> dict[str, Any]:
    """Return what scripts want to know of a dataset that was built."""
    return {
        "path": built.path,
        "fingerprint": built.fingerprint,
        "parts": built.sizes,
        "left_out": built.excluded,
        "warnings": built.warnings,
    }


@dataset.command("outputs")
@json_option
def list_outputs(as_json: bool) -> None:
    """List the outputs that a dataset can hold."""
    from tmx.datasets.outputs import KINDS, USUAL

    if as_json:
        echo_json(
            {
                kind.name: {"unit": kind.unit, "axes": kind.dims, "usual": kind.name in USUAL, "meaning": kind.meaning}
                for kind in KINDS.values()
            }
        )
        return
    rows = [
        (kind.name, kind.unit, " ".join(kind.dims), "usual" if kind.name in USUAL else "", kind.meaning)
        for kind in KINDS.values()
    ]
    echo_table(["output", "unit", "axes", "", "meaning"], rows)


@dataset.command("show")
@click.argument("path", type=FILE, metavar="FILE")
@json_option
def show_dataset(path: Path, as_json: bool) -> None:
    """Show what is in a dataset: its parts, inputs and outputs, with units."""
    import numpy as np

    from tmx.datasets.reading import open_dataset

    with open_dataset(path) as opened:
        values = np.concatenate([opened.read(part) for part in opened.splits])
        low, high = values.min(axis=0), values.max(axis=0)
        columns = opened.inputs
        inputs = [
            {"name": name, "unit": unit, "least": least, "most": most, "meaning": meaning}
            for name, unit, least, most, meaning in zip(
                columns.names, columns.units, low.tolist(), high.tolist(), columns.meanings, strict=True
            )
        ]
        outputs = [
            {"name": one.name, "unit": one.unit, "axes": one.dims, "shape": one.shape, "meaning": one.meaning}
            for one in opened.outputs.values()
        ]
        parts, fingerprint = opened.splits, opened.fingerprint
    if as_json:
        echo_json({"parts": parts, "fingerprint": fingerprint, "inputs": inputs, "outputs": outputs})
        return
    click.echo(f"parts        {', '.join(f'{size} {part}' for part, size in parts.items())}")
    click.echo(f"fingerprint  {fingerprint}\n")
    echo_table(["input", "unit", "least", "most", "meaning"], [list(one.values()) for one in inputs])
    click.echo()
    rows = [
        (
            one["name"],
            one["unit"],
            " x ".join(map(str, one["axes"])),
            " x ".join(map(str, one["shape"])),
            one["meaning"],
        )
        for one in outputs
    ]
    echo_table(["output", "unit", "of a sample", "shape", "meaning"], rows)


def _query(options: dict[str, Any]) -> "Query":
    from tmx.datasets.filters import Filters
    from tmx.datasets.query import Query
    from tmx.datasets.splits import SplitPolicy

    of_filters = ("where", "max_error", "max_energy_residual")
    of_policy = ("train_fraction", "val_fraction", "random_seed", "split", "by", "hold_out")
    return Query(
        filters=Filters(*(options.pop(name) for name in of_filters)),
        policy=SplitPolicy(*(options.pop(name) for name in of_policy)),
        **options,
    )
