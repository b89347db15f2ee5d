"""A registry in another database: the same rows, and work that goes on there."""

import pytest
from commands import BASE

from tmx.errors import ConfigError, NotFoundError, RegistryError
from tmx.maintenance.moving import move_registry
from tmx.maintenance.verify import verify
from tmx.registry import copying, migrations, open_registry
from tmx.registry.address import Address
from tmx.registry.copying import copy_registry, fingerprint_of
from tmx.registry.queue import new_token
from tmx.registry.sql import execute
from tmx.registry.tables import metadata
from tmx.registry.workers import Process, register_worker, stop_worker


def fingerprints(url):
    with open_registry(url) as registry, registry.read() as conn:
        return [fingerprint_of(conn, table) for table in metadata.sorted_tables]


def url_of(store):
    return store.registry.address.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, new_database):
    return new_database(request.param)


def test_all_rows_arrive_and_work_goes_on(store, target, new_database):
    before = fingerprints(url_of(store))
    assert [(each.table, each.rows, each.fingerprint) for each in move_registry(url_of(store), target)] == [
        (each.table, each.rows, each.fingerprint) for each in before
    ]
    assert fingerprints(target) == before
    assert migrations.check(target) == []
    with open_registry(target) as registry:
        moved = type(store)(registry, store.root, store.fingerprint)
        assert moved.kinds() == []
        assert moved.execute("SELECT COUNT(*) FROM samples WHERE k_dust > 0") == [(4,)]
        result = moved.execute("SELECT path FROM artifact WHERE deleted IS NULL ORDER BY id")[-1][0]
        content = (store.root / result).read_bytes()
        (store.root / result).unlink()
        moved.repair()
        assert moved.resume().done == 1
        moved.assert_undamaged()
        (store.root / "base.yaml").write_text(BASE.replace("freq_out: 12", "freq_out: 14"))
        moved.submit("c")
        (store.root / "base.yaml").write_text(BASE)
        assert moved.resume().done == 4
        assert {finding.kind for finding in verify(registry, store.root)} == set()
    (store.root / result).write_bytes(content)
    assert store.build() == store.fingerprint
    assert store.kinds() == []


def test_what_cannot_be_copied_leaves_nothing(store, target, monkeypatch):
    path = Address.parse(target).path
    store.execute("UPDATE attempt SET message = 'caf\u00e9' WHERE id = (SELECT MIN(id) FROM attempt)")

    def damaged(conn, table):
        return copying.Copied(table.name, 0, "")

    monkeypatch.setattr(copying, "fingerprint_of", damaged)
    with pytest.raises(RegistryError, match="did not arrive"):
        copy_registry(url_of(store), target)
    if path:
        assert not list(path.parent.iterdir())
    else:
        assert migrations.current(target) is None
    monkeypatch.undo()
    assert copy_registry(url_of(store), target) == fingerprints(target)
    with pytest.raises(ConfigError, match="is not empty"):
        copy_registry(url_of(store), target)
    assert fingerprints(target) == fingerprints(url_of(store))


def test_bad_places_are_refused(store, tmp_path):
    with pytest.raises(ConfigError, match="onto itself"):
        move_registry(url_of(store), url_of(store))
    with pytest.raises(NotFoundError, match="no registry"):
        move_registry(tmp_path / "nothing.db", tmp_path / "other.db")
    old = tmp_path / "old.db"
    migrations.upgrade(old, "0001")
    with pytest.raises(ConfigError, match="has schema 0001"):
        copy_registry(url_of(store), old)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["old.db"]


def test_a_registry_at_work_is_not_copied(store, target):
    worker = register_worker(store.registry, Process(f"w{new_token()}", "elsewhere", 1, "none"), {})
    with pytest.raises(RegistryError, match="1 workers, 0 runs"):
        move_registry(url_of(store), target)
    stop_worker(store.registry, worker)
    assert move_registry(url_of(store), target)


def test_texts_that_postgresql_cannot_store_are_named(new_database, tmp_path):
    source = tmp_path / "tmx.db"
    with open_registry(source, create=True) as registry, registry.write() as conn:
        execute(conn, "INSERT INTO environment (sha256, details, created) VALUES ('a', 'x' || char(0), 1)")
    assert copy_registry(source, tmp_path / "copy.db")[0].rows in {0, 1}
    target = new_database("postgresql")
    with pytest.raises(RegistryError, match="table environment holds a zero byte"):
        copy_registry(source, target)
    assert migrations.current(target) is None
