"""`tmx mesh`: meshes made, measured and drawn, from nothing but the command line."""

import json

import pytest

import tmx.stages.roughness as roughness


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(roughness, "cache_directory", lambda: tmp_path / "cache")


def test_a_crater_is_made_and_measured(tmx):
    made = tmx("mesh", "make", "cap", "--depth-ratio", 0.5, "--facets", 100, "-o", "cap.ply")
    assert (made.code, made.out) == (0, "cap.ply: 96 facets\n")
    measures = json.loads(tmx("mesh", "check", "cap.ply", "--json").out)
    assert measures["facets"] == 96
    assert measures["rim_edges"] == 24
    assert not measures["repeats"]
    assert measures["reciprocity_error"] < 1e-12
    assert abs(measures["sky_error"]) < 1e-4


def test_random_slopes_are_made_measured_and_drawn(tmx, directory):
    made = tmx("mesh", "make", "gaussian", "--rms-slope", "25 deg", "--facets", 72, "--seed", 4, "-o", "slopes.obj")
    assert (made.code, made.out) == (0, "slopes.obj: 72 facets\n")
    checked = tmx("mesh", "check", "slopes.obj")
    assert checked.code == 0, checked
    rows = dict(line.split() for line in checked.out.splitlines()[2:])
    assert float(rows["rms_slope_deg"]) == pytest.approx(25.0)
    assert rows["repeats"] == "True"
    drawn = tmx("mesh", "show", "slopes.obj", "-o", "slopes.png")
    assert (drawn.code, drawn.out) == (0, "slopes.png: 72 facets\n")
    assert (directory / "slopes.png").stat().st_size > 10_000


def test_a_grid_of_heights_becomes_a_mesh(tmx, directory):
    (directory / "dem.txt").write_text("0 0 0\n0 1 0\n0 0 0\n")
    assert tmx("mesh", "make", "dem", "dem.txt", "-o", "dem.obj").out == "dem.obj: 8 facets\n"
    assert json.loads(tmx("mesh", "check", "dem.obj", "--json").out)["projected_area"] == 4.0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("make", "cap", "--depth-ratio", 0.7, "-o", "a.obj"), "0.7"),
        (("make", "cap", "-o", "a.stl"), ".stl: a mesh is written as .obj or .ply"),
        (("make", "gaussian", "--rms-slope", "steep", "-o", "a.obj"), "--rms-slope 'steep'"),
        (("make", "gaussian", "--rms-slope", "80 deg", "-o", "a.obj"), "at most 1.2"),
        (("make", "dem", "nowhere.asc", "-o", "a.obj"), "nowhere.asc: cannot be read"),
        (("check", "nowhere.obj"), "nowhere.obj: cannot be read"),
        (("show", "nowhere.obj", "-o", "a.gif"), "a.gif: a figure is one of"),
    ],
)
def test_mistakes_are_one_line(tmx, directory, args, words):
    answer = tmx("mesh", *args)
    assert answer.code == 2
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    assert words in line
    assert not (directory / "a.obj").exists()
