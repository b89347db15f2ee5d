"""`tmx db`: the registry's schema, and copies of a registry in other databases."""

import sys

import click

from tmx.cli.options import (
    echo_json,
    echo_outcome,
    echo_table,
    examples,
    json_option,
    registry_option,
)
from tmx.words import counted

EXIT_DIFFERENT = 3


@click.group()
def db() -> None:
    """Make, upgrade and check the registry's schema, and copy a registry."""


@db.command()
@json_option
@registry_option
def upgrade(as_json: bool, db: str) -> None:
    """Bring the schema up to date. Makes the registry if there is none, and keeps a copy of an SQLite file."""
    from tmx.registry.address import Address
    from tmx.registry.migrations import upgrade

    before, after = upgrade(db)
    change = f"{after}, as it was" if before == after else f"{before or 'none'} -> {after}"
    shown = Address.parse(db).shown
    echo_outcome(as_json, {"registry": shown, "before": before, "after": after}, f"{shown}: schema {change}")


@db.command()
@json_option
@registry_option
def current(as_json: bool, db: str) -> None:
    """Show the schema's revision."""
    from tmx.registry.address import Address
    from tmx.registry.engine import SCHEMA_REVISION
    from tmx.registry.migrations import current

    revision = current(db)
    facts = {"registry": Address.parse(db).shown, "revision": revision, "of_this_tmx": SCHEMA_REVISION}
    echo_outcome(as_json, facts, revision or "none")


@db.command()
@json_option
@registry_option
def check(as_json: bool, db: str) -> None:
    """Check that tables and references are as this version expects."""
    from tmx.registry.address import Address
    from tmx.registry.migrations import check

    differences, shown = check(db), Address.parse(db).shown
    for difference in differences:
        click.echo(difference, err=True)
    if as_json:
        echo_json({"registry": shown, "differences": differences})
    if differences:
        sys.exit(EXIT_DIFFERENT)
    if not as_json:
        click.echo(f"{shown}: as it should be")


@db.command(
    epilog=examples(
        "tmx db copy tmx.db postgresql://me@server/tmx",
    )
)
@click.argument("source", metavar="SRC")
@click.argument("target", metavar="DST")
@json_option
def copy(source: str, target: str, as_json: bool) -> None:
    """Copy a whole registry into an empty database: from SQLite to PostgreSQL, back, or to another of the same kind.

    SRC and DST are files or URLs. Nobody may be at work on SRC; every table is compared afterwards.
    """
    from tmx.maintenance.moving import move_registry
    from tmx.registry.address import Address
    from tmx.storage.paths import store_root

    tables = move_registry(source, target)
    here, there = Address.parse(source), Address.parse(target)
    if as_json:
        echo_json([{"table": each.table, "rows": each.rows, "sha256": each.fingerprint} for each in tables])
        return
    echo_table(("table", "rows", "sha256"), [(each.table, each.rows, f"{each.fingerprint[:12]}…") for each in tables])
    click.echo(f"{counted(sum(each.rows for each in tables), 'row')} copied to {there.shown}, and found there the same")
    store = store_root(here.path)
    if store_root(there.path) != store:
        click.echo(f"files stay where they are: with {there.shown}, set TMX_STORE={store}", err=True)
