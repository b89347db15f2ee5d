"""From a YAML file to a config: sections are flattened, every mistake has its line.

:func:`load_config` is the entry; :func:`collect` reads the fields of any YAML mapping, and sweep files use it too.
"""

import dataclasses
import json
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tmx.config.fields import Field
from tmx.config.model import SimulationConfig, overlay, read_layer, resolve, unknown_field
from tmx.config.notices import Notice, notices
from tmx.config.problems import FieldError
from tmx.config.retired import RETIRED
from tmx.config.schema import FIELDS, SECTIONS
from tmx.config.values import read_value
from tmx.config.yaml_reader import Entry, MapNode, Mark, Node, Scalar, parse_mapping, plain, read_document

LOG = logging.getLogger(__name__)

SWEEP_KEY = "parameter_sweeps"
"""Under which a sweep file, and no config, has its parameters."""

_TITLES = frozenset(section.title() for section in SECTIONS)


@dataclass(frozen=True)
class LoadedConfig:
    """A config and what is known of its file.

    Attributes
    ----------
    config : SimulationConfig
        The resolved config.
    warnings : tuple of str
        What is legal but odd, with its place.
    source : str
        The text of the file.
    path : Path
        The file.
    explicit : frozenset of str
        Names of the fields that the file or the overrides set.
    """

    config: SimulationConfig
    warnings: tuple[str, ...]
    source: str
    path: Path
    explicit: frozenset[str]


@dataclass(frozen=True)
class Settings:
    """The fields that a YAML mapping sets: their values, their places, and warnings about retired names."""

    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    marks: dict[str, Mark] = dataclasses.field(default_factory=dict)
    warnings: list[str] = dataclasses.field(default_factory=list)


def load_config(path: str | Path, overrides: Mapping[str, object] | None = None) -> LoadedConfig:
    """Read a config file and lay overrides over it.

    Parameters
    ----------
    path : str or Path
        A YAML file; relative paths in it are relative to its directory.
    overrides : mapping, optional
        Field to value, typed or as text; relative paths are relative to the working directory.

    Raises
    ------
    ConfigError
        One line with the place, the field, the value and what is allowed.
    """
    document = read_document(path)
    settings = collect(document.root, document.path.parent)
    layer = read_layer(overrides or {})
    config = _resolved(settings, layer)
    explicit = frozenset(settings.values) | frozenset(layer)
    LOG.info("read %s: %d fields, and %d laid over it", document.path, len(settings.values), len(layer))
    odd = (_place(notice, _places(settings, layer)) for notice in notices(config, explicit))
    return LoadedConfig(config, (*settings.warnings, *odd), document.text, document.path, explicit)


def config_from_yaml(text: str, source: str, overrides: Mapping[str, object] | None = None) -> SimulationConfig:
    """Read a config from YAML text, such as the one kept in a result, and lay overrides over it.

    Parameters
    ----------
    text : str
        What :func:`~tmx.config.yaml_writer.config_yaml` wrote; relative paths start in the working directory.
    source : str
        What messages call it.
    overrides : mapping, optional
        Field to value.

    Raises
    ------
    ConfigError
        As for :func:`load_config`.
    """
    return _resolved(collect(parse_mapping(text, source), Path()), read_layer(overrides or {}))


def stored_config(text: str) -> SimulationConfig:
    """Read a config from the JSON that a registry keeps; what was a field when it was written may have retired."""
    values = json.loads(text)
    return overlay(SimulationConfig(), {name: value for name, value in values.items() if name not in RETIRED})


def _resolved(settings: Settings, layer: Mapping[str, Any]) -> SimulationConfig:
    try:
        return resolve(SimulationConfig(), settings.values, layer)
    except FieldError as error:
        mark = _first_mark(error.fields, _places(settings, layer))
        raise (mark.error(str(error)) if mark else error) from None


def _places(settings: Settings, layer: Mapping[str, Any]) -> dict[str, Mark]:
    """Give the places of the fields whose values come from the file."""
    return {name: mark for name, mark in settings.marks.items() if name not in layer}


def collect(mapping: MapNode, directory: Path) -> Settings:
    """Read the fields of a mapping; nested mappings are sections.

    Parameters
    ----------
    mapping : MapNode
        A mapping of a YAML document.
    directory : Path
        Where relative paths start.

    Raises
    ------
    ConfigError
        If a name is unknown or stands twice, or a value is not acceptable.
    """
    settings = Settings()
    retired: dict[str, list[Entry]] = {}
    for entry, section in _entries(mapping, None):
        if entry.key in RETIRED:
            retired.setdefault(RETIRED[entry.key], []).append(entry)
        elif entry.key in FIELDS:
            _add(settings, entry, directory)
        else:
            raise entry.mark.error(_unknown(entry, section))
    settings.warnings.extend(_ignored(entries, reason) for reason, entries in retired.items())
    return settings


def _ignored(entries: list[Entry], reason: str) -> str:
    return f"{entries[0].mark}: {', '.join(entry.key for entry in entries)}: ignored: {reason}"


def _entries(mapping: MapNode, section: str | None) -> Iterator[tuple[Entry, str | None]]:
    """Walk the settings of a mapping and its sections; empty sections are skipped."""
    for entry in mapping.entries:
        if isinstance(entry.node, MapNode) and _is_section(entry.key, entry.node):
            yield from _entries(entry.node, entry.key)
        elif not _is_empty_section(entry):
            yield entry, section


def _is_section(key: str, node: MapNode) -> bool:
    """Tell whether a mapping holds fields; under a field's name it may be that field's value instead."""
    return key not in FIELDS or (bool(node.entries) and not FIELDS[key].is_vectors)


def _is_empty_section(entry: Entry) -> bool:
    return entry.key in _TITLES and isinstance(entry.node, Scalar) and entry.node.text == ""


def _add(settings: Settings, entry: Entry, directory: Path) -> None:
    name = entry.key
    if name in settings.marks:
        raise entry.mark.error(f"{name} stands twice, first in line {settings.marks[name].line}")
    settings.values[name] = read_node(FIELDS[name], entry.node, directory)
    settings.marks[name] = entry.node.mark


def read_node(field: Field, node: Node, directory: Path) -> Any:
    """Read the value of a field from a place in a YAML file.

    Raises
    ------
    ConfigError
        With the place, if the field cannot have this value.
    """
    try:
        return node_value(field, node, directory)
    except FieldError as error:
        raise node.mark.error(str(error)) from None


def node_value(field: Field, node: Node, directory: Path) -> Any:
    """Read the value of a field from a YAML node; errors do not name the place."""
    return read_value(field, _raw(field, node, directory))


def _raw(field: Field, node: Node, directory: Path) -> Any:
    if not isinstance(node, Scalar) or not field.is_text:
        return plain(node)
    if node.value is None:
        return None if field.nullable else ""
    if field.about.file and node.text and not node.text.startswith("~"):
        return os.path.join(directory, node.text)
    return node.value if type(node.value) in field.types else node.text


def _unknown(entry: Entry, section: str | None) -> str:
    if entry.key == SWEEP_KEY and section is None:
        return f"{SWEEP_KEY} makes this a sweep file, which --batch-config takes; here a config is needed"
    if entry.key in _TITLES:
        return f"{entry.key} is a section; its fields stand in the lines below, indented"
    if section in FIELDS and section not in _TITLES:
        return unknown_field(entry.key, "") + f" (and {section} is a field itself: write '{section}: value')"
    return unknown_field(entry.key)


def _place(notice: Notice, places: Mapping[str, Mark]) -> str:
    mark = _first_mark((*notice.subjects, *notice.related), places)
    return f"{mark}: {notice}" if mark else str(notice)


def _first_mark(names: tuple[str, ...], places: Mapping[str, Mark]) -> Mark | None:
    return next((places[name] for name in names if name in places), None)
