"""Figures of what a registry holds, and of files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tmx.config import FIELDS, SimulationConfig, config_from_yaml
from tmx.datasets.selection import Member, select_members
from tmx.errors import ConfigError, NotFoundError
from tmx.figures import PhaseCurve, Spectra
from tmx.registry.control import sweep_id_of
from tmx.registry.engine import Registry
from tmx.stages.beaming import beaming_from_file
from tmx.stages.local_time import hours_apart, local_hours
from tmx.stages.tables import PER_CM
from tmx.storage.hdf5 import read, read_provenance
from tmx.storage.paths import in_store
from tmx.storage.records import RadianceRecord
from tmx.words import unit_of_people

FIELDS_OF_SPECTRA = ("emissivity", "brightness_temperature", "wavenumber", "t_out")

NOON = 12.0


def spectra_of_sweep(
    registry: Registry, store: Path, sweep: str, by: str | None = None, local_time_h: float = NOON
) -> tuple[Spectra, str]:
    """Return the spectra of those samples of a sweep that differ in one parameter alone.

    Parameters
    ----------
    registry : Registry
        Where the sweep is.
    store : Path
        The store root.
    sweep : str
        Its name.
    by : str, optional
        The parameter; by default the one that was named last. The others have the values in the middle of theirs.
    local_time_h : float
        Local time of the spectra [h]; the nearest is taken.

    Returns
    -------
    spectra : Spectra
        Emissivities and brightness temperatures.
    title : str
        What all have in common.

    Raises
    ------
    NotFoundError
        If there is no such sweep, or it has no spectra yet.
    ConfigError
        If the parameter was not swept, or its values are not numbers.
    """
    with registry.read() as conn:
        members = select_members(conn, sweep_id_of(conn, sweep))
    members = [member for member in members if member.radiance_path is not None]
    if not members:
        raise NotFoundError(f"sweep {sweep!r} has no spectra yet; see `tmx status`")
    by = by or list(members[0].params)[-1]
    chosen, common = _differing_in(members, by)
    paths = [in_store(str(member.radiance_path), store) for member in chosen]
    records = [read(path, RadianceRecord, FIELDS_OF_SPECTRA) for path in paths]
    if not records[0].wavenumber.size:
        raise NotFoundError(f"the spectra of sweep {sweep!r} have no bands (output_radiance_mode: two_wave)")
    hour, row = _nearest_time(paths[0], records[0], local_time_h)
    values = np.array([float(member.params[by]) for member in chosen])
    factor, unit = unit_of_people(FIELDS[by].unit, float(np.abs(values).max()))
    values = factor * values
    spectra = Spectra(
        wavenumber=PER_CM * records[0].wavenumber,
        values=values,
        label=f"{FIELDS[by].about.meaning.split(':')[0]}, {by} [{unit}]" if unit else by,
        emissivity=np.array([record.emissivity[:, row] for record in records]),
        brightness_temperature=np.array([record.brightness_temperature[:, row] for record in records]),
        logarithmic=bool((values > 0.0).all() and values.max() > 5.0 * values.min()),
    )
    return spectra, ", ".join([sweep, *common, f"{hour:g} h"])


def beaming_of_files(paths: Sequence[Path], local_time_h: float = NOON) -> tuple[list[PhaseCurve], str]:
    """Return the thermal beaming of rough surfaces, named by the parameters in which they differ.

    Parameters
    ----------
    paths : sequence of Path
        Files of spectra.
    local_time_h : float
        Local time [h]; the nearest is taken.

    Returns
    -------
    curves : list of PhaseCurve
        One for every file, in the order of these parameters.
    title : str
        Which local time it is.

    Raises
    ------
    NotFoundError, StorageError, ConfigError
        As `beaming_from_file` does.
    """
    found = [(beaming_from_file(path, local_time_h), path.stem) for path in paths]
    names = _differing([each.config for each, _ in found])
    found.sort(key=lambda one: [getattr(one[0].config, name) for name in names])
    curves = []
    for each, stem in found:
        label = ", ".join(_said(name, getattr(each.config, name)) for name in names) or stem
        curves.append(PhaseCurve(label, each.phase_angle, each.flat_brightness, each.rough_brightness, each.ratio))
    return curves, f"{found[0][0].local_time_h:g} h"


def _differing(configs: Sequence[SimulationConfig]) -> list[str]:
    """Return the parameters whose values are numbers, or all words, and not the same in all configs."""
    names = []
    for name in FIELDS:
        values = [getattr(config, name) for config in configs]
        comparable = all(isinstance(value, int | float) for value in values) or all(
            isinstance(value, str) for value in values
        )
        if comparable and len(set(values)) > 1:
            names.append(name)
    return names


def _differing_in(members: Sequence[Member], by: str) -> tuple[list[Member], list[str]]:
    """Return the samples whose other parameters are in the middle, and what those are, in words."""
    swept = members[0].params
    if by not in swept:
        raise ConfigError(f"{by!r} was not swept; there are {', '.join(swept)}")
    if not all(isinstance(member.params[by], int | float) for member in members):
        raise ConfigError(f"the values of {by!r} are not numbers")
    middle = {name: _middle([member.params[name] for member in members]) for name in swept if name != by}
    chosen = [m for m in members if all(m.params[name] == value for name, value in middle.items())]
    if not chosen:
        raise NotFoundError(f"no samples differ in {by!r} alone")
    return chosen, [_said(name, value) for name, value in middle.items()]


def _middle(values: list[Any]) -> Any:
    distinct = sorted(set(values), key=lambda value: (isinstance(value, str), value))
    return distinct[(len(distinct) - 1) // 2]


def _said(name: str, value: Any) -> str:
    return f"{name} {value:.4g} {FIELDS[name].unit}".strip() if isinstance(value, float) else f"{name} {value}"


def _nearest_time(path: Path, record: RadianceRecord, local_time_h: float) -> tuple[float, int]:
    """Return the local time that is nearest to one that is wanted [h], and its place in a record."""
    config = config_from_yaml(read_provenance(path, RadianceRecord).config_yaml, str(path), {})
    hours = local_hours(record.t_out, config.P)
    row = int(hours_apart(hours, local_time_h).argmin())
    return round(float(hours[row]), 2), row
