"""Quantities that follow from a config and that networks learn from better than from its fields."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tmx.config import SimulationConfig
from tmx.config.regolith import skin_depth, typical_regolith
from tmx.errors import ConfigError
from tmx.physics.constants import STEFAN_BOLTZMANN


@dataclass(frozen=True)
class Derived:
    """A number that follows from a config: its unit, what it is, and how it is found."""

    unit: str
    meaning: str
    value: Callable[[SimulationConfig], float]


def _subsolar_temperature(config: SimulationConfig) -> float:
    if config.use_RTE or not config.sun:
        raise ConfigError(
            "subsolar_temperature and theta are of opaque surfaces in sunlight: use_RTE and sun say otherwise here;"
            " leave them out of --inputs"
        )
    absorbed = (1.0 - config.albedo) * config.S / config.R**2
    return float((absorbed / (config.em * STEFAN_BOLTZMANN)) ** 0.25)


def _theta(config: SimulationConfig) -> float:
    frequency = 2.0 * math.pi / config.P
    emitted = config.em * STEFAN_BOLTZMANN * _subsolar_temperature(config) ** 3
    return float(typical_regolith(config).inertia * math.sqrt(frequency) / emitted)


DERIVED: Mapping[str, Derived] = {
    "thermal_inertia": Derived(
        "J m-2 K-1 s-1/2", "sqrt(k rho cp) of the regolith at 250 K", lambda config: typical_regolith(config).inertia
    ),
    "skin_depth": Derived(
        "m",
        "sqrt(k P / (pi rho cp)) of the regolith at 250 K",
        lambda config: skin_depth(config, typical_regolith(config)),
    ),
    "subsolar_temperature": Derived(
        "K", "((1 - albedo) S / (R^2 em sigma))^(1/4) under the sun in the zenith", _subsolar_temperature
    ),
    "theta": Derived(
        "1", "thermal_inertia sqrt(2 pi / P) / (em sigma subsolar_temperature^3) (Spencer et al. 1989)", _theta
    ),
    "optical_thickness": Derived(
        "1", "Et dust_thickness, in the thermal infrared", lambda config: config.Et * config.dust_thickness
    ),
}
"""Every derived quantity by its name."""
