import json
import multiprocessing
import pickle
from functools import cache

import h5py
import numpy as np
import pytest

import tmx
from tmx.datasets.layout import FORMAT_VERSION, Coordinate, Inputs, create_rows, create_scale, describe_inputs
from tmx.errors import ConfigError, NotFoundError, StorageError

SIZES = {"train": 300, "val": 7}
INPUTS = Inputs(("k_dust", "bottom_bc"), ("W/m/K", "1"), {"bottom_bc": ("dirichlet", "neumann")})


@cache
def values(part):
    rng = np.random.default_rng(len(part))
    curves = 200.0 + 50.0 * rng.random((SIZES[part], 24))
    spectra = 300.0 + 9.0 * rng.standard_normal((SIZES[part], 180, 24))
    return rng.random((SIZES[part], 2)), {"T_surf": curves.astype("f4"), "emissivity": spectra.astype("f4")}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("dataset") / "ml_dataset.h5"
    with h5py.File(path, "w") as file:
        for part in SIZES:
            inputs, outputs = values(part)
            group = file.create_group(f"{part}/outputs").parent
            create_rows(group, "inputs", len(inputs), inputs)[:] = inputs
            describe_inputs(group, INPUTS)
            time = create_scale(group["outputs"], "time", Coordinate(np.arange(24.0), "h", "local time"))
            wave = create_scale(group["outputs"], "wavenumber", Coordinate(np.arange(180.0), "cm-1", "bands"))
            for name, rows in outputs.items():
                dataset = create_rows(group["outputs"], name, len(rows), rows)
                dataset[:] = rows
                dataset.attrs.update({"units": "K", "long_name": name})
                for axis, scale in enumerate([time] if name == "T_surf" else [wave, time], start=1):
                    dataset.dims[axis].attach_scale(scale)
        for name, rows in (("inputs", values("train")[0]), *values("train")[1].items()):
            place = name if name == "inputs" else f"outputs/{name}"
            file[f"normalisation/{place}/mean"] = rows.mean(axis=0, dtype=float)
            file[f"normalisation/{place}/std"] = rows.std(axis=0, dtype=float)
        file.attrs.update(kind="dataset", format_version=FORMAT_VERSION, fingerprint="f" * 64)
        file.attrs.update(splits=json.dumps(SIZES), provenance="{}")
    return path


@pytest.fixture
def dataset(path):
    with tmx.datasets.open(path) as dataset:
        yield dataset


def test_what_it_holds_is_known_without_reading_it(dataset):
    assert dataset.splits == SIZES
    assert dataset.inputs == INPUTS
    emissivity = dataset.outputs["emissivity"]
    assert (emissivity.dims, emissivity.shape, emissivity.unit) == (("wavenumber", "time"), (180, 24), "K")
    assert emissivity.coords["time"].values.tolist() == list(range(24))
    assert set(dataset.outputs) == {"T_surf", "emissivity"}


@pytest.mark.parametrize("output", [None, "T_surf", "emissivity"])
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


def test_files_that_are_no_datasets_are_refused(path, tmp_path):
    (tmp_path / "cut.h5").write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StorageError, match="not a whole HDF5 file"):
        tmx.datasets.open(tmp_path / "cut.h5")
    for attribute, value, said in (("kind", "thermal", "a thermal file"), ("format_version", 1, "build it again")):
        (tmp_path / "other.h5").write_bytes(path.read_bytes())
        with h5py.File(tmp_path / "other.h5", "r+") as file:
            file.attrs[attribute] = value
        with pytest.raises(StorageError, match=said):
            tmx.datasets.open(tmp_path / "other.h5")
