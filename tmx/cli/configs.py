"""`tmx create-config` and `tmx config`: writing, checking and explaining configs."""

from pathlib import Path
from typing import Any

import click

from tmx.cli.names import BODY, FIELD, SETTING
from tmx.cli.options import (
    FILE,
    VariadicCommand,
    echo_json,
    echo_outcome,
    echo_table,
    echo_warnings,
    examples,
    json_option,
)
from tmx.errors import ConfigError
from tmx.words import counted


@click.command(
    "create-config",
    epilog=examples(
        "tmx create-config -o moon.yaml --planetary-body Moon",
    ),
)
@click.option("--output", "-o", type=FILE, required=True, help="The YAML file to write.")
@click.option(
    "--planetary-body",
    type=BODY,
    metavar="NAME",
    default="generic",
    show_default=True,
    help="Body whose values are filled in.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@json_option
def create_config(output: Path, planetary_body: str, force: bool, as_json: bool) -> None:
    """Write a config of every field, commented, for a body."""
    from tmx.config import SimulationConfig, config_yaml, preset
    from tmx.storage.atomic import write_atomically

    config = SimulationConfig(**preset(planetary_body).values)
    if output.is_dir():
        raise ConfigError(f"{output} is a directory: name a file in it, such as {output / 'config.yaml'}")
    if output.exists() and not force:
        raise ConfigError(f"{output} exists already; --force replaces it")
    write_atomically(output, config_yaml(config).encode())
    body = config.planetary_body or planetary_body
    facts = {"file": output, "planetary_body": body}
    echo_outcome(as_json, facts, f"{output}: settings for {body}; try `tmx single -c {output}`")


@click.group()
def config() -> None:
    """Check a config, or list what it may hold."""


@config.command(
    cls=VariadicCommand,
    epilog=examples(
        'tmx config check moon.yaml -p latitude="20 deg"',
    ),
)
@click.argument("file", type=FILE)
@click.option("--params", "-p", type=SETTING, multiple=True, metavar="K=V …", help="Fields laid over the file.")
@json_option
def check(file: Path, params: tuple[str, ...], as_json: bool) -> None:
    """Check a config file. Errors end with exit code 2, warnings do not."""
    from tmx.config import load_config, parse_overrides, require_available

    loaded = load_config(file, parse_overrides(params))
    echo_warnings(loaded.warnings)
    require_available(loaded.config, "thermal")
    facts = {"file": file, "warnings": loaded.warnings, "config": vars(loaded.config)}
    echo_outcome(as_json, facts, f"{file}: good, with {counted(len(loaded.warnings), 'warning')}")


@config.command(
    epilog=examples(
        "tmx config schema",
        "tmx config schema k_dust",
        "tmx config schema --json",
    )
)
@click.argument("field", type=FIELD, required=False)
@json_option
def schema(field: str | None, as_json: bool) -> None:
    """List every field, or explain one. What it means, what it may be, and which stage reads it."""
    from tmx.config import describe_schema
    from tmx.config.model import unknown_field

    fields = describe_schema()
    if field is not None:
        if field not in fields:
            raise ConfigError(unknown_field(field))
        fields = {field: fields[field]}
    if as_json:
        echo_json(fields)
    elif field is not None:
        _explain(fields[field])
    else:
        columns = ("section", "field", "default", "unit", "meaning")
        rows = [(d["section"], name, d["default"], d["unit"], d["meaning"]) for name, d in fields.items()]
        echo_table(columns, rows)


def _explain(field: dict[str, Any]) -> None:
    for name in ("section", "meaning", "expected", "default"):
        click.echo(f"{name:10}{'null' if field[name] is None else field[name]}")
    for stage, condition in field["stages"].items():
        click.echo(f"{stage:10}reads it {'always' if condition == 'always' else f'when {condition}'}")
