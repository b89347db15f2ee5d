"""Logs of workers, as they are found from `tmx show`."""

import json

import pytest
from commands import write_sweep


@pytest.fixture
def computed(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 1)
    files = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "out")
    assert tmx("batch", *files, "-w", 1, "--backend", "threading").code == 0
    (log,) = (directory / "logs").iterdir()
    return log


def test_the_log_of_a_run_is_found(tmx, computed):
    shown = f"logs/{computed.name}"
    run = json.loads(tmx("show", "run", 2, "--json").out)
    assert [attempt["log"] for attempt in run["history"]] == [shown]
    assert f"  log             {shown}\n" in tmx("show", "run", 2).out
    sample = json.loads(tmx("show", "sample", "out/1", "--json").out)
    assert (sample["thermal_log"], sample["radiance_log"]) == (shown, shown)
    worker = json.loads(tmx("show", "worker", run["history"][0]["worker_id"], "--json").out)
    assert (worker["log"], worker["attempts"]) == (shown, {"done": 4})


def test_the_lines_of_a_run_are_shown(tmx, computed):
    answer = tmx("show", "run", 2, "--log")
    begins, done = answer.out.splitlines()
    assert begins.endswith("Z run 2: begins: thermal, attempt 1")
    assert "Z run 2: is done after " in done
    assert computed.read_text().count("\n") > 8
    computed.unlink()
    answer = tmx("show", "run", 2, "--log")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err.startswith("attempt 1: its worker's log, on ")
    assert answer.err.endswith(", is not in this store\n")


def test_a_run_that_was_not_tried_has_no_log(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 1)
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out").code == 0
    assert "was not tried yet" in tmx("show", "run", 1, "--log").err
    assert json.loads(tmx("show", "sample", "out/0", "--json").out)["thermal_log"] is None


def test_old_logs_go_with_the_garbage(tmx, computed):
    assert tmx("gc").out == "nothing to remove\n"
    answer = tmx("gc", "--log-days", 0, "--yes")
    assert "logs of workers that are gone: 1 (" in answer.out
    assert not computed.exists()


def test_a_batch_that_can_write_no_logs_is_computed_all_the_same(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 1)
    (directory / "out").mkdir()
    for place in ("logs", "out/logs"):
        (directory / place).write_text("in the way")
    answer = tmx("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1, "--backend", "threading")
    assert answer.code == 0
    assert "2 of 2 runs done" in answer.out
    (line,) = answer.err.splitlines()
    assert line.startswith("no log of this worker: ")
    assert json.loads(tmx("show", "run", 1, "--json").out)["history"][0]["log"] is None
