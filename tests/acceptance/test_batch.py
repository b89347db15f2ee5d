"""The main job: two YAML files to a dataset, with everything on the way."""

import json
import shutil

import h5py
import numpy as np
import pytest
import yaml
from commands import REPOSITORY, write_sweep

from tmx.registry import open_registry
from tmx.registry.sql import execute
from tmx.storage.hdf5 import read
from tmx.storage.records import ThermalRecord


def batch(tmx, sweep, output="results/a", *more):
    return tmx("batch", "-b", "base.yaml", "-B", sweep, "-o", output, "-w", 1, "--backend", "threading", *more)


def test_a_batch_gives_rows_files_a_summary_and_a_dataset(tmx, directory):
    write_sweep(directory / "sweep.yaml", 3, 2)
    answer = batch(tmx, "sweep.yaml", "results/a", "--create-dataset")
    assert answer.code == 0, answer.err
    assert "sweep      a: 12 of 12 runs done, 0 failed" in answer.out
    assert len(list((directory / "results/a/thermal_results").glob("thermal_sim_*.h5"))) == 6
    assert len(list((directory / "results/a/radiance_results").glob("radiance_*.h5"))) == 6
    assert not list((directory / "results").rglob("*.tmp"))

    rows = json.loads(tmx("sql", "select * from samples order by sample_index", "--json").out)
    assert [row["sample_index"] for row in rows] == list(range(6))
    assert [row["k_dust"] for row in rows] == pytest.approx(np.repeat([0.02, 0.1, 0.5], 2))
    assert [row["latitude"] for row in rows] == pytest.approx(np.tile([0.0, np.pi / 3], 3))
    assert all(row["state"] == "done" and row["accuracy_met"] for row in rows)
    for row in rows:
        record = read(directory / row["thermal_path"], ThermalRecord)
        assert record.T_surf_out.max() <= row["t_surf_max"] + 1e-3
    assert rows[0]["t_surf_max"] > rows[-1]["t_surf_max"]

    summary = yaml.safe_load((directory / "results/a/batch_results.yaml").read_text())
    assert summary["statistics"]["done"] == 12
    assert len(summary["samples"]) == 6
    assert (directory / summary["samples"][0]["thermal_path"]).exists()
    assert "12 done, 0 failed, 0 left" in (directory / "results/a/logs/batch.log").read_text()

    with h5py.File(directory / "results/a/ml_dataset.h5") as file:
        sizes = {part: len(file[part]["inputs"]) if "inputs" in file[part] else 0 for part in ("train", "val", "test")}
        assert sum(sizes.values()) == 6
        train = file["train"]
        assert list(train["inputs"].attrs["names"]) == ["k_dust", "latitude"]
        assert list(train["inputs"].attrs["units"]) == ["W/m/K", "rad"]
        assert train["outputs/T_surf"].shape == (sizes["train"], 12)
        assert train["outputs/brightness_temperature"].shape == (sizes["train"], 80, 12)
        for row in range(sizes["train"]):
            sample = rows[train["sample_index"][row]]
            assert train["inputs"][row].tolist() == [sample["k_dust"], sample["latitude"]]
            assert train["outputs/summary"][row][0] == sample["t_surf_max"]
        mean = file["normalisation/outputs/T_surf/mean"][()]
        assert mean == pytest.approx(train["outputs/T_surf"][()].mean(axis=0), abs=1e-4)
        std = file["normalisation/inputs/std"][()]
        assert std == pytest.approx(train["inputs"][()].std(axis=0))
        assert file["coordinates/time"].attrs["units"] == "h"


def test_the_hours_of_a_dataset_of_several_days_go_on_beyond_24(tmx, directory):
    (directory / "sweep.yaml").write_text(
        "parameter_sweeps:\n  - {parameter: P, type: list, values: [4.296 h, 7 h]}\n"
        "fixed_overrides: {ndays: 2, last_day: false, local_times_out: [6, 12]}\n"
    )
    answer = batch(tmx, "sweep.yaml", "results/a", "--create-dataset", "--train-fraction", 1, "--val-fraction", 0)
    assert answer.code == 0, answer.err
    with h5py.File(directory / "results/a/ml_dataset.h5") as file:
        assert file["train/outputs/T_surf"].shape == (2, 24)
        hours = file["coordinates/time"]
        assert hours[()].tolist() == [2.0 * number for number in range(24)]
        assert "beyond 24" in hours.attrs["long_name"]
        assert file["coordinates/radiance_time"][()].tolist() == [30.0, 36.0]
        warmest = file["train/outputs/T_surf"][0].argmax()
    assert 12.0 < np.arange(0.0, 48.0, 2.0)[warmest] % 24.0 < 18.0
    (directory / "last.yaml").write_text((directory / "sweep.yaml").read_text().replace("last_day: false, ", ""))
    assert batch(tmx, "last.yaml", "results/b", "--create-dataset").code == 0
    with h5py.File(directory / "results/b/ml_dataset.h5") as file:
        assert file["coordinates/time"][()].tolist() == [2.0 * number for number in range(12)]
        assert file["coordinates/radiance_time"][()].tolist() == [6.0, 12.0]


def test_the_same_batch_again_computes_nothing_and_gives_the_same_dataset(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 2)
    assert batch(tmx, "sweep.yaml", "results/a", "--create-dataset").code == 0
    before = (directory / "results/a/ml_dataset.h5").read_bytes()
    answer = batch(tmx, "sweep.yaml", "results/a", "--create-dataset")
    assert answer.code == 0
    assert "computed   0 runs" in answer.out
    assert (directory / "results/a/ml_dataset.h5").read_bytes() == before


def test_a_first_part_grows_to_the_whole(tmx, directory):
    write_sweep(directory / "sweep.yaml", 3, 2)
    assert "4 of 4 runs done" in batch(tmx, "sweep.yaml", "results/a", "-n", 2).out
    answer = batch(tmx, "sweep.yaml", "results/a")
    assert "12 of 12 runs done" in answer.out
    assert "computed   8 runs" in answer.out


def test_two_sweeps_share_what_they_have_in_common(tmx, directory):
    write_sweep(directory / "small.yaml", 2, 2)
    write_sweep(directory / "bare.yaml", 2, 2, radiance=False)
    assert batch(tmx, "small.yaml", "results/a").code == 0
    answer = batch(tmx, "bare.yaml", "results/b")
    assert "4 of 4 runs done (4 of them computed for other sweeps)" in answer.out
    assert "computed   0 runs" in answer.out
    first = sorted((directory / "results/a/thermal_results").iterdir())
    second = sorted((directory / "results/b/thermal_results").iterdir())
    assert [path.name for path in first] == [path.name for path in second]
    assert first[0].samefile(second[0])


def test_spectra_are_computed_again_on_the_same_temperatures(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 1)
    assert batch(tmx, "sweep.yaml", "results/a").code == 0
    with open(directory / "sweep.yaml", "a") as file:
        file.write("fixed_overrides: {n_bands_out: 20}\n")
    answer = batch(tmx, "sweep.yaml", "results/b")
    assert "4 of 4 runs done (2 of them computed for other sweeps)" in answer.out
    assert "computed   2 runs" in answer.out


def test_a_label_changes_nothing(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 1)
    assert batch(tmx, "sweep.yaml").code == 0
    with open(directory / "base.yaml", "a") as file:
        file.write("description: the same, with other words\n")
    answer = batch(tmx, "sweep.yaml")
    assert answer.code == 0
    assert "computed   0 runs" in answer.out


def test_submit_work_status_and_the_dataset_apart(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 2)
    answer = tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "--name", "mine")
    assert "sweep mine: 4 new samples, 8 new runs, 0 already computed" in answer.out
    status = json.loads(tmx("status", "--json").out)
    assert {(c["stage"], c["state"]): c["runs"] for c in status["counts"]} == {
        ("thermal", "pending"): 4,
        ("radiance", "blocked"): 4,
    }
    assert tmx("work", "-w", 1).out == "8 runs done, 0 failed\n"
    shown = tmx("status").out
    assert "mine" in shown
    assert "failed" in shown
    answer = tmx("dataset", "build", "--sweep", "mine", "--random-seed", 3, "--allow-empty")
    assert answer.code == 0
    assert (directory / "out/ml_dataset.h5").exists()
    rows = json.loads(tmx("sql", "select split, count(*) as n from dataset_sample group by split", "--json").out)
    assert sum(row["n"] for row in rows) == 4


def test_what_is_known_is_shown(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 2)
    assert batch(tmx, "sweep.yaml").code == 0
    sample = json.loads(tmx("show", "sample", "a/1", "--json").out)
    assert sample["state"] == "done"
    run = json.loads(tmx("show", "run", sample["thermal_key"][:10], "--json").out)
    assert run["key"] == sample["thermal_key"]
    assert [attempt["outcome"] for attempt in run["history"]] == ["done"]
    artifact = json.loads(tmx("show", "artifact", sample["thermal_path"], "--json").out)
    assert artifact["run"]["key"] == sample["thermal_key"]
    assert "t_surf_max" in tmx("show", "run", sample["thermal_key"]).out


def test_failures_are_recorded_and_the_rest_goes_on(tmx, directory):
    table = directory / "emissivity.txt"
    table.write_text("8 0.9\n20 0.95\n")
    (directory / "sweep.yaml").write_text(
        "parameter_sweeps:\n"
        "  - {parameter: emissivity_file, type: list, values: [emissivity.txt, other.txt]}\n"
        "  - {parameter: latitude, type: linear, min: 0, max: 1, n_samples: 2}\n"
    )
    shutil.copy(table, directory / "other.txt")
    (directory / "other.txt").write_text("8 0.8\n20 0.95\n")
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out").code == 0
    table.unlink()
    answer = tmx("resume", "-w", 1, "--create-dataset")
    assert answer.code == 1
    assert "failed     2 radiance runs: ConfigError: emissivity_file:" in answer.err
    assert "left out: 2 failed" in answer.out
    failed = json.loads(tmx("sql", "select * from failures", "--json").out)
    assert len(failed) == 2
    assert "Traceback" in failed[0]["traceback"]
    assert "traceback:" in tmx("show", "run", failed[0]["run_id"]).out

    table.write_text("8 0.9\n20 0.95\n")
    assert tmx("retry", "out", "--error", "no such text").out.startswith("0 failed runs")
    assert tmx("retry", "out").out.startswith("2 failed runs")
    answer = tmx("resume", "out", "-w", 1, "--create-dataset")
    assert answer.code == 0
    assert "left out" not in answer.out


def test_runs_that_miss_their_accuracy_are_named_and_left_out(tmx, directory):
    (directory / "sweep.yaml").write_text(
        "parameter_sweeps:\n"
        "  - {parameter: flay, type: list, values: [0.02, 0.9]}\n"
        "fixed_overrides: {auto_thickness: false, accuracy: 0.2}\n"
    )
    answer = batch(tmx, "sweep.yaml", "results/a", "--create-dataset")
    assert answer.code == 0
    assert "warning: 1 samples do not meet their accuracy" in answer.err
    assert "left out: 1 accuracy not met" in answer.out
    summary = yaml.safe_load((directory / "results/a/batch_results.yaml").read_text())
    assert summary["statistics"]["accuracy_not_met"] == 1
    assert summary["dataset"]["excluded"] == {"accuracy not met": 1}


def test_a_cancelled_sweep_rests_until_it_is_resumed(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 2)
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out").code == 0
    assert "8 runs cancelled" in tmx("cancel", "out").out
    assert tmx("work", "-w", 1).out == "0 runs done, 0 failed\n"
    assert "8 of 8 runs done" in tmx("resume", "out", "-w", 1).out


def test_a_paused_sweep_lets_others_go_first(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 2)
    write_sweep(directory / "other.yaml", 3, 1)
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "a").code == 0
    assert tmx("pause", "a").code == 0
    assert tmx("submit", "-b", "base.yaml", "-B", "other.yaml", "-o", "b").code == 0
    assert tmx("work", "-w", 1).out == "6 runs done, 0 failed\n"
    assert "8 of 8 runs done" in tmx("resume", "a", "-w", 1).out


@pytest.mark.parametrize("workers", [1, 2])
def test_the_main_job_on_either_database_gives_the_same_dataset(tmx, directory, registry_url, workers):
    write_sweep(directory / "sweep.yaml", 3, 3)
    assert batch(tmx, "sweep.yaml", "reference", "--create-dataset").code == 0
    answer = tmx(
        "batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "there", "--db", registry_url, "-w", workers,
        "--create-dataset",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "18 of 18 runs done, 0 failed" in answer.out
    assert (directory / "there/ml_dataset.h5").read_bytes() == (directory / "reference/ml_dataset.h5").read_bytes()
    with open_registry(registry_url) as registry, registry.read() as conn:
        twice = "SELECT COUNT(*) FROM (SELECT run_id FROM attempt GROUP BY run_id HAVING COUNT(*) > 1) t"
        assert execute(conn, twice).scalar() == 0


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("test_batch", "bennu"),
        ("thermal_only_batch", "bennu"),
        ("radiative_transfer_batch", "bennu"),
        ("opaque_surfaces", "bennu"),
        ("beaming", "bennu"),
        ("radiance_only_batch", "bennu"),
        ("radiance_only_batch", "laboratory"),
        ("validation_batch", "bennu"),
        ("two_layer_batch", "bennu_two_layer"),
        ("polar_batch", "moon_polar"),
    ],
)
def test_the_shipped_sweeps_work(tmx, directory, name, base):
    configs = REPOSITORY / "configs"
    answer = tmx(
        "batch", "-b", configs / f"base_configs/{base}.yaml", "-B", configs / f"batch_configs/{name}.yaml",
        "-o", "out", "-n", 4, "-w", 1, "--backend", "threading",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "0 failed" in answer.out


def test_the_example_with_spectra_of_regolith(tmx, directory):
    configs = REPOSITORY / "configs"
    answer = tmx(
        "batch", "-b", configs / "base_configs/bennu.yaml", "-B", configs / "batch_configs/ml_dataset_example.yaml",
        "-o", "out", "-n", 15, "-w", 1, "--create-dataset",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "sweep      out: 16 of 16 runs done" in answer.out
    with h5py.File(directory / "out/ml_dataset.h5") as file:
        spectra = file["train/outputs/emissivity"]
        assert spectra.shape[1:] == (80, 24)
        assert spectra.attrs["units"] == "1"
        noon = spectra[:, :, 12]
    assert np.ptp(noon, axis=0).max() > 0.05
    answer = tmx("plot", "spectra", "out", "-o", "spectra.png")
    assert answer.code == 0, answer.err
    assert "(15 spectra: out, Et 1e+04 1/m, 12 h)" in answer.out
    assert (directory / "spectra.png").read_bytes().startswith(b"\x89PNG")
    assert tmx("plot", "spectra", "out", "--by", "latitude", "-o", "x.png").code == 2
    assert tmx("plot", "spectra", "out", "-o", "x.txt").code == 2


def test_a_sweep_that_no_grains_can_do_is_refused_before_it_begins(tmx, directory):
    (directory / "sweep.yaml").write_text(
        "parameter_sweeps:\n  - {parameter: radius, type: list, values: [10 um, 9 cm]}\n"
        "fixed_overrides: {use_RTE: true, composition: quartz, wn_min_out: 300}\n"
    )
    answer = batch(tmx, "sweep.yaml", "out")
    assert answer.code == 2
    assert "size parameter" in answer.err
    assert not (directory / "tmx.db").exists()


def test_a_sweep_over_roughness_computes_temperatures_once(tmx, directory):
    (directory / "sweep.yaml").write_text(
        "parameter_sweeps:\n"
        "  - {parameter: rough_fraction, type: list, values: [0.0, 0.5, 1.0]}\n"
        "  - {parameter: observer_mu, type: list, values: [1.0, 0.6]}\n"
        "fixed_overrides: {crater: true, compute_crater_radiance: true, crater_facets: 24, accuracy: 1.0}\n"
    )
    answer = batch(tmx, "sweep.yaml", "out", "--create-dataset")
    assert answer.code == 0, answer.err
    assert "7 of 7 runs done" in answer.out
    rows = "select rough_fraction, mixed_bolometric_tb_max, rough_bolometric_tb_max, bolometric_tb_max from samples"
    answer = tmx("sql", f"{rows} where observer_mu = 1.0 order by rough_fraction", "--json")
    flat, half, rough = json.loads(answer.out)
    assert flat["mixed_bolometric_tb_max"] == pytest.approx(flat["bolometric_tb_max"])
    assert rough["mixed_bolometric_tb_max"] == pytest.approx(rough["rough_bolometric_tb_max"])
    assert half["rough_bolometric_tb_max"] == rough["rough_bolometric_tb_max"]
    with h5py.File(directory / "out/ml_dataset.h5") as file:
        mixed = file["train/outputs/mixed_brightness_temperature"]
        assert mixed.shape[1:] == (1, 80, 12)
        assert mixed.attrs["units"] == "K"
        assert file["coordinates/observer"][()].tolist() == [0.0]
        assert "normalisation/outputs/mixed_emissivity/mean" in file
