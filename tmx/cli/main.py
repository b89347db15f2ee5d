"""`tmx`: the command group, and how errors leave it.

stdout carries the result, stderr everything else. Exit codes: 0 all well, 1 some runs failed, 2 usage or config, 3
schema not up to date, 4 not found or not reachable, 130 interrupted and resumable.
"""

import errno
import logging
import os
import sys
from difflib import get_close_matches
from importlib import import_module

import click

from tmx import __version__, messages
from tmx.cli.verbosity import OPTIONS, with_verbosity
from tmx.errors import TmxError

LOG = logging.getLogger(__name__)

COMPLETION = "_TMX_COMPLETE"
"""The variable that is set when it is a shell that asks."""

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

COMMANDS = {
    "create-config": ("tmx.cli.configs", "create_config"),
    "config": ("tmx.cli.configs", "config"),
    "single": ("tmx.cli.single", "single"),
    "postprocess": ("tmx.cli.single", "postprocess"),
    "batch": ("tmx.cli.sweeps", "batch"),
    "submit": ("tmx.cli.sweeps", "submit"),
    "sweep": ("tmx.cli.previews", "sweep"),
    "work": ("tmx.cli.sweeps", "work"),
    "resume": ("tmx.cli.sweeps", "resume"),
    "pause": ("tmx.cli.control", "pause"),
    "cancel": ("tmx.cli.control", "cancel"),
    "retry": ("tmx.cli.control", "retry"),
    "priority": ("tmx.cli.control", "priority"),
    "status": ("tmx.cli.looking", "status"),
    "show": ("tmx.cli.looking", "show"),
    "sql": ("tmx.cli.looking", "sql"),
    "browse": ("tmx.cli.browsing", "browse"),
    "plot": ("tmx.cli.plots", "plot"),
    "optics": ("tmx.cli.optics", "optics"),
    "mesh": ("tmx.cli.meshes", "mesh"),
    "dataset": ("tmx.cli.datasets", "dataset"),
    "emulate": ("tmx.cli.emulators", "emulate"),
    "slurm": ("tmx.cli.slurm", "slurm"),
    "verify": ("tmx.cli.maintenance", "verify"),
    "gc": ("tmx.cli.maintenance", "gc"),
    "export": ("tmx.cli.transfer", "export"),
    "import": ("tmx.cli.transfer", "take_in"),
    "db": ("tmx.cli.database", "db"),
    "doctor": ("tmx.cli.doctor", "doctor"),
    "completion": ("tmx.cli.completion", "completion"),
}
"""Every command: its module, which is imported when it is called for, and its name there."""


class _LazyGroup(click.Group):
    """A group that imports a command when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        return with_verbosity(getattr(import_module(module), name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="tmx")
def cli() -> None:
    """Thermal models of planetary surfaces: sweeps, results and datasets in one registry."""


cli.params.extend(OPTIONS)


def main() -> None:
    """Run the command line; every error leaves as one line and an exit code, with --debug also as a traceback."""
    messages.show(messages.QUIET)
    if COMPLETION in os.environ:
        import_module("tmx.cli.completion")  # has the shells known to click
    try:
        code = cli.main(prog_name="tmx", complete_var=COMPLETION, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        LOG.debug("where the error comes from", exc_info=error)
        line, code = _explained(error)
        click.echo(f"tmx: {line}", err=True)
    sys.exit(code if isinstance(code, int) else 0)


def _explained(error: Exception) -> tuple[str, int]:
    """Return what is said of an error, in one line, and the exit code."""
    match error:
        case click.ClickException():
            return _in_one_line(error), error.exit_code
        case click.Abort():
            return "interrupted: what was finished is kept, and nothing is half written", EXIT_INTERRUPTED
        case TmxError():
            return str(error), error.exit_code
        case MemoryError():
            return "not enough memory: fewer facets, bands or times, or fewer --workers, need less", EXIT_FAILED
        case ImportError():
            return f"a package is missing or broken, {' '.join(str(error).split())}: see `tmx doctor`", EXIT_FAILED
        case OSError(strerror=str(reason)):
            return f"{f'{error.filename}: ' if error.filename else ''}{reason}{_remedy(error)}", EXIT_FAILED
    reason = " ".join(str(error).split())
    hint = "" if messages.level() <= messages.DEBUG else "; again with --debug, it says where"
    return f"an error in tmx itself, {type(error).__name__}: {reason}{hint}", EXIT_FAILED


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ": free some space; `tmx doctor` shows where"
    return ": `tmx doctor` shows what may be written" if isinstance(error, PermissionError) else ""


def _in_one_line(error: click.ClickException) -> str:
    """Return what click says of a mistake, and where to read on."""
    message = " ".join(error.format_message().split())
    if not isinstance(error, click.UsageError):
        return message
    command = error.ctx.command_path if error.ctx else "tmx"
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} See `{command} --help`"
