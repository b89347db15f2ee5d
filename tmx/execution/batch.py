"""A batch from beginning to end: submit, work, gather; and going on with it after whatever stopped it."""

import os
import time
from pathlib import Path

from tmx.config import LoadedConfig
from tmx.datasets.builder import build_dataset
from tmx.datasets.splits import SplitPolicy
from tmx.errors import ConfigError, StorageError
from tmx.execution.job import Job
from tmx.execution.kernels import compile_kernels
from tmx.execution.pool import Crew, run_workers
from tmx.execution.progress import count_runs, shown_progress
from tmx.execution.sharing import link_shared_files
from tmx.execution.submission import submit_sweep
from tmx.execution.summary import BatchResult, write_summary
from tmx.registry.control import output_dir_of, resume, sweep_id_of
from tmx.registry.engine import Registry
from tmx.registry.queries import count_inaccurate, failure_groups, outstanding
from tmx.storage.paths import dataset_path, existing, in_store, log_path
from tmx.sweeps import Sweep


def run_batch(
    registry: Registry,
    store: Path,
    base: LoadedConfig,
    sweep: Sweep,
    output_dir: Path,
    *,
    crew: Crew,
    name: str | None = None,
    most: int | None = None,
    priority: int | None = None,
    extend: bool = False,
    policy: SplitPolicy | None = None,
) -> BatchResult:
    """Submit a sweep, compute what is missing of it, and build its dataset if a policy is given.

    Raises
    ------
    ConfigError
        If the output directory cannot be written to, or the sweep cannot be registered.
    """
    require_writable(output_dir)
    submit_sweep(registry, store, base, sweep, output_dir, name=name, most=most, priority=priority, extend=extend)
    return continue_batch(registry, store, name or output_dir.resolve().name, crew=crew, policy=policy)


def continue_batch(
    registry: Registry, store: Path, sweep: str, *, crew: Crew, policy: SplitPolicy | None = None
) -> BatchResult:
    """Compute what is missing of a submitted sweep, paused or interrupted as it may be.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    """
    with registry.read() as conn:
        sweep_id = sweep_id_of(conn, sweep)
        output_dir = in_store(output_dir_of(conn, sweep), store)
    require_writable(output_dir)
    crew.check(registry)
    resume(registry, sweep_id)
    if registry.consult(lambda conn: outstanding(conn, [sweep_id])):
        compile_kernels(registry, [sweep_id])
    before = time.monotonic()
    with shown_progress(registry, [sweep], log_path(output_dir, "batch")):
        tally = run_workers(Job(registry, store, (sweep_id,)), crew)
    seconds = time.monotonic() - before
    warning = link_shared_files(registry, store, sweep_id)
    dataset, problem = None, None
    if policy is not None and not tally.interrupted:
        try:
            dataset = build_dataset(registry, store, sweep, dataset_path(output_dir), policy)
        except (ConfigError, StorageError) as error:
            problem = str(error)
    inaccurate, failures = registry.consult(
        lambda conn: (count_inaccurate(conn, sweep_id), failure_groups(conn, sweep_id))
    )
    counts = count_runs(registry, [sweep])
    result = BatchResult(sweep, output_dir, counts, tally, seconds, inaccurate, failures, dataset, problem, warning)
    write_summary(registry, store, sweep_id, result)
    return result


def require_writable(directory: Path) -> None:
    """Make sure that files can be written to a directory, or to the one that it will be made in; make nothing yet.

    Raises
    ------
    ConfigError
        If not.
    """
    try:
        probe = existing(directory) / f".writable.{os.getpid()}.tmp"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(f"output directory {directory}: cannot be written to: {error.strerror}") from error
