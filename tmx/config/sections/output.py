"""The radiances that are computed from the temperatures."""

from typing import Annotated, Literal

from annotated_types import Ge, Interval, Le, MinLen

from tmx.config.conditions import ALWAYS, when
from tmx.config.fields import About, Section, Vector
from tmx.config.sections.switches import (
    BANDS,
    CRATER,
    DIURNAL,
    FULL_TURN,
    ROUGH_OUTPUT,
    RTE,
    RULED_BANDS,
    SPECTRAL_OUTPUT,
    FilePath,
    SpectralMode,
    Streams,
    Text,
)


class OutputRadiance(Section):
    """Which radiances are computed from the temperatures."""

    output_radiance_mode: Annotated[
        SpectralMode,
        About("Radiances without bands, in bands of the infrared, or in bands throughout", radiance=ALWAYS),
    ] = "hybrid"
    band_rule_out: Annotated[
        Literal["uniform", "resolution", "instrument"],
        About("Bands of equal width, of equal resolution, or those that the instrument needs", radiance=RULED_BANDS),
    ] = "uniform"
    wn_min_out: Annotated[
        float,
        Ge(0.01),
        Le(1e5),
        About(
            "Lowest wavenumber of the bands",
            radiance=RULED_BANDS & when(band_rule_out=("uniform", "resolution")),
            unit="cm-1",
        ),
    ] = 200.0
    wn_max_out: Annotated[
        float,
        Ge(0.01),
        Le(1e5),
        About(
            "Highest wavenumber of the bands",
            radiance=RULED_BANDS & when(band_rule_out=("uniform", "resolution")),
            unit="cm-1",
        ),
    ] = 1800.0
    n_bands_out: Annotated[
        int,
        Interval(ge=1, le=100_000),
        About("Number of bands of equal width", radiance=RULED_BANDS & when(band_rule_out="uniform")),
    ] = 80
    resolution_out: Annotated[
        float,
        Interval(ge=1, le=10_000),
        About("Wavenumber of a band over its width", radiance=RULED_BANDS & when(band_rule_out="resolution")),
    ] = 100.0
    wn_bounds_out: Annotated[
        FilePath | None,
        About(
            "Band edges in 1/cm for the radiances; none: midway between those of mie_file_out, or by band_rule_out",
            radiance=BANDS,
            file=True,
        ),
    ] = None
    instrument_out: Annotated[
        Text | None,
        About("Instrument whose channels the radiances are averaged over; none: bands only", radiance=BANDS),
    ] = None
    response_file_out: Annotated[
        FilePath | None,
        About(
            "Spectral responses instead of a known instrument: channels of wavelength in um and response",
            radiance=BANDS & when(instrument_out=None),
            file=True,
        ),
    ] = None
    local_times_out: Annotated[
        tuple[float, ...] | None,
        MinLen(1),
        About("Local times of the radiances in hours, 12 at noon; none: all output times", radiance=DIURNAL),
    ] = None
    emissivity_wn_min: Annotated[
        float | None,
        Ge(0.01),
        Le(1e5),
        About(
            "Lowest wavenumber at which the highest brightness temperature is looked for, the reference of emissivity;"
            " none: that of the bands",
            radiance=SPECTRAL_OUTPUT,
            unit="cm-1",
        ),
    ] = None
    emissivity_wn_max: Annotated[
        float | None,
        Ge(0.01),
        Le(1e5),
        About(
            "Highest wavenumber for it; none: that of the bands",
            radiance=SPECTRAL_OUTPUT,
            unit="cm-1",
        ),
    ] = None
    mie_file_out: Annotated[
        FilePath | None,
        About(
            "Scattering table for the radiances; none: Mie theory for radius",
            radiance=SPECTRAL_OUTPUT,
            file=True,
        ),
    ] = None
    solar_spectrum_file_out: Annotated[
        FilePath | None,
        About(
            "Wavenumber in 1/cm and sunlight of each band for the radiances; none: a Planck function scaled to S",
            radiance=when(sun=True, output_radiance_mode="multi_wave"),
            file=True,
        ),
    ] = None
    substrate_spectrum_out: Annotated[
        FilePath | None,
        About(
            "Table of wavenumber in 1/cm and emissivity of the substrate, for the radiances",
            radiance=SPECTRAL_OUTPUT & when(use_spec=True),
            file=True,
        ),
    ] = None
    nstr_out: Annotated[Streams, About("Streams for the radiances", radiance=RTE)] = 16
    observer_mu: Annotated[
        float,
        Ge(1e-6),
        Le(1),
        About("Cosine of the emission angle at which the surface is seen", radiance=RTE | ROUGH_OUTPUT),
    ] = 1.0
    observer_azimuth: Annotated[
        float,
        Interval(ge=-FULL_TURN, le=FULL_TURN),
        About(
            "Azimuth from which the surface is seen, from south over east",
            radiance=RTE | ROUGH_OUTPUT,
            unit="rad",
        ),
    ] = 0.0
    observer_vectors: Annotated[
        tuple[Vector, ...],
        About("Further directions from which the surface is seen: x south, y east, z up", radiance=RTE | CRATER),
    ] = ()
