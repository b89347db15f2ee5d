"""The config of one simulation, and how layers of settings make it.

:class:`SimulationConfig` is immutable and always valid. :func:`resolve` lays further settings over one: a sweep
does so for every sample, so only what a layer names is validated, and then the rules between fields.
"""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import ModelWrapValidatorHandler, model_validator

from tmx.config.problems import FieldError, shown, suggestion
from tmx.config.retired import RETIRED
from tmx.config.rules import check
from tmx.config.schema import FIELDS
from tmx.config.sections.grains import Grains
from tmx.config.sections.output import OutputRadiance
from tmx.config.sections.radiation import OpticalPropertiesRte, SurfaceRoughness
from tmx.config.sections.run import Labels, Numerics, SolverSettings
from tmx.config.sections.surface import (
    BoundaryConditions,
    DepthDependentProperties,
    MaterialPropertiesDust,
    MaterialPropertiesRock,
    OpticalPropertiesNonRte,
    PlanetaryProperties,
    TemperatureDependentProperties,
)
from tmx.config.values import read_value
from tmx.errors import ConfigError


# Pydantic collects fields from the last base to the first: this is the order of SECTIONS, reversed.
class SimulationConfig(
    Numerics,
    SurfaceRoughness,
    OutputRadiance,
    Grains,
    OpticalPropertiesRte,
    OpticalPropertiesNonRte,
    BoundaryConditions,
    TemperatureDependentProperties,
    DepthDependentProperties,
    MaterialPropertiesRock,
    MaterialPropertiesDust,
    PlanetaryProperties,
    SolverSettings,
    Labels,
):
    """Every parameter of one simulation, flat, typed and checked.

    Fields not given have their defaults; values may be quantities such as ``latitude="30 deg"``.

    Raises
    ------
    ConfigError
        If a name is unknown, a value is not acceptable, or the fields contradict one another.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(values, cls):
            return values
        if not isinstance(values, Mapping):
            raise ConfigError(f"a config is made from named values, not from {shown(values)}")
        config = handler(read_layer(values))
        check(config)
        return config


def resolve(base: SimulationConfig, *layers: Mapping[str, object]) -> SimulationConfig:
    """Lay settings over a config, each layer over the ones before.

    Setting ``ndays`` turns ``equilibrium`` off, and ``equilibrium: true`` clears ``ndays``: the last layer wins.

    Raises
    ------
    ConfigError
        If a layer is not acceptable, or the result contradicts itself.
    """
    config = overlay(base, *layers)
    check(config)
    return config


def overlay(base: SimulationConfig, *layers: Mapping[str, object]) -> SimulationConfig:
    """Lay settings over a config without checking the rules between fields, for more layers to come."""
    for layer in layers:
        base = base.model_copy(update=read_layer(layer))
    return base


def read_layer(layer: Mapping[str, object]) -> dict[str, Any]:
    """Type and bound the values of one layer, and make `equilibrium` and `ndays` agree."""
    values = {name: read_value(FIELDS[_known(name)], raw) for name, raw in layer.items()}
    return _with_one_duration(values)


def _known(name: object) -> str:
    if isinstance(name, str) and name in FIELDS:
        return name
    raise ConfigError(unknown_field(str(name)))


def unknown_field(name: str, hint: str = "; `tmx config schema` lists them") -> str:
    """Say that a name is no field, why, and which one may have been meant; where none was, a hint."""
    if name in RETIRED:
        return f"{name!r} is not a field of tmx: {RETIRED[name]}"
    return f"unknown field {shown(name)}{suggestion(name, FIELDS) or hint}"


def _with_one_duration(values: dict[str, Any]) -> dict[str, Any]:
    if "ndays" not in values and not values.get("equilibrium"):
        return values
    ndays, equilibrium = values.get("ndays"), values.get("equilibrium")
    if ndays is not None and equilibrium:
        raise FieldError("a number of days excludes equilibrium: true; give one of the two", "ndays", "equilibrium")
    periodic = ndays is None if equilibrium is None else equilibrium
    return {**values, "ndays": ndays, "equilibrium": periodic}
