"""Everything killed, at any moment: nothing is lost, nothing is done twice, and the dataset is the same."""

import random
import time

import h5py
from commands import Process, write_sweep

from tmx.registry import open_registry
from tmx.registry.sql import execute
from tmx.storage.atomic import file_sha256

SAMPLES = 30 * 8


def command(output):
    return ("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", output, "-w", 2, "--create-dataset")


def rows(directory, sql):
    with open_registry(directory / "tmx.db") as registry, registry.read() as conn:
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
    write_sweep(directory / "sweep.yaml", 30, 8)
    undisturbed = directory / "undisturbed"
    undisturbed.mkdir()
    for name in ("base.yaml", "sweep.yaml"):
        (undisturbed / name).write_text((directory / name).read_text())
    assert Process(undisturbed, *command("out")).wait(120).code == 0

    moments = random.Random(20260101)
    for _ in range(5):
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
    dataset = directory / "out/ml_dataset.h5"
    assert dataset.read_bytes() == (undisturbed / "out/ml_dataset.h5").read_bytes()
    with h5py.File(dataset) as file:
        assert len(file.attrs["fingerprint"]) == 64


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
