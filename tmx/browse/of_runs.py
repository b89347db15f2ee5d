"""Figures of runs, from their files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from tmx.browse.source import HasFiles
from tmx.config import SimulationConfig, config_from_yaml
from tmx.errors import ConfigError, NotFoundError
from tmx.figures import Curve, Panel, Spectra, curves_figure, depth_figure, facets_figure, spectra_figure
from tmx.registry.sql import execute
from tmx.stages.local_time import hours_apart
from tmx.stages.tables import PER_CM
from tmx.storage.hdf5 import read, read_provenance
from tmx.storage.paths import in_store
from tmx.storage.records import FloatArray, RadianceRecord, Record, ThermalRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AnyRecord = TypeVar("AnyRecord", bound=Record)

FILE = """
SELECT f.path FROM artifact f JOIN run r ON r.id = f.run_id AND f.kind = r.stage
WHERE f.run_id = :id AND r.stage = :stage AND f.deleted IS NULL
"""

USUAL_HOURS = (9.0, 12.0, 15.0, 21.0)
MOST_HOURS = 12
NOON = 12.0

KELVIN = "Surface temperature [K]"
LOCAL_TIME = "Local time [h]"


@dataclass(frozen=True)
class _Times:
    """The local times of a record [h], from the midnight that its output begins at, and the row of each.

    Where the day is closed, the last one has the row of the first.
    """

    hours: FloatArray
    row: npt.NDArray[np.intp]

    def nearest(self, wanted: Iterable[float]) -> list[int]:
        """Return the rows that are nearest to some local times, each once, in the order of the hours."""
        rows = {int(self.row[hours_apart(np.mod(self.hours, 24.0), hour).argmin()]) for hour in wanted}
        return sorted(rows, key=lambda row: float(self.hours[row]))


def day(source: HasFiles, ids: Sequence[int], _about: str) -> "Figure":
    """Draw the surface temperature in a day, and the range of the facets of a rough surface."""
    record, config = _read(source, ids[0], ThermalRecord, ("T_surf_out", "T_surf_crater_out", "t_out"))
    times = _times(record.t_out, config)
    curves = [Curve("flat surface", times.hours, record.T_surf_out[times.row])]
    if record.T_surf_crater_out.size:
        facets = record.T_surf_crater_out[:, times.row]
        mean = facets.mean(axis=0)
        curves.append(Curve("facets, mean and range", times.hours, mean, facets.min(axis=0), facets.max(axis=0)))
    return curves_figure([Panel(KELVIN, curves)], LOCAL_TIME, hours=True)


def days(source: HasFiles, ids: Sequence[int], _about: str) -> "Figure":
    """Draw the surface temperatures of several runs."""
    curves = []
    for run in ids:
        record, config = _read(source, run, ThermalRecord, ("T_surf_out", "t_out"))
        times = _times(record.t_out, config)
        curves.append(Curve(f"run {run}", times.hours, record.T_surf_out[times.row]))
    return curves_figure([Panel(KELVIN, curves)], LOCAL_TIME, hours=True)


def depth(source: HasFiles, ids: Sequence[int], _about: str) -> "Figure":
    """Draw temperature against depth and time."""
    record, config = _read(source, ids[0], ThermalRecord, ("T_out", "t_out", "x_grid"))
    return depth_figure(_times(record.t_out, config).hours[: len(record.t_out)], record.x_grid, record.T_out)


def spectra(source: HasFiles, ids: Sequence[int], about: str) -> "Figure":
    """Draw emissivity, brightness temperature and radiance at some local times."""
    names = ("emissivity", "brightness_temperature", "radiance_out", "wavenumber", "t_out")
    record, config = _read(source, ids[0], RadianceRecord, names)
    _require_bands(record, ids[0])
    times = _times(record.t_out, config)
    rows = times.nearest(hours_in(about, USUAL_HOURS))
    return spectra_figure(
        Spectra(
            wavenumber=PER_CM * record.wavenumber,
            values=times.hours[rows],
            label=LOCAL_TIME,
            emissivity=record.emissivity[:, rows].T,
            brightness_temperature=record.brightness_temperature[:, rows].T,
            radiance=record.radiance_out[:, rows].T,
        )
    )


def observers(source: HasFiles, ids: Sequence[int], _about: str) -> "Figure":
    """Draw how bright flat and rough ground are at all wavenumbers, towards every observer."""
    names = ("bolometric_brightness_temperature", "crater_bolometric_brightness_temperature", "t_out")
    record, config = _read(source, ids[0], RadianceRecord, names)
    if not record.crater_bolometric_brightness_temperature.size:
        raise NotFoundError(f"run {ids[0]} has no spectra of a rough surface")
    times = _times(record.t_out, config)
    curves = [Curve("flat, from observer_mu", times.hours, record.bolometric_brightness_temperature[times.row])]
    for number, seen in enumerate(record.crater_bolometric_brightness_temperature):
        label = "rough, from observer_mu" if number == 0 else f"rough, observer {number}"
        curves.append(Curve(label, times.hours, seen[times.row]))
    return curves_figure([Panel("Bolometric brightness\ntemperature [K]", curves)], LOCAL_TIME, hours=True)


def facets(source: HasFiles, ids: Sequence[int], about: str) -> "Figure":
    """Draw the rough surface with the temperatures of its facets at some local times."""
    names = ("T_surf_crater_out", "crater_vertices", "crater_faces", "t_out")
    record, config = _read(source, ids[0], ThermalRecord, names)
    if not record.T_surf_crater_out.size:
        raise NotFoundError(f"run {ids[0]} has no rough surface")
    times = _times(record.t_out, config)
    rows = times.nearest(hours_in(about, USUAL_HOURS))
    corners = record.crater_vertices[record.crater_faces.astype(int)]
    titles = [f"{times.hours[row]:.3g} h" for row in rows]
    return facets_figure(corners, [record.T_surf_crater_out[:, row] for row in rows], titles)


def emissivities(source: HasFiles, ids: Sequence[int], about: str) -> "Figure":
    """Draw the spectra of several runs at one local time."""
    emissivity, brightness = [], []
    for run in ids:
        names = ("emissivity", "brightness_temperature", "wavenumber", "t_out")
        record, config = _read(source, run, RadianceRecord, names)
        if not record.wavenumber.size:
            continue
        (row,) = _times(record.t_out, config).nearest(hours_in(about, (NOON,))[:1])
        emissivity.append(Curve(f"run {run}", record.wavenumber, record.emissivity[:, row]))
        brightness.append(Curve(f"run {run}", record.wavenumber, record.brightness_temperature[:, row]))
    if not emissivity:
        raise NotFoundError("none of these runs has spectra with bands")
    panels = [Panel("Emissivity", emissivity), Panel("Brightness temperature [K]", brightness)]
    return curves_figure(panels, "Wavenumber [cm$^{-1}$]")


def hours_in(text: str, usual: Sequence[float]) -> list[float]:
    """Return the local times in a text [h]; the usual ones, if there is none.

    Raises
    ------
    ConfigError
        If a word is no number from 0 to 24, or there are too many.
    """
    words = text.replace(",", " ").split()
    try:
        hours = [float(word) for word in words]
    except ValueError:
        raise ConfigError(f"{text!r} are no local times: write numbers from 0 to 24, such as 9 12 15") from None
    if len(hours) > MOST_HOURS or not all(0.0 <= hour <= 24.0 for hour in hours):
        raise ConfigError(f"local times are at most {MOST_HOURS} numbers from 0 to 24, such as 9 12 15")
    return hours or [*usual]


def _times(seconds: FloatArray, config: SimulationConfig) -> _Times:
    """Return the local times of a record; the end of a single day that is whole is its beginning once more."""
    hours = 24.0 * seconds / config.P
    hours = hours - 24.0 * np.floor(hours[0] / 24.0) if hours.size else hours
    rows = np.arange(len(hours))
    if len(hours) > 2 and config.ndays is None and np.isclose(hours[0] + 24.0, 2.0 * hours[-1] - hours[-2]):
        return _Times(np.append(hours, hours[0] + 24.0), np.append(rows, 0))
    return _Times(hours, rows)


def _read(
    source: HasFiles, run: int, kind: type[AnyRecord], names: Sequence[str]
) -> tuple[AnyRecord, SimulationConfig]:
    path = _path(source, run, kind.kind)
    config = config_from_yaml(read_provenance(path, kind).config_yaml, str(path), {})
    return read(path, kind, names), config


def _path(source: HasFiles, run: int, stage: str) -> Path:
    with source.read() as conn:
        path = execute(conn, FILE, id=run, stage=stage).scalar()
    if path is None:
        raise NotFoundError(f"there is no file of {stage} run {run}")
    return in_store(path, source.store)


def _require_bands(record: RadianceRecord, run: int) -> None:
    if not record.wavenumber.size:
        raise NotFoundError(f"the spectra of run {run} have no bands (output_radiance_mode: two_wave)")
