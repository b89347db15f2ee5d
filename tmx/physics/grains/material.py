"""A material: a complex refractive index for each of its axes, and where it is known.

m = n + ik with k ≥ 0, as for fields ∝ e^{-iωt} (Bohren & Huffman 1983, section 2.3). Wavelengths are in vacuum.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]

MICROMETRE = 1e-6
"""m in a µm."""


class Index(Protocol):
    """The refractive index along one axis."""

    @property
    def wavelengths(self) -> tuple[float, float]:
        """Return the shortest and the longest wavelength at which it is known [m]."""
        ...

    def at(self, wavelength: FloatArray) -> ComplexArray:
        """Return n + ik at wavelengths [m] within `wavelengths`."""
        ...


@dataclass(frozen=True)
class TabulatedIndex:
    """A refractive index from a table, interpolated in the logarithm of wavelength.

    n is interpolated linearly. k is so too: between points of a resonance that is as good as any, and k may be zero.

    Attributes
    ----------
    wavelength : tuple of float
        Wavelengths, ascending [m].
    n, k : tuple of float
        Real and imaginary part of the index there [-].
    """

    wavelength: tuple[float, ...]
    n: tuple[float, ...]
    k: tuple[float, ...]

    @property
    def wavelengths(self) -> tuple[float, float]:
        """Return the shortest and the longest wavelength of the table [m]."""
        return self.wavelength[0], self.wavelength[-1]

    def at(self, wavelength: FloatArray) -> ComplexArray:
        """Return n + ik at wavelengths [m]."""
        place, known = np.log(wavelength), np.log(self.wavelength)
        return np.interp(place, known, self.n) + 1j * np.interp(place, known, self.k)


@dataclass(frozen=True)
class JoinedIndex:
    """Indices that hold in adjoining ranges of wavelength, one after the other.

    Attributes
    ----------
    parts : tuple of Index
        In the order of their wavelengths; where two overlap, the first one holds.
    """

    parts: tuple[Index, ...]

    @property
    def wavelengths(self) -> tuple[float, float]:
        """Return the shortest and the longest wavelength of all [m]."""
        return self.parts[0].wavelengths[0], self.parts[-1].wavelengths[1]

    def at(self, wavelength: FloatArray) -> ComplexArray:
        """Return n + ik at wavelengths [m]."""
        index = np.empty(np.shape(wavelength), dtype=np.complex128)
        shortest = -np.inf
        for part in self.parts:
            low, high = shortest, part.wavelengths[1] if part is not self.parts[-1] else np.inf
            here = (wavelength > low) & (wavelength <= high)
            index[here] = part.at(wavelength[here])
            shortest = high
        return index


@dataclass(frozen=True)
class IndexWithContinuum:
    """A refractive index, and absorption besides that varies slowly, as that by pairs of phonons does.

    Attributes
    ----------
    base : Index
        The index without it, which has the range.
    wavelength : tuple of float
        Wavelengths, ascending; short of the first there is no more absorption [m].
    k : tuple of float
        What is added to k there, interpolated in the logarithm of wavelength [-].
    """

    base: Index
    wavelength: tuple[float, ...]
    k: tuple[float, ...]

    @property
    def wavelengths(self) -> tuple[float, float]:
        """Return the shortest and the longest wavelength of the index without it [m]."""
        return self.base.wavelengths

    def at(self, wavelength: FloatArray) -> ComplexArray:
        """Return n + ik at wavelengths [m]."""
        more = np.interp(np.log(wavelength), np.log(self.wavelength), self.k, left=0.0)
        return np.asarray(self.base.at(wavelength) + 1j * more)


@dataclass(frozen=True)
class Axis:
    """One axis of a crystal.

    Attributes
    ----------
    weight : float
        The part of the grains, oriented at random, whose field lies along the axis [-].
    index : Index
        Refractive index for that field.
    """

    weight: float
    index: Index


@dataclass(frozen=True)
class Material:
    """A mineral, or whatever else grains consist of.

    Attributes
    ----------
    name : str
        For instance ``forsterite``.
    axes : tuple of Axis
        One for an isotropic material; their weights add up to 1.
    source : str
        Where the numbers come from.
    """

    name: str
    axes: tuple[Axis, ...]
    source: str = field(default="", compare=False)

    @property
    def wavelengths(self) -> tuple[float, float]:
        """Return the shortest and the longest wavelength at which all axes are known [m]."""
        ranges = [axis.index.wavelengths for axis in self.axes]
        return max(low for low, _ in ranges), min(high for _, high in ranges)

    @property
    def weights(self) -> FloatArray:
        """Return the weights of the axes."""
        return np.array([axis.weight for axis in self.axes])

    def indices(self, wavelength: FloatArray) -> ComplexArray:
        """Return n + ik of every axis.

        Parameters
        ----------
        wavelength : ndarray, shape (w,)
            Wavelengths [m].

        Returns
        -------
        ndarray, shape (axes, w)

        Raises
        ------
        ValueError
            If a wavelength is outside what is known of the material.
        """
        self.check(wavelength)
        return np.array([axis.index.at(wavelength) for axis in self.axes])

    def check(self, wavelength: FloatArray) -> None:
        """Raise a ValueError that says by how much wavelengths [m] are outside what is known."""
        low, high = self.wavelengths
        shortest, longest = float(np.min(wavelength)), float(np.max(wavelength))
        # a band edge that was converted to a wavelength and back is the edge of the table still
        if shortest < low * (1.0 - 1e-9):
            raise ValueError(self._outside(shortest, low, "short"))
        if longest > high * (1.0 + 1e-9):
            raise ValueError(self._outside(longest, high, "long"))

    def _outside(self, wanted: float, limit: float, word: str) -> str:
        low, high = (limit_ / MICROMETRE for limit_ in self.wavelengths)
        return (
            f"{self.name} is known from {low:.5g} to {high:.5g} um: {wanted / MICROMETRE:.5g} um is"
            f" {abs(wanted - limit) / MICROMETRE:.3g} um too {word}"
        )


def material_from_table(name: str, wavelength: FloatArray, n: FloatArray, k: FloatArray, source: str = "") -> Material:
    """Make an isotropic material of a table of its index.

    Parameters
    ----------
    name : str
        What to call it in messages.
    wavelength : ndarray, shape (w,)
        Wavelengths, in any order, each once [m].
    n, k : ndarray, shape (w,)
        Real and imaginary part of the index [-].

    Raises
    ------
    ValueError
        If the numbers cannot be an index.
    """
    return Material(name, (Axis(1.0, tabulated_index(name, wavelength, n, k)),), source)


def tabulated_index(name: str, wavelength: FloatArray, n: FloatArray, k: FloatArray) -> TabulatedIndex:
    """Return a table of an index in ascending order; a ValueError if its numbers cannot be one."""
    order = np.argsort(wavelength)
    place, real, imaginary = (np.asarray(column, dtype=np.float64)[order] for column in (wavelength, n, k))
    if place.size < 2:
        raise ValueError(f"{name}: a table of an index needs at least two wavelengths")
    if not (np.isfinite(place).all() and np.isfinite(real).all() and np.isfinite(imaginary).all()):
        raise ValueError(f"{name}: wavelengths, n and k must be finite")
    if place[0] <= 0.0 or (np.diff(place) <= 0.0).any():
        raise ValueError(f"{name}: wavelengths must be positive, and each be there once")
    if (real <= 0.0).any() or (imaginary < 0.0).any():
        raise ValueError(f"{name}: n must be positive, and k (of n + ik) not negative")
    return TabulatedIndex(tuple(place.tolist()), tuple(real.tolist()), tuple(imaginary.tolist()))
