"""Cross-sections of grains per band of wavenumber, from Mie's series for homogeneous spheres.

The series itself is miepython's (S. Prahl, after Wiscombe 1980, doi:10.1364/AO.19.001505), whose index is n − ik.
Here it is averaged over kinds of grains, over sizes, and over bands.
"""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from tmx.physics.grains.grains import Grains
from tmx.physics.grains.material import ComplexArray, FloatArray
from tmx.physics.grains.packing import LARGEST_PACKED_SIZE, packed
from tmx.physics.grains.sizes import effective_radius, mean_volume

IMPORTING = Lock()

LARGEST_SIZE_PARAMETER = 2e4
"""2πr/λ above which Mie's series takes milliseconds a term and geometric optics is as good."""

SMALLEST_SIZE_PARAMETER = 1e-4
"""2πr/λ below which grains are fewer than some atoms across, and an index means nothing."""

BAND_TOLERANCE = 2e-4
"""Relative change of a band's mean from three points to seven at which a band is divided no more.

The mean of seven points is better by orders of magnitude where the cross-section is smooth on the band.
"""

FIRST_WIDTH = 1000.0
"""Width of the pieces that a band begins with [m⁻¹]: that of a phonon, beside which two rules could agree by chance."""

FIRST_PART = 0.01
"""The same as a part of the wavenumber, which is more where there are no phonons [-]."""

MOST_PIECES = 8
"""Pieces that a band begins with at most."""

MOST_HALVINGS = 4
"""How often a piece may be halved: some ripples of transparent grains are narrower than any rule can see."""

NODES = np.array([-0.960491268708020283, -0.774596669241483377, -0.434243749346802558, 0.0])
NODES = np.concatenate([NODES, -NODES[2::-1]])
"""Nodes of Kronrod's seven-point rule on −1 … 1; every other one is a node of Gauss's three-point rule."""

KRONROD = np.array([0.104656226026467265, 0.268488089868333441, 0.401397414775962223, 0.450916538658474142])
KRONROD = np.concatenate([KRONROD, KRONROD[2::-1]])
GAUSS = np.array([0.0, 5.0 / 9.0, 0.0, 8.0 / 9.0, 0.0, 5.0 / 9.0, 0.0])


@dataclass(frozen=True)
class ScatteringTable:
    """How a grain scatters and absorbs, as a mean over grains and over each band.

    Attributes
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of the bands, ascending [m⁻¹].
    extinction, scattering : ndarray, shape (bands,)
        Cross-sections of a grain [m²].
    asymmetry : ndarray, shape (bands,)
        Mean cosine of the scattering angle, over what is scattered [-].
    volume : float
        Mean volume of a grain, for numbers of grains per volume [m³].
    effective_radius : float
        ⟨r³⟩/⟨r²⟩ [m].
    """

    edges: FloatArray
    extinction: FloatArray
    scattering: FloatArray
    asymmetry: FloatArray
    volume: float
    effective_radius: float

    @property
    def albedo(self) -> FloatArray:
        """Return the single-scattering albedo of every band."""
        return self.scattering / self.extinction

    @property
    def wavelength(self) -> FloatArray:
        """Return the wavelength at the middle of every band in wavenumber [m]."""
        return 2.0 / (self.edges[1:] + self.edges[:-1])


def scattering_table(edges: FloatArray, grains: Grains) -> ScatteringTable:
    """Compute cross-sections and asymmetry of grains in adjoining bands.

    Parameters
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of the bands, ascending, positive and finite [m⁻¹].
    grains : Grains
        What the grains are.

    Raises
    ------
    ValueError
        If the edges are none, a band is outside what is known of a material, or grains are so large or small against
        the wavelength that Mie's series is of no use.

    Notes
    -----
    Means are over wavenumber without a weight. Each band is integrated with the pair of Gauss's and Kronrod's rules of
    three and seven points, on pieces of 10 cm⁻¹ if these are not too many; where the rules differ by more than
    `BAND_TOLERANCE` of the band's mean, the piece is halved. Phonons, some 10 cm⁻¹ wide, and the ripples of the series
    are so resolved however wide the band is: at most 896 points a band.
    """
    edges = np.asarray(edges, dtype=np.float64)
    check_bands(edges, grains)
    # a distribution of sizes has no ripples, and those of its nodes are not worth following
    halvings = MOST_HALVINGS if grains.sizes.nodes()[0].size == 1 else 0
    means = _band_means(edges, halvings, lambda wavenumber: _cross_sections(wavenumber, grains))
    extinction, scattering, forward = means
    scattering = np.minimum(scattering, extinction)  # without absorption they differ by rounding
    asymmetry = np.divide(forward, scattering, out=np.zeros_like(forward), where=scattering > 0.0)
    if grains.without_forward_peak:
        extinction, scattering, asymmetry = without_forward_peak(extinction, scattering, asymmetry)
    return ScatteringTable(
        edges, extinction, scattering, asymmetry, mean_volume(grains.sizes), effective_radius(grains.sizes)
    )


def check_bands(edges: FloatArray, grains: Grains) -> None:
    """Check that grains can be computed in bands, without computing them; a ValueError says why not."""
    _check_edges(edges)
    for material in grains.materials:
        material.check(1.0 / edges)
    _check_sizes(edges, grains)


def without_forward_peak(
    extinction: FloatArray, scattering: FloatArray, asymmetry: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Count the forward peak of the phase function as not scattered.

    Parameters
    ----------
    extinction, scattering : ndarray, shape (bands,)
        Cross-sections [m²].
    asymmetry : ndarray, shape (bands,)
        g [-].

    Returns
    -------
    tuple of ndarray
        The three, scaled.

    Notes
    -----
    A part f = g² is in the peak, as for the phase function of Henyey and Greenstein; g′ = (g − f)/(1 − f). A backward
    peak (g < 0) stays.

    References
    ----------
    J. H. Joseph, W. J. Wiscombe & J. A. Weinman, J. Atmos. Sci. 33, 2452 (1976), eqs. 5 and 13-14,
    doi:10.1175/1520-0469(1976)033<2452:TDEAFR>2.0.CO;2.
    """
    peak = np.where(asymmetry > 0.0, asymmetry**2, 0.0)
    return extinction - peak * scattering, (1.0 - peak) * scattering, (asymmetry - peak) / (1.0 - peak)


def _cross_sections(wavenumber: FloatArray, grains: Grains) -> FloatArray:
    """Return C_ext, C_sca and g C_sca [m²] at wavenumbers [m⁻¹], shape (3, w)."""
    share, index = grains.kinds(1.0 / wavenumber)
    radius, number = grains.sizes.nodes()
    size = 2.0 * math.pi * np.outer(radius, wavenumber)
    shape = (share.size, *size.shape)
    m = np.broadcast_to(index[:, None, :], shape).ravel()
    x = np.broadcast_to(size, shape).ravel()
    extinction, scattering, asymmetry = efficiencies(m, x)
    if grains.packing is not None:
        extinction, scattering, asymmetry = _packed(m, x, extinction, scattering, grains.packing)
    area = math.pi * radius**2 * number
    weight = share[:, None] * area
    each = np.array([extinction, scattering, asymmetry * scattering]).reshape(3, *shape)
    return np.asarray(np.einsum("ks,qksw->qw", weight, each))


def _packed(
    index: ComplexArray, size: FloatArray, extinction: FloatArray, scattering: FloatArray, packing: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return Q_ext, Q_sca and g of grains each of which lies among its like."""
    pairs = zip(index.tolist(), size.tolist(), strict=True)
    factor, asymmetry = np.array([packed(m, x, packing, _amplitudes) for m, x in pairs]).T
    return extinction - (1.0 - factor) * scattering, factor * scattering, asymmetry


def _amplitudes(index: complex, size: float, cosine: FloatArray) -> tuple[ComplexArray, ComplexArray]:
    first, second = _miepython().S1_S2(index.conjugate(), size, cosine, norm="wiscombe")
    return first, second


def efficiencies(index: ComplexArray, size: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return Q_ext, Q_sca and g of spheres of index n + ik and size parameter 2πr/λ, shape (n,) each."""
    extinction, scattering, _, asymmetry = _miepython().efficiencies_mx(np.conj(index), size)
    return extinction, scattering, asymmetry


@cache
def _miepython() -> Any:
    """Import miepython with its compiled functions.

    Those not marked to be kept in numba's cache are marked here, or each process would spend a second and a half on
    compiling one that nobody calls.
    """
    import numba

    from tmx.physics.compiled import one_compiles

    with IMPORTING, one_compiles("Mie scattering"), _environment("MIEPYTHON_USE_JIT", "1"):
        plain = numba.njit
        numba.njit = lambda *signature, **options: plain(*signature, **{**options, "cache": True})
        try:
            import miepython
        finally:
            numba.njit = plain
    return miepython


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment for a while."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def _band_means(edges: FloatArray, most: int, function: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return the means of a function of wavenumber over bands, shape (3, bands); pieces are halved `most` times."""
    width = np.diff(edges)
    low, high, band = _pieces(edges)
    mean = np.zeros((3, width.size))
    for halvings in range(most + 1):
        fine, coarse = (rule * (high - low) / width[band] for rule in _rules(low, high, function))
        total = mean + _sums(fine, band, width.size)
        rough = (np.abs(fine - coarse) > BAND_TOLERANCE * np.abs(total[:, band])).any(axis=0)
        if halvings == most or not rough.any():
            return total
        mean = mean + _sums(fine[:, ~rough], band[~rough], width.size)
        middle = 0.5 * (low + high)[rough]
        low, high = np.concatenate([low[rough], middle]), np.concatenate([middle, high[rough]])
        band = np.tile(band[rough], 2)
    return mean


def _pieces(edges: FloatArray) -> tuple[FloatArray, FloatArray, npt.NDArray[np.intp]]:
    """Return the lower and upper ends of the pieces that bands begin with, and whose they are."""
    width = np.diff(edges)
    widest = np.maximum(FIRST_WIDTH, FIRST_PART * edges[:-1])
    count = np.clip(np.ceil(width / widest), 1, MOST_PIECES).astype(np.intp)
    band = np.repeat(np.arange(width.size), count)
    place = np.arange(band.size) - np.repeat(np.cumsum(count) - count, count)
    step = (width / count)[band]
    return edges[band] + place * step, edges[band] + (place + 1) * step, band


def _sums(values: FloatArray, band: npt.NDArray[np.intp], bands: int) -> FloatArray:
    """Return the sums over the pieces of each band, shape (3, bands)."""
    return np.array([np.bincount(band, row, bands) for row in values])


def _rules(
    low: FloatArray, high: FloatArray, function: Callable[[FloatArray], FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return the means over pieces by Kronrod's and by Gauss's rule, shape (3, pieces) each."""
    place = 0.5 * (low + high)[:, None] + 0.5 * (high - low)[:, None] * NODES
    value = function(place.ravel()).reshape(3, low.size, NODES.size)
    return 0.5 * value @ KRONROD, 0.5 * value @ GAUSS


def _check_edges(edges: FloatArray) -> None:
    if edges.ndim != 1 or edges.size < 2:
        raise ValueError("bands need at least two edges")
    if not (np.isfinite(edges).all() and edges[0] > 0.0 and (np.diff(edges) > 0.0).all()):
        raise ValueError("edges of bands must be positive, finite and ascending wavenumbers")


def _check_sizes(edges: FloatArray, grains: Grains) -> None:
    largest, middle = float(grains.sizes.nodes()[0].max()), effective_radius(grains.sizes)
    over, under = 2.0 * math.pi * largest * edges[-1], 2.0 * math.pi * middle * edges[0]
    if grains.packing is not None and over > LARGEST_PACKED_SIZE:
        raise ValueError(
            f"grains of radius {largest * 1e6:.4g} um at {1e6 / edges[-1]:.4g} um have the size parameter {over:.3g},"
            f" above {LARGEST_PACKED_SIZE:g}, up to which the interference of close packing is computed"
        )
    if over > LARGEST_SIZE_PARAMETER:
        raise ValueError(
            f"grains of radius {largest * 1e6:.4g} um at {1e6 / edges[-1]:.4g} um have the size parameter {over:.3g},"
            f" above {LARGEST_SIZE_PARAMETER:g}, where Mie's series is too slow: use smaller grains or longer waves"
        )
    if under < SMALLEST_SIZE_PARAMETER:
        raise ValueError(
            f"grains of radius {middle * 1e6:.4g} um at {1e6 / edges[0]:.4g} um have the size parameter {under:.3g},"
            f" below {SMALLEST_SIZE_PARAMETER:g}, where there is no grain that has an index: is the radius in metres?"
        )
