"""`config.md`: every field of a config, and the bodies."""

from collections.abc import Iterator
from dataclasses import replace

from documentation.markdown import code, contents, prose, table
from documentation.markdown import page as page_of
from tmx.config import preset
from tmx.config.conditions import ALWAYS, NEVER, Condition
from tmx.config.fields import Field, Section
from tmx.config.presets import body_names
from tmx.config.schema import FIELDS, SECTIONS
from tmx.config.yaml_writer import yaml_value

INTRODUCTION = """\
Every field of a config, in the sections that `tmx create-config` writes. `tmx config schema FIELD` says the same of
one field, `tmx config schema --json` of all. Sections are for people: a field may stand in any of them, or in none.

Values are in the unit given, angles in radians. Quantities with another unit are understood: `30 deg`, `4.296 h`,
`15 um`, `1 d`. Paths are relative to the file that names them.

*Read by* says which stage reads a field, and when: **T** computes temperatures, **R** spectra. A field that no stage
reads under the switches of a config changes neither results nor keys; `tmx config check` warns of it."""

BODIES = """\
`tmx create-config --planetary-body NAME` begins with these values; all other fields have their defaults. `generic`
has none."""


def page() -> str:
    """Return the page."""
    titles = [section.title() for section in SECTIONS]
    index = ", ".join(f"[{name}](#{name})" for name in sorted(FIELDS, key=str.casefold))
    return page_of(
        "Config fields",
        INTRODUCTION,
        f"**Sections:** {contents([*titles, 'Bodies'])}",
        f"**Fields:** {index}",
        *(block for section in SECTIONS for block in _section(section)),
        "## Bodies",
        BODIES,
        *(block for name in body_names() for block in _body(name)),
    )


def _section(section: type[Section]) -> Iterator[str]:
    yield f"## {section.title()}"
    yield prose(section.__doc__)
    rows = (_row(FIELDS[name]) for name in section.model_fields)
    yield table(("field", "meaning", "unit", "allowed", "default", "read by"), rows)


def _row(field: Field) -> tuple[str, ...]:
    # Without its unit, which has a column of its own.
    allowed = replace(field, about=replace(field.about, unit="")).expected
    return (
        f'<a id="{field.name}"></a>`{field.name}`',
        field.about.meaning,
        field.unit,
        allowed,
        code(yaml_value(field.default)),
        _read_by(field),
    )


def _read_by(field: Field) -> str:
    thermal, radiance = field.reads["thermal"], field.reads["radiance"]
    if thermal == radiance:
        return "" if thermal == NEVER else f"T, R{_when(thermal)}"
    readers = {"T": thermal, "R": radiance}
    return "; ".join(f"{mark}{_when(condition)}" for mark, condition in readers.items() if condition != NEVER)


def _when(condition: Condition) -> str:
    return "" if condition == ALWAYS else f" when {condition.words()}"


def _body(name: str) -> Iterator[str]:
    body = preset(name)
    if body.sources:
        yield f"### {name}"
        rows = (
            (code(field), yaml_value(body.values[field]), FIELDS[field].unit, source)
            for field, source in body.sources.items()
        )
        yield table(("field", "value", "unit", "source"), rows)
