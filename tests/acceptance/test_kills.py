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


def test_kill_nine_of_everything_then_resume(directory, tmx):
    write_sweep(directory / "sweep.yaml", 30, 8)
    undisturbed = directory / "undisturbed"
    undisturbed.mkdir()
    for name in ("base.yaml", "sweep.yaml"):
        (undisturbed / name).write_text((directory / name).read_text())
    assert Process(undisturbed, *command("out")).wait(120).code == 0

    moments = random.Random(20260101)
    kills = 0
    for _ in range(6):
        process = Process(directory, *command("out"))
        time.sleep(moments.uniform(1.0, 3.5))
        kills += process.is_running()
        process.kill_all()
    assert kills >= 3

    answer = Process(directory, "resume", "-w", 2, "--create-dataset").wait(120)
    assert answer.code == 0, answer.err
    assert f"{2 * SAMPLES} of {2 * SAMPLES} runs done, 0 failed" in answer.out or "nothing is left to do" in answer.out
    if "nothing" in answer.out:
        assert tmx(*command("out")).code == 0

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
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.3)
        if (directory / "tmx.db").exists() and list((directory / "out").rglob("thermal_sim_*.h5")):
            break
    process.terminate()
    answer = process.wait(30)
    assert answer.code == 130, answer.err
    assert "`tmx resume out` goes on" in answer.err
    states = dict(rows(directory, "SELECT state, COUNT(*) FROM run GROUP BY state"))
    assert "running" not in states
    assert states["done"] > 0
    assert rows(directory, "SELECT COUNT(*) FROM attempt WHERE outcome = 'lost'") == [(0,)]
    assert not list((directory / "out").rglob("*.tmp"))
