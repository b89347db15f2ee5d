"""The particles of the regolith, whose scattering follows from what they are made of."""

from typing import Annotated, Literal

from annotated_types import Ge, Interval, Le, Lt

from tmx.config.conditions import when
from tmx.config.fields import About, Section
from tmx.config.sections.switches import (
    MIE_EVOLUTION,
    MIE_OUTPUT,
    SPECTRAL_EVOLUTION,
    SPECTRAL_OUTPUT,
    FilePath,
    Text,
)


class Grains(Section):
    """Particles of the regolith, whose scattering is computed by Mie theory where no table of it is given."""

    radius: Annotated[
        float,
        Ge(1e-9),
        Le(0.1),
        About(
            "Radius of the particles: of all, the median of a lognormal distribution, or the smallest of a power law",
            SPECTRAL_EVOLUTION,
            SPECTRAL_OUTPUT,
            unit="m",
        ),
    ] = 15e-6
    fill_frac: Annotated[
        float,
        Ge(1e-9),
        Lt(1),
        About("Fraction of the volume that particles fill", SPECTRAL_EVOLUTION, SPECTRAL_OUTPUT),
    ] = 0.37
    composition: Annotated[
        Text,
        About(
            "What the particles are made of, in parts of their volume: forsterite, or forsterite 0.7, troilite 0.3",
            MIE_EVOLUTION,
            MIE_OUTPUT,
        ),
    ] = "forsterite"
    mixing: Annotated[
        Literal["intimate", "maxwell_garnett", "bruggeman"],
        About(
            "Particles of one mineral each, inclusions in the mineral named first, or aggregates of all",
            MIE_EVOLUTION,
            MIE_OUTPUT,
        ),
    ] = "intimate"
    coating: Annotated[
        Text | None,
        About("What coats the particles, and its part of their volume: troilite 0.05", MIE_EVOLUTION, MIE_OUTPUT),
    ] = None
    index_file: Annotated[
        FilePath | None,
        About(
            "Refractive index of the material that is called custom: wavelength in um, n, k",
            MIE_EVOLUTION,
            MIE_OUTPUT,
            file=True,
        ),
    ] = None
    size_distribution: Annotated[
        Literal["single", "lognormal", "power_law"],
        About("Sizes of the particles: all of one radius, lognormal, or by a power law", MIE_EVOLUTION, MIE_OUTPUT),
    ] = "single"
    size_deviation: Annotated[
        float,
        Interval(ge=1, le=5),
        About(
            "Geometric standard deviation of the radius",
            MIE_EVOLUTION & when(size_distribution="lognormal"),
            MIE_OUTPUT & when(size_distribution="lognormal"),
        ),
    ] = 1.5
    radius_max: Annotated[
        float,
        Ge(1e-9),
        Le(0.1),
        About(
            "Largest radius",
            MIE_EVOLUTION & when(size_distribution="power_law"),
            MIE_OUTPUT & when(size_distribution="power_law"),
            unit="m",
        ),
    ] = 100e-6
    size_exponent: Annotated[
        float,
        Interval(ge=0, le=10),
        About(
            "Exponent q of a number of particles that goes as radius^-q",
            MIE_EVOLUTION & when(size_distribution="power_law"),
            MIE_OUTPUT & when(size_distribution="power_law"),
        ),
    ] = 3.5
    close_packing: Annotated[
        bool,
        About(
            "Let interference between neighbours change how particles scatter, by the static structure factor",
            MIE_EVOLUTION,
            MIE_OUTPUT,
        ),
    ] = False
    without_forward_peak: Annotated[
        bool,
        About("Count light that is diffracted forward as not scattered (delta-Eddington)", MIE_EVOLUTION, MIE_OUTPUT),
    ] = False
