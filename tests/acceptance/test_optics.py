"""`tmx optics`: what is in the library, a figure, and tables that a config can name."""

import json

import numpy as np
import pytest

from tmx.cli.optics import show, table
from tmx.config import FIELDS
from tmx.storage.hdf5 import read
from tmx.storage.records import RadianceRecord


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


def test_a_figure_of_coated_grains_of_many_sizes(tmx, directory):
    many = ("--size-distribution", "lognormal", "--size-deviation", "1.2", "--coating", "troilite 0.1")
    answer = tmx("optics", "show", "forsterite", "--radius", "5um", *many, "-o", "figure.svg")
    assert (answer.code, answer.err) == (0, "")
    assert "size_distribution lognormal, " in (directory / "figure.svg").read_text()


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


def test_every_field_of_grains_is_an_option():
    fields = {name for name, field in FIELDS.items() if field.section == "grains"}
    for command in (show, table):
        assert fields < {parameter.name for parameter in command.params}


@pytest.mark.parametrize(
    "fields",
    [
        {"size_distribution": "lognormal", "size_deviation": "1.3"},
        {"size_distribution": "power_law", "radius_max": "30 um", "size_exponent": "3"},
        {"coating": "troilite 0.1", "close_packing": "true", "fill_frac": "0.4"},
        {"mixing": "bruggeman", "without_forward_peak": "true"},
        {"composition": "custom", "index_file": "index.txt"},
    ],
)
def test_a_table_gives_the_spectra_of_the_grains_it_was_made_of(tmx, directory, fields):
    (directory / "index.txt").write_text("5 1.5 0.01\n60 1.6 0.02\n")
    grains = {"composition": "forsterite 0.7, troilite 0.3", "radius": "8 um", "fill_frac": "0.37", **fields}
    given = [
        word
        for name, value in grains.items()
        if name != "composition"
        for word in (f"--{name.replace('_', '-')}", *([] if value == "true" else [value]))
    ]
    more = ("--wn-min", 300, "--wn-max", 1500, "--bands", 24, "-o", "mie.txt", "--edges", "edges.txt")
    answer = tmx("optics", "table", grains["composition"], *given, *more)
    assert (answer.code, answer.err) == (0, "")
    shared = ["use_RTE=true", "k_dust=1e-3", "nstr=4", "local_times_out=[12]", "wn_min_out=300", "wn_max_out=1500"]
    theory = [*shared, "n_bands_out=24", *(f"{name}={value}" for name, value in grains.items())]
    counted = [f"{name}={grains[name]}" for name in ("radius", "fill_frac")]
    ready = [*shared, *counted, "mie_file_out=mie.txt", "wn_bounds_out=edges.txt"]
    seen = []
    for where, params in (("theory", theory), ("ready", ready)):
        answer = tmx("single", "-c", "base.yaml", "-o", where, "-p", *params)
        assert answer.code == 0, answer.err
        (path,) = (directory / where / "radiance_results").iterdir()
        seen.append(read(path, RadianceRecord))
    assert seen[1].emissivity == pytest.approx(seen[0].emissivity, rel=1e-6)


def test_an_option_without_effect_is_said(tmx, directory):
    answer = tmx("optics", "table", "quartz", "--radius", "9um", "--size-deviation", "2", "--bands", 4, "-o", "mie.txt")
    assert answer.code == 0
    assert answer.err.startswith("warning: size_deviation: no effect here, read only when")
    assert (directory / "mie.txt").read_text().startswith("# quartz, radius 9um, size_deviation 2\n")


def test_a_range_is_that_of_the_mineral_unless_told(tmx, directory):
    assert tmx("optics", "table", "enstatite", "--radius", "15um", "--bands", 10, "-o", "mie.txt").code == 0
    wavelength = np.loadtxt(directory / "mie.txt")[:, 0]
    assert wavelength.min() > 5.0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["table", "forsterit", "--radius", "15um"], ["'forsterit'", "did you mean 'forsterite'"]),
        (["table", "forsterite 0.7, quartz 0.2", "--radius", "15um"], ["must add up to 1, not to 0.9"]),
        (["table", "forsterite", "--radius", "15kg"], ["radius: ", "'kg'"]),
        (["table", "forsterite", "--radius", "wide"], ["radius: ", "'wide'"]),
        (["table", "forsterite", "--radius", "-1um"], ["radius: must be a number from 1e-9"]),
        (["table", "forsterite", "--radius", "15"], ["radius: must be a number from 1e-9 to 0.1 m"]),
        (["table", "forsterite", "--radius", "9cm"], ["size parameter"]),
        (["table", "forsterite", "--radius", "9um", "--coating", "irom 0.1"], ["coating: ", "'irom'"]),
        (["table", "custom", "--radius", "9um"], ["composition: ", "index_file"]),
        (
            ["table", "forsterite", "--radius", "9um", "--size-distribution", "power_law", "--radius-max", "8um"],
            ["radius_max: must be above radius"],
        ),
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
