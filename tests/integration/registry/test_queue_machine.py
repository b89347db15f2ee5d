"""The queue against a simple model, through whatever interleavings hypothesis thinks of.

The model knows four states. *Waiting* is what the registry calls blocked, pending or cancelled: which of them follows
from the state of the parent and of the sweeps that need the run.
"""

import os
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from soak import number

from tmx.errors import LeaseLostError
from tmx.registry import control, queue
from tmx.registry.endings import MAX_LOSSES
from tmx.registry.queue import Ask, Claim, Failure, new_token
from tmx.registry.sql import execute

WAITING = ("blocked", "pending", "cancelled")
SWEEPS = {"a": range(3), "b": range(1, 5), "c": range(4, 6)}

STATES = {"pause": "paused", "cancel": "cancelled", "resume": "active"}

names = st.sampled_from(sorted(SWEEPS))
workers = st.integers(0, 1)
places = st.integers(0, 1000)


@dataclass
class Run:
    """What the model knows of a run."""

    state: str = "waiting"
    worker: int | None = None
    token: str = ""
    begun: bool = False
    expired: bool = False
    losses: int = 0
    attempts: int = 0
    delayed: bool = False


class Machine(RuleBasedStateMachine):
    def __init__(self, new_world):
        super().__init__()
        self.world = new_world()
        self.runs: dict[str, Run] = {}
        self.parents: dict[str, str] = {}
        self.sweeps: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        self.priorities: dict[str, int] = {}
        self.claims: list[Claim] = []

    @initialize(priority=st.integers(-1, 0))
    def begin(self, priority):
        """Hire, and have something to do: too few of the examples would ever come to a claim otherwise."""
        self.workers = [self.world.worker(), self.world.worker()]
        for name in ("a", "b"):
            self.submit(name)
        self.set_priority("b", priority)
        self.claim(0, 2, None)

    @rule(name=names)
    def submit(self, name):
        with self.revived():
            self.ids[name] = self.world.submit(name, SWEEPS[name]).sweep_id
        for row in self.world.rows(SWEEPS[name]):
            self.runs.setdefault(row.thermal_key, Run())
            self.runs.setdefault(row.radiance_key, Run())
            self.parents[row.radiance_key] = row.thermal_key
        if self.sweeps.get(name) != "paused":
            self.sweeps[name] = "active"
        self.priorities.setdefault(name, 0)

    @rule(name=names, actions=st.lists(st.sampled_from(sorted(STATES)), min_size=1, max_size=2))
    def control(self, name, actions):
        for action in actions if name in self.ids else ():
            with self.revived():
                getattr(control, action)(self.world.registry, self.ids[name])
            self.sweeps[name] = STATES[action]

    @rule(name=names, priority=st.integers(-1, 1))
    def set_priority(self, name, priority):
        if name in self.ids:
            control.set_priority(self.world.registry, self.ids[name], priority)
            self.priorities[name] = priority

    @rule(worker=workers, limit=st.integers(1, 4), only=st.none() | names)
    def claim(self, worker, limit, only):
        if only is not None and only not in self.ids:
            return
        wanted = self.in_order(limit, only)
        wishes = {} if only is None else {"sweep_ids": [self.ids[only]]}
        self.took(worker, self.world.claim(self.workers[worker], limit, **wishes), wanted)

    def took(self, worker, claims, wanted):
        assert [each.key for each in claims] == wanted
        for place, each in enumerate(claims):
            run = self.runs[each.key]
            run.state, run.worker, run.token = "running", worker, each.token
            run.begun, run.expired = place == 0, False
        self.claims += claims

    @rule()
    def delays_pass(self):
        self.world.execute("UPDATE run SET not_before = NULL")
        for run in self.runs.values():
            run.delayed = False

    @rule(place=places)
    def start(self, place):
        claim = self.any_claim(place)
        run = self.runs[claim.key]
        good = self.is_held(claim) and not run.expired
        assert queue.start(self.world.registry, claim) == good
        run.begun = run.begun or good

    @rule(place=places)
    def finish(self, place):
        claim = self.any_claim(place)
        if self.may_finish(claim):
            self.world.finish(claim)
            self.runs[claim.key] = Run("done")
        else:
            with pytest.raises(LeaseLostError):
                self.world.finish(claim)

    @rule(place=places, other=places)
    def finish_and_begin_another(self, place, other):
        claim, following = self.any_claim(place), self.any_claim(other)
        if claim != following and self.may_finish(claim):
            good = self.may_finish(following)
            begun = self.world.finish(claim, following)
            assert begun == ([following] if good else [])
            self.runs[claim.key] = Run("done")
            if good:
                self.runs[following.key].begun = True

    @rule(place=places, limit=st.integers(1, 4))
    def finish_and_claim(self, place, limit):
        claim = self.any_claim(place)
        if self.may_finish(claim):
            worker = self.runs[claim.key].worker
            self.runs[claim.key] = Run("done")
            wanted = self.in_order(limit, None)
            ask = Ask(self.workers[worker], new_token(), limit)
            self.took(worker, self.world.finish(claim, ask), wanted)

    @rule(place=places, retryable=st.booleans())
    def fail(self, place, retryable):
        claim = self.any_claim(place)
        failure = Failure("OSError", "x", retryable=retryable)
        if not self.is_held(claim):
            with pytest.raises(LeaseLostError):
                queue.fail(self.world.registry, claim, failure)
            return
        queue.fail(self.world.registry, claim, failure)
        run = self.runs[claim.key]
        again = retryable and run.attempts + 1 < queue.MAX_ATTEMPTS
        state = "waiting" if again else "failed"
        self.runs[claim.key] = Run(state, losses=run.losses, attempts=run.attempts + 1, delayed=again)

    @rule(place=places)
    def lose(self, place):
        claim = self.any_claim(place)
        failure = Failure("ProcessDied", "x")
        if not self.is_held(claim):
            with pytest.raises(LeaseLostError):
                queue.lose(self.world.registry, claim, failure)
            return
        queue.lose(self.world.registry, claim, failure)
        run = self.runs[claim.key]
        again = run.losses + 1 < MAX_LOSSES
        state = "waiting" if again else "failed"
        self.runs[claim.key] = Run(state, losses=run.losses + 1, attempts=run.attempts, delayed=again)

    @rule(place=places)
    def release(self, place):
        claim = self.any_claim(place)
        queue.release(self.world.registry, [claim])
        if self.is_held(claim):
            run = self.runs[claim.key]
            self.runs[claim.key] = Run(losses=run.losses, attempts=run.attempts)

    @rule(place=places)
    def expire(self, place):
        claim = self.any_claim(place)
        if self.is_held(claim):
            self.world.expire(claim)
            self.runs[claim.key].expired = True

    @rule()
    def reap(self):
        expired = [run for run in self.runs.values() if run.expired]
        assert queue.reap(self.world.registry) == len(expired)
        self.taken_back(expired)

    @rule(worker=workers)
    def bury(self, worker):
        """Take back what a worker holds whose process is gone, and what has expired besides."""
        theirs = [run for run in self.runs.values() if run.state == "running" and (run.expired or run.worker == worker)]
        assert queue.reap(self.world.registry, [self.workers[worker]]) == len(theirs)
        self.taken_back(theirs)

    def taken_back(self, runs):
        for run in runs:
            run.losses += run.begun
            run.state = "failed" if run.begun and run.losses >= MAX_LOSSES else "waiting"
            run.worker, run.token, run.begun, run.expired = None, "", False, False

    @rule(worker=workers)
    def heartbeat(self, worker):
        beat = queue.heartbeat(self.world.registry, self.workers[worker])
        mine = [run for run in self.runs.values() if run.state == "running" and run.worker == worker]
        assert {token for _, token in beat.held} == {run.token for run in mine}
        assert len(beat.held) == len(mine)
        for run in mine:
            run.expired = False

    @rule(only=st.none() | names, stage=st.sampled_from([None, "thermal", "radiance"]))
    def retry(self, only, stage):
        cancelled = "SELECT r.key FROM run r JOIN sweep w ON w.id = r.sweep_id AND w.state = 'cancelled'"
        left = {key for (key,) in self.world.execute(cancelled)}
        wanted = {key for row in self.world.rows(SWEEPS[only]) for key in row[2:]} if only else self.runs.keys()
        of_stage = {key for key in wanted if stage in {None, "radiance" if key in self.parents else "thermal"}}
        failed = [key for key, run in self.runs.items() if run.state == "failed" and key in of_stage - left]
        if only is None or only in self.ids:
            assert control.retry(self.world.registry, self.ids.get(only), stage=stage) == len(failed)
            for key in failed:
                self.runs[key] = Run()

    @invariant()
    def agrees(self):
        with self.world.registry.read() as conn:
            stored = {row.key: row for row in execute(conn, "SELECT * FROM run").all()}
            attempts = execute(conn, "SELECT r.key, a.outcome FROM attempt a JOIN run r ON r.id = a.run_id").all()
            files = execute(conn, "SELECT r.key FROM artifact f JOIN run r ON r.id = f.run_id").scalars().all()
        assert stored.keys() == self.runs.keys()
        for key, run in self.runs.items():
            self.agrees_on(key, run, stored[key])
        done = sorted(key for key, run in self.runs.items() if run.state == "done")
        assert sorted(key for key, outcome in attempts if outcome == "done") == done == sorted(files)
        running = sorted(key for key, run in self.runs.items() if run.state == "running")
        assert sorted(key for key, outcome in attempts if outcome is None) == running

    def agrees_on(self, key, run, row):
        if run.state != "waiting":
            assert (row.state, row.losses if run.state != "done" else 0) == (run.state, run.losses)
        elif self.needed_by(key, "active"):
            assert (row.losses, row.attempts) == (run.losses, run.attempts)
            assert (row.not_before is not None) == run.delayed
            ready = key not in self.parents or self.runs[self.parents[key]].state == "done"
            assert row.state == ("pending" if ready else "blocked")
        else:
            assert row.state in WAITING
            if not self.needed_by(key, "paused"):
                assert row.state == "cancelled"
        if run.state != "done" and self.needed_by(key, "active"):
            owner = next(name for name, sweep_id in self.ids.items() if sweep_id == row.sweep_id)
            assert self.sweeps[owner] == "active"

    def teardown(self):
        self.world.registry.close()

    def any_claim(self, place):
        """Return a claim, of two of three times one that is held, if there is any."""
        held = [claim for claim in self.claims if self.is_held(claim)]
        among = held if held and place % 3 else self.claims
        return among[place // 3 % len(among)]

    def is_held(self, claim):
        run = self.runs[claim.key]
        return run.state == "running" and run.token == claim.token

    def needed_by(self, key, state):
        return any(
            key in (row.thermal_key, row.radiance_key)
            for name, stored in self.sweeps.items()
            if stored == state
            for row in self.world.rows(SWEEPS[name])
        )

    def may_finish(self, claim):
        return self.is_held(claim) and not self.runs[claim.key].expired

    @contextmanager
    def revived(self):
        """Have the runs that are cancelled no more begin with a clean slate."""
        cancelled = "SELECT key FROM run WHERE state = 'cancelled'"
        before = {key for (key,) in self.world.execute(cancelled)}
        yield
        for key in before - {key for (key,) in self.world.execute(cancelled)}:
            self.runs[key] = Run()

    def in_order(self, limit, only):
        """Return the keys of what a claim gets, in order: of its sweep first, then what others would lend it."""
        owner = {row[0]: row[1:] for row in self.world.execute("SELECT key, sweep_id, priority, id FROM run")}
        rank = {sweep_id: self.priorities[name] for name, sweep_id in self.ids.items()}

        def turn(key):
            sweep_id, priority, run_id = owner[key]
            return (rank[sweep_id], sweep_id) if only is None else (), self.runs[key].losses, priority, run_id

        own_first = sorted(
            self.claimable(only), key=lambda key: (only is not None and owner[key][0] != self.ids[only], turn(key))
        )
        return sorted(own_first[:limit], key=turn)

    def claimable(self, only):
        active = {name for name, state in self.sweeps.items() if state == "active" and only in {None, name}}
        needed = {key for name in active for row in self.world.rows(SWEEPS[name]) for key in row[2:]}
        return {
            key
            for key in needed
            if self.runs[key].state == "waiting"
            and not self.runs[key].delayed
            and (key not in self.parents or self.runs[self.parents[key]].state == "done")
        }


def test_the_queue_agrees_with_its_model(new_world, dialect):
    examples = number("EXAMPLES", 80)
    run_state_machine_as_test(
        lambda: Machine(new_world),
        settings=settings(
            max_examples=examples if dialect == "sqlite" else max(1, examples // 8),
            stateful_step_count=number("STEPS", 40),
            deadline=None,
            derandomize="TMX_TEST_EXAMPLES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
