"""Faults for real: kills by the hundred, leases that run out under a live worker, a thousand cancelled.

Workers are forks of the test, so that a new one starts in milliseconds and dies by SIGKILL as any process would.
"""

import os
import random
import signal
import time

from farm import conductivities, slow_down, wait_until
from soak import number

from tmx.execution.worker import reap_dead_workers
from tmx.registry import control

KILLS, KILLED_SAMPLES = number("KILLS", 200), number("SAMPLES", 520)


def test_hundreds_of_kills_cost_nothing_but_time(farm, undisturbed, monkeypatch):
    values = conductivities(KILLED_SAMPLES)
    for one in (farm, undisturbed):
        one.submit("all", values, radiance=False)
    undisturbed.work()
    slow_down(monkeypatch, 0.01)
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
    monkeypatch.undo()
    reap_dead_workers(farm.registry)
    control.retry(farm.registry)  # a run that was hit three times is taken to be the cause
    farm.work()
    farm.remove_garbage()
    farm.assert_each_run_is_done_once()
    assert farm.fingerprint("all") == undisturbed.fingerprint("all")


def test_a_worker_that_sleeps_past_its_lease_records_nothing(farm, monkeypatch):
    farm.submit("all", conductivities(2), radiance=False)
    slow_down(monkeypatch, 0.5)
    sleeper = farm.fork(work=lambda: farm.work(lease_s=0.8))
    wait_until(lambda: farm.rows("SELECT 1 FROM attempt WHERE started IS NOT NULL"))
    os.kill(sleeper, signal.SIGSTOP)
    time.sleep(1.0)
    assert farm.work(lease_s=0.8).done == 2
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
