"""What grains are: materials, how they are mixed, sizes and coating."""

from dataclasses import dataclass

import numpy as np

from tmx.physics.grains.material import ComplexArray, FloatArray, Material
from tmx.physics.grains.mixing import bruggeman, coated, maxwell_garnett
from tmx.physics.grains.sizes import Sizes

Composition = tuple[tuple[Material, float], ...]
"""Materials and their parts of the volume, which add up to 1."""

MIXINGS = ("intimate", "maxwell_garnett", "bruggeman")
"""How materials are mixed: grains of one mineral each, inclusions in the first material, or an aggregate."""

FRACTION_TOLERANCE = 1e-6
"""By how much fractions may miss a sum of 1."""

DENSEST_PACKING = 0.74
"""Filling factor of the densest packing of equal spheres."""


@dataclass(frozen=True)
class Coating:
    """A shell around every grain.

    Attributes
    ----------
    material : Material
        What the shell is made of.
    fraction : float
        Its part of the volume of the coated grain, between 0 and 1 [-].
    """

    material: Material
    fraction: float

    def __post_init__(self) -> None:
        if not 0.0 < self.fraction < 1.0:
            raise ValueError(f"a coating takes between 0 and 1 of a grain's volume, not {self.fraction:g}")


@dataclass(frozen=True)
class Grains:
    """Spherical grains of a composition and a distribution of sizes.

    Attributes
    ----------
    composition : tuple of (Material, float)
        Materials and their parts of the volume, which add up to 1.
    sizes : Sizes
        `SingleSize`, `Lognormal` or `PowerLaw`; radii include the coating.
    mixing : str
        ``intimate``: every grain is of one material, and the materials have the same sizes, so that parts of the volume
        are parts of the number. ``maxwell_garnett``: every grain is of the first material, with the others in it as
        inclusions. ``bruggeman``: every grain is an aggregate of all.
    coating : Coating, optional
        A shell around every grain.
    packing : float, optional
        Filling factor at which interference between the grains changes how they scatter [-]; as if far apart if None.
    without_forward_peak : bool
        Whether the narrow forward peak counts as not scattered (delta-Eddington).
    """

    composition: Composition
    sizes: Sizes
    mixing: str = "intimate"
    coating: Coating | None = None
    packing: float | None = None
    without_forward_peak: bool = False

    def __post_init__(self) -> None:
        check_fractions(self.composition)
        if self.mixing not in MIXINGS:
            raise ValueError(f"mixing {self.mixing!r} is not one of {', '.join(MIXINGS)}")
        if self.packing is not None and not 0.0 < self.packing < DENSEST_PACKING:
            raise ValueError(f"spheres fill between 0 and {DENSEST_PACKING:g} of space, not {self.packing:g}")

    @property
    def materials(self) -> tuple[Material, ...]:
        """Return all materials, that of the coating last."""
        shell = () if self.coating is None else (self.coating.material,)
        return (*(material for material, _ in self.composition), *shell)

    @property
    def wavelengths(self) -> tuple[float, float]:
        """Return the shortest and the longest wavelength at which all materials are known [m]."""
        ranges = [material.wavelengths for material in self.materials]
        return max(low for low, _ in ranges), min(high for _, high in ranges)

    def kinds(self, wavelength: FloatArray) -> tuple[FloatArray, ComplexArray]:
        """Return the kinds of homogeneous spheres whose mean cross-sections are those of the grains.

        Crystals lie at random: a grain of an anisotropic mineral counts as spheres with the index of one axis each, by
        the weights of the axes. Averaging an index over axes would make resonances of a medium that does not exist.

        Parameters
        ----------
        wavelength : ndarray, shape (w,)
            Wavelengths [m].

        Returns
        -------
        weight : ndarray, shape (kinds,)
            Parts of the number of grains [-].
        index : ndarray, shape (kinds, w)
            n + ik [-].

        Raises
        ------
        ValueError
            If a wavelength is outside what is known of a material.
        """
        weight, index = self._uncoated(wavelength)
        if self.coating is None:
            return weight, index
        shells, shell_weights = self.coating.material.indices(wavelength), self.coating.material.weights
        pairs = [(core, shell) for core in range(len(index)) for shell in range(len(shells))]
        mixed = [coated(index[core], shells[shell], self.coating.fraction) for core, shell in pairs]
        return np.array([weight[core] * shell_weights[shell] for core, shell in pairs]), np.array(mixed)

    def _uncoated(self, wavelength: FloatArray) -> tuple[FloatArray, ComplexArray]:
        if self.mixing == "maxwell_garnett":
            matrix = self.composition[0][0]
            fractions, inclusions = _parts(self.composition[1:], wavelength)
            around = matrix.indices(wavelength)
            return matrix.weights, np.array([maxwell_garnett(one, inclusions, fractions) for one in around])
        fractions, indices = _parts(self.composition, wavelength)
        if self.mixing == "bruggeman" and len(self.composition) > 1:
            return np.array([1.0]), bruggeman(indices, fractions)[None, :]
        return fractions, indices


def check_fractions(composition: Composition) -> None:
    """Check that fractions are positive and add up to 1; a ValueError says what they add up to."""
    if not composition:
        raise ValueError("grains need at least one material")
    for material, fraction in composition:
        if not 0.0 < fraction <= 1.0 + FRACTION_TOLERANCE:
            raise ValueError(f"{material.name}: a fraction is above 0 and at most 1, not {fraction:g}")
    total = sum(fraction for _, fraction in composition)
    if abs(total - 1.0) > FRACTION_TOLERANCE:
        raise ValueError(f"the fractions must add up to 1, not to {total:.7g}")


def _parts(composition: Composition, wavelength: FloatArray) -> tuple[FloatArray, ComplexArray]:
    """Return the part of every axis of every material, and its index."""
    fractions = [fraction * material.weights for material, fraction in composition]
    indices = [material.indices(wavelength) for material, _ in composition]
    if not composition:
        return np.empty(0), np.empty((0, wavelength.size), dtype=np.complex128)
    return np.concatenate(fractions), np.concatenate(indices)
