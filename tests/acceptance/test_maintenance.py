"""The commands that look after registries and stores, as a user has them: beside workers, and killed."""

import json
import os
import time
from pathlib import Path

from commands import Process, write_sweep

from tmx.registry import open_registry
from tmx.registry.sql import execute


def batch(tmx):
    write_sweep(Path("sweep.yaml"), 2, 2)
    assert tmx("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1, "--create-dataset").code == 0


def fingerprint(tmx, *options):
    answer = tmx("dataset", "build", "--sweep", "out", "--allow-empty", *options)
    assert answer.code == 0, answer.err
    return answer.out.split()[-1]


def test_damage_is_named_and_repaired(tmx, directory):
    batch(tmx)
    before = fingerprint(tmx)
    answer = tmx("verify")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("8 runs and 9 files (")
    assert answer.out.endswith(": all is whole\n")
    thermal, radiance = (
        sorted((directory / "out" / name).iterdir()) for name in ("thermal_results", "radiance_results")
    )
    os.truncate(thermal[0], 100)
    radiance[1].unlink()
    answer = tmx("verify", "out")
    assert answer.code == 1
    *lines, verdict = answer.out.splitlines()
    assert [f"out/thermal_results/{thermal[0].name} has 100 bytes in place of " in lines[0]] == [True]
    assert f"out/radiance_results/{radiance[1].name} is missing: `tmx verify --repair`" in lines[1]
    assert "2 faults found" in verdict
    answer = tmx("verify", "--repair", "--json")
    assert answer.code == 0
    found = json.loads(answer.out)
    assert (found["damaged"], found["left"]) == (2, 0)
    assert {finding["repaired"] for finding in found["findings"]} == {"pending again"}
    answer = tmx("verify")
    assert answer.code == 0
    assert "nothing is damaged" in answer.out
    assert "8 of 8 runs done" in tmx("resume", "out", "-w", 1).out
    assert tmx("verify").out.endswith(": all is whole\n")
    assert fingerprint(tmx) == before
    answer = tmx("verify", "nonsense")
    assert (answer.code, answer.out, answer.err.count("\n")) == (4, "", 1)


def test_garbage_is_shown_first(tmx, directory):
    batch(tmx)
    (directory / "out/ml_dataset.h5").unlink()
    cache = directory / "cache"
    os.environ["XDG_CACHE_HOME"] = str(cache)
    try:
        shown = tmx("gc")
        assert shown.code == 0
        assert "dataset out/ml_dataset.h5, whose file is gone" in shown.out
        assert "1 thing (0 B) of no use; `tmx gc --yes` removes them" in shown.out
        assert tmx("gc").out == shown.out
        assert "removed 1 thing" in tmx("gc", "--yes").out
        assert tmx("gc").out == "nothing to remove\n"
        assert json.loads(tmx("gc", "--json").out) == {"garbage": [], "spared": []}
    finally:
        del os.environ["XDG_CACHE_HOME"]
    assert tmx("verify").code == 0


def test_a_sweep_goes_to_another_place_and_a_registry_to_another_file(tmx, directory, monkeypatch):
    batch(tmx)
    before = fingerprint(tmx)
    assert "8 of 8 runs done, 9 files" in tmx("export", "out", "folder").out
    elsewhere = directory / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    answer = tmx("import", "nowhere")
    assert (answer.code, answer.out, answer.err.count("\n")) == (4, "", 1)
    assert not list(elsewhere.iterdir())
    assert "4 new samples, 8 results taken in, 0 known before, 1 dataset" in tmx("import", "../folder").out
    assert "0 new samples, 0 results taken in, 8 known before, 0 datasets" in tmx("import", "../folder").out
    assert tmx("verify").code == 0
    assert fingerprint(tmx) == before
    answer = tmx("db", "copy", "tmx.db", "../copy.db")
    assert answer.code == 0
    assert f"TMX_STORE={elsewhere}" in answer.err
    answer = tmx("db", "copy", "tmx.db", "../copy.db")
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    monkeypatch.setenv("TMX_STORE", str(elsewhere))
    assert fingerprint(tmx, "--db", directory / "copy.db") == before


def test_verify_and_gc_beside_workers_and_after_their_death(tmx, directory):
    write_sweep(directory / "sweep.yaml", 20, 8)
    work = Process(directory, "batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1)
    deadline = time.monotonic() + 60
    while len(list((directory / "out").rglob("*.h5"))) < 10:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for _ in range(3):
        answer = tmx("verify", "--repair")
        assert (answer.code, answer.err) == (0, "")
        assert not [line for line in answer.out.splitlines() if "its file" in line]
        assert tmx("gc", "--yes", "--min-age", 0).code == 0
    assert work.is_running()
    work.kill_all()
    held = sorted((directory / "out").rglob("*.h5"))
    held[0].unlink()
    assert tmx("verify", "--repair").code == 0
    assert tmx("gc", "--yes", "--min-age", 0).code == 0
    assert not list((directory / "out").rglob("*.tmp"))
    answer = tmx("resume", "-w", 1)
    assert "320 of 320 runs done, 0 failed" in answer.out, answer
    assert tmx("verify").out.endswith(": all is whole\n")


def test_an_import_that_is_killed_is_done_again(tmx, directory, monkeypatch):
    write_sweep(directory / "sweep.yaml", 10, 8)
    assert tmx("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1).code == 0
    assert tmx("export", "out", "folder").code == 0
    elsewhere = directory / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert tmx("db", "upgrade").code == 0
    killed = Process(elsewhere, "import", "../folder")
    deadline = time.monotonic() + 60
    while not (elsewhere / "out").exists() and killed.is_running():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    killed.kill_all()
    with open_registry(elsewhere / "tmx.db") as registry, registry.read() as conn:
        assert execute(conn, "SELECT COUNT(*) FROM run").scalar() in {0, 160}
    assert tmx("import", "../folder").code == 0
    assert tmx("gc", "--yes", "--min-age", 0).code == 0
    assert not list(elsewhere.rglob("*.tmp"))
    assert tmx("verify").out.endswith(": all is whole\n")
