"""Every page of the reference by the name of its file."""

from collections.abc import Callable, Mapping

from documentation import commands, config, files, registry, sweeps

PAGES: Mapping[str, Callable[[], str]] = {
    "config.md": config.page,
    "sweeps.md": sweeps.page,
    "commands.md": commands.page,
    "tables.md": registry.page,
    "files.md": files.page,
}
