"""Scripts for SLURM, run by bash in the place of SLURM."""

import os
import subprocess
import time

import pytest
from commands import TMX, Process, patch_computing, write_sweep

from tmx.registry import open_registry
from tmx.registry.sql import execute

ENDLESS = """
import pathlib, time
def run_thermal(config):
    pathlib.Path('begun').touch()
    time.sleep(1000)
runner.run_thermal = run_thermal
"""

on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


@pytest.fixture
def submitted(directory, registry_url):
    """Register a sweep on PostgreSQL whose runs never end, and a `scontrol` that writes down what it is told."""
    write_sweep(directory / "sweep.yaml", 2, 1, radiance=False)
    files = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "out")
    assert Process(directory, "submit", *files, "--db", registry_url).wait(60).code == 0
    (directory / "bin").mkdir()
    (directory / "bin/scontrol").write_text('#!/bin/sh\necho "$@" > told\n')
    (directory / "bin/scontrol").chmod(0o755)
    return registry_url


def start(directory, script, **environment):
    path = f"{directory / 'bin'}:{os.environ['PATH']}"
    slurm = {"SLURM_CPUS_PER_TASK": "1", "SLURM_ARRAY_JOB_ID": "77", "SLURM_ARRAY_TASK_ID": "3", "PATH": path}
    patches = {name: str(value) for name, value in environment.items()}
    return subprocess.Popen(["bash", script], cwd=directory, env={**os.environ, **slurm, **patches})


def rows(url, sql):
    with open_registry(url) as registry, registry.read() as conn:
        return [tuple(row) for row in execute(conn, sql).all()]


@on_postgresql
def test_a_terminated_task_hands_back_and_a_task_without_time_is_requeued(directory, submitted):
    answer = Process(directory, "slurm", "write", "out", "-o", "job.sh", "--db", submitted, "--grace", "1s").wait(60)
    assert answer.code == 0, answer.err
    text = (directory / "job.sh").read_text()
    for option in ("--array=0-7", "--time=0-01:00:00", "--signal=B:TERM@41", "--requeue", "--cpus-per-task=1"):
        assert f"#SBATCH {option}\n" in text
    assert f"export TMX_STORE={directory}\n" in text
    assert f"{TMX} work out --max-time 3484s --grace 1s --workers " in text

    patches = patch_computing(directory, ENDLESS)
    task = start(directory, "job.sh", **patches)
    deadline = time.monotonic() + 60
    while not (directory / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    task.terminate()
    assert task.wait(20) == 0
    assert rows(submitted, "SELECT DISTINCT outcome FROM attempt") == [("released",)]
    assert not (directory / "told").exists()

    (directory / "short.sh").write_text(text.replace("--max-time 3484s", "--max-time 4s"))
    assert start(directory, "short.sh", **patches).wait(30) == 130
    assert (directory / "told").read_text() == "requeue 77_3\n"
    assert rows(submitted, "SELECT DISTINCT state FROM run") == [("pending",)]


def test_a_task_for_each_sample(directory):
    write_sweep(directory / "sweep.yaml", 2, 3, radiance=False)
    files = ("--config", "base.yaml", "--batch-config", "sweep.yaml")
    answer = Process(directory, "slurm", "write", "--single", *files, "-o", "single.sh").wait(60)
    assert answer.code == 0, answer.err
    assert "#SBATCH --array=0-5\n" in (directory / "single.sh").read_text()
    assert start(directory, "single.sh", SLURM_ARRAY_TASK_ID=4).wait(60) == 0
    assert len(list((directory / "results/thermal_results").glob("*.h5"))) == 1


@on_postgresql
def test_what_is_asked_for_is_checked(tmx, directory, submitted):
    server = ("slurm", "write", "--db", submitted)
    assert tmx(*server, "none").code == 4
    answer = tmx(*server, "--time", "1m")
    assert (answer.code, "--time is too short" in answer.err) == (2, True)
    answer = tmx("slurm", "write", "--db", "tmx.db")
    assert (answer.code, "cannot share the file tmx.db: use PostgreSQL" in answer.err) == (2, True)
    assert tmx("slurm", "write", "--single").code == 2
    assert tmx(*server, "-c", "base.yaml").code == 2
