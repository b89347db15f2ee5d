"""A registry on PostgreSQL as an SQLite file: whole at first, and the same after whatever happens."""

import json
import time
from contextlib import closing

import pytest

from tmx.browse.mirror import Mirror
from tmx.browse.source import Source
from tmx.registry import open_registry
from tmx.registry.copying import fingerprint_of
from tmx.registry.queue import Ask, Failure, claim, fail, new_token
from tmx.registry.sql import execute
from tmx.registry.submission import ConfigRow, SampleRow, SweepRow, submit
from tmx.registry.tables import metadata
from tmx.registry.workers import Process, register_worker


@pytest.fixture
def source(migrated):
    from conftest import empty

    url = migrated("postgresql")
    empty(url)
    with open_registry(url) as registry:
        yield registry


@pytest.fixture
def mirror(source, tmp_path):
    with closing(Mirror(source, tmp_path / "registry.db")) as made:
        yield made


def submit_points(registry, name, points, parameter="Et"):
    rows = [SampleRow(i, json.dumps({parameter: p}), f"{name}{p}".ljust(64, "0"), None) for i, p in enumerate(points)]
    sweep = SweepRow(name, "", name.ljust(64, "0"), "grid", 1, name)
    return submit(registry, ConfigRow(name, "Bennu", "", json.dumps({"for": name})), sweep, rows)


def assert_same(source, tmp_path):
    with open_registry(tmp_path / "registry.db", read_only=True) as copy, copy.read() as there, source.read() as here:
        for table in metadata.sorted_tables:
            assert fingerprint_of(there, table) == fingerprint_of(here, table), table.name


def test_a_mirror_is_whole_and_then_takes_what_has_changed(source, mirror, tmp_path):
    submit_points(source, "a", [1.0, 2.0, 3.0])
    assert mirror.refresh() > 6
    assert_same(source, tmp_path)
    worker = register_worker(source, Process("w", "host", 1, "threading"), {})
    (held,) = claim(source, Ask(worker, new_token()))
    fail(source, held, Failure("ValueError", "no"))
    changed = mirror.refresh()
    assert 0 < changed <= 4  # a run, its attempt, the worker, its environment
    assert_same(source, tmp_path)


def test_nothing_new_costs_nothing(source, mirror, tmp_path):
    submit_points(source, "a", [1.0])
    mirror.refresh()
    mirror.refresh()
    assert mirror.refresh() == 0


def test_rows_that_are_gone_go(source, mirror, tmp_path):
    submit_points(source, "a", [1.0, 2.0])
    mirror.refresh()
    with source.write() as conn:
        execute(conn, "DELETE FROM sample WHERE sample_index = 1")
        execute(conn, "UPDATE sweep SET n_samples = 1")
    assert mirror.refresh() > 0
    assert_same(source, tmp_path)


def test_a_transaction_that_ends_after_the_look_is_not_missed(source, mirror, tmp_path):
    """Its number is older than those of transactions that were seen."""
    submit_points(source, "a", [1.0])
    with source.write() as late:
        execute(late, "UPDATE sweep SET priority = 7 WHERE name = 'a'")
        submit_points(source, "b", [1.0])
        mirror.refresh()
        mirror.refresh()
    assert mirror.refresh() > 0
    assert_same(source, tmp_path)


def test_parameters_that_are_new_have_columns(source, mirror, tmp_path):
    submit_points(source, "a", [1.0])
    mirror.refresh()
    submit_points(source, "b", [0.5], parameter="latitude")
    mirror.refresh()
    with open_registry(tmp_path / "registry.db", read_only=True) as copy, copy.read() as conn:
        rows = execute(conn, 'SELECT "Et", latitude FROM samples ORDER BY sample_id').all()
    assert [tuple(row) for row in rows] == [(1.0, None), (None, 0.5)]


def test_pages_read_the_mirror(source, tmp_path):
    submit_points(source, "a", [1.0, 2.0])
    with Source(source, tmp_path) as shown:
        assert shown.mirrored_at is not None
        deadline = time.monotonic() + 20
        while not shown.tables:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert [table.sweep for table in shown.tables.values()] == ["a"]
        with shown.read() as conn:
            assert execute(conn, "SELECT COUNT(*) FROM samples").scalar() == 2
