"""Clocks that jump by hours: those of workers, and that of the database, by which leases go."""

import os
import random
import signal
import time
from contextlib import contextmanager

import pytest
from forks import conductivities, slow_down, wait_until
from soak import number

from tmx.execution.worker import reap_dead_workers
from tmx.registry import control, queue, sql
from tmx.registry.sql import execute

HOURS = 7200.0


@pytest.fixture
def set_clock(forks, undisturbed):
    """Give the databases clocks of their own, and return what sets that of the forks ahead, or behind."""

    def set_ahead(seconds):
        with forks.registry.write() as conn:
            execute(conn, "UPDATE clock SET ahead = :seconds", seconds=seconds)

    for one in (forks, undisturbed):
        with one.registry.write() as conn:
            execute(conn, "CREATE TABLE clock AS SELECT CAST(0 AS double precision) AS ahead")
    with words_changed(forks, "(SELECT ahead FROM clock)"):
        yield set_ahead
    with forks.registry.write() as conn:
        execute(conn, "DROP TABLE clock")


@contextmanager
def words_changed(forks, ahead):
    """Have this process, while the block runs, take the time to be ahead of what it is."""
    words = sql.DIALECT_WORDS[forks.registry.dialect]
    with pytest.MonkeyPatch.context() as changed:
        changed.setitem(words, "{now}", f"({words['{now}']} + {ahead})")
        sql.translated.cache_clear()
        yield
    sql.translated.cache_clear()


def outcomes(forks):
    return dict(forks.rows("SELECT COALESCE(outcome, 'open'), COUNT(*) FROM attempt GROUP BY outcome"))


def wait_until_begun(forks):
    wait_until(lambda: forks.rows("SELECT 1 FROM attempt WHERE started IS NOT NULL AND outcome IS NULL"))


def test_a_worker_whose_own_clock_jumps_keeps_its_leases(forks, monkeypatch):
    """A run takes longer than a lease, and is looked for by another worker with nothing else to do."""
    forks.submit("all", conductivities(1), radiance=False)
    slow_down(monkeypatch, 3.0)
    now, jumps = time.time, random.Random(20260103)

    def jump():
        time.time = lambda: now() + jumps.uniform(-HOURS, HOURS)

    jumping = forks.fork(jump, lambda: forks.work(lease_s=2.0))
    wait_until_begun(forks)
    while forks.rows("SELECT 1 FROM run WHERE state <> 'done'"):
        assert queue.reap(forks.registry) == 0
        time.sleep(0.02)
    assert os.waitpid(jumping, 0)[1] == 0
    forks.assert_each_run_is_done_once()
    assert outcomes(forks) == {"done": 1}


def test_a_run_that_is_taken_back_since_the_clock_jumped_is_recorded_once(forks, set_clock, monkeypatch):
    forks.submit("all", conductivities(1), radiance=False)
    slow_down(monkeypatch, 0.5)
    worker = forks.fork()
    wait_until_begun(forks)
    set_clock(HOURS)
    assert queue.reap(forks.registry) == 1
    assert os.waitpid(worker, 0)[1] == 0
    forks.assert_each_run_is_done_once()
    assert outcomes(forks) == {"lost": 1, "done": 1}
    assert not list(forks.root.rglob("*.tmp"))


def test_a_clock_that_is_set_back_holds_up_nothing_on_this_machine(forks, set_clock, monkeypatch):
    """The leases of a dead worker would last for hours, but its process is known to be gone."""
    forks.submit("all", conductivities(4), radiance=False)
    slow_down(monkeypatch, 0.2)
    worker = forks.fork()
    wait_until_begun(forks)
    set_clock(-HOURS)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    assert queue.reap(forks.registry) == 0
    assert reap_dead_workers(forks.registry) > 0
    forks.work()
    forks.assert_each_run_is_done_once()


def test_a_clock_that_jumps_again_and_again(forks, undisturbed, set_clock, monkeypatch):
    values, jumps = conductivities(number("JUMPED_SAMPLES", 30)), random.Random(20260105)
    for one in (forks, undisturbed):
        one.submit("all", values)
    undisturbed.work()
    slow_down(monkeypatch, 0.02)
    workers = [forks.fork() for _ in range(2)]
    while forks.rows("SELECT 1 FROM run WHERE state IN ('pending', 'running') LIMIT 1"):
        set_clock(jumps.uniform(-HOURS, HOURS))
        queue.reap(forks.registry)
        time.sleep(jumps.uniform(0.0, 0.1))
    assert [os.waitpid(pid, 0)[1] for pid in workers] == [0, 0]
    assert outcomes(forks)["lost"] > 3
    control.retry(forks.registry)  # a run that was taken back three times is taken to be the cause
    forks.work()
    forks.assert_each_run_is_done_once()
    assert forks.fingerprint("all") == undisturbed.fingerprint("all")


def test_a_process_that_is_hours_ahead_takes_runs_back_and_nothing_is_recorded_twice(forks, monkeypatch):
    """SQLite's clock is that of each process; PostgreSQL's is the server's, for all."""
    if forks.registry.dialect != "sqlite":
        pytest.skip("the server has one clock")
    forks.submit("all", conductivities(1), radiance=False)
    slow_down(monkeypatch, 1.0)
    behind = forks.fork()
    wait_until_begun(forks)
    with words_changed(forks, HOURS):
        assert forks.work().done == 1
    assert os.waitpid(behind, 0)[1] == 0
    forks.assert_each_run_is_done_once()
    assert outcomes(forks) == {"lost": 1, "done": 1}
