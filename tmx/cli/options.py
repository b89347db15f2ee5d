"""What commands share: the registry option, options that take several values, and a table for people."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from tmx.registry.engine import Registry

DEFAULT_REGISTRY = "tmx.db"

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)


class VariadicCommand(click.Command):
    """A command whose options marked `multiple` also take several values in a row: `--params a=1 b=2`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat the option before each of its values, and leave the rest to click."""
        variadic = {
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and parameter.multiple
            for name in parameter.opts
        }
        return super().parse_args(ctx, list(_repeated(args, variadic)))


def _repeated(args: Iterable[str], variadic: set[str]) -> Iterable[str]:
    current = None
    for arg in args:
        if arg.startswith("-") and not _is_negative_number(arg):
            current = arg if arg in variadic else None
            if current is None:
                yield arg
        elif current is not None:
            yield from (current, arg)
        else:
            yield arg


def _is_negative_number(arg: str) -> bool:
    return arg[1:2].isdigit()


def registry_option(command: Command) -> Command:
    """Add `--db`."""
    option = click.option(
        "--db",
        metavar="URL|FILE",
        envvar="TMX_DATABASE_URL",
        default=DEFAULT_REGISTRY,
        show_default=True,
        help="The registry: a file of SQLite, or postgresql://… (also from TMX_DATABASE_URL).",
    )
    return option(command)


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")(command)


def opened(
    db: str, *, create: bool = False, before_making: Callable[[], None] | None = None
) -> "tuple[Registry, Path]":
    """Open the registry and find the store root that goes with it."""
    from tmx.registry.engine import open_registry
    from tmx.storage.paths import store_root

    registry = open_registry(db, create=create, before_making=before_making)
    return registry, store_root(registry.address.path)


def echo_json(value: Any) -> None:
    """Write a value as JSON to stdout."""
    click.echo(json.dumps(value, indent=2, default=str))


def echo_warnings(warnings: Iterable[str]) -> None:
    """Write warnings to stderr."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def echo_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows to stdout, as aligned columns."""
    cells = [list(columns), *([shown(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    for number, row in enumerate(cells):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            click.echo("  ".join("-" * width for width in widths))


def shown(value: Any) -> str:
    """Return a value as people want to see it."""
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value).replace("\n", " ")


def shortest(path: Path) -> Path:
    """Return a path as seen from the working directory, if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
