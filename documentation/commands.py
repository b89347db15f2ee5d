"""`commands.md`: every command of `tmx` with its arguments and options, as click knows them."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click

from documentation.markdown import code, codes, link, prose, table
from documentation.markdown import page as page_of
from tmx import errors
from tmx.cli.main import cli

INTRODUCTION = """\
`tmx COMMAND --help` says the same in a terminal. Options that take several values take them in a row (`-p Et=5e4
radius=10e-6`) where their value is written with `…`. The result of a command goes to stdout, everything else to
stderr; `--json` is for scripts."""

NOT_RUN = "<!-- run: no, other pages run these commands; their options are checked -->"

EXIT_CODES = {
    0: "all is well",
    1: "some runs failed for good, or something is damaged (`tmx verify`)",
    2: "bad usage, config, sweep file, or a file that cannot be read or written",
    3: "the registry has an older or newer schema: `tmx db upgrade`",
    4: "not found: a run, sweep, file or registry",
    130: "interrupted; `tmx resume` goes on",
}

VARIABLES = {
    "TMX_DATABASE_URL": "the registry, where `--db` is not given",
    "TMX_STORE": "the directory that paths of files are relative to, where `--store` is not given",
    "XDG_CACHE_HOME": "where view factors (`tmx-roughness`), tables of grains (`tmx-optics`) and compiled code"
    " (`tmx-kernels`) are kept; by default `~/.cache`",
    "NUMBA_CACHE_DIR": "where compiled code is kept instead",
}


def page() -> str:
    """Return the page."""
    commands = list(_commands(cli, click.Context(cli, info_name="tmx")))
    summary = [(link(context.command_path), _first_sentence(context.command)) for context in commands]
    return page_of(
        "Commands",
        INTRODUCTION,
        table(("command", ""), summary),
        *(block for context in commands for block in _command(context)),
        "## Exit codes",
        table(("code", "meaning"), EXIT_CODES.items()),
        "## Environment variables",
        table(("variable", "meaning"), ((code(name), meaning) for name, meaning in VARIABLES.items())),
    )


def _commands(group: click.Group, context: click.Context) -> Iterator[click.Context]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
        else:
            yield inner


def _command(context: click.Context) -> Iterator[str]:
    command = context.command
    yield f"## {context.command_path}"
    yield f"`{_usage(context)}`"
    yield re.sub(r"\n(?!\n)\s*", "\n", prose(command.help))
    context.show_default = True
    rows = [_row(option, context) for option in command.params if isinstance(option, click.Option)]
    if rows:
        yield table(("option", "value", "default", "meaning"), rows)
    if command.epilog:
        yield f"{NOT_RUN}\n```sh\n{_examples(command.epilog)}\n```"


def _examples(epilog: str) -> str:
    """Return the lines of what `tmx.cli.options.examples` wrote, without its head."""
    return inspect.cleandoc("\n".join(epilog.splitlines()[2:]))


def _usage(context: click.Context) -> str:
    """Return the command as it is called, with the options that it cannot do without."""
    options = [option for option in context.command.params if isinstance(option, click.Option) and option.required]
    required = [f"{option.opts[-1]} {option.make_metavar(context)}" for option in options]
    return " ".join([context.command_path, *required, *context.command.collect_usage_pieces(context)])


def _row(option: click.Option, context: click.Context) -> tuple[str, ...]:
    extra = option.get_help_extra(context)
    value = "" if option.is_flag else option.make_metavar(context).removesuffix(" RANGE")
    names = codes(option.opts) + (f" / {codes(option.secondary_opts)}" if option.secondary_opts else "")
    return names, code(value + _range(extra)), _default(option, extra), option.help or ""


def _range(extra: Any) -> str:
    return f" ({extra['range']})" if "range" in extra else ""


def _default(option: click.Option, extra: Any) -> str:
    # What click puts in brackets is in words already.
    return "required" if option.required else code(extra.get("default", "").strip("()"))


def _first_sentence(command: click.Command) -> str:
    return re.split(r"(?<=\.) ", prose(command.help).partition("\n")[0])[0]


def exit_codes() -> set[int]:
    """Return the codes that errors of tmx carry."""
    kinds = (error for error in vars(errors).values() if isinstance(error, type))
    return {error.exit_code for error in kinds if issubclass(error, errors.TmxError)}
