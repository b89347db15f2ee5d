"""Bodies of the solar system: published values for a typical spot on the equator, each with its source.

Where a body's thermal inertia is published, ``k_dust`` follows from it and from the density and specific heat
given beside it; with constant properties the temperatures depend on the three through the inertia alone.
Rotation periods are sidereal where the solar day differs by less than 0.1 %, which is less than the
inertia's uncertainty can tell. Bond albedos that are not published directly are the geometric albedo times a
phase integral.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from tmx.config.problems import shown, suggestion
from tmx.errors import ConfigError

Sourced: TypeAlias = Mapping[str, tuple[object, str]]

_ORBIT = "semi-major axis, JPL Small-Body Database"
_USUAL_EMISSIVITY = "value usual in thermophysical models, Delbo et al. (2015), Asteroids IV, 107-128"
_HG_PHASE = "the phase integral 0.393 of G = 0.15, Bowell et al. (1989), Asteroids II, 524-556"
_CARBONACEOUS_CP = "assumed, for carbonaceous matter near 250 K; see Biele et al. (2022), Int. J. Thermophys. 43, 144"
_STONY_CP = "assumed, for ordinary chondrites near 300 K; see Biele et al. (2022), Int. J. Thermophys. 43, 144"
_STAND_IN = "stands in for the phyllosilicates that dominate the surface,"
_HAYNE = "Hayne et al. (2017), JGR Planets 122, 2371, doi:10.1002/2017JE005387, appendix A"


@dataclass(frozen=True)
class Preset:
    """A body's values, and where each comes from."""

    body: str
    values: Mapping[str, Any]
    sources: Mapping[str, str]


def body_names() -> tuple[str, ...]:
    """List the bodies that have a preset."""
    return tuple(_BODIES)


def preset(body: str) -> Preset:
    """Give the preset of a body; upper and lower case do not matter.

    Raises
    ------
    ConfigError
        If there is none of this name.
    """
    for name, entries in _BODIES.items():
        if name.casefold() == body.casefold():
            values = {"planetary_body": name} | {field: value for field, (value, _) in entries.items()}
            return Preset(name, values, {field: source for field, (_, source) in entries.items()})
    known = ", ".join(_BODIES)
    raise ConfigError(f"no preset for {shown(body)}{suggestion(body, _BODIES)} (there are {known})")


def preset_values(body: str) -> Mapping[str, Any]:
    """Give the values of a body's preset; none for a body that has no preset."""
    return preset(body).values if _has_preset(body) else {}


def preset_sources(body: str) -> Mapping[str, str]:
    """Give the sources of a body's preset; none for a body that has no preset."""
    return preset(body).sources if _has_preset(body) else {}


def _has_preset(body: str) -> bool:
    return body.casefold() in {name.casefold() for name in _BODIES}


def _from_inertia(
    inertia: float, source: str, rho: tuple[float, str], cp: tuple[float, str]
) -> dict[str, tuple[object, str]]:
    """Give conductivity, density and specific heat that make up a thermal inertia [J m-2 K-1 s-1/2]."""
    k = float(f"{inertia**2 / (rho[0] * cp[0]):.4g}")
    meaning = f"makes the thermal inertia {inertia:g} J m-2 K-1 s-1/2 with rho_dust and cp_dust; {source}"
    return {"k_dust": (k, meaning), "rho_dust": rho, "cp_dust": cp}


def _deep(thickness: float, skin_depths: int) -> tuple[float, str]:
    return thickness, f"chosen, about {skin_depths} diurnal skin depths"


_BENNU: Sourced = {
    "R": (1.126, _ORBIT),
    "P": (15465.8, "4.296057 h, Lauretta et al. (2019), Nature 568, 55-60"),
    "albedo": (0.017, f"geometric albedo 0.044, Lauretta et al. (2019), Nature 568, 55-60, times {_HG_PHASE}"),
    "em": (0.95, "Rozitis et al. (2020), Sci. Adv. 6, eabc3699"),
    **_from_inertia(
        300.0,
        "300 +- 30, Rozitis et al. (2020), Sci. Adv. 6, eabc3699",
        (1190.0, "bulk density of the asteroid, Lauretta et al. (2019), Nature 568, 55-60"),
        (750.0, _CARBONACEOUS_CP),
    ),
    "dust_thickness": _deep(0.3, 13),
    "composition": ("montmorillonite", f"{_STAND_IN} Hamilton et al. (2019), Nat. Astron. 3, 332-340"),
}

_RYUGU: Sourced = {
    "R": (1.190, _ORBIT),
    "P": (27477.43, "7.63262 h, Watanabe et al. (2019), Science 364, 268-272"),
    "albedo": (0.016, f"geometric albedo 0.040, Tatsumi et al. (2020), Astron. Astrophys. 639, A83, times {_HG_PHASE}"),
    "em": (0.9, _USUAL_EMISSIVITY),
    **_from_inertia(
        225.0,
        "225 +- 45, Shimaki et al. (2020), Icarus 348, 113835",
        (1190.0, "bulk density of the asteroid, Watanabe et al. (2019), Science 364, 268-272"),
        (750.0, _CARBONACEOUS_CP),
    ),
    "dust_thickness": _deep(0.3, 13),
    "composition": ("montmorillonite", f"{_STAND_IN} Yokoyama et al. (2023), Science 379, eabn7850"),
}

_ITOKAWA: Sourced = {
    "R": (1.324, _ORBIT),
    "P": (43676.6, "12.1324 h, Fujiwara et al. (2006), Science 312, 1330-1334"),
    "albedo": (
        0.126,
        "geometric albedo 0.29, Mueller et al. (2014), Publ. Astron. Soc. Japan 66, 52, "
        "times the phase integral 0.434 of G = 0.21, Bowell et al. (1989), Asteroids II, 524-556",
    ),
    "em": (0.9, _USUAL_EMISSIVITY),
    **_from_inertia(
        700.0,
        "700 +- 200, Mueller et al. (2014), Publ. Astron. Soc. Japan 66, 52",
        (1950.0, "bulk density of the asteroid, Abe et al. (2006), Science 312, 1344-1347"),
        (700.0, _STONY_CP),
    ),
    "dust_thickness": _deep(0.7, 12),
}

_EROS: Sourced = {
    "R": (1.458, _ORBIT),
    "P": (18972.92, "5.27025547 h, Konopliv et al. (2002), Icarus 160, 289-299"),
    "albedo": (0.093, "Bond albedo at 550 nm, Li et al. (2004), Icarus 172, 415-431"),
    "em": (0.9, _USUAL_EMISSIVITY),
    **_from_inertia(
        150.0,
        "150 +- 50, Mueller (2007), PhD thesis, FU Berlin (arXiv:1208.3993)",
        (2000.0, "assumed; the whole asteroid has 2670, Yeomans et al. (2000), Science 289, 2085-2088"),
        (700.0, _STONY_CP),
    ),
    "dust_thickness": _deep(0.1, 12),
}

_MOON: Sourced = {
    "R": (1.0, "mean distance of the Earth from the sun"),
    "S": (1361.0, _HAYNE),
    "P": (2551442.976, "synodic month, 29.53059 d"),
    "albedo": (0.12, _HAYNE),
    "albedo_a": (0.06, _HAYNE),
    "albedo_b": (0.25, _HAYNE),
    "em": (0.95, _HAYNE),
    "depth_dependent_properties": (True, _HAYNE),
    "rho_surface": (1100.0, _HAYNE),
    "rho_deep": (1800.0, _HAYNE),
    "k_surface": (7.4e-4, _HAYNE),
    "k_deep": (3.4e-3, _HAYNE),
    "density_scale_height": (0.06, _HAYNE),
    "temperature_dependent_properties": (True, _HAYNE),
    "temp_dependent_cp": (True, _HAYNE),
    "cp_coeffs": ((-3.6125, 2.7431, 2.3616e-3, -1.2340e-5, 8.9093e-9), _HAYNE),
    "temp_dependent_k": (True, _HAYNE),
    "k_temp_coeff": (2.7 / 350.0**3, _HAYNE),
    "bottom_bc": ("geothermal", _HAYNE),
    "geothermal_flux": (0.018, _HAYNE),
    "dust_thickness": (1.0, "chosen, more than ten diurnal skin depths"),
}

_MERCURY: Sourced = {
    "R": (0.387, "semi-major axis; the eccentricity of 0.206 is not modelled"),
    "P": (15201388.8, "solar day, 175.942 d, two revolutions about the sun; it runs evenly here"),
    "albedo": (0.088, "Mallama (2017), The spherical bolometric albedo of planet Mercury, arXiv:1703.02670"),
    "em": (0.95, "assumed as for the Moon, Hayne et al. (2017), doi:10.1002/2017JE005387"),
    **_from_inertia(
        71.0,
        "0.0017 cal cm-2 s-1/2 K-1, Chase et al. (1974), Science 185, 142-145",
        (1300.0, "assumed, within the range of lunar regolith"),
        (800.0, "assumed, for lunar regolith near 300 K"),
    ),
    "dust_thickness": _deep(2.0, 13),
}

_PHOBOS: Sourced = {
    "R": (1.524, "semi-major axis of Mars; Mars's own light and heat, and eclipses, are not modelled"),
    "P": (27566.6, "orbital period 0.31891 d, Jacobson (2010), Astron. J. 139, 668-679, seen from the sun"),
    "albedo": (
        0.020,
        "geometric albedo 0.068, Fornasier et al. (2024), Astron. Astrophys. 686, A203, "
        "times an assumed phase integral of 0.3",
    ),
    "em": (0.95, "assumed as for the Moon, Hayne et al. (2017), doi:10.1002/2017JE005387"),
    **_from_inertia(
        52.0,
        "middle of 0.0009 to 0.0016 cal cm-2 s-1/2 K-1, Lunine et al. (1982), J. Geophys. Res. 87, 10297",
        (1600.0, "assumed, for fine regolith"),
        (700.0, "assumed, for silicates near 250 K"),
    ),
    "dust_thickness": _deep(0.05, 11),
}

_BODIES: Mapping[str, Sourced] = MappingProxyType(
    {
        "Bennu": _BENNU,
        "Ryugu": _RYUGU,
        "Itokawa": _ITOKAWA,
        "Eros": _EROS,
        "Moon": _MOON,
        "Mercury": _MERCURY,
        "Phobos": _PHOBOS,
        "generic": {},
    }
)
