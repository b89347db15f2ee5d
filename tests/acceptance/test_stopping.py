"""Workers that are asked to stop while a run would go on for minutes, in every way in which they are asked."""

import os
import signal
import time

import pytest
from commands import Process, descendants, patch_computing, still_there, write_sweep

from tmx.registry import open_registry
from tmx.registry.sql import execute

SLOW = """
import ctypes, pathlib
def run_thermal(config):
    pathlib.Path('begun').touch()
    ctypes.{library}(None).sleep(1000)
runner.run_thermal = run_thermal
"""


@pytest.fixture
def slow(directory, tmx):
    """Register a sweep whose runs take for ever, holding the interpreter's lock where they have a process."""
    write_sweep(directory / "sweep.yaml", 4, 1, radiance=False)
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "--priority", 3).code == 0

    def start(*args, library="PyDLL"):
        return Process(directory, *args, **patch_computing(directory, SLOW.format(library=library)))

    return start


def wait_until_begun(directory):
    deadline = time.monotonic() + 60
    while not (directory / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)


def rows(directory, sql):
    with open_registry(directory / "tmx.db") as registry, registry.read() as conn:
        return [tuple(row) for row in execute(conn, sql).all()]


@pytest.mark.parametrize(
    ("backend", "workers", "library"), [("loky", 1, "PyDLL"), ("loky", 2, "PyDLL"), ("threading", 1, "CDLL")]
)
def test_a_terminated_worker_hands_back_a_long_run_within_the_grace_period(directory, slow, backend, workers, library):
    process = slow("work", "-w", workers, "--backend", backend, "--grace", "0.5s", library=library)
    wait_until_begun(directory)
    started = descendants(process.pid)
    before = time.monotonic()
    process.terminate()
    answer = process.wait(20)
    assert answer.code == 0, answer.err
    assert time.monotonic() - before < 10.0
    assert rows(directory, "SELECT DISTINCT state FROM run") == [("pending",)]
    assert rows(directory, "SELECT DISTINCT outcome FROM attempt") == [("released",)]
    assert rows(directory, "SELECT SUM(attempts), SUM(losses) FROM run") == [(0, 0)]
    assert "Traceback" not in answer.err
    deadline = time.monotonic() + 5.0
    while still_there(started):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_second_signal_ends_everything_at_once(directory, slow):
    process = slow("work", "-w", 2, "--grace", "5m")
    wait_until_begun(directory)
    started = descendants(process.pid)
    assert len(started) >= 4
    process.terminate()
    time.sleep(1.5)
    assert process.is_running()
    process.terminate()
    assert process.wait(5).code == 130
    deadline = time.monotonic() + 5.0
    while still_there(started):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_walltime_limit_hands_back_what_is_not_done(directory, slow):
    before = time.monotonic()
    answer = slow("work", "-w", 1, "--max-time", "5s").wait(30)
    assert 4.0 < time.monotonic() - before < 12.0
    assert answer.code == 130
    assert answer.err.splitlines()[-1] == "no time for another run: 4 runs are left; `tmx work` goes on"
    assert rows(directory, "SELECT DISTINCT state FROM run") == [("pending",)]
    assert rows(directory, "SELECT DISTINCT outcome FROM attempt") == [("released",)]


def test_a_limit_for_each_run(directory, slow):
    answer = slow("work", "-w", 1, "--run-timeout", "0.3s").wait(60)
    assert answer.code == 1
    assert "0 runs done, 4 failed" in answer.out
    assert rows(directory, "SELECT DISTINCT error_type FROM attempt") == [("RunTimeout",)]


def test_a_suspended_process_is_stopped_as_well(directory, slow):
    """As one that waits for a file system that went away: it takes no signal but SIGKILL."""
    process = slow("work", "-w", 1, "--grace", "0.5s")
    wait_until_begun(directory)
    (computing,) = descendants(process.pid)
    os.kill(computing, signal.SIGSTOP)
    process.terminate()
    assert process.wait(10).code == 0
    assert still_there([computing]) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--max-time", "soon"), "'soon' is no duration: write it as 90s, 55m, 1h30m or 01:30:00"),
        (("--run-timeout", "0"), "is no duration"),
        (("--backend", "threading", "--run-timeout", "1m"), "--run-timeout needs processes, which can be killed"),
        (("--scheduler", "tcp://node:8786"), "--scheduler is for --backend dask or ray, not for loky"),
        (("--backend", "dask", "--scheduler", "tcp://node:8786"), "cannot share the file tmx.db: use PostgreSQL"),
        (("--store", "nowhere"), "the store nowhere is not a directory of this machine"),
    ],
)
def test_mistakes_are_one_line(tmx, directory, slow, args, words):
    answer = tmx("work", *args)
    assert answer.code == 2
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_sweep_can_be_moved(tmx, directory, slow):
    assert rows(directory, "SELECT priority FROM sweep") == [(3,)]
    assert "sweep out has priority -2" in tmx("priority", "out", -2).out
    assert rows(directory, "SELECT priority FROM sweep") == [(-2,)]
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out").code == 0
    assert rows(directory, "SELECT priority FROM sweep") == [(-2,)]
    assert tmx("priority", "none", 1).code == 4
