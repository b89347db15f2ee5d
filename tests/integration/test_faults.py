"""Faults for real: kills by the hundred, clocks that jump, leases that run out, disks that are full.

Workers are forks of the test, so that a new one starts in milliseconds and dies by SIGKILL as any process would.
"""

import os
import random
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest
from farm import Farm, conductivities

from tmx.execution import runner
from tmx.execution.worker import reap_dead_workers
from tmx.registry import control, open_registry

KILLS, KILLED_SAMPLES = 200, 520


def test_hundreds_of_kills_cost_nothing_but_time(farm, undisturbed, monkeypatch):
    values = conductivities(KILLED_SAMPLES)
    for one in (farm, undisturbed):
        one.submit("all", values, radiance=False)
    undisturbed.work()
    compute = runner.run_thermal

    def slowly(config):
        time.sleep(0.01)
        return compute(config)

    monkeypatch.setattr(runner, "run_thermal", slowly)
    moments, kills = random.Random(20260102), 0
    workers = [farm.fork() for _ in range(2)]
    while kills < KILLS:
        time.sleep(moments.uniform(0.0, 0.03))
        place = moments.randrange(2)
        os.kill(workers[place], signal.SIGKILL)
        _, status = os.waitpid(workers[place], 0)
        kills += os.WIFSIGNALED(status)
        reap_dead_workers(farm.registry)
        workers[place] = farm.fork()
        if not farm.rows("SELECT 1 FROM run WHERE state = 'pending' LIMIT 1"):
            break
    assert kills == KILLS
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    reap_dead_workers(farm.registry)
    control.retry(farm.registry)  # a run that was hit three times is taken to be the cause
    farm.work()
    farm.remove_garbage()
    farm.assert_each_run_is_done_once()
    assert farm.fingerprint("all") == undisturbed.fingerprint("all")


def test_clocks_of_workers_may_jump(farm, monkeypatch):
    now, jumps = time.time, random.Random(20260103)
    farm.submit("all", conductivities(60))

    def jump():
        time.time = lambda: now() + jumps.uniform(-1.0, 1.0) * 7200.0

    first, second = farm.fork(jump), farm.fork()
    assert [os.waitpid(pid, 0)[1] for pid in (first, second)] == [0, 0]
    farm.assert_each_run_is_done_once()
    assert farm.rows("SELECT COUNT(*) FROM attempt WHERE outcome <> 'done'") == [(0,)]


def test_a_worker_that_sleeps_past_its_lease_records_nothing(farm, monkeypatch):
    farm.submit("all", conductivities(4), radiance=False)
    compute = runner.run_thermal

    def slowly(config):
        time.sleep(0.5)
        return compute(config)

    monkeypatch.setattr(runner, "run_thermal", slowly)
    sleeper = farm.fork(work=lambda: farm.work(lease_s=0.8))
    wait_until(lambda: farm.rows("SELECT 1 FROM attempt WHERE started IS NOT NULL"))
    os.kill(sleeper, signal.SIGSTOP)
    time.sleep(1.0)
    assert farm.work(lease_s=0.8).done == 4
    os.kill(sleeper, signal.SIGCONT)
    assert os.waitpid(sleeper, 0)[1] == 0
    farm.assert_each_run_is_done_once()
    assert farm.rows("SELECT COUNT(*) FROM attempt WHERE outcome = 'lost'") == [(1,)]
    assert not list(farm.root.rglob("*.tmp"))


def test_a_thousand_runs_are_cancelled_while_they_are_computed(farm):
    sweep_id = farm.submit("all", conductivities(1000), radiance=False)
    workers = [farm.fork() for _ in range(2)]
    wait_until(lambda: farm.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] > 10)
    control.cancel(farm.registry, sweep_id)
    assert [os.waitpid(pid, 0)[1] for pid in workers] == [0, 0]
    states = dict(farm.rows("SELECT state, COUNT(*) FROM run GROUP BY state"))
    assert states.keys() == {"done", "cancelled"}
    assert states["cancelled"] > 500
    assert farm.damage() == []
    control.resume(farm.registry, sweep_id)
    assert farm.rows("SELECT COUNT(*) FROM run WHERE state = 'pending'") == [(states["cancelled"],)]


def wait_until(condition):
    deadline = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def small_disk(place, size):
    """Mount a disk of a size in bytes; skip where that is not allowed."""
    place.mkdir()
    answer = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True)
    if answer.returncode != 0:
        pytest.skip("only root can mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def enlarge(place, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True)


def test_a_store_that_is_full_is_used_again_once_it_has_room(farm, monkeypatch):
    monkeypatch.setattr("tmx.registry.queue.MAX_ATTEMPTS", 1)
    disk = farm.root / "disk"
    with small_disk(disk, 200_000):
        full = Farm(farm.registry, disk)
        full.submit("all", conductivities(20))
        assert full.work().failed > 0
        assert 0 < full.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] < 40
        [(error,)] = full.rows("SELECT DISTINCT message FROM attempt WHERE outcome = 'failed'")[:1]
        assert error.endswith("no space left on the disk")
        assert not list(disk.rglob("*.tmp"))
        assert full.damage() == []

        enlarge(disk, 20_000_000)
        control.retry(full.registry)
        full.work()
        full.assert_each_run_is_done_once()


def test_a_registry_whose_disk_is_full_goes_on_once_there_is_room(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("tmx.registry.engine.LONGEST_WAIT_S", 0.5)
    disk = tmp_path / "disk"
    with small_disk(disk, 600_000), open_registry(disk / "tmx.db", create=True) as registry:
        farm = Farm(registry, tmp_path)
        farm.submit("all", conductivities(300), radiance=False)
        status = os.waitpid(farm.fork(), 0)[1]
        assert os.WEXITSTATUS(status) == 1
        assert "database or disk is full" in capfd.readouterr().err
        assert not list(farm.root.rglob("*.tmp"))
        assert 0 < farm.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] < 300
        enlarge(disk, 20_000_000)
        reap_dead_workers(registry)
        farm.work()
        farm.remove_garbage()
        farm.assert_each_run_is_done_once()
