"""What datasette is told of tables, columns and queries: made from the words that the rest of the project has."""

from collections.abc import Iterable, Mapping
from typing import Any

from tmx.browse.questions import QUESTIONS
from tmx.browse.wide import CURVE, ENDS, WideTable
from tmx.registry.meanings import TABLES, column_meaning, meaning_in

REGISTRY, SWEEPS = "registry", "sweeps"
"""The names of the two databases, which stand in addresses."""

SETTINGS = {
    "allow_download": False,
    "suggest_facets": False,
    "default_page_size": 50,
    "facet_time_limit_ms": 1000,
    "sql_time_limit_ms": 5000,
    "default_cache_ttl": 0,
    "num_sql_threads": 3,
    "max_csv_mb": 0,
}
"""Of datasette: no file of a database is given away; all rows may be, as CSV."""

FACETS: dict[str, list[str]] = {
    "run": ["state", "stage"],
    "attempt": ["outcome"],
    "worker": ["state", "host"],
    "sweep": ["state"],
    "artifact": ["kind"],
    "dataset_sample": ["split"],
    "failures": ["stage", "error_type"],
    "samples": [],
    "runs": [],
}

SORTED_DOWN = {"attempt": "id", "worker": "heartbeat", "thermal_result": "t_surf_max", "radiance_result": "tb_max"}

LABELS = {"config": "name", "sweep": "name", "worker": "name", "run": "stage", "dataset": "name"}
"""The column by which a row is called where another refers to it."""


def new_metadata(columns: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return the metadata of both databases.

    Parameters
    ----------
    columns : mapping
        The columns of every table and view of the registry.
    """
    tables = {table: _table(table, names) for table, names in columns.items()}
    tables["alembic_version"] = {**tables.get("alembic_version", {}), "hidden": True}
    queries = {
        name: {"title": one.title, "description": one.answer, "sql": one.statement, "hide_sql": True}
        for name, one in QUESTIONS.items()
    }
    return {
        "title": "tmx",
        "extra_css_urls": ["/assets/style.css"],
        "extra_js_urls": [{"url": "/assets/tmx.js", "module": True}],
        "databases": {
            REGISTRY: {
                "description": "All that tmx knows, row by row, and the questions that people ask of it.",
                "tables": tables,
                "queries": queries,
            },
            SWEEPS: {"description": "One table per sweep, one row per sample.", "tables": {}},
        },
    }


def describe_tables(metadata: dict[str, Any], tables: Iterable[WideTable]) -> None:
    """Have the metadata say what the wide tables are that there are by now."""
    described = metadata["databases"][SWEEPS]["tables"]
    for table in tables:
        described[table.name] = {
            "description": f"The samples of sweep {table.sweep}: parameters, states and results.",
            "columns": _columns(("sample_index", "state", *table.parameters, *table.results, *ENDS))
            | {CURVE: "surface temperature in a day"},
            "facets": list(table.facets),
            "sort": "sample_index",
        }


def _table(table: str, columns: Iterable[str]) -> dict[str, Any]:
    meanings = {name: meaning for name in columns if (meaning := meaning_in(table, name))}
    described: dict[str, Any] = {"description": TABLES.get(table, ""), "columns": meanings}
    if FACETS.get(table):
        described["facets"] = FACETS[table]
    if table in SORTED_DOWN:
        described["sort_desc"] = SORTED_DOWN[table]
    if table in LABELS:
        described["label_column"] = LABELS[table]
    return described


def _columns(names: Iterable[str]) -> dict[str, str]:
    return {name: meaning for name in names if (meaning := column_meaning(name))}
