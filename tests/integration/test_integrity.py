"""Whatever is damaged is found, and after repair and resume everything is as if nothing had been."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tmx.maintenance.repair import repair
from tmx.maintenance.verify import Examined, verify
from tmx.registry import queue
from tmx.registry.queue import Ask, new_token
from tmx.registry.workers import Process, register_worker


def test_nothing_is_found_where_nothing_is_wrong(store):
    examined = Examined()
    assert list(verify(store.registry, store.root, None, examined)) == []
    assert (examined.runs, examined.files) == (4, 5)
    assert examined.bytes == sum(path.stat().st_size for path in [*store.files(), store.root / "a/ml_dataset.h5"])


def truncate(path, where, _content):
    os.truncate(path, int(where * path.stat().st_size))


def flip(path, where, _content=None):
    content = bytearray(path.read_bytes())
    content[int(where * len(content))] ^= 1 << 4
    path.write_bytes(content)


def delete(path, _where, _content):
    path.unlink()


def exchange(path, _where, content):
    """Put the whole file of another run in its place."""
    path.write_bytes(next(content[other] for other in content if other != path))


faults = st.dictionaries(
    st.integers(0, 3),
    st.tuples(st.sampled_from([truncate, flip, delete, exchange]), st.floats(0.0, 1.0, exclude_max=True)),
    min_size=1,
)


@given(faults=faults)
@settings(
    max_examples=8, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_damaged_files_are_found_and_computed_again(store, faults):
    files = store.files()
    content = {path: path.read_bytes() for path in files}
    for number, (fault, where) in faults.items():
        fault(files[number], where, content)
    damaged = [path for path in files if not path.exists() or path.read_bytes() != content[path]]
    findings = list(verify(store.registry, store.root))
    assert sorted(finding.about["path"] for finding in findings) == [f"a/{p.parent.name}/{p.name}" for p in damaged]
    for finding in findings:
        assert "\n" not in finding.line
        assert "`tmx verify --repair`" in finding.line
    done = repair(store.registry, store.root, findings)
    assert all(outcome for _, outcome in done)
    states = dict(store.execute("SELECT state, COUNT(*) FROM run GROUP BY state"))
    assert states.get("done", 0) == 4 - len(damaged)
    assert not [finding for finding in verify(store.registry, store.root) if finding.damage]
    before = dict(store.execute("SELECT run_id, COUNT(*) FROM attempt GROUP BY run_id"))
    store.assert_undamaged()
    after = dict(store.execute("SELECT run_id, COUNT(*) FROM attempt GROUP BY run_id"))
    assert sum(after.values()) - sum(before.values()) == len(damaged)


ROW_FAULTS = {
    "done-without-artifact": "UPDATE artifact SET deleted = 1 WHERE run_id = :run",
    "done-without-result": "DELETE FROM {stage}_result WHERE run_id = :run",
    "done-without-attempt": "UPDATE attempt SET outcome = 'lost' WHERE run_id = :run",
    "leftover-result": "UPDATE run SET state = 'pending' WHERE id = :run",
    "open-attempt": "UPDATE attempt SET outcome = NULL, finished = NULL WHERE run_id = :run AND number = 1",
}


@pytest.mark.parametrize(
    ("kind", "stage"),
    [*((kind, "thermal") for kind in ROW_FAULTS), *((kind, "radiance") for kind in list(ROW_FAULTS)[:4])],
)
def test_rows_that_contradict_each_other(store, kind, stage):
    run = store.run(stage)
    store.execute(ROW_FAULTS[kind].replace("{stage}", stage), run=run)
    found = list(verify(store.registry, store.root))
    assert kind in [finding.kind for finding in found]
    assert {finding.about["run_id"] for finding in found if finding.damage} == {run}
    assert all(outcome for finding, outcome in repair(store.registry, store.root, found) if finding.damage)
    assert not [finding for finding in verify(store.registry, store.root) if finding.damage]
    store.assert_undamaged()


@pytest.mark.parametrize(("stage", "column"), [("thermal", "t_surf_max"), ("radiance", "tb_min")])
def test_numbers_that_differ_from_those_of_the_file_are_taken_from_it(store, stage, column):
    run = store.run(stage)
    numbers = f"SELECT * FROM {stage}_result WHERE run_id = :run"
    before = store.execute(numbers, run=run)
    for value, shown in (("999.5", "999.5"), ("NULL", "missing"), ("2 * wall_time", "")):
        store.execute(f"UPDATE {stage}_result SET {column} = {value} WHERE run_id = :run", run=run)
        (finding,) = verify(store.registry, store.root)
        assert finding.kind == "numbers-changed"
        assert finding.line.startswith(f"run {run} ({stage}, sweep a): {column} is {shown}")
        assert finding.line.endswith(".h5 says: `tmx verify --repair`")
        assert [outcome for _, outcome in store.repair()] == ["recorded as in its file"]
        assert store.execute(numbers, run=run) == before
    store.execute(f"UPDATE {stage}_result SET {column} = 0, wall_time = 0 WHERE run_id = :run", run=run)
    store.execute("UPDATE artifact SET deleted = 1 WHERE run_id = :run", run=run)
    store.repair()
    store.assert_undamaged()


def test_blocked_without_need_and_not_blocked_where_needed(store):
    thermal, radiance = store.run("thermal"), store.run("radiance")
    (store.root / store.execute("SELECT path FROM artifact WHERE run_id = :id AND deleted IS NULL", id=radiance)[0][0]
     ).unlink()  # fmt: skip
    store.repair()
    store.execute("UPDATE run SET state = 'blocked' WHERE id = :id", id=radiance)
    assert store.kinds() == ["blocked-needlessly"]
    store.repair()
    assert store.execute("SELECT state FROM run WHERE id = :id", id=radiance) == [("pending",)]
    store.execute("UPDATE run SET state = 'cancelled' WHERE id = :id", id=thermal)
    assert sorted(store.kinds()) == ["leftover-result", "not-blocked"]
    store.repair()
    assert store.execute("SELECT state FROM run WHERE id = :id", id=radiance) == [("blocked",)]
    store.assert_undamaged()


def test_spectra_of_a_run_that_never_was_are_computed_again(store):
    thermal, radiance = store.run("thermal"), store.run("radiance")
    store.execute("UPDATE attempt SET outcome = 'failed' WHERE run_id = :id", id=thermal)
    store.execute("DELETE FROM artifact WHERE run_id = :id", id=thermal)
    store.execute("UPDATE run SET state = 'pending' WHERE id = :id", id=thermal)
    assert sorted(store.kinds()) == ["done-before-parent", "leftover-result"]
    store.repair()
    assert store.execute("SELECT state FROM run WHERE id = :id", id=radiance) == [("blocked",)]
    store.assert_undamaged()


def test_what_a_live_worker_holds_or_computes_from_is_left_alone(store):
    radiance = store.run("radiance")
    parent = store.execute("SELECT parent_id FROM run WHERE id = :id", id=radiance)[0][0]
    paths = dict(store.execute("SELECT run_id, path FROM artifact WHERE deleted IS NULL"))
    (store.root / paths[radiance]).unlink()
    store.repair()
    worker = register_worker(store.registry, Process(f"w{new_token()}", "elsewhere", 1, "none"), {})
    (held,) = queue.claim(store.registry, Ask(worker, new_token()))
    assert held.run_id == radiance
    (store.root / paths[parent]).unlink()
    found = list(verify(store.registry, store.root))
    assert [(finding.kind, outcome) for finding, outcome in repair(store.registry, store.root, found)] == [
        ("file-missing", None)
    ]
    assert queue.start(store.registry, held)
    queue.fail(store.registry, held, queue.Failure("StorageError", "its input is gone"))
    assert [outcome for _, outcome in store.repair()] == ["pending again"]
    assert store.execute("SELECT state FROM run WHERE id = :id", id=radiance) == [("blocked",)]
    store.assert_undamaged()


def test_a_worker_that_stopped_or_an_attempt_that_is_missing_frees_the_run(store):
    radiance = store.run("radiance")
    for fault, kind in (
        ("UPDATE worker SET state = 'stopped' WHERE id = :worker", "held-by-stopped-worker"),
        ("DELETE FROM attempt WHERE token = :token", "running-unattended"),
    ):
        path = store.execute("SELECT path FROM artifact WHERE run_id = :id AND deleted IS NULL", id=radiance)[0][0]
        (store.root / path).unlink()
        store.repair()
        worker = register_worker(store.registry, Process(f"w{new_token()}", "elsewhere", 1, "none"), {})
        (held,) = queue.claim(store.registry, Ask(worker, new_token()))
        store.execute(fault.replace(":worker", str(worker)).replace(":token", f"'{held.token}'"))
        if kind == "running-unattended":
            assert store.kinds() == ["running-without-attempt"]
            store.execute("UPDATE run SET lease_until = 1 WHERE state = 'running'")
        assert store.kinds() == [kind]
        assert [outcome is None for _, outcome in store.repair()] == [False]
        store.assert_undamaged()


def test_a_file_comes_back_from_the_copy_of_another_sweep(store):
    from tmx.execution.sharing import link_shared_files

    thermal = store.run("thermal")
    path = (
        store.root / store.execute("SELECT path FROM artifact WHERE run_id = :id AND deleted IS NULL", id=thermal)[0][0]
    )
    sweep_id = store.execute("SELECT id FROM sweep WHERE name = 'b'")[0][0]
    link_shared_files(store.registry, store.root, sweep_id)
    copy = store.root / "b/thermal_results" / path.name
    content = path.read_bytes()
    path.unlink()
    assert [outcome for _, outcome in store.repair()] == [f"restored from {copy}"]
    assert path.read_bytes() == content
    copy.unlink()
    copy.write_bytes(b"no more")
    assert store.kinds() == ["copy-changed"]
    assert store.kinds("b") == ["copy-changed"]
    assert [outcome for _, outcome in store.repair()] == ["linked again"]
    assert copy.samefile(path)
    store.assert_undamaged()


def test_of_a_store_that_is_elsewhere_nothing_is_repaired(store, tmp_path):
    found = list(verify(store.registry, tmp_path))
    assert [finding.kind for finding in found] == ["directory-missing", "dataset-missing"]
    assert "with 4 files" in found[0].line
    assert str(tmp_path) in found[0].line
    assert [outcome for _, outcome in repair(store.registry, tmp_path, found)] == [None, None]
    assert store.kinds() == []


def test_a_dataset_that_changed_is_named_with_the_command_that_builds_it(store):
    flip(store.root / "a/ml_dataset.h5", 0.7)
    (finding,) = verify(store.registry, store.root)
    assert finding.kind == "dataset-changed"
    assert finding.line.endswith("`tmx dataset build --sweep a -o a/ml_dataset.h5 --allow-empty`")
    assert store.build() == store.fingerprint
    store.assert_undamaged()


def test_a_missing_share_is_recorded(store):
    store.execute("DELETE FROM shared_run WHERE run_id = :id", id=store.run("thermal"))
    assert store.kinds() == ["share-missing"]
    store.repair()
    assert store.kinds() == []


def test_runs_that_no_sample_needs_are_not_computed_again(store):
    thermal = store.run("thermal")
    samples = store.execute(
        "SELECT id, thermal_run_id, radiance_run_id FROM sample WHERE thermal_run_id = :id", id=thermal
    )
    other = store.execute(
        "SELECT id, thermal_run_id, radiance_run_id FROM sample WHERE thermal_run_id <> :id", id=thermal
    )
    path = store.execute("SELECT path FROM artifact WHERE run_id = :id AND deleted IS NULL", id=thermal)[0][0]
    for sample_id, *_ in samples:
        store.execute(
            "UPDATE sample SET thermal_run_id = :t, radiance_run_id = :r WHERE id = :id",
            id=sample_id, t=other[0][1], r=other[0][2],
        )  # fmt: skip
    os.truncate(store.root / path, 100)
    assert "cancelled, since no active sweep needs it" in [outcome for _, outcome in store.repair()]
    assert store.resume().done == 0
    for sample_id, thermal_id, radiance_id in samples:
        store.execute(
            "UPDATE sample SET thermal_run_id = :t, radiance_run_id = :r WHERE id = :id",
            id=sample_id, t=thermal_id, r=radiance_id,
        )  # fmt: skip
    store.assert_undamaged()
