"""The schema: the sections in the order in which people read them, and the table of all fields."""

from collections.abc import Mapping
from types import MappingProxyType

from tmx.config.fields import Field, Section, fields_of
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

SECTIONS: tuple[type[Section], ...] = (
    Labels,
    SolverSettings,
    PlanetaryProperties,
    MaterialPropertiesDust,
    MaterialPropertiesRock,
    DepthDependentProperties,
    TemperatureDependentProperties,
    BoundaryConditions,
    OpticalPropertiesNonRte,
    OpticalPropertiesRte,
    Grains,
    OutputRadiance,
    SurfaceRoughness,
    Numerics,
)

FIELDS: Mapping[str, Field] = MappingProxyType(fields_of(SECTIONS))
