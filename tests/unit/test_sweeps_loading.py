"""Sweep files: what they may say, and one line for every mistake."""

import pytest

from tmx.errors import ConfigError
from tmx.sweeps import Sweep, load_sweep, samples

RADIUS = "  - {name: particle_size, parameter: radius, type: log_uniform, min: 5 um, max: 50 um, n_samples: 15}\n"


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def load(text: str) -> Sweep:
    with open("ml.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    return load_sweep("ml.yaml")


def axis(entry: str, rest: str = "") -> Sweep:
    return load(f"parameter_sweeps:\n  - {{{entry}}}\n{rest}")


def message_of(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        load(text)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_everything_that_a_file_may_say(tmp_path):
    text = (
        "name: my sweep\ndescription: what for\nseed: 7\ndesign: full_factorial\n"
        "parameter_sweeps:\n"
        "  - parameter: Et\n    type: linear\n    min: 1e4\n    max: 3e4\n    n_samples: 3\n    description: x\n"
        f"{RADIUS}"
        "fixed_overrides:\n  use_RTE: true\n  deeper:\n    latitude: 30 deg\n"
        "output_settings:\n  calculate_radiance_during_simulation: true\n  save_radiance_data: false\n"
        "metadata: {anything: [at, all]}\nbatch_metadata:\n  author: me\n"
    )
    sweep = load(text)
    assert (sweep.name, sweep.description, sweep.seed, sweep.design) == ("my sweep", "what for", 7, "full_factorial")
    assert sweep.parameters == ("Et", "radius")
    assert [a.name for a in sweep.axes] == ["Et", "particle_size"]
    assert [a.kind for a in sweep.axes] == ["linear", "log_uniform"]
    assert sweep.axes[0].values == (1e4, 2e4, 3e4)
    assert dict(sweep.fixed_overrides) == {"use_RTE": True, "latitude": 0.5235987755982988}
    assert (sweep.radiance, sweep.source, str(sweep.path)) == (False, text, "ml.yaml")
    assert len(sweep) == 45


def test_defaults():
    sweep = load("description: nothing swept\n")
    assert (sweep.name, sweep.seed, sweep.design, sweep.radiance) == ("ml", 42, "full_factorial", True)
    assert [sample.params for sample in samples(sweep)] == [{}]
    assert load("parameter_sweeps:\nfixed_overrides:\noutput_settings:\n").axes == ()


def test_the_grid_is_in_file_order_with_the_last_parameter_fastest():
    sweep = load(
        "parameter_sweeps:\n  - {parameter: k_dust, type: list, values: [1, 2]}\n"
        "  - {parameter: sun, type: list, values: [true, false]}\n"
    )
    assert [(s.index, s.params) for s in samples(sweep)] == [
        (0, {"k_dust": 1.0, "sun": True}),
        (1, {"k_dust": 1.0, "sun": False}),
        (2, {"k_dust": 2.0, "sun": True}),
        (3, {"k_dust": 2.0, "sun": False}),
    ]


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        ("parameter: latitude, type: linear, min: 0 deg, max: 90 deg, n_samples: 2", (0.0, 1.5707963267948966)),
        ("parameter: radius, type: log_uniform, min: 1 um, max: 100 um, n_samples: 3", (1e-6, 1e-5, 1e-4)),
        ("parameter: ndays, type: linear, min: 1, max: 10, n_samples: 4", (1, 4, 7, 10)),
        ("parameter: nstr, type: linear, min: 2, max: 8, n_samples: 4", (2, 4, 6, 8)),
        ("parameter: nstr, type: list, values: [auto, 4, 8.0]", ("auto", 4, 8)),
        ("parameter: k_dust, type: list, values: [1e-4, 2 W/m/K]", (1e-4, 2.0)),
        ("parameter: k_dust, type: linear, min: 1, max: 2, n_samples: 1", (1.0,)),
        ("parameter: bottom_bc, type: list, values: [neumann, dirichlet]", ("neumann", "dirichlet")),
        ("parameter: name, type: list, values: [a, 007, no]", ("a", "007", "no")),
        ("parameter: ndays, type: list, values: [null, 3]", (None, 3)),
        (
            "parameter: cp_coeffs, type: list, values: [[1, 2], [3]]",
            ((1.0, 2.0), (3.0,)),
        ),
    ],
)
def test_axes(entry, values):
    (made,) = axis(entry).axes
    assert made.values == values
    assert [type(value) for value in made.values] == [type(value) for value in values]


def test_random_axes_follow_the_seed():
    entry = "parameter: latitude, type: uniform, min: 0 deg, max: 45 deg, n_samples: 5"
    (first,), (again,), (other,) = (axis(entry, f"seed: {seed}\n").axes for seed in (1, 1, 2))
    assert first.values == again.values != other.values
    (integers,) = axis("parameter: freq_out, type: uniform, min: 4, max: 9, n_samples: 50").axes
    assert set(integers.values) == {4, 5, 6, 7, 8, 9}


def test_paths_start_at_the_file(tmp_path):
    (made,) = axis("parameter: emissivity_file, type: list, values: [a.txt, null]").axes
    assert made.values == (str(tmp_path / "a.txt"), None)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("type: list", "ml.yaml:2:5: parameter_sweeps[0]: parameter is missing"),
        (
            "name: size, parameter: radiuss, type: list",
            "ml.yaml:2:29: parameter_sweeps[0] 'size': unknown field 'radiuss'; did you mean 'radius'?",
        ),
        (
            "parameter: sigma, type: list",
            "ml.yaml:2:17: parameter_sweeps[0]: 'sigma' is not a field of tmx: physical constants are fixed",
        ),
        ("parameter: radius", "ml.yaml:2:5: parameter_sweeps[0]: type is missing"),
        (
            "parameter: radius, type: log",
            "ml.yaml:2:31: parameter_sweeps[0]: unknown type 'log' (there are linear, log_uniform, uniform, list)",
        ),
        (
            "parameter: radius, type: log_unifrom",
            "ml.yaml:2:31: parameter_sweeps[0]: unknown type 'log_unifrom'; did you mean 'log_uniform'?",
        ),
        (
            "parameter: radius, typ: linear",
            "ml.yaml:2:25: parameter_sweeps[0]: unknown name 'typ'; did you mean 'type'?",
        ),
        ("parameter: radius, type: list", "ml.yaml:2:5: parameter_sweeps[0]: values is missing"),
        (
            "parameter: radius, type: list, values: 3",
            "ml.yaml:2:45: parameter_sweeps[0]: values: must be a list of at least one value",
        ),
        (
            "parameter: radius, type: list, values: []",
            "ml.yaml:2:45: parameter_sweeps[0]: values: must be a list of at least one value",
        ),
        (
            "parameter: radius, type: list, values: [1e-6, -1]",
            "ml.yaml:2:52: parameter_sweeps[0]: radius: must be a number from 1e-9 to 0.1 m, not -1",
        ),
        (
            "parameter: radius, type: list, values: [1e-6], min: 3",
            "ml.yaml:2:53: parameter_sweeps[0]: min does not go with type: list",
        ),
        (
            "parameter: radius, type: linear, values: [1e-6]",
            "ml.yaml:2:39: parameter_sweeps[0]: values does not go with type: linear",
        ),
        (
            "parameter: crater, type: linear, min: 0, max: 1, n_samples: 2",
            "ml.yaml:2:31: parameter_sweeps[0]: crater is true or false; sweep it with type: list",
        ),
        ("parameter: R, type: linear, min: 1", "ml.yaml:2:5: parameter_sweeps[0]: max is missing"),
        ("parameter: R, type: linear, min: 1, max: 2", "ml.yaml:2:5: parameter_sweeps[0]: n_samples is missing"),
        (
            "parameter: R, type: linear, min: 3, max: 2, n_samples: 2",
            "ml.yaml:2:39: parameter_sweeps[0]: R: min (3) is above max (2)",
        ),
        (
            "parameter: R, type: linear, min: 0, max: 2, n_samples: 2",
            "ml.yaml:2:39: parameter_sweeps[0]: R: must be a number from 0.005 to 10000 AU, not 0",
        ),
        (
            "parameter: albedo, type: log_uniform, min: 0, max: 0.5, n_samples: 2",
            "ml.yaml:2:49: parameter_sweeps[0]: albedo: log_uniform needs min above 0",
        ),
        (
            "parameter: nstr, type: linear, min: auto, max: 8, n_samples: 2",
            "ml.yaml:2:42: parameter_sweeps[0]: nstr: min must be a number, not 'auto'",
        ),
        (
            "parameter: nstr, type: linear, min: 2, max: 8, n_samples: 3",
            "ml.yaml:2:5: parameter_sweeps[0]: nstr: must be auto or an even whole number from 2 to 64, not 5",
        ),
        (
            "parameter: R, type: linear, min: 1, max: 2, n_samples: 0",
            "ml.yaml:2:61: parameter_sweeps[0]: n_samples: must be a whole number from 1 to 1000000",
        ),
        (
            "parameter: R, type: linear, min: 1, max: 2, n_samples: 2.5",
            "ml.yaml:2:61: parameter_sweeps[0]: n_samples: must be a whole number from 1 to 1000000",
        ),
        (
            "parameter: ndays, type: linear, min: 1, max: 3, n_samples: 4",
            "ml.yaml:2:5: parameter_sweeps[0]: ndays: 4 samples between 1 and 3 repeat whole numbers; "
            "at most 3 are possible",
        ),
        ("parameter: [R], type: list", "ml.yaml:2:17: parameter_sweeps[0]: parameter: must be text"),
    ],
)
def test_mistakes_in_an_axis(entry, message):
    assert message_of(f"parameter_sweeps:\n  - {{{entry}}}\n").startswith(message)


def test_the_message_of_the_second_entry_names_it():
    text = f"parameter_sweeps:\n  - {{parameter: R, type: list, values: [1]}}\n{RADIUS.replace('5 um', '-5 um')}"
    assert message_of(text) == (
        "ml.yaml:3:70: parameter_sweeps[1] 'particle_size': radius: must be a number from 1e-9 to 0.1 m, not '-5 um'"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed: 3\n", "ml.yaml:1:1: sweep: unknown name 'sed'; did you mean 'seed'?"),
        ("seed: -1\n", "ml.yaml:1:7: seed: must be a whole number from 0 to 9223372036854775807"),
        ("seed: x\n", "ml.yaml:1:7: seed: must be a whole number from 0 to 9223372036854775807"),
        (
            "design: grid\n",
            "ml.yaml:1:9: unknown design 'grid' (there are full_factorial, zip, list, sobol, halton, random, ",
        ),
        ("name: [a]\n", "ml.yaml:1:7: name: must be text"),
        ("parameter_sweeps: {}\n", "ml.yaml:1:19: parameter_sweeps: expected a list, each entry beginning with '-'"),
        (
            "parameter_sweeps: [Et]\n",
            "ml.yaml:1:20: parameter_sweeps[0]: expected a mapping with parameter, type, …",
        ),
        ("fixed_overrides: [1]\n", "ml.yaml:1:18: fixed_overrides: expected 'name: value' lines"),
        ("fixed_overrides: {ndayz: 1}\n", "ml.yaml:1:19: unknown field 'ndayz'; did you mean 'ndays'?"),
        ("fixed_overrides: {ndays: 0}\n", "ml.yaml:1:26: ndays: must be a whole number from 1 to 1e6 or null, not 0"),
        (
            "fixed_overrides: {ndays: 1, equilibrium: true}\n",
            "ml.yaml:1:26: fixed_overrides: ndays: a number of days excludes equilibrium: true; give one of the two",
        ),
        (
            "output_settings: {save_radiance: false}\n",
            "ml.yaml:1:19: output_settings: unknown name 'save_radiance'; did you mean 'save_radiance_data'?",
        ),
        (
            "output_settings: {radiance: no}\n",
            "ml.yaml:1:29: output_settings: radiance: must be true or false",
        ),
        (
            "output_settings: {radiance: true, save_radiance_data: false}\n",
            "ml.yaml:1:19: output_settings: radiance contradicts save_radiance_data",
        ),
    ],
)
def test_mistakes_around_the_axes(text, message):
    assert message_of(text).startswith(message)


def test_a_parameter_is_set_once():
    entry = "  - {parameter: R, type: list, values: [1, 2]}\n"
    assert message_of(f"parameter_sweeps:\n{entry}{entry}") == (
        "ml.yaml:3:5: parameter_sweeps[1] 'R': R is set already in parameter_sweeps[0]"
    )
    assert message_of(f"parameter_sweeps:\n{entry}fixed_overrides:\n  R: 3\n") == (
        "ml.yaml:2:5: parameter_sweeps[0] 'R': R is set already in fixed_overrides, line 4"
    )


def test_too_many_samples_are_refused():
    entries = "".join(
        f"  - {{parameter: {name}, type: linear, min: 1, max: 2, n_samples: 1000}}\n" for name in ("R", "k_dust", "eta")
    )
    assert message_of(f"parameter_sweeps:\n{entries}") == (
        "ml.yaml: 1000000000 samples are too many (at most 10000000)"
    )


def test_retired_names_and_repeated_values_are_warned_of():
    sweep = axis("parameter: R, type: list, values: [1, 1.0]", "fixed_overrides:\n  dtfac: 50\n")
    assert sweep.warnings == (
        "ml.yaml:4:3: dtfac: ignored: time steps are chosen to meet accuracy; auto_dt: false with tsteps_day fixes "
        "them",
        "ml.yaml:2:5: 'R': R has the same value more than once",
    )
    assert dict(sweep.fixed_overrides) == {}


@pytest.mark.parametrize(
    ("text", "radiance"),
    [
        ("{}", True),
        ("{radiance: false}", False),
        ("{save_radiance_data: false}", False),
        ("{save_radiance_data: true, calculate_radiance_during_simulation: false}", True),
        ("{calculate_radiance_during_simulation: false}", True),
        ("{radiance: false, save_radiance_data: false}", False),
    ],
)
def test_radiance_runs_are_made_unless_they_are_switched_off(text, radiance):
    assert load(f"output_settings: {text}\n").radiance is radiance
