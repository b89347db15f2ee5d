"""Instruments by their name in the library or by the file that holds their responses."""

import os
from pathlib import Path

from tmx.config.problems import suggestion
from tmx.errors import ConfigError
from tmx.physics.instruments import Instrument, ResponseLineError, instrument_named, instrument_names, parse_instrument
from tmx.stages.tables import read_text


def instrument_of(name_or_path: str) -> Instrument:
    """Return an instrument of the library, or that of a file of responses.

    Parameters
    ----------
    name_or_path : str
        A name of the library, whatever its case, or a path: with a directory, a suffix, or a file that is there.

    Raises
    ------
    ConfigError
        If there is no such instrument, or the file cannot be read or understood.
    """
    if name_or_path.lower() in instrument_names():
        return instrument_named(name_or_path)
    path = Path(name_or_path)
    if path.suffix or os.sep in name_or_path or path.exists():
        return _from_file(path)
    names = instrument_names()
    raise ConfigError(
        f"instrument: {name_or_path!r} is none{suggestion(name_or_path, names)}: there are {', '.join(names)}, and"
        " files of responses by their path"
    )


def _from_file(path: Path) -> Instrument:
    text = read_text("instrument", str(path))
    try:
        return parse_instrument(text, path.stem)
    except ResponseLineError as error:
        raise ConfigError(f"instrument: {path}:{error.line}: {error}") from None
