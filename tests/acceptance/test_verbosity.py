"""`--verbose` and `--debug`: before a command or after it, on stderr, and nothing for those who did not ask."""

import logging
import re

import pytest
from commands import Process, write_sweep

from tmx import messages


@pytest.fixture(autouse=True)
def quiet():
    yield
    messages.show(messages.QUIET)


def test_what_is_decided_is_said_to_those_who_ask(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 1)
    submit = ("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o")
    assert tmx(*submit, "quiet").err == ""
    for number, command in enumerate((("-v", *submit, "a"), (*submit, "b", "--verbose"))):
        answer = tmx(*command)
        assert answer.code == 0
        assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} config\.loading: read base.yaml: 6 fields", answer.err, re.M)
        assert "0 new runs; reused" in answer.err
        assert "shared, since other sweeps will: 4" in answer.err
        assert "SELECT" not in answer.err
        assert answer.out.startswith(f"sweep {'ab'[number]}: 2 new samples")
    assert tmx("status").err == ""


@pytest.mark.parametrize("place", [0, 1])
def test_statements_and_their_times_are_shown_to_those_who_debug(tmx, directory, place):
    assert tmx("db", "upgrade").code == 0
    words = ["status", "--json"]
    words.insert(place, "--debug")
    answer = tmx(*words)
    assert re.search(r"registry\.sql: \d+\.\d\d ms: SELECT version_num FROM alembic_version$", answer.err, re.M)
    assert answer.out.startswith("{")


def test_where_an_error_comes_from_is_shown_to_those_who_debug(tmx, directory):
    answer = tmx("show", "--debug", "run", 1)
    assert answer.code == 4
    assert "tmx.errors.NotFoundError: there is no registry" in answer.err
    assert answer.err.splitlines()[-1].startswith("tmx: there is no registry at tmx.db")
    assert tmx("show", "run", 1).err.count("\n") == 1


def test_processes_that_compute_are_as_talkative(directory):
    write_sweep(directory / "sweep.yaml", 2, 1)
    command = ("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 2)
    answer = Process(directory, *command, "-v").wait(120)
    assert answer.code == 0, answer.err
    assert "execution.pool: starts 2 workers, backend loky; logs in " in answer.err
    assert (
        answer.err.count("simulation: thermal computed in ")
        == answer.err.count("simulation: radiance computed in ")
        == 2
    )
    assert re.search(r"execution\.worker: run 1: is done after ", answer.err)
    logs = "".join(path.read_text() for path in (directory / "logs").iterdir())
    assert "execution.pool" not in logs
    assert len(re.findall(r"Z run \d+: is done after ", logs)) == 4
    assert re.search(r"Z run 1: \| .*simulation: thermal computed in .*: \d+ cells, \d+ steps a day", logs)


def test_users_of_the_library_configure_logging_themselves(caplog):
    from tmx import SimulationConfig, ThermalSimulator

    with caplog.at_level(logging.INFO, "tmx.simulation"):
        ThermalSimulator(SimulationConfig(freq_out=4, accuracy=5.0)).run()
    (record,) = (each for each in caplog.records if each.name == "tmx.simulation")
    assert record.getMessage().endswith(" K of 5 K that are allowed")
