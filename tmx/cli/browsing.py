"""`tmx browse`: the registry in a browser."""

import click

from tmx.cli.options import registry_option


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Where it listens; 0 takes a free port.  [default: 8001, or a free one]",
)
@click.option("--open", "in_browser", is_flag=True, help="Open it in the browser as well.")
@registry_option
def browse(port: int | None, in_browser: bool, db: str) -> None:
    """Look at sweeps, runs, spectra and failures in a browser, while workers go on. It only reads."""
    from tmx.browse.server import serve
    from tmx.registry.engine import open_registry
    from tmx.storage.paths import store_root

    def started(url: str) -> None:
        click.echo(f"{registry.address.shown} is at {url}  (Ctrl-C stops)")

    with open_registry(db, read_only=True) as registry:
        if registry.address.path is None:
            click.echo(f"mirroring {registry.address.shown} first", err=True)
        serve(registry, store_root(registry.address.path), port, started, in_browser=in_browser)
