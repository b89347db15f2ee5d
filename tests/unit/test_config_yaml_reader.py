"""The YAML reader: plain data, places, and one line for every file that it cannot read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmx.config.yaml_reader import Document, MapNode, entries_of, parse_value, plain, read_document
from tmx.errors import ConfigError


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(text: str | bytes, name: str = "bennu.yaml") -> Document:
    with open(name, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return read_document(name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("10e-6", 10e-6),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("-3", -3),
        ("010", 10),
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("0x1F", "0x1F"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1_000", "1_000"),
        ("null", None),
        ("~", None),
        ("", None),
        ("30 deg", "30 deg"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("[1, no, [2.5]]", [1, "no", [2.5]]),
        ("{a: 1, b: {c: x}}", {"a": 1, "b": {"c": "x"}}),
        ("9" * 41, 1e41),
    ],
)
def test_values(text, value):
    result = plain(read(f"key: {text}\n").root)["key"]
    assert result == value
    assert type(result) is type(value)
    assert plain(parse_value(text, "key")) == value


def test_places_count_from_one():
    root = read("# comment\nouter:\n  inner: [1,\n    2]\n").root
    (outer,) = root.entries
    assert str(outer.mark) == "bennu.yaml:2:1"
    assert isinstance(outer.node, MapNode)
    (inner,) = outer.node.entries
    assert (inner.mark.line, inner.mark.column) == (3, 3)
    assert [(item.mark.line, item.mark.column) for item in inner.node.items] == [(3, 11), (4, 5)]


def test_a_byte_order_mark_and_windows_lines_are_fine():
    assert plain(read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").root) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "bennu.yaml: the file is empty"),
        ("# nothing\n", "bennu.yaml: the file is empty"),
        ("---\n", "bennu.yaml: the file is empty"),
        ("- 1\n", "bennu.yaml:1:1: expected 'name: value' lines"),
        ("just text\n", "bennu.yaml:1:1: expected 'name: value' lines"),
        ("a: 1\nb: 2\na: 3\n", "bennu.yaml:3:1: 'a' stands twice, first in line 1"),
        ("x: {a: 1, a: 2}\n", "bennu.yaml:1:11: 'a' stands twice, first in line 1"),
        ("a: &x 1\n", "bennu.yaml:1:4: anchors and aliases (&, *) are not read; write the value out"),
        ("a: *x\n", "bennu.yaml:1:4: anchors and aliases (&, *) are not read; write the value out"),
        ("<<: {a: 1}\n", "bennu.yaml:1:1: merge keys (<<) are not read; write the values out"),
        (
            "a: !!python/name:os.system x\n",
            "bennu.yaml:1:4: the tag 'tag:yaml.org,2002:python/name:os.system' is not read; write the plain value",
        ),
        ("? [1, 2]\n: 3\n", "bennu.yaml:1:3: a name must be a single word"),
        ("a: 1\n---\nb: 2\n", "bennu.yaml:2:1: a second document ('---') cannot stand in the same file"),
        ("a:\n\tb: 1\n", "bennu.yaml:2:1: a tab cannot stand here; indent with spaces"),
        ("a: {b: 1\n", "bennu.yaml:2:1: not YAML: did not find expected ',' or '}'"),
        ("a: @x\n", "bennu.yaml:1:4: not YAML: found character that cannot start any token"),
        ("a: 1\nb: \x07\n", "bennu.yaml:2:4: not YAML: control characters are not allowed"),
        ("a: " + "[" * 50, "bennu.yaml:1:36: nested deeper than 32 levels"),
        (b"\x89HDF\r\n\x1a\n", "bennu.yaml:1: not UTF-8 text (byte 0x89), as a YAML file is"),
        (b"a: 1\nb: \xff\n", "bennu.yaml:2: not UTF-8 text (byte 0xff), as a YAML file is"),
        (b"\x00\x01\x02", "bennu.yaml:1:1: not YAML: control characters are not allowed"),
    ],
)
def test_unreadable_files_say_why_and_where(text, message):
    with pytest.raises(ConfigError) as error:
        read(text)
    assert str(error.value) == message


def test_missing_files_and_directories(tmp_path):
    with pytest.raises(ConfigError, match=r"/absent\.yaml: no such file$"):
        read_document(tmp_path / "absent.yaml")
    (tmp_path / "absence.yml").touch()
    with pytest.raises(ConfigError, match=r"/absent\.yaml: no such file; did you mean 'absence\.yml'\?$"):
        read_document(tmp_path / "absent.yaml")
    with pytest.raises(ConfigError, match=r": is a directory: name a YAML file in it$"):
        read_document(tmp_path)
    with pytest.raises(ConfigError, match=r"cannot be read: embedded null byte$"):
        read_document("a\0b")


def test_a_file_that_is_no_config_is_not_swallowed_whole(monkeypatch):
    monkeypatch.setattr("tmx.config.yaml_reader.MAX_BYTES", 2**20)
    with pytest.raises(ConfigError, match="larger than 1 MiB, which no config is"):
        read(b"a: " + b"x" * 2**20)


def test_names_outside_a_known_set_are_refused():
    root = read("sed: 1\n").root
    with pytest.raises(ConfigError) as error:
        entries_of(root, ("seed", "name"), "sweep")
    message = "bennu.yaml:1:1: sweep: unknown name 'sed'; did you mean 'seed'? (there are seed, name)"
    assert str(error.value) == message


@given(st.text(max_size=80) | st.text(alphabet="ab:-[]{}\"'#&*!|>%@`,? \n\t01.", max_size=80))
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_or_refused_in_one_line(text):
    try:
        document = read(text.encode("utf-8", "surrogatepass"))
    except ConfigError as error:
        message = str(error)
    else:
        message = ""
        assert isinstance(plain(document.root), dict)
    assert "\n" not in message
