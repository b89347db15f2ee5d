"""`sweeps.md`: what a sweep file may say."""

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

from documentation.markdown import bullets, code, codes, first_paragraph, table
from documentation.markdown import page as page_of
from tmx.datasets.derived import DERIVED
from tmx.sweeps.axis import KEYS as AXIS_KEYS
from tmx.sweeps.axis import KINDS, MAX_VALUES
from tmx.sweeps.design_reading import POINTS
from tmx.sweeps.designs import DESIGNS, Design
from tmx.sweeps.expressions import CONSTANTS, FUNCTIONS, LONGEST
from tmx.sweeps.loading import KEYS, MAX_SAMPLES, OUTPUT_KEYS

INTRODUCTION = """\
A sweep file is YAML. [sweeps.md](../sweeps.md) explains how sweeps are used; this page lists what may stand in their
files. Anything else is refused with the line, the name and the nearest valid one."""

EXPRESSIONS = f"""\
Constraints here, and `--where`, `--hold-out` and `--inputs` of `tmx dataset build`, are expressions on fields of the
config, of {LONGEST} characters at most. Datasets also know what follows from a config:"""


def page() -> str:
    """Return the page."""
    return page_of(
        "Sweep files",
        INTRODUCTION,
        "## The file",
        _named(KEYS),
        "## parameter_sweeps",
        "Each entry of the list is a mapping of these.",
        _named(AXIS_KEYS),
        table(("`type`", "values"), ((code(kind), meaning) for kind, meaning in KINDS.items())),
        "Where the design chooses values, `linear` and `uniform` are the same; with `log_uniform` equal ratios have"
        " equal shares.",
        "## design",
        *(block for name, design in DESIGNS.items() for block in _design(name, design)),
        "## output_settings",
        _named(OUTPUT_KEYS),
        "## Expressions",
        EXPRESSIONS,
        table(("name", "unit", "meaning"), ((code(n), one.unit, one.meaning) for n, one in DERIVED.items())),
        bullets(
            (
                f"constants: {codes(name for name in CONSTANTS if name[0].islower())}",
                f"functions: {codes(FUNCTIONS)}; `min` and `max` take several numbers, all others one",
                "operators: `+ - * / **`; `< <= > >= == !=`, also in chains; `in` and `not in` with a list;"
                " `and`, `or`, `not`",
            )
        ),
        "## Limits",
        f"A parameter has at most {MAX_VALUES:,} values, a sweep at most {MAX_SAMPLES:,} samples.",
    )


def _named(meanings: Any) -> str:
    return table(("name", "meaning"), ((code(name), meaning) for name, meaning in meanings.items()))


def _design(name: str, design: type[Design]) -> Iterator[str]:
    yield f"### {name}"
    if name == POINTS:
        yield "The points that its setting lists, in place of `parameter_sweeps`."
        yield table(("setting", "value", "default", "meaning"), [(code("points"), "list", "required", _POINTS)])
        return
    yield f"{first_paragraph(design.__doc__)} {_promises(design)}"
    if settings := list(_settings(design)):
        yield table(("setting", "value", "default", "meaning"), settings)


_POINTS = "mappings of fields to values, all of the same fields"


def _promises(design: type[Design]) -> str:
    if not design.chooses:
        return "Parameters have values of their own."
    grows = "It grows: with more samples, the first ones stay" if design.endless else "It does not grow"
    return f"It chooses values between `min` and `max`. {grows}."


def _settings(design: type[Design]) -> Iterator[tuple[str, ...]]:
    meanings = _attributes(design)
    for field in dataclasses.fields(design):  # type: ignore[arg-type]
        default = "required" if field.default is dataclasses.MISSING else code(str(field.default).lower())
        value = "true or false" if field.type is bool else f"whole number from 1 to {MAX_VALUES:,}"
        yield code(field.name), value, default, meanings[field.name].rstrip(".")


def _attributes(design: type[Design]) -> dict[str, str]:
    """Return what the docstrings of a class and its bases say of its attributes."""
    found: dict[str, str] = {}
    for cls in reversed(design.__mro__):
        text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
        for name, meaning in re.findall(r"^(\w+) : .+\n((?: {4}.+\n?)+)", text, re.MULTILINE):
            found[name] = " ".join(meaning.split())
    return found
