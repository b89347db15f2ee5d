"""`tmx optics`: what is in the library, a figure, and tables that a config can name."""

import json

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_minerals_are_listed_with_range_and_source(tmx):
    answer = tmx("optics", "list")
    assert answer.code == 0
    assert "forsterite" in answer.out
    assert "Suto et al. 2006" in answer.out
    listed = json.loads(tmx("optics", "list", "--json").out)
    assert listed["quartz"]["wavelengths_um"] == pytest.approx([0.2, 100.0])
    assert listed["quartz"]["axes"] == 2


@pytest.mark.parametrize("name", ["figure.png", "figure.pdf", "figure.svg"])
def test_a_figure_is_drawn(tmx, directory, name):
    answer = tmx("optics", "show", "forsterite 0.7, magnetite 0.3", "--radius", "15um", "-o", name)
    assert answer.code == 0, answer
    assert answer.out.startswith(f"{name}: forsterite 0.7, magnetite 0.3 from 0.21 to 55.56 um")
    assert (directory / name).stat().st_size > 10_000


def test_tables_are_written_as_a_config_reads_them(tmx, directory):
    answer = tmx(
        "optics", "table", "quartz", "--radius", "15 um", "--bands", 50, "-o", "mie.txt", "--edges", "edges.txt"
    )
    assert answer.code == 0, answer
    rows, edges = np.loadtxt(directory / "mie.txt"), np.loadtxt(directory / "edges.txt")
    assert rows.shape == (50, 5)
    assert edges == pytest.approx(np.linspace(200.0, 2000.0, 51))
    wavelength, asymmetry, extinction, scattering, albedo = rows.T
    assert (np.diff(wavelength) > 0.0).all()
    assert albedo == pytest.approx(scattering / extinction, rel=1e-8)
    assert (np.abs(asymmetry) < 1.0).all()
    assert (extinction > 0.5 * np.pi * 15.0**2).all()
    (directory / "with_table.yaml").write_text(
        "planetary_body: Bennu\nuse_RTE: true\nthermal_evolution_mode: hybrid\nradius: 15 um\nfill_frac: 0.4\n"
        "mie_file: mie.txt\nwn_bounds: edges.txt\n"
    )
    checked = tmx("config", "check", "with_table.yaml")
    assert checked.code == 0, checked


def test_a_range_is_that_of_the_mineral_unless_told(tmx, directory):
    assert tmx("optics", "table", "enstatite", "--radius", "15um", "--bands", 10, "-o", "mie.txt").code == 0
    wavelength = np.loadtxt(directory / "mie.txt")[:, 0]
    assert wavelength.min() > 5.0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["table", "forsterit", "--radius", "15um"], ["'forsterit'", "did you mean 'forsterite'"]),
        (["table", "forsterite 0.7, quartz 0.2", "--radius", "15um"], ["must add up to 1, not to 0.9"]),
        (["table", "forsterite", "--radius", "15kg"], ["--radius '15kg'", "'kg'"]),
        (["table", "forsterite", "--radius", "wide"], ["--radius 'wide'"]),
        (["table", "forsterite", "--radius", "-1um"], ["must be a positive number"]),
        (["table", "forsterite", "--radius", "15"], ["size parameter 1.88e+07"]),
        (["table", "magnetite", "--radius", "15um", "--wn-min", "100"], ["55.556 um: 100 um is 44.4 um too long"]),
        (["table", "quartz", "--radius", "15um", "--wn-min", "900", "--wn-max", "800"], ["900", "800", "ascend"]),
        (["show", "quartz", "--radius", "15um"], ["out.txt", ".png, .pdf, .svg"]),
    ],
)
def test_mistakes_are_one_line(tmx, directory, args, words):
    answer = tmx("optics", *args, "-o", "out.txt")
    assert answer.code == 2
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    for word in words:
        assert word in line
    assert not (directory / "out.txt").exists()
