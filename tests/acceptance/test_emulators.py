"""Emulators from the command line: trained on a sweep, tested, asked, and used to choose the next samples."""

import csv
import json
import shutil

import numpy as np
import pytest

from tmx import ThermalSimulator
from tmx.config import load_config, resolve

pytest.importorskip("sklearn")

SWEEP = """
design: {type: sobol, n_samples: 64}
parameter_sweeps:
  - {parameter: k_dust, type: log_uniform, min: 0.02, max: 0.5}
  - {parameter: latitude, type: linear, min: 0 deg, max: 60 deg}
output_settings: {radiance: false}
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Keep the directory of a finished sweep with its emulator, to be copied."""
    return tmp_path_factory.mktemp("trained")


@pytest.fixture
def emulator(tmx, directory, trained):
    """Give a directory of its own with a finished sweep and its emulator."""
    if not (trained / "tmx.db").exists():
        (directory / "sweep.yaml").write_text(SWEEP)
        compute = ("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1, "--backend", "threading")
        assert tmx(*compute, "--create-dataset").code == 0
        answer = tmx("emulate", "train", "out/ml_dataset.h5", "--outputs", "T_surf")
        assert answer.code == 0, answer.err
        assert answer.out.startswith("emulator   out/emulator.h5: Gaussian processes of T_surf on ")
        shutil.copytree(directory, trained, dirs_exist_ok=True)
    else:
        shutil.copytree(trained, directory, dirs_exist_ok=True)
    return directory / "out" / "emulator.h5"


def refusal(answer, code=2):
    assert answer.code == code, answer
    (line,) = answer.err.splitlines()
    return line


def test_it_is_compared_with_simulations_that_it_has_not_seen(tmx, emulator):
    answer = tmx("emulate", "evaluate", emulator, "-o", "errors.svg", "--json")
    assert answer.code == 0, answer.err
    (score,) = json.loads(answer.out)
    assert (score["output"], score["part"], score["unit"]) == ("T_surf", "test", "K")
    assert score["rmse"] < 0.5
    assert score["rmse"] < 0.02 * score["spread"]
    assert "Local time" in (emulator.parent.parent / "errors.svg").read_text()


def test_another_dataset_is_warned_of(tmx, emulator):
    assert tmx("dataset", "build", "--sweep", "out", "-o", "other.h5", "--train-fraction", 0.6).code == 0
    answer = tmx("emulate", "evaluate", emulator, "--dataset", "other.h5")
    assert answer.code == 0
    assert "may have seen some of these samples" in answer.err


def test_it_predicts_a_point_that_is_given_as_in_a_config(tmx, emulator, directory):
    answer = tmx("emulate", "predict", emulator, "-p", "k_dust=0.1", "latitude=30 deg", "--json")
    assert answer.code == 0, answer.err
    predicted = json.loads(answer.out)["T_surf"]
    config = resolve(load_config(directory / "base.yaml").config, {"k_dust": 0.1, "latitude": "30 deg"})
    simulated = ThermalSimulator(config).run().thermal.T_surf_out
    np.testing.assert_allclose(predicted["mean"][0], simulated, atol=0.5)


def test_it_predicts_many_points_into_a_table(tmx, emulator, directory):
    (directory / "points.csv").write_text("latitude,k_dust\n10 deg,0.05\n20 deg,0.1\n70 deg,0.1\n")
    answer = tmx("emulate", "predict", emulator, "--points", "points.csv", "-o", "predicted.csv")
    assert answer.code == 0, answer.err
    assert "latitude: 1 of 3 points are outside of the range in training" in answer.err
    with open(directory / "predicted.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["point"] for row in rows} == {"0", "1", "2"}
    assert {row["unit"] for row in rows} == {"K"}
    assert all(100.0 < float(row["mean"]) < 420.0 and float(row["std"]) > 0.0 for row in rows)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("latitude,k_dust\n10 deg\n", "points.csv:2: has another number of values"),
        ("latitude,k_dust\n10 deg,0.05\n10 deg,hot\n", "points.csv:3: k_dust:"),
        ("latitude\n10 deg\n", "k_dust is missing"),
        ("", "points.csv: has no points"),
    ],
)
def test_bad_points_are_refused_in_one_line(tmx, emulator, directory, text, said):
    (directory / "points.csv").write_text(text)
    assert said in refusal(tmx("emulate", "predict", emulator, "--points", "points.csv"))


def test_other_mistakes_are_refused_in_one_line(tmx, emulator):
    assert "did you mean 'k_dust'" in refusal(tmx("emulate", "predict", emulator, "-p", "k_dus=0.1"))
    assert "--params, or many with --points" in refusal(tmx("emulate", "predict", emulator))
    assert "has no output 'T'" in refusal(tmx("emulate", "train", "out/ml_dataset.h5", "--outputs", "T"), 4)
    assert "tmx emulate train" in refusal(tmx("emulate", "evaluate", "no.h5"), 4)
    assert "one of .png" in refusal(tmx("emulate", "evaluate", emulator, "-o", "errors.gif"))
    assert "no such file" in refusal(tmx("emulate", "train", "no.h5"), 4)


def test_a_missing_package_is_named(tmx, emulator, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sklearn.gaussian_process", None)
    assert "pip install 'tmx[emulate]'" in refusal(tmx("emulate", "train", "out/ml_dataset.h5"))
    assert tmx("emulate", "predict", emulator, "-p", "k_dust=0.1", "latitude=0.1").code == 0


def test_more_samples_are_shown_to_help(tmx, emulator, directory):
    answer = tmx("emulate", "curve", "out/ml_dataset.h5", "--outputs", "T_surf", "--samples", 16, 40, "-o", "curve.png")
    assert answer.code == 0, answer.err
    lines = [line.split() for line in answer.out.splitlines()[2:4]]
    assert [line[0] for line in lines] == ["16", "40"]
    assert float(lines[1][4]) < float(lines[0][4])
    assert (directory / "curve.png").stat().st_size > 10_000


def test_scripts_read_the_scores_of_what_is_trained(tmx, emulator):
    few = ("out/ml_dataset.h5", "--outputs", "T_surf", "--samples", 16, "--json")
    trained = json.loads(tmx("emulate", "train", *few, "-o", "few.h5").out)
    assert (trained["emulator"], trained["samples"]) == ("few.h5", 16)
    (on_curve,) = json.loads(tmx("emulate", "curve", *few).out)
    assert on_curve["training_samples"] == 16
    assert on_curve["rmse"] == trained["scores"][0]["rmse"]


def test_a_refined_sweep_computes_only_what_is_new(tmx, emulator, directory):
    chosen = tmx(
        "sweep", "refine", "sweep.yaml", "-b", "base.yaml", "-e", emulator, "-n", 5, "-o", "refined.yaml", "--json"
    )
    assert chosen.code == 0, chosen.err
    found = json.loads(chosen.out)
    assert (found["samples"], found["new_samples"]) == (64, 5)
    assert 0.0 < found["error_bars_after"]["T_surf"] <= found["error_bars_before"]["T_surf"]
    answer = tmx("batch", "-b", "base.yaml", "-B", "refined.yaml", "-o", "refined", "-w", 1, "--backend", "threading")
    assert "69 of 69 runs done (64 of them computed for other sweeps)" in answer.out
    assert "computed   5 runs" in answer.out
