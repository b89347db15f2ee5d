"""What result files hold: one declaration per dataset, shared by those who write, read and describe them.

A record is a frozen dataclass whose fields name their HDF5 group, unit and meaning. Temperatures and radiances are
stored as float32 (1.5e-5 K at 300 K) unless asked otherwise, coordinates as float64.
"""

import re
from dataclasses import Field, dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def coordinate(
    group: str, unit: str, meaning: str, *, empty: tuple[int, ...] | None = None, whole: bool = False
) -> Any:
    """Declare a dataset that is stored with all its digits; `whole` is one of whole numbers.

    One with a shape `empty` has that unless it is given.
    """
    metadata = {"group": group, "unit": unit, "meaning": meaning, "reduced": False}
    if empty is None:
        return field(metadata=metadata)
    return field(default_factory=lambda: np.empty(empty, dtype=np.int64 if whole else np.float64), metadata=metadata)


def quantity(group: str, unit: str, meaning: str, *, empty: tuple[int, ...] | None = None) -> Any:
    """Declare a dataset that may be stored in single precision; `empty` as for a `coordinate`."""
    metadata = {"group": group, "unit": unit, "meaning": meaning, "reduced": True}
    if empty is None:
        return field(metadata=metadata)
    return field(default_factory=lambda: np.empty(empty), metadata=metadata)


_AXES = re.compile(r"\s*\[([^\]]*)\]$")


def described(declared: "Field[Any]") -> tuple[str, tuple[str, ...]]:
    """Return what a dataset is, without its axes, and these; none where the declaration does not name them.

    There are as many axes `direction` as observer_vectors; `observer` has observer_mu before them.
    """
    meaning: str = declared.metadata["meaning"]
    named = _AXES.search(meaning)
    if named is None:
        return meaning, ()
    towards_vectors = declared.name.startswith("observer_")
    axes = named[1].split(", ")
    axes = ["direction" if axis == "observer" and towards_vectors else axis for axis in axes]
    return _AXES.sub("", meaning), tuple(axes)


@dataclass(frozen=True)
class Record:
    """Arrays of a result file; its subclasses declare them."""

    kind: ClassVar[str]
    version: ClassVar[int]


@dataclass(frozen=True)
class ThermalRecord(Record):
    """Temperatures of a run of the thermal stage."""

    kind: ClassVar[str] = "thermal"
    version: ClassVar[int] = 4

    T_out: FloatArray = quantity("thermal_data", "K", "temperature of the cells [depth, time]")
    T_surf_out: FloatArray = quantity(
        "thermal_data",
        "K",
        "temperature of an opaque surface; with radiative transfer, brightness temperature of the upward thermal flux"
        " [time]",
    )
    T_base_out: FloatArray = quantity(
        "thermal_data",
        "K",
        "temperature of the substrate below the layer that radiation goes through, none under an opaque surface [time]",
    )
    t_out: FloatArray = coordinate("thermal_data", "s", "time since local midnight of the first day [time]")
    mu_out: FloatArray = coordinate("thermal_data", "1", "cosine of the sun's incidence angle, 0 by night [time]")
    sun_azimuth_out: FloatArray = coordinate("thermal_data", "rad", "azimuth of the sun, from south over east [time]")
    x_grid: FloatArray = coordinate("grid_data", "m", "depth of the centres of the cells [depth]")
    x_boundaries: FloatArray = coordinate("grid_data", "m", "depth of the edges of the cells [depth + 1]")
    layer_structure: npt.NDArray[np.int64] = coordinate("grid_data", "1", "layer of the cells, 0 the uppermost [depth]")
    tau_grid: FloatArray = coordinate(
        "grid_data", "1", "thermal optical depth of the centres of the radiating cells, none under an opaque surface"
    )
    tau_boundaries: FloatArray = coordinate(
        "grid_data", "1", "thermal optical depth of the edges of the radiating cells, none under an opaque surface"
    )
    T_crater_out: FloatArray = quantity(
        "thermal_data",
        "K",
        "temperature of the cells of the facets of a rough surface [crater depth, facet, time]",
        empty=(0, 0, 0),
    )
    T_surf_crater_out: FloatArray = quantity(
        "thermal_data", "K", "the same as T_surf_out, of the facets [facet, time]", empty=(0, 0)
    )
    T_base_crater_out: FloatArray = quantity(
        "thermal_data", "K", "the same as T_base_out, of the facets [facet, time]", empty=(0, 0)
    )
    x_grid_crater: FloatArray = coordinate(
        "grid_data", "m", "depth of the centres of the cells of facets [crater depth]", empty=(0,)
    )
    x_boundaries_crater: FloatArray = coordinate(
        "grid_data", "m", "depth of the edges of the cells of facets [crater depth + 1]", empty=(0,)
    )
    layer_structure_crater: npt.NDArray[np.int64] = coordinate(
        "grid_data", "1", "layer of the cells of facets, 0 the uppermost [crater depth]", empty=(0,), whole=True
    )
    crater_vertices: FloatArray = coordinate(
        "crater_data",
        "1",
        "vertices of the rough surface, x south, y east, z up, in any unit [vertex, 3]",
        empty=(0, 3),
    )
    crater_faces: npt.NDArray[np.int64] = coordinate(
        "crater_data", "1", "vertices of the facets [facet, 3]", empty=(0, 3), whole=True
    )
    crater_normals: FloatArray = coordinate("crater_data", "1", "unit normals of the facets [facet, 3]", empty=(0, 3))
    crater_areas: FloatArray = coordinate(
        "crater_data",
        "1",
        "areas of the facets over that of the rough surface on the horizontal [facet]",
        empty=(0,),
    )
    crater_view_factors: FloatArray = coordinate(
        "crater_data",
        "1",
        "view factors from facets to others, one row where it is the same for all [1 or facet, facet]",
        empty=(0, 0),
    )


@dataclass(frozen=True)
class RadianceRecord(Record):
    """Spectra of a run of the radiance stage; there may be no bands, and the bolometric radiance alone."""

    kind: ClassVar[str] = "radiance"
    version: ClassVar[int] = 3

    radiance_out: FloatArray = quantity(
        "smooth_surface",
        "W m-2 sr-1 (cm-1)-1",
        "spectral radiance, thermal and reflected, towards observer_mu [wave, time]",
    )
    radiance_per_um: FloatArray = quantity("smooth_surface", "W m-2 sr-1 um-1", "the same per wavelength [wave, time]")
    reflected_radiance: FloatArray = quantity(
        "smooth_surface",
        "W m-2 sr-1 (cm-1)-1",
        "part of the spectral radiance that is reflected sunlight; none where only infrared was computed [wave, time]",
    )
    brightness_temperature: FloatArray = quantity(
        "smooth_surface", "K", "brightness temperature of the spectral radiance [wave, time]"
    )
    emissivity: FloatArray = quantity(
        "smooth_surface",
        "1",
        "thermal radiance over that of a black body of reference_temperature [wave, time]",
    )
    reference_temperature: FloatArray = quantity(
        "smooth_surface",
        "K",
        "temperature of an opaque surface; with radiative transfer, highest brightness temperature of thermal radiance"
        " between emissivity_wn_min and emissivity_wn_max [time]",
    )
    bolometric_radiance: FloatArray = quantity(
        "smooth_surface", "W m-2 sr-1", "thermal radiance at all wavenumbers [time]"
    )
    bolometric_reflected_radiance: FloatArray = quantity(
        "smooth_surface", "W m-2 sr-1", "radiance of reflected sunlight at all wavenumbers [time]"
    )
    bolometric_brightness_temperature: FloatArray = quantity(
        "smooth_surface", "K", "brightness temperature of the thermal radiance at all wavenumbers [time]"
    )
    t_out: FloatArray = coordinate("smooth_surface", "s", "time since local midnight of the first day [time]")
    observer_radiance_out: FloatArray = quantity(
        "observers", "W m-2 sr-1 (cm-1)-1", "spectral radiance towards observer_vectors [observer, wave, time]"
    )
    observer_reflected_radiance: FloatArray = quantity(
        "observers", "W m-2 sr-1 (cm-1)-1", "part of it that is reflected sunlight [observer, wave, time]"
    )
    observer_brightness_temperature: FloatArray = quantity(
        "observers", "K", "brightness temperature of the spectral radiance [observer, wave, time]"
    )
    observer_emissivity: FloatArray = quantity(
        "observers",
        "1",
        "thermal radiance over that of a black body of reference_temperature [observer, wave, time]",
    )
    observer_bolometric_radiance: FloatArray = quantity(
        "observers", "W m-2 sr-1", "thermal radiance at all wavenumbers [observer, time]"
    )
    observer_bolometric_reflected_radiance: FloatArray = quantity(
        "observers", "W m-2 sr-1", "radiance of reflected sunlight at all wavenumbers [observer, time]"
    )
    observer_bolometric_brightness_temperature: FloatArray = quantity(
        "observers", "K", "brightness temperature of the thermal radiance at all wavenumbers [observer, time]"
    )
    observer_vectors: FloatArray = coordinate(
        "observers", "1", "unit vectors to the observers: x south, y east, z up [observer, 3]"
    )
    phase_angle: FloatArray = coordinate(
        "observers",
        "rad",
        "angle between the sun and observer_mu, then observer_vectors; none without a sun [observer, time]",
    )
    channel_radiance: FloatArray = quantity(
        "instrument", "W m-2 sr-1 (cm-1)-1", "spectral radiance weighted with the response of a channel [channel, time]"
    )
    channel_brightness_temperature: FloatArray = quantity(
        "instrument", "K", "temperature of a black body with that radiance in the channel [channel, time]"
    )
    observer_channel_radiance: FloatArray = quantity(
        "instrument",
        "W m-2 sr-1 (cm-1)-1",
        "spectral radiance in the channels towards observer_vectors [observer, channel, time]",
    )
    observer_channel_brightness_temperature: FloatArray = quantity(
        "instrument", "K", "brightness temperature in the channels towards observer_vectors [observer, channel, time]"
    )
    channel_name: npt.NDArray[np.bytes_] = coordinate("instrument", "1", "names of the channels [channel]")
    channel_wavelength: FloatArray = coordinate("instrument", "um", "wavelength of the mean response [channel]")
    crater_radiance: FloatArray = quantity(
        "crater",
        "W m-2 sr-1 (cm-1)-1",
        "spectral radiance of a rough surface, thermal and reflected, towards observer_mu, then observer_vectors"
        " [observer, wave, time]",
    )
    crater_reflected_radiance: FloatArray = quantity(
        "crater",
        "W m-2 sr-1 (cm-1)-1",
        "part of it that is reflected sunlight; none where only infrared was computed [observer, wave, time]",
    )
    crater_brightness_temperature: FloatArray = quantity(
        "crater", "K", "brightness temperature of the spectral radiance [observer, wave, time]"
    )
    crater_emissivity: FloatArray = quantity(
        "crater",
        "1",
        "thermal radiance over that of a black body of reference_temperature, which is that of the flat surface"
        " [observer, wave, time]",
    )
    crater_bolometric_radiance: FloatArray = quantity(
        "crater", "W m-2 sr-1", "thermal radiance at all wavenumbers [observer, time]"
    )
    crater_bolometric_reflected_radiance: FloatArray = quantity(
        "crater", "W m-2 sr-1", "radiance of reflected sunlight at all wavenumbers [observer, time]"
    )
    crater_bolometric_brightness_temperature: FloatArray = quantity(
        "crater", "K", "brightness temperature of the thermal radiance at all wavenumbers [observer, time]"
    )
    crater_channel_radiance: FloatArray = quantity(
        "crater", "W m-2 sr-1 (cm-1)-1", "spectral radiance in the channels [observer, channel, time]"
    )
    crater_channel_brightness_temperature: FloatArray = quantity(
        "crater", "K", "brightness temperature in the channels [observer, channel, time]"
    )
    crater_observer_vectors: FloatArray = coordinate(
        "crater", "1", "unit vectors to all observers, that of observer_mu first [observer, 3]"
    )
    mixed_radiance: FloatArray = quantity(
        "mixture",
        "W m-2 sr-1 (cm-1)-1",
        "spectral radiance, thermal and reflected, of ground that is rough in rough_fraction of its area and flat"
        " elsewhere, towards observer_mu, then observer_vectors [observer, wave, time]",
    )
    mixed_reflected_radiance: FloatArray = quantity(
        "mixture",
        "W m-2 sr-1 (cm-1)-1",
        "part of it that is reflected sunlight; none where only infrared was computed [observer, wave, time]",
    )
    mixed_brightness_temperature: FloatArray = quantity(
        "mixture", "K", "brightness temperature of the spectral radiance [observer, wave, time]"
    )
    mixed_emissivity: FloatArray = quantity(
        "mixture",
        "1",
        "thermal radiance over that of a black body of reference_temperature, which is that of the flat surface"
        " [observer, wave, time]",
    )
    mixed_bolometric_radiance: FloatArray = quantity(
        "mixture", "W m-2 sr-1", "thermal radiance at all wavenumbers [observer, time]"
    )
    mixed_bolometric_reflected_radiance: FloatArray = quantity(
        "mixture", "W m-2 sr-1", "radiance of reflected sunlight at all wavenumbers [observer, time]"
    )
    mixed_bolometric_brightness_temperature: FloatArray = quantity(
        "mixture", "K", "brightness temperature of the thermal radiance at all wavenumbers [observer, time]"
    )
    mixed_channel_radiance: FloatArray = quantity(
        "mixture", "W m-2 sr-1 (cm-1)-1", "spectral radiance in the channels [observer, channel, time]"
    )
    mixed_channel_brightness_temperature: FloatArray = quantity(
        "mixture", "K", "brightness temperature in the channels [observer, channel, time]"
    )
    facet_radiance: FloatArray = quantity(
        "facets",
        "W m-2 sr-1 (cm-1)-1",
        "spectral radiance of facets, thermal and reflected, towards observer_mu, 0 where it does not see them; only"
        " with facet_radiance_out [facet, wave, time]",
    )
    facet_bolometric_radiance: FloatArray = quantity(
        "facets", "W m-2 sr-1", "their thermal radiance at all wavenumbers [facet, time]"
    )
    facet_bolometric_reflected_radiance: FloatArray = quantity(
        "facets", "W m-2 sr-1", "radiance of sunlight that they reflect, at all wavenumbers [facet, time]"
    )
    facet_visible_fraction: FloatArray = coordinate(
        "facets", "1", "part of the area of a facet that observer_mu sees [facet]"
    )
    facet_cos_emission: FloatArray = coordinate(
        "facets", "1", "cosine of the emission angle there; 0 where nothing is seen [facet]"
    )
    wavenumber: FloatArray = coordinate("spectral_grid", "cm-1", "centres of the bands [wave]")
    wavelength: FloatArray = coordinate("spectral_grid", "um", "wavelength of the centres of the bands [wave]")
    band_edges: FloatArray = coordinate("spectral_grid", "cm-1", "edges of the bands [wave + 1]")


RECORDS: dict[str, type[Record]] = {record.kind: record for record in (ThermalRecord, RadianceRecord)}
"""Every kind of record by its name."""


@dataclass(frozen=True)
class Provenance:
    """Where a record comes from.

    Attributes
    ----------
    key : str
        Key of the run.
    config_yaml : str
        The whole resolved config.
    info : dict
        Versions, host, times, convergence and estimated error; numbers, strings and truth values.
    """

    key: str
    config_yaml: str
    info: dict[str, Any]
