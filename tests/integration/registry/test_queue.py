"""What the queue promises to one worker at a time, on both databases."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tmx.errors import LeaseLostError, RegistryError
from tmx.registry import queue
from tmx.registry.queue import Ask, Failure, File, Result, new_token
from tmx.registry.sql import execute
from tmx.registry.workers import request_stop, unfinished_on


def test_claim_gives_a_worker_what_it_needs(world):
    world.submit("a", range(3))
    (first,) = world.claim(world.worker())
    assert first.stage == "thermal"
    assert first.params == '{"Et": 0.0}'
    assert (first.parent_id, first.parent_key, first.parent_path) == (None, None, None)
    assert first.attempt == 1
    run = world.run(first.run_id)
    assert (run["key"], run["sweep_id"]) == (first.key, first.sweep_id)
    assert (run["state"], run["lease_token"]) == ("running", first.token)


def test_a_child_is_claimed_with_its_parents_file_and_before_the_next_parent(world):
    world.submit("a", range(2))
    worker = world.worker()
    (parent,) = world.claim(worker)
    assert world.states() == {"running": 1, "pending": 1, "blocked": 2}
    world.finish(parent)
    (child,) = world.claim(worker)
    assert child.stage == "radiance"
    assert (child.parent_id, child.parent_key) == (parent.run_id, parent.key)
    assert child.parent_path == f"out/thermal_{parent.key}.h5"


def test_a_batch_comes_in_order_and_no_run_comes_twice(world):
    world.submit("a", range(25), radiance=False)
    worker = world.worker()
    batches = [world.claim(worker, 10) for _ in range(4)]
    assert [len(batch) for batch in batches] == [10, 10, 5, 0]
    claimed = [each.params for batch in batches for each in batch]
    assert claimed == [f'{{"Et": {float(point)}}}' for point in range(25)]


def test_sweeps_are_claimed_by_their_priority(world):
    world.submit("later", range(2), radiance=False, priority=5)
    world.submit("first", range(10, 12), radiance=False, priority=-5)
    assert [each.params for each in world.claim(world.worker(), 3)] == ['{"Et": 10.0}', '{"Et": 11.0}', '{"Et": 0.0}']


def test_only_the_sweeps_and_the_stage_asked_for_are_claimed(world):
    world.submit("a", [0])
    b = world.submit("b", [1]).sweep_id
    worker = world.worker()
    assert [each.sweep_id for each in world.claim(worker, 9, sweep_ids=[b])] == [b]
    assert world.claim(worker, 9, stage="radiance") == []
    assert [each.stage for each in world.claim(worker, 9, stage="thermal")] == ["thermal"]


def test_a_claim_whose_answer_was_lost_is_found_by_its_token(world):
    world.submit("a", range(5), radiance=False)
    ask = Ask(world.worker(), new_token(), 2)
    claimed = queue.claim(world.registry, ask)
    with world.registry.read() as conn:
        assert queue.held(conn, ask) == claimed


def test_finish_records_everything_at_once(world):
    world.submit("a", [0])
    (held,) = world.claim(world.worker())
    published = []
    numbers = {"t_surf_max": np.float64(381.5), "n_cells": np.int64(40), "accuracy_met": np.True_, "t_deep": math.nan}
    result = Result([File("thermal", "out/x.h5", "c" * 64, 123)], numbers)
    queue.finish(world.registry, held, result, lambda: published.append(True))
    assert published == [True]
    run = world.run(held.run_id)
    assert (run["state"], run["attempts"], run["lease_token"]) == ("done", 1, None)
    assert world.attempts(held.run_id) == ["done"]
    assert world.states() == {"done": 1, "pending": 1}
    assert world.execute("SELECT path, bytes, deleted FROM artifact") == [("out/x.h5", 123, None)]
    stored = world.execute("SELECT t_surf_max, n_cells, t_deep FROM thermal_result WHERE accuracy_met")
    assert stored == [(381.5, 40, None)]
    assert queue.was_recorded(world.registry, held)


def test_a_late_result_is_refused_and_nothing_is_published(world):
    """The lease ran out, whether or not somebody else has the run by now."""
    world.submit("a", [0])
    worker = world.worker()
    (held,) = world.claim(worker)
    world.expire(held)
    for _ in ("expired", "taken back", "given to another"):
        with pytest.raises(LeaseLostError, match="lease was lost"):
            queue.finish(world.registry, held, Result(), lambda: pytest.fail("published"))
        queue.reap(world.registry)
        world.claim(world.worker())
    assert world.attempts(held.run_id) == ["lost", None]
    assert not queue.was_recorded(world.registry, held)


def test_the_token_of_another_claim_records_nothing(world):
    world.submit("a", [0])
    (held,) = world.claim(world.worker())
    with pytest.raises(LeaseLostError):
        queue.finish(world.registry, replace(held, token=new_token()), Result(), lambda: pytest.fail("published"))
    assert world.run(held.run_id)["state"] == "running"


def test_a_result_is_recorded_once(world):
    world.submit("a", [0], radiance=False)
    (held,) = world.claim(world.worker())
    world.finish(held)
    with pytest.raises(LeaseLostError):
        world.finish(held)
    assert world.execute("SELECT COUNT(*) FROM artifact") == [(1,)]


@pytest.mark.parametrize("crash_in", ["publish", "rows"])
def test_a_crash_in_finish_leaves_the_old_state(world, tmp_path, crash_in):
    """Between publish and commit a whole file stays behind, to which no row points."""
    world.submit("a", [0])
    (held,) = world.claim(world.worker())
    staged, final = tmp_path / "x.part", tmp_path / "x.h5"
    staged.write_bytes(b"whole")

    def publish() -> None:
        if crash_in == "publish":
            raise OSError(28, "No space left on device")
        staged.replace(final)

    numbers = {"t_surf_max": 1.0, "no_such_column": 2.0}
    with pytest.raises(RegistryError if crash_in == "rows" else OSError):
        queue.finish(world.registry, held, Result([File("thermal", "x.h5", "0" * 64, 5)], numbers), publish)
    assert final.exists() == (crash_in == "rows")
    assert world.run(held.run_id)["state"] == "running"
    assert world.attempts(held.run_id) == [None]
    assert world.execute("SELECT * FROM artifact") == []
    assert world.states() == {"running": 1, "blocked": 1}
    world.finish(held)
    assert world.states() == {"done": 1, "pending": 1}


def test_finish_begins_the_next_held_run(world):
    world.submit("a", range(2), radiance=False)
    first, second = world.claim(world.worker(), 2)
    started = "SELECT started IS NOT NULL FROM attempt WHERE run_id = :id"
    assert [world.execute(started, id=each.run_id)[0][0] for each in (first, second)] == [1, 0]
    assert queue.finish(world.registry, first, Result(), lambda: None, then=second) == [second]
    assert world.execute(started, id=second.run_id) == [(1,)]


def test_finish_does_not_begin_a_run_that_was_taken_away(world):
    world.submit("a", range(2), radiance=False)
    first, second = world.claim(world.worker(), 2)
    world.expire(second)
    assert queue.finish(world.registry, first, Result(), lambda: None, then=second) == []
    assert world.run(first.run_id)["state"] == "done"
    assert not queue.start(world.registry, second)


def test_finish_claims_more_with_the_child_first(world):
    world.submit("a", range(2))
    worker = world.worker()
    (first,) = world.claim(worker)
    claims = queue.finish(world.registry, first, Result(), lambda: None, then=Ask(worker, new_token(), 5))
    assert [(each.stage, each.parent_id) for each in claims] == [("radiance", first.run_id), ("thermal", None)]


def test_a_heartbeat_renews_and_tells(world):
    a = world.submit("a", range(3), radiance=False).sweep_id
    worker = world.worker()
    kept, lost = world.claim(worker, 2)
    world.expire(lost)
    queue.reap(world.registry)
    before = world.run(kept.run_id)["lease_until"]
    beat = queue.heartbeat(world.registry, worker, lease_s=500)
    assert (beat.holds(kept), beat.holds(lost), beat.stop_requested, beat.cancelled) == (True, False, False, set())
    assert world.run(kept.run_id)["lease_until"] > before + 300
    world.execute("UPDATE sweep SET state = 'cancelled' WHERE id = :id", id=a)
    request_stop(world.registry, [worker])
    beat = queue.heartbeat(world.registry, worker)
    assert (beat.cancelled, beat.stop_requested) == ({(kept.run_id, kept.token)}, True)


def test_a_heartbeat_saves_a_lease_that_ran_out_unnoticed(world):
    """As after a laptop's sleep; once somebody has reaped it, it is too late."""
    world.submit("a", [0])
    worker = world.worker()
    (held,) = world.claim(worker)
    world.expire(held)
    assert queue.heartbeat(world.registry, worker).holds(held)
    assert queue.reap(world.registry) == 0
    world.finish(held)


def test_a_heartbeat_of_a_stranger_is_an_error(world):
    with pytest.raises(RegistryError, match="not registered"):
        queue.heartbeat(world.registry, 77)


def test_a_run_that_never_began_is_given_back_without_counting(world):
    world.submit("a", range(2), radiance=False)
    begun, waiting = world.claim(world.worker(), 2)
    world.expire(begun, waiting)
    assert queue.reap(world.registry) == 2
    assert world.attempts(begun.run_id) == ["lost"]
    assert world.attempts(waiting.run_id) == ["released"]
    assert [world.run(each.run_id)["losses"] for each in (begun, waiting)] == [1, 0]
    assert world.states() == {"pending": 2}


def test_only_expired_leases_are_reaped_and_only_a_few_at_a_time(world):
    world.submit("a", range(10), radiance=False)
    claims = world.claim(world.worker(), 10)
    assert queue.reap(world.registry) == 0
    world.expire(*claims[:7])
    assert [queue.reap(world.registry, limit=5) for _ in range(3)] == [5, 2, 0]
    assert world.states() == {"pending": 7, "running": 3}


def test_reaping_in_vain_waits_for_no_writer(world):
    """`tmx status` reaps, and must not wait for a submission of minutes."""
    world.submit("a", [0])
    world.claim(world.worker())
    with world.registry.write() as conn:
        execute(conn, "UPDATE sweep SET priority = 1")
        assert queue.reap(world.registry) == 0


def test_a_worker_that_is_silent_is_lost_until_it_is_heard_of(world):
    worker = world.worker()
    world.execute("UPDATE worker SET heartbeat = heartbeat - 1000")
    queue.reap(world.registry)
    assert world.execute("SELECT state FROM worker") == [("lost",)]
    queue.heartbeat(world.registry, worker)
    assert world.execute("SELECT state FROM worker") == [("alive",)]


def test_what_was_lost_is_claimed_after_all_others(world):
    world.submit("a", range(4), radiance=False)
    lost, waiting = world.claim(world.worker(), 2)
    world.expire(lost, waiting)
    queue.reap(world.registry)
    again = [each.run_id for each in world.claim(world.worker(), 4)]
    assert again[0] == waiting.run_id
    assert again[3] == lost.run_id


def test_three_losses_and_the_run_is_taken_to_be_the_cause(world):
    world.submit("a", [0])
    for _ in range(3):
        (held,) = world.claim(world.worker())
        world.expire(held)
        queue.reap(world.registry)
    run = world.run(held.run_id)
    assert (run["state"], run["losses"], run["attempts"]) == ("failed", 3, 0)
    ((message,),) = world.execute("SELECT message FROM attempt WHERE run_id = :id AND number = 3", id=held.run_id)
    assert "3 times" in message


def test_the_runs_of_a_dead_worker_need_not_wait(world):
    world.submit("a", range(4), radiance=False)
    dead, alive = world.worker("here"), world.worker("there")
    world.claim(dead, 2), world.claim(alive, 2)
    with world.registry.read() as conn:
        assert list(unfinished_on(conn, "here")) == [dead]
    assert queue.reap(world.registry, worker_ids=[dead]) == 2
    assert world.states() == {"pending": 2, "running": 2}
    with world.registry.read() as conn:
        assert unfinished_on(conn, "here") == {}


def test_a_retryable_failure_waits_longer_each_time_and_gives_up(world):
    world.submit("a", [0])
    worker, waits = world.worker(), []
    failure = Failure("OSError", "disk full", "Traceback …", retryable=True)
    for _ in range(2):
        (held,) = world.claim(worker)
        assert queue.fail(world.registry, held, failure) == "pending"
        assert world.claim(worker) == []
        ((wait,),) = world.execute("SELECT not_before - {now} FROM run WHERE id = :id", id=held.run_id)
        waits.append(wait)
        world.execute("UPDATE run SET not_before = {now} - 1 WHERE id = :id", id=held.run_id)
    assert 0 < waits[0] < waits[1]
    (held,) = world.claim(worker)
    assert queue.fail(world.registry, held, failure) == "failed"
    assert world.attempts(held.run_id) == ["failed"] * 3
    assert world.states() == {"failed": 1, "blocked": 1}
    assert world.execute("SELECT DISTINCT error_type, message, traceback FROM attempt") == [
        ("OSError", "disk full", "Traceback …")
    ]


def test_a_failure_that_would_repeat_itself_fails_at_once(world):
    world.submit("a", [0])
    (held,) = world.claim(world.worker())
    assert queue.fail(world.registry, held, Failure("ConfigError", "impossible")) == "failed"
    with pytest.raises(LeaseLostError):
        queue.fail(world.registry, held, Failure("ConfigError", "impossible"))
    assert world.attempts(held.run_id) == ["failed"]


def test_a_failure_is_stored_whatever_its_text(world):
    world.submit("a", [0])
    (held,) = world.claim(world.worker())
    queue.fail(world.registry, held, Failure("ValueError", "zero \0 and half \ud800", "100 % of :this"))
    ((message, traceback),) = world.execute("SELECT message, traceback FROM attempt")
    assert message.startswith("zero ")
    assert traceback == "100 % of :this"


def test_release_counts_as_nothing(world):
    world.submit("a", range(2), radiance=False)
    claims = world.claim(world.worker(), 2)
    queue.release(world.registry, claims)
    queue.release(world.registry, claims)
    assert world.states() == {"pending": 2}
    for each in claims:
        assert world.attempts(each.run_id) == ["released"]
        assert (world.run(each.run_id)["attempts"], world.run(each.run_id)["losses"]) == (0, 0)
    assert world.claim(world.worker())[0].attempt == 2


def test_leases_run_by_the_databases_clock(world, monkeypatch):
    """A worker whose clock is a year off claims, renews and finishes as any other."""
    monkeypatch.setattr("time.time", lambda: 1.0e9)
    world.submit("a", [0])
    worker = world.worker()
    (held,) = world.claim(worker)
    assert queue.reap(world.registry) == 0
    ((left,),) = world.execute("SELECT lease_until - {now} FROM run WHERE id = :id", id=held.run_id)
    assert 60 < left <= queue.LEASE_S
    world.finish(held)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'running'",
        "lease_until = 5",
        "state = 'blocked'",
        "state = 'lost'",
    ],
)
def test_the_database_refuses_an_impossible_run(world, change):
    world.submit("a", [0], radiance=False)
    with pytest.raises(RegistryError, match=r"ck_run_|constraint"):
        world.execute(f"UPDATE run SET {change}")
