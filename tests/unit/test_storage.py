import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import h5py
import numpy as np
import pytest

from tmx.errors import NotFoundError, StorageError
from tmx.storage.atomic import file_sha256, link_or_copy, stage, write_atomically
from tmx.storage.hdf5 import read, read_provenance, to_bytes
from tmx.storage.paths import artifact_path, in_store, radiance_path_beside, store_relative, store_root
from tmx.storage.records import Provenance, RadianceRecord, ThermalRecord

PROVENANCE = Provenance(
    "ab" * 32, "labels:\n  name: μ\n", {"host": "here", "estimated_error": 0.05, "accuracy_met": True}
)


@pytest.fixture
def thermal():
    rng = np.random.default_rng(1)
    return ThermalRecord(
        T_out=200.0 + 100.0 * rng.random((400, 12)),
        T_surf_out=200.0 + 100.0 * rng.random(12),
        T_base_out=np.empty(0),
        sun_azimuth_out=rng.random(12),
        t_out=np.arange(12.0) / 3.0,
        mu_out=rng.random(12),
        x_grid=rng.random(400),
        x_boundaries=rng.random(401),
        layer_structure=np.repeat([0, 1], 200),
        tau_grid=rng.random(200),
        tau_boundaries=rng.random(201),
    )


def write(path, record, dtype="float32"):
    path.write_bytes(to_bytes(record, PROVENANCE, dtype))
    return path


def test_a_record_comes_back(tmp_path, thermal):
    path = write(tmp_path / "x.h5", thermal)
    found = read(path, ThermalRecord)
    assert read_provenance(path, ThermalRecord) == PROVENANCE
    assert found.T_out == pytest.approx(thermal.T_out, abs=1.6e-5)
    assert found.T_out.dtype == np.float64
    for name in ("t_out", "mu_out", "x_grid", "x_boundaries", "layer_structure", "tau_grid", "tau_boundaries"):
        assert np.array_equal(getattr(found, name), getattr(thermal, name)), name


def test_all_digits_where_asked(tmp_path, thermal):
    found = read(write(tmp_path / "x.h5", thermal, "float64"), ThermalRecord)
    assert np.array_equal(found.T_out, thermal.T_out)


def test_only_what_is_wanted_is_read(tmp_path, thermal):
    found = read(write(tmp_path / "x.h5", thermal), ThermalRecord, ["t_out"])
    assert found.t_out.size == 12
    assert found.T_out.size == 0


def test_the_layout_is_the_documented_one(tmp_path, thermal):
    with h5py.File(write(tmp_path / "x.h5", thermal)) as file:
        temperature = file["thermal_data/T_out"]
        assert temperature.dtype == np.float32
        assert temperature.attrs["units"] == "K"
        assert "temperature" in temperature.attrs["long_name"]
        assert temperature.compression == "gzip"
        assert temperature.shuffle
        assert temperature.fletcher32
        assert file["grid_data/x_grid"].dtype == np.float64
        assert file["metadata/config_used.yaml"].asstr()[()].startswith("labels:")
        assert file.attrs["kind"] == "thermal"


def test_the_same_record_gives_the_same_bytes(thermal):
    first = to_bytes(thermal, PROVENANCE)
    time.sleep(1.1)
    assert to_bytes(thermal, PROVENANCE) == first


def test_threads_do_not_write_into_each_others_files(thermal):
    records = [replace(thermal, T_out=thermal.T_out + number) for number in range(8)] * 20
    alone = [to_bytes(record, PROVENANCE) for record in records[:8]] * 20
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda record: to_bytes(record, PROVENANCE), records))
    assert together == alone


def test_smooth_fields_take_less_than_half_of_their_plain_size(thermal):
    depth, hours = np.arange(60.0)[:, None], np.arange(480.0)
    smooth = 250.0 + 80.0 * np.exp(-depth / 8) * np.sin(2 * np.pi * hours / 480 - depth / 8)
    shapes = {"T_out": smooth, "T_surf_out": smooth[0], "t_out": hours, "x_grid": depth[:, 0]}
    record = replace(thermal, **{field.name: shapes.get(field.name, np.empty(0)) for field in fields(thermal)})
    assert len(to_bytes(record, PROVENANCE)) < 0.5 * smooth.nbytes


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:700]), "truncated, damaged or of another format"),
        (lambda path: path.write_text("no HDF5"), "truncated, damaged or of another format"),
        (lambda path: path.write_bytes(b""), "truncated, damaged or of another format"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path, thermal, spoil, message):
    path = write(tmp_path / "x.h5", thermal)
    spoil(path)
    with pytest.raises(StorageError, match=message):
        read(path, ThermalRecord)


def test_a_flipped_bit_is_noticed(tmp_path, thermal):
    path = write(tmp_path / "x.h5", thermal)
    with h5py.File(path) as file:
        offset = file["thermal_data/T_out"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[offset + 40] ^= 1
    path.write_bytes(content)
    with pytest.raises(StorageError):
        read(path, ThermalRecord)


def test_another_kind_version_or_program_is_named(tmp_path, thermal):
    path = write(tmp_path / "x.h5", thermal)
    with pytest.raises(StorageError, match="a thermal file; a radiance file is needed"):
        read(path, RadianceRecord)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = 7
    with pytest.raises(StorageError, match="format version 7; this version of tmx reads version 4"):
        read(path, ThermalRecord)
    with h5py.File(path, "r+") as file:
        del file.attrs["kind"]
    with pytest.raises(StorageError, match="that tmx did not write"):
        read(path, ThermalRecord)


def test_a_missing_file_or_dataset_is_named(tmp_path, thermal):
    with pytest.raises(NotFoundError, match=r"nothing\.h5: no such file"):
        read(tmp_path / "nothing.h5", ThermalRecord)
    path = write(tmp_path / "x.h5", thermal)
    with h5py.File(path, "r+") as file:
        del file["thermal_data/mu_out"]
    with pytest.raises(StorageError, match="has no dataset thermal_data/mu_out"):
        read(path, ThermalRecord)


def test_a_staged_file_appears_when_it_is_published(tmp_path):
    staged = stage(tmp_path / "deep" / "a.h5", b"content", "token")
    assert not staged.path.exists()
    assert staged.staging.read_bytes() == b"content"
    staged.publish()
    assert staged.path.read_bytes() == b"content"
    assert not staged.staging.exists()
    assert staged.sha256 == file_sha256(staged.path)
    assert staged.size == 7


def test_a_discarded_file_leaves_nothing(tmp_path):
    stage(tmp_path / "a.h5", b"content", "token").discard()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot write .*file/a\.h5: (Not a directory|File exists)"):
        stage(tmp_path / "file" / "a.h5", b"x", "token")


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="no space left on the disk"):
        stage(tmp_path / "a.h5", b"x", "token")
    assert list(tmp_path.iterdir()) == []


def test_a_link_shares_the_file_and_a_copy_does_where_links_cannot_be_made(tmp_path, monkeypatch):
    source = write_atomically(tmp_path / "a", b"content").path
    link_or_copy(source, tmp_path / "b" / "link")
    assert (tmp_path / "b" / "link").samefile(source)
    link_or_copy(source, tmp_path / "b" / "link")

    def refuse(*names):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    link_or_copy(source, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"content"
    assert not (tmp_path / "copy").samefile(source)


def test_paths(tmp_path):
    path = artifact_path(tmp_path / "out", "thermal", "0123456789abcdef0123456789abcdef")
    assert path == tmp_path / "out" / "thermal_results" / "thermal_sim_0123456789abcdef0123.h5"
    assert radiance_path_beside(path).name == "radiance_0123456789abcdef0123.h5"
    assert store_relative(path, tmp_path).startswith("out/thermal_results/")
    assert in_store(store_relative(path, tmp_path / "elsewhere"), tmp_path / "elsewhere") == path


def test_the_store_is_beside_the_registry_unless_said_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("TMX_STORE", raising=False)
    assert store_root(tmp_path / "tmx.db") == tmp_path.resolve()
    monkeypatch.chdir(tmp_path)
    assert store_root(None) == tmp_path.resolve()
    monkeypatch.setenv("TMX_STORE", str(tmp_path / "store"))
    assert store_root(tmp_path / "tmx.db") == tmp_path / "store"


def test_a_record_without_bands_comes_back(tmp_path):
    times, names = np.arange(12.0), np.array([b"one", b"two"], dtype="S32")
    given = {"radiance_out": np.empty((0, 12)), "bolometric_radiance": times, "channel_name": names}
    record = RadianceRecord(**{field.name: given.get(field.name, np.empty(0)) for field in fields(RadianceRecord)})
    found = read(write(tmp_path / "x.h5", record), RadianceRecord)
    assert found.radiance_out.shape == (0, 12)
    assert np.array_equal(found.bolometric_radiance, times)
    assert found.channel_name.tolist() == [b"one", b"two"]


def test_long_texts_find_room(tmp_path, thermal):
    provenance = Provenance("k", "labels:\n  description: " + 500 * "ζ…", {"note": 5000 * "n"})
    path = tmp_path / "x.h5"
    path.write_bytes(to_bytes(thermal, provenance))
    assert read_provenance(path, ThermalRecord) == provenance
