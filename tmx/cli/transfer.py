"""`tmx export` and `import`: a sweep as a folder, from one registry to another; or its samples as one table."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from tmx.cli.names import SWEEP
from tmx.cli.options import (
    FILE,
    echo_outcome,
    examples,
    json_option,
    opened,
    registry_option,
    shortest,
)
from tmx.words import counted, size_of


@click.command(
    epilog=examples(
        "tmx export moon moon_export",
        "tmx export moon samples.parquet --parquet",
    )
)
@click.argument("sweep", type=SWEEP)
@click.argument("directory", metavar="DIR", type=FILE)
@click.option("--copy", is_flag=True, help="Copy the files; by default they are hard links where these can be made.")
@click.option("--csv", "form", flag_value="csv", help="Write the table of samples to a CSV file instead.")
@click.option("--parquet", "form", flag_value="parquet", help="Write the table of samples to a Parquet file instead.")
@json_option
@registry_option
def export(sweep: str, directory: Path, copy: bool, form: str | None, as_json: bool, db: str) -> None:
    """Write a sweep as a folder, rows, results and datasets, that `tmx import` takes into another registry.

    What is not finished is exported as still to be computed. With --csv or --parquet, DIR is a file: a row for each
    sample, with its parameters, results and paths of files.
    """
    from tmx.maintenance.exporting import export_sweep
    from tmx.maintenance.tables import write_samples

    registry, store = opened(db)
    if form:
        with registry:
            count = write_samples(registry, sweep, directory, form)
        facts: dict[str, Any] = {"sweep": sweep, "file": directory, "samples": count}
        echo_outcome(as_json, facts, f"sweep {sweep}: {counted(count, 'sample')} in {shortest(directory)}")
        return
    with registry:
        manifest = export_sweep(registry, store, sweep, directory, copy=copy)
    names = ("runs", "done", "files", "bytes")
    echo_outcome(
        as_json,
        {"sweep": sweep, "directory": directory, **{name: getattr(manifest, name) for name in names}},
        f"sweep {sweep}: {manifest.done} of {counted(manifest.runs, 'run')} done, {counted(manifest.files, 'file')}"
        f" ({size_of(manifest.bytes)}) in {shortest(directory)}; `tmx import` takes it in elsewhere",
    )


@click.command("import")
@click.argument("directory", metavar="DIR", type=FILE)
@click.option("--name", help="Name of the sweep here; by default as it was exported.")
@click.option("--output-dir", "-o", type=FILE, help="Where its files go; by default as it was, below the store root.")
@json_option
@registry_option
def take_in(directory: Path, name: str | None, output_dir: Path | None, as_json: bool, db: str) -> None:
    """Take an exported sweep into the registry, which is made if there is none.

    All of it is checked first. Runs that are done here are used as they are; to import again changes nothing.
    """
    from tmx.maintenance.exported import read_export
    from tmx.maintenance.importing import import_sweep

    registry, store = opened(db, create=True, before_making=lambda: read_export(directory))
    with registry:
        done = import_sweep(registry, store, directory, name=name, output_dir=output_dir)
    lines = [
        f"sweep {done.sweep}: {counted(done.samples, 'new sample')}, {counted(done.runs, 'result')} taken in,"
        f" {done.known} known before, {counted(done.datasets, 'dataset')}; files in {shortest(done.output_dir)}"
    ]
    if done.left:
        lines.append(f"{counted(done.left, 'run')} not done; `tmx resume {done.sweep}` computes what is left")
    echo_outcome(as_json, asdict(done), *lines)
