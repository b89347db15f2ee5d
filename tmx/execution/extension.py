"""More samples for a sweep that is registered: allowed where its design goes on, and nothing else has changed."""

from dataclasses import replace

from tmx.config import SimulationConfig
from tmx.config.model import overlay
from tmx.errors import ConfigError
from tmx.execution.definition import definition_sha256
from tmx.registry.engine import Registry
from tmx.registry.queries import sweep_definition
from tmx.sweeps import DESIGNS, Sweep, read_sweep

COUNTS = frozenset({"n_samples", "n_base"})
"""The settings of designs that may grow."""


def definition_to_extend(registry: Registry, name: str, base: SimulationConfig, sweep: Sweep) -> str:
    """Return the hash of a registered sweep's definition, having made sure that `sweep` is the same with more samples.

    Parameters
    ----------
    registry : Registry
        Where it is registered.
    name : str
        Its name there.
    base : SimulationConfig
        The base config.
    sweep : Sweep
        The sweep as it shall be.

    Raises
    ------
    NotFoundError
        If there is no sweep of this name.
    ConfigError
        If its design cannot go on, or anything but the number of samples has changed.
    """
    with registry.read() as conn:
        source, sha256 = sweep_definition(conn, name)
    config = overlay(base, sweep.fixed_overrides)
    if sha256 == definition_sha256(config, sweep):
        return sha256
    before = read_sweep(source, sweep.path)
    _require_growth(name, before, sweep)
    if sha256 != definition_sha256(config, replace(sweep, plan=before.plan)):
        raise ConfigError(
            f"{sweep.path}: sweep {name!r} was submitted with {_what_else(before, sweep)}: --extend changes the number"
            " of samples only; give the changed one another name and output directory"
        )
    return sha256


def _require_growth(name: str, before: Sweep, sweep: Sweep) -> None:
    if before.design != sweep.design:
        raise ConfigError(
            f"{sweep.path}: sweep {name!r} has the design {before.design}, which cannot go on as {sweep.design}:"
            " give the changed one another name and output directory"
        )
    if not sweep.plan.endless:
        endless = ", ".join(name for name, design in DESIGNS.items() if design.endless)
        raise ConfigError(
            f"{sweep.path}: sweep {name!r} has the design {sweep.design}, which cannot be extended (only {endless} go"
            " on from where they are): give the changed one another name and output directory"
        )
    old, new = before.plan.definition(), sweep.plan.definition()
    for setting in old:
        if setting not in COUNTS and old[setting] != new[setting]:
            raise ConfigError(
                f"{sweep.path}: sweep {name!r} was submitted with another {setting} of its design:"
                " --extend changes the number of samples only"
            )
        if setting in COUNTS and new[setting] < old[setting]:
            raise ConfigError(
                f"{sweep.path}: {setting}: sweep {name!r} has {old[setting]}, and {new[setting]} would be fewer:"
                " --extend adds samples"
            )


def _what_else(before: Sweep, sweep: Sweep) -> str:
    """Say what has changed beside the number of samples."""
    if before.parameters != sweep.parameters:
        return f"other parameters ({', '.join(before.parameters)})"
    for old, new in zip(before.axes, sweep.axes, strict=True):
        if old.definition() != new.definition():
            return f"another range or other values of {new.parameter}"
    if [one.text for one in before.constraints] != [one.text for one in sweep.constraints]:
        return "other constraints"
    if before.seed != sweep.seed:
        return f"another seed ({before.seed})"
    if before.radiance != sweep.radiance:
        return f"radiance: {str(before.radiance).lower()}"
    return "other fixed_overrides" if before.fixed_overrides != sweep.fixed_overrides else "another base config"
