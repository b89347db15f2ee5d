"""The text by which people name what grains are made of: ``forsterite``, or ``forsterite 0.7, magnetite 0.3``."""

from collections.abc import Mapping
from types import MappingProxyType

from tmx.physics.grains.grains import Composition, check_fractions
from tmx.physics.grains.material import Material
from tmx.physics.grains.minerals import mineral_named

CUSTOM = "custom"
"""What the material of a user's own table is called."""


def parse_composition(text: str, known: Mapping[str, Material] = MappingProxyType({})) -> Composition:
    """Read materials and their parts of the volume.

    Parameters
    ----------
    text : str
        Names of minerals separated by commas, each followed by its part of the volume; one alone needs no number.
    known : mapping of str to Material, optional
        Materials besides those of the library.

    Returns
    -------
    tuple of (Material, float)
        In the order of the text.

    Raises
    ------
    ValueError
        If a mineral is not known, a number is missing or not one, or the numbers do not add up to 1.
    """
    parts = [part.split() for part in text.split(",")]
    if parts == [[]]:
        raise ValueError("a composition names at least one mineral")
    if [] in parts:
        raise ValueError(f"{text!r}: a name is missing next to a comma")
    composition = tuple(_part(words, known, alone=len(parts) == 1) for words in parts)
    names = [material.name for material, _ in composition]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} is named twice in {text!r}")
    try:
        check_fractions(composition)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None
    return composition


def names_in(text: str) -> tuple[str, ...]:
    """Return the materials that a text names, each of which is of the library or `CUSTOM`; numbers are not looked at.

    Raises
    ------
    ValueError
        If one is not known.
    """
    names = tuple(words[0] for words in map(str.split, text.split(",")) if words)
    for name in names:
        if name != CUSTOM:
            mineral_named(name)
    return names


def _part(words: list[str], known: Mapping[str, Material], *, alone: bool) -> tuple[Material, float]:
    material = known.get(words[0]) or mineral_named(words[0])
    if len(words) == 1 and alone:
        return material, 1.0
    if len(words) != 2:
        raise ValueError(
            f"{' '.join(words)!r} is not a mineral and its part of the volume, as in {words[0] + ' 0.7'!r}"
        )
    try:
        return material, float(words[1])
    except ValueError:
        raise ValueError(f"{words[1]!r} after {words[0]} is not a number") from None
