"""Compiling what sweeps need before workers start, so that they do not all wait for the one that compiles."""

from collections.abc import Sequence
from contextlib import suppress

from tmx.config import stored_config
from tmx.errors import ConfigError
from tmx.physics.compiled import is_compiled
from tmx.registry.engine import Registry
from tmx.registry.queries import configs_of
from tmx.stages.radiance import kind_of_spectra, load_spectra_kernels
from tmx.stages.thermal import kind_of_problem, load_kernels


def compile_kernels(registry: Registry, sweep_ids: Sequence[int] | None) -> None:
    """Compile what sweeps need, of all active ones by default, and has not been compiled yet."""
    with registry.read() as conn:
        configs = [(stored_config(resolved), radiance) for resolved, radiance in configs_of(conn, sweep_ids)]
    for config, radiance in configs:
        with suppress(ConfigError):  # its samples may be acceptable where a base config alone is not
            if not is_compiled(kind_of_problem(config)):
                load_kernels(config)
            if radiance and not is_compiled(kind_of_spectra(config)):
                load_spectra_kernels(config)
