"""Parameters as people read them: value, unit, and what they mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tmx.config import FIELDS
from tmx.config.fields import Stage
from tmx.config.reading import fields_read
from tmx.words import shown, unit_of_people


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

    @property
    def short(self) -> str:
        """Name, value and the one unit that people read best."""
        return f"{self.name} {self.also or f'{self.value} {self.unit}'.rstrip()}"


def parameters_of(values: Mapping[str, Any], names: Iterable[str]) -> list[Parameter]:
    """Return some of the values of a config."""
    return [parameter(name, values[name]) for name in names]


def values_read(config: Mapping[str, Any], stages: Iterable[Stage]) -> dict[str, Any]:
    """Return the values of those fields that some stages read of a whole config, in the order of the schema."""
    read = {name for stage in stages for name in fields_read(config, stage)}
    return {name: config[name] for name in FIELDS if name in read}


def differing(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of fields that are not the same in all configs that have them."""
    names = dict.fromkeys(name for config in configs for name in config)
    values = {name: [config[name] for config in configs if name in config] for name in names}
    return [name for name, found in values.items() if any(value != found[0] for value in found)]


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
    if not isinstance(value, float):
        return ""
    factor, name = unit_of_people(unit, abs(value))
    return "" if name == unit else f"{factor * value:.4g} {name}"
