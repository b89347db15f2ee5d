"""Workers of every backend, and workers that are elsewhere."""

import sys
import time

import pytest
from commands import Process, patch_computing, write_sweep

from tmx.registry import open_registry
from tmx.registry.sql import execute

SLOW = """
import pathlib, time
def run_thermal(config):
    pathlib.Path('begun').touch()
    time.sleep(1000)
runner.run_thermal = run_thermal
"""


def rows(registry, sql):
    with open_registry(registry) as opened, opened.read() as conn:
        return [tuple(row) for row in execute(conn, sql).all()]


@pytest.mark.parametrize("backend", ["loky", "threading", "dask", "ray"])
def test_two_workers_share_a_sweep(directory, backend):
    pytest.importorskip({"dask": "distributed", "ray": "ray"}.get(backend, "joblib"))
    write_sweep(directory / "sweep.yaml", 10, 3, radiance=False)
    files = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "out")
    answer = Process(directory, "batch", *files, "-w", 2, "--backend", backend).wait(120)
    assert answer.code == 0, answer.err
    assert "30 of 30 runs done, 0 failed" in answer.out
    assert rows(directory / "tmx.db", "SELECT backend, state, COUNT(*) FROM worker GROUP BY backend, state") == [
        (backend, "stopped", 2)
    ]
    assert rows(directory / "tmx.db", "SELECT outcome, COUNT(*) FROM attempt GROUP BY outcome") == [("done", 30)]


def test_workers_that_no_signal_reaches_are_told_to_stop(directory):
    pytest.importorskip("distributed")
    write_sweep(directory / "sweep.yaml", 4, 1, radiance=False)
    files = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "out")
    crew = ("-w", 2, "--backend", "dask", "--grace", "0.5s")
    process = Process(directory, "batch", *files, *crew, **patch_computing(directory, SLOW))
    deadline = time.monotonic() + 60
    while not (directory / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    answer = process.wait(30)
    assert (answer.code, "Traceback" in answer.err) == (130, False), answer.err
    assert rows(directory / "tmx.db", "SELECT DISTINCT outcome FROM attempt") == [("released",)]


@pytest.mark.parametrize(("backend", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_missing_package_is_named(tmx, directory, monkeypatch, backend, module):
    write_sweep(directory / "sweep.yaml", 1, 1, radiance=False)
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out").code == 0
    monkeypatch.setitem(sys.modules, module, None)
    answer = tmx("work", "--backend", backend)
    assert answer.code == 2
    assert f"pip install 'tmx[{backend}]'" in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_another_machine_has_its_own_store(directory, registry_url):
    """All that it needs are the URL and the place where the shared directory is mounted."""
    write_sweep(directory / "sweep.yaml", 2, 2)
    here, there = directory / "here", directory / "there"
    here.mkdir()
    files = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "here/out", "--store", "here")
    assert Process(directory, "submit", *files, "--db", registry_url).wait(60).code == 0
    assert rows(registry_url, "SELECT output_dir FROM sweep") == [("out",)]
    here.rename(there)
    (directory / "elsewhere").mkdir()
    environment = {"TMX_DATABASE_URL": registry_url, "TMX_STORE": there}
    answer = Process(directory / "elsewhere", "work", "-w", 1, **environment).wait(60)
    assert answer.code == 0, answer.err
    assert len(list((there / "out").rglob("*.h5"))) == 8
    assert not here.exists()
    assert all(path.startswith("out/") for (path,) in rows(registry_url, "SELECT path FROM artifact"))
