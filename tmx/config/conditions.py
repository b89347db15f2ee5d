"""Conditions on the switches of a config: under which of them a field is read, or a model is available.

A condition can be evaluated (:meth:`Condition.holds`) and put into words (:meth:`Condition.words`), so that
the schema, the warnings, the comments of a generated YAML file and the documentation can never disagree.
Write them with :func:`when`, and combine them with ``&`` and ``|``.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Switch: TypeAlias = bool | int | str | None


class Condition(ABC):
    """Something that is true or false of a set of values."""

    @abstractmethod
    def holds(self, values: Mapping[str, object]) -> bool:
        """Tell whether the condition is true of these values."""

    @abstractmethod
    def words(self) -> str:
        """Say the condition in words, for instance ``"use_RTE is true"``."""

    @abstractmethod
    def fields(self) -> frozenset[str]:
        """Give the names of the fields that the condition looks at."""

    def __and__(self, other: "Condition") -> "Condition":
        return _all_of(*_parts(AllOf, self), *_parts(AllOf, other))

    def __or__(self, other: "Condition") -> "Condition":
        """Join two conditions, with what they have in common said once."""
        mine, yours = _parts(AllOf, self), _parts(AllOf, other)
        common = [part for part in mine if part in yours]
        if not common:
            return _any_of(*_parts(AnyOf, self), *_parts(AnyOf, other))
        rests = [_all_of(*(part for part in side if part not in common)) for side in (mine, yours)]
        return _all_of(*common, *_parts(AllOf, rests[0] | rests[1]))


@dataclass(frozen=True)
class Is(Condition):
    """A field has one of the allowed values; ``None`` stands for "not given"."""

    field: str
    allowed: tuple[Switch, ...]

    def holds(self, values: Mapping[str, object]) -> bool:
        """Tell whether the field has such a value."""
        return values[self.field] in self.allowed

    def words(self) -> str:
        """Name the field and the values."""
        return f"{self.field} is {'/'.join(map(_say, self.allowed))}"

    def fields(self) -> frozenset[str]:
        """Give the one field."""
        return frozenset({self.field})


@dataclass(frozen=True)
class _Several(Condition):
    parts: tuple[Condition, ...]

    def fields(self) -> frozenset[str]:
        """Give the fields of all parts."""
        return frozenset().union(*(part.fields() for part in self.parts))

    def _join(self, word: str) -> str:
        return f" {word} ".join(part.words() if isinstance(part, Is) else f"({part.words()})" for part in self.parts)


@dataclass(frozen=True)
class AllOf(_Several):
    """Every part holds; with no parts, it always does."""

    def holds(self, values: Mapping[str, object]) -> bool:
        """Tell whether every part holds."""
        return all(part.holds(values) for part in self.parts)

    def words(self) -> str:
        """Join the parts with "and"."""
        return self._join("and") or "always"


@dataclass(frozen=True)
class AnyOf(_Several):
    """At least one part holds; with no parts, it never does."""

    def holds(self, values: Mapping[str, object]) -> bool:
        """Tell whether some part holds."""
        return any(part.holds(values) for part in self.parts)

    def words(self) -> str:
        """Join the parts with "or"."""
        return self._join("or") or "never"


ALWAYS: Condition = AllOf(())
NEVER: Condition = AnyOf(())


def when(**allowed: Switch | tuple[Switch, ...]) -> Condition:
    """Make the condition that each named field has the given value, or one of a tuple of values."""
    return _all_of(
        *(Is(field, values if isinstance(values, tuple) else (values,)) for field, values in allowed.items())
    )


def _parts(kind: type[_Several], condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, kind) else (condition,)


def _all_of(*parts: Condition) -> Condition:
    return _joined(AllOf, AnyOf, parts)


def _any_of(*parts: Condition) -> Condition:
    return _joined(AnyOf, AllOf, parts)


def _joined(kind: type[_Several], inner: type[_Several], parts: Iterable[Condition]) -> Condition:
    """Join parts by one word, without what others make redundant.

    Of parts joined by "or", those joined by "and" inside: a or (a and b) is a, and a or (not a and b) is a or b. It
    is the same the other way round.
    """
    distinct = tuple(dict.fromkeys(parts))
    opposites = {_opposite(part) for part in distinct}
    for place, part in enumerate(distinct):
        pieces = _parts(inner, part)
        if not opposites.isdisjoint(pieces):
            shorter = _joined(inner, kind, (piece for piece in pieces if piece not in opposites))
            return _joined(kind, inner, (*distinct[:place], *_parts(kind, shorter), *distinct[place + 1 :]))
    sets = {part: frozenset(_parts(inner, part)) for part in distinct}
    needed = tuple(part for part in distinct if not any(sets[other] < sets[part] for other in distinct))
    return needed[0] if len(needed) == 1 else kind(needed)


def _opposite(condition: Condition) -> Condition | None:
    """Return the opposite of a switch that is true or false."""
    if isinstance(condition, Is) and len(condition.allowed) == 1 and isinstance(condition.allowed[0], bool):
        return Is(condition.field, (not condition.allowed[0],))
    return None


def _say(value: Switch) -> str:
    if value is None:
        return "not given"
    return str(value).lower() if isinstance(value, bool) else str(value)
