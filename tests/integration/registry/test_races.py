"""Several processes and connections at once, for real."""

import json
import random
import subprocess
import sys
import threading
import time

import pytest

from tmx.errors import LeaseLostError
from tmx.registry import control, queue, submission
from tmx.registry.queue import Ask, Result, new_token
from tmx.registry.sql import execute, translated
from tmx.registry.statements import BORROW, CLAIM, OPEN_SWEEPS
from tmx.registry.submission import ConfigRow, SweepRow, add_samples, register_config, register_sweep

WORKER = """
import json, sys, time
from tmx.registry import open_registry, queue
from tmx.registry.queue import Ask, File, Result, new_token
from tmx.registry.workers import Process, register_worker

url, name = sys.argv[1:]
with open_registry(url) as registry:
    worker = register_worker(registry, Process(name, "host", 1, "threading"), {})
    ask = lambda: Ask(worker, new_token(), 3)
    print("ready", flush=True)
    sys.stdin.readline()
    held, done = queue.claim(registry, ask()), []
    while held:
        run, *rest = held
        time.sleep(0.002)  # a result does not come in no time, in which others could not even ask
        files = [File(run.stage, f"{run.stage}/{run.key}", run.key, 1)]
        more = queue.finish(registry, run, Result(files), lambda: None, rest[0] if rest else ask())
        held, done = rest or more, [*done, run.run_id]
    print(json.dumps(done), flush=True)
"""


def test_processes_share_the_work_without_a_lock_error_or_a_double_claim(world, registry_url):
    world.submit("a", range(150))
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, registry_url, name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in ("one", "two", "three")
    ]  # fmt: skip
    assert [each.stdout.readline() for each in workers] == ["ready\n"] * 3
    for each in workers:
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [each.communicate(timeout=60) for each in workers]
    assert [error for _, error in said] == [""] * 3
    done = [json.loads(output) for output, _ in said]
    # A child whose parent another worker was just recording may be left over; nothing is ever done twice.
    done.append([each.run_id for each in world.work_off(world.worker())])
    runs = [run_id for each in done for run_id in each]
    assert len(runs) == len(set(runs)) == 300
    assert sum(len(each) > 10 for each in done[:3]) >= 2
    assert world.states() == {"done": 300}
    assert world.execute("SELECT COUNT(*), COUNT(DISTINCT run_id) FROM attempt") == [(300, 300)]


def in_background(work, *arguments):
    """Start a thread, and give back a function that waits for it and returns or raises what it did."""
    outcome = {}

    def run():
        try:
            outcome["value"] = work(*arguments)
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result():
        thread.join(30)
        assert not thread.is_alive()
        if "error" in outcome:
            raise outcome["error"]
        return outcome["value"]

    return result


def test_a_claim_passes_over_what_is_being_claimed(world):
    """On PostgreSQL the second claim gets the next runs at once; on SQLite it comes after the first."""
    sweep_id = world.submit("a", range(6), radiance=False).sweep_id
    one, two = world.worker(), world.worker()
    if world.registry.dialect == "sqlite":
        assert {each.run_id for each in world.claim(one, 3)}.isdisjoint(each.run_id for each in world.claim(two, 3))
        return
    with world.registry.write() as conn:
        values = {"worker_id": one, "token": new_token(), "lease_s": 60.0, "stage": None, "limit": 4}
        first = set(execute(conn, CLAIM, sweep_id=sweep_id, **values).scalars())
        second = {each.run_id for each in world.claim(two, 4)}
    assert (len(first), len(second)) == (4, 2)
    assert first.isdisjoint(second)


def test_a_result_and_the_reaper_exclude_each_other(world):
    """While a result is being recorded the lease runs out: the reaper comes away with nothing."""
    world.submit("a", [0])
    (held,) = world.claim(world.worker(), 1, lease_s=0.5)

    def publish():
        time.sleep(0.7)
        reaped.append(in_background(queue.reap, world.registry))

    reaped = []
    queue.finish(world.registry, held, Result(), publish)
    assert reaped[0]() == 0
    assert world.run(held.run_id)["state"] == "done"
    assert world.attempts(held.run_id) == ["done"]


def test_a_result_after_the_reaper_is_refused(world):
    """The reaper was first, and the result waited for it."""
    world.submit("a", [0])
    (held,) = world.claim(world.worker())
    with world.registry.write() as conn:
        statement = "UPDATE run SET lease_until = {now} - 1 WHERE id = :id"
        execute(conn, statement, id=held.run_id)
        finishing = in_background(
            queue.finish, world.registry, held, Result(), lambda: pytest.fail("published under a dead lease")
        )
        time.sleep(0.2)
    with pytest.raises(LeaseLostError):
        finishing()


def test_a_child_submitted_while_its_parent_is_recorded_is_not_left_blocked(world):
    """The two transactions do not see each other's rows, and must not miss each other."""
    world.submit("a", [0], radiance=False)
    (held,) = world.claim(world.worker())
    submitting = []

    def publish():
        submitting.append(in_background(world.submit, "b", [0]))
        time.sleep(0.3)

    queue.finish(world.registry, held, Result(), publish)
    submitting[0]()
    assert world.states("b") == {"done": 1, "pending": 1}


def test_a_parent_recorded_while_its_child_is_submitted_unblocks_it(world):
    world.submit("a", [0], radiance=False)
    (held,) = world.claim(world.worker())
    with world.registry.write() as conn:
        config = register_config(conn, ConfigRow("c", "Moon", "y", "{}"))
        sweep = register_sweep(conn, SweepRow("b", "y", world.key("b"), "grid", 1, "out/b"), config)
        add_samples(conn, sweep, world.rows([0]))
        finishing = in_background(world.finish, held)
        time.sleep(0.3)
    finishing()
    assert world.states("b") == {"done": 1, "pending": 1}


def test_submissions_that_share_runs_do_not_wait_in_a_circle(world, monkeypatch):
    """They insert the same keys in opposite order, chunk by chunk."""
    monkeypatch.setattr(submission, "CHUNK", 20)
    points = list(range(200))
    others = [in_background(world.submit, name, order) for name, order in (("b", points[::-1]), ("c", points))]
    world.submit("a", points)
    new = [other().new_runs for other in others]
    assert max(new) <= 400
    assert world.states() == {"pending": 200, "blocked": 200}
    assert world.states("b") == world.states("c") == world.states("a")


def test_a_submission_does_not_keep_workers_waiting(world):
    """A heartbeat goes through while runs are inserted that refer to what the worker holds."""
    if world.registry.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    world.submit("a", [0], radiance=False)
    worker = world.worker()
    (held,) = world.claim(worker)
    with world.registry.write() as conn:
        execute(
            conn,
            "INSERT INTO run (stage, key, sweep_id, params, state, parent_id)"
            " VALUES ('radiance', 'k', :sweep, '{}', 'blocked', :parent)",
            sweep=held.sweep_id, parent=held.run_id,
        )  # fmt: skip
        assert in_background(queue.heartbeat, world.registry, worker)().holds(held)


def test_cancelling_and_claiming_at_once(world, monkeypatch):
    """However they interleave, a run ends up cancelled or computed."""
    monkeypatch.setattr(control, "CHUNK", 7)
    a = world.submit("a", range(60), radiance=False).sweep_id
    working = in_background(world.work_off, world.worker())
    time.sleep(random.Random(1).uniform(0.0, 0.1))
    cancelled = control.cancel(world.registry, a)
    done = len(working())
    assert (done, cancelled) == (world.states().get("done", 0), world.states().get("cancelled", 0))
    assert done + cancelled == 60


@pytest.fixture
def large(world):
    """Let other sweeps have many pending runs, so that a bad plan would show."""
    sweep = world.submit("a", range(3)).sweep_id
    other = world.submit("other", [100], radiance=False).sweep_id
    world.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        " INSERT INTO run (stage, key, sweep_id, params, state, priority)"
        " SELECT 'thermal', 'many' || i, :sweep_id, '{}', 'pending', i % 3 FROM n",
        sweep_id=other,
    )
    return world, sweep, other


def plan(world, sql, **values):
    dialect = world.registry.dialect
    prefix = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
    with world.registry.write() as conn:
        if dialect == "postgresql":
            execute(conn, "ANALYZE run")
        rows = conn.exec_driver_sql(prefix + translated(sql, dialect), values).all()
    return "\n".join(str(row[-1]) for row in rows)


def test_a_claim_is_led_by_the_index_of_what_is_pending(large):
    """No sort and no scan: it costs the same in a table of any size."""
    world, _, other = large
    values = {"worker_id": 1, "token": "t", "lease_s": 60.0, "stage": None, "limit": 10}
    found = plan(world, CLAIM, sweep_id=other, **values)
    assert "ix_run_claim" in found
    assert "Seq Scan on run" not in found
    assert "SCAN run" not in found
    assert "Sort" not in found
    assert "ORDER BY" not in found


def test_borrowing_does_not_look_at_all_that_is_pending(large):
    world, sweep, _ = large
    found = plan(world, BORROW, sweep_id=sweep, stage=None, limit=10)
    assert "shared_run" in found
    assert "Seq Scan on run" not in found
    assert "ix_run_counts" not in found


def test_finding_the_open_sweeps_does_not_count_their_runs(large):
    found = plan(large[0], OPEN_SWEEPS)
    assert "ix_run_claim" in found
    assert "SCAN r" not in found
    assert "Seq Scan on run" not in found


def test_a_limit_is_a_limit(large):
    """PostgreSQL, left to itself, may evaluate a subquery with LIMIT again for each row that it joins."""
    world, _, other = large
    for limit in (1, 10, 100):
        assert len(queue.claim(world.registry, Ask(world.worker(), new_token(), limit, [other]))) == limit
