import multiprocessing
import os
import pickle
import shutil
import signal
from functools import cache

import h5py
import numpy as np
import pytest

import tmx
from tmx.datasets.destination import Destination
from tmx.datasets.layout import Coordinate, Inputs
from tmx.datasets.outputs import KINDS
from tmx.datasets.writing import DatasetWriter, Description
from tmx.errors import ConfigError, NotFoundError, StorageError

SIZES = {"train": 300, "val": 7}
INPUTS = Inputs(("k_dust", "bottom_bc"), ("W/m/K", "1"), {"bottom_bc": ("dirichlet", "neumann")}, ("conducts", "ends"))
AXES = {
    "time": Coordinate(np.arange(24.0), "h", "local time"),
    "radiance_time": Coordinate(np.arange(24.0), "h", "local time of spectra"),
    "wavenumber": Coordinate(np.arange(180.0), "cm-1", "bands"),
    "quantity": Coordinate(np.array(["a", "b"]), "1", "columns"),
}
NAMES = ("T_surf", "emissivity", "summary", "t_deep")


@cache
def values(part):
    rng = np.random.default_rng(len(part))
    count = SIZES[part]
    return rng.random((count, 2)), {
        "T_surf": (200.0 + 50.0 * rng.random((count, 24))).astype("f4"),
        "emissivity": (300.0 + 9.0 * rng.standard_normal((count, 180, 24))).astype("f4"),
        "summary": rng.random((count, 2)),
        "t_deep": rng.random(count),
    }


def blocks(part):
    inputs, outputs = values(part)
    for start in range(0, len(inputs), 64):
        rows = slice(start, start + 64)
        yield {
            "sample_index": np.arange(len(inputs))[rows],
            "inputs": inputs[rows],
            **{f"outputs/{name}": found[rows] for name, found in outputs.items()},
        }


def write(target):
    with target.staged(row_bytes=20_000) as staging:
        writer = DatasetWriter(staging.storage)
        for part, count in SIZES.items():
            writer.write_part(part, count, blocks(part))
        description = Description(INPUTS, {name: KINDS[name] for name in NAMES}, AXES)
        fingerprint = writer.finish(description, {"made": "up"})
        staging.close()
        staging.publish({"README.md": "read me"})
    return fingerprint


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    target = Destination(tmp_path_factory.mktemp("dataset") / "ml_dataset.h5")
    write(target)
    return target.place


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    target = Destination(tmp_path_factory.mktemp("dataset") / "spectra", shard_bytes=2_000_000)
    write(target)
    return target.place


@pytest.fixture(params=["file", "shards"])
def path(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def dataset(path):
    with tmx.datasets.open(path) as dataset:
        yield dataset


def test_what_it_holds_is_known_without_reading_it(dataset):
    assert dataset.splits == SIZES
    assert dataset.inputs == INPUTS
    emissivity = dataset.outputs["emissivity"]
    assert (emissivity.dims, emissivity.shape, emissivity.unit) == (("wavenumber", "radiance_time"), (180, 24), "1")
    assert emissivity.coords["radiance_time"].values.tolist() == list(range(24))
    assert dataset.outputs["summary"].coords["quantity"].values.tolist() == ["a", "b"]
    assert set(dataset.outputs) == set(NAMES)
    assert dataset.provenance == {"made": "up"}


@pytest.mark.parametrize("output", [None, *NAMES])
@pytest.mark.parametrize(
    "rows", [None, slice(5, 2, -1), slice(-3, None), [5, 0, 5, -1], np.arange(6)[::-1], np.array([], dtype=int)]
)
def test_rows_come_as_asked_for(dataset, output, rows):
    for part in SIZES:
        inputs, outputs = values(part)
        everything = inputs if output is None else outputs[output]
        wanted = everything if rows is None else everything[rows]
        assert np.array_equal(dataset.read(part, output, rows), wanted)


def test_batches_go_through_all_samples_once_in_an_order_of_the_seed(dataset):
    def order(seed):
        return np.concatenate([batch.inputs[:, 0] for batch in dataset.batches("train", 64, seed, outputs=["T_surf"])])

    stored = values("train")[0][:, 0]
    assert order(None).tolist() == stored.tolist()
    assert order([1, 0]).tolist() == order([1, 0]).tolist()
    assert order([1, 0]).tolist() != order([1, 1]).tolist()
    assert sorted(order(7)) == sorted(stored)
    batches = list(dataset.batches("train", 128, 7))
    assert [len(batch.inputs) for batch in batches] == [128, 128, 44]
    for batch in batches:
        for row, number in enumerate(batch.inputs[:, 0]):
            at = np.flatnonzero(stored == number)[0]
            assert np.array_equal(batch.outputs["emissivity"][row], values("train")[1]["emissivity"][at])


def test_normalised_values_have_mean_0_and_deviation_1_and_come_back(dataset):
    for output in (None, "T_surf"):
        plain = dataset.read("train", output)
        scaled = dataset.read("train", output, normalise=True)
        assert scaled.dtype == plain.dtype
        assert scaled.mean(axis=0) == pytest.approx(0.0, abs=1e-5)
        assert scaled.std(axis=0) == pytest.approx(1.0, abs=1e-5)
        assert dataset.normalisation[output or "inputs"].undo(scaled) == pytest.approx(plain, rel=1e-6)


def sums(samples, indices):
    return [float(outputs["emissivity"].sum()) for _, outputs in samples.__getitems__(indices)]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_open_the_file_themselves(dataset, method):
    samples = dataset.samples("train", outputs=["emissivity"])
    here = sums(samples, range(40))
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        there = pool.starmap(sums, [(samples, [index]) for index in range(40)])
    assert [total for (total,) in there] == here
    assert dataset.read("val").shape == (7, 2)


def test_a_fork_finds_no_file_open(dataset):
    dataset.read("val")
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe()
    child = context.Process(target=lambda: sender.send(dataset._opened is None))
    child.start()
    assert receiver.recv()
    child.join()


def test_samples_are_a_sequence(dataset):
    samples = pickle.loads(pickle.dumps(dataset.samples("val")))
    assert len(samples) == 7
    assert np.array_equal(samples[-1][1]["T_surf"], values("val")[1]["T_surf"][6])
    assert len(samples[2:5]) == 3
    with pytest.raises(IndexError):
        samples[7]


def test_what_is_not_there_is_named(dataset, tmp_path):
    with pytest.raises(NotFoundError, match="no part 'trian'; did you mean 'train'"):
        dataset.read("trian")
    with pytest.raises(NotFoundError, match="no output 'T_surv'; did you mean 'T_surf'"):
        next(dataset.batches("train", 8, outputs=["T_surv"]))
    with pytest.raises(ConfigError, match="0 to 7 are not all among the 7 samples"):
        dataset.read("val", rows=[0, 7])
    with pytest.raises(ConfigError, match="at least 1"):
        next(dataset.batches("val", 0))
    with pytest.raises(NotFoundError, match="tmx dataset build"):
        tmx.datasets.open(tmp_path / "none.h5")


def test_files_that_are_no_datasets_are_refused(file, tmp_path):
    (tmp_path / "cut.h5").write_bytes(file.read_bytes()[:5000])
    with pytest.raises(StorageError, match="not a whole HDF5 file"):
        tmx.datasets.open(tmp_path / "cut.h5")
    for attribute, value, said in (("kind", "thermal", "a thermal file"), ("format_version", 1, "build it again")):
        (tmp_path / "other.h5").write_bytes(file.read_bytes())
        with h5py.File(tmp_path / "other.h5", "r+") as other:
            other.attrs[attribute] = value
        with pytest.raises(StorageError, match=said):
            tmx.datasets.open(tmp_path / "other.h5")


def test_shards_hold_the_same_as_one_file(file, shards, tmp_path):
    assert sorted(path.name for path in shards.iterdir()) == [
        "README.md", "ml_dataset.h5", *(f"train-0000{i}-of-00005.h5" for i in range(5)), "val-00000-of-00001.h5",
    ]  # fmt: skip
    assert tmx.datasets.open(file).fingerprint == tmx.datasets.open(shards).fingerprint
    again = tmp_path / "again"
    write(Destination(again, shard_bytes=2_000_000))
    for path in shards.iterdir():
        assert (again / "1.0.0" / path.name).read_bytes() == path.read_bytes()
    assert [path.name for path in again.iterdir()] == ["1.0.0"]
    (again / "1.1.0").mkdir()
    with h5py.File(again / "1.0.0/train-00002-of-00005.h5") as shard:
        assert np.array_equal(shard["train/outputs/T_surf"][()], values("train")[1]["T_surf"][128:192])
        assert shard["train/outputs/T_surf"].dims[1][0].name == "/train/outputs/time"
        assert shard["train/sample_index"][0] == 128


def test_a_shard_that_is_gone_or_cut_is_missed(shards, tmp_path):
    for name, change in (("val-00000-of-00001.h5", None), ("train-00001-of-00005.h5", b"cut")):
        copy = tmp_path / name
        shutil.copytree(shards, copy)
        (copy / name).unlink() if change is None else (copy / name).write_bytes(change)
        with pytest.raises(StorageError, match=f"{name} (is missing|has 3 bytes)"):
            tmx.datasets.open(copy)


def test_what_fails_on_the_way_leaves_nothing(tmp_path):
    def fail(part):
        yield from blocks(part)
        raise StorageError("a result is damaged")

    for target in (Destination(tmp_path / "x.h5"), Destination(tmp_path / "versions")):
        with pytest.raises(StorageError, match="a result is damaged"), target.staged(20_000) as staging:
            DatasetWriter(staging.storage).write_part("train", SIZES["train"], fail("train"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert list((tmp_path / "versions").iterdir()) == []


def test_versions_stay(shards, tmp_path):
    with pytest.raises(ConfigError, match=r"never changed: give the new one another --version, such as 1\.0\.1"):
        Destination(shards.parent).check()
    Destination(shards.parent, "1.0.1").check()
    for version in ("../x", "1", "1.0.0-beta"):
        with pytest.raises(ConfigError, match="no version"):
            Destination(tmp_path, version).check()


def test_a_version_is_built_by_one_at_a_time(tmp_path):
    target = Destination(tmp_path / "versions", "2.0.0")
    with target.staged(20_000) as staging:
        with pytest.raises(ConfigError, match="is being built by another process"), target.staged(20_000):
            pass
        DatasetWriter(staging.storage).write_part("train", SIZES["train"], blocks("train"))
    assert list((tmp_path / "versions").iterdir()) == []


def test_what_a_killed_build_left_is_cleared_away(tmp_path):
    target = Destination(tmp_path / "versions", shard_bytes=2_000_000)
    left = tmp_path / "versions" / ".1.0.0.tmp" / "train-00000.h5"
    child = multiprocessing.get_context("fork").Process(target=_be_killed_building, args=(target, left))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert left.exists()
    fingerprint = write(target)
    assert [path.name for path in (tmp_path / "versions").iterdir()] == ["1.0.0"]
    assert not (target.place / left.name).exists()
    assert tmx.datasets.open(target.place).fingerprint == fingerprint


def _be_killed_building(target, left):
    with target.staged(20_000):
        left.write_text("unfinished")
        os.kill(os.getpid(), signal.SIGKILL)
