"""The body, its materials, its boundaries, and the surface as an opaque emitter."""

from typing import Annotated, Literal

from annotated_types import Ge, Interval, Le, MinLen

from tmx.config.conditions import ALWAYS, when
from tmx.config.fields import About, Section
from tmx.config.sections.switches import (
    AUTO_K,
    CONSTANT_CP,
    CP_LAW,
    DIURNAL,
    K_LAW,
    LAWS,
    LAYERED,
    NON_RTE,
    QUARTER_TURN,
    RTE,
    STEADY,
    SUNLIT,
    TWO_LAYERS,
    UNIFORM,
    FilePath,
)


class PlanetaryProperties(Section):
    """Where the surface is and how the sun moves over it; angles are radians, "30 deg" is understood."""

    R: Annotated[float, Ge(5e-3), Le(10_000), About("Distance from the sun", SUNLIT, SUNLIT, unit="AU")] = 1.0
    S: Annotated[float, Ge(1e-3), Le(1e6), About("Solar irradiance at 1 AU", SUNLIT, SUNLIT, unit="W/m2")] = 1361.0
    latitude: Annotated[
        float, Interval(ge=-QUARTER_TURN, le=QUARTER_TURN), About("Latitude", SUNLIT & DIURNAL, unit="rad")
    ] = 0.0
    dec: Annotated[
        float,
        Interval(ge=-QUARTER_TURN, le=QUARTER_TURN),
        About("Declination of the sun", SUNLIT & DIURNAL, unit="rad"),
    ] = 0.0
    P: Annotated[
        float,
        Interval(ge=100, le=1e9),
        About("Solar day; in a steady state it only sets the scale of the grid", ALWAYS, unit="s"),
    ] = 15450.0
    steady_state_mu: Annotated[
        float,
        Interval(ge=0, le=1),
        About("Cosine of the sun's incidence angle in a steady state", SUNLIT & STEADY),
    ] = 1.0


class MaterialPropertiesDust(Section):
    """The regolith: the only layer, or the upper one of two."""

    single_layer: Annotated[bool, About("One layer; otherwise dust over rock", ALWAYS)] = True
    dust_thickness: Annotated[float, Ge(1e-6), Le(10_000), About("Thickness of the regolith", ALWAYS, unit="m")] = 1.0
    k_dust: Annotated[
        float, Ge(1e-9), Le(1000), About("Thermal conductivity of the regolith", UNIFORM, unit="W/m/K")
    ] = 5.5e-4
    rho_dust: Annotated[float, Ge(0.1), Le(30_000), About("Bulk density of the regolith", UNIFORM, unit="kg/m3")] = (
        1100.0
    )
    cp_dust: Annotated[
        float, Ge(0.1), Le(10_000), About("Specific heat of the regolith", CONSTANT_CP, unit="J/kg/K")
    ] = 825.0
    k_dust_auto: Annotated[
        bool, About("Add the radiative conductivity 4 sigma T_bottom^3 / Et to k_dust", NON_RTE & UNIFORM)
    ] = False


class MaterialPropertiesRock(Section):
    """The layer beneath the dust."""

    rock_thickness: Annotated[float, Ge(1e-6), Le(10_000), About("Thickness of the rock", TWO_LAYERS, unit="m")] = 1.0
    k_rock: Annotated[
        float, Ge(1e-9), Le(1000), About("Thermal conductivity of the rock", TWO_LAYERS, unit="W/m/K")
    ] = 1.0
    rho_rock: Annotated[float, Ge(0.1), Le(30_000), About("Density of the rock", TWO_LAYERS, unit="kg/m3")] = 2000.0
    cp_rock: Annotated[float, Ge(0.1), Le(10_000), About("Specific heat of the rock", TWO_LAYERS, unit="J/kg/K")] = (
        700.0
    )


class DepthDependentProperties(Section):
    """Density and conductivity that approach their deep values as exp(-depth / density_scale_height)."""

    depth_dependent_properties: Annotated[
        bool, About("Let density and conductivity vary with depth; in a single layer only", ALWAYS)
    ] = False
    rho_surface: Annotated[float, Ge(0.1), Le(30_000), About("Bulk density at the surface", LAYERED, unit="kg/m3")] = (
        1100.0
    )
    rho_deep: Annotated[float, Ge(0.1), Le(30_000), About("Bulk density at depth", LAYERED, unit="kg/m3")] = 1800.0
    rho_particle: Annotated[
        float,
        Ge(0.1),
        Le(30_000),
        About("Density of the grains, for the porosity at each depth", LAYERED & RTE, unit="kg/m3"),
    ] = 3000.0
    k_surface: Annotated[
        float, Ge(1e-9), Le(1000), About("Thermal conductivity at the surface", LAYERED, unit="W/m/K")
    ] = 7.4e-4
    k_deep: Annotated[float, Ge(1e-9), Le(1000), About("Thermal conductivity at depth", LAYERED, unit="W/m/K")] = 3.4e-3
    density_scale_height: Annotated[
        float, Ge(1e-6), Le(1000), About("Depth over which the properties change", LAYERED, unit="m")
    ] = 0.06


class TemperatureDependentProperties(Section):
    """Specific heat and conductivity of the regolith that vary with temperature."""

    temperature_dependent_properties: Annotated[
        bool, About("Let the properties chosen here vary with temperature", ALWAYS)
    ] = False
    temp_dependent_cp: Annotated[bool, About("Specific heat by cp_law, instead of cp_dust", LAWS)] = False
    temp_dependent_k: Annotated[bool, About("Conductivity times 1 + k_temp_coeff T^3", LAWS)] = False
    cp_law: Annotated[
        Literal["polynomial", "biele2022"],
        About("A polynomial in T, or the law of Biele et al. (2022), which holds below 90 K as well", CP_LAW),
    ] = "polynomial"
    cp_coeffs: Annotated[
        tuple[float, ...],
        MinLen(1),
        About(
            "Coefficients of T^n in the specific heat, from n = 0",
            CP_LAW & when(cp_law="polynomial"),
            unit="J/kg/K^(n+1)",
        ),
    ] = (-3.6125, 2.7431, 2.3616e-3, -1.2340e-5, 8.9093e-9)
    k_temp_coeff: Annotated[
        float, Ge(0), Le(1), About("Radiative over solid conductivity, per T^3", K_LAW, unit="1/K3")
    ] = 2.7 / 350.0**3


class BoundaryConditions(Section):
    """The bottom of the column, and where a run of ndays starts."""

    T_bottom: Annotated[
        float,
        Interval(ge=1, le=5000),
        About(
            "Temperature of a fixed bottom, of a column with T_fixed, and at the start of a run of ndays",
            when(bottom_bc="dirichlet") | when(T_fixed=True) | (DIURNAL & when(equilibrium=False)) | AUTO_K,
            unit="K",
        ),
    ] = 250.0
    bottom_bc: Annotated[
        Literal["neumann", "dirichlet", "geothermal"],
        About("Bottom without heat flow, at T_bottom, or with geothermal_flux from below", ALWAYS),
    ] = "neumann"
    geothermal_flux: Annotated[
        float,
        Interval(ge=0, le=1e5),
        About("Heat flow from below", when(bottom_bc="geothermal"), unit="W/m2"),
    ] = 0.0


class OpticalPropertiesNonRte(Section):
    """The opaque surface, without radiative transfer in the regolith."""

    em: Annotated[
        float,
        Ge(1e-3),
        Le(1),
        About("Bolometric emissivity", NON_RTE, NON_RTE & when(emissivity_file=None)),
    ] = 0.95
    albedo: Annotated[
        float,
        Ge(0),
        Le(0.9999),
        About(
            "Bond albedo, at normal incidence where albedo_a or albedo_b is given", NON_RTE & SUNLIT, NON_RTE & SUNLIT
        ),
    ] = 0.05
    albedo_a: Annotated[
        float,
        Interval(ge=0, le=1),
        About(
            "Rise of the albedo with the incidence angle i: albedo_a (i / 45 deg)^3", NON_RTE & SUNLIT, NON_RTE & SUNLIT
        ),
    ] = 0.0
    albedo_b: Annotated[
        float,
        Interval(ge=0, le=1),
        About(
            "Rise of the albedo with the incidence angle i: albedo_b (i / 90 deg)^8", NON_RTE & SUNLIT, NON_RTE & SUNLIT
        ),
    ] = 0.0
    emissivity_file: Annotated[
        FilePath | None,
        About("Table of wavelength in um and emissivity, for spectra", radiance=NON_RTE, file=True),
    ] = None
