"""Datasets as a user asks for them: chosen, filtered, divided, described, and never half-written."""

import json
import shlex
import shutil
from hashlib import sha256

import h5py
import numpy as np
import pytest
import yaml
from commands import BASE

import tmx as package
from tmx.storage.hdf5 import read
from tmx.storage.records import RadianceRecord, ThermalRecord

SWEEP = """
design: {type: sobol, n_samples: 32}
parameter_sweeps:
  - {parameter: k_dust, type: log_uniform, min: 0.02, max: 0.5}
  - {parameter: latitude, type: linear, min: 0 deg, max: 60 deg}
  - {parameter: bottom_bc, type: list, values: [neumann, dirichlet]}
fixed_overrides: {n_bands_out: 8}
"""

VALIDATION = """
design: {type: random, n_samples: 5}
seed: 7
parameter_sweeps:
  - {parameter: k_dust, type: log_uniform, min: 0.02, max: 0.5}
  - {parameter: freq_out, type: list, values: [12, 16]}
fixed_overrides: {n_bands_out: 8}
"""


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """Keep the directory of two finished sweeps, to be copied."""
    return tmp_path_factory.mktemp("finished")


@pytest.fixture
def finished(tmx, directory, computed):
    """Give a directory of its own with two finished sweeps."""
    if not (computed / "tmx.db").exists():
        (directory / "base.yaml").write_text(BASE)
        for name, text in (("out", SWEEP), ("other", VALIDATION)):
            (directory / f"{name}.yaml").write_text(text)
            answer = tmx(
                "batch", "-b", "base.yaml", "-B", f"{name}.yaml", "-o", name, "-w", 1, "--backend", "threading"
            )
            assert answer.code == 0, answer.err
        shutil.copytree(directory, computed, dirs_exist_ok=True)
    else:
        shutil.copytree(computed, directory, dirs_exist_ok=True)
    return directory


def build(tmx, *options):
    return tmx("dataset", "build", "--sweep", "out", *options)


def files(directory):
    return sorted(
        str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file() and "db-" not in path.name
    )


def rows_of(tmx, columns):
    return json.loads(
        tmx("sql", f"select {columns} from samples where sweep = 'out' order by sample_index", "--json").out
    )


def test_inputs_outputs_and_samples_are_chosen(tmx, finished):
    where = "latitude < 0.7 AND bottom_bc <> 'dirichlet'"
    answer = build(
        tmx, "-o", "d.h5", "--where", where, "--allow-empty", "--inputs", "thermal_inertia", "rate=log10(k_dust)",
        "--outputs", "emissivity", "T_profile", "t_surf_max",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    rows = rows_of(tmx, "sample_index, k_dust, latitude, bottom_bc, t_surf_max, thermal_path, radiance_path")
    wanted = {row["sample_index"]: row for row in rows if row["latitude"] < 0.7 and row["bottom_bc"] != "dirichlet"}
    assert f"{32 - len(wanted)} samples left out: outside of --where" in answer.err
    dataset = package.datasets.open("d.h5")
    assert sum(dataset.splits.values()) == len(wanted)
    assert dataset.inputs.names == ("thermal_inertia", "rate")
    assert dataset.outputs["T_profile"].dims == ("depth", "time")
    depths = dataset.outputs["T_profile"].coords["depth"].values
    with h5py.File("d.h5") as file:
        numbers = file["train/sample_index"][()]
    for place, number in enumerate(numbers):
        row = wanted[number]
        assert dataset.read("train", rows=[place])[0, 1] == pytest.approx(np.log10(row["k_dust"]))
        assert dataset.read("train", "t_surf_max", [place])[0] == row["t_surf_max"]
        spectra = read(finished / row["radiance_path"], RadianceRecord)
        assert np.array_equal(dataset.read("train", "emissivity", [place])[0], spectra.emissivity.astype("f4"))
        thermal = read(finished / row["thermal_path"], ThermalRecord)
        noon = np.interp(depths, thermal.x_grid, thermal.T_out[:, 6])
        assert dataset.read("train", "T_profile", [place])[0, :, 6] == pytest.approx(noon, abs=1e-3)
        assert thermal.x_grid[0] <= depths[0]
        assert depths[-1] <= thermal.x_grid[-1]


def test_the_same_query_gives_the_same_bytes_and_verify_says_how(tmx, finished):
    options = ("--where", "latitude < 0.9", "--max-error", 0.2, "--split", "stratified", "--by", "bottom_bc")
    papers = ["README.md", "croissant.json", "stats.json"]
    assert build(tmx, *options).code == 0
    before = {name: (finished / "out" / name).read_bytes() for name in ("ml_dataset.h5", *papers)}
    (finished / "out/ml_dataset.h5").write_bytes(b"lost")
    answer = tmx("verify")
    command = next(line for line in answer.out.splitlines() if "tmx dataset build" in line).split("`")[-2]
    assert tmx(*shlex.split(command)[1:]).code == 0
    assert {name: (finished / "out" / name).read_bytes() for name in before} == before
    assert tmx("verify").code == 0
    assert "`tmx dataset build" not in tmx("verify").out


def test_the_card_says_what_a_person_wants_to_know(tmx, finished):
    assert build(tmx, "--max-error", 0.3, "--license", "CC-BY-4.0", "--hold-out", "k_dust < 0.03").code == 0
    text = (finished / "out/README.md").read_text()
    head = yaml.safe_load(text.split("---\n")[1])
    assert (head["license"], head["size_categories"]) == ("CC-BY-4.0", ["n<1K"])
    sizes = package.datasets.open("out/ml_dataset.h5").splits
    for part, size in sizes.items():
        assert f"| `{part}` | {size} |" in text
    assert set(sizes) == {"train", "val", "test", "test_ood"}
    assert "Held out: `k_dust < 0.03`" in text
    assert "| `train`, `test_ood` | 0 | 0 |" in text
    assert "an estimated error above 0.3 K" in text
    command = text.split("```sh\n")[1].split("\n")[0]
    stored = (finished / "out/ml_dataset.h5").read_bytes()
    assert tmx(*shlex.split(command)[1:]).code == 0
    assert (finished / "out/ml_dataset.h5").read_bytes() == stored
    for example in text.split("```python\n")[1:]:
        exec(example.split("```")[0].replace('"ml_dataset.h5"', '"out/ml_dataset.h5"'), {})
    held = package.datasets.open("out/ml_dataset.h5").read("test_ood")[:, 1]
    assert held.max() < 0.03 <= package.datasets.open("out/ml_dataset.h5").read("train")[:, 1].min()


def test_a_dataset_is_shown(tmx, finished):
    assert tmx("dataset", "build", "--sweep", "out", "-o", "d.h5", "--outputs", "T_surf", "emissivity").code == 0
    shown = json.loads(tmx("dataset", "show", "d.h5", "--json").out)
    with package.datasets.open("d.h5") as opened:
        assert (shown["parts"], shown["fingerprint"]) == (opened.splits, opened.fingerprint)
    bottom, conductivity, latitude = shown["inputs"]
    assert [one["name"] for one in shown["inputs"]] == ["bottom_bc", "k_dust", "latitude"]
    assert (bottom["most"], conductivity["unit"], latitude["unit"]) == (1.0, "W/m/K", "rad")
    assert 0.02 <= conductivity["least"] < 0.03 < 0.4 < conductivity["most"] <= 0.5
    assert [(one["name"], one["shape"]) for one in shown["outputs"]] == [("T_surf", [12]), ("emissivity", [8, 12])]
    text = tmx("dataset", "show", "d.h5").out
    assert "wavenumber x " in text
    assert "Thermal conductivity of the regolith" in text
    assert "base.yaml: not a whole HDF5 file" in tmx("dataset", "show", "base.yaml").err


def test_statistics_are_of_the_training_part_alone(tmx, finished):
    assert build(tmx).code == 0
    stats = json.loads((finished / "out/stats.json").read_text())
    dataset = package.datasets.open("out/ml_dataset.h5")
    inputs, spectra = dataset.read("train"), dataset.read("train", "emissivity").astype(float)
    assert stats["samples"] == len(inputs)
    for column, name in enumerate(dataset.inputs.names):
        assert stats["inputs"][name]["mean"] == pytest.approx(inputs[:, column].mean())
        assert stats["inputs"][name]["max"] == inputs[:, column].max()
    found = stats["outputs"]["emissivity"]
    assert found["shape"] == [8, 12]
    assert found["mean"] == pytest.approx(spectra.mean())
    assert found["std"] == pytest.approx(spectra.std(), abs=1e-7)


def test_croissant_describes_files_and_arrays_that_are_there(tmx, finished):
    assert build(tmx, "-o", "versions", "--shard-size", "1kB").code == 0
    place = finished / "versions/1.0.0"
    said = json.loads((place / "croissant.json").read_text())
    assert said["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    for name in ("@context", "@type", "name", "description", "license", "url", "datePublished", "version"):
        assert said[name]
    ids = [each["@id"] for each in said["distribution"]]
    assert sorted(ids) == sorted(path.name for path in place.glob("*.h5"))

    for each in said["distribution"]:
        content = (place / each["contentUrl"]).read_bytes()
        assert each["sha256"] == sha256(content).hexdigest()
        assert each["contentSize"] == f"{len(content)} B"
    sets = {each["@id"]: each for each in said["recordSet"]}
    parts = {row["splits/name"] for row in sets.pop("splits")["data"]}
    assert parts == set(sets) == set(package.datasets.open(place).splits)
    for part, each in sets.items():
        for field in each["field"]:
            assert field["@id"].startswith(f"{part}/")
            with h5py.File(place / field["source"]["fileObject"]["@id"]) as file:
                assert isinstance(file[field["source"]["extract"]["column"]], h5py.Dataset)


def test_another_sweep_validates(tmx, finished):
    answer = build(tmx, "-o", "d.h5", "--val-sweep", "other", "--inputs", "k_dust", "latitude")
    assert answer.code == 0, answer.err
    dataset = package.datasets.open("d.h5")
    assert dataset.splits["val"] == 5
    assert dataset.splits["train"] + dataset.splits["test"] == 32
    assert dataset.read("val")[:, 1].tolist() == [0.0] * 5
    assert dataset.outputs["T_surf"].shape == (12,)
    assert dataset.provenance["resampled"] == ["radiance_time", "time"]
    assert tmx("verify").code == 0


def test_inputs_in_common_are_said(tmx, finished):
    answer = build(tmx, "-o", "d.h5", "--inputs", "bottom_bc")
    assert answer.code == 0
    assert "samples of val have inputs of train, or nearly" in answer.err
    size = package.datasets.open("d.h5").splits["val"]
    assert f"| `train`, `val` | {size} | 0 | 0 |" in (finished / "d.README.md").read_text()


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        (("--where", "latitude > 3"), "has no sample that a dataset can use: 32 outside of --where", 2),
        (("--where", "1; drop table run"), "--where: cannot be read", 2),
        (("--outputs", "emisivity"), "did you mean 'emissivity'? (`tmx dataset outputs` lists them)", 2),
        (("--outputs", "mixed_emissivity"), "sample out/0 has no output 'mixed_emissivity'", 2),
        (("--inputs", "k_dusst"), "did you mean 'k_dust'", 2),
        (("--split", "grouped", "--by", "bottom_bc"), "part is empty: none of 32 samples falls into its fraction", 2),
        (("--train-fraction", 0, "--val-fraction", 1), "the train part is empty", 2),
        (("--hold-out", "latitude > 3"), "the test_ood part is empty: no sample meets 'latitude > 3'", 2),
        (("--val-sweep", "nope"), "there is no sweep 'nope'", 4),
        (("--version", "new"), "'new' is no version: write it as 1.0.0", 2),
        (("--shard-size", "big"), "'big' is no size", 2),
        (("-o", "base.yaml/x"), "cannot write", 2),
    ],
)
def test_what_cannot_be_built_is_said_in_one_line_and_leaves_nothing(tmx, finished, options, said, code):
    before = files(finished)
    answer = build(tmx, *options)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert files(finished) == before


def test_a_version_is_never_changed(tmx, finished):
    assert build(tmx, "-o", "versions").code == 0
    before = {path: (finished / path).read_bytes() for path in files(finished) if path.startswith("versions")}
    answer = build(tmx, "-o", "versions", "--where", "latitude < 0.8")
    assert answer.code == 2
    assert "give the new one another --version, such as 1.0.1" in answer.err
    assert build(tmx, "-o", "versions", "--where", "latitude < 0.8", "--version", "1.0.1").code == 0
    assert {path: (finished / path).read_bytes() for path in before} == before
    assert package.datasets.open("versions").path.parent.name == "1.0.1"
    assert tmx("verify").code == 0


def test_more_samples_move_none_of_the_others(tmx, finished):
    def parts():
        query = (
            "select s.sample_index, d.split from dataset_sample d join sample s on s.id = d.sample_id"
            " join sweep w on w.id = s.sweep_id where w.name = 'out'"
        )
        return {row["sample_index"]: row["split"] for row in json.loads(tmx("sql", query, "--json").out)}

    options = ("--split", "stratified", "--by", "k_dust", "bottom_bc")
    assert build(tmx, *options).code == 0
    before = parts()
    (finished / "out.yaml").write_text(SWEEP.replace("32", "48"))
    answer = tmx(
        "batch", "-b", "base.yaml", "-B", "out.yaml", "-o", "out", "-w", 1, "--backend", "threading", "--extend"
    )
    assert answer.code == 0, answer.err
    assert build(tmx, *options).code == 0
    after = parts()
    assert len(after) == 48
    assert {index: after[index] for index in before} == before


def test_the_outputs_are_listed(tmx, finished):
    listed = tmx("dataset", "outputs").out
    assert "observer_emissivity" in listed
    assert "direction wavenumber radiance_time" in listed


def test_verify_looks_into_shards_and_exports_take_single_files(tmx, finished):
    assert build(tmx).code == 0
    assert build(tmx, "-o", "versions", "--shard-size", "1kB").code == 0
    assert build(tmx, "-o", "d.h5", "--val-sweep", "other", "--inputs", "k_dust", "latitude").code == 0
    assert tmx("verify").code == 0
    assert tmx("export", "out", "folder").code == 0
    assert [path.name for path in (finished / "folder/datasets").iterdir()] == ["0_ml_dataset.h5"]
    shard = finished / "versions/1.0.0/val-00000-of-00001.h5"
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    answer = tmx("verify")
    assert answer.code == 1
    assert "has a shard val-00000-of-00001.h5 that has changed" in answer.out
    assert "tmx dataset build --sweep out -o versions --shard-size 1000" in answer.out


def test_papers_of_others_stay(tmx, finished):
    (finished / "out/README.md").write_text("my notes")
    assert build(tmx).code == 0
    assert build(tmx).code == 0
    assert (finished / "out/README.md").read_text() == "my notes"
    assert (finished / "out/ml_dataset.README.md").read_text().startswith("---\npretty_name: out\n")
    assert {"croissant.json", "stats.json"} < {path.name for path in (finished / "out").iterdir()}
