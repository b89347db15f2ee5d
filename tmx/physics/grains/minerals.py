"""The library of minerals: `mineral_named` gives one, `MINERALS` lists them.

To add one, write a function that makes its `Material`, with its source and the range in which that holds, and give it a
line in `MINERALS`. Tables are files in `data/`, oscillators are in `modes`.
"""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache, partial
from importlib import resources

import numpy as np

from tmx.physics.grains import modes
from tmx.physics.grains.material import (
    MICROMETRE,
    Axis,
    FloatArray,
    Index,
    IndexWithContinuum,
    JoinedIndex,
    Material,
    tabulated_index,
)
from tmx.physics.grains.oscillators import Drude, FourParameterIndex, Lorentz, OscillatorIndex

PER_CM = 100.0
"""m⁻¹ in a cm⁻¹."""


@cache
def mineral_named(name: str) -> Material:
    """Return a mineral of the library.

    Raises
    ------
    ValueError
        If there is none of this name; it says which name is near, or all.
    """
    key = name.strip().lower()
    if key not in MINERALS:
        near = get_close_matches(key, MINERALS, 1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(MINERALS)}"
        raise ValueError(f"{name!r} is not a mineral of the library; {hint}")
    return MINERALS[key]()


def _quartz() -> Material:
    long = (5.0, 100.0)
    infrared = (
        _four_parameters(2.356, modes.QUARTZ_ORDINARY, long),
        _four_parameters(2.383, modes.QUARTZ_EXTRAORDINARY, long),
    )
    ordinary, extraordinary = (JoinedIndex(parts) for parts in zip(_tables("quartz_short"), infrared, strict=True))
    source = (
        "Gervais & Piriou 1975, Phys. Rev. B 11, 3944, four-parameter modes at 295 K, doi:10.1103/PhysRevB.11.3944;"
        " below 5 um n of Ghosh 1999, Opt. Commun. 163, 95, doi:10.1016/S0030-4018(99)00091-7, and k of Crystran 2023;"
        " beyond 50 um n tends to static values within 2 % of those of doi:10.1007/BF02678278, and k is not compared"
    )
    return Material("quartz", (Axis(2 / 3, ordinary), Axis(1 / 3, extraordinary)), source)


def _forsterite() -> Material:
    long = (6.5, 190.0)
    infrared = (
        _oscillators(2.77, _damped_by_parts(modes.FORSTERITE_A), long),
        _oscillators(2.66, _damped_by_parts(modes.FORSTERITE_B), long),
        _oscillators(2.71, _damped_by_parts(modes.FORSTERITE_C), long),
    )
    absorbing = _with_continua("forsterite_continuum", infrared)
    axes = [Axis(1 / 3, JoinedIndex(parts)) for parts in zip(_tables("forsterite_short"), absorbing, strict=True)]
    source = (
        "Suto et al. 2006, Mon. Not. R. Astron. Soc. 370, 1599, oscillators at 295 K,"
        " doi:10.1111/j.1365-2966.2006.10594.x; below 6.5 um, and the continuum of k beyond 11 um, Mutschke & Mohr"
        " 2019, Astron. Astrophys. 625, A61, doi:10.1051/0004-6361/201834805; without iron"
    )
    return Material("forsterite", tuple(axes), source)


def _enstatite() -> Material:
    infrared = (5.0, 100.0)
    axes = (
        Axis(1 / 3, _oscillators(2.403, modes.ENSTATITE_X, infrared)),
        Axis(1 / 3, _oscillators(2.673, modes.ENSTATITE_Y, infrared)),
        Axis(1 / 3, _oscillators(2.648, modes.ENSTATITE_Z, infrared)),
    )
    source = (
        "oscillators fitted to Jaeger et al. 1998, Astron. Astrophys. 339, 904, from 8.4 to 98.9 um; below 8.4 um their"
        " wings: n within 4 % of that table, k 0.5 to 1.8 times that of glass (Dorschner et al. 1995)"
    )
    return Material("enstatite", axes, source)


def _montmorillonite() -> Material:
    index = _oscillators(2.136, modes.MONTMORILLONITE, (2.5, 200.0))
    source = (
        "oscillators fitted to Querry 1987, Contractor Report CRDEC-CR-88009, by way of refractiveindex.info (CC0);"
        " a pressed pellet"
    )
    return Material("montmorillonite", (Axis(1.0, index),), source)


def _magnetite() -> Material:
    infrared = _oscillators(5.828, modes.MAGNETITE, (2.0, 55.5556), modes.MAGNETITE_CHARGES)
    source = (
        "oscillators and free charges fitted to Querry 1985, Contractor Report CRDC-CR-85034, by way of"
        " refractiveindex.info (CC0); below 2.08 um its table"
    )
    return Material("magnetite", (Axis(1.0, JoinedIndex((*_tables("magnetite_short"), infrared))),), source)


def _isotropic(name: str, source: str) -> Material:
    (index,) = _tables(name)
    return Material(name, (Axis(1.0, index),), source)


def _tables(name: str) -> tuple[Index, ...]:
    """Return the index of every axis of a file of wavelengths in µm and pairs of n and k."""
    columns = _columns(name)
    pairs = zip(columns[1::2], columns[2::2], strict=True)
    return tuple(tabulated_index(name, columns[0] * MICROMETRE, n, k) for n, k in pairs)


def _with_continua(name: str, indices: tuple[Index, ...]) -> tuple[Index, ...]:
    """Return indices with the k besides theirs of a file of wavelengths in µm and one k for each."""
    place, *more = _columns(name)
    wavelength = tuple((place * MICROMETRE).tolist())
    return tuple(IndexWithContinuum(index, wavelength, tuple(k)) for index, k in zip(indices, more, strict=True))


def _columns(name: str) -> FloatArray:
    text = resources.files("tmx.physics.grains").joinpath("data", f"{name}.txt").read_text()
    return np.loadtxt(text.splitlines()).T


def _oscillators(
    high_frequency: float,
    given: modes.Modes,
    range_um: tuple[float, float],
    charges: tuple[float, float] | None = None,
) -> Index:
    """Return the index of rows of resonance, strength and damping in cm⁻¹, within a range in µm.

    Free charges, if there are any, are a plasma frequency and a damping in cm⁻¹.
    """
    bound = tuple(Lorentz(place * PER_CM, strength, damping * PER_CM) for place, strength, damping in given)
    free = (Drude(charges[0] * PER_CM, charges[1] * PER_CM),) if charges else ()
    return OscillatorIndex(high_frequency, bound + free, _metres(range_um))


def _damped_by_parts(given: modes.Modes) -> modes.Modes:
    """Return rows with the damping in cm⁻¹ of rows that have it as a part of the resonance."""
    return tuple((place, strength, part * place) for place, strength, part in given)


def _four_parameters(high_frequency: float, given: modes.Modes, range_um: tuple[float, float]) -> Index:
    """Return the index of rows of four parameters in cm⁻¹, within a range in µm."""
    scaled = tuple((a * PER_CM, b * PER_CM, c * PER_CM, d * PER_CM) for a, b, c, d in given)
    return FourParameterIndex(high_frequency, scaled, _metres(range_um))


def _metres(range_um: tuple[float, float]) -> tuple[float, float]:
    return range_um[0] * MICROMETRE, range_um[1] * MICROMETRE


ORDAL_1988 = (
    "Ordal et al. 1988, Appl. Opt. 27, 1203, doi:10.1364/AO.27.001203; below 0.667 um Johnson & Christy 1974,"
    " Phys. Rev. B 9, 5056, doi:10.1103/PhysRevB.9.5056; by way of refractiveindex.info (CC0)"
)
ZUBKO_1996 = "Zubko et al. 1996, Mon. Not. R. Astron. Soc. 282, 1321, doi:10.1093/mnras/282.4.1321, sample BE"

MINERALS: dict[str, Callable[[], Material]] = {
    "quartz": _quartz,
    "forsterite": _forsterite,
    "enstatite": _enstatite,
    "enstatite_glass": partial(_isotropic, "enstatite_glass", "Dorschner et al. 1995, Astron. Astrophys. 300, 503"),
    "montmorillonite": _montmorillonite,
    "magnetite": _magnetite,
    "troilite": partial(_isotropic, "troilite", "Henning & Stognienko 1996, Astron. Astrophys. 311, 291"),
    "iron": partial(_isotropic, "iron", ORDAL_1988),
    "amorphous_carbon": partial(_isotropic, "amorphous_carbon", ZUBKO_1996),
}
"""Every mineral, as a function that makes it: tables are read when they are asked for."""
