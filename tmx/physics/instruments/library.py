"""Instruments that come with tmx. Every text in `data` is one, under the name of its file; a new one is a new file."""

from functools import cache
from importlib.resources import files

from tmx.physics.instruments.channels import Instrument
from tmx.physics.instruments.tables import parse_instrument

DATA = files("tmx.physics.instruments") / "data"


@cache
def instrument_names() -> tuple[str, ...]:
    """Return the names of the instruments; none of them is read."""
    return tuple(sorted(entry.name.removesuffix(".txt") for entry in DATA.iterdir() if entry.name.endswith(".txt")))


@cache
def instrument_named(name: str) -> Instrument:
    """Return an instrument by its name, whatever its case.

    Raises
    ------
    KeyError
        If there is none.
    """
    stem = name.lower()
    if stem not in instrument_names():
        raise KeyError(name)
    return parse_instrument((DATA / f"{stem}.txt").read_text(encoding="utf-8"), stem)
