"""What runs workers, through joblib: processes or threads of this machine, or clusters of dask and ray.

`site` prepares a backend and cleans up after it; the loop over workers is in `pool`.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tmx.errors import MissingPackageError, NotFoundError
from tmx.execution.stopping import end_with

CONNECT_S = 15.0
"""How long a scheduler may take to answer."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

AS_THEY_END = {"return_as": "generator_unordered"}
"""Has joblib give what workers did when each ends, not when all have."""


@dataclass(frozen=True)
class Site:
    """A backend that is ready: for how many workers, the errors that tell of the death of one, and its own wishes."""

    workers: int
    deaths: tuple[type[BaseException], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def default_workers() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def is_elsewhere(scheduler: str | None) -> bool:
    """Tell whether a scheduler may give work to other machines."""
    return scheduler is not None and urlsplit(scheduler).hostname not in LOOPBACK


def site(backend: str, workers: int | None, scheduler: str | None) -> AbstractContextManager[Site]:
    """Prepare a backend of joblib, for the block that follows.

    Parameters
    ----------
    backend : str
        One of `BACKENDS`.
    workers : int, optional
        How many; by default as many as there are processors.
    scheduler : str, optional
        Address of a cluster that is already there.

    Raises
    ------
    MissingPackageError
        If a package is missing.
    NotFoundError
        If the scheduler does not answer.
    """
    return BACKENDS[backend](workers, scheduler)


@contextmanager
def _processes(workers: int | None, _scheduler: str | None) -> Iterator[Site]:
    from joblib import parallel_config
    from joblib.externals.loky.process_executor import BrokenProcessPool

    options = {**AS_THEY_END, "initializer": end_with, "initargs": (os.getpid(),)}
    with parallel_config(backend="loky", inner_max_num_threads=1):
        yield Site(workers or default_workers(), (BrokenProcessPool,), options)


@contextmanager
def _threads(workers: int | None, _scheduler: str | None) -> Iterator[Site]:
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), parallel_config(backend="threading"):
        yield Site(workers or default_workers(), options=AS_THEY_END)


@contextmanager
def _dask(workers: int | None, scheduler: str | None) -> Iterator[Site]:
    try:
        from distributed import Client, KilledWorker, LocalCluster
    except ImportError:
        raise MissingPackageError("--backend dask", "dask") from None
    from joblib import parallel_config

    if scheduler:
        client = _answer_of(scheduler, lambda: Client(scheduler, timeout=CONNECT_S))
    else:
        client = Client(
            LocalCluster(n_workers=workers or default_workers(), threads_per_worker=1, dashboard_address=None)
        )
    with client, parallel_config(backend="dask"):
        slots = sum(client.nthreads().values())
        if not slots:
            raise NotFoundError(f"{scheduler} has no workers: start some with `dask worker {scheduler}`")
        yield Site(min(workers or slots, slots), (KilledWorker,))
        if scheduler is None:
            client.cluster.close()


@contextmanager
def _ray(workers: int | None, scheduler: str | None) -> Iterator[Site]:
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError:
        raise MissingPackageError("--backend ray", "ray") from None
    from joblib import parallel_config

    register_ray()
    cpus = None if scheduler else workers or default_workers()
    quiet = {"log_to_driver": True, "include_dashboard": False, "configure_logging": False}
    _answer_of(scheduler or "ray", lambda: ray.init(address=scheduler or "local", num_cpus=cpus, **quiet))
    try:
        slots = int(ray.cluster_resources().get("CPU", 1))
        with parallel_config(backend="ray"):
            yield Site(min(workers or slots, slots), (ray.exceptions.RayError,))
    finally:
        ray.shutdown()


def _answer_of(scheduler: str, connect: Callable[[], Any]) -> Any:
    try:
        return connect()
    except (OSError, ValueError, TimeoutError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise NotFoundError(f"the scheduler {scheduler} cannot be reached: {reason}") from error


BACKENDS = {"loky": _processes, "threading": _threads, "dask": _dask, "ray": _ray}
