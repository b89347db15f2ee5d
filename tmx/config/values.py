"""From what a person or a program gives to the typed, bounded value of a field.

:func:`read_value` is the entry: quantities such as ``"30 deg"`` become numbers in the field's unit, numpy
scalars become Python's, lists become tuples; then pydantic checks type and bounds, strictly.
"""

import os
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from tmx.config.fields import Field
from tmx.config.problems import FieldError, shown, suggestion
from tmx.config.quantities import CONSTANTS, read_quantity
from tmx.errors import ConfigError


def read_value(field: Field, raw: object) -> Any:
    """Read one value.

    Parameters
    ----------
    field : Field
        The field that it is for.
    raw : object
        What was given: a Python value, a numpy scalar, or the text of a quantity.

    Returns
    -------
    object
        A bool, int, float, str, tuple or None, hashable and within the field's bounds.

    Raises
    ------
    FieldError
        If the field cannot have this value.
    """
    try:
        return field.validator.validate_python(_prepare(field, raw))
    except ValidationError:
        raise FieldError(_refusal(field, raw), field.name) from None
    except ConfigError as error:
        raise FieldError(f"{error} (in {shown(raw)})", field.name) from None


def _prepare(field: Field, raw: Any) -> Any:
    if field.about.file and isinstance(raw, os.PathLike):
        raw = os.fspath(raw)
    if isinstance(raw, str):
        return _prepare_text(field, raw)
    if getattr(raw, "shape", None) == ():
        raw = raw.item()
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float) and field.is_number:
        return _number(field, raw)
    return _prepare_list(field, raw) if field.is_list else raw


def _prepare_text(field: Field, text: str) -> Any:
    if field.about.file and text and "\0" not in text:
        return os.path.abspath(os.path.expanduser(text))
    is_word = text.isalpha() and text not in CONSTANTS
    if is_word or not field.is_number:
        return text
    return _number(field, read_quantity(text, field.unit))


def _number(field: Field, value: Any) -> Any:
    """Give a number its field's type where nothing is lost; -0.0 becomes 0.0."""
    try:
        if field.is_integer:
            return int(value) if value == int(value) else float(value)
        return float(value) + 0.0
    except (OverflowError, ValueError):
        raise ConfigError("this is not a finite number") from None


def _prepare_list(field: Field, raw: Any) -> Any:
    if hasattr(raw, "tolist"):
        raw = raw.tolist()
    if isinstance(raw, Mapping) and field.is_vectors:
        raw = [_named_vector(name, vector) for name, vector in raw.items()]
    return _tuples(raw)


def _named_vector(name: str, vector: Any) -> Any:
    """Read ``overhead: {x: 0, y: 0, z: 1, description: ...}``."""
    if not isinstance(vector, Mapping) or {*vector} - {"description"} != {"x", "y", "z"}:
        raise ConfigError(f"{name!r} must have x, y and z")
    return [vector[axis] for axis in "xyz"]


def _tuples(raw: Any) -> Any:
    if isinstance(raw, list | tuple):
        return tuple(map(_tuples, raw))
    if isinstance(raw, str):
        return float(read_quantity(raw, "")) + 0.0
    return float(raw) + 0.0 if isinstance(raw, int | float) and not isinstance(raw, bool) else raw


def _refusal(field: Field, raw: object) -> str:
    hint = ""
    if isinstance(raw, str) and field.choices:
        hint = suggestion(raw, field.choices)
    elif field.unit == "rad" and isinstance(raw, int | float):
        hint = '; for degrees write, for instance, "30 deg"'
    return f"must be {field.expected}, not {shown(raw)}{hint}"
