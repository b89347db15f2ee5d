"""`tables.md`: the tables and views of the registry, from their declarations."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Table, UniqueConstraint, create_engine, inspect
from sqlalchemy.types import NullType, TypeEngine

from documentation.markdown import bullets, code, codes, contents, table
from documentation.markdown import page as page_of
from tmx.registry.engine import SCHEMA_REVISION
from tmx.registry.meanings import TABLES, meaning_in
from tmx.registry.tables import metadata
from tmx.registry.views import VIEWS, view_statements

INTRODUCTION = f"""\
The registry at schema revision `{SCHEMA_REVISION}`, the same on SQLite and PostgreSQL. Ask the views: they have
everything joined ([ready queries](../queries.md)). `tmx sql` only reads. `tmx db upgrade` brings a registry of an
older revision up to date; a registry of a newer one is refused.

Times in tables are seconds since 1970 by the database's clock, in views ISO 8601 in UTC. Paths are relative to the
store."""

PARAMETERS = """\
`samples` has one more column for each parameter that a sweep of this registry varies, under the name of the config
field and in its unit ([config.md](config.md)); where a column of this name exists already, it is called
`param_NAME`."""


def page() -> str:
    """Return the page."""
    tables = [table.name for table in metadata.sorted_tables]
    return page_of(
        "Tables and views",
        INTRODUCTION,
        f"**Views:** {contents(VIEWS)}",
        f"**Tables:** {contents(tables)}",
        "## Foreign keys",
        _diagram(),
        *(block for view in VIEWS for block in _view(view)),
        *(block for name in tables for block in _table(metadata.tables[name])),
    )


def _diagram() -> str:
    """Return the foreign keys as a diagram: from the table that refers to the one that is referred to."""
    keys = [(table.name, key) for table in metadata.sorted_tables for key in table.foreign_keys]
    lines = sorted(
        f"    {name} {'}o--o|' if key.parent.nullable else '}o--||'} {key.column.table.name} : {key.parent.name}"
        for name, key in keys
    )
    return "\n".join(["```mermaid", "erDiagram", *lines, "```"])


def _view(view: str) -> Iterator[str]:
    yield f"## {view}"
    yield f"View. {TABLES[view]}"
    if view == "samples":
        yield PARAMETERS
    rows = ((code(name), kind, *_split(meaning_in(view, name))) for name, kind in _columns(view))
    yield table(("column", "type", "unit", "meaning"), rows)


def _columns(view: str) -> list[tuple[str, str]]:
    """Return the columns that a view has where no parameter is swept, with their types."""
    engine = create_engine("sqlite://")
    with engine.begin() as conn:
        metadata.create_all(conn)
        for statement in view_statements(conn.dialect.name, {}):
            conn.exec_driver_sql(statement)
        columns = [(column["name"], column["type"]) for column in inspect(conn).get_columns(view)]
    engine.dispose()
    return [(name, _computed(view, name) if isinstance(kind, NullType) else _named(kind)) for name, kind in columns]


def _computed(view: str, name: str) -> str:
    """Return the type of what a view computes, which SQLite does not say: all but states and times are counts."""
    return "text" if name == "state" or "ISO 8601" in meaning_in(view, name) else "integer"


def _named(kind: TypeEngine[Any]) -> str:
    return str(kind).lower()


def _table(described: Table) -> Iterator[str]:
    yield f"## {described.name}"
    yield f"Table. {TABLES[described.name]}"
    rows = (
        (code(column.name), _type(column), _keys(column), *_split(meaning_in(described.name, column.name)))
        for column in described.c
    )
    yield table(("column", "type", "keys", "unit", "meaning"), rows)
    if promises := [*_checks(described), *_uniques(described), *map(_index, sorted(described.indexes, key=_name))]:
        yield bullets(promises)


def _type(column: Column[object]) -> str:
    return f"{_named(column.type)}{', null' if column.nullable else ''}"


def _keys(column: Column[object]) -> str:
    keys = ["primary"] if column.primary_key else []
    keys += [f"→ [{key.column.table.name}](#{key.column.table.name})" for key in column.foreign_keys]
    keys += ["unique"] if column.unique else []
    keys += [f"default {column.server_default.arg}"] if column.server_default is not None else []  # type: ignore[attr-defined]
    return ", ".join(keys)


def _checks(described: Table) -> Iterator[str]:
    found = [one for one in described.constraints if isinstance(one, CheckConstraint)]
    for constraint in sorted(found, key=_name):
        yield f"check: {code(constraint.sqltext)}"


def _uniques(described: Table) -> Iterator[str]:
    found = [one for one in described.constraints if isinstance(one, UniqueConstraint) and len(one.columns) > 1]
    for constraint in sorted(found, key=_name):
        yield f"unique: {codes(column.name for column in constraint.columns)}"


def _index(index: Index) -> str:
    where = index.dialect_options["sqlite"]["where"]
    partial = f" where {code(where)}" if where is not None else ""
    return f"{'unique ' if index.unique else ''}index: {codes(column.name for column in index.columns)}{partial}"


def _name(item: Index | CheckConstraint | UniqueConstraint) -> str:
    return str(item.name)


def _split(meaning: str) -> tuple[str, str]:
    """Return the unit and the rest of a meaning that ends with its unit in brackets."""
    found = re.fullmatch(r"(.*) \[([^]]+)\]", meaning)
    return (found[2], found[1]) if found else ("", meaning)
