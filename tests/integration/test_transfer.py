"""A sweep carried from one registry to another: nothing is computed again, and the dataset is the same."""

import json
import os

import pytest

from tmx.errors import ConfigError, NotFoundError, StorageError
from tmx.maintenance.exporting import export_sweep
from tmx.maintenance.importing import import_sweep
from tmx.registry import control, open_registry
from tmx.registry.transfers import definition


@pytest.fixture
def folder(store, tmp_path):
    """Export the sweep `a`."""
    manifest = export_sweep(store.registry, store.root, "a", tmp_path / "export")
    assert (manifest.runs, manifest.done, manifest.files) == (4, 4, 5)
    return tmp_path / "export"


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request, store, tmp_path, new_database):
    """Give another registry, with a store of its own."""
    root = tmp_path / "elsewhere"
    root.mkdir()
    (root / "base.yaml").write_text((store.root / "base.yaml").read_text())
    with open_registry(new_database(request.param), create=True) as registry:
        yield type(store)(registry, root, store.fingerprint)


def take_in(place, folder, **options):
    return import_sweep(place.registry, place.root, folder, **options)


def everything(place):
    """Return all rows but those of times, and all files."""
    tables = ("sweep", "sample", "run", "attempt", "artifact", "thermal_result", "radiance_result", "dataset_sample")
    rows = {table: place.execute(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}
    return rows, {path: path.stat().st_ino for path in sorted(place.root.rglob("*")) if path.is_file()}


def test_an_export_comes_to_life_elsewhere(store, folder, elsewhere):
    done = take_in(elsewhere, folder)
    assert (done.samples, done.runs, done.datasets, done.known, done.left) == (2, 4, 1, 0, 0)
    assert elsewhere.kinds() == []
    assert elsewhere.resume().done == 0
    assert elsewhere.build() == store.fingerprint
    attempts = "SELECT r.key, a.token, a.outcome, a.started FROM attempt a JOIN run r ON r.id = a.run_id"
    keys = "SELECT DISTINCT key FROM run"
    assert sorted(elsewhere.execute(attempts)) == sorted(store.execute(attempts))
    assert sorted(elsewhere.execute(keys)) == sorted(store.execute(keys))
    before = everything(elsewhere)
    again = take_in(elsewhere, folder)
    assert (again.samples, again.runs, again.datasets, again.known, again.left) == (0, 0, 0, 4, 0)
    assert everything(elsewhere) == before


def test_what_is_known_is_used_and_what_is_missing_is_taken(store, folder, elsewhere):
    elsewhere.submit("b", radiance=False)
    assert elsewhere.resume().done == 2
    thermal = everything(elsewhere)[0]["thermal_result"]
    done = take_in(elsewhere, folder)
    assert (done.samples, done.runs, done.known, done.left) == (2, 2, 2, 0)
    assert everything(elsewhere)[0]["thermal_result"] == thermal
    assert len(list(elsewhere.root.glob("a/thermal_results/*.h5"))) == 2
    elsewhere.assert_undamaged()


def test_what_is_waiting_is_done_by_an_import(store, folder, elsewhere):
    elsewhere.submit("a")
    done = take_in(elsewhere, folder)
    assert (done.samples, done.runs, done.known, done.left) == (0, 4, 0, 0)
    assert elsewhere.kinds() == []
    assert elsewhere.resume().done == 0


def test_an_unfinished_sweep_goes_on_elsewhere(store, elsewhere, tmp_path):
    radiance = store.run("radiance")
    path = store.root / store.execute(
        "SELECT path FROM artifact WHERE run_id = :id AND deleted IS NULL", id=radiance
    )[0][0]  # fmt: skip
    path.unlink()
    with pytest.raises(StorageError, match="is missing: `tmx verify a --repair`"):
        export_sweep(store.registry, store.root, "a", tmp_path / "export")
    assert not [each for each in tmp_path.iterdir() if each.name != "elsewhere"]
    store.repair()
    with store.registry.read() as conn:
        sweep_id = control.sweep_id_of(conn, "a")
    control.pause(store.registry, sweep_id)
    manifest = export_sweep(store.registry, store.root, "a", tmp_path / "export", copy=True)
    assert (manifest.runs, manifest.done) == (4, 3)
    done = take_in(elsewhere, tmp_path / "export")
    assert (done.runs, done.left) == (3, 1)
    with elsewhere.registry.read() as conn:
        assert definition(conn, control.sweep_id_of(conn, "a"))["state"] == "paused"
    assert elsewhere.resume().done == 1
    assert elsewhere.build() == store.fingerprint
    store.assert_undamaged()


def test_damaged_exports_are_refused_before_anything_is_written(folder, elsewhere):
    before = everything(elsewhere)
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".yaml"):
        content = path.read_bytes()
        changed = bytearray(content)
        changed[len(content) // 2 if content else 0 :] = bytes(len(content) - len(content) // 2)
        path.unlink()  # it may be a link to the store's own file
        if content:
            path.write_bytes(changed)
            with pytest.raises(StorageError) as error:
                take_in(elsewhere, folder)
            assert str(path) in str(error.value)
            path.unlink()
        with pytest.raises((StorageError, NotFoundError)):
            take_in(elsewhere, folder)
        path.write_bytes(content)
    assert everything(elsewhere) == before


def test_an_import_that_cannot_be_committed_leaves_nothing(folder, elsewhere, monkeypatch):
    from tmx.maintenance import importing

    before = everything(elsewhere)
    publish = importing._Staged.publish
    published = []

    def full_at_last(staged, path):
        if len(published) == 3:
            raise OSError("no space left on the disk")
        published.append(path)
        return publish(staged, path)

    monkeypatch.setattr(importing._Staged, "publish", full_at_last)
    with pytest.raises(StorageError, match="no space left"):
        take_in(elsewhere, folder)
    assert len(published) == 3
    assert everything(elsewhere) == before
    monkeypatch.undo()
    assert take_in(elsewhere, folder).runs == 4


def test_clashes_are_one_line(store, folder, elsewhere, tmp_path):
    (elsewhere.root / "base.yaml").write_text((elsewhere.root / "base.yaml").read_text().replace("0.5", "0.6"))
    elsewhere.submit("a")
    with pytest.raises(ConfigError, match="another sweep 'a' already: give this one another name, with --name"):
        take_in(elsewhere, folder)
    with pytest.raises(ConfigError, match="belongs to sweep 'a'"):
        take_in(elsewhere, folder, name="c", output_dir=elsewhere.root / "a")
    assert take_in(elsewhere, folder, name="c").runs == 4
    with pytest.raises(ConfigError, match="is not empty"):
        export_sweep(store.registry, store.root, "a", folder)
    with pytest.raises(NotFoundError, match="no sweep 'x'"):
        export_sweep(store.registry, store.root, "x", tmp_path / "other")
    assert not (tmp_path / "other").exists()
    with pytest.raises(NotFoundError, match="no exported sweep"):
        take_in(elsewhere, tmp_path / "elsewhere")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "version": 99}))
    with pytest.raises(ConfigError, match="of a newer format: update tmx"):
        take_in(elsewhere, folder)


def test_exported_files_are_links_unless_copies_are_wanted(store, folder, tmp_path):
    export_sweep(store.registry, store.root, "a", tmp_path / "copied", copy=True)
    for path in store.files():
        assert path.samefile(folder / path.relative_to(store.root / "a"))
        copied = tmp_path / "copied" / path.relative_to(store.root / "a")
        assert not path.samefile(copied)
        assert path.read_bytes() == copied.read_bytes()
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]
