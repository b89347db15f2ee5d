"""Faults for real: power cuts between any two steps, kills by the hundred, clocks that jump, two disks that are full.

Workers are forks of the test, so that a new one starts in milliseconds and dies by SIGKILL as any process would.
"""

import os
import random
import signal
import subprocess
import time
import traceback
from contextlib import contextmanager
from itertools import count

import pytest
from commands import BASE
from sqlalchemy.engine import Connection

from tmx.config import load_config
from tmx.datasets.builder import build_dataset
from tmx.execution import runner
from tmx.execution.environment import describe_environment
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.execution.worker import reap_dead_workers, work
from tmx.maintenance.garbage import Options, find_garbage
from tmx.maintenance.verify import verify
from tmx.registry import control, open_registry
from tmx.registry.sql import execute
from tmx.storage import atomic
from tmx.sweeps import load_sweep

KILLS, KILLED_SAMPLES = 200, 520


class Farm:
    """A registry, a store, and workers that are forks of this process."""

    def __init__(self, registry, root):
        self.registry, self.root = registry, root
        describe_environment()  # known to the forks then

    def submit(self, name, values, *, radiance=True):
        path = self.root / f"{name}.yaml"
        path.write_text(
            f"parameter_sweeps:\n  - {{parameter: k_dust, type: list, values: {list(values)}}}\n"
            f"output_settings: {{radiance: {str(radiance).lower()}}}\n"
        )
        base = load_config(self.root / "base.yaml")
        return submit_sweep(self.registry, self.root, base, load_sweep(path), self.root / name).sweep_id

    def work(self, *sweep_ids, **wishes):
        return work(Job(self.registry, self.root, sweep_ids=sweep_ids or None, **wishes))

    def fork(self, prepare, *sweep_ids, **wishes):
        """Start a worker that prepares itself first; return its process id."""
        pid = os.fork()
        if pid == 0:
            try:
                prepare()
                self.work(*sweep_ids, **wishes)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        return pid

    def rows(self, sql, **values):
        with self.registry.read() as conn:
            return [tuple(row) for row in execute(conn, sql, **values).all()]

    def fingerprint(self, name):
        return build_dataset(self.registry, self.root, name, self.root / name / "ml_dataset.h5").fingerprint

    def remove_garbage(self):
        for garbage in list(find_garbage(self.registry, self.root, Options(min_age_s=0.0))):
            if hasattr(garbage, "remove"):
                assert garbage.remove()

    def assert_each_run_is_done_once(self):
        assert self.rows("SELECT DISTINCT state FROM run") == [("done",)]
        assert self.rows("SELECT run_id FROM attempt WHERE outcome = 'done' GROUP BY run_id HAVING COUNT(*) > 1") == []
        done = "SELECT COUNT(DISTINCT run_id) FROM attempt WHERE outcome = 'done'"
        assert self.rows(done) == self.rows("SELECT COUNT(*) FROM run")
        assert [finding.line() for finding in verify(self.registry, self.root)] == []


@pytest.fixture
def farm(registry, tmp_path):
    (tmp_path / "base.yaml").write_text(BASE)
    return Farm(registry, tmp_path)


@pytest.fixture
def undisturbed(tmp_path_factory, migrated, new_database):
    """Make a registry of its own, on SQLite, in which nothing goes wrong."""
    root = tmp_path_factory.mktemp("undisturbed")
    (root / "base.yaml").write_text(BASE)
    with open_registry(new_database("sqlite", migrated("sqlite")), create=True) as registry:
        yield Farm(registry, root)


def conductivities(number):
    return [round(0.02 + 0.0007 * i, 4) for i in range(number)]


def die_at(step):
    """Have this process die by SIGKILL at one of the steps that touch the disk or end a transaction."""
    steps = count()

    def pass_by():
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(owner, name, function):
        def watching(*args, **kwargs):
            pass_by()
            answer = function(*args, **kwargs)
            pass_by()
            return answer

        setattr(owner, name, watching)

    for name in ("fsync", "replace", "link", "unlink"):
        watched(os, name, getattr(os, name))
    watched(atomic, "open", open)
    watched(Connection, "commit", Connection.commit)


def test_a_power_cut_between_any_two_steps(farm, undisturbed):
    values = iter(conductivities(500))
    used, status = [], None
    for step in count():
        used.append(next(values))
        sweep_id = farm.submit(f"cut{step}", used[-1:])
        _, status = os.waitpid(farm.fork(lambda n=step: die_at(n), sweep_id), 0)
        if os.WIFEXITED(status):
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        reap_dead_workers(farm.registry)
        assert farm.work(sweep_id).failed == 0
    assert os.WEXITSTATUS(status) == 0
    assert step > 20
    farm.remove_garbage()
    farm.assert_each_run_is_done_once()
    assert not list(farm.root.rglob("*.tmp"))

    for one in (farm, undisturbed):
        one.submit("all", used)
        one.work()
    assert farm.fingerprint("all") == undisturbed.fingerprint("all")


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
    workers = [farm.fork(lambda: None) for _ in range(2)]
    while kills < KILLS:
        time.sleep(moments.uniform(0.0, 0.03))
        place = moments.randrange(2)
        os.kill(workers[place], signal.SIGKILL)
        _, status = os.waitpid(workers[place], 0)
        kills += os.WIFSIGNALED(status)
        reap_dead_workers(farm.registry)
        workers[place] = farm.fork(lambda: None)
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

    first, second = farm.fork(jump), farm.fork(lambda: None)
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
    sleeper = farm.fork(lambda: None, lease_s=0.8)
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
    workers = [farm.fork(lambda: None, sweep_id) for _ in range(2)]
    wait_until(lambda: farm.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] > 10)
    control.cancel(farm.registry, sweep_id)
    assert [os.waitpid(pid, 0)[1] for pid in workers] == [0, 0]
    states = dict(farm.rows("SELECT state, COUNT(*) FROM run GROUP BY state"))
    assert states.keys() == {"done", "cancelled"}
    assert states["cancelled"] > 500
    assert [finding.line() for finding in verify(farm.registry, farm.root)] == []
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
        (disk / "base.yaml").write_text(BASE)
        full = Farm(farm.registry, disk)
        full.submit("all", conductivities(20))
        assert full.work().failed > 0
        assert 0 < full.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] < 40
        [(error,)] = full.rows("SELECT DISTINCT message FROM attempt WHERE outcome = 'failed'")[:1]
        assert error.endswith("no space left on the disk")
        assert not list(disk.rglob("*.tmp"))
        assert [finding.line() for finding in verify(full.registry, disk)] == []

        enlarge(disk, 20_000_000)
        control.retry(full.registry)
        full.work()
        full.assert_each_run_is_done_once()


def test_a_registry_whose_disk_is_full_goes_on_once_there_is_room(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("tmx.registry.engine.LONGEST_WAIT_S", 0.5)
    disk = tmp_path / "disk"
    with small_disk(disk, 600_000):
        (tmp_path / "base.yaml").write_text(BASE)
        with open_registry(disk / "tmx.db", create=True) as registry:
            farm = Farm(registry, tmp_path)
            farm.submit("all", conductivities(300), radiance=False)
            status = os.waitpid(farm.fork(lambda: None), 0)[1]
            assert os.WEXITSTATUS(status) == 1
            assert "database or disk is full" in capfd.readouterr().err
            assert not list(farm.root.rglob("*.tmp"))
            assert 0 < farm.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] < 300
            enlarge(disk, 20_000_000)
            reap_dead_workers(registry)
            farm.work()
            farm.remove_garbage()
            farm.assert_each_run_is_done_once()
