"""Workers that are slow, killed, told to wait, or find nothing to do."""

import os
import signal
import time

import pytest
from commands import BASE, Process, write_sweep

from tmx.config import load_config
from tmx.errors import WriteError
from tmx.execution import runner
from tmx.execution.environment import describe_process, is_alive, machine_id
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.execution.worker import reap_dead_workers, work
from tmx.registry import endings, open_registry, queue
from tmx.registry.sql import execute
from tmx.registry.workers import Process as WorkerProcess
from tmx.registry.workers import register_worker
from tmx.sweeps import load_sweep


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(BASE)
    write_sweep(tmp_path / "sweep.yaml", 2, 1, radiance=False)
    return tmp_path


def submit(registry, directory):
    sweep = load_sweep(directory / "sweep.yaml")
    return submit_sweep(registry, directory, load_config(directory / "base.yaml"), sweep, directory / "out").sweep_id


def outcomes(registry):
    with registry.read() as conn:
        return execute(conn, "SELECT outcome, COUNT(*) FROM attempt GROUP BY outcome ORDER BY outcome").all()


def states(registry):
    with registry.read() as conn:
        return dict(execute(conn, "SELECT state, COUNT(*) FROM run GROUP BY state").all())


def test_a_long_computation_keeps_its_lease(registry, directory, monkeypatch):
    submit(registry, directory)
    compute = runner.run_thermal

    def slowly(config):
        time.sleep(2.0)
        return compute(config)

    monkeypatch.setattr(runner, "run_thermal", slowly)
    tally = work(Job(registry, directory, lease_s=0.8))
    assert (tally.done, tally.lost) == (2, 0)
    assert outcomes(registry) == [("done", 2)]


def test_a_result_after_the_lease_was_given_away_is_dropped(registry, directory, monkeypatch):
    submit(registry, directory)
    compute = runner.run_thermal
    calls = []

    def lose_the_first(config):
        calls.append(config)
        if len(calls) == 1:
            with registry.write() as conn:
                execute(conn, "UPDATE run SET lease_until = 0 WHERE state = 'running'")
            assert queue.reap(registry) >= 1
        return compute(config)

    monkeypatch.setattr(runner, "run_thermal", lose_the_first)
    tally = work(Job(registry, directory))
    assert (tally.done, tally.lost) == (2, 1)
    assert states(registry) == {"done": 2}
    assert not list(directory.rglob("*.tmp"))


def test_what_a_dead_worker_of_this_machine_held_is_taken_back_at_once(registry, directory):
    submit(registry, directory)
    process = WorkerProcess("gone", machine_id(), 2**22 - 3, "loky")
    worker_id = register_worker(registry, process, {})
    assert len(queue.claim(registry, queue.Ask(worker_id, queue.new_token(), 2))) == 2
    assert reap_dead_workers(registry) == 2
    assert states(registry) == {"pending": 2}
    assert work(Job(registry, directory)).done == 2
    assert outcomes(registry) == [("done", 2), ("lost", 1), ("released", 1)]


def test_another_process_with_the_id_of_a_dead_worker_is_not_taken_for_it(registry, directory):
    submit(registry, directory)
    name = f"alone/{machine_id()}/{os.getpid()}-1-abcdef01"
    worker_id = register_worker(registry, WorkerProcess(name, machine_id(), os.getpid(), "loky"), {})
    ask = queue.Ask(worker_id, queue.new_token(), 2)
    assert len(queue.claim(registry, ask)) == 2
    assert reap_dead_workers(registry) == 2
    assert is_alive(os.getpid(), describe_process("loky", "alone").name)


def test_a_write_that_fails_for_now_is_tried_again(registry, directory, monkeypatch):
    submit(registry, directory)
    monkeypatch.setattr(endings, "FIRST_DELAY_S", 0.05)
    stage = runner.stage
    refused = []

    def full_at_first(path, content, token):
        if len(refused) < 2:
            refused.append(path)
            raise WriteError("no space left on the disk")
        return stage(path, content, token)

    monkeypatch.setattr(runner, "stage", full_at_first)
    tally = work(Job(registry, directory))
    assert (tally.done, tally.failed, tally.retried) == (2, 0, 2)
    assert states(registry) == {"done": 2}


def test_a_run_that_cannot_be_computed_fails_at_once(registry, directory, monkeypatch):
    submit(registry, directory)

    def impossible(config):
        raise ArithmeticError("no solution")

    monkeypatch.setattr(runner, "run_thermal", impossible)
    tally = work(Job(registry, directory))
    assert (tally.done, tally.failed) == (0, 2)
    assert states(registry) == {"failed": 2}
    with registry.read() as conn:
        row = execute(conn, "SELECT error_type, message, traceback FROM attempt LIMIT 1").one()
    assert (row.error_type, row.message) == ("ArithmeticError", "no solution")
    assert "impossible" in row.traceback


def test_a_killed_worker_process_is_replaced(directory):
    write_sweep(directory / "sweep.yaml", 30, 10)
    process = Process(directory, "batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 2)
    deadline = time.monotonic() + 60
    while len(list((directory / "out").rglob("*.h5"))) < 10:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with open_registry(directory / "tmx.db") as registry:
        with registry.read() as conn:
            pids = list(execute(conn, "SELECT pid FROM worker WHERE state = 'alive'").scalars())
        assert len(pids) == 2
        os.kill(pids[0], signal.SIGKILL)
        answer = process.wait(90)
        assert answer.code == 0, answer.err
        assert "600 of 600 runs done, 0 failed" in answer.out
        assert dict(outcomes(registry))["done"] == 600


def test_a_waiting_worker_takes_what_is_submitted_later(directory):
    with open_registry(directory / "tmx.db", create=True) as registry:
        process = Process(directory, "work", "--wait", "-w", 1)
        time.sleep(1.0)
        submit(registry, directory)
        deadline = time.monotonic() + 60
        while states(registry) != {"done": 2}:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.terminate()
        answer = process.wait(20)
    assert answer.code == 0, answer.err
    assert answer.out == "2 runs done, 0 failed\n"
