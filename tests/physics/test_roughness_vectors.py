"""Rows of lanes as values of compiled functions, against numpy on the same numbers."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from tmx.physics.roughness.lanes import LANES
from tmx.physics.roughness.vectors import gather, load, spread, store, total

ROWS = st.lists(st.floats(-1e6, 1e6), min_size=2 * LANES, max_size=2 * LANES)
TABLE = np.arange(10.0) ** 2


@njit
def results(rows, number, table, out):
    a, b = load(rows, 0), load(rows, 1)
    store(out, 0, a + b * number - 2.0 / (np.abs(b) + 1.0))
    store(out, 1, np.maximum(a, b) * np.minimum(a, number))
    store(out, 2, -np.sqrt(np.abs(a)))
    changed = spread(number)
    changed += a
    changed -= b
    changed *= 3.0
    store(out, 3, changed)
    store(out, 4, gather(table, np.minimum(np.maximum(np.floor(a), 0.0), table.size - 1.0)))
    return total(b)


@given(rows=ROWS, number=st.floats(-1e3, 1e3))
def test_arithmetic_of_rows_is_that_of_arrays(rows, number):
    rows = np.array(rows).reshape(2, LANES)
    out, alone = np.zeros((5, LANES)), np.zeros((5, LANES))
    summed, expected = results(rows, number, TABLE, out), results.py_func(rows, number, TABLE, alone)
    a, b = rows
    assert (out == alone).all()
    assert (alone[1] == np.maximum(a, b) * np.minimum(a, number)).all()
    assert (alone[4] == TABLE[np.clip(np.floor(a), 0, 9).astype(int)]).all()
    assert summed == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_place_that_is_not_a_number_is_the_limit():
    rows = np.full((2, LANES), np.nan)
    out = np.zeros((5, LANES))
    results(rows, 1.0, TABLE, out)
    assert (out[4] == TABLE[0]).all()


DAY = """
import json
from dataclasses import replace

import numpy as np

from tmx.config import SimulationConfig
from tmx.physics.layout import lay_out
from tmx.physics.problem import GridRule
from tmx.physics.roughness import spherical_cap
from tmx.physics.site import day_mesh
from tmx.stages.thermal import thermal_problem

answer = []
laws = dict.fromkeys(("temperature_dependent_properties", "temp_dependent_cp", "temp_dependent_k"), True)
for config in (SimulationConfig(**laws), SimulationConfig(use_RTE=True, RTE_solver="hapke")):
    problem = replace(thermal_problem(config), facets=spherical_cap(0.3, 6))
    site = lay_out(problem, GridRule(first=0.5, ratio=1.5)).site
    day = site.integrate(day_mesh(site.sun), site.even(250.0), 20.0, record=True)
    answer += [day.summary.steps, *map(float, day.summary), *day.end[0, :, :6].ravel(), *day.means.slope.ravel()]
print(json.dumps(answer))
"""


def run_day(**environment):
    answer = subprocess.run(
        [sys.executable, "-c", DAY], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return np.array(json.loads(answer.stdout))


def test_a_day_of_facets_is_the_same_without_the_compiler():
    assert run_day(NUMBA_DISABLE_JIT="1") == pytest.approx(run_day(), rel=1e-9, abs=1e-6)
