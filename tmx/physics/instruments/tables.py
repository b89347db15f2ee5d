"""The text form of instruments: rows of wavelength [µm] and response, under lines that say whose they are.

A line that begins with `#` is a comment unless it reads

- `# name: TEXT`, the instrument's name; `# source: TEXT`, where what follows comes from;
- `# channel NAME`, which begins the rows of a channel; rows before any belong to a channel named as the file;
- `# per photon`: responses that follow are signal per photon, not per energy;
- `# boxcar NAME: LOW HIGH`, a channel between two wavelengths [µm] whose shape is not published;
- `# bands wavenumber_cm LOW HIGH COUNT` or `# bands wavelength_um LOW HIGH COUNT`, adjoining boxcars of equal width, or
  `# bands resolving_um LOW HIGH POWER`, of equal resolving power between two wavelengths [µm].
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tmx.physics.instruments.bands import resolution_bands, uniform_bands
from tmx.physics.instruments.channels import Channel, Instrument, ResponseError, boxcar
from tmx.physics.materials import FloatArray

DIRECTIVE = re.compile(r"#\s*(name:|source:|channel\s|boxcar\s|bands\s|per photon\b)\s*(.*?)\s*$")

PER_MICROMETRE = 1e6
"""m⁻¹ in a µm⁻¹."""

PER_CENTIMETRE = 100.0
"""m⁻¹ in a cm⁻¹."""


class ResponseLineError(ResponseError):
    """A line of a table of responses cannot be understood.

    Attributes
    ----------
    line : int
        Its number, from 1.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass
class _Reading:
    """An instrument of which some lines have been read."""

    name: str
    source: str = ""
    described: str = ""
    per_photon: bool = False
    title: str = ""
    began: int = 1
    rows: list[tuple[float, float]] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)


def parse_instrument(text: str, name: str) -> Instrument:
    """Return the instrument that a text describes.

    Parameters
    ----------
    text : str
        The text, see the module.
    name : str
        Name of the instrument, and of its channel if there is but one without a name.

    Raises
    ------
    ResponseLineError
        If a line cannot be understood, or a channel is no response.
    """
    reading = _Reading(name, title=name)
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            _read(reading, number, line.strip())
        except ResponseLineError:
            raise
        except ValueError as error:
            raise ResponseLineError(number, str(error)) from None
    _finish(reading)
    if not reading.channels:
        raise ResponseLineError(1, "holds no channel")
    _refuse_twins(reading.channels)
    return Instrument(reading.name, tuple(reading.channels), reading.described)


def _read(reading: _Reading, number: int, line: str) -> None:
    directive = DIRECTIVE.match(line + " ")
    if directive:
        _obey(reading, number, directive[1].strip(), directive[2])
    elif line and not line.startswith("#"):
        reading.rows.append(_row(line))


def _obey(reading: _Reading, number: int, what: str, rest: str) -> None:
    if what == "name:":
        reading.name = rest
    elif what == "source:":
        _finish(reading)
        reading.source = rest
        reading.described = reading.described or rest
    elif what == "per photon":
        reading.per_photon = True
    else:
        _finish(reading)
        reading.title, reading.began = rest, number
        if what == "boxcar":
            reading.channels.append(_boxcar(rest, reading.source))
        elif what == "bands":
            reading.channels.extend(_bands(rest, reading.source))


def _row(line: str) -> tuple[float, float]:
    cells = line.split("#")[0].replace(",", " ").split()
    try:
        wavelength_um, response = (float(cell) for cell in cells)
    except ValueError:
        raise ValueError(f"{line!r} is not a row of wavelength in um and response") from None
    if not (0.0 < wavelength_um < np.inf and np.isfinite(response)):
        raise ValueError(f"{line!r}: the wavelength must be positive, and both numbers finite")
    return wavelength_um, response


def _finish(reading: _Reading) -> None:
    """Make a channel of the rows read so far, if there are any."""
    if not reading.rows:
        return
    wavelength_um, response = np.array(sorted(reading.rows, reverse=True)).T
    if reading.per_photon:
        response = response * wavelength_um
    try:
        channel = Channel(reading.title, PER_MICROMETRE / wavelength_um, response, reading.source)
    except ResponseError as error:
        raise ResponseLineError(reading.began, str(error)) from None
    reading.channels.append(channel)
    reading.rows.clear()


def _boxcar(rest: str, source: str) -> Channel:
    name, _, ends = rest.rpartition(":")
    try:
        short, long = (float(end) for end in ends.split())
    except ValueError:
        raise ValueError(f"{rest!r} is not NAME: LOW HIGH, with wavelengths in um") from None
    if not 0.0 < short < long < np.inf:
        raise ValueError(f"channel {name}: wavelengths must be positive and ascend")
    return boxcar(name.strip(), PER_MICROMETRE / long, PER_MICROMETRE / short, source)


def _bands(rest: str, source: str) -> list[Channel]:
    try:
        kind, *numbers = rest.split()
        low, high, parts = (float(number) for number in numbers)
    except ValueError:
        raise ValueError(f"{rest!r} is not one of {', '.join(EDGES)} with LOW, HIGH and a number") from None
    if kind not in EDGES or not 0.0 < low < high < np.inf or not 1.0 <= parts < np.inf:
        raise ValueError(f"{rest!r}: {', '.join(EDGES)}, positive ends that ascend, and a number are needed")
    edges = EDGES[kind](low, high, parts)
    names = [f"{centre:.6g}" for centre in 0.5 * (edges[1:] + edges[:-1])]
    wavenumber = PER_CENTIMETRE * edges if kind == "wavenumber_cm" else PER_MICROMETRE / edges
    ends = np.sort([wavenumber[:-1], wavenumber[1:]], axis=0).T
    return [boxcar(name, float(low), float(high), source) for name, (low, high) in zip(names, ends, strict=True)]


EDGES: dict[str, Callable[[float, float, float], FloatArray]] = {
    "wavenumber_cm": lambda low, high, count: uniform_bands(low, high, int(count)),
    "wavelength_um": lambda low, high, count: uniform_bands(low, high, int(count)),
    "resolving_um": resolution_bands,
}
"""Edges of adjoining channels by their rule, in the unit that it names."""


def _refuse_twins(channels: list[Channel]) -> None:
    seen: set[str] = set()
    for channel in channels:
        if channel.name in seen:
            raise ResponseLineError(1, f"there are two channels {channel.name!r}")
        seen.add(channel.name)
