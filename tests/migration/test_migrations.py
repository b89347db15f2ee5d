"""Making and upgrading registries, empty and with data, on both databases."""

import gzip
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.engine import Connection, make_url

from tmx.errors import RegistryError, SchemaError
from tmx.registry import Registry, migrations, open_registry, queue
from tmx.registry.address import Address
from tmx.registry.engine import SCHEMA_REVISION
from tmx.registry.queue import Ask, new_token
from tmx.registry.sql import execute, translated
from tmx.registry.statements import CLAIM
from tmx.registry.tables import metadata
from tmx.registry.views import VIEWS
from tmx.registry.workers import Process, register_worker

ROOT = Path(__file__).parents[2]
CURRENT = SCHEMA_REVISION
LATER = f"{int(CURRENT) + 1:04d}"
RELEASED = sorted((Path(__file__).parent / "released").glob("*.db.gz"))


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """Read a registry whatever its schema."""
    with Registry(Address.parse(url), read_only=True) as registry, registry.read() as conn:
        yield conn


def rows_of(url: str) -> dict[str, list[dict[str, object]]]:
    """Return all rows, table by table, as they are: the columns may change, so by their names."""
    with reading(url) as conn:
        tables = [table.name for table in metadata.sorted_tables]
        return {
            name: [dict(row) for row in execute(conn, f"SELECT * FROM {name} ORDER BY 1, 2").mappings().all()]
            for name in tables
        }


def released_as(dialect: str, file: Path, new_database) -> str:
    """Return the URL of a registry as a release left it: the file itself, or its rows on PostgreSQL."""
    url = new_database("sqlite")
    Path(make_url(url).database).write_bytes(gzip.decompress(file.read_bytes()))
    if dialect == "sqlite":
        return url
    target = new_database("postgresql")
    migrations.upgrade(target, file.name.removesuffix(".db.gz"))
    copy_rows(url, target)
    return target


def copy_rows(source: str, target: str) -> None:
    with reading(source) as old, migrations.exclusively(target) as new:
        names = [table.name for table in metadata.sorted_tables if inspect(old).has_table(table.name)]
        for name in names:
            types = {column["name"]: column["type"].python_type for column in inspect(new).get_columns(name)}
            for row in execute(old, f"SELECT * FROM {name} ORDER BY 1").mappings().all():
                values = {
                    key: bool(value) if types[key] is bool and value is not None else value
                    for key, value in row.items()
                }
                execute(new, f"INSERT INTO {name} ({', '.join(values)}) VALUES (:{', :'.join(values)})", **values)
            if "id" in types:
                execute(new, f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), MAX(id)) FROM {name}")


def test_a_new_registry_has_the_tables_of_this_version(empty_url):
    assert migrations.upgrade(empty_url) == (None, SCHEMA_REVISION)
    assert migrations.current(empty_url) == SCHEMA_REVISION
    assert migrations.check(empty_url) == []
    assert migrations.upgrade(empty_url) == (SCHEMA_REVISION, SCHEMA_REVISION)


def test_check_names_what_differs(empty_url):
    migrations.upgrade(empty_url)
    with migrations.exclusively(empty_url) as conn:
        execute(conn, "DROP INDEX ix_run_claim")
        execute(conn, "ALTER TABLE config ADD COLUMN extra INTEGER")
        execute(conn, "CREATE TABLE mine (a INTEGER)")
    found = " ".join(migrations.check(empty_url))
    assert "ix_run_claim" in found
    assert "extra" in found
    assert "mine" not in found


def test_alembic_agrees_on_the_command_line(empty_url):
    """With the ini file, for developers: upgrade, check, and down to nothing."""
    commands = [["upgrade", "head"], ["check"], ["downgrade", "base"], ["-x", f"url={empty_url}", "current"]]
    script = f"from alembic.config import main\nfor command in {commands!r}: main(argv=command)"
    environment = {**os.environ, "TMX_DATABASE_URL": empty_url}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert migrations.current(empty_url) is None


def test_every_constraint_has_a_name_in_the_database(registry_url):
    """Else SQLite's way of altering a table would lose it."""
    with reading(registry_url) as conn:
        for table in metadata.sorted_tables:
            stored = {each["name"] for each in inspect(conn).get_check_constraints(table.name)}
            expected = {each.name for each in table.constraints if (each.name or "").startswith("ck_")}
            assert stored == expected
            assert all(each["name"] for each in inspect(conn).get_foreign_keys(table.name))


@pytest.mark.parametrize("file", RELEASED, ids=lambda path: path.name)
def test_a_released_registry_is_upgraded_with_its_rows(file, dialect, new_database):
    url = released_as(dialect, file, new_database)
    before = rows_of(url)
    migrations.upgrade(url)
    after = rows_of(url)
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert sum(map(len, before.values())) > 50
    assert migrations.check(url) == []
    with open_registry(url) as registry:
        with registry.read() as conn:
            states = execute(conn, "SELECT DISTINCT state FROM run ORDER BY state").scalars().all()
            assert states == ["blocked", "cancelled", "done", "failed", "pending", "running"]
            assert [execute(conn, f"SELECT COUNT(*) FROM {view}").scalar() > 0 for view in VIEWS] == [True] * 4
        worker = register_worker(registry, Process("new", "host", 2, "loky"), {"tmx": "later"})
        assert len(queue.claim(registry, Ask(worker, new_token(), 2))) == 2


def test_there_is_a_file_of_every_revision():
    revisions = {path.name.split("_")[0] for path in (ROOT / "migrations" / "versions").glob("*.py")}
    assert {path.name.removesuffix(".db.gz") for path in RELEASED} == revisions


@pytest.mark.parametrize("file", RELEASED[-1:], ids=lambda path: path.name)
def test_tables_are_made_anew_without_losing_anything(file, dialect, new_database, later_version):
    """SQLite alters a table by dropping it, with foreign keys on also what refers to it; and views stand in the way."""
    url = released_as(dialect, file, new_database)
    before = rows_of(url)
    assert migrations.upgrade(url) == (CURRENT, LATER)
    after = rows_of(url)
    assert all(row.pop("note", "gone") is None for row in after["sweep"])
    assert after == before
    assert [found for found in migrations.check(url) if "note" not in found and "type" not in found] == []
    with open_registry(url) as registry:
        with pytest.raises(RegistryError, match="ck_run_lease_while_running"), registry.write() as conn:
            execute(conn, "UPDATE run SET lease_until = 1 WHERE state = 'pending'")
        with registry.read() as conn:
            assert execute(conn, "SELECT COUNT(*) FROM samples").scalar() == len(before["sample"])
            values = {"worker_id": 1, "token": "t", "lease_s": 60.0, "stage": None, "limit": 10, "sweep_id": 1}
            explain = "EXPLAIN QUERY PLAN" if dialect == "sqlite" else "EXPLAIN"
            plan = str(conn.exec_driver_sql(f"{explain} {translated(CLAIM, dialect)}", values).all())
            assert "ix_run_claim" in plan or dialect != "sqlite"
            assert "ORDER BY" not in plan


def test_the_file_is_copied_before_it_is_changed(new_database, migrated, later_version):
    url = new_database("sqlite", migrated("sqlite"))
    path = Path(make_url(url).database)
    migrations.upgrade(url, CURRENT)
    assert [each.name for each in path.parent.iterdir() if "backup" in each.name] == []
    (path.parent / f"tmx.db.{CURRENT}.backup").write_text("of an earlier try")
    migrations.upgrade(url)
    assert migrations.current(path.parent / f"tmx.db.{CURRENT}.backup1") == CURRENT
    assert migrations.current(url) == LATER


def test_a_migration_that_fails_leaves_the_registry_as_it_was(registry_url, later_version):
    revision = later_version / "versions" / f"{LATER}_later.py"
    revision.write_text(
        revision.read_text().replace(
            '    with op.batch_alter_table("run")', '    op.execute("SELEC 1")\n    with op.batch_alter_table("run")'
        )
    )
    before = rows_of(registry_url)
    with pytest.raises(RegistryError):
        migrations.upgrade(registry_url)
    assert migrations.current(registry_url) == CURRENT
    assert rows_of(registry_url) == before
    with reading(registry_url) as conn:
        assert "note" not in [column["name"] for column in inspect(conn).get_columns("sweep")]
        assert execute(conn, "SELECT COUNT(*) FROM samples").scalar() == 0


def test_a_migration_that_breaks_a_reference_is_refused(new_database, migrated, later_version):
    revision = later_version / "versions" / f"{LATER}_later.py"
    broken = "INSERT INTO sample (sweep_id, sample_index, params, thermal_run_id) VALUES (77, 0, '', 77)"
    text = revision.read_text().replace("def upgrade() -> None:", f'def upgrade() -> None:\n    op.execute("{broken}")')
    revision.write_text(text)
    url = new_database("sqlite", migrated("sqlite"))
    with pytest.raises(RegistryError, match="row 1 of table sample refers to"):
        migrations.upgrade(url)
    assert migrations.current(url) == CURRENT


def test_a_newer_registry_is_not_touched(registry_url):
    with migrations.exclusively(registry_url) as conn:
        execute(conn, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="newer tmx"):
        migrations.upgrade(registry_url)
    assert migrations.current(registry_url) == "9999"


def test_a_schema_that_is_older_names_the_command(registry_url, later_version):
    with pytest.raises(SchemaError, match="tmx db upgrade"):
        open_registry(registry_url)
    (found,) = migrations.check(registry_url)
    assert "`tmx db upgrade --db " in found


def test_foreign_keys_are_checked_again_after_an_upgrade(new_database, migrated):
    with open_registry(new_database("sqlite", migrated("sqlite"))) as registry, registry.write() as conn:
        assert execute(conn, "PRAGMA foreign_keys").scalar() == 1


def test_an_installed_package_brings_its_migrations(tmp_path, monkeypatch):
    package = tmp_path / "tmx"
    (package / "_migrations").mkdir(parents=True)
    (package / "_migrations" / "env.py").touch()
    monkeypatch.setattr(migrations.tmx, "__file__", str(package / "__init__.py"))
    assert migrations.migrations_directory() == package / "_migrations"
    (package / "_migrations" / "env.py").unlink()
    with pytest.raises(RegistryError, match="install tmx again"):
        migrations.migrations_directory()


def test_a_backup_is_whole_while_others_write(new_database, migrated):
    url = new_database("sqlite", migrated("sqlite"))
    path = Path(make_url(url).database)
    with open_registry(url) as registry, registry.write() as conn:
        execute(conn, "INSERT INTO environment (sha256, details, created) VALUES ('a', '{}', {now})")
        copy = migrations.back_up(path, CURRENT)
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert conn.execute("SELECT COUNT(*) FROM environment").fetchall() == [(0,)]
