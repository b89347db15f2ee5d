"""Figures of runs, from their files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from tmx.browse.finding import HasResults
from tmx.browse.parameters import differing, parameter, values_read
from tmx.config import SimulationConfig, config_from_yaml
from tmx.config.fields import STAGES, Stage
from tmx.errors import ConfigError, NotFoundError
from tmx.figures import Curve, Panel, Spectra, curves_figure, depth_figure, facets_figure, spectra_figure
from tmx.stages.local_time import hours_apart
from tmx.stages.tables import PER_CM
from tmx.storage.hdf5 import read, read_provenance
from tmx.storage.records import FloatArray, RadianceRecord, Record, ThermalRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AnyRecord = TypeVar("AnyRecord", bound=Record)

USUAL_HOURS = (9.0, 12.0, 15.0, 21.0)
MOST_HOURS = 12
NOON = 12.0

WIDE = 5.0
"""Ratio of wavelengths from which on their axis is logarithmic."""

MOST_NAMED = 3
"""Fields that a label names; where more differ, it has the run alone."""

COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")

KELVIN = "Surface temperature [K]"
BRIGHTNESS = "Brightness temperature [K]"
WAVENUMBER = "Wavenumber [cm$^{-1}$]"
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


def day(source: HasResults, ids: Sequence[int], _about: str) -> "Figure":
    """Draw the surface temperature in a day, and the range of the facets of a rough surface."""
    record, config = _read(source, ids[0], ThermalRecord, ("T_surf_out", "T_surf_crater_out", "t_out"))
    times = _times(record.t_out, config)
    curves = [Curve("flat surface", times.hours, record.T_surf_out[times.row])]
    if record.T_surf_crater_out.size:
        facets = record.T_surf_crater_out[:, times.row]
        mean = facets.mean(axis=0)
        curves.append(Curve("facets, mean and range", times.hours, mean, facets.min(axis=0), facets.max(axis=0)))
    return curves_figure([Panel(KELVIN, curves)], LOCAL_TIME, hours=True)


def days(source: HasResults, ids: Sequence[int], _about: str) -> "Figure":
    """Draw the surface temperatures of several runs, those that spectra build on."""
    sharing: dict[int, list[int]] = {}
    for run in ids:
        sharing.setdefault(source.related(run, "thermal") or run, []).append(run)
    found = [_read(source, run, ThermalRecord, ("T_surf_out", "t_out")) for run in sharing]
    labels = _labels(source, [runs[0] for runs in sharing.values()], [config for _, config in found], ("thermal",))
    curves = []
    for label, runs, (record, config) in zip(labels, sharing.values(), found, strict=True):
        times = _times(record.t_out, config)
        said = label if len(runs) == 1 else ", ".join(map(source.called, runs))
        curves.append(Curve(said, times.hours, record.T_surf_out[times.row]))
    return curves_figure([Panel(KELVIN, curves)], LOCAL_TIME, hours=True)


def depth(source: HasResults, ids: Sequence[int], _about: str) -> "Figure":
    """Draw temperature against depth and time."""
    record, config = _read(source, ids[0], ThermalRecord, ("T_out", "t_out", "x_grid"))
    return depth_figure(_times(record.t_out, config).hours[: len(record.t_out)], record.x_grid, record.T_out)


def spectra(source: HasResults, ids: Sequence[int], about: str) -> "Figure":
    """Draw emissivity, brightness temperature and radiance at some local times."""
    names = ("emissivity", "brightness_temperature", "radiance_out", "wavenumber", "t_out")
    record, config = _read(source, ids[0], RadianceRecord, names)
    _require_bands(record, source.called(ids[0]))
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


def observers(source: HasResults, ids: Sequence[int], _about: str) -> "Figure":
    """Draw how bright flat and rough ground are at all wavenumbers, towards every observer."""
    quantity = "bolometric_brightness_temperature"
    record, config = _read(source, ids[0], RadianceRecord, (*_of_observers(quantity), "t_out"))
    times = _times(record.t_out, config)
    curves = [
        Curve(label, times.hours, seen[times.row])
        for label, seen in _seen(record, config, quantity, source.called(ids[0]))
    ]
    label = "Bolometric brightness\ntemperature [K]"
    return curves_figure([Panel(label, curves)], LOCAL_TIME, hours=True, dots=True)


def views(source: HasResults, ids: Sequence[int], about: str) -> "Figure":
    """Draw the spectra towards every observer, of flat and of rough ground, at one local time."""
    quantities = ("brightness_temperature", "emissivity")
    names = (*(name for one in quantities for name in _of_observers(one)), "wavenumber", "t_out")
    record, config = _read(source, ids[0], RadianceRecord, names)
    _require_bands(record, source.called(ids[0]))
    (row,) = _times(record.t_out, config).nearest(hours_in(about, (NOON,))[:1])
    brightness, emissivity = (
        [
            Curve(label, record.wavenumber, seen[:, row])
            for label, seen in _seen(record, config, one, source.called(ids[0]))
        ]
        for one in quantities
    )
    return curves_figure([Panel(BRIGHTNESS, brightness), Panel("Emissivity", emissivity)], WAVENUMBER)


def channels(source: HasResults, ids: Sequence[int], about: str) -> "Figure":
    """Draw the brightness temperatures that the channels of an instrument report at some local times."""
    names = ("channel_brightness_temperature", "channel_wavelength", "t_out")
    record, config = _read(source, ids[0], RadianceRecord, names)
    if not record.channel_wavelength.size:
        raise NotFoundError(f"{source.called(ids[0])} has no channels (band_rule_out: instrument)")
    times = _times(record.t_out, config)
    rows = times.nearest(hours_in(about, USUAL_HOURS))
    order = np.argsort(record.channel_wavelength)
    across = record.channel_wavelength[order]
    curves = [
        Curve(f"{times.hours[row]:.3g} h", across, record.channel_brightness_temperature[order, row]) for row in rows
    ]
    label = f"Wavelength of the channels of {config.instrument_out or 'response_file_out'} [µm]"
    return curves_figure([Panel(BRIGHTNESS, curves)], label, dots=True, logarithmic=across[-1] > WIDE * across[0])


def facets(source: HasResults, ids: Sequence[int], about: str) -> "Figure":
    """Draw the rough surface with the temperatures of its facets at some local times."""
    names = ("T_surf_crater_out", "crater_vertices", "crater_faces", "t_out")
    record, config = _read(source, ids[0], ThermalRecord, names)
    if not record.T_surf_crater_out.size:
        raise NotFoundError(f"{source.called(ids[0])} has no rough surface")
    times = _times(record.t_out, config)
    rows = times.nearest(hours_in(about, USUAL_HOURS))
    corners = record.crater_vertices[record.crater_faces.astype(int)]
    titles = [f"{times.hours[row]:.3g} h" for row in rows]
    return facets_figure(corners, [record.T_surf_crater_out[:, row] for row in rows], titles)


def emissivities(source: HasResults, ids: Sequence[int], about: str) -> "Figure":
    """Draw the spectra of several runs at one local time; those without any are said to have none."""
    names = ("emissivity", "brightness_temperature", "wavenumber", "t_out")
    radiance = [source.related(run, "radiance") for run in ids]
    found = {
        run: _read(source, related, RadianceRecord, names)
        for run, related in zip(ids, radiance, strict=True)
        if related is not None
    }
    if not any(record.wavenumber.size for record, _ in found.values()):
        raise NotFoundError("none of these runs has spectra with bands")
    labels = dict(zip(found, _labels(source, [*found], [config for _, config in found.values()], STAGES), strict=True))
    emissivity, brightness = [], []
    for run in ids:
        if run not in found or not found[run][0].wavenumber.size:
            nothing = Curve(f"{source.called(run)}: no spectra", np.zeros(0), np.zeros(0))
            emissivity.append(nothing)
            brightness.append(nothing)
            continue
        record, config = found[run]
        (row,) = _times(record.t_out, config).nearest(hours_in(about, (NOON,))[:1])
        emissivity.append(Curve(labels[run], record.wavenumber, record.emissivity[:, row]))
        brightness.append(Curve(labels[run], record.wavenumber, record.brightness_temperature[:, row]))
    panels = [Panel("Emissivity", emissivity), Panel(BRIGHTNESS, brightness)]
    return curves_figure(panels, WAVENUMBER)


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
    source: HasResults, run: int, kind: type[AnyRecord], names: Sequence[str]
) -> tuple[AnyRecord, SimulationConfig]:
    path = source.result(run, kind.kind)
    config = config_from_yaml(read_provenance(path, kind).config_yaml, str(path), {})
    return read(path, kind, names), config


def _labels(
    source: HasResults, runs: Sequence[int], configs: Sequence[SimulationConfig], stages: Sequence[Stage]
) -> list[str]:
    """Return what runs are called: those few parameters in which they differ, or their ids."""
    values = [values_read(vars(config), stages) for config in configs]
    names = differing(values)
    if not 0 < len(names) <= MOST_NAMED:
        return [source.called(run) for run in runs]
    return [
        f"{source.called(run)}: " + ", ".join(parameter(name, config[name]).short for name in names if name in config)
        for run, config in zip(runs, values, strict=True)
    ]


def _of_observers(quantity: str) -> tuple[str, ...]:
    """Return the names of a quantity that observers see: of flat ground, and of rough ground."""
    return (quantity, f"observer_{quantity}", "observer_vectors", f"crater_{quantity}", "crater_observer_vectors")


def _seen(record: RadianceRecord, config: SimulationConfig, quantity: str, called: str) -> list[tuple[str, FloatArray]]:
    """Return a quantity of flat ground, and what it is towards every observer: of rough ground, where there is any."""
    rough = getattr(record, f"crater_{quantity}")
    towards, vectors = (
        (rough, record.crater_observer_vectors)
        if rough.size
        else (getattr(record, f"observer_{quantity}"), record.observer_vectors)
    )
    if not towards.size:
        raise NotFoundError(f"{called} has spectra towards one direction alone (observer_vectors)")
    ground = "rough" if rough.size else "flat"
    straight = np.degrees(np.arccos(config.observer_mu))
    labels = [f"{ground}, {direction_of(vector)}" for vector in vectors]
    return [(f"flat, {straight:.0f}°", getattr(record, quantity)), *zip(labels, towards, strict=True)]


def direction_of(vector: FloatArray) -> str:
    """Return where an observer stands: degrees from the zenith, and the point of the compass."""
    south, east, up = vector
    angle = np.degrees(np.arccos(np.clip(up, -1.0, 1.0)))
    if angle < 0.5:
        return "0°"
    azimuth = np.degrees(np.arctan2(east, -south)) % 360.0
    return f"{angle:.0f}° {COMPASS[round(azimuth / 45.0) % len(COMPASS)]}"


def _require_bands(record: RadianceRecord, called: str) -> None:
    if not record.wavenumber.size:
        raise NotFoundError(f"the spectra of {called} have no bands (output_radiance_mode: two_wave)")
