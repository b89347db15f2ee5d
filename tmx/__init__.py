"""tmx: a database-backed experiment manager for thermal models of planetary surfaces.

`SimulationConfig` is a config, `ThermalSimulator` runs one, `run_thermal_simulation_with_config_file` a YAML file, and
`calculate_radiance_from_file` computes spectra from saved temperatures. Sweeps are run by the command `tmx batch`;
`datasets.open` reads what `tmx dataset build` made of them, `load_emulator` what `tmx emulate train` learnt, `load_run`
what a run computed, and `connect` is SQL over a registry.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tmx.config import SimulationConfig
    from tmx.emulation.files import load_emulator
    from tmx.results import connect, load_run
    from tmx.simulation import (
        SimulationResult,
        ThermalSimulator,
        calculate_radiance_from_file,
        run_thermal_simulation_with_config_file,
    )

__all__ = [
    "SimulationConfig",
    "SimulationResult",
    "ThermalSimulator",
    "__version__",
    "calculate_radiance_from_file",
    "connect",
    "load_emulator",
    "load_run",
    "run_thermal_simulation_with_config_file",
]

MODULES = {
    "SimulationConfig": "tmx.config",
    "connect": "tmx.results",
    "load_emulator": "tmx.emulation.files",
    "load_run": "tmx.results",
}
"""Where names are that are not in `tmx.simulation`."""


def __getattr__(name: str) -> object:
    """Import what is asked for only then: the command line must not wait for compilers."""
    if name == "datasets":
        return import_module("tmx.datasets")
    if name not in __all__:
        raise AttributeError(f"module 'tmx' has no attribute {name!r}")
    return getattr(import_module(MODULES.get(name, "tmx.simulation")), name)
