"""The inputs of a dataset: fields of the config, quantities derived from them, and expressions on both."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tmx.config import FIELDS, SimulationConfig
from tmx.config.model import unknown_field
from tmx.config.problems import shown, suggestion
from tmx.datasets.derived import DERIVED
from tmx.datasets.layout import Inputs, hashable
from tmx.errors import ConfigError
from tmx.sweeps.expressions import read_expression

WHAT = 'a number, such as "log10(k_dust)"'


class Values(Mapping[str, Any]):
    """All that can be said of a sample by name: its fields, what follows from them, and what was computed.

    Quantities are derived when they are asked for.

    Parameters
    ----------
    base : SimulationConfig
        The config that all samples of its sweep have in common.
    params : mapping
        The fields in which it differs.
    results : mapping, optional
        Numbers of its results.
    """

    def __init__(
        self, base: SimulationConfig, params: Mapping[str, Any], results: Mapping[str, Any] | None = None
    ) -> None:
        self._base = base
        self._params = params
        self._results = results or {}

    def __getitem__(self, name: str) -> Any:
        if name in FIELDS:
            return self._params[name] if name in self._params else getattr(self._base, name)
        if name in DERIVED:
            return DERIVED[name].value(self._base.model_copy(update=dict(self._params)))
        return self._results[name]

    def __iter__(self) -> Iterator[str]:
        yield from (*FIELDS, *DERIVED, *self._results)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class Column:
    """An input: its name and unit, what it is, and its value for a sample."""

    name: str
    unit: str
    meaning: str
    value: Callable[[Values], Any]


def read_columns(requests: Sequence[str]) -> tuple[Column, ...]:
    """Read what the inputs of a dataset shall be.

    Parameters
    ----------
    requests : sequence of str
        Each a field, a derived quantity, or `name=expression`.

    Raises
    ------
    ConfigError
        If one is neither, or a name stands twice.
    """
    columns = tuple(_read_column(request) for request in requests)
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"--inputs: {name} stands there twice")
    return columns


def inputs_of(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Inputs:
    """Describe the columns for the values of some samples; one whose values are not numbers gets codes.

    Raises
    ------
    ConfigError
        If a column has no value for a sample.
    """
    categories = {}
    for column, found in zip(columns, zip(*rows, strict=True), strict=True):
        if None in found:
            raise ConfigError(f"--inputs: {column.name} is null in {found.count(None)} samples: leave it out")
        if not all(isinstance(value, int | float) for value in found):
            categories[column.name] = tuple(sorted({hashable(value) for value in found}, key=str))
    return Inputs(
        tuple(column.name for column in columns),
        tuple(column.unit for column in columns),
        categories,
        tuple(column.meaning for column in columns),
    )


def _read_column(request: str) -> Column:
    name, equals, text = request.partition("=")
    name = name.strip()
    if equals:
        return _computed(name, text.strip())
    if name in FIELDS:
        field = FIELDS[name]
        return Column(name, field.unit or "1", field.about.meaning, lambda values: values[name])
    if name in DERIVED:
        return Column(name, DERIVED[name].unit, DERIVED[name].meaning, lambda values: values[name])
    near = suggestion(name, [*FIELDS, *DERIVED])
    derived = f"there are fields of the config, {', '.join(DERIVED)}, and name=expression"
    reason = unknown_field(name) if not near else f"unknown input {shown(name)}{near}"
    raise ConfigError(f"--inputs: {reason} ({derived})")


def _computed(name: str, text: str) -> Column:
    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
        raise ConfigError(f"--inputs: {shown(name)} is no name for an input: a letter, then letters, digits and _")
    if name in FIELDS or name in DERIVED:
        raise ConfigError(f"--inputs: {name} is what it is already: give the expression another name")

    def fail(message: str) -> ConfigError:
        return ConfigError(f"--inputs {name}: {message}")

    expression = read_expression(text, WHAT, fail, DERIVED)
    if not expression.is_number:
        raise fail(f"{shown(text)} is no number")

    def value(values: Values) -> float:
        try:
            return float(expression.value(values))
        except ValueError as error:
            raise fail(f"{shown(text)} has no value: {error}") from None

    return Column(name, "1", text, value)
