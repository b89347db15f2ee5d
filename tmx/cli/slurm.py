"""`tmx slurm`: scripts for clusters that are run by SLURM."""

import shutil
import sys
from pathlib import Path

import click

from tmx.cli.names import SWEEP
from tmx.cli.options import DURATION, FILE, examples, registry_option
from tmx.errors import ConfigError

USUAL_ARRAY = 1001
"""Tasks of an array that SLURM allows unless a cluster says otherwise (MaxArraySize)."""


@click.group()
def slurm() -> None:
    """Write scripts for clusters that are run by SLURM."""


@slurm.command(
    epilog=examples(
        "tmx slurm write moon -o job.sh --tasks 16 --cpus-per-task 4 --time 4h --partition short",
    )
)
@click.argument("sweeps", type=SWEEP, metavar="[SWEEP]…", nargs=-1)
@click.option("--output", "-o", type=FILE, help="Where the script goes; by default to stdout.")
@click.option("--tasks", type=click.IntRange(min=1), help="Tasks of the array; 8, or with --single one per sample.")
@click.option("--at-once", type=click.IntRange(min=1), help="The most tasks that run at the same time.")
@click.option("--cpus-per-task", type=click.IntRange(min=1), default=1, show_default=True, help="Workers of a task.")
@click.option("--mem-per-cpu", default="2G", show_default=True, help="Memory of each worker.")
@click.option("--time", "time_limit", type=DURATION, default=3600.0, show_default="1h", help="Time limit of a task.")
@click.option(
    "--grace", type=DURATION, default=20.0, show_default="20s", help="As of `tmx work`; shorter than KillWait."
)
@click.option("--log-dir", type=FILE, default=Path("logs"), show_default=True, help="Where the tasks' output goes.")
@click.option("--partition", help="Partition that the tasks are sent to.")
@click.option("--account", help="Account that is charged.")
@click.option("--qos", help="Quality of service.")
@click.option("--single", is_flag=True, help="One sample for each task with `tmx single`, without a registry.")
@click.option("--config", "-c", type=FILE, help="With --single: the config file.")
@click.option("--batch-config", "-B", type=FILE, help="With --single: the sweep file.")
@click.option("--output-dir", type=FILE, default=Path("results"), show_default=True, help="With --single: for results.")
@registry_option
def write(
    sweeps: tuple[str, ...],
    output: Path | None,
    tasks: int | None,
    at_once: int | None,
    cpus_per_task: int,
    mem_per_cpu: str,
    time_limit: float,
    grace: float,
    log_dir: Path,
    partition: str | None,
    account: str | None,
    qos: str | None,
    single: bool,
    config: Path | None,
    batch_config: Path | None,
    output_dir: Path,
    db: str,
) -> None:
    """Write an sbatch script: an array of workers on one registry in PostgreSQL, of all sweeps or of those named.

    Tasks that are preempted or whose time is up hand back what they hold, and wait for their next turn.
    """
    from tmx.execution.slurm import Resources, single_script, worker_script
    from tmx.storage.atomic import write_atomically

    if single:
        samples = _samples(config, batch_config)
        tasks = min(tasks or samples, samples)
    elif config or batch_config:
        raise click.UsageError("--config and --batch-config are for --single; workers compute what was submitted")
    resources = Resources(
        tasks or 8, at_once, cpus_per_task, mem_per_cpu, time_limit, log_dir.resolve(), partition, account, qos
    )
    if single:
        assert config is not None and batch_config is not None  # noqa: S101, PT018 (for the type checker)
        text = single_script(resources, _tmx(), config.resolve(), batch_config.resolve(), output_dir.resolve())
    else:
        text = worker_script(resources, _tmx(), *_registry_and_store(db, sweeps), sweeps, grace)
    if output is None:
        click.echo(text, nl=False)
        return
    write_atomically(output, text.encode())
    log_dir.mkdir(parents=True, exist_ok=True)
    click.echo(f"{output}: {resources.tasks} tasks of {cpus_per_task}; read it, then `sbatch {output}`")
    if resources.tasks > USUAL_ARRAY:
        click.echo(f"warning: many clusters take no more than {USUAL_ARRAY} tasks; workers need fewer", err=True)


def _samples(config: Path | None, batch_config: Path | None) -> int:
    from tmx.config import load_config
    from tmx.sweeps import count_samples, load_sweep

    if config is None or batch_config is None:
        raise click.UsageError("--single needs --config and --batch-config")
    return count_samples(load_sweep(batch_config), load_config(config).config)


def _registry_and_store(db: str, sweeps: tuple[str, ...]) -> tuple[str, Path]:
    """Return the registry's URL without a password and the store root, and make sure that the sweeps are there."""
    from tmx.cli.options import opened
    from tmx.registry.address import Address
    from tmx.registry.control import sweep_id_of

    address = Address.parse(db)
    if address.path is not None:
        raise ConfigError(
            f"workers on several nodes cannot share the file {address.shown}:"
            " use PostgreSQL (TMX_DATABASE_URL=postgresql://user@host/tmx)"
        )
    registry, store = opened(db)
    with registry, registry.read() as conn:
        for sweep in sweeps:
            sweep_id_of(conn, sweep)
    url = address.url.set(drivername="postgresql", password=None)
    return url.render_as_string(hide_password=False), store


def _tmx() -> str:
    """Return the path of this command; that of the Python that runs it is the same on all nodes, or `PATH` is."""
    return shutil.which("tmx", path=str(Path(sys.executable).parent)) or "tmx"
