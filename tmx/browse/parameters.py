"""Parameters as people read them: value, unit, and what they mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tmx.config import FIELDS
from tmx.execution.figures import SCALES
from tmx.words import shown

SMALL_M = 1e-3
"""Lengths below are said in µm as well."""


@dataclass(frozen=True)
class Parameter:
    """A field of a config.

    Attributes
    ----------
    name, value, unit, meaning : str
        What it is.
    also : str
        The value in a unit that people read better, if there is one.
    """

    name: str
    value: str
    unit: str
    meaning: str
    also: str


def parameters_of(values: Mapping[str, Any], names: Iterable[str]) -> list[Parameter]:
    """Return some of the values of a config."""
    return [parameter(name, values[name]) for name in names]


def parameter(name: str, value: Any) -> Parameter:
    """Return a field with some value; one that this version's schema does not know has no meaning."""
    if name not in FIELDS:
        return Parameter(name, _value(value), "", "", "")
    field = FIELDS[name]
    return Parameter(name, _value(value), field.unit, field.about.meaning, _also(field.unit, value))


def _value(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else shown(value)


def _also(unit: str, value: Any) -> str:
    if not isinstance(value, float) or unit not in SCALES or (unit == "m" and not 0.0 < abs(value) < SMALL_M):
        return ""
    factor, name = SCALES[unit]
    return f"{factor * value:.4g} {name}"
