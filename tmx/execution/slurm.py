"""Scripts for SLURM: an array of workers on one registry, or an array of single simulations."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tmx import __version__
from tmx.errors import ConfigError

HEAD_START_S = 40.0
"""How long before its time limit, besides the grace period, a task is told, should it still be there."""

EARLY_S = 75.0
"""Workers are gone by so much before that: SLURM may tell them up to 60 s too early, and whoever is told to end is not
put back into the queue."""

MOST_RESTARTS = 50
"""How often a task is put back into the queue when its time was up."""

WORKERS = """
# Comes before the time limit, on preemption and on scancel: runs are finished within the grace period or handed back.
trap 'kill -TERM "$worker" 2>/dev/null' TERM
{command} &
worker=$!
wait "$worker"
code=$?
while kill -0 "$worker" 2>/dev/null; do  # a signal ends the waiting, not the worker
    wait "$worker"
    code=$?
done

# 130: no time for another run, and some are left. The same task waits in the queue for its next turn.
if [ "$code" -eq 130 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {restarts} ]; then
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID"  # the last task's job id is that of all tasks
fi
exit "$code"
"""

SINGLE = """
# The task's number is the index of its sample. A task that is run again writes the same file again.
exec {command} --params run_id="$SLURM_ARRAY_TASK_ID"
"""


@dataclass(frozen=True)
class Resources:
    """What is asked of SLURM.

    Attributes
    ----------
    tasks : int
        Tasks of the array.
    at_once : int, optional
        How many of them may run at the same time.
    cpus : int
        Processors of each task.
    memory : str
        Memory of each processor, as SLURM writes it.
    time_s : float
        Time limit of each task [s].
    log_dir : Path
        Where the output of each task goes; the directory must be there when the job begins.
    partition, account, qos : str, optional
        As the cluster calls them.
    """

    tasks: int
    at_once: int | None
    cpus: int
    memory: str
    time_s: float
    log_dir: Path
    partition: str | None = None
    account: str | None = None
    qos: str | None = None


def worker_script(
    resources: Resources, tmx: str, registry: str, store: Path, sweeps: Sequence[str], grace_s: float
) -> str:
    """Return the script of an array of workers on one registry.

    Parameters
    ----------
    resources : Resources
        What is asked of SLURM.
    tmx : str
        The command.
    registry : str
        URL of the registry, without a password.
    store : Path
        The store root on the nodes.
    sweeps : sequence of str
        Only these sweeps; by default all.
    grace_s : float
        How long runs may go on after a SIGTERM [s].

    Raises
    ------
    ConfigError
        If the time limit leaves no time to work.
    """
    notice = grace_s + HEAD_START_S
    working = resources.time_s - notice - EARLY_S
    if working < EARLY_S:
        least = notice + 2.0 * EARLY_S
        raise ConfigError(f"--time is too short: with a grace of {grace_s:.0f} s it takes {least:.0f} s or more")
    words = [tmx, "work", *sweeps, "--max-time", f"{working:.0f}s", "--grace", f"{grace_s:.0f}s"]
    command = f'{shlex.join(words)} --workers "$SLURM_CPUS_PER_TASK"'
    variables = {"TMX_DATABASE_URL": registry, "TMX_STORE": str(store)}
    extra = [f"--signal=B:TERM@{notice:.0f}", "--requeue"]
    return _script(resources, extra, variables, WORKERS.format(command=command, restarts=MOST_RESTARTS))


def single_script(resources: Resources, tmx: str, config: Path, sweep: Path, output_dir: Path) -> str:
    """Return the script of an array of which each task computes one sample of a sweep, without a registry."""
    words = ["single", "--config", config, "--batch-config", sweep, "--output-dir", output_dir]
    command = shlex.join([tmx, *map(str, words)])
    threads = {f"{library}_NUM_THREADS": str(resources.cpus) for library in ("OMP", "OPENBLAS", "MKL")}
    return _script(resources, ["--requeue"], threads, SINGLE.format(command=command))


def _script(resources: Resources, extra: Sequence[str], variables: dict[str, str], body: str) -> str:
    at_once = f"%{resources.at_once}" if resources.at_once else ""
    options = [
        "--job-name=tmx",
        f"--array=0-{resources.tasks - 1}{at_once}",
        "--ntasks=1",
        f"--cpus-per-task={resources.cpus}",
        f"--mem-per-cpu={resources.memory}",
        f"--time={_clock(resources.time_s)}",
        *extra,
        "--open-mode=append",
        f"--output={resources.log_dir}/%x-%A_%a.log",
        *(
            f"--{name}={value}"
            for name in ("partition", "account", "qos")
            if (value := getattr(resources, name)) is not None
        ),
    ]
    head = "".join(f"#SBATCH {shlex.quote(option)}\n" for option in options)
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    return f"#!/bin/bash\n{head}\n# Written by tmx {__version__}. Read it, then: sbatch THIS_FILE\n\n{exports}{body}"


def _clock(seconds: float) -> str:
    minutes, second = divmod(math.floor(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"{days}-{hour:02d}:{minute:02d}:{second:02d}"
