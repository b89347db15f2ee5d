"""Wide tables: what is in them, and when they are written anew."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass

import pytest

from tmx.browse.alone import SweepAlone
from tmx.browse.wide import WideTables, table_names
from tmx.errors import NotFoundError
from tmx.registry import Registry, control, open_registry
from tmx.registry.queue import Ask, Failure, File, Result, claim, fail, finish, new_token
from tmx.registry.sql import execute
from tmx.registry.submission import ConfigRow, SampleRow, SweepRow, submit
from tmx.registry.workers import Process, register_worker


@dataclass
class Tables:
    registry: Registry
    wide: WideTables

    def submit(self, name, params):
        rows = [
            SampleRow(i, json.dumps(one), f"{name}{json.dumps(one)}".encode().hex()[:64].ljust(64, "0"), None)
            for i, one in enumerate(params)
        ]
        sweep = SweepRow(name, "", name.encode().hex().ljust(64, "0"), "grid", 1, name)
        return submit(self.registry, ConfigRow(name, "", "", json.dumps({"for": name})), sweep, rows).sweep_id

    def claim(self):
        worker = register_worker(self.registry, Process(new_token(), "host", 1, "threading"), {})
        return claim(self.registry, Ask(worker, new_token()))[0]

    def finish(self, temperature):
        held = self.claim()
        file = File("thermal", f"{held.key}.h5", "0" * 64, 1000)
        finish(self.registry, held, Result([file], {"t_surf_max": temperature}), lambda: None)

    def rows(self, table, columns="*"):
        with closing(sqlite3.connect(self.wide.side)) as conn:
            return conn.execute(f'SELECT {columns} FROM "{table}" ORDER BY sample_index').fetchall()


@pytest.fixture
def tables(new_database, migrated, tmp_path):
    with (
        open_registry(new_database("sqlite", migrated("sqlite"))) as registry,
        closing(WideTables(registry.address.path, tmp_path / "side.db")) as wide,
    ):
        yield Tables(registry, wide)


def test_a_table_has_parameters_and_results_that_there_are(tables):
    sweep = tables.submit("a", [{"Et": 1.0, "bottom_bc": "neumann"}, {"Et": 2.0, "bottom_bc": "dirichlet"}])
    tables.finish(300.0)
    assert tables.wide.refresh()
    table = tables.wide.tables[sweep]
    assert table.parameters == ("Et", "bottom_bc")
    assert table.results == ("t_surf_max",)
    assert table.facets == ("state", "Et", "bottom_bc")
    assert tables.wide.disk == {sweep: 1000}
    shown = "sample_index, state, day IS NOT NULL, Et, bottom_bc, t_surf_max"
    assert tables.rows("a", shown) == [
        (0, "done", 1, 1.0, "neumann", 300.0),
        (1, "pending", 0, 2.0, "dirichlet", None),
    ]


@pytest.fixture
def one_table(dialect, new_database, migrated, tmp_path):
    url = new_database(dialect, migrated(dialect) if dialect == "sqlite" else None)
    with open_registry(url, create=True) as registry:
        yield Tables(registry, None)


def test_a_sweep_alone_has_the_same_table_on_either_database(one_table):
    one_table.submit("other", [{"k_dust": 1.0}])
    name = 'sqlite_"a" %'
    sweep = one_table.submit(name, [{"Et": 1.0, "bottom_bc": "neumann"}, {"Et": 2.0, "bottom_bc": "dirichlet"}])
    control.cancel(one_table.registry, sweep - 1)
    one_table.finish(300.0)
    alone = SweepAlone(one_table.registry, name)
    table = alone.tables[alone.sweep_id]
    assert (alone.sweep_id, table.sweep, table.n_samples) == (sweep, name, 2)
    assert (table.parameters, table.results) == (("Et", "bottom_bc"), ("t_surf_max",))
    with alone.read_tables() as conn:
        rows = conn.execute(f"SELECT sample_index, Et, bottom_bc, t_surf_max FROM {table.name} ORDER BY 1").fetchall()
    assert rows == [(0, 1.0, "neumann", 300.0), (1, 2.0, "dirichlet", None)]
    with pytest.raises(NotFoundError):
        SweepAlone(one_table.registry, "nobody")


def test_only_what_has_changed_is_written(tables, monkeypatch):
    tables.submit("a", [{"Et": 1.0}])
    tables.submit("b", [{"k_dust": 1.0}])
    tables.wide.refresh()
    assert not tables.wide.refresh()
    written = []
    monkeypatch.setattr(tables.wide, "_write", lambda sweep_id, name, n_samples: written.append(name))
    tables.finish(300.0)
    assert tables.wide.refresh()
    assert written == ["a"]


def test_failures_retries_and_errors_are_followed(tables):
    tables.submit("a", [{"Et": 1.0}])
    for message in ("first", "second"):
        fail(tables.registry, tables.claim(), Failure("ValueError", message))
        tables.wide.refresh()
        assert tables.rows("a", "state, error") == [("failed", message)]
        control.retry(tables.registry)
        tables.wide.refresh()
        assert tables.rows("a", "state") == [("pending",)]


def test_columns_appear_while_somebody_reads(tables):
    tables.submit("a", [{"Et": 1.0}])
    tables.wide.refresh()
    with closing(sqlite3.connect(tables.wide.side)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT COUNT(*) FROM a").fetchone() == (1,)
        tables.finish(310.0)
        tables.wide.refresh()
        reader.execute("COMMIT")
        assert reader.execute("SELECT t_surf_max FROM a").fetchall() == [(310.0,)]


def test_names_are_told_apart(tables):
    names = ["plain", "Plain", "sqlite_master", "", 'quo"te', "nul\0l"]
    found = table_names(enumerate(names))
    assert found[0] == "plain"
    assert len({name.lower() for name in found.values()}) == len(names)
    for name in ('quo"te', "sqlite_stat1", "Plain", "plain", "état 100 %"):
        tables.submit(name, [{"Et": 1.0}])
    tables.wide.refresh()
    assert len(tables.wide.tables) == 5


def test_a_sweep_that_has_another_name_has_another_table(tables):
    sweep = tables.submit("a", [{"Et": 1.0}])
    tables.wide.refresh()
    with tables.registry.write() as conn:
        execute(conn, "UPDATE sweep SET name = 'b'")
    tables.wide.refresh()
    assert tables.wide.tables[sweep].name == "b"
    assert tables.rows("b", "Et") == [(1.0,)]
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        tables.rows("a")


def test_a_table_that_could_not_be_written_is_written_next_time(tables, monkeypatch):
    tables.submit("a", [{"Et": 1.0}])

    def refuse(*_args):
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(tables.wide, "_gather", refuse)
        with pytest.raises(sqlite3.OperationalError):
            tables.wide.refresh()
    assert tables.wide.refresh()
    assert tables.rows("a", "Et") == [(1.0,)]
