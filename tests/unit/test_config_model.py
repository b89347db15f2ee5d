"""The config from Python: typed values, one clear line for every mistake, layers, and their cost."""

import math
import pickle
import time

import pytest

from tmx.config import FIELDS, SECTIONS, SimulationConfig, describe_schema, require_available, resolve
from tmx.config.conditions import NEVER
from tmx.config.fields import STAGES, Bounds
from tmx.errors import ConfigError


class FakeScalar:
    """A scalar of an array library."""

    shape = ()

    def __init__(self, value):
        self._value = value

    def item(self):
        return self._value


def message_of(**values) -> str:
    with pytest.raises(ConfigError) as error:
        SimulationConfig(**values)
    return str(error.value)


def test_defaults_are_valid_and_in_the_order_of_the_sections():
    config = SimulationConfig()
    assert list(type(config).model_fields) == list(FIELDS)
    for field in FIELDS.values():
        assert getattr(config, field.name) == field.default


def test_every_field_is_described():
    for field in FIELDS.values():
        assert field.about.meaning
        assert not field.about.meaning.endswith(".")
        assert field.section in {section.title() for section in SECTIONS}
        assert (field.used == NEVER) == (field.section == "labels"), field.name
    assert {name for field in FIELDS.values() for name in field.used.fields()} <= set(FIELDS)


def test_values_are_typed_by_the_schema():
    config = SimulationConfig(
        Et=50000,
        radius="10 um",
        latitude="np.radians(30)",
        freq_out=24.0,
        dec=-0.0,
        cp_coeffs=[1, "2.7/350**3"],
        observer_vectors={"up": {"x": 0, "y": 0, "z": 1}, "low": {"x": 1, "y": 0, "z": "cos(1)", "description": ""}},
        nstr=8.0,
        run_id=7,
    )
    assert (config.Et, type(config.Et)) == (50000.0, float)
    assert config.radius == 10e-6
    assert config.latitude == math.radians(30)
    assert (config.freq_out, type(config.freq_out)) == (24, int)
    assert math.copysign(1, config.dec) == 1
    assert config.cp_coeffs == (1.0, 2.7 / 350**3)
    assert config.observer_vectors == ((0.0, 0.0, 1.0), (1.0, 0.0, math.cos(1)))
    assert (config.nstr, config.run_id) == (8, 7)


def test_scalars_and_arrays_of_array_libraries_are_values():
    class FakeArray:
        shape = (2,)

        def tolist(self):
            return [1, 2]

    config = SimulationConfig(
        k_dust=FakeScalar(0.5), freq_out=FakeScalar(12), nstr=FakeScalar(8.0), cp_coeffs=FakeArray()
    )
    assert (config.k_dust, config.freq_out, config.nstr, config.cp_coeffs) == (0.5, 12, 8, (1.0, 2.0))


def test_a_config_is_immutable_hashable_and_survives_pickle_and_json():
    config = SimulationConfig(latitude=0.3, ndays=3, observer_vectors=[[0, 1, 1]])
    with pytest.raises(ValueError, match="frozen"):
        config.latitude = 0.4
    assert {config: 1}[pickle.loads(pickle.dumps(config))] == 1
    assert SimulationConfig.model_validate_json(config.model_dump_json()) == config
    assert SimulationConfig.model_validate(config) is config
    assert SimulationConfig(**config.model_dump()) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"latitud": 1}, "unknown field 'latitud'; did you mean 'latitude'?"),
        ({"USE_RTE": True}, "unknown field 'USE_RTE'; did you mean 'use_RTE'?"),
        ({"frobnicate": 1}, "unknown field 'frobnicate'"),
        ({"sigma": 5.67e-8}, "'sigma' is not a field of tmx: physical constants are fixed"),
        (
            {"latitude": 2.0},
            'latitude: must be a number from -1.5708 to 1.5708 rad, not 2.0; for degrees write, for instance, "30 deg"',
        ),
        ({"latitude": "91 deg"}, "latitude: must be a number from -1.5708 to 1.5708 rad, not '91 deg'"),
        ({"k_dust": 0}, "k_dust: must be a number from 1e-9 to 1000 W/m/K, not 0"),
        ({"k_dust": math.nan}, "k_dust: must be a number from 1e-9 to 1000 W/m/K, not nan"),
        ({"k_dust": True}, "k_dust: must be a number from 1e-9 to 1000 W/m/K, not true"),
        ({"k_dust": None}, "k_dust: must be a number from 1e-9 to 1000 W/m/K, not null"),
        ({"k_temp_coeff": 2}, "k_temp_coeff: must be a number from 0 to 1 (1/K3), not 2"),
        ({"albedo": 1}, "albedo: must be a number from 0 to 0.9999, not 1"),
        ({"freq_out": 2.5}, "freq_out: must be a whole number from 4 to 100000, not 2.5"),
        ({"freq_out": math.inf}, "freq_out: this is not a finite number (in inf)"),
        ({"use_RTE": "yes"}, "use_RTE: must be true or false, not 'yes'"),
        ({"use_RTE": 1}, "use_RTE: must be true or false, not 1"),
        ({"RTE_solver": "dissort"}, "RTE_solver: must be disort or hapke, not 'dissort'; did you mean 'disort'?"),
        ({"nstr": 3}, "nstr: must be auto or an even whole number from 2 to 64, not 3"),
        ({"nstr": "autp"}, "nstr: must be auto or an even whole number from 2 to 64, not 'autp'; did you mean 'auto'?"),
        ({"P": "3 parsec"}, "P: unknown unit 'parsec'; possible: s, min, h, d (in '3 parsec')"),
        ({"name": 3}, "name: must be text, not 3"),
        ({"name": "a\0b"}, "name: must be text, not 'a\\x00b'"),
        ({"name": "\ud800"}, "name: must be text, not '\\ud800'"),
        ({"mie_file": ""}, "mie_file: must be the path of a file or null, not ''"),
        ({"ndays": 0}, "ndays: must be a whole number from 1 to 1e6 or null, not 0"),
        ({"cp_coeffs": []}, "cp_coeffs: must be a list of 1 or more numbers, not []"),
        ({"cp_coeffs": "1"}, "cp_coeffs: must be a list of 1 or more numbers, not '1'"),
        (
            {"phase_moments_therm": [1.0]},
            "phase_moments_therm: must be a list of 2 or more numbers or null, not [1.0]",
        ),
        ({"local_times_out": []}, "local_times_out: must be a list of 1 or more numbers or null, not []"),
        (
            {"observer_vectors": [[0, 0, -1]]},
            "observer_vectors: must be a list of vectors [x, y, z] with z above 0, not [[0, 0, -1]]",
        ),
        (
            {"observer_vectors": {"up": {"x": 0, "y": 0}}},
            "observer_vectors: 'up' must have x, y and z (in {'up': {'x': 0, 'y': 0}})",
        ),
        ({"name": "x" * 100 + "\0"}, "name: must be text, not '" + "x" * 58 + "…"),
    ],
)
def test_mistakes_get_one_line(values, message):
    actual = message_of(**values)
    assert "\n" not in actual
    assert actual.startswith(message)


def test_a_config_is_made_from_named_values():
    with pytest.raises(ConfigError, match=r"made from named values, not from \[1\]"):
        SimulationConfig.model_validate([1])


class TestDuration:
    """Exactly one of `equilibrium` and `ndays` holds; the last layer wins."""

    def test_alone(self):
        assert (SimulationConfig().equilibrium, SimulationConfig().ndays) == (True, None)
        config = SimulationConfig(ndays=3)
        assert (config.equilibrium, config.ndays) == (False, 3)
        config = SimulationConfig(ndays=3, equilibrium=False)
        assert (config.equilibrium, config.ndays) == (False, 3)
        config = SimulationConfig(ndays=None, equilibrium=True)
        assert (config.equilibrium, config.ndays) == (True, None)

    def test_later_layers_win(self):
        days, periodic = SimulationConfig(ndays=3), SimulationConfig()
        assert resolve(days, {"equilibrium": True}) == periodic
        assert resolve(periodic, {"ndays": 3}) == days
        assert resolve(periodic, {"ndays": 5}, {"equilibrium": True}, {"ndays": 3}) == days
        assert resolve(days, {"ndays": None}) == periodic
        assert resolve(days, {"equilibrium": False}) == days

    def test_contradictions(self):
        both = "ndays: a number of days excludes equilibrium: true; give one of the two"
        assert message_of(ndays=3, equilibrium=True) == both
        neither = "ndays: must be given where equilibrium is false"
        assert message_of(equilibrium=False) == neither
        assert message_of(equilibrium=False, ndays=None) == neither
        with pytest.raises(ConfigError, match="excludes equilibrium"):
            resolve(SimulationConfig(), {"ndays": 3, "equilibrium": True})


class TestResolve:
    def test_layers_lie_over_one_another(self):
        base = SimulationConfig(k_dust=0.1, albedo=0.1)
        assert resolve(base) == base
        config = resolve(base, {"k_dust": 0.2}, {"k_dust": "300 mW/m/K", "latitude": 0.1})
        assert config == SimulationConfig(k_dust=0.3, albedo=0.1, latitude=0.1)
        assert base.k_dust == 0.1

    def test_layers_are_validated_and_so_is_their_sum(self):
        with pytest.raises(ConfigError, match="unknown field 'kdust'; did you mean 'k_dust'"):
            resolve(SimulationConfig(), {"kdust": 1})
        with pytest.raises(ConfigError, match="T_fixed: true only goes with diurnal: false"):
            resolve(SimulationConfig(), {"T_fixed": True})
        assert resolve(SimulationConfig(), {"T_fixed": True}, {"diurnal": False}).T_fixed

    def test_a_sample_costs_far_less_than_a_millisecond(self):
        base = SimulationConfig()
        resolve(base, {"k_dust": 0.1, "latitude": 0.2, "albedo": 0.1})
        start = time.process_time()
        for i in range(300):
            resolve(base, {"k_dust": 0.1 + i, "latitude": 0.2, "albedo": 0.1})
        assert (time.process_time() - start) / 300 < 1e-3


def test_bounds_in_words():
    assert Bounds(ge=0, le=1).words() == "from 0 to 1"
    assert Bounds(ge=0, lt=1).words() == "from 0 to below 1"
    assert Bounds(gt=0, le=1e9).words() == "above 0 and at most 1e9"
    assert Bounds(gt=-1, lt=1).words() == "above -1 and below 1"
    assert Bounds(ge=3).words() == "from 3"
    assert Bounds().words() == ""


def test_schema_as_data():
    schema = describe_schema()
    assert list(schema) == list(FIELDS)
    assert schema["Et"] == {
        "section": "optical_properties_rte",
        "meaning": "Extinction coefficient in the thermal infrared",
        "unit": "1/m",
        "expected": "a number from 0.001 to 1e9 (1/m)",
        "default": 1000.0,
        "nullable": False,
        "bounds": {"ge": 0.001, "le": 1e9},
        "choices": [],
        "file": False,
        "stages": {
            "thermal": "(use_RTE is true and (thermal_evolution_mode is two_wave/hybrid or scale_Et is true)) or "
            "(use_RTE is false and depth_dependent_properties is false and k_dust_auto is true)",
            "radiance": "use_RTE is true",
        },
    }
    assert schema["cp_law"]["choices"] == ["polynomial", "biele2022"]
    assert schema["nstr"]["choices"] == ["auto"]
    assert schema["observer_vectors"]["default"] == []
    assert schema["name"]["stages"] == {}


def test_what_cannot_be_computed_yet_is_refused_by_name():
    spectral = {"use_RTE": True, "thermal_evolution_mode": "hybrid"}
    for stage in STAGES:
        require_available(SimulationConfig(crater=True), stage)
        require_available(SimulationConfig(**spectral), stage)
    with pytest.raises(ConfigError, match=r"^thermal_evolution_mode: facets of a rough surface .* set it to two_wave$"):
        require_available(SimulationConfig(crater=True, **spectral), "thermal")
