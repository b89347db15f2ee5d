"""`tmx doctor`: what it says of what is well, and of everything that may be broken."""

import json
import shutil
import sqlite3
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from commands import write_sweep

from tmx.doctor.installation import Requirement, examine_installation
from tmx.execution.environment import machine_id
from tmx.registry import open_registry
from tmx.registry.workers import Process, register_worker


@pytest.fixture
def doctor(tmx, monkeypatch):
    """Return a function that gives what the doctor finds, by section and name, and the exit code."""
    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)

    def examine(*options):
        answer = tmx("doctor", "--json", *options)
        assert answer.err == ""
        report = json.loads(answer.out)
        return {(each["section"], each["what"]): each for each in report["findings"]}, answer.code

    return examine


def submit(tmx, *options):
    write_sweep(Path("sweep.yaml"), 2, 1)
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", *options).code == 0


def assert_found(finding, verdict, *words):
    assert finding["verdict"] == verdict, finding
    assert bool(finding["remedy"]) == (verdict != "ok")
    for word in words:
        assert word in finding["found"] + finding["remedy"]


def test_where_nothing_is_yet_nothing_is_wrong(tmx, doctor, directory):
    before = sorted(directory.iterdir())
    found, code = doctor()
    assert code == 0
    assert_found(found["registry", "registry"], "ok", "none yet")
    assert_found(found["store", "files"], "ok")
    assert_found(found["compiled code", "numba"], "ok")
    assert "wrong" not in {each["verdict"] for each in found.values()}
    assert sorted(directory.iterdir()) == before
    answer = tmx("doctor")
    assert "  ok       Python " in answer.out
    assert answer.out.splitlines()[-1].startswith("nothing is wrong")


def test_a_registry_is_examined(tmx, doctor, empty_url, dialect):
    submit(tmx, "--db", empty_url)
    found, code = doctor("--db", empty_url)
    assert code == 0
    assert_found(found["registry", "schema"], "ok")
    assert_found(found["registry", "runs"], "ok", "2 blocked, 2 pending")
    assert_found(found["registry", "workers"], "ok")
    assert_found(found["store", "disk"], "ok", "the runs that are left need about 270 kB")
    assert ("journal mode wal" if dialect == "sqlite" else "answers in") in found["registry", "registry"]["found"]
    assert (("registry", "clock") in found) == (dialect == "postgresql")


def test_runs_that_failed_and_workers_that_are_gone(tmx, doctor):
    submit(tmx)
    with open_registry("tmx.db") as registry:
        register_worker(registry, Process("a/b/1-0-c", machine_id(), 2**22 + 1, "loky"), {})
        register_worker(registry, Process("a/b/2-0-c", "elsewhere", 1, "loky"), {})
        with registry.write() as conn:
            conn.exec_driver_sql("UPDATE run SET state = 'failed' WHERE id = 1")
            conn.exec_driver_sql("UPDATE worker SET heartbeat = heartbeat - 7200 WHERE host = 'elsewhere'")
    answer = tmx("doctor")
    assert answer.code == 0
    assert "2 blocked, 1 failed, 1 pending" in answer.out
    assert "-> `tmx status` says why; `tmx retry` has it computed again" in answer.out
    assert "1 worker of this machine died without a word" in answer.out
    assert "1 worker of elsewhere not heard of for 2 h" in answer.out
    assert answer.out.endswith("nothing is wrong, 3 warnings\n")


def damage(path):
    content = path.read_bytes()
    path.write_bytes(content[:4096] + bytes(len(content) - 4096))


def set_revision(path, revision):
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    conn.close()


@pytest.mark.parametrize(
    ("db", "what", "words"),
    [
        ("nowhere.db", "registry", ["there is no registry at nowhere.db"]),
        ("base.yaml", "registry", ["is no SQLite database"]),
        (".", "registry", ["is a directory"]),
        ("mysql://ann@server/tmx", "registry", ["'mysql' is not a database that tmx knows"]),
        ("postgresql://ann:secret@127.0.0.1:1/tmx", "registry", ["ann:***@", "cannot be reached", "server runs"]),
        ("damaged.db", "registry", ["damaged"]),
        ("older.db", "schema", ["revision 0003", "`tmx db upgrade --db older.db`"]),
        ("newer.db", "schema", ["revision 9999", "update tmx"]),
    ],
)
def test_a_registry_with_which_nothing_can_be_done(tmx, doctor, directory, db, what, words):
    if db.endswith(("ed.db", "er.db")):
        submit(tmx, "--db", db)
        {"damaged.db": damage, "older.db": lambda path: set_revision(path, "0003")}.get(
            db, lambda path: set_revision(path, "9999")
        )(directory / db)
    found, code = doctor("--db", db)
    assert code == 1
    assert_found(found["registry", what], "wrong", *words)
    assert "secret" not in str(found)
    assert found["machine", "processors"]


def test_a_registry_that_somebody_has_locked(tmx, doctor, directory, monkeypatch):
    monkeypatch.setattr("tmx.doctor.registry.PATIENCE_S", 0.1)
    submit(tmx)
    holder = sqlite3.connect(directory / "tmx.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = tmx("doctor")
    holder.close()
    assert answer.code == 0
    assert "has been locked by another process" in answer.out
    assert "2 blocked, 2 pending" in answer.out


def test_a_store_that_is_not_there_or_has_no_room(tmx, doctor, directory, monkeypatch):
    submit(tmx)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1000, 900, 100))
    found, code = doctor()
    assert code == 1
    assert_found(found["store", "disk"], "wrong", "100 B free", "270 kB", "tmx gc")
    assert_found(found["machine", "temporary"], "warning", "100 B free")
    monkeypatch.setenv("TMX_STORE", str(directory / "base.yaml"))
    found, code = doctor("--db", "tmx.db")
    assert code == 1
    assert_found(found["store", "store"], "wrong", "base.yaml (TMX_STORE) is not a directory")
    assert_found(found["store", "results"], "wrong", "sweep out: output directory ", "cannot be written to")


def test_what_is_missing_is_named_and_the_rest_examined(doctor, monkeypatch):
    monkeypatch.setitem(sys.modules, "tmx.doctor.kernels", None)
    monkeypatch.setenv("OMP_NUM_THREADS", "4096")
    found, code = doctor()
    assert code == 1
    assert_found(found["compiled code", "compiled code"], "wrong", "tmx.doctor.kernels is missing")
    assert_found(found["machine", "threads"], "warning", "OMP_NUM_THREADS=4096")
    monkeypatch.setenv("OMP_NUM_THREADS", "all")
    assert_found(doctor()[0]["machine", "threads"], "wrong", "OMP_NUM_THREADS=all")


def test_packages_are_compared_with_what_is_asked_for(monkeypatch):
    asked = ["numba>=0.60", "numpy<2,>=1.26", "no-such-package>=1", "click[x]>=8.1", 'scipy>=99; extra == "emulate"']
    monkeypatch.setattr("importlib.metadata.requires", lambda _: asked)
    monkeypatch.setattr(Requirement, "found", property(lambda each: VERSIONS.get(each.name)))
    found = {each.what: each for each in examine_installation()}
    assert found.keys() == {"Python", "numpy", "no-such-package", "scipy", "extras"}
    assert (found["numpy"].found, found["numpy"].remedy) == (
        "2.0.1 is installed, <2,>=1.26 is asked for",
        "pip install 'numpy<2,>=1.26'",
    )
    assert found["no-such-package"].found == "not installed, >=1 is asked for"
    assert found["scipy"].remedy == "pip install 'tmx[emulate]'"


VERSIONS = {"numba": "0.60rc1", "numpy": "2.0.1", "click": "8.1", "scipy": "1.14"}
