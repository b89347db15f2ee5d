"""Submitting sweeps: all or nothing, once, and nothing computed twice."""

import json

import pytest

from tmx.errors import ConfigError, RegistryError
from tmx.registry import control, queue, submission
from tmx.registry.queue import Failure
from tmx.registry.submission import ConfigRow, SampleRow, SweepRow

CONFIG = ConfigRow("bennu", "Bennu", "yaml", '{"body":"Bennu"}')


def test_a_submission_registers_samples_and_runs(world):
    done = world.submit("a", range(3))
    assert (done.new_samples, done.new_runs, done.reused, done.shared) == (3, 6, 0, 0)
    assert world.states() == {"pending": 3, "blocked": 3}
    assert world.execute("SELECT n_samples, parameters, state FROM sweep") == [(3, '{"Et": "real"}', "active")]


def test_submitting_again_changes_nothing(world):
    first = world.submit("a", range(3))
    tables = ("config", "sweep", "sample", "run", "shared_run")
    before = [world.execute(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]
    again = world.submit("a", range(3))
    assert (again.sweep_id, again.new_samples, again.new_runs) == (first.sweep_id, 0, 0)
    assert [world.execute(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables] == before


def test_more_samples_leave_those_before_as_they_are(world):
    world.submit("a", range(3))
    before = world.execute("SELECT * FROM sample ORDER BY id")
    more = world.submit("a", range(5))
    assert (more.new_samples, more.new_runs) == (2, 4)
    assert world.execute("SELECT * FROM sample ORDER BY id LIMIT 3") == before
    assert world.execute("SELECT n_samples FROM sweep") == [(5,)]


def test_a_sweep_takes_the_place_of_the_one_that_it_extends_and_of_no_other(world):
    def sweep(text: str, extends: str | None = None) -> SweepRow:
        return SweepRow("a", text, text * 64, "sobol", 42, "out/a", extends=extends and extends * 64)

    first = submission.submit(world.registry, CONFIG, sweep("1"), world.rows(range(3)))
    before = world.execute("SELECT * FROM sample ORDER BY id")
    for changed in (sweep("2"), sweep("2", extends="3")):
        with pytest.raises(ConfigError, match="another config, design or seed"):
            submission.submit(world.registry, CONFIG, changed, world.rows(range(5)))
    with pytest.raises(ConfigError, match="sample 1 of sweep 'a' is registered with other parameters"):
        submission.submit(world.registry, CONFIG, sweep("2", extends="1"), world.rows([0, 7]))
    assert world.execute("SELECT source, sha256, n_samples FROM sweep") == [("1", "1" * 64, 3)]
    more = submission.submit(world.registry, CONFIG, sweep("2", extends="1"), world.rows(range(5)))
    assert (more.sweep_id, more.new_samples) == (first.sweep_id, 2)
    assert world.execute("SELECT source, sha256, n_samples FROM sweep") == [("2", "2" * 64, 5)]
    assert world.execute("SELECT * FROM sample ORDER BY id LIMIT 3") == before


def test_chunks_are_seamless(world, monkeypatch):
    """Samples of later chunks share runs with earlier ones, and with the same chunk."""
    monkeypatch.setattr(submission, "CHUNK", 4)
    done = world.submit("a", [0, 1, 1, 2, 3, 0, 4, 4, 5, 3])
    assert (done.new_samples, done.new_runs, done.shared) == (10, 12, 0)
    assert world.states() == {"pending": 6, "blocked": 6}


def test_what_another_sweep_has_is_not_computed_again(world):
    world.submit("a", range(4))
    worker = world.worker()
    thermal = world.claim(worker, 2)
    for held in thermal:
        world.finish(held)
    done = world.submit("b", range(1, 6))
    assert (done.new_samples, done.new_runs, done.reused, done.shared) == (5, 4, 1, 5)
    assert len(world.work_off(worker)) == 10
    assert world.states("b") == {"done": 10}


def test_new_radiance_on_known_thermal_runs(world):
    """As when only an observer's angle changes: what is done is built upon at once, the rest is waited for."""
    world.submit("a", range(2), radiance=False)
    world.finish(world.claim(world.worker())[0])
    done = world.submit("b", range(2))
    assert (done.new_runs, done.reused, done.shared) == (2, 1, 1)
    assert world.states("b") == {"done": 1, "pending": 2, "blocked": 1}


def test_a_failed_run_stays_failed_until_it_is_retried(world):
    world.submit("a", [0])
    queue.fail(world.registry, world.claim(world.worker())[0], Failure("SolverError", "no"))
    b = world.submit("b", [0]).sweep_id
    assert world.states("b") == {"failed": 1, "blocked": 1}
    assert control.retry(world.registry, b) == 1
    assert len(world.work_off(world.worker())) == 2


@pytest.mark.parametrize("withdraw", [control.pause, control.cancel])
def test_what_an_inactive_sweep_holds_is_taken_over(world, withdraw):
    a = world.submit("a", range(4)).sweep_id
    withdraw(world.registry, a)
    b = world.submit("b", range(2)).sweep_id
    assert world.states("b") == {"pending": 2, "blocked": 2}
    assert {each.sweep_id for each in world.work_off(world.worker())} == {b}
    assert world.states("a")["done"] == 4


def test_a_cancelled_sweep_is_active_again_when_submitted_again(world):
    a = world.submit("a", range(2)).sweep_id
    control.cancel(world.registry, a)
    world.submit("a", range(2))
    assert world.states() == {"pending": 2, "blocked": 2}
    assert len(world.work_off(world.worker())) == 4


def test_a_paused_sweep_stays_paused(world):
    a = world.submit("a", range(2)).sweep_id
    control.pause(world.registry, a)
    world.submit("a", range(3))
    assert world.claim(world.worker()) == []


def test_a_new_solver_means_new_runs_for_the_same_samples(world):
    """What was done stays; what was not done would be computed by the wrong solver, and is not."""
    world.submit("a", range(3))
    worker = world.worker()
    world.finish(world.claim(worker)[0])
    again = world.submit("a", range(3), solver=2)
    assert (again.new_samples, again.new_runs) == (0, 6)
    assert world.states("a") == {"pending": 3, "blocked": 3}
    assert world.states() == {"done": 1, "cancelled": 5, "pending": 3, "blocked": 3}
    assert len(world.work_off(worker)) == 6


def test_a_new_solver_leaves_what_another_sweep_needs(world):
    world.submit("a", range(2))
    b = world.submit("b", range(2)).sweep_id
    world.submit("a", range(2), solver=2)
    assert world.states("b") == {"pending": 2, "blocked": 2}
    assert len(world.work_off(world.worker(), sweep_ids=[b])) == 4


@pytest.mark.parametrize(
    ("name", "sha256", "output_dir", "message"),
    [
        ("a", "other", "out/a", "another config, design or seed"),
        ("b", "a", "out/a", "belongs to sweep 'a'"),
        ("a", "a", "out/b", "the output directory out/a"),
    ],
)
def test_a_sweep_that_changed_is_refused(world, name, sha256, output_dir, message):
    world.submit("a", range(2))
    sweep = SweepRow(name, "yaml", world.key(sha256), "grid", 42, output_dir)
    with pytest.raises(ConfigError, match=message):
        submission.submit(world.registry, CONFIG, sweep, world.rows([0]))


def test_a_sample_that_changed_is_refused(world):
    world.submit("a", range(2))
    with pytest.raises(ConfigError, match="sample 1 of sweep 'a'"):
        world.submit("a", [0, 7])


def test_a_submission_that_fails_leaves_nothing(world, monkeypatch):
    monkeypatch.setattr(submission, "CHUNK", 2)

    def rows():
        yield from world.rows(range(5))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        submission.submit(world.registry, CONFIG, SweepRow("a", "y", world.key("a"), "grid", None, "out/a"), rows())
    assert [world.execute(f"SELECT COUNT(*) FROM {table}") for table in ("config", "sweep", "run", "sample")] == [
        [(0,)]
    ] * 4
    assert world.submit("a", range(5)).new_samples == 5


def test_two_samples_of_one_index_are_refused(world):
    rows = [SampleRow(0, "{}", world.key(1)), SampleRow(0, "{}", world.key(2))]
    sweep = SweepRow("a", "y", world.key("a"), "grid", None, "out/a")
    with pytest.raises(RegistryError):
        submission.submit(world.registry, CONFIG, sweep, rows)


def test_the_types_of_parameters_are_known(world):
    values = [
        {"n": 1, "x": 1, "flag": True, "law": "a", "mixed": 1, "list": [1]},
        {"x": 0.5, "mixed": "b", "big": 2**70},
    ]
    rows = [SampleRow(index, json.dumps(each), world.key(index)) for index, each in enumerate(values)]
    submission.submit(world.registry, CONFIG, SweepRow("a", "y", world.key("a"), "grid", None, "out/a"), rows)
    ((stored,),) = world.execute("SELECT parameters FROM sweep")
    assert json.loads(stored) == {
        "n": "integer", "x": "real", "flag": "boolean", "law": "text", "mixed": "text", "list": "text", "big": "real"
    }  # fmt: skip
