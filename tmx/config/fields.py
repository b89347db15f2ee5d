"""What the schema says of one field, and the table of fields made from its sections.

A field is declared once, in :mod:`tmx.config.sections`: its type and bounds in pydantic's words, everything
else in one :class:`About`. :class:`Field` is the same entry as the other modules want to see it.
"""

import re
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, Literal, TypeAlias

from annotated_types import Ge, Gt, Interval, Le, Lt, MinLen, MultipleOf
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.fields import FieldInfo

from tmx.config.conditions import NEVER, Condition

Stage: TypeAlias = Literal["thermal", "radiance"]
STAGES: tuple[Stage, ...] = typing.get_args(Stage)

Vector: TypeAlias = tuple[float, float, Annotated[float, Gt(0)]]

_ENDS = ("ge", "gt", "le", "lt")
_VALIDATION = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


@dataclass(frozen=True)
class About:
    """What a field is: its meaning, the conditions under which each stage reads it, and its unit."""

    meaning: str
    thermal: Condition = NEVER
    radiance: Condition = NEVER
    unit: str = ""
    file: bool = False


class Section(BaseModel):
    """A group of fields, there for people: it becomes a section of the YAML, its docstring a comment."""

    model_config = ConfigDict(**_VALIDATION, defer_build=True)

    @classmethod
    def title(cls) -> str:
        """Name of the section in YAML, for instance ``solver_settings``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(frozen=True)
class Bounds:
    """An interval of numbers; ``None`` where it is open-ended."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None

    def words(self) -> str:
        """Say the interval in words, for instance ``"above 0 and at most 1"``."""
        if self.ge is not None:
            ends = [f"from {_short(self.ge)}", _say("to", self.le), _say("to below", self.lt)]
        else:
            ends = [_say("above", self.gt), _say("and at most", self.le), _say("and below", self.lt)]
        return " ".join(filter(None, ends))

    def as_dict(self) -> dict[str, float]:
        """Give the ends that exist by name (``ge``, ``gt``, ``le``, ``lt``)."""
        return {name: end for name, end in vars(self).items() if end is not None}


@dataclass(frozen=True)
class Field:
    """One field of the config: everything that the schema says of it."""

    name: str
    section: str
    annotation: Any
    metadata: tuple[Any, ...]
    default: Any
    about: About

    @property
    def unit(self) -> str:
        """Unit of the value; empty for pure numbers and everything else."""
        return self.about.unit

    @cached_property
    def reads(self) -> Mapping[Stage, Condition]:
        """Under which condition each stage reads the field."""
        return {"thermal": self.about.thermal, "radiance": self.about.radiance}

    @cached_property
    def used(self) -> Condition:
        """The condition under which any stage reads the field."""
        return self.about.thermal | self.about.radiance

    @cached_property
    def types(self) -> frozenset[Any]:
        """The plain types that a value may have; ``tuple`` stands for every list."""
        return frozenset(_plain(part) for part in _alternatives(self.annotation))

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The words that are allowed, if any."""
        literals = (part for part in _alternatives(self.annotation) if typing.get_origin(part) is Literal)
        return tuple(word for literal in literals for word in typing.get_args(literal))

    @cached_property
    def bounds(self) -> Bounds:
        """The interval that a number must lie in."""
        ends: dict[str, Any] = {}
        for constraint in self._constraints():
            if isinstance(constraint, Ge | Gt | Le | Lt | Interval):
                ends.update({end: getattr(constraint, end) for end in _ENDS if hasattr(constraint, end)})
        return Bounds(**ends)

    @property
    def is_number(self) -> bool:
        """Whether a value may be a number."""
        return bool(self.types & {int, float}) and not self.is_text

    @property
    def is_integer(self) -> bool:
        """Whether a number must be a whole one."""
        return self.is_number and float not in self.types

    @cached_property
    def step(self) -> int:
        """Distance of neighbouring whole numbers that are allowed; 0 where any number is."""
        if not self.is_integer:
            return 0
        multiples = (int(one.multiple_of) for one in self._constraints() if isinstance(one, MultipleOf))  # type: ignore[call-overload]
        return max(multiples, default=1)

    @property
    def is_text(self) -> bool:
        """Whether any text is a value."""
        return str in self.types

    @property
    def is_list(self) -> bool:
        """Whether a value is a list."""
        return tuple in self.types

    @property
    def is_vectors(self) -> bool:
        """Whether a value is a list of vectors."""
        return bool(self.annotation == tuple[Vector, ...])

    @property
    def nullable(self) -> bool:
        """Whether the value may be left out (null)."""
        return type(None) in self.types

    @cached_property
    def validator(self) -> TypeAdapter[Any]:
        """Pydantic's strict validator of one value of this field."""
        constraints = (item for item in self.metadata if item is not self.about)
        return _validator(self.annotation, *constraints)

    @cached_property
    def expected(self) -> str:
        """What a value must be, in words, for instance ``"a number above 0 and at most 1"``."""
        parts = [*self._expected_kinds(), *(["null"] if self.nullable else [])]
        return " or ".join(parts)

    def _expected_kinds(self) -> Iterable[str]:
        if bool in self.types:
            yield "true or false"
        if self.choices:
            yield " or ".join(self.choices) if len(self.choices) < 3 else f"one of {', '.join(self.choices)}"
        if self.is_number:
            yield self._expected_number()
        if self.is_text:
            yield "the path of a file" if self.about.file else "text"
        if self.is_list:
            what = "vectors [x, y, z] with z above 0" if self.is_vectors else "numbers"
            yield f"a list of {self._fewest()}{what}"

    def _fewest(self) -> str:
        fewest = max((one.min_length for one in self._constraints() if isinstance(one, MinLen)), default=0)
        return f"{fewest} or more " if fewest else ""

    def _expected_number(self) -> str:
        even = any(isinstance(constraint, MultipleOf) for constraint in self._constraints())
        kind = "an even whole number" if even else "a whole number" if self.is_integer else "a number"
        unit = f"({self.unit})" if self.unit[:1].isdigit() else self.unit
        return " ".join(filter(None, (kind, self.bounds.words(), unit)))

    def _constraints(self) -> Iterable[Any]:
        yield from self.metadata
        for part in _alternatives(self.annotation):
            yield from getattr(part, "__metadata__", ())


def fields_of(sections: Iterable[type[Section]]) -> dict[str, Field]:
    """Make the table of fields of these sections, in the order of their declaration."""
    return {name: _field(section, name, info) for section in sections for name, info in section.model_fields.items()}


def _say(word: str, number: float | None) -> str:
    return "" if number is None else f"{word} {_short(number)}"


def _short(number: float) -> str:
    return f"{number:.6g}".replace("e+0", "e").replace("e-0", "e-")


@cache
def _validator(annotation: Any, *constraints: Any) -> TypeAdapter[Any]:
    """Build a validator; fields with the same type and bounds share one, for it takes a millisecond."""
    annotated: Any = Annotated[annotation, *constraints] if constraints else annotation
    return TypeAdapter(annotated, config=_VALIDATION)


def _field(section: type[Section], name: str, info: FieldInfo) -> Field:
    (about,) = (item for item in info.metadata if isinstance(item, About))
    return Field(name, section.title(), info.annotation, tuple(info.metadata), info.default, about)


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """List the members of a union, or the type itself."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def _plain(part: Any) -> Any:
    if typing.get_origin(part) is Annotated:
        return _plain(typing.get_args(part)[0])
    return typing.get_origin(part) or part
