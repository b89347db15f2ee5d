from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmx.config import SimulationConfig, canonical_json
from tmx.datasets.columns import Values, inputs_of, read_columns
from tmx.datasets.filters import Filters
from tmx.datasets.layout import Coordinate
from tmx.datasets.leakage import find_leaks
from tmx.datasets.outputs import Arrays
from tmx.datasets.resampling import Survey, on_axes
from tmx.datasets.selection import Point, values_of
from tmx.datasets.splits import PARTS, SplitPolicy
from tmx.datasets.statistics import Moments
from tmx.datasets.writing import Content
from tmx.errors import ConfigError
from tmx.registry.views import result_names
from tmx.sweeps import read_sweep

identities = st.text(max_size=40)


@given(identities, st.integers(0, 2**32))
def test_a_sample_decides_its_part_alone(identity, seed):
    policy = SplitPolicy(seed=seed)
    assert policy.part_of(identity) == SplitPolicy(seed=seed).part_of(identity)
    assert policy.part_of(identity) in PARTS


@given(identities, st.floats(0, 0.5), st.floats(0, 0.4))
def test_a_larger_training_part_takes_in_the_smaller_one(identity, train, more):
    if SplitPolicy(train, 0.1).part_of(identity) == "train":
        assert SplitPolicy(train + more, 0.1).part_of(identity) == "train"


def test_fractions_are_kept():
    policy = SplitPolicy(0.7, 0.2, seed=5)
    counts = Counter(policy.part_of(f'{{"Et":{i}.0}}') for i in range(20_000))
    assert {part: counts[part] / 20_000 for part in PARTS} == pytest.approx(
        {"train": 0.7, "val": 0.2, "test": 0.1}, abs=0.015
    )


def test_the_seed_makes_the_split():
    parts = [[SplitPolicy(seed=seed).part_of(str(i)) for i in range(100)] for seed in (1, 2)]
    assert parts[0] != parts[1]


def test_all_of_it_may_be_for_training():
    policy = SplitPolicy(1.0, 0.0)
    assert {policy.part_of(str(i)) for i in range(500)} == {"train"}


@pytest.mark.parametrize(("train", "val"), [(-0.1, 0.1), (1.1, 0.0), (0.8, 0.3), (0.5, -0.1)])
def test_fractions_that_are_none_are_refused(train, val):
    with pytest.raises(ConfigError):
        SplitPolicy(train, val)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 2**31))
def test_moments_do_not_depend_on_how_samples_come(sizes, seed):
    rng = np.random.default_rng(seed)
    rows = (300.0 + 0.01 * rng.standard_normal((sum(sizes), 3))).astype(np.float32)
    moments = Moments()
    for chunk in np.split(rows, np.cumsum(sizes)[:-1]):
        moments.add(chunk)
    assert moments.mean == pytest.approx(rows.astype(float).mean(axis=0), rel=1e-12)
    assert moments.min.tolist() == rows.min(axis=0).tolist()
    assert moments.overall()["std"] == pytest.approx(rows.astype(float).std(), rel=1e-6, abs=1e-12)
    assert moments.std == pytest.approx(rows.astype(float).std(axis=0), rel=1e-6, abs=1e-12)


def points(*params):
    return [Point(index, index, canonical_json(each)) for index, each in enumerate(params)]


def sobol(count):
    rng = np.random.default_rng(1)
    bottoms = ("neumann", "dirichlet", "geothermal")
    return points(
        *(
            {"k_dust": 10 ** rng.uniform(-2, 0), "latitude": rng.random(), "bottom_bc": bottoms[i % 3]}
            for i in range(count)
        )
    )


AXES = read_sweep(
    "design: {type: sobol, n_samples: 8}\nparameter_sweeps:\n"
    "  - {parameter: k_dust, type: log_uniform, min: 0.01, max: 1}\n"
    "  - {parameter: latitude, type: linear, min: 0, max: 1}\n"
    "  - {parameter: bottom_bc, type: list, values: [neumann, dirichlet, geothermal]}\n",
    Path("sweep.yaml"),
).axes

POLICIES = [
    SplitPolicy(),
    SplitPolicy(kind="grouped", by=("k_dust",)),
    SplitPolicy(kind="stratified", by=("bottom_bc", "k_dust")),
    SplitPolicy(kind="extrapolation", hold_out=("latitude > 0.9",)),
]


@pytest.mark.parametrize("policy", POLICIES)
def test_more_samples_move_none_of_the_others(policy):
    few, many = (policy.parts_of(sobol(count), AXES) for count in (40, 400))
    assert many[:40] == few
    assert set(many) == set(PARTS)


@pytest.mark.parametrize("policy", POLICIES)
def test_samples_with_the_same_parameters_are_in_the_same_part(policy):
    twice = sobol(60)
    twice += [Point(60 + point.index, 60 + point.index, point.identity) for point in twice]
    parts = policy.parts_of(twice, AXES)
    assert parts[:60] == parts[60:]


def test_groups_stay_together():
    groups = points(*({"k_dust": k / 50, "latitude": lat / 10} for k in range(50) for lat in range(10)))
    parts = SplitPolicy(kind="grouped", by=("k_dust",)).parts_of(groups, ())
    for start in range(0, len(parts), 10):
        assert len(set(parts[start : start + 10])) == 1
    assert set(parts) == set(PARTS)


def test_strata_keep_the_fractions():
    policy = SplitPolicy(0.7, 0.2, kind="stratified", by=("bottom_bc", "k_dust"))
    samples = sobol(1500)
    parts = policy.parts_of(samples, AXES)
    strata = {}
    for point, part in zip(samples, parts, strict=True):
        level = int((np.log10(point.params["k_dust"]) + 2) / 2 * 5)
        strata.setdefault((point.params["bottom_bc"], level), []).append(part)
    assert len(strata) == 15
    for found in strata.values():
        assert abs(found.count("train") - 0.7 * len(found)) < 2
        assert abs(found.count("val") - 0.2 * len(found)) < 2


def test_a_box_is_held_out():
    policy = SplitPolicy(hold_out=("latitude > radians(50)", "k_dust < 0.02 and bottom_bc = 'neumann'"))
    base = SimulationConfig()
    held = [
        policy.is_held_out(values_of(base, point))
        for point in points(
            {"latitude": 1.0, "k_dust": 0.1},
            {"latitude": 0.5, "k_dust": 0.1},
            {"latitude": 0.5, "k_dust": 0.01},
            {"latitude": 0.5, "k_dust": 0.01, "bottom_bc": "dirichlet"},
        )
    ]
    assert held == [True, False, True, False]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "grouped"}, "need parameters: --by"),
        ({"by": ("latitude",)}, "need parameters: --by"),
        ({"kind": "extrapolation"}, "say what to hold out"),
        ({"kind": "randm"}, "did you mean 'random'"),
        ({"hold_out": ("latitude >",)}, "--hold-out: cannot be read"),
        ({"hold_out": ("t_surf_max > 300",)}, "unknown name 't_surf_max'"),
    ],
)
def test_policies_that_make_no_sense_are_refused(options, said):
    with pytest.raises(ConfigError, match=said):
        SplitPolicy(**options)


def test_parameters_that_were_not_swept_make_no_groups():
    with pytest.raises(ConfigError, match="'latitud' was not swept; did you mean 'latitude'"):
        SplitPolicy(kind="grouped", by=("latitud",)).parts_of(sobol(3), AXES)


def inputs(requests, *params):
    columns = read_columns(requests)
    rows = [[column.value(values_of(SimulationConfig(), point)) for column in columns] for point in points(*params)]
    described = inputs_of(columns, rows)
    return described, [described.row(row).tolist() for row in rows]


def test_inputs_are_columns_with_units_and_codes():
    described, rows = inputs(
        ("k_dust", "bottom_bc", "sun"),
        {"k_dust": 0.1, "bottom_bc": "neumann", "sun": True},
        {"k_dust": 0.2, "bottom_bc": "dirichlet", "sun": False},
    )
    assert described.names == ("k_dust", "bottom_bc", "sun")
    assert described.units == ("W/m/K", "1", "1")
    assert described.categories == {"bottom_bc": ("dirichlet", "neumann")}
    assert rows == [[0.1, 1.0, 1.0], [0.2, 0.0, 0.0]]


def test_inputs_may_be_derived_or_computed():
    moon = {"k_dust": 0.01, "rho_dust": 1600.0, "cp_dust": 625.0, "P": 40000.0, "R": 2.0, "albedo": 0.19, "em": 0.9}
    described, (row,) = inputs(("thermal_inertia", "skin_depth", "theta", "size=log10(P) + skin_depth"), moon)
    assert row[0] == pytest.approx(100.0)
    assert row[1] == pytest.approx(np.sqrt(0.01 * 40000.0 / (np.pi * 1600.0 * 625.0)))
    hottest = (0.81 * 1361.0 / 4.0 / (0.9 * 5.670374e-8)) ** 0.25
    assert row[2] == pytest.approx(100.0 * np.sqrt(2 * np.pi / 40000.0) / (0.9 * 5.670374e-8 * hottest**3), rel=1e-6)
    assert row[3] == pytest.approx(np.log10(40000.0) + row[1])
    assert described.units == ("J m-2 K-1 s-1/2", "m", "1", "1")


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        (("k_dusst",), "did you mean 'k_dust'"),
        (("thermal_inetria",), "did you mean 'thermal_inertia'"),
        (("t_surf_max",), "unknown input 't_surf_max'"),
        (("k_dust", "k_dust"), "stands there twice"),
        (("x=t_surf_max",), "unknown name 't_surf_max'"),
        (("x=k_dust > 1",), "is no number"),
        (("x=log(latitude)",), "has no value"),
        (("x=__import__('os')",), "unknown function"),
        (("2x=k_dust",), "no name for an input"),
        (("theta=k_dust",), "is what it is already"),
        (("crater_mesh",), "is null in 1 samples"),
    ],
)
def test_inputs_that_are_none_are_refused(requests, said):
    with pytest.raises(ConfigError, match=said):
        inputs(requests, {"k_dust": 0.1, "latitude": 0.0})


GOOD = {**dict.fromkeys(result_names()), "accuracy_met": 1, "estimated_error": 0.05, "energy_residual": -1e-7}


def reason(where=None, params=None, results=None, **bounds):
    found = {**GOOD, **(results or {})}
    values = Values(SimulationConfig(), params or {}, found)
    return Filters(where, **bounds).reason_against(values, found)


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("latitude < 0.5 AND bottom_bc = 'neumann'", True),
        ("latitude < 0.5 and not bottom_bc == 'neumann'", False),
        ("bottom_bc <> 'neumann' OR estimated_error <= 0.05", True),
        ("bottom_bc IN ('neumann', 'dirichlet')", True),
        ("bottom_bc not in ('neumann', 'dirichlet')", False),
        ("error_facets IS NULL", True),
        ("error_facets is not null", False),
        ("error_facets < 1", False),
        ("NOT sun", False),
        ("thermal_inertia > 20 and thermal_wall_time is null", True),
        ("0 <= latitude < 1", True),
        ("1 / latitude > 0", False),
    ],
)
def test_where_is_read_as_sql_is_written(where, holds):
    assert reason(where, {"latitude": 0.0}) == (None if holds else "outside of --where")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("latitde < 1", "unknown name 'latitde'; did you mean 'latitude'"),
        ("estimated_eror < 1", "did you mean 'estimated_error'"),
        ("latitude < 1; drop table run", "cannot be read"),
        ("latitude + 1", "is no condition"),
        ("select 1", "cannot be read"),
        ("latitude between 0 and 1", "cannot be read"),
        ("'", "cannot be read"),
        ("", "cannot be read"),
        ("x" * 600, "longer than 500 characters"),
        ("bottom_bc = 'neuman'", "did you mean 'neumann'"),
        ("exec('rm')", "unknown function"),
    ],
)
def test_what_is_no_condition_is_refused(where, said):
    with pytest.raises(ConfigError, match=rf"^--where: .*{said}"):
        Filters(where)


def test_runs_that_are_not_good_enough_are_left_out_with_the_reason():
    assert reason() is None
    assert reason(results={"accuracy_met": 0}) == "accuracy not met"
    assert reason(results={"energy_residual": -0.02}) == "energy residual above 0.01"
    assert reason(results={"facet_energy_residual": 0.02}) == "energy residual above 0.01"
    assert reason(results={"energy_residual": -0.02}, max_energy_residual=0.1) is None
    assert reason(max_error=0.04) == "estimated error above 0.04 K"
    assert reason(max_error=0.06, results={"facet_estimated_error": 0.1}) == "estimated error above 0.06 K"
    assert reason(max_error=0.06) is None
    with pytest.raises(ConfigError, match="--max-error: -1 is not above 0"):
        Filters(max_error=-1)


def test_inputs_in_common_are_found():
    rng = np.random.default_rng(3)
    train = rng.random((500, 3)) * [1.0, 1000.0, 0.0] + [0.0, 0.0, 5.0]
    val = np.concatenate(
        [rng.random((20, 3)) * [1.0, 1000.0, 0.0] + [0.0, 0.0, 5.0], train[:4], np.add(train[4:7], [0, 0.01, 0])]
    )
    leaks = {(leak.part, leak.other): leak for leak in find_leaks({"train": train, "val": val, "test": val[:2]})}
    found = leaks["train", "val"]
    assert (found.identical, found.near) == (4, 3)
    assert 0.001 < found.distance < 0.1
    assert leaks["val", "test"].identical == 2
    assert leaks["train", "test"].identical == 0


def curve(hours, *, name="T_surf", dim="time"):
    values = 300.0 + 50.0 * np.cos(2 * np.pi * (np.asarray(hours) - 13.0) / 24.0)
    return Arrays({name: values}, {dim: Coordinate(np.asarray(hours, dtype=float), "h", "")})


def common(*samples):
    survey = Survey()
    for number, sample in enumerate(samples):
        survey.add(sample.coordinates, f"s/{number}")
    return survey, survey.axes()


def test_days_with_other_steps_are_brought_to_the_coarsest():
    fine, coarse, odd = (curve(24.0 * np.arange(count) / count) for count in (48, 12, 36))
    survey, axes = common(fine, coarse, odd)
    assert survey.different == ["time"]
    assert axes["time"].values.tolist() == [2.0 * i for i in range(12)]
    for sample in (fine, coarse, odd):
        assert on_axes(sample, axes).arrays["T_surf"] == pytest.approx(coarse.arrays["T_surf"], abs=0.5)
    assert np.array_equal(on_axes(fine, axes).arrays["T_surf"], coarse.arrays["T_surf"])


def test_midnight_lies_between_the_last_time_and_the_first():
    shifted = curve(np.arange(24.0) + 0.5)
    axes = {"time": Coordinate(np.array([0.0, 23.9]), "h", "")}
    found = on_axes(shifted, axes).arrays["T_surf"]
    assert found == pytest.approx(curve([0.0, 23.9]).arrays["T_surf"], abs=0.5)


def test_depths_are_cut_to_what_all_samples_have():
    def profile(depths):
        depths = np.asarray(depths)
        arrays = {"T_profile": 250.0 + 100.0 * depths[:, None] * np.ones(3)}
        coordinates = {"depth": Coordinate(depths, "m", ""), "time": Coordinate(np.arange(3.0), "h", "")}
        return Arrays(arrays, coordinates)

    long, short = profile(np.geomspace(0.001, 1.0, 40)), profile(np.geomspace(0.002, 0.5, 50))
    _, axes = common(short, long)
    depths = axes["depth"].values
    assert 0.002 <= depths[0] < depths[-1] <= 0.5
    assert set(depths) < set(long.coordinates["depth"].values)
    for sample in (long, short):
        found = on_axes(sample, axes).arrays["T_profile"]
        assert found == pytest.approx(250.0 + 100.0 * depths[:, None] * np.ones(3), abs=1e-9)


def test_axes_that_have_nothing_in_common_are_refused():
    with pytest.raises(ConfigError, match="no range in common"):
        common(curve([1.0, 2.0, 3.0]), curve([5.0, 6.0]))
    channels = [
        Arrays({}, {"channel": Coordinate(np.array(names), "1", "")}) for names in (["a", "b"], ["a", "b", "c"])
    ]
    with pytest.raises(ConfigError, match="sample s/1 has another channel axis than those before it, 3 in place of 2"):
        common(*channels)


@given(st.permutations(range(5)))
def test_common_axes_do_not_depend_on_the_order_of_samples(order):
    samples = [curve(np.linspace(low, high, count)) for low, high, count in
               ((0, 10, 6), (1, 12, 6), (2, 11, 9), (0.5, 9, 7), (0, 30, 20))]  # fmt: skip
    _, axes = common(*(samples[place] for place in order))
    assert axes["time"].values.tolist() == common(*samples)[1]["time"].values.tolist()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 2**31))
def test_the_fingerprint_does_not_depend_on_how_rows_come(sizes, seed):
    rows = np.random.default_rng(seed).random((sum(sizes), 3))
    at_once, in_parts = Content(), Content()
    at_once.add("train/inputs", rows)
    for chunk in np.split(rows, np.cumsum(sizes)[:-1]):
        in_parts.add("train/inputs", chunk)
    assert at_once.fingerprint() == in_parts.fingerprint()
    rows[-1, -1] += 1e-9
    other = Content()
    other.add("train/inputs", rows)
    assert other.fingerprint() != at_once.fingerprint()
