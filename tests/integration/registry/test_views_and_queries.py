"""What people read: the views on both databases, and the queries behind the commands."""

import json

import pytest

from tmx.errors import ConfigError, NotFoundError
from tmx.registry import control, costs, open_registry, queries, queue, showing, submission, views
from tmx.registry.datasets import DatasetRow, record_dataset
from tmx.registry.own_queries import select
from tmx.registry.queue import Failure
from tmx.registry.sql import execute
from tmx.registry.submission import ConfigRow, SampleRow, SweepRow
from tmx.registry.workers import Process, alive_in_crew, register_worker, stop_worker

NAMES = ("c_1/host/1-x", "c_1/host/2-x", "cx1/host/3-x", "c_12/host/4-x", "other")

HOSTILE = [
    "Et", "et", "state", "SWEEP", "param_state", "select", "a b", 'quo"te', "apo'strophe", "100%", "%s", ":colon",
    "{x}", "per.dot", "$dollar", "Größe", "x" * 70, "x" * 69 + "y", "-- comment", "); DROP TABLE run; --", "param_", "",
]  # fmt: skip


def rows(registry, sql):
    names, found = select(registry, sql)
    return [dict(zip(names, row, strict=True)) for row in found]


def submit_params(world, name, params):
    samples = [SampleRow(index, json.dumps(each), world.key(name, index)) for index, each in enumerate(params)]
    sweep = SweepRow(name, "yaml", world.key(name), "grid", 42, f"out/{name}")
    return submission.submit(world.registry, ConfigRow("bennu", "Bennu", "y", "{}"), sweep, samples)


def test_a_sample_is_one_row_with_everything(world):
    world.submit("a", range(3))
    worker = world.worker()
    (thermal,) = world.claim(worker)
    world.finish(thermal)
    world.finish(world.claim(worker)[0])
    done, *others = rows(world.registry, "SELECT * FROM samples ORDER BY sample_index")
    assert (done["sweep"], done["sample_index"], done["state"], done["Et"]) == ("a", 0, "done", 0.0)
    assert (done["t_surf_max"], done["tb_max"], done["estimated_error"]) == (380.5, 379.0, 0.05)
    assert done["thermal_path"] == f"out/thermal_{thermal.key}.h5"
    assert (done["attempts"], done["error"]) == (2, None)
    assert [each["state"] for each in others] == ["pending", "pending"]


def test_the_state_of_a_sample_is_that_of_its_runs(world):
    a = world.submit("a", range(4)).sweep_id
    worker = world.worker()
    failed, cancelled, radiance_next, running = world.claim(worker, 4)
    queue.fail(world.registry, failed, Failure("SolverError", "diverged"))
    world.finish(radiance_next)
    states = "SELECT state FROM samples ORDER BY sample_index"
    assert [each["state"] for each in rows(world.registry, states)] == ["failed", "running", "pending", "running"]
    control.cancel(world.registry, a)
    queue.release(world.registry, [cancelled])
    assert [each["state"] for each in rows(world.registry, states)] == ["failed", "cancelled", "cancelled", "cancelled"]
    assert rows(world.registry, "SELECT error FROM samples WHERE state = 'failed'") == [{"error": "diverged"}]
    assert running.run_id


def test_parameters_are_typed_columns(world):
    submit_params(
        world, "a",
        [
            {"Et": 1, "n": 3, "flag": True, "law": "x", "nothing": None},
            {"Et": 2.5, "n": 11, "flag": False, "law": "y", "list": [1, 2]},
        ],
    )  # fmt: skip
    found = rows(world.registry, 'SELECT "Et", n, flag, law, list FROM samples WHERE n > 3 AND NOT flag')
    assert [(each["Et"], each["n"], bool(each["flag"]), each["law"]) for each in found] == [(2.5, 11, False, "y")]
    assert json.loads(found[0]["list"]) == [1, 2]
    assert rows(world.registry, 'SELECT n FROM samples WHERE "Et" < 2') == [{"n": 3}]
    assert rows(world.registry, "SELECT MAX(n) AS m FROM samples WHERE law > 'x'") == [{"m": 11}]


def test_the_columns_are_the_union_of_all_sweeps(world):
    submit_params(world, "a", [{"Et": 1}])
    submit_params(world, "b", [{"R": 0.5, "Et": 1.5}])
    assert rows(world.registry, 'SELECT sweep, "Et", "R" FROM samples ORDER BY sweep') == [
        {"sweep": "a", "Et": 1.0, "R": None},
        {"sweep": "b", "Et": 1.5, "R": 0.5},
    ]


def test_hostile_names_are_only_names(world):
    params = {name: number + 0.5 for number, name in enumerate(HOSTILE)}
    submit_params(world, "a", [params])
    (found,) = rows(world.registry, "SELECT * FROM samples")
    names = views.parameter_names(sorted(params), ["state", "sweep"])
    assert {name: found[column] for name, column in names.items()} == params
    assert len({name.lower() for name in found}) == len(found)
    assert found["state"] == "pending"
    assert all(len(name.encode()) <= views.LONGEST_NAME for name in found)


def test_a_zero_byte_in_a_parameter_is_refused(world):
    with pytest.raises(ConfigError, match="zero byte"):
        submit_params(world, "a", [{"law": "a\0b"}])


def test_the_views_are_left_alone_where_nothing_new_is_shown(world, monkeypatch):
    submit_params(world, "a", [{"Et": 1}])
    monkeypatch.setattr(submission, "refresh_views", lambda _: pytest.fail("made anew"))
    submit_params(world, "b", [{"Et": 2}])


def test_a_failure_says_what_and_where(world):
    world.submit("a", range(2))
    first, second = world.claim(world.worker("node7"), 2)
    for held in (first, second):
        queue.fail(world.registry, held, Failure("SolverError", "diverged", "Traceback …"))
    found = rows(world.registry, "SELECT * FROM failures ORDER BY run_id")
    assert [(each["error_type"], each["message"], each["host"]) for each in found] == [
        ("SolverError", "diverged", "node7")
    ] * 2
    assert found[0]["finished"].endswith("Z")
    with world.registry.read() as conn:
        assert queries.failure_groups(conn) == [
            {"stage": "thermal", "error_type": "SolverError", "message": "diverged", "runs": 2, "example": first.run_id}
        ]
        assert queries.stuck_counts(conn) == {"a": 2}


def test_sweeps_and_status_count_what_each_needs(world):
    world.submit("a", range(3))
    worker = world.worker()
    world.finish(world.claim(worker)[0])
    world.submit("b", range(2))
    (a, b) = rows(world.registry, "SELECT * FROM sweeps ORDER BY sweep")
    assert (a["n_samples"], a["done"], a["pending"], a["blocked"], a["reused"]) == (3, 1, 3, 2, 0)
    assert (b["n_samples"], b["done"], b["pending"], b["blocked"], b["reused"]) == (2, 1, 2, 1, 4)
    with world.registry.read() as conn:
        counts = queries.status_counts(conn)
    assert [(each.stage, each.state, each.runs, each.reused) for each in counts if each.sweep == "b"] == [
        ("radiance", "blocked", 1, 1),
        ("radiance", "pending", 1, 1),
        ("thermal", "done", 1, 1),
        ("thermal", "pending", 1, 1),
    ]
    assert sum(each.runs for each in counts if each.sweep == "a") == 6


def test_what_is_outstanding_is_what_may_still_change(world):
    """Runs behind a failed one would be waited for in vain."""
    a = world.submit("a", range(2)).sweep_id
    b = world.submit("b", [1]).sweep_id
    world.submit("c", [7])
    worker = world.worker()

    def left(*sweep_ids):
        with world.registry.read() as conn:
            return queries.outstanding(conn, sweep_ids or None), queries.unfinished_sweeps(conn)

    assert left() == (4, ["a", "b", "c"])
    assert left(b) == (1, ["a", "b", "c"])
    first, second = world.claim(worker, 2, sweep_ids=[a])
    queue.fail(world.registry, first, Failure("SolverError", "no"))
    assert left(a) == (1, ["a", "b", "c"])
    world.finish(second)
    assert left(a, b)[0] == 2
    world.work_off(worker, sweep_ids=[b])
    assert left() == (1, ["c"])
    control.pause(world.registry, world.submit("c", [7]).sweep_id)
    assert left() == (0, [])


def test_sweeps_are_listed_without_counting(world):
    world.submit("a", range(2))
    world.submit("b", range(3))
    with world.registry.read() as conn:
        assert queries.sweep_names(conn) == ["a", "b"]
        assert [each["n_samples"] for each in queries.sweep_overview(conn)] == [2, 3]
        (b,) = queries.sweep_overview(conn, "b")
        assert (b["sweep"], b["output_dir"], b["state"]) == ("b", "out/b", "active")
        assert control.output_dir_of(conn, "b") == "out/b"
        with pytest.raises(NotFoundError):
            queries.sweep_overview(conn, "c")


def test_a_crew_is_found_by_the_names_of_its_workers(world):
    crew = [register_worker(world.registry, Process(name, "h", pid, "loky"), {}) for pid, name in enumerate(NAMES)]
    stop_worker(world.registry, crew[1])
    with world.registry.read() as conn:
        assert alive_in_crew(conn, "c_1") == {crew[0]: 0}


def test_a_dataset_takes_the_place_of_that_at_its_path(world):
    sweep_id = world.submit("a", range(3)).sweep_id
    ids = [each for (each,) in world.execute("SELECT id FROM sample ORDER BY id")]
    for parts in (("train", "val", "test"), ("train", "train")):
        dataset = DatasetRow("a", sweep_id, "{}", "{}", 42, "out/a/ml_dataset.h5", "f" * 64, "0" * 64, 10, 0)
        recorded = record_dataset(world.registry, dataset, list(zip(ids, parts, strict=False)))
        assert world.execute("SELECT id, n_samples FROM dataset") == [(recorded, len(parts))]
        stored = world.execute(
            "SELECT split FROM dataset_sample WHERE dataset_id = :id ORDER BY sample_id", id=recorded
        )
        assert stored == [(part,) for part in parts]


def test_a_run_is_shown_by_its_id_or_the_beginning_of_its_key(world):
    world.submit("a", range(2))
    (held,) = world.claim(world.worker("node7"))
    world.finish(held)
    with world.registry.read() as conn:
        by_id = showing.show_run(conn, str(held.run_id))
        by_key = showing.show_run(conn, held.key[:10].upper())
        by_path = showing.show_artifact(conn, f"out/thermal_{held.key}.h5")
    assert by_id == by_key == by_path["run"]
    assert (by_id["key"], by_id["host"], by_id["state"], by_id["t_surf_max"]) == (held.key, "node7", "done", 380.5)
    assert [each["outcome"] for each in by_id["history"]] == ["done"]


def test_an_ambiguous_or_unknown_reference_says_so(world):
    world.submit("a", range(2), radiance=False)
    world.execute("UPDATE run SET key = 'abcd' || substr(key, 5)")
    with world.registry.read() as conn:
        with pytest.raises(ConfigError, match=r"may be any of abcd.*more digits"):
            showing.find_run(conn, "abcd")
        for unknown in ("abce", "abc", "77", "nonsense", "", "'; --", "１"):
            with pytest.raises(NotFoundError):
                showing.find_run(conn, unknown)


def test_a_sample_is_shown_by_its_id_or_its_place(world):
    world.submit("a/b", range(3))
    with world.registry.read() as conn:
        shown = showing.show_sample(conn, "a/b/2")
        assert showing.show_sample(conn, str(shown["sample_id"])) == shown
        assert (shown["sample_index"], shown["Et"]) == (2, 2.0)
        for unknown in ("a/b/3", "99", "a/b/x", "x"):
            with pytest.raises(NotFoundError):
                showing.show_sample(conn, unknown)


def test_throughput_is_of_the_last_minute(world):
    world.submit("a", range(4), radiance=False)
    world.work_off(world.worker())
    with world.registry.read() as conn:
        lately = queries.throughput(conn)
    assert lately.runs_per_second == pytest.approx(4, rel=0.5)
    assert 0 <= lately.mean_duration < 5
    world.execute("UPDATE attempt SET finished = finished - 3600")
    with world.registry.read() as conn:
        assert queries.throughput(conn) is None


def test_a_users_query_may_hold_anything(world):
    world.submit("a", range(2))
    found = rows(world.registry, "SELECT '100%' AS percent, ':name' AS colon, COUNT(*) AS n FROM samples")
    assert found == [{"percent": "100%", "colon": ":name", "n": 2}]


@pytest.mark.parametrize(
    "sql", ["DELETE FROM run", "UPDATE sweep SET state = 'paused'", "CREATE TABLE x (a int)", "DROP VIEW samples"]
)
def test_a_users_query_may_not_write(world, sql):
    world.submit("a", range(2))
    with pytest.raises(ConfigError, match="only reads"):
        select(world.registry, sql)
    assert world.states() == {"pending": 2, "blocked": 2}


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT * FROM nowhere", "", "PRAGMA query_only = OFF"])
def test_a_users_mistake_is_one_line(world, sql):
    with pytest.raises(ConfigError) as error:
        select(world.registry, sql)
    assert "\n" not in str(error.value)


def test_a_second_statement_writes_nothing(world):
    world.submit("a", [0])
    for sql in ("SELECT 1; UPDATE sweep SET priority = 9", "SELECT 1; COMMIT; UPDATE sweep SET priority = 9"):
        with pytest.raises(ConfigError):
            select(world.registry, sql)
    assert world.execute("SELECT priority FROM sweep") == [(0,)]


def test_the_views_open_in_a_registry_without_rows(registry_url):
    with open_registry(registry_url, read_only=True) as registry, registry.read() as conn:
        for view in views.VIEWS:
            assert execute(conn, f"SELECT * FROM {view}").all() == []


def test_what_runs_have_cost_and_which_are_computed(world, monkeypatch):
    monkeypatch.setattr(costs, "KEYS_AT_A_TIME", 2)
    rows = world.rows(range(3))
    world.submit("a", range(3))
    worker = world.worker()
    held = world.claim(worker, 2)
    for one in held:
        world.finish(one)
    keys = [key for row in rows for key in (row.thermal_key, row.radiance_key)]
    with world.registry.read() as conn:
        assert costs.computed_keys(conn, keys) == {rows[0].thermal_key, rows[1].thermal_key}
        assert costs.computed_keys(conn, []) == set()
        latest, first = costs.past_runs(conn, 10)
        assert costs.past_runs(conn, 1) == [latest]
    assert (first.stage, first.config, first.params) == ("thermal", '{"for": "a"}', rows[0].params)
    assert first.bytes == world.execute("SELECT bytes FROM artifact ORDER BY id LIMIT 1")[0][0]
    assert latest.seconds >= 0.0
