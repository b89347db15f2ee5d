"""Radiative transfer in the regolith, and rough surfaces."""

from typing import Annotated

from annotated_types import Ge, Interval, Le, MinLen

from tmx.config.conditions import ALWAYS, when
from tmx.config.fields import About, Section
from tmx.config.sections.switches import (
    AUTO_K,
    CAP,
    CRATER,
    EXTINCTION_EVOLUTION,
    GREY_EVOLUTION,
    GREY_OUTPUT,
    GREY_SUN_EVOLUTION,
    GREY_SUN_OUTPUT,
    RANDOM,
    ROUGH_OUTPUT,
    RTE,
    RULED_EVOLUTION,
    SHAPED,
    SPECTRAL_EVOLUTION,
    SPECTRAL_OUTPUT,
    SUNLIT,
    VISIBLE_EVOLUTION,
    VISIBLE_OUTPUT,
    BandRule,
    FilePath,
    RoughShape,
    SpectralMode,
    Streams,
)


class OpticalPropertiesRte(Section):
    """How the regolith absorbs, emits and scatters."""

    Et: Annotated[
        float,
        Ge(1e-3),
        Le(1e9),
        About("Extinction coefficient in the thermal infrared", EXTINCTION_EVOLUTION | AUTO_K, RTE, unit="1/m"),
    ] = 1000.0
    eta: Annotated[
        float,
        Ge(1e-6),
        Le(1000),
        About("Extinction in the visible over that in the infrared", GREY_SUN_EVOLUTION, GREY_SUN_OUTPUT),
    ] = 1.0
    ssalb_vis: Annotated[
        float,
        Interval(ge=0, le=1),
        About("Single-scattering albedo in the visible", VISIBLE_EVOLUTION, VISIBLE_OUTPUT),
    ] = 0.06
    ssalb_therm: Annotated[
        float,
        Ge(0),
        Le(0.99999),
        About("Single-scattering albedo in the thermal infrared", GREY_EVOLUTION, GREY_OUTPUT),
    ] = 0.1
    g_vis: Annotated[
        float,
        Interval(ge=-0.9999, le=0.9999),
        About("Scattering asymmetry in the visible", VISIBLE_EVOLUTION, VISIBLE_OUTPUT),
    ] = 0.0
    g_therm: Annotated[
        float,
        Interval(ge=-0.9999, le=0.9999),
        About("Scattering asymmetry in the thermal infrared", GREY_EVOLUTION, GREY_OUTPUT),
    ] = 0.0
    phase_moments_vis: Annotated[
        tuple[float, ...] | None,
        MinLen(2),
        About(
            "Legendre moments of the phase function in the visible, the first one 1; none: those of g_vis",
            VISIBLE_EVOLUTION,
            VISIBLE_OUTPUT,
        ),
    ] = None
    phase_moments_therm: Annotated[
        tuple[float, ...] | None,
        MinLen(2),
        About(
            "Legendre moments of the phase function in the thermal infrared, the first one 1; none: those of g_therm",
            GREY_EVOLUTION,
            GREY_OUTPUT,
        ),
    ] = None
    R_base: Annotated[float, Interval(ge=0, le=1), About("Reflectivity of the substrate", RTE, RTE)] = 0.0
    thermal_evolution_mode: Annotated[
        SpectralMode,
        About("Bands for the temperatures: two grey ones, spectral infrared, or spectral throughout", RTE),
    ] = "two_wave"
    hybrid_wavelength_cutoff: Annotated[
        float,
        Interval(ge=0.1, le=100),
        About(
            "Wavelength between visible and infrared in hybrid mode and for force_vis_disort",
            RTE & (when(thermal_evolution_mode="hybrid") | when(force_vis_disort=True)),
            RTE & (when(output_radiance_mode="hybrid") | when(force_vis_disort=True)),
            unit="um",
        ),
    ] = 3.33
    force_vis_disort: Annotated[
        bool,
        About(
            "In multi_wave mode, use ssalb_vis and g_vis in the visible bands",
            SPECTRAL_EVOLUTION,
            SPECTRAL_OUTPUT,
        ),
    ] = False
    scale_Et: Annotated[  # noqa: N815
        bool,
        About("Scale the spectral extinction so that its mean is Et", SPECTRAL_EVOLUTION, SPECTRAL_OUTPUT),
    ] = False
    use_spec: Annotated[
        bool,
        About("Take the substrate's emissivity from its spectrum", SPECTRAL_EVOLUTION, SPECTRAL_OUTPUT),
    ] = False
    nstr: Annotated[Streams, About("Streams for the temperatures; auto: as accuracy needs", RTE)] = "auto"
    disort_space_temp: Annotated[
        float,
        Interval(ge=0, le=1000),
        About("Temperature of black surroundings, also over an opaque surface", ALWAYS, ALWAYS, unit="K"),
    ] = 0.0
    mie_file: Annotated[
        FilePath | None,
        About(
            "Scattering table for the temperatures: wavelength in um, g, C_ext, C_sca in um2, albedo; none: Mie theory",
            SPECTRAL_EVOLUTION,
            file=True,
        ),
    ] = None
    wn_bounds: Annotated[
        FilePath | None,
        About(
            "Band edges in 1/cm for the temperatures; none: midway between those of mie_file, or by band_rule",
            SPECTRAL_EVOLUTION,
            file=True,
        ),
    ] = None
    band_rule: Annotated[
        BandRule,
        About("Bands for the temperatures: of equal width, or of equal resolution", RULED_EVOLUTION),
    ] = "resolution"
    wn_min: Annotated[
        float, Ge(0.01), Le(1e5), About("Lowest wavenumber of the bands", RULED_EVOLUTION, unit="cm-1")
    ] = 100.0
    wn_max: Annotated[
        float, Ge(0.01), Le(1e5), About("Highest wavenumber of the bands", RULED_EVOLUTION, unit="cm-1")
    ] = 3000.0
    n_bands: Annotated[
        int,
        Interval(ge=1, le=100_000),
        About("Number of bands of equal width", RULED_EVOLUTION & when(band_rule="uniform")),
    ] = 100
    resolution: Annotated[
        float,
        Interval(ge=1, le=10_000),
        About("Wavenumber of a band over its width", RULED_EVOLUTION & when(band_rule="resolution")),
    ] = 20.0
    solar_spectrum_file: Annotated[
        FilePath | None,
        About(
            "Wavenumber in 1/cm and sunlight of each band for the temperatures; none: a Planck function scaled to S",
            RTE & SUNLIT & when(thermal_evolution_mode="multi_wave"),
            file=True,
        ),
    ] = None
    substrate_spectrum: Annotated[
        FilePath | None,
        About(
            "Table of wavenumber in 1/cm and emissivity of the substrate, for the temperatures",
            SPECTRAL_EVOLUTION & when(use_spec=True),
            file=True,
        ),
    ] = None


class SurfaceRoughness(Section):
    """A rough surface: craters, random slopes, or a given mesh."""

    crater: Annotated[bool, About("Compute a roughness element besides the smooth surface", ALWAYS, ALWAYS)] = False
    compute_crater_radiance: Annotated[
        bool, About("Compute what observers see of the roughness element", radiance=CRATER)
    ] = False
    facet_radiance_out: Annotated[
        bool,
        About("Keep the radiance of every facet towards observer_mu as well", radiance=ROUGH_OUTPUT),
    ] = False
    rough_shape: Annotated[
        RoughShape,
        About("Shape of the roughness element: a crater, or a cell of a Gaussian random surface", SHAPED),
    ] = "cap"
    crater_depth_ratio: Annotated[
        float,
        Ge(1e-6),
        Le(0.5),
        About("Depth over diameter of the crater, a spherical cap; 0.5 is a hemisphere", CAP),
    ] = 0.5
    rms_slope: Annotated[
        float,
        Ge(1e-6),
        Le(1),
        About("Root mean square slope of a Gaussian surface, between its facets and the mean", RANDOM, unit="rad"),
    ] = 0.35
    roughness_seed: Annotated[
        int,
        Interval(ge=0, le=999_999),
        About("Which of all Gaussian surfaces with this slope", RANDOM),
    ] = 0
    crater_facets: Annotated[
        int,
        Interval(ge=6, le=100_000),
        About("Number of facets; the nearest 6 n^2 of a crater, or 2 n^2 of a Gaussian surface, is taken", SHAPED),
    ] = 96
    rough_fraction: Annotated[
        float,
        Interval(ge=0, le=1),
        About("Fraction of the surface that the roughness covers", radiance=ROUGH_OUTPUT),
    ] = 1.0
    crater_mesh: Annotated[
        FilePath | None,
        About(
            "Mesh instead of a shape: .obj or .ply with x south, y east and z up, or heights as .asc, .npy or .txt",
            CRATER,
            file=True,
        ),
    ] = None
