"""What nobody needs is found and removed; everything else is left alone."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from tmx.maintenance import caches
from tmx.maintenance.caches import Limits, unused_files
from tmx.maintenance.garbage import Garbage, Options, Spared, find_garbage
from tmx.registry import queue
from tmx.registry.queue import Ask, new_token
from tmx.registry.workers import Process, register_worker, stop_worker
from tmx.stages.cache import read_numbers, write_numbers

AT_ONCE = Options(min_age_s=0.0)


def found(store, options=AT_ONCE):
    return list(find_garbage(store.registry, store.root, options))


def names(things):
    return sorted(Path(each.name).name for each in things)


def collect(store, options=AT_ONCE):
    """Remove all garbage, and return it with whether it went."""
    return [(each.kind, each.remove()) for each in found(store, options) if isinstance(each, Garbage)]


def result(store, stage="thermal"):
    return store.root / store.execute(
        "SELECT f.path FROM artifact f JOIN run r ON r.id = f.run_id AND r.stage = :stage"
        " WHERE f.deleted IS NULL ORDER BY r.id", stage=stage
    )[0][0]  # fmt: skip


def test_nothing_is_garbage_where_all_is_needed(store):
    assert found(store) == []
    assert found(store, Options(min_age_s=0.0, unknown=True)) == []


def test_unfinished_files_of_the_dead_go_and_those_of_the_living_stay(store):
    path = result(store)
    worker = register_worker(store.registry, Process(f"w{new_token()}", "elsewhere", 1, "none"), {})
    result(store, "radiance").unlink()
    store.repair()
    (held,) = queue.claim(store.registry, Ask(worker, new_token()))
    content = path.read_bytes()
    unfinished = {
        f".{path.name}.{new_token()}.tmp": content[:900],
        f".{path.name}.{2**22 - 3}.tmp": b"",
        f".{path.name}.{held.token}.tmp": content[:900],
        f".{path.name}.{os.getpid()}.tmp": content[:900],
        f".{path.name}.{'0' * 31}1.tmp": b"a letter to a friend",
        ".notes.h5.1.tmp": content[:900],
        f"{path.name}.tmp": content[:900],
    }
    for name, text in unfinished.items():
        (path.parent / name).write_bytes(text)
    link = path.parent / f".{path.name}.{'0' * 31}2.tmp"
    link.symlink_to(path)
    dead = sorted(list(unfinished)[:2])
    assert found(store, Options(min_age_s=60.0)) == []
    things = found(store)
    assert names(each for each in things if isinstance(each, Garbage)) == dead
    assert names(each for each in things if isinstance(each, Spared)) == [list(unfinished)[4]]
    assert collect(store) == [("temporary", True)] * 2
    assert {each.name for each in path.parent.iterdir()} >= {*unfinished, link.name} - {*dead}
    queue.release(store.registry, [held])
    assert collect(store, Options(min_age_s=60.0)) == [("temporary", True)]
    for name in {*unfinished, link.name}:
        (path.parent / name).unlink(missing_ok=True)
    store.assert_undamaged()


def test_results_without_a_row_go_unless_they_may_be_somebody_elses(store):
    path, shared = result(store, "radiance"), result(store)
    content = path.read_bytes()
    copy = store.root / "b/thermal_results" / shared.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(shared.read_bytes())
    damaged = path.with_name("radiance_00000000000000000000.h5")
    damaged.write_bytes(content[:-1000])
    by_hand = path.with_name("radiance_00000000000000000001.h5")
    by_hand.write_bytes(content)
    named = path.parent / "mine.h5"
    named.write_bytes(content)
    things = found(store)
    assert {type(each) for each in things} == {Spared}
    assert names(things) == [damaged.name, by_hand.name]

    record(store, path, "moved.h5")
    orphans = [each for each in found(store) if isinstance(each, Garbage)]
    assert names(orphans) == [path.name]
    record(store, "moved.h5", path)
    assert [each.remove() for each in orphans] == [False]
    assert path.read_bytes() == content
    record(store, path, "moved.h5")
    assert collect(store) == [("orphan", True)]
    assert not path.exists()
    assert copy.read_bytes() == shared.read_bytes()
    path.write_bytes(content)
    record(store, "moved.h5", path)
    for extra in (damaged, by_hand, named):
        extra.unlink()
    store.assert_undamaged()


def record(store, before, after):
    """Have the row of a file in `radiance_results` refer to another one."""
    before, after = (f"a/radiance_results/{Path(path).name}" for path in (before, after))
    store.execute("UPDATE artifact SET path = :after WHERE path = :before", before=before, after=after)


def test_a_result_of_another_registry_goes_only_where_that_is_asked_for(store):
    path = result(store, "radiance")
    run, key = store.execute("SELECT id, key FROM run WHERE stage = 'radiance' ORDER BY id")[0]
    other = f"{key[:-4]}{'0000' if key[-4:] != '0000' else '1111'}"
    record(store, path, "elsewhere.h5")
    store.execute("UPDATE run SET key = :other WHERE id = :run", other=other, run=run)
    (spared,) = found(store)

    assert "--unknown" in spared.reason
    (unknown,) = found(store, Options(min_age_s=0.0, unknown=True))
    assert (unknown.kind, unknown.name) == ("orphan", str(path))
    store.execute("UPDATE run SET key = :key WHERE id = :run", key=key, run=run)
    record(store, "elsewhere.h5", path)
    assert unknown.remove() is False
    store.assert_undamaged()


def test_results_that_no_sample_needs_go_and_come_back_if_one_does(store):
    radiance = store.run("radiance")
    path = store.root / store.execute(
        "SELECT path FROM artifact WHERE run_id = :id AND deleted IS NULL", id=radiance
    )[0][0]  # fmt: skip
    sample, other = (
        store.execute(f"SELECT id, radiance_run_id FROM sample WHERE radiance_run_id {sign} :id", id=radiance)[0]
        for sign in ("=", "<>")
    )
    store.execute("UPDATE sample SET radiance_run_id = :run WHERE id = :id", run=other[1], id=sample[0])
    things = found(store)
    assert [(each.kind, each.name, each.bytes) for each in things] == [("superseded", str(path), path.stat().st_size)]
    store.execute("UPDATE sample SET radiance_run_id = :run WHERE id = :id", run=radiance, id=sample[0])
    assert things[0].remove() is False
    assert path.exists()
    store.execute("UPDATE sample SET radiance_run_id = :run WHERE id = :id", run=other[1], id=sample[0])
    assert collect(store) == [("superseded", True)]
    assert not path.exists()
    assert not [kind for kind in store.kinds() if kind != "sample-of-other-runs"]
    assert found(store) == []
    store.execute("UPDATE sample SET radiance_run_id = :run WHERE id = :id", run=radiance, id=sample[0])
    store.assert_undamaged()


def test_rows_without_use_go(store):
    worker = register_worker(store.registry, Process(f"w{new_token()}", "elsewhere", 1, "none"), {})
    assert found(store) == []
    stop_worker(store.registry, worker)
    (store.root / "a/ml_dataset.h5").unlink()
    assert collect(store) == [("row", True)] * 2
    assert store.execute("SELECT COUNT(*) FROM dataset") == [(0,)]
    assert found(store) == []
    assert store.build() == store.fingerprint
    store.assert_undamaged()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for directory in caches.cache_directories():
        directory.mkdir()
    return caches.cache_directories()[0]


def test_caches_keep_what_was_used_last(cache):
    now, day = time.time(), 86400.0
    paths = [cache / f"{number:064x}.factors" for number in range(4)]
    for age, path in enumerate(paths):
        write_numbers(path, np.arange(100.0))
        os.utime(path, (now - 10 * age * day, now - 10 * age * day))
    size = paths[0].stat().st_size
    others = {
        cache / f"{5:064x}.factors": b"not made by tmx",
        cache / "letter.txt": b"of a friend",
        cache / f".{6:064x}.factors.12-34.tmp": b"unfinished",
    }
    for path, content in others.items():
        path.write_bytes(content)
        os.utime(path, (now - 100 * day, now - 100 * day))
    unfinished = list(others)[-1]
    assert list(unused_files(Limits(), 3600.0)) == [unfinished]
    assert sorted(unused_files(Limits(unused_s=15 * day), 3600.0)) == [unfinished, *paths[2:]]
    assert sorted(unused_files(Limits(most_bytes=3 * size), 3600.0)) == [unfinished, paths[3]]
    assert read_numbers(paths[3], 100) is not None
    assert sorted(unused_files(Limits(most_bytes=3 * size), 3600.0)) == [unfinished, paths[2]]
