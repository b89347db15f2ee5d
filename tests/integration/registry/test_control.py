"""What a user may do to a sweep, and that sweeps which share runs do not hold each other up."""

import pytest

from tmx.errors import NotFoundError
from tmx.registry import control, queue
from tmx.registry.queue import Failure


def test_cancel_stops_what_waits_and_tells_what_runs(world, monkeypatch):
    monkeypatch.setattr(control, "CHUNK", 3)
    a = world.submit("a", range(10)).sweep_id
    worker = world.worker()
    (held,) = world.claim(worker)
    assert control.cancel(world.registry, a) == 19
    assert world.states() == {"running": 1, "cancelled": 19}
    assert world.claim(worker) == []
    assert queue.heartbeat(world.registry, worker).cancelled == {(held.run_id, held.token)}
    queue.release(world.registry, [held])
    assert world.states() == {"cancelled": 20}
    assert world.attempts(held.run_id) == ["cancelled"]


def test_a_resume_in_the_middle_of_a_cancel_wins(world, monkeypatch):
    monkeypatch.setattr(control, "CHUNK", 3)
    a = world.submit("a", range(5)).sweep_id
    cancel_some = control._cancel_some

    def interrupted(conn, sweep_id):
        cancelled = cancel_some(conn, sweep_id)
        control.activate(conn, sweep_id, 100)
        return cancelled

    monkeypatch.setattr(control, "_cancel_some", interrupted)
    assert control.cancel(world.registry, a) == 3
    assert world.states() == {"pending": 5, "blocked": 5}


def test_what_a_cancelled_sweep_loses_or_fails_does_not_wait_again(world):
    a = world.submit("a", range(2), radiance=False).sweep_id
    lost, failed = world.claim(world.worker(), 2)
    control.cancel(world.registry, a)
    world.expire(lost)
    queue.reap(world.registry)
    assert queue.fail(world.registry, failed, Failure("OSError", "x", retryable=True)) == "cancelled"
    assert world.states() == {"cancelled": 2}


def test_what_was_finished_after_a_cancel_counts(world):
    a = world.submit("a", [0]).sweep_id
    (held,) = world.claim(world.worker())
    control.cancel(world.registry, a)
    world.finish(held)
    assert world.states() == {"done": 1, "cancelled": 1}


def test_pause_and_resume(world):
    a = world.submit("a", range(2)).sweep_id
    worker = world.worker()
    (held,) = world.claim(worker)
    control.pause(world.registry, a)
    assert world.claim(worker) == []
    assert world.claim(worker, sweep_ids=[a]) == []
    assert queue.heartbeat(world.registry, worker).cancelled == set()
    world.finish(held)
    control.resume(world.registry, a)
    assert len(world.work_off(worker)) == 3
    assert world.states() == {"done": 4}


def test_resume_revives_a_cancelled_sweep(world):
    """Also what is blocked by a run that is cancelled, and what is not blocked any more."""
    a = world.submit("a", range(2)).sweep_id
    worker = world.worker()
    world.finish(world.claim(worker)[0])
    control.cancel(world.registry, a)
    assert world.states() == {"done": 1, "cancelled": 3}
    control.resume(world.registry, a)
    assert world.states() == {"done": 1, "pending": 2, "blocked": 1}
    world.work_off(worker)
    assert world.states() == {"done": 4}


@pytest.mark.parametrize("withdraw", [control.pause, control.cancel])
def test_a_shared_run_goes_to_the_sweep_that_still_needs_it(world, withdraw):
    a = world.submit("a", range(4)).sweep_id
    b = world.submit("b", range(2, 6)).sweep_id
    withdraw(world.registry, a)
    assert world.states("b") == {"pending": 4, "blocked": 4}
    claims = world.work_off(world.worker())
    assert {each.sweep_id for each in claims} == {b}
    assert world.states("b") == {"done": 8}
    assert world.execute("SELECT COUNT(*) FROM run WHERE state <> 'done'") == [(4,)]


def test_a_shared_run_that_is_running_is_not_asked_to_stop(world):
    a = world.submit("a", [0]).sweep_id
    world.submit("b", [0])
    worker = world.worker()
    (held,) = world.claim(worker)
    control.cancel(world.registry, a)
    assert queue.heartbeat(world.registry, worker).cancelled == set()
    queue.release(world.registry, [held])
    assert world.states() == {"pending": 1, "blocked": 1}


def test_resume_takes_over_what_other_inactive_sweeps_own(world):
    a, b = world.submit("a", range(3)).sweep_id, world.submit("b", range(3)).sweep_id
    control.cancel(world.registry, b)
    control.cancel(world.registry, a)
    assert world.states() == {"cancelled": 6}
    control.resume(world.registry, b)
    claims = world.work_off(world.worker())
    assert {each.sweep_id for each in claims} == {b}
    assert world.states() == {"done": 6}


def test_a_sweep_worked_on_by_name_takes_its_share_from_another(world):
    """Nobody works on the owner, which is active all the same."""
    world.submit("a", range(4))
    b = world.submit("b", range(2, 6)).sweep_id
    worker = world.worker()
    assert len(world.work_off(worker, sweep_ids=[b])) == 8
    assert world.states("b") == {"done": 8}
    assert world.states("a") == {"done": 4, "pending": 2, "blocked": 2}
    assert len(world.work_off(worker)) == 4


def test_a_run_that_changes_its_sweep_gets_that_sweeps_parameters(world):
    """They override another config, in which other fields may differ."""
    a = world.submit("a", [0]).sweep_id
    world.submit("b", [0])
    world.execute('UPDATE sample SET params = \'{"Et":0.0,"R":2.0}\' WHERE sweep_id <> :a', a=a)
    control.pause(world.registry, a)
    (held,) = world.claim(world.worker())
    assert held.params == '{"Et":0.0,"R":2.0}'


def test_retry_gives_failed_runs_a_clean_slate(world):
    a = world.submit("a", range(3)).sweep_id
    b = world.submit("b", range(10, 12)).sweep_id
    worker = world.worker()
    claims = world.claim(worker, 5)
    for number, held in enumerate(claims):
        queue.fail(world.registry, held, Failure("SolverError", f"100% diverged_{number}"))
    assert world.states("a") == {"failed": 3, "blocked": 3}
    assert control.retry(world.registry, a, error="nothing like it") == 0
    assert control.retry(world.registry, a, error="DIVERGED_1") == 1
    assert control.retry(world.registry, a, error="100%") == 2
    assert world.states("a") == {"pending": 3, "blocked": 3}
    assert control.retry(world.registry, b, stage="radiance") == 0
    assert control.retry(world.registry, stage="thermal") == 2
    run = world.run(claims[0].run_id)
    assert (run["attempts"], run["losses"]) == (0, 0)
    assert len(world.work_off(worker)) == 10
    assert world.attempts(claims[0].run_id) == ["failed", "done"]


def test_retry_leaves_a_cancelled_sweep_alone_until_it_is_resumed(world):
    a = world.submit("a", [0]).sweep_id
    queue.fail(world.registry, world.claim(world.worker())[0], Failure("SolverError", "no"))
    control.cancel(world.registry, a)
    assert control.retry(world.registry) == 0
    control.resume(world.registry, a)
    assert world.states() == {"failed": 1, "blocked": 1}
    assert control.retry(world.registry) == 1


def test_retry_reaches_a_run_that_another_sweep_owns(world, monkeypatch):
    monkeypatch.setattr(control, "CHUNK", 1)
    world.submit("a", range(2), radiance=False)
    b = world.submit("b", range(2), radiance=False).sweep_id
    for held in world.claim(world.worker(), 2):
        queue.fail(world.registry, held, Failure("SolverError", "no"))
    assert control.retry(world.registry, b) == 2


def test_a_sweep_can_be_moved_ahead(world):
    world.submit("a", [0], radiance=False)
    b = world.submit("b", [1], radiance=False).sweep_id
    control.set_priority(world.registry, b, -1)
    assert world.claim(world.worker())[0].sweep_id == b


def test_a_sweep_is_found_by_its_name(world):
    a = world.submit("a", [0]).sweep_id
    with world.registry.read() as conn:
        assert control.sweep_id_of(conn, "a") == a
        with pytest.raises(NotFoundError, match=r"no sweep 'b'.*: a"):
            control.sweep_id_of(conn, "b")
