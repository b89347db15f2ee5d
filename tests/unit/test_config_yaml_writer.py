"""Written configs: read back as the same config, by tmx and as the same data by any reader of YAML."""

import pytest
import yaml
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from tmx.config import FIELDS, SECTIONS, SimulationConfig, config_yaml, load_config, preset
from tmx.config.fields import Field
from tmx.config.yaml_writer import yaml_value
from tmx.errors import ConfigError


def values_of(field: Field) -> st.SearchStrategy:
    """Draw values that a field may have, and now and then one that it may not."""
    kinds = [st.just(field.default)]
    if bool in field.types:
        kinds.append(st.booleans())
    if field.choices:
        kinds.append(st.sampled_from(field.choices))
    if field.is_integer or field.name == "run_id":
        kinds.append(st.integers(-1, 10**4))
    elif field.is_number:
        kinds.append(st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 2) | st.floats(100, 5000))
    if field.is_text:
        kinds.append(st.text())
    if field.is_list and not field.is_vectors:
        kinds.append(st.lists(st.floats(-10, 10), max_size=4))
    return st.one_of(kinds)


configs = st.fixed_dictionaries({}, optional={name: values_of(field) for name, field in FIELDS.items()})


def read_back(text: str, path) -> SimulationConfig:
    path.write_text(text, encoding="utf-8")
    return load_config(path).config


@given(configs, st.booleans())
@settings(deadline=None, max_examples=150)
def test_a_written_config_reads_back_as_itself(tmp_path_factory, values, comments):
    config = _valid_part(values)
    path = tmp_path_factory.mktemp("written") / "config.yaml"
    assert read_back(config_yaml(config, comments), path) == config


def _valid_part(values) -> SimulationConfig:
    """Keep the values that are acceptable one by one, and give up if together they are not."""
    accepted = {}
    for name, value in values.items():
        if name not in ("equilibrium", "ndays") and _accepts(name, value):
            accepted[name] = value
    try:
        return SimulationConfig(**accepted)
    except ConfigError:
        reject()


def _accepts(name, value) -> bool:
    try:
        FIELDS[name].validator.validate_python(value)
    except ValueError:
        return False
    return not FIELDS[name].about.file


@given(st.text() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans() | st.none())
@settings(deadline=None)
def test_any_reader_of_yaml_sees_the_same_value(value):
    assume(not isinstance(value, str) or "\0" not in value)
    seen = yaml.safe_load(f"key: {yaml_value(value)}\n")["key"]
    assert seen == value
    assert type(seen) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (1e-5, "1.0e-05"),
        (1.5e300, "1.5e+300"),
        (0.1, "0.1"),
        ((1.0, 2e-9), "[1.0, 2.0e-09]"),
        ("Bennu", "Bennu"),
        ("", '""'),
        ("no", '"no"'),
        ("30 deg", '"30 deg"'),
        ('a"b\\c\n', '"a\\"b\\\\c\\u000a"'),
        ("é\x85\u2028", '"é\\u0085\\u2028"'),
    ],
)
def test_values(value, text):
    assert yaml_value(value) == text


def test_every_field_stands_in_its_section_and_is_explained():
    text = config_yaml(SimulationConfig())
    data = yaml.safe_load(text)
    assert list(data) == [section.title() for section in SECTIONS]
    assert {name for section in data.values() for name in section} == set(FIELDS)
    lines = text.splitlines()
    for name in FIELDS:
        above = lines[lines.index(next(line for line in lines if line.startswith(f"  {name}:"))) - 1]
        assert above.startswith("  # ")
    assert max(map(len, lines)) <= 120


def test_comments_say_meaning_bounds_unit_condition_and_source():
    text = config_yaml(SimulationConfig(**preset("Bennu").values))
    assert (
        "  # Distance from the sun [a number from 0.005 to 10000 AU]. Read when sun is true.\n"
        "  # Source: semi-major axis, JPL Small-Body Database.\n"
        "  R: 1.126\n"
    ) in text
    changed = config_yaml(SimulationConfig(**{**preset("Bennu").values, "R": 2}))
    assert "Source: semi-major axis" not in changed


def test_without_comments_there_are_none():
    assert "#" not in config_yaml(SimulationConfig(), comments=False)
