"""Opening registries: what is refused and how, and what a connection is set to."""

import multiprocessing
import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from tmx.errors import ConfigError, NotFoundError, RegistryError, SchemaError
from tmx.registry import address, connections, engine, open_registry
from tmx.registry.address import Address, network_file_system
from tmx.registry.faults import TransientError
from tmx.registry.sql import execute

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw shared:5 master:2 - nfs4 server:/home rw,vers=4.2
31 30 0:41 / /home/ann/local\\040disk rw - xfs /dev/sdb rw
32 22 0:42 / /scratch rw - lustre mds@tcp:/scratch rw
"""


def one_line(error: pytest.ExceptionInfo[BaseException]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_a_path_and_its_url_are_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Address.parse("tmx.db").path == Address.parse(Path("tmx.db")).path == tmp_path / "tmx.db"
    assert Address.parse("sqlite:///tmx.db").path == tmp_path / "tmx.db"
    assert Address.parse("~/tmx.db").path == Path.home() / "tmx.db"


def test_a_servers_password_is_not_shown():
    server = Address.parse("postgresql://ann:secret@db/tmx")
    assert "secret" not in server.shown
    assert (server.url.drivername, server.url.password, server.path) == ("postgresql+psycopg", "secret", None)


@pytest.mark.parametrize("where", ["mysql://db/tmx", "sqlite://", "sqlite:///:memory:", "file:tmx.db", "", "://"])
def test_what_is_no_address_is_refused(where):
    with pytest.raises(ConfigError) as error:
        open_registry(where)
    one_line(error)


def test_a_missing_registry_names_the_command(tmp_path):
    with pytest.raises(NotFoundError, match="tmx db upgrade") as error:
        open_registry(tmp_path / "tmx.db")
    one_line(error)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_directory_and_a_directory_are_refused(tmp_path):
    with pytest.raises(NotFoundError, match="there is no directory"):
        open_registry(tmp_path / "no" / "tmx.db", create=True)
    with pytest.raises(ConfigError, match="is a directory"):
        open_registry(tmp_path, create=True)


@pytest.mark.parametrize("create", [False, True])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, create):
    file = tmp_path / "notes.txt"
    file.write_text("not a database at all, but long enough to be taken for one " * 20)
    before = file.read_bytes()
    with pytest.raises(ConfigError, match="not a tmx registry") as error:
        open_registry(file, create=create)
    one_line(error)
    assert file.read_bytes() == before


def test_an_empty_database_names_the_command(dialect, new_database):
    url = new_database(dialect)
    if dialect == "sqlite":
        Path(make_url(url).database).touch()
    with pytest.raises(SchemaError, match="tmx db upgrade"):
        open_registry(url)


@pytest.mark.parametrize(("revision", "message"), [("0000", "run `tmx db upgrade --db "), ("9999", "update tmx")])
def test_another_schema_is_refused(registry, registry_url, revision, message):
    with registry.write() as conn:
        execute(conn, "UPDATE alembic_version SET version_num = :revision", revision=revision)
    for create in (False, True):
        with pytest.raises(SchemaError, match=message) as error:
            open_registry(registry_url, create=create)
        one_line(error)


def test_a_server_that_does_not_answer_is_one_line():
    with pytest.raises(RegistryError, match="cannot be reached") as error:
        open_registry("postgresql://ann:secret@127.0.0.1:1/tmx")
    assert "secret" not in one_line(error)


def test_an_old_sqlite_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 26, 0))
    with pytest.raises(RegistryError, match="update Python"):
        open_registry(tmp_path / "tmx.db", create=True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ann/tmx.db", "nfs4"),
        ("/home/ann/local disk/tmx.db", None),
        ("/scratch/x/y/tmx.db", "lustre"),
        ("/scratchy/tmx.db", None),
        ("/tmx.db", None),
    ],
)
def test_network_file_systems_are_known(path, kind):
    assert network_file_system(Path(path), MOUNTS) == kind


def test_sqlite_on_a_network_file_system_is_refused(tmp_path, monkeypatch):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"30 22 0:40 / {tmp_path} rw - nfs server:/ rw\n")
    monkeypatch.setattr(address, "MOUNTS", mounts)
    with pytest.raises(ConfigError, match=r"\(nfs\).*postgresql://") as error:
        open_registry(tmp_path / "tmx.db", create=True)
    one_line(error)


def test_sqlite_without_a_write_ahead_log_is_refused(tmp_path, monkeypatch):
    """As on a file system without shared memory, where SQLite answers with the mode that it stays in."""
    real = connections._until_free
    monkeypatch.setattr(connections, "_until_free", lambda do, wait: real(do, wait) and ("delete",))
    with pytest.raises(ConfigError, match="write-ahead log"):
        open_registry(tmp_path / "tmx.db", create=True)


def test_what_sqlite_forgets_is_set_on_every_connection(new_database, migrated):
    with open_registry(new_database("sqlite", migrated("sqlite"))) as registry, registry.read() as conn:
        pragmas = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "temp_store")
        assert [execute(conn, f"PRAGMA {name}").scalar() for name in pragmas] == ["wal", 1, 30000, 1, 2]


def test_a_write_takes_the_lock_at_once_and_a_read_takes_none(new_database, migrated):
    """Else a transaction that first reads would fail when it writes after someone else has."""
    begun = []
    with open_registry(new_database("sqlite", migrated("sqlite"))) as registry:
        event.listen(registry.engine, "before_cursor_execute", lambda *arguments: begun.append(arguments[2]))
        with registry.write() as writer:
            with registry.read() as reader:
                assert execute(reader, "SELECT COUNT(*) FROM run").scalar() == 0
            execute(writer, "SELECT 1")
    assert [each for each in begun if each.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_a_writer_comes_back_after_the_timeout(new_database, migrated, monkeypatch):
    monkeypatch.setattr(connections, "BUSY_TIMEOUT_S", 0.05)
    url = new_database("sqlite", migrated("sqlite"))
    with open_registry(url) as first, open_registry(url) as second:
        with first.write():
            monkeypatch.setattr(connections, "LONGEST_WAIT_S", 0.2)
            with pytest.raises(TransientError, match="stayed locked"), second.write():
                pass
        with second.write() as conn:
            execute(conn, "DELETE FROM run")


def test_a_transaction_is_rolled_back_by_whatever_is_raised(registry):
    statement = "INSERT INTO environment (sha256, details, created) VALUES ('a', '{}', {now})"

    def interrupted(error: type[BaseException]) -> None:
        with registry.write() as conn:
            execute(conn, statement)
            raise error

    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error):
            interrupted(error)
    with registry.read() as conn:
        assert execute(conn, "SELECT COUNT(*) FROM environment").scalar() == 0


def test_a_database_that_was_waited_for_in_vain_is_not_waited_for_again_until_it_answers(registry, monkeypatch):
    """Else a worker that gives up would wait once more to hand back its runs, and once more to say that it stops."""
    monkeypatch.setattr(engine, "LONGEST_WAIT_S", 0.2)

    def tries(conn, again):
        attempts.append(again)
        raise TransientError("away")

    for waits in (True, False, False):
        attempts = []
        with pytest.raises(TransientError):
            registry.transact(tries)
        assert (len(attempts) > 1) == waits
    assert registry.consult(lambda conn: execute(conn, "SELECT 1").scalar()) == 1
    attempts = []
    with pytest.raises(TransientError):
        registry.transact(tries)
    assert len(attempts) > 1


def test_a_transaction_is_repeated_while_the_database_is_away(registry):
    calls = []

    def work(conn, again):
        calls.append(again)
        if len(calls) < 3:
            raise TransientError("restarting")
        return execute(conn, "SELECT 7").scalar()

    assert registry.transact(work) == 7
    assert calls == [False, True, True]


def test_a_lost_connection_is_made_anew(new_database):
    """The server ends all sessions, as when it restarts."""
    with open_registry(new_database("postgresql"), create=True) as registry:
        with registry.read() as conn:
            pid = execute(conn, "SELECT pg_backend_pid()").scalar()
        with registry.write() as conn:
            other = execute(conn, "SELECT pg_backend_pid()").scalar()
            assert other == pid
        with open_registry(registry.address) as killer, killer.write() as conn:
            execute(conn, "SELECT pg_terminate_backend(:pid)", pid=pid)
        assert registry.transact(lambda conn, _: execute(conn, "SELECT pg_backend_pid()").scalar()) != pid


def test_a_read_only_registry_refuses_to_write(registry_url):
    with open_registry(registry_url, read_only=True) as registry:
        with registry.read() as conn:
            assert execute(conn, "SELECT COUNT(*) FROM samples").scalar() == 0
        with pytest.raises(RegistryError), registry.write() as conn:
            execute(conn, "DELETE FROM run")


def test_an_archive_that_nobody_writes_can_be_read(tmp_path, monkeypatch):
    path = tmp_path / "tmx.db"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert connections.sqlite_uri(path, "ro").endswith("?mode=ro&immutable=1")
    Path(f"{path}-wal").touch()
    assert connections.sqlite_uri(path, "ro").endswith("?mode=ro")


def test_a_hostile_path_is_only_a_path(tmp_path):
    path = tmp_path / "a b#c?mode=memory&x%20.db"
    open_registry(path, create=True).close()
    assert path.is_file()
    open_registry(path, read_only=True).close()


def test_a_registry_can_be_pickled(registry):
    with registry.read():
        copy = pickle.loads(pickle.dumps(registry))
    with copy, copy.read() as conn:
        assert execute(conn, "SELECT 1").scalar() == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_makes_its_own_connections(registry):
    with registry.read() as conn:
        execute(conn, "SELECT 1")
    parents = registry.engine

    def child() -> None:
        assert registry.engine is not parents
        with registry.write() as conn:
            execute(conn, "INSERT INTO environment (sha256, details, created) VALUES ('c', '{}', {now})")

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(30)
    assert process.exitcode == 0
    with registry.read() as conn:
        assert execute(conn, "SELECT sha256 FROM environment").scalar() == "c"


def test_two_first_starts_do_not_race(empty_url):
    script = f"from tmx.registry import open_registry; open_registry({empty_url!r}, create=True).close()"
    starts = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) for _ in range(2)]
    assert [(each.communicate(timeout=60)[1], each.returncode) for each in starts] == [(b"", 0)] * 2
    open_registry(empty_url).close()


def test_opening_imports_nothing_heavy(registry_url):
    """`tmx status` must feel instant."""
    script = (
        "import sys; from tmx.registry import open_registry, queries;"
        f"r = open_registry({registry_url!r});"
        "exec('with r.read() as conn: queries.status_counts(conn)'); r.close();"
        "print([m for m in ('sqlalchemy.orm', 'alembic', 'numpy', 'pydantic', 'h5py') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_schemas_constant_is_the_last_revision():
    versions = Path(__file__).parents[3] / "migrations" / "versions"
    assert max(path.name for path in versions.glob("*.py")).startswith(f"{engine.SCHEMA_REVISION}_")
