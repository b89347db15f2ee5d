"""`tmx dataset`: building datasets for machine learning."""

from pathlib import Path

import click

from tmx.cli.options import FILE, echo_warnings, opened, registry_option, shortest


@click.group()
def dataset() -> None:
    """Build datasets for machine learning."""


@dataset.command()
@click.option("--sweep", required=True, help="Name of the sweep.")
@click.option("--output", "-o", type=FILE, help="The file to write; by default ml_dataset.h5 with the sweep's results.")
@click.option("--train-fraction", type=float, default=0.8, show_default=True, help="Part for training.")
@click.option("--val-fraction", type=float, default=0.1, show_default=True, help="Part for validation.")
@click.option("--random-seed", type=int, default=42, show_default=True, help="Seed of the split.")
@registry_option
def build(
    sweep: str, output: Path | None, train_fraction: float, val_fraction: float, random_seed: int, db: str
) -> None:
    """Build the dataset of a sweep from what is done of it."""
    from tmx.datasets.builder import build_dataset
    from tmx.datasets.splits import SplitPolicy
    from tmx.registry.control import output_dir_of
    from tmx.storage.paths import dataset_path, in_store

    policy = SplitPolicy(train_fraction, val_fraction, random_seed)
    registry, store = opened(db)
    with registry:
        with registry.read() as conn:
            place = output_dir_of(conn, sweep)
        built = build_dataset(registry, store, sweep, output or dataset_path(in_store(place, store)), policy)
    parts = ", ".join(f"{size} {part}" for part, size in built.sizes.items())
    click.echo(f"dataset      {shortest(built.path)}: {parts}")
    click.echo(f"fingerprint  {built.fingerprint}")
    echo_warnings([f"{count} samples are left out: {reason}" for reason, count in built.excluded.items()])
    echo_warnings([f"the {part} part is empty" for part, size in built.sizes.items() if not size])
