"""Rough surfaces from configs and files: what is read, what is refused, and what is kept on disk."""

import numpy as np
import pytest

import tmx.stages.roughness as roughness
from tmx.config import SimulationConfig, stage_inputs
from tmx.errors import ConfigError
from tmx.figures import mesh_figure
from tmx.physics.roughness import Mesh, gaussian_mesh, height_mesh, spherical_cap
from tmx.stages.meshes import mesh_text, read_mesh
from tmx.stages.roughness import cached_facets, facets_of

HEIGHTS = np.array([[0.0, 0.1, 0.0], [0.2, 0.5, 0.1], [0.0, 0.1, 0.3]])
GRID = "ncols 3\nnrows 3\nxllcorner 10\nyllcorner 20\ncellsize 2\nNODATA_value -9999\n"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(roughness, "cache_directory", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def test_a_config_asks_for_a_crater():
    facets = facets_of(SimulationConfig(crater=True, crater_depth_ratio=0.2, crater_facets=50))
    assert facets.areas.size == 54
    assert facets.view_factors.sum() == pytest.approx(0.16 / 1.16)


def test_a_config_asks_for_random_slopes():
    config = SimulationConfig(
        crater=True, rough_shape="gaussian", rms_slope="20 deg", roughness_seed=3, crater_facets=32
    )
    facets = facets_of(config)
    assert np.array_equal(facets.mesh.vertices, gaussian_mesh(np.radians(20.0), 32, 3).vertices)
    assert facets.shape.cell == pytest.approx((1.0, 1.0))


def test_a_config_asks_for_a_mesh(tmp_path):
    path = tmp_path / "crater.obj"
    path.write_text(mesh_text(spherical_cap(0.2, 24).mesh, ".obj"))
    facets = facets_of(SimulationConfig(crater=True, crater_mesh=path))
    assert facets.areas.size == 24
    assert facets.shape.cell is None


def test_fields_are_read_where_their_shape_is_asked_for(tmp_path):
    crater = stage_inputs(SimulationConfig(crater=True), "thermal")
    assert {"rough_shape", "crater_depth_ratio", "crater_facets"} <= set(crater)
    assert not {"rms_slope", "roughness_seed"} & set(crater)
    random = stage_inputs(SimulationConfig(crater=True, rough_shape="gaussian"), "thermal")
    assert {"rough_shape", "rms_slope", "roughness_seed", "crater_facets"} <= set(random)
    assert "crater_depth_ratio" not in random
    (tmp_path / "a.obj").write_text("")
    mesh = stage_inputs(SimulationConfig(crater=True, crater_mesh=tmp_path / "a.obj"), "thermal")
    assert not {"rough_shape", "crater_facets", "crater_depth_ratio", "rms_slope"} & set(mesh)
    assert not {"rough_shape", "rms_slope", "roughness_seed"} & set(stage_inputs(SimulationConfig(), "thermal"))


def test_view_factors_are_computed_once(cache, monkeypatch):
    mesh = gaussian_mesh(0.4, 32, 1)
    first = cached_facets(mesh, "mesh").view_factors
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr(roughness, "view_factors", lambda *_: pytest.fail("computed again"))
    assert cached_facets(mesh, "mesh").view_factors == pytest.approx(first, rel=1e-14)


def test_damaged_view_factors_are_computed_anew(cache):
    mesh = gaussian_mesh(0.4, 32, 1)
    first = cached_facets(mesh, "mesh").view_factors
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert np.array_equal(cached_facets(mesh, "mesh").view_factors, first)
    cached_facets(gaussian_mesh(0.4, 32, 2), "mesh")
    assert len(list(cache.iterdir())) == 2


def test_too_many_facets_are_refused():
    with pytest.raises(ConfigError, match=r"^crater_facets: 20000 facets: at most 10000"):
        facets_of(SimulationConfig(crater=True, rough_shape="gaussian", crater_facets=20_000))


@pytest.mark.parametrize("suffix", [".obj", ".ply"])
def test_what_is_written_is_read_back(tmp_path, suffix):
    mesh = spherical_cap(0.3, 54).mesh
    path = tmp_path / f"mesh{suffix}"
    path.write_text(mesh_text(mesh, suffix))
    read = read_mesh("crater_mesh", str(path))
    assert np.array_equal(np.sort(read.corners.reshape(54, 9)), np.sort(mesh.corners.reshape(54, 9)))
    assert read.projected_area == pytest.approx(mesh.projected_area, rel=1e-14)


def test_grids_are_read_alike(tmp_path):
    np.save(tmp_path / "grid.npy", HEIGHTS)
    (tmp_path / "grid.txt").write_text("# heights\n0, 0.1, 0\n0.2 0.5 0.1\n\n0 0.1 0.3\n")
    (tmp_path / "grid.asc").write_text(GRID.replace("cellsize 2", "CELLSIZE 1") + "0 0.1 0\n0.2 0.5 0.1 0 0.1 0.3\n")
    expected = height_mesh(HEIGHTS)
    for name in ("grid.npy", "grid.txt", "grid.asc"):
        read = read_mesh("crater_mesh", str(tmp_path / name))
        assert np.array_equal(read.vertices, expected.vertices)
        assert np.array_equal(read.faces, expected.faces)


def test_polygons_and_points_named_twice_become_one_surface(tmp_path):
    (tmp_path / "quads.obj").write_text(
        "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 1 0 0\nv 1 1 0\nv 2 0 0\nv 2 1 0\n"
        "o first\nf 1 2 3 4\no second\nf 5 7 8 6\n"
    )
    mesh = read_mesh("crater_mesh", str(tmp_path / "quads.obj"))
    assert mesh.vertices.shape == (6, 3)
    assert mesh.projected_area == pytest.approx(2.0)


TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.stl", "", "a mesh is one of .obj, .ply, and a grid of heights .asc, .npy or .txt"),
        ("a.obj", "", "there are no faces"),
        ("a.obj", TRIANGLE + "f 1 2 9\n", "cannot be read as obj"),
        ("a.obj", TRIANGLE.replace("1 0 0", "nan 0 0") + "f 1 2 3\n", "coordinates must be finite"),
        ("a.obj", TRIANGLE + "f 1 3 2\n", "the normals point down"),
        ("a.obj", TRIANGLE + "v 2 0 0\nf 1 2 4\n", "face 0 has no area"),
        ("a.obj", TRIANGLE + "v 5 5 0\nv 6 5 0\nv 5 6 0\nf 1 2 3\nf 4 5 6\n", "2 rims"),
        ("a.ply", "solid\n", "cannot be read as ply"),
        ("a.npy", "solid\n", "cannot be read as an array of numbers"),
        ("a.txt", "", "holds no numbers"),
        ("a.txt", "1 2 3\n", "at least 2 rows"),
        ("a.txt", "1 2\n3\n", "line 2 has 1 numbers, and the first row 2"),
        ("a.txt", "1 2\n3 x\n", "line 2: '3 x' is not a row of numbers"),
        ("a.txt", "1 2\n3 nan\n", "row 1, column 1: the height is nan"),
        ("a.asc", "", "must give ncols"),
        ("a.asc", GRID.replace("cellsize 2\n", "") + "0 0 0 0 0 0 0 0 0\n", "must give cellsize"),
        ("a.asc", GRID.replace("cellsize 2", "cellsize two"), "line 5: 'cellsize two'"),
        ("a.asc", GRID + "0 0 0\n0 0 0\n", "3 rows of 3 heights are announced, and 6 numbers there"),
        ("a.asc", GRID + "0 0 0\n0 0 -9999\n0 0 0\n", "row 2, column 3 has no data"),
        ("a.asc", GRID + "0 0 0\n0 0 5-\n0 0 0\n", "'0 0 5-' is not a row of numbers"),
    ],
)
def test_bad_files_are_one_clear_line(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ConfigError) as error:
        read_mesh("crater_mesh", str(path))
    assert str(error.value).startswith(f"crater_mesh: {path}: ")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_has_gone_is_one_clear_line(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.obj: cannot be read: No such file"):
        read_mesh("crater_mesh", str(tmp_path / "gone.obj"))


def test_a_mesh_is_written_in_known_formats_only():
    with pytest.raises(ConfigError, match=r"^\.stl: a mesh is written as \.obj or \.ply"):
        mesh_text(spherical_cap(0.2, 6).mesh, ".stl")


def test_a_figure_shows_sunlight_and_sky():
    lit, plan, bar = mesh_figure("hole", spherical_cap(0.3, 54)).axes
    assert len(lit.collections[0].get_paths()) == len(plan.collections[0].get_paths()) == 54
    assert plan.get_xlabel() == "East"
    assert bar.get_ylabel() == "View factor of the sky"


def test_a_surface_that_cuts_itself_is_refused():
    folded = gaussian_mesh(0.3, 32, 1)
    through = folded.vertices.copy()
    through[12, 2] -= 50.0
    through[13, 2] += 50.0
    through[12, 1] += 0.9
    with pytest.raises(ConfigError, match=r"cuts itself"):
        cached_facets(Mesh(through, folded.faces), "mesh")
