"""Designs: values in their ranges, the same for ever, more of them beginning with the same ones, and even."""

import math
import subprocess
import sys
from collections import Counter
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from tmx.config import FIELDS, SimulationConfig, sha256_of
from tmx.errors import ConfigError
from tmx.execution.definition import definition_sha256
from tmx.sweeps import Axis, Range, Sweep, load_sweep, samples
from tmx.sweeps.designs import DESIGNS

LABELS = {name for name, field in FIELDS.items() if field.section == "labels"}
SEQUENCES = ("sobol", "halton", "random")
MIXED = (
    "  - {parameter: k_dust, type: log_uniform, min: 0.01, max: 0.5}\n"
    "  - {parameter: latitude, type: linear, min: 0 deg, max: 80 deg}\n"
    "  - {parameter: freq_out, type: linear, min: 8, max: 24}\n"
    "  - {parameter: nstr, type: log_uniform, min: 2, max: 16}\n"
    "  - {parameter: RTE_solver, type: list, values: [disort, hapke]}\n"
)


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    path = tmp_path_factory.mktemp("sweeps") / "s.yaml"

    def load(text: str) -> Sweep:
        path.write_text(text, encoding="utf-8")
        return load_sweep(path)

    return load


def mixed(write, design: str, seed: int = 42, rest: str = "") -> list[dict]:
    sweep = write(f"seed: {seed}\ndesign: {{{design}}}\nparameter_sweeps:\n{MIXED}{rest}")
    return [sample.params for sample in samples(sweep)]


@given(
    kind=st.sampled_from([*SEQUENCES, "latin_hypercube"]),
    count=st.integers(1, 70),
    seed=st.integers(0, 2**63 - 1),
    low=st.floats(1e-6, 10.0),
    ratio=st.floats(1.0, 1e3),
)
@settings(max_examples=40)
def test_values_are_of_their_ranges_and_depend_on_the_seed_alone(write, kind, count, seed, low, ratio):
    high = low * min(ratio, 90.0 / low)
    text = (
        f"seed: {seed}\ndesign: {{type: {kind}, n_samples: {count}}}\nparameter_sweeps:\n{MIXED}"
        f"  - {{parameter: k_rock, type: log_uniform, min: {low!r}, max: {high!r}}}\n"
        f"  - {{parameter: P, type: uniform, min: {3600 + low!r}, max: {3600 + high!r}}}\n"
    )
    sweep = write(text)
    first = [sample.params for sample in samples(sweep)]
    assert len(first) == count == len(sweep)
    for axis in sweep.axes:
        values = [params[axis.parameter] for params in first]
        if isinstance(axis, Range):
            assert axis.values[0] <= min(values) <= max(values) <= axis.values[1]
            assert {type(value) for value in values} == {int if axis.step else float}
            assert all((value - axis.values[0]) % axis.step == 0 for value in values if axis.step)
        else:
            assert set(values) <= set(axis.values)
    assert [sample.params for sample in samples(write(text))] == first


@given(st.sampled_from(SEQUENCES), st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32), st.booleans())
@settings(max_examples=30)
def test_more_samples_begin_with_the_same_ones(write, kind, few, more, seed, constrained):
    rest = "constraints: [k_dust * latitude > 0.02]\n" if constrained else ""
    few, more = sorted((few, more))
    long = mixed(write, f"type: {kind}, n_samples: {more}", seed, rest)
    assert mixed(write, f"type: {kind}, n_samples: {few}", seed, rest) == long[:few]


@given(st.floats(0.0, 1.0), st.integers(1, 50), st.integers(0, 60), st.sampled_from([1, 2]), st.booleans())
def test_every_part_of_a_range_of_whole_numbers_is_one_of_them(part, low, steps, step, logarithmic):
    low *= step
    axis = Range("x", "x", "log_uniform" if logarithmic else "linear", (low, low + steps * step), "", step)
    value = axis.at(part)
    assert isinstance(value, int)
    assert value in range(low, low + steps * step + 1, step)
    assert axis.levels == steps + 1


def test_ranges_begin_at_their_ends_as_written():
    for kind in ("linear", "log_uniform"):
        axis = Range("x", "x", kind, (5e-6, 0.1), "", 0)
        assert (axis.at(0.0), axis.at(1.0)) == (5e-6, 0.1)
    assert Range("x", "x", "log_uniform", (1e-6, 1e2), "", 0).at(0.5) == 1e-2
    assert Range("x", "x", "linear", (0.1, 0.3), "", 0).at(0.5) == 0.2


def test_whole_numbers_and_words_have_equal_shares(write):
    drawn = mixed(write, "type: sobol, n_samples: 1024")
    solvers = Counter(params["RTE_solver"] for params in drawn)
    assert solvers == {"disort": 512, "hapke": 512}
    numbers = Counter(params["freq_out"] for params in drawn)
    assert set(numbers) == set(range(8, 25))
    assert all(abs(count - 1024 / 17) < 5 for count in numbers.values())
    # Equal shares of the logarithm: that of n is from n - 1 to n + 1 in steps of 2.
    streams = Counter(params["nstr"] for params in drawn)
    for number, count in streams.items():
        share = math.log((number + 1) / (number - 1)) / math.log(17)
        assert abs(count - 1024 * share) < 12, number
    assert set(streams) == {2, 4, 6, 8, 10, 12, 14, 16}


def unit(write, kind: str, count: int, dimensions: int = 3) -> np.ndarray:
    """Draw in the unit cube."""
    names = ("albedo", "em", "ssalb_vis")[:dimensions]
    entries = "".join(f"  - {{parameter: {name}, type: linear, min: 0.1, max: 0.9}}\n" for name in names)
    sweep = write(f"design: {{type: {kind}, n_samples: {count}}}\nparameter_sweeps:\n{entries}")
    return (np.array([list(sample.params.values()) for sample in samples(sweep)]) - 0.1) / 0.8


def test_sequences_are_more_even_than_chance(write):
    """By the centred discrepancy, as scipy measures it."""
    random = qmc.discrepancy(unit(write, "random", 256))
    assert qmc.discrepancy(unit(write, "sobol", 256)) < random / 20
    assert qmc.discrepancy(unit(write, "halton", 256)) < random / 10
    assert qmc.discrepancy(unit(write, "latin_hypercube", 256)) < random / 1.5


def test_a_sobol_sequence_has_one_point_in_every_box(write):
    """A (0, m, 2)-net: any way of cutting the square into 64 equal boxes with powers of 2 along each side."""
    points = unit(write, "sobol", 64, dimensions=2)
    for power in range(7):
        boxes = np.floor(points * (2**power, 2 ** (6 - power)) + 1e-9).astype(int)
        assert len(set(map(tuple, boxes))) == 64


def test_a_latin_hypercube_has_one_sample_in_every_part_of_each_range(write):
    points = unit(write, "latin_hypercube", 37)
    for column in points.T:
        assert sorted(np.floor(column * 37).astype(int)) == list(range(37))


def test_random_samples_of_a_parameter_do_not_depend_on_the_others(write):
    assert unit(write, "random", 20, 1)[:, 0].tolist() == unit(write, "random", 20, 3)[:, 0].tolist()


@pytest.mark.parametrize("second_order", [True, False])
@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_blocks_of_saltelli(write, dimensions, second_order):
    """The layout that SALib documents: A, AB_1 … AB_D, BA_1 … BA_D, B, where AB_i is A with column i of B."""
    axes = [Axis(f"x{i}", "", "list", tuple(range(1000)), "") for i in range(dimensions)]
    design = DESIGNS["saltelli"](n_base=8, second_order=second_order)  # type: ignore[call-arg]
    per_block = (2 * dimensions if second_order else dimensions) + 2
    assert design.count(axes) == 8 * per_block
    bases = []
    for block in islice(design.blocks(axes, 3), 8):
        assert len(block) == per_block
        points = np.array(block)
        a, b = points[0], points[-1]
        bases.append([*a, *b])
        for i in range(dimensions):
            crossed = np.where(np.arange(dimensions) == i, b, a)
            assert points[1 + i].tolist() == crossed.tolist()
            if second_order:
                assert points[1 + dimensions + i].tolist() == (a + b - crossed).tolist()
    # A and B side by side are a Sobol' sequence in twice as many dimensions: of 8 points, one in each eighth.
    for column in np.array(bases).T:
        assert sorted(column // 125) == list(range(8))


def test_indices_of_sensitivity_come_out_of_saltelli(write):
    """The Ishigami function, whose indices are known: S1 = 0.3139, S2 = 0.4424, S3 = 0; ST3 = 0.2437."""
    names = ("albedo", "em", "ssalb_vis")
    entries = "".join(f"  - {{parameter: {name}, type: linear, min: 0.1, max: 0.9}}\n" for name in names)
    sweep = write(f"design: {{type: saltelli, n_base: 1024, second_order: false}}\nparameter_sweeps:\n{entries}")
    x = (np.array([list(sample.params.values()) for sample in samples(sweep)]) - 0.5) / 0.4 * np.pi
    y = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    blocks = y.reshape(1024, 5)
    a, crossed, b = blocks[:, 0], blocks[:, 1:4].T, blocks[:, 4]
    variance = np.concatenate([a, b]).var()
    assert [np.mean(b * (ab - a)) / variance for ab in crossed] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert np.mean((a - crossed[2]) ** 2) / (2 * variance) == pytest.approx(0.2437, abs=0.02)


def test_zip_and_points_say_the_same(write):
    zipped = write(
        "design: zip\nparameter_sweeps:\n  - {parameter: k_dust, type: list, values: [0.1, 0.1, 0.3]}\n"
        "  - {parameter: latitude, type: linear, min: 0 deg, max: 60 deg, n_samples: 3}\n"
    )
    listed = write(
        "design:\n  type: list\n  points:\n"
        "    - {k_dust: 0.1, latitude: 0 deg}\n    - {latitude: 30 deg, k_dust: 1e-1}\n"
        "    - {k_dust: 0.3, latitude: 60 deg}\n"
    )
    assert [s.params for s in samples(zipped)] == [s.params for s in samples(listed)]
    assert len(zipped) == len(listed) == 3
    assert zipped.warnings == listed.warnings == ()


def test_a_grid_is_defined_as_ever(write):
    sweep = write("parameter_sweeps:\n  - {parameter: k_dust, type: list, values: [1, 2]}\n")
    assert definition_sha256(SimulationConfig(), sweep) == sha256_of(
        {
            "config": {name: value for name, value in vars(SimulationConfig()).items() if name not in LABELS},
            "axes": [["k_dust", [1.0, 2.0]]],
            "design": "full_factorial",
            "seed": 42,
            "radiance": True,
        }
    )


def test_every_setting_of_a_design_defines_it(write):
    base = f"parameter_sweeps:\n{MIXED}"
    texts = [
        f"design: {{{design}}}\n{base}{rest}"
        for design, rest in [
            ("type: sobol, n_samples: 64", ""),
            ("type: sobol, n_samples: 32", ""),
            ("type: halton, n_samples: 64", ""),
            ("type: sobol, n_samples: 64", "constraints: [k_dust > 0.1]\n"),
            ("type: saltelli, n_base: 64", ""),
            ("type: saltelli, n_base: 64, second_order: false", ""),
        ]
    ]
    texts.append(texts[0].replace("max: 0.5", "max: 0.6"))
    texts.append(texts[0].replace("log_uniform, min: 0.01", "linear, min: 0.01"))
    hashes = [definition_sha256(SimulationConfig(), write(text)) for text in texts]
    assert len(set(hashes)) == len(texts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("design: {type: sobul}\n", "s.yaml:1:16: unknown design 'sobul'; did you mean 'sobol'?"),
        ("design: {n_samples: 3}\n", "s.yaml:1:9: design: type is missing (there are full_factorial, zip, list, sobol"),
        ("design: [sobol]\n", "s.yaml:1:9: design: must be a name, or a mapping with type, n_samples"),
        ("design: {type: sobol, n_sample: 3}\n", "unknown name 'n_sample'; did you mean 'n_samples'?"),
        ("design: sobol\n", "s.yaml:1:9: design: sobol needs n_samples: write design: {type: sobol, n_samples: 128}"),
        ("design: {type: sobol, n_samples: 0}\n", "s.yaml:1:34: design: n_samples: must be a whole number from 1 to"),
        ("design: {type: sobol, n_samples: 2.5}\n", "s.yaml:1:34: design: n_samples: must be a whole number from 1"),
        (
            "design: {type: saltelli, n_samples: 8}\n",
            "s.yaml:1:26: design: n_samples does not go with type: saltelli, which has n_base, second_order",
        ),
        ("design: {type: saltelli, n_base: 8, second_order: 1}\n", "design: second_order: must be true or false"),
        ("design: {type: zip, points: []}\n", "points does not go with type: zip, which has no other setting"),
        ("design: {type: list, points: [{k_dust: 1}]}\n", "parameter_sweeps does not go with design list"),
    ],
)
def test_mistakes_in_a_design(write, text, message):
    with pytest.raises(ConfigError) as error:
        write(f"{text}parameter_sweeps:\n{MIXED}")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("design: {type: sobol, n_samples: 4}\n", "s.yaml:1:9: design: sobol needs parameter_sweeps with at least one"),
        ("design: {type: list}\n", "s.yaml:1:9: design: points: must be a list of at least one point"),
        ("design: {type: list, points: [3]}\n", "s.yaml:1:31: points[0]: expected a mapping such as"),
        ("design: {type: list, points: [{k_dusk: 3}]}\n", "s.yaml:1:32: unknown field 'k_dusk'; did you mean 'k_dust'"),
        ("design: {type: list, points: [{em: 3}]}\n", "s.yaml:1:36: em: must be a number from 0.001 to 1, not 3"),
        (
            "design: {type: list, points: [{em: 1, R: 4}, {em: 1}]}\n",
            "s.yaml:1:46: points[1]: R is missing, which points[0] sets",
        ),
        (
            "design: {type: list, points: [{em: 1}, {em: 1, P: 4 h}]}\n",
            "s.yaml:1:51: points[1]: P is set here, but not in points[0]",
        ),
        (
            "design: {type: list, points: [{em: 1}]}\nfixed_overrides: {em: 0.9}\n",
            "s.yaml:1:36: points: em is set already in fixed_overrides, line 2",
        ),
        (
            "design: zip\nparameter_sweeps:\n  - {parameter: em, type: list, values: [1, 0.9]}\n"
            "  - {parameter: albedo, type: list, values: [0.1]}\n",
            "s.yaml:1:9: design: zip needs equally many values of every parameter: em has 2, albedo has 1",
        ),
        (
            "design: {type: sobol, n_samples: 4}\n"
            "parameter_sweeps: [{parameter: em, type: linear, min: 0.5, max: 1, n_samples: 4}]\n",
            "s.yaml:2:68: parameter_sweeps[0]: n_samples does not go with design sobol, which says how many there are",
        ),
    ],
)
def test_mistakes_around_a_design(write, text, message):
    with pytest.raises(ConfigError) as error:
        write(text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_odd_numbers_of_samples_are_warned_of(write):
    def warnings(design: str, rest: str = "") -> tuple[str, ...]:
        return write(f"design: {{{design}}}\nparameter_sweeps:\n{MIXED}{rest}").warnings

    (warning,) = warnings("type: sobol, n_samples: 100")
    assert warning.endswith("100 is no power of 2, at which Sobol' sequences are most even: 128 is one")
    assert warnings("type: sobol, n_samples: 128") == warnings("type: halton, n_samples: 100") == ()
    assert warnings("type: sobol, n_samples: 100", "constraints: [k_dust > 0.1]\n") == ()
    (warning,) = warnings("type: saltelli, n_base: 8", "constraints: [k_dust > 0.1]\n")
    assert "independent" in warning


def test_scipy_is_imported_only_when_points_are_drawn(tmp_path):
    (tmp_path / "s.yaml").write_text(f"design: {{type: sobol, n_samples: 4}}\nparameter_sweeps:\n{MIXED}")
    code = (
        "import sys, tmx.cli.main, tmx.cli.looking, tmx.cli.sweeps; from tmx.sweeps import load_sweep, samples\n"
        "sweep = load_sweep('s.yaml'); len(sweep); print('scipy' in sys.modules)\n"
        "next(samples(sweep)); print('scipy.stats' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]


def test_seeds_make_different_samples(write):
    for kind in (*SEQUENCES, "latin_hypercube"):
        drawn = [mixed(write, f"type: {kind}, n_samples: 8", seed) for seed in (1, 2, 3)]
        assert all(a != b for a, b in pairwise(drawn))
