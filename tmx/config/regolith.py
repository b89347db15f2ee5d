"""What a ground is like at a typical temperature, as far as that follows from a config alone."""

import math
from typing import NamedTuple

from tmx.config.model import SimulationConfig

TYPICAL_TEMPERATURE = 250.0

_LAW_CP = 650.0
_RADIATIVE = 4.0 * 5.67e-8 * TYPICAL_TEMPERATURE**3


class Properties(NamedTuple):
    """Conductivity [W m-1 K-1], density [kg m-3] and specific heat [J kg-1 K-1]."""

    k: float
    rho: float
    cp: float

    @property
    def inertia(self) -> float:
        """Thermal inertia [J m-2 K-1 s-1/2]."""
        return math.sqrt(self.k * self.rho * self.cp)


def typical_regolith(config: SimulationConfig) -> Properties:
    """Return the properties of the regolith at a typical temperature: at depth where they vary with it.

    What radiation conducts is part of the conductivity where the model has it.
    """
    laws = config.temperature_dependent_properties
    deep = config.depth_dependent_properties
    k, rho = (config.k_deep, config.rho_deep) if deep else (config.k_dust, config.rho_dust)
    if laws and config.temp_dependent_k:
        k *= 1.0 + config.k_temp_coeff * TYPICAL_TEMPERATURE**3
    if config.use_RTE or config.k_dust_auto:
        k += _RADIATIVE / config.Et
    return Properties(k, rho, _LAW_CP if laws and config.temp_dependent_cp else config.cp_dust)


def skin_depth(config: SimulationConfig, ground: Properties) -> float:
    """Return the depth over which the wave of a day falls to 1/e [m]."""
    return math.sqrt(ground.k * config.P / (math.pi * ground.rho * ground.cp))
