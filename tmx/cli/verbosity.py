"""`--verbose` and `--debug`, which every command takes, before its name or after it."""

import click

from tmx import messages


def _ask_for(least: int, ctx: click.Context, given: bool) -> None:
    if given:
        ctx.meta[__name__] = min(least, ctx.meta.get(__name__, messages.QUIET))
        messages.show(ctx.meta[__name__])


OPTIONS = (
    click.Option(
        ["-v", "--verbose"],
        is_flag=True,
        expose_value=False,
        callback=lambda ctx, _, given: _ask_for(messages.VERBOSE, ctx, given),
        help="Say on stderr what is decided, claimed, read and written.",
    ),
    click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        callback=lambda ctx, _, given: _ask_for(messages.DEBUG, ctx, given),
        help="Also say which SQL is executed, how long it takes, and where an error comes from.",
    ),
)


def with_verbosity(command: click.Command) -> click.Command:
    """Give a command, and those below it, the options that all have."""
    if OPTIONS[0] not in command.params:
        command.params.extend(OPTIONS)
        for below in command.commands.values() if isinstance(command, click.Group) else ():
            with_verbosity(below)
    return command
