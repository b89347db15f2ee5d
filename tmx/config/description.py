"""The schema as data, for ``tmx config schema``, for documentation and for programs that build forms."""

from typing import Any

from tmx.config.conditions import NEVER
from tmx.config.fields import Field
from tmx.config.schema import FIELDS


def describe_schema() -> dict[str, dict[str, Any]]:
    """Describe every field, ready for JSON.

    Returns
    -------
    dict
        Field to a dict of ``section``, ``meaning``, ``unit``, ``expected`` (in words), ``default``, ``nullable``,
        ``bounds`` (``ge``, ``gt``, ``le``, ``lt``), ``choices``, ``file``, and ``stages``: stage to the condition
        under which it reads the field, for the stages that ever do.
    """
    return {name: _describe(field) for name, field in FIELDS.items()}


def _describe(field: Field) -> dict[str, Any]:
    return {
        "section": field.section,
        "meaning": field.about.meaning,
        "unit": field.unit,
        "expected": field.expected,
        "default": _json(field.default),
        "nullable": field.nullable,
        "bounds": field.bounds.as_dict(),
        "choices": list(field.choices),
        "file": field.about.file,
        "stages": {stage: condition.words() for stage, condition in field.reads.items() if condition != NEVER},
    }


def _json(value: Any) -> Any:
    return [_json(item) for item in value] if isinstance(value, tuple) else value
