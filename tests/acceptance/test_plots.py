"""Figures of runs, sweeps and datasets without a browser."""

import json
import re

import pytest
from commands import write_sweep


@pytest.fixture
def done(tmx, directory):
    write_sweep(directory / "sweep.yaml", 3, 2)
    compute = ("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1, "--backend", "threading")
    assert tmx(*compute, "--create-dataset").code == 0
    return json.loads(tmx("sql", "select run_id, stage from runs order by run_id", "--json").out)


def drawn(tmx, directory, *args):
    answer = tmx("plot", *args, "-o", "figure.svg")
    assert answer.code == 0, answer.err
    assert answer.out == "figure     figure.svg\n"
    text = (directory / "figure.svg").read_text()
    assert text.count("<path") > 10
    return text


def test_everything_that_there_is_can_be_drawn(tmx, directory, done):
    thermal = [row["run_id"] for row in done if row["stage"] == "thermal"]
    radiance = [row["run_id"] for row in done if row["stage"] == "radiance"]
    assert "Surface temperature [K]" in drawn(tmx, directory, "run", thermal[0])
    assert "Depth [" in drawn(tmx, directory, "run", thermal[0], "--what", "depth")
    spectra = drawn(tmx, directory, "run", radiance[0], "--local-times", 6, 13)
    assert "Emissivity" in spectra
    latitudes = drawn(tmx, directory, "compare", *thermal[:2])
    assert re.search(rf"run {thermal[0]}: .*latitude [\d.]+ °", latitudes)
    assert f"run {radiance[1]}" in drawn(tmx, directory, "compare", thermal[0], radiance[1])
    assert "Brightness temperature [K]" in drawn(tmx, directory, "compare", *radiance[:2], "--local-times", 12)
    assert "t_surf_min [K]" in drawn(tmx, directory, "sweep", "out", "--by", "t_surf_min")
    assert "t_surf_max [K]" in drawn(tmx, directory, "sweep", "out", "--results")
    assert "train" in drawn(tmx, directory, "dataset", 1)


def test_files_that_no_registry_knows_can_be_drawn(tmx, directory):
    for albedo in (0.1, 0.2):
        assert tmx("single", "-c", "base.yaml", "-p", f"albedo={albedo}").code == 0
    thermal = sorted((directory / "results/thermal_results").iterdir())
    radiance = sorted((directory / "results/radiance_results").iterdir())
    assert "Surface temperature [K]" in drawn(tmx, directory, "run", thermal[0])
    assert "Emissivity" in drawn(tmx, directory, "run", radiance[0])
    text = drawn(tmx, directory, "compare", *thermal)
    assert [f"{file.stem}: albedo 0." in text for file in thermal] == [True, True]
    assert not (directory / "tmx.db").exists()
    for args, code, said in (
        (("run", radiance[0], "--what", "day"), 2, "is a radiance run: --what is one of spectra, observers"),
        (("compare", radiance[0], thermal[0]), 4, "is the file of a radiance run, not of a thermal run"),
        (("run", "nothing.h5"), 4, "nothing.h5: no such file"),
        (("compare", "1", thermal[0]), 4, "1: no such file"),
    ):
        answer = tmx("plot", *args, "-o", "nothing.svg")
        assert (answer.code, said in answer.err) == (code, True), answer


def test_observers_and_channels_can_be_drawn(tmx, directory):
    seen = "observer_vectors: [[0, 1, 1], [-1, 0, 1]], band_rule_out: instrument, instrument_out: diviner"
    sweep = f"parameter_sweeps: [{{parameter: Et, type: list, values: [1.0e4]}}]\nfixed_overrides: {{{seen}}}\n"
    (directory / "seen.yaml").write_text(sweep)
    assert tmx("batch", "-b", "base.yaml", "-B", "seen.yaml", "-o", "out", "--backend", "threading").code == 0
    (row,) = json.loads(tmx("sql", "select run_id from runs where stage = 'radiance'", "--json").out)
    for what in ("observers", "views"):
        text = drawn(tmx, directory, "run", row["run_id"], "--what", what)
        assert [label in text for label in ("flat, 0°", "flat, 45° E", "flat, 45° N")] == [True] * 3
    channels = drawn(tmx, directory, "run", row["run_id"], "--what", "channels", "--local-times", 6, 13)
    assert "Wavelength of the channels of diviner" in channels


def test_what_cannot_be_drawn_is_said_in_one_line(tmx, directory, done):
    thermal, radiance = (
        next(row["run_id"] for row in done if row["stage"] == stage) for stage in ("thermal", "radiance")
    )
    for args, code, said in (
        (("run", 999), 4, "has no run 999"),
        (("run", thermal, "--what", "facets"), 4, "has no rough surface"),
        (("run", thermal, "--what", "spectra"), 2, "--what is one of day, depth, facets"),
        (("run", radiance, "--what", "channels"), 4, "no channels (band_rule_out: instrument)"),
        (("run", radiance, "--what", "views"), 4, "towards one direction alone (observer_vectors)"),
        (("sweep", "ou"), 4, "ou"),
        (("sweep", "out", "--by", "t_surf_mx"), 4, "did you mean 't_surf_max'"),
        (("dataset", 9), 4, "no dataset 9"),
    ):
        answer = tmx("plot", *args, "-o", "figure.svg")
        assert (answer.code, len(answer.err.splitlines())) == (code, 1), (args, answer)
        assert said in answer.err
    assert "one of .png" in tmx("plot", "run", thermal, "-o", "figure.gif").err
    assert not (directory / "figure.svg").exists()
