"""One axis of a sweep: a parameter and its values, as read from an entry of ``parameter_sweeps``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tmx.config.fields import Field
from tmx.config.loading import node_value
from tmx.config.model import unknown_field
from tmx.config.problems import FieldError, shown, suggestion
from tmx.config.schema import FIELDS
from tmx.config.values import read_value
from tmx.config.yaml_reader import Entry, ListNode, MapNode, Mark, Node, Scalar, entries_of
from tmx.errors import ConfigError
from tmx.sweeps import spacing

MAX_VALUES = 1_000_000
KINDS: Mapping[str, str] = {
    "linear": "evenly spaced from `min` to `max`, both included",
    "log_uniform": "evenly spaced in the logarithm from `min` to `max`, both included",
    "uniform": "random from `min` to `max`, by the seed and the name of the parameter",
    "list": "`values`, of any kind",
}
"""The values of a parameter by their `type`."""

_RANGE_KEYS = ("min", "max", "n_samples")

KEYS: Mapping[str, str] = {
    "name": "name for people; by default that of the parameter",
    "description": "what it is for",
    "parameter": "field of the config",
    "type": "how its values lie",
    "min": "lowest value, a number or a quantity such as `30 deg`; not of a `list`",
    "max": "highest value; not of a `list`",
    "n_samples": "how many values; not of a `list`, nor where the design chooses values",
    "values": "the values of a `list`",
}
"""What an entry of `parameter_sweeps` may say."""


@dataclass(frozen=True)
class Axis:
    """A swept parameter.

    Attributes
    ----------
    parameter : str
        Field of the config.
    name : str
        Name for people; by default that of the parameter.
    kind : str
        ``linear``, ``log_uniform``, ``uniform`` or ``list``.
    values : tuple
        Typed values in the field's unit, in order.
    place : str
        Where it stands in its file.
    """

    parameter: str
    name: str
    kind: str
    values: tuple[Any, ...]
    place: str

    @property
    def levels(self) -> int | None:
        """How many values there are to choose from; None where any number between two ends will do."""
        return len(self.values)

    def at(self, part: float) -> Any:
        """Give the value at a part, from 0 to 1, of the way; all have equal shares."""
        return self.values[min(int(part * len(self.values)), len(self.values) - 1)]

    def definition(self) -> list[Any]:
        """Give what defines it, for a hash."""
        return [self.parameter, list(self.values)]


@dataclass(frozen=True)
class Range(Axis):
    """A swept parameter that a design chooses any value of, between two ends: those are its `values`.

    Attributes
    ----------
    step : int
        Distance of the values that the field can have; 0 if any number will do.
    """

    step: int

    @property
    def levels(self) -> int | None:
        """How many values there are to choose from; None where any number between the ends will do."""
        return int(self.values[1] - self.values[0]) // self.step + 1 if self.step else None

    @property
    def is_logarithmic(self) -> bool:
        """Whether equal ratios have equal shares."""
        return self.kind == "log_uniform"

    def at(self, part: float) -> Any:
        """Give the value at a part, from 0 to 1, of the way."""
        low, high = self.values
        if not self.step:
            return spacing.log_between(low, high, part) if self.is_logarithmic else spacing.between(low, high, part)
        steps = int(high - low) // self.step
        if self.is_logarithmic:
            # Half a step beyond the ends, so that these have the same share as their neighbours.
            number = spacing.log_between(low - self.step / 2, low + (steps + 0.5) * self.step, part)
            return low + self.step * min(max(round((number - low) / self.step), 0), steps)
        return low + self.step * min(int(part * (steps + 1)), steps)

    def definition(self) -> list[Any]:
        """Give what defines it, for a hash."""
        return [self.parameter, "logarithmic" if self.is_logarithmic else "linear", *self.values]


def read_axis(node: Node, index: int, directory: Path, seed: int, design: str | None = None) -> Axis:
    """Read one entry of ``parameter_sweeps``, and make its values unless the design chooses them.

    Parameters
    ----------
    node : Node
        The entry.
    index : int
        Its position in the list, for messages.
    directory : Path
        Where relative paths among the values start.
    seed : int
        Seed of the sweep, for random values.
    design : str, optional
        Name of the design, if it chooses values between the ends of ranges.

    Raises
    ------
    ConfigError
        With the place and the entry's name.
    """
    if not isinstance(node, MapNode):
        raise node.mark.error(f"parameter_sweeps[{index}]: expected a mapping with parameter, type, …")
    return _AxisReader(node, index, directory, seed, design).read()


class _AxisReader:
    def __init__(self, node: MapNode, index: int, directory: Path, seed: int, design: str | None) -> None:
        self._mark = node.mark
        self._who = f"parameter_sweeps[{index}]"
        self._entries = entries_of(node, KEYS, self._who)
        self._directory = directory
        self._seed = seed
        self._design = design
        self._name = self._text("name") if "name" in self._entries else ""
        if self._name:
            self._who += f" {self._name!r}"

    def read(self) -> Axis:
        field = self._parameter()
        self._name = self._name or field.name
        kind = self._kind(field)
        if self._design and kind != "list":
            return self._between(field, kind)
        values = self._listed(field) if kind == "list" else self._spaced(field, kind)
        return Axis(field.name, self._name, kind, tuple(values), str(self._mark))

    def _error(self, message: object, mark: Mark | None = None) -> ConfigError:
        return (mark or self._mark).error(f"{self._who}: {message}")

    def _entry(self, key: str) -> Entry:
        if key not in self._entries:
            raise self._error(f"{key} is missing")
        return self._entries[key]

    def _text(self, key: str) -> str:
        node = self._entry(key).node
        if not isinstance(node, Scalar) or not node.text:
            raise self._error(f"{key}: must be text", node.mark)
        return node.text

    def _parameter(self) -> Field:
        name = self._text("parameter")
        if name not in FIELDS:
            raise self._error(unknown_field(name), self._entry("parameter").node.mark)
        return FIELDS[name]

    def _kind(self, field: Field) -> str:
        kind, mark = self._text("type"), self._entry("type").node.mark
        if kind not in KINDS:
            known = ", ".join(KINDS)
            raise self._error(f"unknown type {shown(kind)}{suggestion(kind, KINDS)} (there are {known})", mark)
        if kind != "list" and not field.is_number:
            raise self._error(f"{field.name} is {field.expected}; sweep it with type: list", mark)
        for key in _RANGE_KEYS if kind == "list" else ("values",):
            if key in self._entries:
                raise self._error(f"{key} does not go with type: {kind}", self._entries[key].mark)
        return kind

    def _listed(self, field: Field) -> list[Any]:
        node = self._entry("values").node
        if not isinstance(node, ListNode) or not node.items:
            raise self._error("values: must be a list of at least one value", node.mark)
        return [self._value(field, item) for item in node.items]

    def _value(self, field: Field, node: Node) -> Any:
        try:
            return node_value(field, node, self._directory)
        except ConfigError as error:
            raise self._error(error, node.mark) from None

    def _spaced(self, field: Field, kind: str) -> list[Any]:
        low, high = self._range(field, kind)
        count = self._count()
        try:
            return [read_value(field, number) for number in self._numbers(field, kind, low, high, count)]
        except FieldError as error:
            raise self._error(error) from None
        except ConfigError as error:
            raise self._error(f"{field.name}: {error}") from None

    def _between(self, field: Field, kind: str) -> Range:
        if "n_samples" in self._entries:
            mark = self._entries["n_samples"].mark
            raise self._error(f"n_samples does not go with design {self._design}, which says how many there are", mark)
        low, high = self._range(field, kind)
        return Range(field.name, self._name, kind, (low, high), str(self._mark), field.step)

    def _range(self, field: Field, kind: str) -> tuple[Any, Any]:
        low, high = self._end(field, "min"), self._end(field, "max")
        mark = self._entry("min").node.mark
        if low > high:
            raise self._error(f"{field.name}: min ({low:g}) is above max ({high:g})", mark)
        if kind == "log_uniform" and low <= 0:
            raise self._error(f"{field.name}: log_uniform needs min above 0", mark)
        return low, high

    def _end(self, field: Field, key: str) -> Any:
        node = self._entry(key).node
        value = self._value(field, node)
        if not isinstance(value, int | float):
            raise self._error(f"{field.name}: {key} must be a number, not {shown(value)}", node.mark)
        return value

    def _numbers(self, field: Field, kind: str, low: Any, high: Any, count: int) -> list[Any]:
        if kind == "uniform" and field.is_integer:
            return spacing.uniform_integers(low, high, count, self._seed, field.name)
        if kind == "uniform":
            return [float(x) for x in spacing.uniform(low, high, count, self._seed, field.name)]
        spaced = spacing.linear if kind == "linear" else spacing.log_uniform
        if field.is_integer:
            return spacing.rounded_integers(spaced, low, high, count)
        return [float(x) for x in spaced(low, high, count)]

    def _count(self) -> int:
        node = self._entry("n_samples").node
        count = node.value if isinstance(node, Scalar) else None
        if type(count) is not int or not 1 <= count <= MAX_VALUES:
            raise self._error(f"n_samples: must be a whole number from 1 to {MAX_VALUES}", node.mark)
        return count
