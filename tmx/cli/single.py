"""`tmx single` and `tmx postprocess`: one simulation, and spectra from its file, without a registry."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tmx.cli.names import SETTING
from tmx.cli.options import (
    FILE,
    VariadicCommand,
    echo_json,
    echo_outcome,
    echo_warnings,
    examples,
    json_option,
)

if TYPE_CHECKING:
    from tmx.simulation import SimulationResult
    from tmx.stages.outcome import Number


@click.command(
    cls=VariadicCommand,
    epilog=examples(
        "tmx single -c moon.yaml",
        'tmx single -c moon.yaml -p latitude="20 deg" use_RTE=true',
        "tmx single -c moon.yaml -B sweep.yaml -p run_id=17",
    ),
)
@click.option("--config", "-c", "config_file", type=FILE, required=True, help="The config file.")
@click.option("--batch-config", "-B", type=FILE, help="A sweep file: run the sample whose index is run_id.")
@click.option(
    "--params",
    "-p",
    type=SETTING,
    multiple=True,
    metavar="K=V …",
    help="Fields laid over the file: -p Et=5e4 radius=10e-6.",
)
@click.option("--save-thermal/--no-save-thermal", default=True, show_default=True, help="Save the results as HDF5.")
@click.option("--calculate-radiance/--no-radiance", default=True, show_default=True, help="Compute spectra as well.")
@click.option("--output-dir", "-o", type=FILE, default=Path("results"), show_default=True, help="Where results go.")
@json_option
def single(
    config_file: Path,
    batch_config: Path | None,
    params: tuple[str, ...],
    save_thermal: bool,
    calculate_radiance: bool,
    output_dir: Path,
    as_json: bool,
) -> None:
    """Run one simulation: of a config, or of one sample of a sweep (`-B sweep.yaml -p run_id=17`)."""
    from tmx.config import parse_overrides
    from tmx.simulation import run_sample_with_config_files, run_thermal_simulation_with_config_file

    overrides = parse_overrides(params)
    how = (overrides, save_thermal, calculate_radiance, output_dir)
    if batch_config is None:
        result = run_thermal_simulation_with_config_file(config_file, *how)
    elif isinstance(index := overrides.get("run_id"), int):
        result = run_sample_with_config_files(config_file, batch_config, index, *how)
    else:
        raise click.UsageError("--batch-config needs the index of a sample: -p run_id=17")
    echo_warnings(result.warnings)
    if as_json:
        echo_json(_facts(result))
    else:
        _report(result)


@click.command(
    cls=VariadicCommand,
    epilog=examples(
        "tmx postprocess -t results/thermal_results/thermal_sim_….h5 --local-times 9 12 15",
        "tmx postprocess -t results/thermal_results/thermal_sim_….h5 -p band_rule_out=instrument instrument_out=otes",
    ),
)
@click.option("--thermal-file", "-t", type=FILE, required=True, help="A thermal_sim_….h5.")
@click.option("--output", "-o", type=FILE, help="Where the spectra go; by default radiance_….h5 beside the file.")
@click.option(
    "--time-indices",
    multiple=True,
    type=int,
    metavar="I …",
    help="Which of the saved times, counted from 0; by default all.",
)
@click.option(
    "--local-times",
    multiple=True,
    type=click.FloatRange(0, 24),
    metavar="H …",
    help="Which of the saved times, as local times in hours.",
)
@click.option(
    "--params", "-p", type=SETTING, multiple=True, metavar="K=V …", help="Fields of the radiance stage to change."
)
@json_option
def postprocess(
    thermal_file: Path,
    output: Path | None,
    time_indices: tuple[int, ...],
    local_times: tuple[float, ...],
    params: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compute spectra from saved temperatures."""
    from tmx.config import parse_overrides
    from tmx.simulation import calculate_radiance_from_file

    if time_indices and local_times:
        raise click.UsageError("give --time-indices or --local-times, not both")
    overrides = parse_overrides(params) | ({"local_times_out": list(local_times)} if local_times else {})
    record, path = calculate_radiance_from_file(thermal_file, time_indices or None, output, overrides)
    bands, times = record.radiance_out.shape
    seen = f"{bands} bands, {times} times" + (f", {n} observers" if (n := len(record.observer_vectors)) else "")
    if len(record.crater_observer_vectors):
        seen += ", of a rough surface as well"
    facts = {"radiance_file": path, "bands": bands, "times": times, "observers": len(record.observer_vectors)}
    echo_outcome(as_json, facts, f"radiance   {path}  ({seen})")


def _facts(result: "SimulationResult") -> dict[str, Any]:
    return {
        "thermal_file": result.thermal_file,
        "radiance_file": result.radiance_file,
        "thermal": result.thermal_numbers,
        "radiance": result.radiance_numbers,
        "warnings": result.warnings,
    }


def _report(result: "SimulationResult") -> None:
    numbers = result.thermal_numbers
    click.echo(
        f"surface    {numbers['t_surf_min']:.2f} to {numbers['t_surf_max']:.2f} K, mean {numbers['t_surf_mean']:.2f} K"
    )
    click.echo(f"error      {numbers['estimated_error']:.2g} K estimated, {numbers['accuracy']:g} K asked for")
    if numbers["n_streams"] is not None:
        click.echo(f"streams    {numbers['n_streams']}; twice as many would change {numbers['error_streams']:.2g} K")
    click.echo(
        f"numerics   {numbers['n_cells']} cells, {numbers['n_steps']} steps a day, {numbers['days']} days,"
        f" {1e3 * float(numbers['wall_time'] or 0.0):.1f} ms"
    )
    if "n_facets" in numbers:
        click.echo(_facets(numbers))
    if result.radiance_numbers and result.radiance_numbers["n_bands"]:
        click.echo(_spectrum(result.radiance_numbers))
    if result.radiance_numbers and result.radiance_numbers.get("beaming_ratio"):
        click.echo(_beaming(result.radiance_numbers))
    if result.thermal_file:
        click.echo(f"thermal    {result.thermal_file}")
    if result.radiance_file:
        click.echo(f"radiance   {result.radiance_file}")


def _facets(numbers: "dict[str, Number]") -> str:
    """Say how warm the facets of a rough surface get, and how well that is known."""
    of_number = numbers["error_facets"]
    more = "" if of_number is None else f"\n           many more would change what is seen of them by {of_number:.2g} K"
    return (
        f"facets     {numbers['n_facets']}: {numbers['t_facet_min']:.2f} to {numbers['t_facet_max']:.2f} K,"
        f" mean {numbers['t_facet_mean']:.2f} K, error {numbers['facet_estimated_error']:.2g} K estimated"
        f"{more}"
    )


def _beaming(numbers: "dict[str, Number]") -> str:
    """Say how bright a rough surface is."""
    parts = [
        f"rough      up to {numbers['rough_bolometric_tb_max']:.1f} K, mixed with flat ground up to"
        f" {numbers['mixed_bolometric_tb_max']:.1f} K; {numbers['beaming_ratio']:.3f} times the radiance of flat ground"
    ]
    if numbers["rough_tb_error_streams"] is not None:
        parts.append(f"half as many streams would change {numbers['rough_tb_error_streams']:.2g} K")
    return "; ".join(parts)


def _spectrum(numbers: "dict[str, Number]") -> str:
    """Say what is seen."""
    parts = [f"{numbers['n_bands']} bands", f"{numbers['tb_min']:.1f} to {numbers['tb_max']:.1f} K"]
    if numbers["n_streams_out"] is not None:
        parts.append(
            f"{numbers['n_streams_out']} streams (half as many would change {numbers['tb_error_streams']:.2g} K)"
        )
    if numbers["christiansen_wavelength"] is not None:
        parts.append(f"Christiansen feature at {numbers['christiansen_wavelength']:.2f} um")
    return f"spectrum   {', '.join(parts)}"
