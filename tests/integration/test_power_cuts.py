"""The power fails between any two steps: of finishing a run, importing, cleaning, repairing, copying a registry.

What was not flushed is then forgotten: all of it, none of it, or some. Whatever it is, there is either the old state or
the new one, and to go on makes it whole.
"""

import os
import random
import shutil
import signal
from contextlib import suppress
from functools import partial
from itertools import count

import pytest
from forks import Forks, conductivities
from power import COMMITS, Disk, die_at
from soak import number

from tmx.errors import ConfigError
from tmx.execution.worker import reap_dead_workers
from tmx.maintenance.exporting import export_sweep
from tmx.maintenance.importing import import_sweep
from tmx.maintenance.repair import repair
from tmx.maintenance.verify import verify
from tmx.registry import copying, open_registry
from tmx.registry.copying import copy_registry, fingerprint_of
from tmx.registry.sql import execute
from tmx.registry.tables import metadata

coins = random.Random(20260104)
LOSSES = {
    "nothing": lambda what: False,
    "commits": lambda what: what == COMMITS,
    "everything": lambda what: True,
    "something": lambda what: coins.random() < 0.5,
}

LEFT_TO_SOAK = {("sqlite", "something"), ("postgresql", "something"), ("postgresql", "nothing")}


def cut_at(forks, step, lost, work, *others, fresh=None):
    """Have a fork of this process work until a step, and there cut the power; say whether it came that far."""
    disk = Disk(forks.root / "lost+found", fresh)
    forks.registry.close()  # which on SQLite flushes all that was committed

    def prepare():
        disk.watch()
        die_at(step, *others)

    _, status = os.waitpid(forks.fork(prepare, work), 0)
    disk.cut(forks.registry.address.path, LOSSES[lost])
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0
        return False
    assert os.WTERMSIG(status) == signal.SIGKILL
    return True


@pytest.mark.parametrize("lost", ["nothing", "everything", "something"])
def test_finishing_runs(forks, undisturbed, lost):
    if (forks.registry.dialect, lost) in LEFT_TO_SOAK and number("CUTS", 1) < 3:
        pytest.skip("part of `make soak`")
    used = []
    for step, value in enumerate(conductivities(500)):
        used.append(value)
        sweep_id = forks.submit(f"cut{step}", used[-1:])
        reached = cut_at(forks, step, lost, lambda only=sweep_id: forks.work(only))
        assert forks.damage(f"cut{step}") == []
        reap_dead_workers(forks.registry)
        assert forks.work(sweep_id).failed == 0
        if not reached:
            break
    assert step > 10
    forks.remove_garbage()
    forks.assert_each_run_is_done_once()
    assert not list(forks.root.rglob("*.tmp"))

    for one in (forks, undisturbed):
        one.submit("all", used)
        one.work()
    assert forks.fingerprint("all") == undisturbed.fingerprint("all")


def test_an_import(undisturbed, fresh_url, tmp_path):
    """Also of a folder that was copied a moment before."""
    undisturbed.submit("all", conductivities(2))
    undisturbed.work()
    fingerprint = undisturbed.fingerprint("all")
    export_sweep(undisturbed.registry, undisturbed.root, "all", tmp_path / "export")
    for step in count():
        folder, root = tmp_path / f"copied{step}", tmp_path / f"store{step}"
        shutil.copytree(tmp_path / "export", folder)
        root.mkdir()
        with open_registry(fresh_url()) as registry:
            forks = Forks(registry, root)
            reached = cut_at(
                forks,
                step,
                "everything",
                lambda to=forks, of=folder: import_sweep(to.registry, to.root, of),
                fresh=folder,
            )
            assert forks.damage() == []
            assert forks.rows("SELECT COUNT(*) FROM run WHERE state = 'done'")[0][0] in {0, 4}
            import_sweep(registry, root, tmp_path / "export")
            forks.remove_garbage()
            forks.assert_each_run_is_done_once()
            assert not list(root.rglob("*.tmp"))
            assert reached or forks.fingerprint("all") == fingerprint
        if not reached:
            break
    assert step > 10


@pytest.mark.parametrize("lost", ["commits", "everything"])
def test_cleaning_up(forks, lost):
    """A file is removed once the disk knows that no row refers to it."""
    for step, value in enumerate(conductivities(100)):
        sweep_id = forks.submit(f"cut{step}", [value, value + 1.0])
        forks.work(sweep_id)
        with forks.registry.write() as conn:
            refer_to_the_first(conn, sweep_id)
        reached = cut_at(forks, step, lost, forks.remove_garbage)
        assert forks.damage(f"cut{step}") == forks.damage() == []
        forks.remove_garbage()
        assert len(list((forks.root / f"cut{step}").rglob("*.h5"))) == 2
        if not reached:
            break
    assert step > 2


def refer_to_the_first(conn, sweep_id):
    """Have all samples of a sweep refer to the runs of the first, as those of an older solver are left behind."""
    for stage in ("thermal", "radiance"):
        first = f"SELECT {stage}_run_id FROM sample WHERE sweep_id = :sweep_id AND sample_index = 0"
        execute(conn, f"UPDATE sample SET {stage}_run_id = ({first}) WHERE sweep_id = :sweep_id", sweep_id=sweep_id)


def test_a_repair(forks, undisturbed):
    values = conductivities(100)

    def mend():
        repair(forks.registry, forks.root, list(verify(forks.registry, forks.root)))

    for step, value in enumerate(values):
        forks.submit(f"cut{step}", [value])
        forks.work()
        (thermal,), (radiance,) = (
            (forks.root / f"cut{step}").glob(f"{stage}_results/*") for stage in ("thermal", "radiance")
        )
        os.truncate(thermal, 1000)
        radiance.unlink()
        reached = cut_at(forks, step, "everything", mend)
        mend()
        assert forks.damage() == []
        assert forks.rows("SELECT COUNT(*) FROM run WHERE state <> 'done'") == [(2,)]
        forks.work()
        assert forks.damage() == []
        if not reached:
            break
    assert step > 1
    for one in (forks, undisturbed):
        one.submit("all", values[: step + 1])
        one.work()
    assert forks.fingerprint("all") == undisturbed.fingerprint("all")


def test_a_copy_of_the_registry(forks, new_database):
    """Into a database of the other kind: there is nothing of it, or all."""
    forks.submit("all", conductivities(2))
    forks.work()
    source, other = url_of(forks.registry), {"sqlite": "postgresql", "postgresql": "sqlite"}[forks.registry.dialect]
    before = fingerprints(source)
    for step in count():
        target = new_database(other)
        moments = [(copying, "_require_fit"), (copying, "_require_empty"), (copying, "_advance_ids")]
        reached = cut_at(forks, step, "everything", partial(copy_registry, source, target), *moments)
        with suppress(ConfigError):  # there is all of it, where the last step was reached
            assert copy_registry(source, target) == before
        assert fingerprints(target) == fingerprints(source) == before
        if not reached:
            break
    assert step > 3


def url_of(registry):
    return registry.address.url.render_as_string(hide_password=False)


def fingerprints(url):
    with open_registry(url) as registry, registry.read() as conn:
        return [fingerprint_of(conn, table) for table in metadata.sorted_tables]
