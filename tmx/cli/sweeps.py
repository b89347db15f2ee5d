"""`tmx batch`, `submit`, `work` and `resume`: from two files to results."""

import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tmx.cli.names import SWEEP
from tmx.cli.options import (
    FILE,
    crew_options,
    echo_json,
    echo_outcome,
    echo_warnings,
    examples,
    json_option,
    opened,
    registry_option,
    shortest,
)

if TYPE_CHECKING:
    from tmx.datasets.builder import BuiltDataset
    from tmx.datasets.splits import SplitPolicy
    from tmx.execution.job import Tally
    from tmx.execution.pool import Crew
    from tmx.execution.summary import BatchResult

Command = TypeVar("Command", bound=Callable[..., Any])

EXIT_SOME_FAILED = 1
EXIT_INTERRUPTED = 130


def _sweep_options(command: Command) -> Command:
    for option in (
        click.option(
            "--extend", is_flag=True, help="Add the samples that the file has beyond those of the registered sweep."
        ),
        click.option("--priority", type=int, help="When it is computed: small numbers first; 0 by default."),
        click.option("--max-runs", "-n", type=click.IntRange(min=1), help="Only the first so many samples."),
        click.option("--name", help="Name of the sweep; by default that of the output directory."),
        click.option("--output-dir", "-o", type=FILE, required=True, help="Where the files go."),
        click.option("--batch-config", "-B", type=FILE, required=True, help="The sweep file."),
        click.option("--base-config", "-b", type=FILE, required=True, help="The config file."),
    ):
        command = option(command)
    return command


def _dataset_options(command: Command) -> Command:
    for option in (
        click.option("--random-seed", type=int, default=42, show_default=True, help="Seed of the split."),
        click.option(
            "--val-fraction",
            type=float,
            default=0.1,
            show_default=True,
            help="Part of the samples for validation; what is left is for the test.",
        ),
        click.option(
            "--train-fraction", type=float, default=0.8, show_default=True, help="Part of the samples for training."
        ),
        click.option("--create-dataset", is_flag=True, help="Build ml_dataset.h5 at the end."),
    ):
        command = option(command)
    return command


@click.command(
    epilog=examples(
        "tmx batch -b moon.yaml -B sweep.yaml -o results/moon --create-dataset",
        "tmx batch -b moon.yaml -B sweep.yaml -o results/moon --extend --workers 4",
    )
)
@_sweep_options
@crew_options
@_dataset_options
@json_option
@registry_option
def batch(
    base_config: Path,
    batch_config: Path,
    output_dir: Path,
    name: str | None,
    max_runs: int | None,
    priority: int | None,
    extend: bool,
    crew: "Crew",
    create_dataset: bool,
    train_fraction: float,
    val_fraction: float,
    random_seed: int,
    as_json: bool,
    db: str,
) -> None:
    """Submit a sweep, compute it, and build its dataset. Running it again computes only what is missing."""
    from tmx.config import load_config
    from tmx.execution.batch import require_writable, run_batch
    from tmx.execution.submission import require_samples
    from tmx.sweeps import load_sweep, sweep_warnings

    policy = _policy(create_dataset, train_fraction, val_fraction, random_seed)
    base, sweep = load_config(base_config), load_sweep(batch_config)
    echo_warnings((*base.warnings, *sweep_warnings(base.config, sweep)))
    require_writable(output_dir)
    registry, store = opened(db, create=not extend, before_making=lambda: require_samples(base, sweep, max_runs))
    with registry:
        result = run_batch(
            registry,
            store,
            base,
            sweep,
            output_dir,
            crew=crew,
            name=name,
            most=max_runs,
            priority=priority,
            extend=extend,
            policy=policy,
        )
    if as_json:
        echo_json(_facts(result))
    _end([result], as_json)


@click.command()
@_sweep_options
@json_option
@registry_option
def submit(
    base_config: Path,
    batch_config: Path,
    output_dir: Path,
    name: str | None,
    max_runs: int | None,
    priority: int | None,
    extend: bool,
    as_json: bool,
    db: str,
) -> None:
    """Register a sweep without computing it."""
    from tmx.config import load_config
    from tmx.execution.batch import require_writable
    from tmx.execution.submission import require_samples, submit_sweep
    from tmx.sweeps import load_sweep, sweep_warnings

    base, sweep = load_config(base_config), load_sweep(batch_config)
    echo_warnings((*base.warnings, *sweep_warnings(base.config, sweep)))
    require_writable(output_dir)
    registry, store = opened(db, create=not extend, before_making=lambda: require_samples(base, sweep, max_runs))
    with registry:
        done = submit_sweep(
            registry, store, base, sweep, output_dir, name=name, most=max_runs, priority=priority, extend=extend
        )
    known_as = name or output_dir.resolve().name
    echo_outcome(
        as_json,
        {"sweep": known_as, **asdict(done)},
        f"sweep {known_as}: {done.new_samples} new samples, {done.new_runs} new runs,"
        f" {done.reused} already computed, {done.shared} shared with other sweeps; `tmx work` computes them",
    )


@click.command(
    epilog=examples(
        "tmx work",
        "tmx work moon --workers 8 --max-time 3h30m",
        "tmx work --backend dask --scheduler tcp://head:8786",
    )
)
@click.argument("sweeps", type=SWEEP, metavar="[SWEEP]…", nargs=-1)
@crew_options
@click.option("--wait", is_flag=True, help="When nothing is left, wait for sweeps that are submitted later.")
@json_option
@registry_option
def work(sweeps: tuple[str, ...], crew: "Crew", wait: bool, as_json: bool, db: str) -> None:
    """Compute registered runs until nothing is left. Of all sweeps, or of those named.

    After a SIGTERM it ends with exit code 0: what it held is done or handed back.
    """
    from tmx.execution.job import Job
    from tmx.execution.pool import run_workers
    from tmx.execution.progress import count_runs, shown_progress
    from tmx.execution.sharing import link_shared_files
    from tmx.registry.control import sweep_id_of
    from tmx.registry.queries import outstanding, sweep_overview

    registry, store = opened(db)
    with registry:
        with registry.read() as conn:
            known = {row["sweep"]: row["sweep_id"] for row in sweep_overview(conn)}
            ids = [sweep_id_of(conn, name) for name in sweeps] or list(known.values())
            left = outstanding(conn, ids)
        job = Job(registry, store, tuple(ids) if sweeps else None, wait=wait)
        crew = replace(crew, exit_code=0)
        crew.check(registry)
        if left:
            from tmx.execution.kernels import compile_kernels

            compile_kernels(registry, job.sweep_ids)
        with shown_progress(registry, list(sweeps) or None, None):
            tally = run_workers(job, crew)
        warnings = [link_shared_files(registry, store, sweep_id) for sweep_id in ids]
        counts = count_runs(registry, list(sweeps) or None)
    echo_warnings(filter(None, warnings))
    retried = f", {tally.retried} tried again" if tally.retried else ""
    facts = {**asdict(tally), "left": counts.left}
    echo_outcome(as_json, facts, f"{tally.done} runs done, {tally.failed} failed{retried}")
    if tally.interrupted:
        click.echo(f"{_why_interrupted(tally)}: {counts.left} runs are left; `tmx work` goes on", err=True)
    if tally.interrupted and not tally.terminated:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(EXIT_SOME_FAILED if tally.failed else 0)


def _why_interrupted(tally: "Tally") -> str:
    return "no time for another run" if tally.out_of_time else "interrupted"


@click.command()
@click.argument("sweep", type=SWEEP, required=False)
@crew_options
@_dataset_options
@json_option
@registry_option
def resume(
    sweep: str | None,
    crew: "Crew",
    create_dataset: bool,
    train_fraction: float,
    val_fraction: float,
    random_seed: int,
    as_json: bool,
    db: str,
) -> None:
    """Go on with what was interrupted, paused or cancelled. By default with every active sweep that is unfinished."""
    from tmx.execution.batch import continue_batch
    from tmx.execution.worker import reap_dead_workers
    from tmx.registry.queries import unfinished_sweeps

    policy = _policy(create_dataset, train_fraction, val_fraction, random_seed)
    registry, store = opened(db)
    with registry:
        reap_dead_workers(registry)
        with registry.read() as conn:
            names = [sweep] if sweep else unfinished_sweeps(conn)
        if not names:
            click.echo("nothing is left to do; `tmx status` shows the sweeps", err=as_json)
        results: list[BatchResult] = []
        for name in names:
            results.append(continue_batch(registry, store, name, crew=crew, policy=policy))
            if results[-1].tally.interrupted:
                break
    if as_json:
        echo_json([_facts(result) for result in results])
    _end(results, as_json)


def _facts(result: "BatchResult") -> dict[str, Any]:
    from tmx.cli.datasets import dataset_facts
    from tmx.execution.summary import statistics

    return {
        "sweep": result.sweep,
        "output_dir": result.output_dir,
        **statistics(result),
        "computed": result.tally.done,
        "seconds": result.seconds,
        "interrupted": result.tally.interrupted,
        "failures": result.failures,
        "dataset": dataset_facts(result.dataset) if result.dataset else None,
        "dataset_problem": result.dataset_problem,
    }


def _policy(create: bool, train: float, val: float, seed: int) -> "SplitPolicy | None":
    from tmx.datasets.splits import SplitPolicy

    policy = SplitPolicy(train, val, seed)
    return policy if create else None


def _end(results: "list[BatchResult]", as_json: bool) -> None:
    """Say what became of batches, unless it was said as JSON, and end with the exit code that says it too."""
    for result in results:
        if not as_json:
            _report_one(result)
        _report_problems(result)
    if any(result.tally.interrupted for result in results):
        sys.exit(EXIT_INTERRUPTED)
    if any(result.counts.failed or result.dataset_problem for result in results):
        sys.exit(EXIT_SOME_FAILED)


def _report_one(result: "BatchResult") -> None:
    counts = result.counts
    reused = f" ({counts.reused} of them computed for other sweeps)" if counts.reused else ""
    click.echo(f"sweep      {result.sweep}: {counts.done} of {counts.total} runs done{reused}, {counts.failed} failed")
    click.echo(f"computed   {result.tally.done} runs in {result.seconds:.1f} s")
    click.echo(f"results    {shortest(result.output_dir)}")
    if result.dataset:
        _report_dataset(result.dataset)


def _report_problems(result: "BatchResult") -> None:
    echo_warnings([result.warning] if result.warning else [])
    if result.inaccurate:
        echo_warnings([f"{result.inaccurate} samples do not meet their accuracy, and are left out of datasets"])
    for group in result.failures:
        click.echo(
            f"failed     {group['runs']} {group['stage']} run{'' if group['runs'] == 1 else 's'}:"
            f" {group['error_type']}: {group['message']}; see `tmx show run {group['example']}`",
            err=True,
        )
    if result.dataset:
        echo_warnings(result.dataset.warnings)
    if result.dataset_problem:
        click.echo(f"no dataset: {result.dataset_problem}", err=True)
    if result.tally.interrupted:
        left = f"{result.counts.left} runs are left; `tmx resume {result.sweep}` goes on"
        click.echo(f"{_why_interrupted(result.tally)}: {left}", err=True)


def _report_dataset(built: "BuiltDataset") -> None:
    parts = ", ".join(f"{size} {part}" for part, size in built.sizes.items())
    left_out = ", ".join(f"{count} {reason}" for reason, count in built.excluded.items())
    click.echo(f"dataset    {shortest(built.path)}: {parts}{f'; left out: {left_out}' if left_out else ''}")
