"""`tmx sweep`: looking at a sweep before it is submitted, and at what it lacks afterwards."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tmx.cli.options import (
    DEFAULT_REGISTRY,
    FILE,
    echo_json,
    echo_outcome,
    echo_table,
    echo_warnings,
    examples,
    json_option,
    opened,
    registry_option,
)
from tmx.errors import NotFoundError
from tmx.words import counted, shown, size_of

if TYPE_CHECKING:
    from tmx.execution.preview import ParameterPreview, Preview
    from tmx.registry.engine import Registry
    from tmx.sweeps import Sweep

MOST_PAIRS = 10
"""Parameters that a figure of pairs has room for."""

MOST_NAMES = 4


@click.group()
def sweep() -> None:
    """Look at a sweep file, or choose the next samples of one."""


@sweep.command(
    epilog=examples(
        "tmx sweep preview sweep.yaml -b moon.yaml -o pairs.png",
    )
)
@click.argument("file", type=FILE)
@click.option("--base-config", "-b", type=FILE, help="The config file; by default one of defaults.")
@click.option("--output", "-o", type=FILE, help="A figure of all pairs of parameters: .png, .pdf or .svg.")
@json_option
@registry_option
def preview(file: Path, base_config: Path | None, output: Path | None, as_json: bool, db: str) -> None:
    """Show what a sweep would be: its samples, its parameters, and the time and disk space that it takes."""
    from tmx.config import SimulationConfig, load_config
    from tmx.execution.preview import pair_axes, preview_sweep
    from tmx.figures import pairs_figure, require_format, save_figure
    from tmx.sweeps import load_sweep, sweep_warnings

    if output:
        require_format(output)
    loaded, swept = load_config(base_config) if base_config else None, load_sweep(file)
    base = loaded.config if loaded else SimulationConfig()
    echo_warnings((*(loaded.warnings if loaded else ()), *sweep_warnings(base, swept)))
    registry = _registry(db)
    try:
        seen = preview_sweep(base, swept, registry)
    finally:
        if registry:
            registry.close()
    axes = pair_axes(seen) if output else []
    if output and not axes:
        raise click.UsageError(f"{file}: no parameter varies, so there are no pairs to draw")
    if as_json:
        echo_json(_facts(swept, seen))
    else:
        _echo(swept, seen)
    if output:
        save_figure(pairs_figure(axes[:MOST_PAIRS], f"{swept.name}: {seen.samples} samples, {swept.design}"), output)
        some = f", the first {MOST_PAIRS} of {len(axes)} parameters" if len(axes) > MOST_PAIRS else ""
        click.echo(f"figure      {output}{some}", err=as_json)


@sweep.command()
@click.argument("file", type=FILE)
@click.option(
    "--emulator", "-e", type=FILE, required=True, help="The emulator that was trained on the sweep's dataset."
)
@click.option("--base-config", "-b", type=FILE, help="The config file; by default one of defaults.")
@click.option(
    "--samples", "-n", type=click.IntRange(min=1), default=64, show_default=True, help="How many samples to add."
)
@click.option("--output", "-o", type=FILE, required=True, help="The sweep file to write, with all samples.")
@json_option
def refine(file: Path, emulator: Path, base_config: Path | None, samples: int, output: Path, as_json: bool) -> None:
    """Choose the next samples of a sweep where its emulator is least sure.

    The file that is written has the samples that there are, which will not be computed again, and the new ones.
    """
    from tmx.config import SimulationConfig, load_config
    from tmx.emulation.files import load_emulator
    from tmx.emulation.refinement import refine as refine_sweep
    from tmx.emulation.refinement import refined_sweep
    from tmx.storage.atomic import write_atomically
    from tmx.sweeps import load_sweep

    loaded, swept = load_emulator(emulator), load_sweep(file)
    base = load_config(base_config).config if base_config else SimulationConfig()
    proposal = refine_sweep(loaded, swept, base, samples)
    write_atomically(output, refined_sweep(swept, proposal).encode())
    facts = {
        "sweep_file": output,
        "samples": len(proposal.known),
        "new_samples": len(proposal.points),
        "error_bars_before": proposal.before,
        "error_bars_after": proposal.after,
    }
    lines = [f"sweep       {output}: {len(proposal.known)} samples and {len(proposal.points)} new ones"]
    for name, before in proposal.before.items():
        after = proposal.after[name]
        lines.append(
            f"expected    error bars of {name}: {before:.2g} of its spread now, {after:.2g} with the new samples"
        )
    echo_outcome(as_json, facts, *lines)


def _registry(db: str) -> "Registry | None":
    """Open the registry; nobody has to have one for a preview, unless it was named."""
    try:
        return opened(db)[0]
    except NotFoundError:
        if db != DEFAULT_REGISTRY:
            raise
        return None


def _echo(swept: "Sweep", seen: "Preview") -> None:
    click.echo(f"sweep       {swept.name}: {counted(seen.samples, 'sample')}, design {swept.design}, seed {swept.seed}")
    if swept.constraints:
        click.echo(
            f"constraints {len(swept.constraints)}: they leave out {seen.left_out} of {seen.drawn} points"
            f"{', in place of which others are drawn' if swept.plan.endless and seen.left_out else ''}"
        )
    for stage, runs in seen.stages.items():
        known = f", {runs.computed} of them computed already" if runs.computed else ""
        click.echo(f"{stage:<11} {counted(runs.runs, 'run')}{known}")
    if seen.seconds:
        click.echo(f"time        about {_duration(seen.seconds)} by one worker")
        click.echo(f"disk        about {size_of(round(seen.bytes))}")
        click.echo(f"            ({_basis(seen)})")
    else:
        click.echo("time        none: everything is computed already")
    if seen.parameters:
        click.echo("")
        echo_table(("parameter", "unit", "kind", "from", "to", "values"), [_row(one) for one in seen.parameters])


def _basis(seen: "Preview") -> str:
    """Say what time and size are estimated from."""
    known = f"from {counted(seen.similar, 'similar run')} in the registry"
    if not seen.by_rule:
        return known
    missing = {stage: (runs, runs.runs - runs.computed) for stage, runs in seen.stages.items()}
    each = (
        f"{_duration(runs.seconds / left)} and {size_of(round(runs.bytes / left))} a {stage} run"
        for stage, (runs, left) in missing.items()
        if left
    )
    rule = f"by a rule of thumb: {', '.join(each)}"
    return f"{known}, and for {counted(seen.by_rule, 'run')} {rule}" if seen.similar else rule


def _row(one: "ParameterPreview") -> tuple[str, ...]:
    from tmx.execution.preview import is_numeric, named

    distinct = one.distinct
    if is_numeric(distinct):
        return one.parameter, one.unit, one.kind, shown(distinct[0]), shown(distinct[-1]), str(len(distinct))
    names = ", ".join(named(value) for value in distinct[:MOST_NAMES])
    more = ", …" if len(distinct) > MOST_NAMES else ""
    return one.parameter, one.unit, one.kind, "", "", f"{len(distinct)}: {names}{more}"


def _facts(swept: "Sweep", seen: "Preview") -> dict[str, Any]:
    return {
        "sweep": swept.name,
        "design": swept.design,
        "settings": swept.plan.definition(),
        "seed": swept.seed,
        "samples": seen.samples,
        "drawn": seen.drawn,
        "left_out": seen.left_out,
        "seconds": seen.seconds,
        "bytes": seen.bytes,
        "similar_runs": seen.similar,
        "by_rule_of_thumb": seen.by_rule,
        "stages": {stage: vars(runs) for stage, runs in seen.stages.items()},
        "parameters": [
            {"parameter": one.parameter, "unit": one.unit, "kind": one.kind, "values": one.values}
            for one in seen.parameters
        ],
    }


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2.0 * length:
            return f"{seconds / length:.2g} {unit}" if seconds < 10 * length else f"{seconds / length:.0f} {unit}"
    return f"{1e3 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
