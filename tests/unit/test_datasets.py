from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmx.datasets.arrays import columns_of
from tmx.datasets.builder import _Moments
from tmx.datasets.selection import Member
from tmx.datasets.splits import PARTS, SplitPolicy
from tmx.errors import ConfigError

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
    moments = _Moments()
    for chunk in np.split(rows, np.cumsum(sizes)[:-1]):
        moments.add(chunk)
    assert moments.mean == pytest.approx(rows.astype(float).mean(axis=0), rel=1e-12)
    assert moments.std == pytest.approx(rows.astype(float).std(axis=0), rel=1e-6, abs=1e-12)


def member(index, **params):
    return Member(index, index, "", params, "", None, ())


def test_inputs_are_columns_with_units_and_codes():
    members = [
        member(0, k_dust=0.1, bottom_bc="neumann", sun=True),
        member(1, k_dust=0.2, bottom_bc="dirichlet", sun=False),
    ]
    inputs = columns_of(members)
    assert inputs.names == ("k_dust", "bottom_bc", "sun")
    assert inputs.units == ("W/m/K", "1", "1")
    assert inputs.categories == {"bottom_bc": ("dirichlet", "neumann")}
    assert inputs.row(members[0].params).tolist() == [0.1, 1.0, 1.0]
    assert inputs.row(members[1].params).tolist() == [0.2, 0.0, 0.0]
