"""The library of minerals: `mineral_named` gives one, `MINERALS` lists them."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache

from tmx.physics.grains.material import MICROMETRE, Axis, Index, JoinedIndex, Material
from tmx.physics.grains.oscillators import FourParameterIndex, SellmeierIndex

PER_CM = 100.0
"""m⁻¹ in a cm⁻¹."""

QUARTZ_ORDINARY = (
    (393.5, 2.1, 403.0, 2.8),
    (450.0, 4.5, 507.0, 3.5),
    (695.0, 13.0, 697.6, 13.0),
    (797.0, 6.9, 810.0, 6.9),
    (1065.0, 7.2, 1226.0, 12.5),
    (1158.0, 9.3, 1155.0, 9.3),
)
"""ν_TO, γ_TO, ν_LO and γ_LO of modes E of α-quartz at 295 K [cm⁻¹] (Gervais & Piriou 1975)."""

QUARTZ_EXTRAORDINARY = (
    (363.5, 4.8, 386.7, 7.0),
    (487.5, 4.0, 550.0, 3.2),
    (777.0, 6.7, 790.0, 6.7),
    (1071.0, 6.8, 1229.0, 12.0),
)
"""The same of modes A₂."""


def _quartz() -> Material:
    visible = (0.198, 2.0531)
    infrared = (visible[1], 50.0)
    ordinary = JoinedIndex(
        (
            _sellmeier(1.28604141, ((1.07044083, 0.0100585997), (1.10202242, 100.0)), visible),
            _modes(2.356, QUARTZ_ORDINARY, infrared),
        )
    )
    extraordinary = JoinedIndex(
        (
            _sellmeier(1.28851804, ((1.09509924, 0.0102101864), (1.15662475, 100.0)), visible),
            _modes(2.383, QUARTZ_EXTRAORDINARY, infrared),
        )
    )
    source = (
        "Gervais & Piriou, Phys. Rev. B 11, 3944 (1975), doi:10.1103/PhysRevB.11.3944, four-parameter modes at 295 K;"
        " below 2.05 um Ghosh, Opt. Commun. 163, 95 (1999), doi:10.1016/S0030-4018(99)00091-7, without absorption"
    )
    return Material("quartz", (Axis(2.0 / 3.0, ordinary), Axis(1.0 / 3.0, extraordinary)), source)


def _modes(
    high_frequency: float, modes: tuple[tuple[float, float, float, float], ...], range_um: tuple[float, float]
) -> Index:
    """Return the index of four-parameter modes in cm⁻¹, within a range in µm."""
    scaled = tuple((a * PER_CM, b * PER_CM, c * PER_CM, d * PER_CM) for a, b, c, d in modes)
    return FourParameterIndex(high_frequency, scaled, _metres(range_um))


def _sellmeier(constant: float, terms: tuple[tuple[float, float], ...], range_um: tuple[float, float]) -> Index:
    """Return the index of a Sellmeier formula for wavelengths in µm, within a range in µm."""
    return SellmeierIndex(constant, tuple((b, c * MICROMETRE**2) for b, c in terms), _metres(range_um))


def _metres(range_um: tuple[float, float]) -> tuple[float, float]:
    return range_um[0] * MICROMETRE, range_um[1] * MICROMETRE


MINERALS: dict[str, Callable[[], Material]] = {
    "quartz": _quartz,
}
"""Every mineral, as a function that makes it: tables are read when they are asked for."""


@cache
def mineral_named(name: str) -> Material:
    """Return a mineral of the library.

    Raises
    ------
    ValueError
        If there is none of this name; it says which names are near, or all.
    """
    key = name.strip().lower()
    if key not in MINERALS:
        near = get_close_matches(key, MINERALS, 1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(MINERALS)}"
        raise ValueError(f"{name!r} is not a mineral of the library; {hint}")
    return MINERALS[key]()
