import csv

import h5py
import numpy as np
import pytest
from commands import REPOSITORY
from pages import blocks_of

import tmx
from tmx.config import SimulationConfig, preset
from tmx.errors import ConfigError, NotFoundError, StorageError
from tmx.maintenance.tables import write_samples
from tmx.registry.own_queries import select
from tmx.results import load_file
from tmx.simulation import record_bytes
from tmx.stages.radiance import run_radiance
from tmx.stages.thermal import run_thermal
from tmx.storage.hdf5 import read
from tmx.storage.paths import in_store
from tmx.storage.records import RadianceRecord, ThermalRecord


@pytest.fixture
def url(store, monkeypatch):
    monkeypatch.setenv("TMX_STORE", str(store.root))
    return store.registry.address.url.render_as_string(hide_password=False)


def run_of(store, stage):
    ((run_id, key, path),) = store.execute(
        "SELECT r.id, r.key, f.path FROM run r JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage"
        " WHERE r.stage = :stage ORDER BY r.id LIMIT 1",
        stage=stage,
    )
    return run_id, key, in_store(path, store.root)


@pytest.mark.parametrize(("stage", "kind"), [("thermal", ThermalRecord), ("radiance", RadianceRecord)])
def test_a_run_comes_with_coordinates_and_units(store, url, stage, kind):
    pytest.importorskip("xarray")
    run_id, key, path = run_of(store, stage)
    record = read(path, kind)
    for name in (run_id, str(run_id), key, key[:8]):
        loaded = tmx.load_run(name, url)
        assert loaded.attrs["key"] == key
    assert loaded.time.values.tolist() == record.t_out.tolist()
    if stage == "thermal":
        noon = loaded.T_out.isel(time=len(loaded.time) // 2).sel(depth=0.02, method="nearest")
        assert noon.item() == record.T_out[np.abs(record.x_grid - 0.02).argmin(), len(record.t_out) // 2]
        assert (loaded.T_out.dims, loaded.T_out.units, loaded.depth.units) == (("depth", "time"), "K", "m")
        assert "T_crater_out" not in loaded
    else:
        assert (loaded.emissivity.dims, loaded.wavenumber.units) == (("wavenumber", "time"), "cm-1")
        np.testing.assert_array_equal(loaded.radiance_out, record.radiance_out)
    assert "latitude" in loaded.attrs["config"]


def test_observers_and_directions_are_told_apart(tmp_path):
    """Of the former there is one more, so that one dimension for both would fit nothing."""
    pytest.importorskip("xarray")
    settings = {"freq_out": 12, "observer_vectors": [[0, 0, 1], [0, 1, 1]]}
    config = SimulationConfig(**preset("Bennu").values, **settings)
    record = run_radiance(config, run_thermal(config).record).record
    assert record.observer_radiance_out.size
    (tmp_path / "any name.h5").write_bytes(record_bytes(config, "0" * 64, record, {}))
    loaded = load_file(tmp_path / "any name.h5")
    assert loaded.observer_radiance_out.dims == ("direction", "wavenumber", "time")
    assert (loaded.sizes["direction"], loaded.sizes["observer"]) == (2, 3)


def test_a_file_that_is_no_result_is_refused(tmp_path):
    pytest.importorskip("xarray")
    with h5py.File(tmp_path / "radiance_of_mine.h5", "w") as file:
        file.attrs["kind"] = "dataset"
    with pytest.raises(StorageError, match="a dataset file; a thermal or radiance file is needed"):
        load_file(tmp_path / "radiance_of_mine.h5")


@pytest.mark.parametrize(
    ("run", "error", "said"),
    [
        (10**6, NotFoundError, "has no run 1000000"),
        ("0123456789abcdef0123", NotFoundError, "has no run 0123456789"),
        ("abc", ConfigError, "at least 6 digits"),
        ("abcdefgh%", ConfigError, "digits 0 to 9 and a to f"),
    ],
)
def test_a_run_that_is_not_there_is_said(store, url, run, error, said):
    pytest.importorskip("xarray")
    with pytest.raises(error, match=said):
        tmx.load_run(run, url)


def test_sql_for_pandas_reads_and_does_not_write(store, url):
    pandas = pytest.importorskip("pandas")
    engine = tmx.connect(url)
    table = pandas.read_sql("SELECT sweep, sample_index, k_dust, t_surf_max FROM samples ORDER BY 1, 2", engine)
    assert table.shape == (4, 4)
    assert table.t_surf_max.between(100.0, 450.0).all()
    with pytest.raises(Exception, match=r"readonly|read-only"), engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM sample")
    engine.dispose()


def test_samples_are_one_table(store, tmp_path):
    expected = store.execute("SELECT sample_index, k_dust FROM samples WHERE sweep = 'a' ORDER BY sample_index")
    assert write_samples(store.registry, "a", tmp_path / "a.csv", "csv") == 2
    with open(tmp_path / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["sample_index"]), float(row["k_dust"])) for row in rows] == expected
    parquet = pytest.importorskip("pyarrow.parquet")
    assert write_samples(store.registry, "a", tmp_path / "a.parquet", "parquet") == 2
    table = parquet.read_table(tmp_path / "a.parquet").to_pydict()
    assert list(zip(table["sample_index"], table["k_dust"], strict=True)) == expected


def test_a_table_of_nothing_is_refused(store, tmp_path):
    with pytest.raises(NotFoundError, match="none"):
        write_samples(store.registry, "none", tmp_path / "a.csv", "csv")
    with pytest.raises(ConfigError, match="name a file"):
        write_samples(store.registry, "a", tmp_path, "csv")
    assert list(tmp_path.iterdir()) == []


QUERIES = [block.text for block in blocks_of(REPOSITORY / "docs/queries.md") if block.language == "sql"]


def test_there_are_ready_queries():
    assert len(QUERIES) >= 12


@pytest.mark.parametrize("query", QUERIES)
def test_the_ready_queries_of_the_documentation_answer(store, query):
    columns, rows = select(store.registry, query)
    assert len(set(columns)) == len(columns)
    finds_nothing = any(words in query for words in ("failures", "> accuracy", "'running'", "attempts > 1", "having"))
    assert bool(rows) != finds_nothing
