"""`tmx db`: the registry's schema."""

import sys

import click

from tmx.cli.options import registry_option


@click.group()
def db() -> None:
    """Make, upgrade and check the registry's schema."""


@db.command()
@registry_option
def upgrade(db: str) -> None:
    """Bring the schema up to date. Makes the registry if there is none, and keeps a copy of an SQLite file."""
    from tmx.registry.address import Address
    from tmx.registry.migrations import upgrade

    before, after = upgrade(db)
    change = f"{after}, as it was" if before == after else f"{before or 'none'} -> {after}"
    click.echo(f"{Address.parse(db).shown}: schema {change}")


@db.command()
@registry_option
def current(db: str) -> None:
    """Show the schema's revision."""
    from tmx.registry.migrations import current

    click.echo(current(db) or "none")


@db.command()
@registry_option
def check(db: str) -> None:
    """Check that tables and references are as this version expects."""
    from tmx.registry.address import Address
    from tmx.registry.migrations import check

    differences = check(db)
    for difference in differences:
        click.echo(difference, err=True)
    if differences:
        sys.exit(3)
    click.echo(f"{Address.parse(db).shown}: as it should be")
