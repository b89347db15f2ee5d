"""The queue against a simple model, through whatever interleavings hypothesis thinks of.

The model knows four states. *Waiting* is what the registry calls blocked, pending or cancelled: which of them follows
from the state of the parent and of the sweeps that need the run.
"""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tmx.errors import LeaseLostError
from tmx.registry import control, queue
from tmx.registry.queue import MAX_LOSSES, Claim, Failure
from tmx.registry.sql import execute

WAITING = ("blocked", "pending", "cancelled")
SWEEPS = {"a": range(3), "b": range(1, 5), "c": range(4, 6)}

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


class Machine(RuleBasedStateMachine):
    def __init__(self, new_world):
        super().__init__()
        self.world = new_world()
        self.runs: dict[str, Run] = {}
        self.parents: dict[str, str] = {}
        self.sweeps: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        self.claims: list[Claim] = []

    @initialize()
    def hire(self):
        self.workers = [self.world.worker(), self.world.worker()]

    @rule(name=names)
    def submit(self, name):
        self.ids[name] = self.world.submit(name, SWEEPS[name]).sweep_id
        for row in self.world.rows(SWEEPS[name]):
            self.runs.setdefault(row.thermal_key, Run())
            self.runs.setdefault(row.radiance_key, Run())
            self.parents[row.radiance_key] = row.thermal_key
        if self.sweeps.get(name) != "paused":
            self.sweeps[name] = "active"

    @rule(name=names, action=st.sampled_from(["pause", "cancel", "resume"]))
    def control(self, name, action):
        if name in self.ids:
            getattr(control, action)(self.world.registry, self.ids[name])
            self.sweeps[name] = {"pause": "paused", "cancel": "cancelled", "resume": "active"}[action]

    @rule(worker=workers, limit=st.integers(1, 4), only=st.none() | names)
    def claim(self, worker, limit, only):
        if only is not None and only not in self.ids:
            return
        wanted = self.claimable(only)
        wishes = {} if only is None else {"sweep_ids": [self.ids[only]]}
        claims = self.world.claim(self.workers[worker], limit, **wishes)
        assert len(claims) == min(limit, len(wanted))
        assert {each.key for each in claims} <= wanted
        for number, each in enumerate(claims):
            run = self.runs[each.key]
            run.state, run.worker, run.token = "running", worker, each.token
            run.begun, run.expired = number == 0, False
        self.claims += claims

    @rule(place=places)
    def start(self, place):
        if claim := self.any_claim(place):
            run = self.runs[claim.key]
            good = self.is_held(claim) and not run.expired
            assert queue.start(self.world.registry, claim) == good
            run.begun = run.begun or good

    @rule(place=places)
    def finish(self, place):
        if claim := self.any_claim(place):
            if self.is_held(claim) and not self.runs[claim.key].expired:
                self.world.finish(claim)
                self.runs[claim.key] = Run("done")
            else:
                with pytest.raises(LeaseLostError):
                    self.world.finish(claim)

    @rule(place=places, retryable=st.booleans())
    def fail(self, place, retryable):
        if claim := self.any_claim(place):
            failure = Failure("OSError", "x", retryable=retryable)
            if not self.is_held(claim):
                with pytest.raises(LeaseLostError):
                    queue.fail(self.world.registry, claim, failure)
                return
            queue.fail(self.world.registry, claim, failure)
            run = self.runs[claim.key]
            again = retryable and run.attempts + 1 < queue.MAX_ATTEMPTS
            self.runs[claim.key] = Run("waiting" if again else "failed", losses=run.losses, attempts=run.attempts + 1)
            self.world.execute("UPDATE run SET not_before = NULL")

    @rule(place=places)
    def release(self, place):
        if claim := self.any_claim(place):
            queue.release(self.world.registry, [claim])
            if self.is_held(claim):
                run = self.runs[claim.key]
                self.runs[claim.key] = Run(losses=run.losses, attempts=run.attempts)

    @rule(place=places)
    def expire(self, place):
        claim = self.any_claim(place)
        if claim and self.is_held(claim):
            self.world.expire(claim)
            self.runs[claim.key].expired = True

    @rule()
    def reap(self):
        expired = [run for run in self.runs.values() if run.expired]
        assert queue.reap(self.world.registry) == len(expired)
        for run in expired:
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

    @rule()
    def retry(self):
        cancelled = "SELECT r.key FROM run r JOIN sweep w ON w.id = r.sweep_id AND w.state = 'cancelled'"
        left = {key for (key,) in self.world.execute(cancelled)}
        failed = [key for key, run in self.runs.items() if run.state == "failed" and key not in left]
        assert control.retry(self.world.registry) == len(failed)
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
        return self.claims[place % len(self.claims)] if self.claims else None

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

    def claimable(self, only):
        active = {name for name, state in self.sweeps.items() if state == "active" and only in {None, name}}
        needed = {key for name in active for row in self.world.rows(SWEEPS[name]) for key in row[2:]}
        return {
            key
            for key in needed
            if self.runs[key].state == "waiting"
            and (key not in self.parents or self.runs[self.parents[key]].state == "done")
        }


def test_the_queue_agrees_with_its_model(new_world, dialect):
    examples = 25 if dialect == "sqlite" else 8
    run_state_machine_as_test(
        lambda: Machine(new_world),
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
