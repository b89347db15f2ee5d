"""The cache of scattering tables: found again, recomputed when damaged, apart for all that differs."""

import dataclasses
import re
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.physics.grains.composition import parse_composition
from tmx.physics.grains.grains import Coating, Grains
from tmx.physics.grains.material import material_from_table
from tmx.physics.grains.minerals import mineral_named
from tmx.physics.grains.sizes import Lognormal, PowerLaw, SingleSize
from tmx.stages import scattering
from tmx.stages.optics import regolith_of
from tmx.stages.scattering import cached_scattering_table, content_key, edges_text, table_text

EDGES = 100.0 * np.linspace(400.0, 1100.0, 8)


def grains(**more):
    return Grains(**{"composition": parse_composition("forsterite"), "sizes": SingleSize(15e-6), **more})


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Return the directory of a cache of the test's own, and a list that grows with every table computed."""
    computed = []
    compute = scattering.scattering_table

    def counted(edges, given):
        computed.append(given)
        return compute(edges, given)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(scattering, "scattering_table", counted)
    return tmp_path / "tmx-optics", computed


def same(first, second):
    return all(
        np.array_equal(getattr(first, field.name), getattr(second, field.name)) for field in dataclasses.fields(first)
    )


def test_a_table_is_computed_once(cache):
    directory, computed = cache
    first = cached_scattering_table(EDGES, grains())
    second = cached_scattering_table(EDGES, grains())
    assert len(computed) == 1
    assert same(first, second)
    assert [path.suffix for path in directory.iterdir()] == [".table"]


def test_a_cached_table_takes_no_time(cache):
    cached_scattering_table(EDGES, grains())
    taken = []
    for _ in range(10):
        begun = time.perf_counter()
        cached_scattering_table(EDGES, grains())
        taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.002


@pytest.mark.parametrize("damage", [b"", b"nothing of the kind", "half", "flipped"])
def test_a_damaged_file_is_computed_anew(cache, damage):
    directory, computed = cache
    first = cached_scattering_table(EDGES, grains())
    (path,) = directory.iterdir()
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 0x10]) + whole[middle + 1 :]
    path.write_bytes({"half": whole[: len(whole) // 2], "flipped": flipped}.get(damage, damage))
    assert same(cached_scattering_table(EDGES, grains()), first)
    assert len(computed) == 2
    assert same(cached_scattering_table(EDGES, grains()), first)
    assert len(computed) == 2


def test_everything_that_matters_makes_another_key(monkeypatch):
    flat = material_from_table("flat", np.array([1e-6, 1e-4]), np.array([1.5, 1.5]), np.array([0.1, 0.1]))
    other = material_from_table("flat", np.array([1e-6, 1e-4]), np.array([1.5, 1.5]), np.array([0.1, 0.2]))
    cases = [
        (EDGES, grains()),
        (EDGES * (1 + 1e-15), grains()),
        (EDGES[1:], grains()),
        (EDGES, grains(composition=parse_composition("quartz"))),
        (EDGES, grains(composition=parse_composition("forsterite 0.5, quartz 0.5"))),
        (EDGES, grains(composition=parse_composition("quartz 0.5, forsterite 0.5"))),
        (EDGES, grains(composition=((flat, 1.0),))),
        (EDGES, grains(composition=((other, 1.0),))),
        (EDGES, grains(sizes=SingleSize(16e-6))),
        (EDGES, grains(sizes=Lognormal(15e-6, 1.5))),
        (EDGES, grains(sizes=PowerLaw(15e-7, 15e-6))),
        (EDGES, grains(mixing="bruggeman")),
        (EDGES, grains(coating=Coating(mineral_named("magnetite"), 0.1))),
        (EDGES, grains(coating=Coating(mineral_named("magnetite"), 0.2))),
        (EDGES, grains(packing=0.4)),
        (EDGES, grains(without_forward_peak=True)),
    ]
    keys = [content_key(edges, given) for edges, given in cases]
    monkeypatch.setattr(scattering, "VERSION", scattering.VERSION + 1)
    keys.append(content_key(EDGES, grains()))
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


def test_many_at_once_share_a_cache(cache):
    with ThreadPoolExecutor(8) as pool:
        tables = list(pool.map(lambda _: cached_scattering_table(EDGES, grains()), range(16)))
    assert all(same(table, tables[0]) for table in tables)
    assert len(list(cache[0].iterdir())) == 1


def test_a_cache_that_cannot_be_written_to_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cached_scattering_table(EDGES, grains()).extinction.size == 7


def test_what_cannot_be_computed_is_a_config_error(cache):
    with pytest.raises(ConfigError, match=r"forsterite is known from 0\.2 to 190 um: 1000 um is 810 um too long"):
        cached_scattering_table(np.array([1e3, 1e5]), grains())
    assert not cache[0].exists()


def test_a_written_table_is_read_back(cache, tmp_path):
    computed = cached_scattering_table(EDGES, grains())
    (tmp_path / "mie.txt").write_text(table_text(computed, "forsterite", 15e-6))
    (tmp_path / "edges.txt").write_text(edges_text(computed))
    fields = {"mie_file": str(tmp_path / "mie.txt"), "wn_bounds": str(tmp_path / "edges.txt")}
    config = SimulationConfig(
        use_RTE=True, Et=4000.0, thermal_evolution_mode="multi_wave", radius=15e-6, fill_frac=0.4, **fields
    )
    bands = regolith_of(config).thermal[1:-1]
    assert [band.low for band in bands] == pytest.approx(EDGES[:-1], rel=1e-10)
    assert [band.optics.albedo for band in bands] == pytest.approx(computed.albedo, rel=1e-9)
    assert [band.optics.asymmetry for band in bands] == pytest.approx(computed.asymmetry, rel=1e-9)
    expected = 0.4 / computed.volume * computed.extinction
    assert [band.optics.extinction for band in bands] == pytest.approx(expected, rel=1e-9)
