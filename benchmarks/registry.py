"""What the queue costs: a claim and its end as the registry grows, on both databases, and many workers at once."""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.manager import scratch_directory
from benchmarks.noop import NUMBERS, Noted, work_on_nothing
from benchmarks.postgres import postgres_server
from benchmarks.rows import Row, attempted, duration
from tmx.execution.job import Job
from tmx.registry import queue
from tmx.registry.engine import Registry, open_registry
from tmx.registry.sql import POSTGRESQL, SQLITE, execute
from tmx.registry.submission import REFRESH_STATISTICS, ConfigRow, SweepRow, submit
from tmx.registry.workers import Process, register_worker

NewRegistry = Callable[[], Registry]

WORKERS = {"SQLite": (1, 2, 8), "PostgreSQL": (1, 2, 8, 100, 200)}


def run(largest: int = 1_000_000) -> Iterator[Row]:
    """Yield what the queue costs on SQLite and on PostgreSQL."""
    with scratch_directory() as directory:
        yield from _measure("SQLite", lambda: _sqlite(directory), largest)
        yield from attempted("PostgreSQL", partial(_on_postgres, directory, largest))


def _on_postgres(directory: Path, largest: int) -> Iterator[Row]:
    with postgres_server(directory) as server:
        yield from _measure("PostgreSQL", lambda: open_registry(server.new_database(), create=True), largest)


def _measure(name: str, new: NewRegistry, largest: int) -> Iterator[Row]:
    for samples in (1_000, largest):
        yield _claims(name, new, samples)
    for limit in (1, 20):
        yield _batches(name, new, limit)
    for workers in WORKERS[name]:
        yield _crowd(name, new, workers)


def _sqlite(directory: Path) -> Registry:
    return open_registry(directory / f"{time.monotonic_ns()}.db", create=True)


def _claims(name: str, new: NewRegistry, samples: int) -> Row:
    with _filled(new, samples) as registry:
        worker_id = register_worker(registry, Process("bench", "here", 1, "none"), {})
        claimed, finished = [], []
        for _ in range(300):
            before = time.perf_counter()
            (claim,) = queue.claim(registry, queue.Ask(worker_id, queue.new_token()))
            between = time.perf_counter()
            queue.finish(registry, claim, queue.Result(numbers=NUMBERS), lambda: None)
            finished.append(time.perf_counter() - between)
            claimed.append(between - before)
    medians = [statistics.median(times) for times in (claimed, finished)]
    both = sorted(one + other for one, other in zip(claimed, finished, strict=True))
    return Row(
        f"{name}: claim and finish, a transaction for each, {samples:,} runs waiting",
        statistics.median(both),
        "claim {}, finish {};".format(*map(duration, medians))
        + f" both in 95 % below {duration(both[int(0.95 * len(both))])}",
    )


def _batches(name: str, new: NewRegistry, limit: int, runs: int = 1_000) -> Row:
    """Claim and finish runs as a worker does, but compute nothing."""
    with _filled(new, 20_000) as registry:
        worker_id = register_worker(registry, Process("bench", "here", 1, "none"), {})
        before = time.perf_counter()
        held = queue.claim(registry, queue.Ask(worker_id, queue.new_token(), limit))
        for _ in range(runs):
            claim, *held = held
            following = held[0] if held else queue.Ask(worker_id, queue.new_token(), limit)
            begun = queue.finish(registry, claim, queue.Result(numbers=NUMBERS), lambda: None, following)
            held = held or begun
        seconds = (time.perf_counter() - before) / runs
    return Row(f"{name}: finish and claim the next in one transaction, {limit} at once", seconds, "per run")


def _crowd(name: str, new: NewRegistry, workers: int) -> Row:
    runs = 2_000 if workers == 1 else 4_000
    with _filled(new, runs) as registry, scratch_directory() as directory:
        job, file = Job(registry, directory), directory / "noted"
        fork = multiprocessing.get_context("fork")
        processes = [fork.Process(target=_be_worker, args=(job, file)) for _ in range(workers)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        noted = Noted.read(file)
        died = sum(process.exitcode != 0 for process in processes)
        with registry.read() as conn:
            done = execute(conn, "SELECT COUNT(*) FROM attempt WHERE outcome = 'done'").scalar()
            other = execute(conn, "SELECT COUNT(*) FROM attempt WHERE outcome <> 'done'").scalar()
    return Row(
        f"{name}: {workers} worker{'s' * (workers > 1)}, whose runs are nothing",
        1e-3 * noted.ms_per_run,
        f"per run; of {noted.runs} runs {done} recorded, {noted.again} computed twice, {other} attempts handed back,"
        f" {died} workers gave up",
    )


def _be_worker(job: Job, file: Path) -> None:
    work_on_nothing(job, file)


@contextmanager
def _filled(new: NewRegistry, samples: int) -> Iterator[Registry]:
    """Make a registry with runs that wait, by a statement of its own: submitting a million samples takes a minute."""
    config = ConfigRow("bench", "", "", "{}")
    sweep = SweepRow("bench", "", "0" * 64, "full_factorial", 42, "results/bench")
    with new() as registry:
        sweep_id = submit(registry, config, sweep, []).sweep_id
        key = "printf('%064x', i)" if registry.dialect == SQLITE else "lpad(CAST(i AS TEXT), 64, '0')"
        with registry.write() as conn:
            execute(
                conn,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :samples)"
                " INSERT INTO run (stage, key, sweep_id, params, state)"
                f" SELECT 'thermal', {key}, :sweep_id, '{{}}', 'pending' FROM n",
                samples=samples,
                sweep_id=sweep_id,
            )
            if registry.dialect == POSTGRESQL:
                execute(conn, REFRESH_STATISTICS)
        registry.close()  # what was filled is forked into the workers
        yield registry
