"""`tmx create-config` and `tmx config`: writing, checking and explaining configs."""

from pathlib import Path

import click

from tmx.cli.options import FILE, VariadicCommand, echo_json, echo_table, echo_warnings, json_option
from tmx.errors import ConfigError


@click.command("create-config")
@click.option("--output", "-o", type=FILE, required=True, help="The YAML file to write.")
@click.option("--planetary-body", metavar="NAME", default="generic", show_default=True, help="Body to begin with.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def create_config(output: Path, planetary_body: str, force: bool) -> None:
    """Write a commented config of every field, filled in for a body."""
    from tmx.config import SimulationConfig, config_yaml, preset
    from tmx.storage.atomic import write_atomically

    config = SimulationConfig(**preset(planetary_body).values)
    if output.exists() and not force:
        raise ConfigError(f"{output} exists already; --force replaces it")
    write_atomically(output, config_yaml(config).encode())
    click.echo(f"{output}: settings for {config.planetary_body or planetary_body}; try `tmx single -c {output}`")


@click.group()
def config() -> None:
    """Check a config, or list what it may hold."""


@config.command(cls=VariadicCommand)
@click.argument("file", type=FILE)
@click.option("--params", "-p", multiple=True, metavar="K=V …", help="Fields laid over the file.")
def check(file: Path, params: tuple[str, ...]) -> None:
    """Check a config file: errors end with exit code 2, warnings do not."""
    from tmx.config import load_config, parse_overrides, require_available

    loaded = load_config(file, parse_overrides(params))
    echo_warnings(loaded.warnings)
    require_available(loaded.config, "thermal")
    click.echo(f"{file}: good, with {len(loaded.warnings)} warning{'' if len(loaded.warnings) == 1 else 's'}")


@config.command()
@click.argument("field", required=False)
@json_option
def schema(field: str | None, as_json: bool) -> None:
    """List every field, or explain one: unit, bounds, default, meaning, and which stage reads it."""
    from tmx.config import describe_schema

    fields = describe_schema()
    if field is not None:
        if field not in fields:
            raise ConfigError(f"there is no field {field!r}; `tmx config schema` lists them")
        fields = {field: fields[field]}
    if as_json:
        echo_json(fields)
    elif field is not None:
        for name, value in fields[field].items():
            click.echo(f"{name:10} {value}")
    else:
        columns = ("section", "field", "default", "unit", "meaning")
        rows = [(d["section"], name, d["default"], d["unit"], d["meaning"]) for name, d in fields.items()]
        echo_table(columns, rows)
