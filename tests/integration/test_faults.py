"""Faults for real: kills by the hundred, leases that run out under a live worker, a thousand cancelled.

Workers are forks of the test, so that a new one starts in milliseconds and dies by SIGKILL as any process would.
"""

import os
import random
import signal
import time

from forks import conductivities, slow_down, wait_until
from soak import number

from tmx.execution.worker import reap_dead_workers
from tmx.registry import control

KILLS, KILLED_SAMPLES = number("KILLS", 80), number("SAMPLES", 280)


def test_hundreds_of_kills_cost_nothing_but_time(forks, undisturbed, monkeypatch):
    values = conductivities(KILLED_SAMPLES)
    for one in (forks, undisturbed):
        one.submit("all", values, radiance=False)
    undisturbed.work()
    slow_down(monkeypatch, 0.01)
    moments, kills = random.Random(20260102), 0
    workers = [forks.fork() for _ in range(2)]
    while kills < KILLS:
        time.sleep(moments.uniform(0.0, 0.03))
        place = moments.randrange(2)
        os.kill(workers[place], signal.SIGKILL)
        _, status = os.waitpid(workers[place], 0)
        kills += os.WIFSIGNALED(status)
        reap_dead_workers(forks.registry)
        workers[place] = forks.fork()
        if not forks.rows("SELECT 1 FROM run WHERE state = 'pending' LIMIT 1"):
            break
    assert kills == KILLS
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    monkeypatch.undo()
    reap_dead_workers(forks.registry)
    control.retry(forks.registry)  # a run that was hit three times is taken to be the cause
    forks.work()
    forks.remove_garbage()
    forks.assert_each_run_is_done_once()
    assert forks.fingerprint("all") == undisturbed.fingerprint("all")


def test_a_worker_that_sleeps_past_its_lease_records_nothing(forks, monkeypatch):
    forks.submit("all", conductivities(2), radiance=False)
    slow_down(monkeypatch, 0.5)
    sleeper = forks.fork(work=lambda: forks.work(lease_s=0.8))
    wait_until(lambda: forks.rows("SELECT 1 FROM attempt WHERE started IS NOT NULL"))
    os.kill(sleeper, signal.SIGSTOP)
    time.sleep(1.0)
    assert forks.work(lease_s=0.8).done == 2
    os.kill(sleeper, signal.SIGCONT)
    assert os.waitpid(sleeper, 0)[1] == 0
    forks.assert_each_run_is_done_once()
    assert forks.rows("SELECT COUNT(*) FROM attempt WHERE outcome = 'lost'") == [(1,)]
    assert not list(forks.root.rglob("*.tmp"))


def test_a_thousand_runs_are_cancelled_while_they_are_computed(forks):
    sweep_id = forks.submit("all", conductivities(1000), radiance=False)
    workers = [forks.fork() for _ in range(2)]
    wait_until(lambda: forks.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] > 10)
    control.cancel(forks.registry, sweep_id)
    assert [os.waitpid(pid, 0)[1] for pid in workers] == [0, 0]
    states = dict(forks.rows("SELECT state, COUNT(*) FROM run GROUP BY state"))
    assert states.keys() == {"done", "cancelled"}
    assert states["cancelled"] > 500
    assert forks.damage() == []
    control.resume(forks.registry, sweep_id)
    assert forks.rows("SELECT COUNT(*) FROM run WHERE state = 'pending'") == [(states["cancelled"],)]
