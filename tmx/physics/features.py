"""Features by which silicates show in the thermal infrared, each as one number of a spectrum.

Windows are chosen, and rounded, to hold these features of silicates as [1]_ to [4]_ describe them; the definitions are
ours, and the same for every spectrum, so that numbers of different runs can be compared.

References
----------
.. [1] Salisbury, J. W. and Walter, L. S. (1989), Thermal infrared (2.5-13.5 µm) spectroscopic remote sensing of igneous
   rock types on particulate planetary surfaces, J. Geophys. Res. 94, 9192-9202, doi:10.1029/JB094iB07p09192.
.. [2] Salisbury, J. W., Walter, L. S., Vergo, N. and D'Aria, D. M. (1991), Infrared (2.1-25 µm) Spectra of Minerals,
   Johns Hopkins University Press.
.. [3] Cooper, B. L., Salisbury, J. W., Killen, R. M. and Potter, A. E. (2002), Midinfrared spectral features of rocks
   and their powders, J. Geophys. Res. 107, 5017, doi:10.1029/2000JE001462.
.. [4] Donaldson Hanna, K. L., Wyatt, M. B., Thomas, I. R., et al. (2012), Thermal infrared emissivity measurements
   under a simulated lunar environment, J. Geophys. Res. 117, E00H05, doi:10.1029/2011JE003862.
"""

import math

import numpy as np

from tmx.physics.materials import FloatArray

CHRISTIANSEN = (7.0e-6, 9.5e-6)
"""Wavelengths between which the Christiansen feature is sought [m]."""

RESTSTRAHLEN = (8.5e-6, 12.0e-6)
"""Wavelengths of the stretching vibrations of silicates, the reststrahlen bands [m]."""

SHORT_SHOULDER, LONG_SHOULDER = (10.5e-6, 11.5e-6), (13.0e-6, 14.0e-6)
"""Wavelengths on either side of the transparency feature [m]."""


def christiansen_feature(wavenumber: FloatArray, value: FloatArray) -> float:
    """Return the wavenumber of the Christiansen feature.

    Parameters
    ----------
    wavenumber : ndarray, shape (bands,)
        Centres of the bands, ascending [m⁻¹].
    value : ndarray, shape (bands,)
        Emissivity, or brightness temperature where no temperature is given that emissivities could refer to.

    Returns
    -------
    float
        Wavenumber of the maximum between 7 and 9.5 µm [m⁻¹], that of the parabola through the highest band and its
        neighbours. NaN if the bands do not cover the window, or the highest band is at its edge.
    """
    return _christiansen_maximum(wavenumber, value)[0]


def reststrahlen_depth(wavenumber: FloatArray, emissivity: FloatArray) -> float:
    """Return the spectral contrast between the Christiansen feature and the reststrahlen bands.

    Parameters
    ----------
    wavenumber : ndarray, shape (bands,)
        Centres of the bands, ascending [m⁻¹].
    emissivity : ndarray, shape (bands,)
        Emissivity [-].

    Returns
    -------
    float
        Maximum of the Christiansen feature minus the lowest emissivity from 8.5 to 12 µm, at wavelengths beyond the
        feature [-]. NaN if there is no such feature, or the bands do not cover the window.
    """
    place, height = _christiansen_maximum(wavenumber, emissivity)
    inside = _window(wavenumber, RESTSTRAHLEN) & (wavenumber < place)
    if not _covered(wavenumber, RESTSTRAHLEN) or not inside.any():
        return math.nan
    return float(height - emissivity[inside].min())


def transparency_depth(wavenumber: FloatArray, emissivity: FloatArray) -> float:
    """Return the depth of the transparency feature of fine-grained silicates.

    Parameters
    ----------
    wavenumber : ndarray, shape (bands,)
        Centres of the bands, ascending [m⁻¹].
    emissivity : ndarray, shape (bands,)
        Emissivity [-].

    Returns
    -------
    float
        Largest 1 − ε/ε_c between the shoulders, the highest bands from 10.5 to 11.5 µm and from 13 to 14 µm, with ε_c
        straight in wavenumber from one to the other [-]; 0 where nothing is below this line. NaN if the bands do not
        cover the windows.
    """
    if not _covered(wavenumber, (SHORT_SHOULDER[0], LONG_SHOULDER[1])):
        return math.nan
    first, last = (_highest(wavenumber, emissivity, window) for window in (LONG_SHOULDER, SHORT_SHOULDER))
    if first < 0 or last < 0:
        return math.nan
    between = slice(first, last + 1)
    continuum = np.interp(wavenumber[between], wavenumber[[first, last]], emissivity[[first, last]])
    return max(float((1.0 - emissivity[between] / continuum).max()), 0.0)


def _christiansen_maximum(wavenumber: FloatArray, value: FloatArray) -> tuple[float, float]:
    """Return wavenumber and height of the maximum, NaN if there is none."""
    inside = np.flatnonzero(_window(wavenumber, CHRISTIANSEN))
    if inside.size < 3 or not _covered(wavenumber, CHRISTIANSEN):
        return math.nan, math.nan
    highest = int(inside[value[inside].argmax()])
    if highest in (inside[0], inside[-1]):
        return math.nan, math.nan
    around = slice(highest - 1, highest + 2)
    return _vertex(wavenumber[around] - wavenumber[highest], value[around], wavenumber[highest])


def _vertex(offset: FloatArray, value: FloatArray, origin: float) -> tuple[float, float]:
    """Return place and height of the vertex of the parabola through three points, the middle one at its origin."""
    (left, _, right), (low, top, high) = offset, value
    slope_left, slope_right = (top - low) / -left, (high - top) / right
    curvature = (slope_right - slope_left) / (right - left)
    if not curvature < 0.0:
        return math.nan, math.nan
    slope = slope_left - curvature * left
    return float(origin - 0.5 * slope / curvature), float(top - 0.25 * slope**2 / curvature)


def _window(wavenumber: FloatArray, window: tuple[float, float]) -> np.ndarray:
    return np.asarray((wavenumber >= 1.0 / window[1]) & (wavenumber <= 1.0 / window[0]))


def _covered(wavenumber: FloatArray, window: tuple[float, float]) -> bool:
    """Return whether bands lie at, or beyond, both ends of a window."""
    return bool(wavenumber.size and wavenumber[0] <= 1.0 / window[1] and wavenumber[-1] >= 1.0 / window[0])


def _highest(wavenumber: FloatArray, value: FloatArray, window: tuple[float, float]) -> int:
    """Return the highest band of a window, -1 if there is none in it."""
    inside = np.flatnonzero(_window(wavenumber, window))
    return int(inside[value[inside].argmax()]) if inside.size else -1
