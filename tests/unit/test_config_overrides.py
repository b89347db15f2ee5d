"""``name=value`` settings of a command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmx.config import parse_override, parse_overrides
from tmx.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Et=5e4", ("Et", 50000.0)),
        ("Et = 50000", ("Et", 50000.0)),
        ("radius=10e-6", ("radius", 10e-6)),
        ("latitude=30 deg", ("latitude", 0.5235987755982988)),
        ("crater=true", ("crater", True)),
        ("ndays=2", ("ndays", 2)),
        ("ndays=null", ("ndays", None)),
        ("nstr=auto", ("nstr", "auto")),
        ("cp_coeffs=[1, 2.5e-3]", ("cp_coeffs", (1.0, 0.0025))),
        ("observer_vectors=[[0, 0, 1]]", ("observer_vectors", ((0.0, 0.0, 1.0),))),
        ("run_id=17", ("run_id", 17)),
        ("run_id=17_3", ("run_id", "17_3")),
        ("name=a=b", ("name", "a=b")),
        ("name='1'", ("name", "1")),
        ("description=", ("description", "")),
    ],
)
def test_values_are_typed(text, expected):
    name, value = parse_override(text)
    assert (name, value) == expected
    assert type(value) is type(expected[1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Et", "expected name=value, for instance Et=5e4, not 'Et'"),
        ("=3", "expected name=value, for instance Et=5e4, not '=3'"),
        ("Ett=3", "unknown field 'Ett'; did you mean 'Et'?"),
        ("sigma=3", "'sigma' is not a field of tmx: physical constants are fixed"),
        ("latitude=x", "latitude: must be a number from -1.5708 to 1.5708 rad, not 'x'"),
        ("crater=yes", "crater: must be true or false, not 'yes'"),
        ("cp_coeffs=[1", "cp_coeffs:2:1: not YAML: did not find expected ',' or ']'"),
        ("Et=", "Et: must be a number from 0.001 to 1e9 (1/m), not null"),
    ],
)
def test_mistakes_get_one_line(text, message):
    with pytest.raises(ConfigError) as error:
        parse_override(text)
    assert str(error.value).startswith(message)


def test_several():
    assert parse_overrides(["Et=50000", "radius=10e-6"]) == {"Et": 50000.0, "radius": 10e-6}
    assert parse_overrides([]) == {}
    with pytest.raises(ConfigError, match=r"^Et is given twice$"):
        parse_overrides(["Et=1", "Et=2"])


def test_paths_start_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_override("mie_file=x.txt") == ("mie_file", str(tmp_path / "x.txt"))


@given(st.sampled_from(["Et", "crater", "cp_coeffs", "observer_vectors", "nstr", "run_id", "mie_file"]), st.text())
def test_any_text_gives_a_value_or_a_config_error(name, text):
    try:
        parsed, _ = parse_override(f"{name}={text}")
    except ConfigError as error:
        parsed, message = name, str(error)
    else:
        message = ""
    assert parsed == name
    assert "\n" not in message
