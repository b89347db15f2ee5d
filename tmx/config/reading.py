"""Which fields the stages read under the switches of a config."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from tmx.config.fields import STAGES, Stage
from tmx.config.schema import FIELDS

_LOOKED_AT = frozenset().union(*(condition.fields() for field in FIELDS.values() for condition in field.reads.values()))

# The fields that some condition looks at: they decide what is read, and nothing else does.
_SWITCHES = tuple(name for name in FIELDS if name in _LOOKED_AT)


def fields_read(values: Mapping[str, Any], stage: Stage) -> tuple[str, ...]:
    """List the fields that a stage reads, given the values of all fields."""
    return _fields_read(_switches(values), stage)


def fields_in_use(values: Mapping[str, Any]) -> frozenset[str]:
    """Give the fields that any stage reads."""
    return _fields_in_use(_switches(values))


def is_switch(name: str) -> bool:
    """Tell whether a field decides which others are read."""
    return name in _LOOKED_AT


def _switches(values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple([values[name] for name in _SWITCHES])


@lru_cache(maxsize=1024)
def _fields_read(switches: tuple[Any, ...], stage: Stage) -> tuple[str, ...]:
    values = dict(zip(_SWITCHES, switches, strict=True))
    return tuple(name for name, field in FIELDS.items() if field.reads[stage].holds(values))


@lru_cache(maxsize=1024)
def _fields_in_use(switches: tuple[Any, ...]) -> frozenset[str]:
    return frozenset().union(*(_fields_read(switches, stage) for stage in STAGES))
