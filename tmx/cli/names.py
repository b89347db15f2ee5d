"""Arguments that name something, and how a shell completes them: sweeps, fields, settings of fields, bodies.

A shell asks at every press of a key, so nothing slow is imported: not the registry either, whose names of sweeps are
read by the driver alone.
"""

import os
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

import click
from click.shell_completion import CompletionItem

NAMES = "SELECT name FROM sweep ORDER BY id DESC"

PATIENCE_S = 2
"""How long a server may take to answer before nothing is proposed."""


class SweepName(click.ParamType[str]):
    """The name of a sweep; `suffix` is what follows it."""

    name = "sweep"

    def __init__(self, suffix: str = "") -> None:
        self._suffix = suffix

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Propose the sweeps of the registry, the last one first."""
        with suppress(Exception):  # there is nobody to tell
            names = _names_of_sweeps(str(ctx.params.get("db") or os.environ.get("TMX_DATABASE_URL") or "tmx.db"))
            return _items((f"{name}{self._suffix}" for name in names), incomplete)
        return []


class FieldName(click.ParamType[str]):
    """The name of a field of a config."""

    name = "field"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Propose fields, with what they mean."""
        from tmx.config.schema import FIELDS

        return [
            CompletionItem(name, help=field.about.meaning)
            for name, field in FIELDS.items()
            if name.startswith(incomplete)
        ]


class Setting(click.ParamType[str]):
    """A field and its value, `k_dust=0.1`."""

    name = "setting"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Propose fields, and after the sign the words that a field may be."""
        from tmx.config.schema import FIELDS

        name, sign, _ = incomplete.partition("=")
        if not sign:
            fields = FieldName().shell_complete(ctx, param, incomplete)
            return [CompletionItem(f"{field.value}=", help=field.help) for field in fields]
        if name not in FIELDS:
            return []
        field = FIELDS[name]
        words = [*field.choices, *(("true", "false") if bool in field.types else ())]
        return _items((f"{name}={word}" for word in words), incomplete)


class BodyName(click.ParamType[str]):
    """The name of a body that there are settings for."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Propose bodies, however they are begun."""
        from tmx.config.presets import body_names

        return [CompletionItem(name) for name in body_names() if name.lower().startswith(incomplete.lower())]


SWEEP, SAMPLE, FIELD, SETTING, BODY = SweepName(), SweepName("/"), FieldName(), Setting(), BodyName()


def _items(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def _names_of_sweeps(where: str) -> list[str]:
    if where.startswith("postgres"):
        import psycopg

        with psycopg.connect(where.replace("+psycopg://", "://"), connect_timeout=PATIENCE_S) as server:
            return [name for (name,) in server.execute(NAMES)]
    import sqlite3

    file = Path(where.removeprefix("sqlite:///")).expanduser().absolute()
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=PATIENCE_S)) as conn:
        return [name for (name,) in conn.execute(NAMES)]
