"""Instruments as people name them."""

import numpy as np
import pytest

from tmx.errors import ConfigError
from tmx.physics.instruments import channel_weights, instrument_names
from tmx.stages.responses import instrument_of

TWO = "# name: Mine\n# source: me\n# channel red\n10 0\n11 1\n12 0\n# channel blue\n8 1\n9 1\n"


def test_instruments_of_the_library_by_name():
    assert {"diviner", "mertis", "miri", "otes", "ovirs", "tes"} <= set(instrument_names())
    assert instrument_of("OTES").name == instrument_of("otes").name == "OSIRIS-REx OTES"


def test_an_instrument_from_a_file(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(TWO)
    seen = instrument_of(str(path))
    assert (seen.name, seen.source, seen.channel_names) == ("Mine", "me", ("red", "blue"))
    assert not any(channel.stand_in for channel in seen.channels)
    weights = channel_weights(seen, 1e6 / np.array([12.0, 10.0, 9.0, 8.0]))
    assert weights == pytest.approx(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), abs=1e-12)


def test_a_file_without_suffix_beside_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "response").write_text("8 1\n9 1\n")
    assert instrument_of("response").channel_names == ("response",)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "divner",
            r"'divner' is none; did you mean 'diviner'\?: there are diviner, mertis, .*, and files of responses",
        ),
        ("hubble", r"'hubble' is none: there are diviner"),
        ("mine.txt", "mine.txt: cannot be read"),
    ],
)
def test_an_instrument_that_there_is_not(name, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message):
        instrument_of(name)


def test_a_line_that_is_no_row_is_told_with_its_place(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(TWO + "9.5 much\n")
    with pytest.raises(ConfigError, match=r"mine\.txt:10: '9\.5 much' is not a row of wavelength in um and response"):
        instrument_of(str(path))
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        instrument_of(str(path))
