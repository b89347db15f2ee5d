"""Compiled code: the same numbers without the compiler, and a cache that never goes stale."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from tmx.physics import compiled

DAY = """
import json
import numpy as np
from tmx.physics.column import Bottom, Surface, make_column
from tmx.physics.grid import geometric_edges
from tmx.physics.insolation import make_sun
from tmx.physics.materials import Layer, biele_heat_capacity
from tmx.physics.site import Site, day_mesh

layers = [Layer(0.02, 1100.0, 1e-3, biele_heat_capacity, 6e-8), Layer(0.3, 2500.0, 1.0, 750.0)]
edges = [geometric_edges(layer.thickness, layer.thickness / 4, 1.2) for layer in layers]
column = make_column(layers, edges, Surface(0.95, 2.0), Bottom(0.05, 240.0))
sun = make_sun(period=3e4, latitude=0.4, declination=0.1, flux=1361.0, albedo=0.1, albedo_a=0.06, albedo_b=0.25)
site = Site(column, None, sun, 300.0)
day = site.integrate(day_mesh(sun), site.even(250.0), 1.0, record=True)
print(json.dumps([*day.end, *day.means.temperature, *map(float, day.summary)]))
"""


def run_day(**environment):
    answer = subprocess.run(
        [sys.executable, "-c", DAY], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return np.array(json.loads(answer.stdout))


def test_kernels_give_the_same_without_the_compiler():
    assert run_day(NUMBA_DISABLE_JIT="1") == pytest.approx(run_day(), rel=1e-9, abs=1e-6)


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    compiled.cache_directory.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    yield tmp_path / "tmx-kernels"
    compiled.cache_directory.cache_clear()


def test_the_cache_is_named_by_the_sources(fresh, monkeypatch):
    first = compiled.cache_directory()
    assert first.parent == fresh
    assert first.is_dir()
    assert not compiled.is_compiled("anything")
    compiled.cache_directory.cache_clear()
    assert compiled.cache_directory() == first
    compiled.cache_directory.cache_clear()
    monkeypatch.setattr(compiled, "_hash_of_sources", lambda: "other")
    assert compiled.cache_directory() == fresh / "other"


WAIT = """
import sys, time
from tmx.physics.compiled import one_compiles

with one_compiles("something"):
    began = time.time()
    time.sleep(float(sys.argv[1]))
    ended = time.time()
print(began, ended)
"""


def test_one_process_compiles_and_the_others_wait(fresh, tmp_path):
    def start(seconds):
        command = [sys.executable, "-c", WAIT, str(seconds)]
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def turn(process):
        out, err = process.communicate(timeout=60)
        return *map(float, out.split()), err

    killed = start(60)
    while not list(fresh.rglob("something.lock")):
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    turns = sorted(turn(process) for process in [start(0.5) for _ in range(3)])
    assert [err.count("compiling the physics of something") for _, _, err in turns] == [1, 0, 0]
    assert all(began >= turns[0][1] for began, _, _ in turns[1:])
    assert min(turns[1][1], turns[2][1]) > max(turns[1][0], turns[2][0])
    assert compiled.is_compiled("something")


def test_caches_that_nobody_used_lately_are_forgotten(fresh, monkeypatch):
    for number in range(12):
        (fresh / f"old{number}").mkdir(parents=True)
        os.utime(fresh / f"old{number}", (number, number))
    monkeypatch.setattr(compiled, "_hash_of_sources", lambda: "old3")
    compiled.cache_directory()
    assert {path.name for path in fresh.iterdir()} == {"old3", *(f"old{number}" for number in range(5, 12))}


def test_a_place_that_cannot_be_written_to_is_passed_over(fresh, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert compiled.cache_directory().parent == tmp_path / "home" / "tmx-kernels"


def test_other_functions_of_numba_keep_their_cache(fresh):
    from numba import config

    before = config.CACHE_DIR
    compiled.kernel(lambda x: x)
    assert before == config.CACHE_DIR
