"""Submitting a sweep: from the two files to rows of the registry."""

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tmx.config import LoadedConfig, SimulationConfig, canonical_json
from tmx.config.model import overlay
from tmx.execution.definition import definition_sha256
from tmx.execution.extension import definition_to_extend
from tmx.registry.control import set_priority
from tmx.registry.engine import Registry
from tmx.registry.submission import ConfigRow, SampleRow, Submission, SweepRow, submit
from tmx.stages.checks import require_computable
from tmx.stages.keys import radiance_key, thermal_key
from tmx.storage.paths import store_relative
from tmx.sweeps import ResolvedSample, Selection, Sweep, resolve_samples

LOG = logging.getLogger(__name__)


def submit_sweep(
    registry: Registry,
    store: Path,
    base: LoadedConfig,
    sweep: Sweep,
    output_dir: Path,
    *,
    name: str | None = None,
    most: int | None = None,
    priority: int | None = None,
    extend: bool = False,
) -> Submission:
    """Register a sweep over a config; all of it, or nothing. Submitting it again changes nothing.

    Parameters
    ----------
    registry : Registry
        Where.
    store : Path
        The store root.
    base : LoadedConfig
        The base config.
    sweep : Sweep
        The sweep.
    output_dir : Path
        Where its files go.
    name : str, optional
        Name of the sweep in the registry; by default that of the output directory.
    most : int, optional
        Only the first samples, so many; the others may be added later.
    priority : int, optional
        When its turn is: small numbers first. By default 0, or what it was for a sweep that is known.
    extend : bool
        Whether the sweep is registered with fewer samples, to which those that are new shall be added.

    Raises
    ------
    ConfigError
        If a sample's config is not acceptable or asks for physics that is not available, if the name or the
        directory belongs to another sweep, or if the sweep cannot be extended.
    NotFoundError
        If there is no sweep to be extended.
    """
    config = overlay(base.config, sweep.fixed_overrides)
    place = store_relative(output_dir.resolve(), store)
    config_row = ConfigRow(
        name=config.name or base.path.stem,
        body=config.planetary_body,
        source=base.source,
        resolved=canonical_json(vars(config)),
    )
    name = name or output_dir.resolve().name
    sweep_row = SweepRow(
        name=name,
        source=sweep.source,
        sha256=definition_sha256(config, sweep),
        design=sweep.design,
        seed=sweep.seed,
        output_dir=place,
        extends=definition_to_extend(registry, name, base.config, sweep) if extend else None,
    )
    LOG.info("submits sweep %s, %s, to %s; its files go to %s", name, sweep.design, registry.address.shown, place)
    done = submit(registry, config_row, sweep_row, islice(_rows(base.config, sweep), most))
    LOG.info(
        "%d new samples with %d new runs; reused, since other sweeps have computed the same inputs: %d;"
        " shared, since other sweeps will: %d",
        done.new_samples, done.new_runs, done.reused, done.shared,
    )  # fmt: skip
    if priority is not None:
        set_priority(registry, done.sweep_id, priority)
    return done


def require_samples(base: LoadedConfig, sweep: Sweep, most: int | None = None) -> None:
    """Make sure that the samples of a sweep can be computed, before there is a registry to put them into.

    Raises
    ------
    ConfigError
        If a sample's config is not acceptable or asks for physics that is not available.
    """
    for _ in islice(computable_samples(base.config, sweep), most):
        pass


def computable_samples(
    base: SimulationConfig, sweep: Sweep, selection: Selection | None = None
) -> Iterator[ResolvedSample]:
    """Resolve the samples of a sweep, and make sure that each can be computed.

    Raises
    ------
    ConfigError
        If a sample's config is not acceptable or asks for physics that is not available.
    """
    for sample in resolve_samples(base, sweep, selection):
        require_computable(sample.config, "thermal")
        if sweep.radiance:
            require_computable(sample.config, "radiance")
        yield sample


def _rows(base: SimulationConfig, sweep: Sweep) -> Iterator[SampleRow]:
    for sample in computable_samples(base, sweep):
        thermal = thermal_key(sample.config)
        radiance = radiance_key(sample.config, thermal) if sweep.radiance else None
        yield SampleRow(sample.index, canonical_json(sample.params), thermal, radiance)
