"""Whatever a user gets wrong: one clear line, the right exit code, and nothing left behind."""

import json
import sqlite3

import pytest
from commands import write_sweep
from sqlalchemy.engine import make_url


def batch(tmx, *more):
    return tmx("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "-w", 1, *more)


def assert_refused(answer, *words, code=2):
    assert answer.code == code, answer
    assert answer.out == ""
    lines = [line for line in answer.err.splitlines() if not line.startswith("warning:")]
    assert len(lines) == 1, answer.err
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("latitde: 0.3\n", ["base.yaml:1:1", "unknown field 'latitde'", "latitude"]),
        ("em: bright\n", ["base.yaml:1:5", "em", "'bright'", "a number"]),
        ("em: 1.7\n", ["base.yaml:1:5", "em", "1.7", "from 0.001 to 1"]),
        ("diurnal: no\n", ["base.yaml:1:10", "diurnal", "true or false"]),
        ("latitude: 30 km\n", ["base.yaml:1:11", "latitude", "km"]),
        ("em: 0.9\nem: 0.8\n", ["base.yaml:2:1", "em", "line 1"]),
        ("em: [0.9\n", ["base.yaml:"]),
        ("\tem: 0.9\n", ["base.yaml:1"]),
        ("T_fixed: true\n", ["T_fixed", "diurnal"]),
        ("ndays: 3\nequilibrium: true\n", ["ndays"]),
        ("sun: false\n", ["sun"]),
        ("emissivity_file: nowhere.txt\n", ["base.yaml:1:18", "nowhere.txt"]),
        ("- em\n", ["base.yaml"]),
        ("", ["base.yaml"]),
    ],
)
def test_bad_configs(tmx, directory, text, words):
    (directory / "base.yaml").write_text(text)
    write_sweep(directory / "sweep.yaml", 2, 2)
    before = sorted(directory.iterdir())
    assert_refused(tmx("config", "check", "base.yaml"), *words)
    assert_refused(tmx("single", "-c", "base.yaml"), *words)
    assert_refused(batch(tmx), *words)
    assert sorted(directory.iterdir()) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parameter_sweeps: [{parameter: latitde, type: linear, min: 0, max: 1, n_samples: 2}]\n", ["latitude"]),
        ("parameter_sweeps: [{parameter: em, type: linear, min: 0.5, max: 1.5, n_samples: 3}]\n", ["em", "1.5"]),
        ("parameter_sweeps: [{parameter: em, type: linaer, min: 0.5, max: 1, n_samples: 3}]\n", ["linear"]),
        ("parameter_sweps: []\n", ["parameter_sweeps"]),
        ("design: sobul\nparameter_sweeps: []\n", ["full_factorial"]),
        ("parameter_sweeps: [{parameter: rho_dust, type: log_uniform, min: 0, max: 9, n_samples: 3}]\n", ["rho_dust"]),
    ],
)
def test_bad_sweeps(tmx, directory, text, words):
    (directory / "sweep.yaml").write_text(text)
    before = sorted(directory.iterdir())
    assert_refused(batch(tmx), "sweep.yaml", *words)
    assert sorted(directory.iterdir()) == before


def test_missing_files(tmx, directory):
    assert_refused(batch(tmx), "sweep.yaml")
    assert_refused(tmx("single", "-c", "nothing.yaml"), "nothing.yaml")
    assert_refused(tmx("postprocess", "-t", "nothing.h5"), "nothing.h5: no such file", code=4)
    assert_refused(tmx("status"), "tmx.db", code=4)
    assert_refused(tmx("resume"), "tmx.db", code=4)


def test_a_server_that_does_not_answer(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 2)
    nowhere = ("--db", "postgresql://ann:secret@127.0.0.1:1/tmx")
    before = sorted(directory.iterdir())
    for command in (["status"], ["work"], ["resume"], ["sql", "select 1"], ["db", "upgrade"], ["db", "current"]):
        answer = tmx(*command, *nowhere)
        assert_refused(answer, "127.0.0.1:1/tmx", "cannot be reached", code=4)
        assert "secret" not in answer.err
    assert_refused(batch(tmx, *nowhere), "cannot be reached", code=4)
    assert sorted(directory.iterdir()) == before


def test_a_database_that_the_server_does_not_have(tmx, postgres_server):
    gone = make_url(postgres_server).set(database="nothing_of_this_name").render_as_string(hide_password=False)
    assert_refused(tmx("status", "--db", gone), "cannot be reached", "nothing_of_this_name", code=4)


def test_a_registry_that_is_damaged(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 1)
    assert batch(tmx).code == 0
    content = bytearray((directory / "tmx.db").read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    (directory / "tmx.db").write_bytes(content)
    assert_refused(tmx("status"), "tmx.db", "damaged")


def test_an_output_directory_that_cannot_be_written_to(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 2)
    (directory / "out").write_text("a file")
    assert_refused(batch(tmx), "output directory out: cannot be written to")
    assert_refused(batch(tmx, "-o", "sweep.yaml/below"), "sweep.yaml/below: cannot be written to: Not a directory")
    assert_refused(tmx("single", "-c", "base.yaml", "-o", "sweep.yaml"), "cannot write sweep.yaml/", "Not a directory")
    assert not (directory / "tmx.db").exists()


def test_a_refused_batch_leaves_no_output_directory(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 2)
    assert_refused(batch(tmx, "-o", "new/below", "--db", "nowhere/tmx.db"), "nowhere", code=4)
    (directory / "sweep.yaml").write_text(
        "parameter_sweeps: [{parameter: albedo, type: linear, min: 0, max: 0.9, n_samples: 4}]\n"
        "fixed_overrides: {albedo_b: 0.5}\n"
    )
    assert_refused(batch(tmx, "-o", "new/below"), "sample 2 (albedo=0.6)", "albedo at grazing incidence")
    assert not (directory / "new").exists()


def test_a_refused_sample_leaves_no_registry(tmx, directory, dialect, empty_url):
    files = ("-b", "base.yaml", "-B", "sweep.yaml", "-o", "out")
    (directory / "sweep.yaml").write_text(
        "parameter_sweeps: [{parameter: albedo, type: linear, min: 0, max: 0.9, n_samples: 4}]\n"
        "fixed_overrides: {albedo_b: 0.5}\n"
    )
    before = sorted(directory.iterdir())
    for db in ((), ("--db", empty_url)):
        for command in (("batch", "-w", 1), ("submit",)):
            assert_refused(tmx(*command, *files, *db), "sample 2 (albedo=0.6)")
            assert sorted(directory.iterdir()) == before
    assert tmx("status", "--db", empty_url).code == (4 if dialect == "sqlite" else 3)
    assert tmx("submit", *files, "--db", empty_url, "-n", 2).code == 0
    assert_refused(tmx("submit", *files, "--db", empty_url), "sample 2 (albedo=0.6)")
    assert json.loads(tmx("sql", "select count(*) as n from sample", "--db", empty_url, "--json").out) == [{"n": 2}]


def test_a_changed_config_in_the_same_directory(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 2)
    assert batch(tmx).code == 0
    before = sorted(path for path in directory.rglob("*.h5"))
    with open(directory / "base.yaml", "a") as file:
        file.write("em: 0.8\n")
    assert_refused(batch(tmx), "sweep 'out'", "another config")
    assert_refused(batch(tmx, "-o", "elsewhere", "--name", "out"), "sweep 'out'")
    assert not (directory / "elsewhere").exists()
    assert sorted(path for path in directory.rglob("*.h5")) == before
    write_sweep(directory / "sweep.yaml", 3, 2)
    assert_refused(batch(tmx), "sweep 'out'")


def test_a_name_or_directory_of_another_sweep(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 2)
    assert batch(tmx).code == 0
    assert_refused(batch(tmx, "--name", "other"), "belongs to sweep 'out'")
    assert_refused(
        tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "elsewhere", "--name", "out"), "'out'", "--name"
    )


def test_a_registry_of_another_schema_or_none(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 2)
    assert batch(tmx).code == 0
    with sqlite3.connect(directory / "tmx.db") as conn:
        conn.execute("UPDATE alembic_version SET version_num = '0000'")
    for command in (["status"], ["work"], ["sql", "select 1"]):
        assert_refused(tmx(*command), "tmx.db", "run `tmx db upgrade`", code=3)
    assert_refused(batch(tmx), "run `tmx db upgrade`", code=3)
    assert_refused(tmx("db", "check", "--db", "./tmx.db"), "run `tmx db upgrade --db ./tmx.db`", code=3)
    with sqlite3.connect(directory / "tmx.db") as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    assert_refused(tmx("status"), "update tmx", code=3)
    (directory / "no.db").write_text("this is no database, whatever its name says")
    assert_refused(tmx("status", "--db", "no.db"), "no.db")


def test_overrides(tmx, directory):
    for given, word in (("em", "em"), ("em=2", "em"), ("emm=0.9", "em"), ("em=abc", "abc"), ("=3", "=3")):
        assert_refused(tmx("single", "-c", "base.yaml", "-p", given), word)
    assert not (directory / "results").exists()


def test_fractions_and_commands(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 1)
    answer = batch(tmx, "--create-dataset", "--train-fraction", 0.8, "--val-fraction", 0.5)
    assert_refused(answer, "--train-fraction 0.8 and --val-fraction 0.5 add up to more than 1")
    assert_refused(batch(tmx, "--train-fraction", 1.5), "--train-fraction: 1.5")
    assert not (directory / "tmx.db").exists()
    assert "Did you mean 'status'" in tmx("staus").err
    assert tmx("staus").code == 2


def test_names_that_do_not_exist(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 1)
    assert batch(tmx).code == 0
    for command in (["status", "nope"], ["resume", "nope"], ["cancel", "nope"], ["retry", "nope"], ["work", "nope"]):
        assert_refused(tmx(*command), "'nope'", "out", code=4)
    assert_refused(tmx("dataset", "build", "--sweep", "nope"), "'nope'", code=4)
    assert_refused(tmx("show", "run", "ffffff"), "ffffff", code=4)
    assert_refused(tmx("show", "sample", "out/99"), "out/99", code=4)
    assert_refused(tmx("create-config", "-o", "x.yaml", "--planetary-body", "Benu"), "Benu", "Bennu")
    assert not (directory / "x.yaml").exists()


def test_sql_only_reads(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 1)
    assert batch(tmx).code == 0
    assert_refused(tmx("sql", "delete from run"), "only reads")
    assert_refused(tmx("sql", "select * from nothing"), "nothing")
    assert tmx("sql", "select count(*) as n from run", "--csv").out == "n\n2\n"


def test_a_config_is_not_overwritten(tmx, directory):
    before = (directory / "base.yaml").read_text()
    assert_refused(tmx("create-config", "-o", "base.yaml"), "base.yaml exists already", "--force")
    assert (directory / "base.yaml").read_text() == before
    assert tmx("create-config", "-o", "base.yaml", "--force").code == 0


def test_an_unfinished_sweep_has_no_dataset_yet(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 1)
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out").code == 0
    assert_refused(tmx("dataset", "build", "--sweep", "out"), "no sample that a dataset can use: 2 not done")
    assert not (directory / "out/ml_dataset.h5").exists()


def test_options_and_commands(tmx, directory):
    write_sweep(directory / "sweep.yaml", 2, 2)
    assert_refused(tmx("sttus"), "'sttus'. Did you mean 'status'? See `tmx --help`")
    assert_refused(tmx("batch", "-b", "base.yaml"), "'--batch-config' / '-B'. See `tmx batch --help`")
    assert_refused(batch(tmx, "--wrkers", 2), "'--wrkers'", "'--workers'")
    assert_refused(batch(tmx, "-n", 0), "'-n'", "x>=1")
    assert_refused(tmx("config", "schema", "kdust"), "unknown field 'kdust'; did you mean 'k_dust'?")


def test_spectra_of_what_was_not_computed(tmx, directory):
    assert tmx("single", "-c", "base.yaml", "--no-radiance").code == 0
    (thermal,) = (directory / "results" / "thermal_results").iterdir()
    before = sorted(directory.rglob("*"))
    assert_refused(tmx("postprocess", "-t", thermal, "-p", "k_dust=0.2"), "k_dust", "do not depend on it")
    assert_refused(tmx("postprocess", "-t", thermal, "--time-indices", 0, 12), "time index 12", "0 to 11")
    assert sorted(directory.rglob("*")) == before


def test_files_in_place_of_others(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 1)
    assert_refused(tmx("single", "-c", "bsae.yaml"), "bsae.yaml: no such file; did you mean 'base.yaml'?")
    assert_refused(tmx("single", "-c", "."), ".: is a directory: name a YAML file in it")
    assert_refused(tmx("single", "-c", "sweep.yaml"), "sweep.yaml:1:1", "makes this a sweep file", "--batch-config")
    assert_refused(tmx("sweep", "preview", "base.yaml"), "base.yaml:1:1", "makes this a config file")
    assert_refused(tmx("create-config", "-o", ".", "--force"), ". is a directory: name a file in it")
    assert_refused(tmx("postprocess", "-t", "."), ".: is a directory: name a file in it")
    (directory / "broken.h5").write_bytes(b"\x89HDF\r\n")
    assert_refused(tmx("postprocess", "-t", "broken.h5"), "broken.h5: not a whole HDF5 file", "tmx verify --repair")
    assert_refused(tmx("emulate", "train", "broken.h5"), "broken.h5: not a whole HDF5 file")


def test_options_without_a_value(tmx, directory):
    for more in ([], ["-o", "elsewhere"]):
        assert_refused(
            tmx("single", "-c", "base.yaml", "-p", "em=0.9", "-p", *more), "Option '-p' requires an argument"
        )
    assert sorted(path.name for path in directory.iterdir()) == ["base.yaml"]


def test_what_there_is_not_is_said_with_what_there_is(tmx, directory):
    write_sweep(directory / "sweep.yaml", 1, 1)
    assert batch(tmx).code == 0
    assert_refused(tmx("show", "run", 999999), "there is no run 999999", "tmx sql", "from runs", code=4)
    assert_refused(tmx("show", "worker", 99), "there is no worker 99", "from worker", code=4)
    assert_refused(tmx("show", "artifact", "nothing.h5"), "nothing.h5", "tmx sql", "from artifact", code=4)
    assert_refused(tmx("single", "-c", "base.yaml", "-p", "nonsense=1"), "'nonsense'", "`tmx config schema` lists them")
    for query in ("select * from smples", "select no_such_column from samples"):
        assert_refused(tmx("sql", query), "the views are samples, runs, failures and sweeps")
    assert_refused(tmx("plot", "run", 1, "--what", "spectra", "-o", "a.png"), "thermal run", "day, depth, facets")
    wrong = ("plot", "sweep", "out", "--by", "t_surf_mx", "-o", "a.png")
    assert_refused(tmx(*wrong), "did you mean 't_surf_max'?", "and others", code=4)
    assert_refused(tmx("plot", "dataset", 99, "-o", "a.png"), "no dataset 99", "the table `dataset`", code=4)
    assert not (directory / "a.png").exists()


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, ["interrupted", "nothing is half written"]),
        (MemoryError(), 1, ["not enough memory", "--workers"]),
        (OSError(28, "No space left on device", "out/a.h5"), 1, ["out/a.h5: No space left on device", "tmx doctor"]),
        (PermissionError(13, "Permission denied", "out"), 1, ["out: Permission denied", "tmx doctor"]),
        (ModuleNotFoundError("No module named 'h5py'"), 1, ["No module named 'h5py'", "tmx doctor"]),
        (
            ZeroDivisionError("division\nby zero"),
            1,
            ["an error in tmx itself, ZeroDivisionError: division by zero", "--debug"],
        ),
    ],
)
def test_what_nobody_expects(tmx, directory, monkeypatch, error, code, words):
    def fail(*_):
        raise error

    monkeypatch.setattr("tmx.config.load_config", fail)
    answer = tmx("config", "check", "base.yaml")
    answer.err = answer.err.lstrip("\n")  # with which click ends the line of a ^C
    assert_refused(answer, *words, code=code)


def test_a_registry_that_stays_locked_is_waited_for_aloud(tmx, directory, monkeypatch):
    write_sweep(directory / "sweep.yaml", 1, 1)
    assert tmx("submit", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out").code == 0
    for name, value in (("BUSY_TIMEOUT_S", 0.01), ("LONGEST_WAIT_S", 0.5), ("NOTICED_S", 0.1)):
        monkeypatch.setattr(f"tmx.registry.connections.{name}", value)
    monkeypatch.setattr("tmx.registry.engine.LONGEST_WAIT_S", 0.1)
    holder = sqlite3.connect(directory / "tmx.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = tmx("pause", "out")
    holder.close()
    waits, refused = answer.err.splitlines()
    assert waits == "waits for another process that has the registry locked, for up to 0 s"
    assert "tmx.db stayed locked by another process" in refused
    assert answer.code == 2
