"""Logs of workers: what is in them, which lines are about a run, and that no trouble with them reaches the work."""

import logging
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from disks import enlarge, small_disk
from forks import Forks, conductivities

from tmx.execution import runner
from tmx.execution.worker_log import lines_of_run, log_of
from tmx.maintenance.garbage import Options, find_garbage
from tmx.registry.workers import Process, register_environment
from tmx.storage.paths import log_directory, worker_log_path

LOG = logging.getLogger("tmx.somewhere")


def process(name):
    return Process(f"crew/host/{name}", "host", 1, "threading")


def logs(store):
    return [path.read_text() for path in sorted(log_directory(store).iterdir())]


def test_a_worker_says_what_it_does(forks, monkeypatch):
    compute = runner.run_thermal

    def fail(config):
        if config.k_dust == 0.0207:
            raise ValueError("no temperature\nat all")
        return compute(config)

    monkeypatch.setattr(runner, "run_thermal", fail)
    forks.submit("all", conductivities(2), radiance=False)
    assert forks.work().done == 1
    [name] = forks.rows("SELECT name FROM worker")[0]
    path = worker_log_path(forks.root, name)
    text = path.read_text()
    assert text.startswith(f"# worker {name}, backend in-process, tmx ")
    good, bad = (run for (run,) in forks.rows("SELECT id FROM run ORDER BY id"))
    assert f"Z claims 1 run: {good}\n" in text
    assert text.rstrip().endswith("Z ends: 1 done, 1 failed, 0 to be tried again")
    first, second = lines_of_run(path, good), lines_of_run(path, bad)
    assert first[0].endswith(f"Z run {good}: begins: thermal, attempt 1")
    assert "is done after " in first[1]
    assert len(first) == 2
    assert second[1].endswith(f"Z run {bad}: has failed: ValueError: no temperature at all")
    assert second[2] == "    Traceback (most recent call last):"
    assert second[-1].endswith("    at all")


def test_each_thread_writes_to_the_log_of_its_own_worker(tmp_path):
    def be_worker(name):
        with log_of(tmp_path, process(name)) as log:
            log.run = 7
            barrier.wait()
            LOG.warning("said by %s", name)
            barrier.wait()

    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=be_worker, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = logs(tmp_path)
    assert first.endswith("Z run 7: warning: said by first\n")
    assert second.endswith("Z run 7: warning: said by second\n")
    assert (first.count("\n"), second.count("\n")) == (2, 2)


def test_a_full_disk_stops_no_run_and_is_made_up_for(tmp_path, registry):
    disk = tmp_path / "disk"
    with small_disk(disk, 20_480):
        forks = Forks(registry, tmp_path)
        forks.submit("all", conductivities(8), radiance=False)
        (disk / "logs").mkdir()
        (tmp_path / "logs").symlink_to(disk / "logs")
        with suppress(OSError), open(disk / "ballast", "wb", buffering=0) as ballast:
            while ballast.write(bytes(4096)):
                pass
        assert forks.work().done == 8
        forks.assert_each_run_is_done_once()
        [path] = (disk / "logs").glob("worker-*")
        assert path.stat().st_size == 0

        with log_of(tmp_path, process("late")) as log:
            log.say("lost")
            enlarge(disk, 1_000_000)
            log.say("kept")
        text = worker_log_path(tmp_path, "crew/host/late").read_text()
        assert text.startswith("\n# 2 lines could not be written\n")
        assert text.endswith("Z kept\n")


def test_a_store_without_a_place_for_logs_stops_no_run(forks, caplog):
    forks.submit("all", conductivities(1), radiance=False)
    Path(forks.root / "logs").write_text("in the way")
    assert forks.work().done == 1
    assert "no log of this worker" in caplog.text
    assert (forks.root / "logs").read_text() == "in the way"


def test_old_logs_of_workers_that_are_gone_are_garbage(forks):
    names = [f"crew/host/{number}" for number in range(3)]
    for name in names:
        with log_of(forks.root, process(name.rpartition("/")[2])):
            pass
    old, alive, young = (worker_log_path(forks.root, name) for name in names)
    other = old.with_name("worker-of-mine.log")
    other.write_text("dear diary")
    for path in (old, alive, other):
        os.utime(path, (0, 0))
    with forks.registry.write() as conn:
        environment = register_environment(conn, {})
        conn.exec_driver_sql(
            "INSERT INTO worker (name, host, pid, backend, environment_id, started, heartbeat, state)"
            f" VALUES ('{names[1]}', 'host', 1, 'loky', {environment}, 0, 0, 'alive')"
        )
    found = {Path(each.name): each for each in find_garbage(forks.registry, forks.root, Options())}
    assert found.keys() == {old, other}
    assert found[old].remove()
    assert found[other].reason == "has the name of a worker's log, but not its content"
    assert (old.exists(), alive.exists(), young.exists(), other.exists()) == (False, True, True, True)


@pytest.mark.parametrize("name", ["", "../../etc", "a b/ü"])
def test_a_log_is_in_its_directory_whatever_a_machine_is_called(tmp_path, name):
    assert worker_log_path(tmp_path, f"crew/{name}/17").parent == log_directory(tmp_path)
