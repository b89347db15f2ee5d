"""Settings given on a command line: ``Et=5e4``, ``latitude="30 deg"``, ``crater=true``."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tmx.config.loading import node_value
from tmx.config.model import unknown_field
from tmx.config.problems import shown
from tmx.config.schema import FIELDS
from tmx.config.yaml_reader import parse_value
from tmx.errors import ConfigError


def parse_overrides(texts: Iterable[str]) -> dict[str, Any]:
    """Read several ``name=value`` settings.

    Raises
    ------
    ConfigError
        If one is not acceptable, or a name comes twice.
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, value = parse_override(text)
        if name in values:
            raise ConfigError(f"{name} is given twice")
        values[name] = value
    return values


def parse_override(text: str) -> tuple[str, Any]:
    """Read one ``name=value`` setting; the value is typed and bounded by the schema.

    Raises
    ------
    ConfigError
        If it has not this form, the field is unknown, or the field cannot have the value.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals):
        raise ConfigError(f"expected name=value, for instance Et=5e4, not {shown(text)}")
    if name not in FIELDS:
        raise ConfigError(unknown_field(name))
    return name, node_value(FIELDS[name], parse_value(value, name), Path())
