"""What commands share: the registry option, options that take several values, and a table for people."""

import json
import math
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tmx.words import shown

if TYPE_CHECKING:
    from tmx.registry.engine import Registry

DEFAULT_REGISTRY = "tmx.db"

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)


def examples(*commands: str) -> str:
    """Return the end of a command's help: how it is used, a line for each use."""
    # Lines after a \b are left as they are.
    return "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])


class Duration(click.ParamType[float]):
    """A duration in seconds: `90`, `55m`, `1h30m`, `0.5 h`, or as SLURM writes it, `1-12:00:00` and `01:30:00`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a duration."""
        if isinstance(value, float):
            return value
        seconds = _seconds_of_clock(str(value)) or _seconds_of_units(str(value))
        if not seconds:
            self.fail(f"{value!r} is no duration: write it as 90s, 55m, 1h30m or 01:30:00", param, ctx)
        return seconds


DURATION = Duration()


class Size(click.ParamType[int]):
    """A number of bytes: `512MB`, `2 GB`, `1000000`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number of bytes."""
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?B?)\s*", str(value))
        size = int(float(found[1]) * BYTES[found[2].removesuffix("B")]) if found else 0
        if not size:
            self.fail(f"{value!r} is no size: write it as 512MB or 2GB", param, ctx)
        return size


SIZE = Size()

BYTES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0}

CLOCK = re.compile(r"(?:(\d+)-)?(\d+):(\d\d):(\d\d)")
UNITS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(min|[smhd]?)\s*")


def _seconds_of_clock(text: str) -> float:
    found = CLOCK.fullmatch(text.strip())
    if not found:
        return 0.0
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return 86400.0 * days + 3600.0 * hours + 60.0 * minutes + seconds


def _seconds_of_units(text: str) -> float:
    if not re.fullmatch(f"({UNITS.pattern})+", text):
        return 0.0
    return sum(float(number) * SECONDS[unit] for number, unit in UNITS.findall(text))


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
        return super().parse_args(ctx, list(_repeated(ctx, args, variadic)))


def _repeated(ctx: click.Context, args: Iterable[str], variadic: set[str]) -> Iterable[str]:
    option, lacks_value = "", False
    for arg in args:
        if arg.startswith("-") and not _is_negative_number(arg):
            if lacks_value:
                break
            option, lacks_value = (arg, True) if arg in variadic else ("", False)
            if not option:
                yield arg
        elif option:
            lacks_value = False
            yield from (option, arg)
        else:
            yield arg
    if lacks_value and not ctx.resilient_parsing:
        raise click.BadOptionUsage(option, f"Option {option!r} requires an argument.", ctx)


def _is_negative_number(arg: str) -> bool:
    return arg[1:2].isdigit()


def registry_option(command: Command) -> Command:
    """Add `--db`, and `--store` for commands that need files as well."""
    return _db_option(store_option(command))


def unchecked_registry_option(command: Command) -> Command:
    """Add `--db` and `--store`, for a command that itself finds out what is there."""
    return _db_option(_store_option(command, _name_store))


def _db_option(command: Command) -> Command:
    return click.option(
        "--db",
        metavar="URL|FILE",
        envvar="TMX_DATABASE_URL",
        default=DEFAULT_REGISTRY,
        show_default=True,
        help="The registry: a file of SQLite, or postgresql://… (also from TMX_DATABASE_URL).",
    )(command)


def store_option(command: Command) -> Command:
    """Add `--store`; processes that the command starts find it where it found itself, in the environment."""
    return _store_option(command, _set_store)


def _store_option(command: Command, callback: Callable[..., None]) -> Command:
    return click.option(
        "--store",
        metavar="DIR",
        type=FILE,
        envvar="TMX_STORE",
        expose_value=False,
        callback=callback,
        help="The directory that paths of files are relative to on this machine (also from TMX_STORE);"
        " by default that of the SQLite file.",
    )(command)


def _set_store(ctx: click.Context, option: click.Parameter, directory: Path | None) -> None:
    if directory is not None and not directory.is_dir():
        raise click.UsageError(f"the store {directory} is not a directory of this machine", ctx)
    _name_store(ctx, option, directory)


def _name_store(_ctx: click.Context, _option: click.Parameter, directory: Path | None) -> None:
    if directory is not None:
        os.environ["TMX_STORE"] = str(directory.resolve())


def crew_options(command: Command) -> Command:
    """Add the options of workers, which arrive as one argument `crew`."""

    @wraps(command)
    def with_crew(
        *args: Any,
        workers: int | None,
        backend: str,
        scheduler: str | None,
        max_time: float | None,
        run_timeout: float | None,
        grace: float,
        **others: Any,
    ) -> Any:
        from tmx.execution.pool import Crew

        until = None if max_time is None else time.time() + max_time
        return command(*args, crew=Crew(workers, backend, scheduler, until, run_timeout, grace), **others)

    decorated: Any = with_crew
    for option in reversed(_CREW_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


_CREW_OPTIONS = (
    click.option(
        "--workers",
        "-w",
        type=click.IntRange(min=1),
        help="Number of workers; by default one per processor, or all slots of a cluster.",
    ),
    click.option(
        "--backend",
        type=click.Choice(["loky", "threading", "dask", "ray"]),
        default="loky",
        show_default=True,
        help="What runs the workers: processes (loky), threads, or a cluster of dask or ray.",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Address of a cluster that runs already: tcp://… of dask, ray://… of ray.",
    ),
    click.option(
        "--max-time", type=DURATION, help="Stop after this time; no run begins that would not be done by then."
    ),
    click.option(
        "--run-timeout", type=DURATION, help="Stop a run that takes longer than this, and count it as failed."
    ),
    click.option(
        "--grace",
        type=DURATION,
        default=20.0,
        show_default="20s",
        help="How long runs may go on after a request to stop, before they are handed back.",
    ),
)


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")(command)


def opened(
    db: str, *, create: bool = False, before_making: Callable[[], object] | None = None
) -> "tuple[Registry, Path]":
    """Open the registry and find the store root that goes with it."""
    from tmx.registry.engine import open_registry
    from tmx.storage.paths import store_root

    registry = open_registry(db, create=create, before_making=before_making)
    return registry, store_root(registry.address.path)


def echo_json(value: Any) -> None:
    """Write a value as JSON to stdout."""
    click.echo(json_text(value))


def json_text(value: Any) -> str:
    """Return a value as JSON: what is no number (NaN) is null, paths and the like are text."""
    return json.dumps(_as_json(value), indent=2, allow_nan=False)


def echo_outcome(as_json: bool, facts: Any, *lines: str) -> None:
    """Write what a command did: facts as JSON for scripts, or lines for people."""
    if as_json:
        echo_json(facts)
    else:
        click.echo("\n".join(lines))


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _as_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_as_json(each) for each in value]
    if hasattr(value, "tolist"):  # numpy's arrays and numbers
        return _as_json(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | None) else str(value)


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


def shortest(path: Path) -> Path:
    """Return a path as seen from the working directory, if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
