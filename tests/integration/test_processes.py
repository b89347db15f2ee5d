"""Runs that take their process down or never end, and what becomes of them and of all others."""

import platform
import time

import pytest
from commands import BASE, patch_computing, write_sweep

from tmx.config import load_config
from tmx.errors import TmxError
from tmx.execution import worker
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.execution.worker import work
from tmx.registry import control, endings, queue
from tmx.registry.sql import execute
from tmx.sweeps import load_sweep

LOW = 0.02
"""The conductivity of the first sample, which is the one that makes trouble."""

DYING = f"""
import ctypes, os, pathlib, signal
compute = runner.run_thermal
def run_thermal(config):
    if config.k_dust == {LOW}:
        number = len(list(pathlib.Path.cwd().glob('death*')))
        pathlib.Path(f'death{{number}}').touch()
        if number == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        ctypes.string_at(0)
    return compute(config)
runner.run_thermal = run_thermal
"""

ENDLESS = f"""
import ctypes
compute = runner.run_thermal
def run_thermal(config):
    if config.k_dust == {LOW}:
        ctypes.PyDLL(None).sleep(1000)  # which holds the interpreter's lock
    return compute(config)
runner.run_thermal = run_thermal
"""

ON_EITHER = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
"""For what is about processes, and the same on either database."""


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(endings, "FIRST_DELAY_S", 0.05)
    (tmp_path / "base.yaml").write_text(BASE)
    return tmp_path


def submit(registry, directory, samples):
    write_sweep(directory / "sweep.yaml", samples, 1, radiance=False)
    sweep = load_sweep(directory / "sweep.yaml")
    return submit_sweep(registry, directory, load_config(directory / "base.yaml"), sweep, directory / "out").sweep_id


def patch(monkeypatch, directory, code):
    monkeypatch.setenv("PYTHONPATH", str(patch_computing(directory, code)["PYTHONPATH"]))


def rows(registry, sql):
    with registry.read() as conn:
        return [tuple(row) for row in execute(conn, sql).all()]


def test_a_run_that_kills_its_process_is_tried_again_and_then_failed(registry, directory, monkeypatch):
    submit(registry, directory, 4)
    patch(monkeypatch, directory, DYING)
    tally = work(Job(registry, directory, isolated=True))
    assert (tally.done, tally.failed, tally.retried, tally.lost) == (3, 1, 2, 0)
    assert rows(registry, "SELECT state, COUNT(*) FROM run GROUP BY state ORDER BY state") == [
        ("done", 3),
        ("failed", 1),
    ]
    found = rows(
        registry, "SELECT outcome, error_type, message, traceback FROM attempt WHERE outcome <> 'done' ORDER BY id"
    )
    assert [(outcome, error) for outcome, error, *_ in found] == [("lost", "ProcessDied")] * 3
    messages = [message for _, _, message, _ in found]
    assert "SIGKILL (signal 9, as when memory runs out)" in messages[0]
    assert "SIGSEGV (signal 11)" in messages[1]
    assert f"on {platform.node()}, with " in messages[2]
    assert "that was so 3 times, so the run is taken to be the cause" in messages[2]
    assert "Segmentation fault" in found[2][3]
    assert "in run_thermal" in found[2][3]
    assert rows(registry, "SELECT attempts, losses FROM run WHERE state = 'failed'") == [(0, 3)]
    assert control.retry(registry, error="sigsegv") == 1


@ON_EITHER
def test_a_run_that_takes_too_long_is_stopped_and_failed(registry, directory, monkeypatch):
    submit(registry, directory, 3)
    patch(monkeypatch, directory, ENDLESS)
    tally = work(Job(registry, directory, isolated=True, run_timeout_s=1.0))
    assert (tally.done, tally.failed, tally.retried) == (2, 1, 0)
    found = rows(registry, "SELECT outcome, error_type, message FROM attempt WHERE outcome <> 'done'")
    assert found == [("failed", "RunTimeout", "stopped after 1 s, the longest that a run may take")]
    assert control.retry(registry, error="RunTimeout") == 1


@ON_EITHER
def test_what_waits_behind_a_long_run_goes_to_others(registry, directory, monkeypatch):
    submit(registry, directory, 3)
    patch(monkeypatch, directory, ENDLESS)
    monkeypatch.setattr(worker, "SECONDS_PER_CLAIM", 1e9)
    monkeypatch.setattr(worker, "LONGEST_HOLD_S", 0.3)
    work(Job(registry, directory, isolated=True, run_timeout_s=1.0))
    found = rows(registry, "SELECT outcome, COUNT(*) FROM attempt GROUP BY outcome ORDER BY outcome")
    assert found == [("done", 2), ("failed", 1), ("released", 2)]


def test_a_run_of_a_cancelled_sweep_is_stopped(registry, directory, monkeypatch):
    sweep_id = submit(registry, directory, 1)
    patch(monkeypatch, directory, ENDLESS)
    heartbeat = queue.heartbeat

    def after_a_cancel(*arguments):
        control.cancel(registry, sweep_id)
        return heartbeat(*arguments)

    monkeypatch.setattr(queue, "heartbeat", after_a_cancel)
    before = time.monotonic()
    assert work(Job(registry, directory, isolated=True, lease_s=8.0)).done == 0
    assert time.monotonic() - before < 30.0
    assert rows(registry, "SELECT r.state, a.outcome FROM run r JOIN attempt a ON a.run_id = r.id") == [
        ("cancelled",) * 2
    ]


@ON_EITHER
def test_nothing_is_begun_that_would_not_be_done_in_time(registry, directory, monkeypatch):
    from tmx.execution import runner

    submit(registry, directory, 8)
    compute = runner.run_thermal

    def slowly(config):
        time.sleep(0.5)
        return compute(config)

    monkeypatch.setattr(runner, "run_thermal", slowly)
    until = time.time() + 2.5
    tally = work(Job(registry, directory, until=until))
    assert time.time() < until
    assert 0 < tally.done < 5
    assert (tally.interrupted, tally.out_of_time) == (True, True)
    assert rows(registry, "SELECT DISTINCT outcome FROM attempt WHERE outcome NOT IN ('done', 'released')") == []
    assert "running" not in dict(rows(registry, "SELECT state, COUNT(*) FROM run GROUP BY state"))
    assert work(Job(registry, directory, until=time.time() + 0.2)).done == 0


@ON_EITHER
def test_a_process_that_does_not_start_is_an_error_of_one_line(registry, directory, monkeypatch):
    submit(registry, directory, 1)
    patch(monkeypatch, directory, "raise SystemExit('no such library')")
    with pytest.raises(TmxError, match="does not start: SystemExit: no such library"):
        work(Job(registry, directory, isolated=True))
    assert rows(registry, "SELECT state FROM run") == [("pending",)]
