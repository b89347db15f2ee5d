"""Config files: sections, places in messages, warnings, layers and paths."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tmx.config import FIELDS, SimulationConfig, config_from_yaml, config_yaml, load_config, stored_config
from tmx.config.retired import RETIRED
from tmx.errors import ConfigError


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def load(text: str, overrides=None):
    with open("bennu.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    return load_config("bennu.yaml", overrides)


def test_sections_are_there_for_people():
    nested = load(
        "planetary_body:\n  name: Bennu\n  R: 1.126\n"
        "simulation:\n  deeper:\n    still:\n      k_dust: 4.2e-4\n"
        "latitude: 30 deg\nsolver_settings:\nnumerics: {}\n"
    )
    flat = load("R: 1.126\nk_dust: 0.00042\nlatitude: np.radians(30)\nname: Bennu\n")
    assert nested.config == flat.config
    assert nested.explicit == {"name", "R", "k_dust", "latitude"}
    assert nested.warnings == ()


def test_what_is_known_of_the_file():
    loaded = load("# hello\nR: 1.2\n", {"P": "5 h"})
    assert loaded.source == "# hello\nR: 1.2\n"
    assert str(loaded.path) == "bennu.yaml"
    assert loaded.explicit == {"R", "P"}
    assert (loaded.config.R, loaded.config.P) == (1.2, 18000.0)


def test_text_fields_keep_their_text():
    config = load("name: 007\ndescription: 12:30\nplanetary_body: no\nrun_id: 042x\n").config
    assert (config.name, config.description, config.planetary_body) == ("007", "12:30", "no")
    assert config.run_id == "042x"
    assert load("run_id: 42\n").config.run_id == 42
    assert load("name:\nrun_id:\n").config == SimulationConfig()


def test_observers_by_name():
    text = "observer_vectors:\n  overhead: {x: 0.0, y: 0.0, z: 1.0, description: up}\n  low: {x: 1, y: 0, z: 1}\n"
    assert load(text).config.observer_vectors == ((0.0, 0.0, 1.0), (1.0, 0.0, 1.0))


def test_file_and_overrides_are_layers():
    assert load("ndays: 3\n", {"equilibrium": True}).config == SimulationConfig()
    assert load("equilibrium: true\n", {"ndays": 3}).config == SimulationConfig(ndays=3)
    assert load("k_dust: 1\n", {"k_dust": 2}).config.k_dust == 2.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a:\n  latitude: 3\n",
            "bennu.yaml:2:13: latitude: must be a number from -1.5708 to 1.5708 rad, not 3; for degrees write, "
            'for instance, "30 deg"',
        ),
        ("latitud: 3\n", "bennu.yaml:1:1: unknown field 'latitud'; did you mean 'latitude'?"),
        ("a:\n  b: 1\n", "bennu.yaml:2:3: unknown field 'b'"),
        (
            "latitude: {value: 3}\n",
            "bennu.yaml:1:12: unknown field 'value' (and latitude is a field itself: write 'latitude: value')",
        ),
        ("k_dust: {}\n", "bennu.yaml:1:9: k_dust: must be a number from 1e-9 to 1000 W/m/K, not {}"),
        ("k_dust:\n", "bennu.yaml:1:8: k_dust: must be a number from 1e-9 to 1000 W/m/K, not null"),
        ("k_dust: [1]\n", "bennu.yaml:1:9: k_dust: must be a number from 1e-9 to 1000 W/m/K, not [1]"),
        ("k_dust: 1e999\n", "bennu.yaml:1:9: k_dust: must be a number from 1e-9 to 1000 W/m/K, not inf"),
        ("k_dust: 1 W\n", "bennu.yaml:1:9: k_dust: 'W' is a unit of another kind; possible: W/m/K (in '1 W')"),
        ("use_RTE: no\n", "bennu.yaml:1:10: use_RTE: must be true or false, not 'no'"),
        (
            "numerics: 3\n",
            "bennu.yaml:1:1: numerics is a section; its fields stand in the lines below, indented",
        ),
        ("x:\n  R: 1\ny:\n  R: 2\n", "bennu.yaml:4:3: R stands twice, first in line 2"),
        (
            "R: 1\nndays: 3\nequilibrium: true\n",
            "bennu.yaml:2:8: ndays: a number of days excludes equilibrium: true; give one of the two",
        ),
        ("equilibrium: false\n", "bennu.yaml:1:14: ndays: must be given where equilibrium is false"),
        ("R: 1\nT_fixed: true\n", "bennu.yaml:2:10: T_fixed: true only goes with diurnal: false"),
        ("wn_max_out: 50\n", "bennu.yaml:1:13: wn_min_out: must be below wn_max_out (50 cm-1)"),
        ("P: 1\nP: 2\n", "bennu.yaml:2:1: 'P' stands twice, first in line 1"),
        (
            'emissivity_file: "~\\0x"\n',
            "bennu.yaml:1:18: emissivity_file: must be the path of a file or null, not '~\\x00x'",
        ),
        ("bottom_bc: Neumann\n", "bennu.yaml:1:12: bottom_bc: must be one of neumann, dirichlet, geothermal"),
    ],
)
def test_mistakes_have_their_place(text, message):
    with pytest.raises(ConfigError) as error:
        load(text)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_mistakes_of_overrides_do_not_blame_the_file():
    with pytest.raises(ConfigError) as error:
        load("k_dust: 1\n", {"k_dust": -1})
    assert str(error.value) == "k_dust: must be a number from 1e-9 to 1000 W/m/K, not -1"
    with pytest.raises(ConfigError) as error:
        load("T_fixed: false\n", {"T_fixed": True})
    assert str(error.value) == "T_fixed: true only goes with diurnal: false"


def test_warnings_have_their_place_too():
    loaded = load("sigma: 5.67e-8\nsteps:\n  dtfac: 50\nk_rock: 3\nR: 50\nminsteps: 9\ncp_rock: 1\n", {"k_deep": 1})
    assert loaded.warnings == (
        "bennu.yaml:1:1: sigma: ignored: physical constants are fixed",
        "bennu.yaml:3:3: dtfac, minsteps: ignored: time steps are chosen to meet accuracy; auto_dt: false with "
        "tsteps_day fixes them",
        "bennu.yaml:5:4: R: 50 AU is beyond Pluto; R is in AU",
        "bennu.yaml:4:9: k_rock, cp_rock: no effect here, read only when single_layer is false",
        "k_deep: no effect here, read only when depth_dependent_properties is true",
    )
    assert "sigma" not in loaded.explicit


def test_paths_start_at_the_file_that_names_them(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "table.txt").write_text("8 0.9\n")
    (tmp_path / "sub" / "c.yaml").write_text("emissivity_file: table.txt\n")
    table = str(tmp_path / "sub" / "table.txt")
    assert load_config("sub/c.yaml").config.emissivity_file == table
    assert load(f"emissivity_file: {table}\n").config.emissivity_file == table
    assert load("R: 1\n", {"emissivity_file": "sub/table.txt"}).config.emissivity_file == table
    monkeypatch.setenv("HOME", str(tmp_path / "sub"))
    assert load("emissivity_file: ~/table.txt\n").config.emissivity_file == table
    with pytest.raises(ConfigError) as error:
        load("emissivity_file: table.txt\n")
    absent = str(tmp_path / "table.txt")
    assert str(error.value) == f"bennu.yaml:1:18: emissivity_file: there is no file {absent!r}"


def test_a_config_kept_in_a_result_is_read_from_its_text():
    config = SimulationConfig(k_dust=0.1, ndays=3)
    text = config_yaml(config, comments=False)
    assert config_from_yaml(text, "a.h5") == config
    assert config_from_yaml(text, "a.h5", {"equilibrium": True}) == SimulationConfig(k_dust=0.1)
    with pytest.raises(ConfigError) as error:
        config_from_yaml("k_dust: -1\n", "a.h5 (config)")
    assert str(error.value) == "a.h5 (config):1:9: k_dust: must be a number from 1e-9 to 1000 W/m/K, not -1"
    with pytest.raises(ConfigError, match=r"^a\.h5: the file is empty$"):
        config_from_yaml("", "a.h5")


def test_what_a_registry_keeps_may_hold_names_that_have_retired():
    kept = json.dumps({**vars(SimulationConfig(use_RTE=True, nstr=8)), "nmom": 16, "nmom_out": "auto"})
    assert stored_config(kept) == SimulationConfig(use_RTE=True, nstr=8)


def test_numbers_of_moments_are_accepted_and_said_to_do_nothing():
    loaded = load("use_RTE: true\nnmom: 16\nnmom_out: auto\n")
    assert loaded.config == SimulationConfig(use_RTE=True)
    (warning,) = loaded.warnings
    assert warning.startswith("bennu.yaml:2:1: nmom, nmom_out: ignored: every moment that matters is used")


LINES = st.tuples(
    st.sampled_from([*FIELDS, *RETIRED, "numerics", "other"]), st.sampled_from(["", "  "]), st.text(max_size=15)
)


@given(st.lists(LINES, max_size=6), st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lines_give_a_config_or_one_line(lines, sectioned):
    text = "section:\n" * sectioned + "".join(f"{indent}{name}: {value}\n" for name, indent, value in lines)
    try:
        message = "".join(load(text.encode("utf-8", "replace").decode()).warnings)
    except ConfigError as error:
        message = str(error)
    assert "\n" not in message
