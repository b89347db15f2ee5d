"""Planck radiance integrated over bands of wavenumber, and its inverse, the band brightness temperature.

Integrals come from their series, not from a sample at the middle of a band: exact for bands of any width, 0 to ∞
included.
"""

import math

import numpy as np

from tmx.physics.compiled import kernel, part
from tmx.physics.constants import BOLTZMANN, PLANCK, SPEED_OF_LIGHT, STEFAN_BOLTZMANN
from tmx.physics.materials import FloatArray

SECOND_RADIATION = PLANCK * SPEED_OF_LIGHT / BOLTZMANN
"""Second radiation constant hc/k [m K]."""

ALL = math.pi**4 / 15.0
"""∫₀^∞ t³/(eᵗ − 1) dt."""

EXPONENTIAL_TERMS = 40
"""Terms of the exponential series: the last is below 1e-17 of the first at x = 1."""

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)
"""Bernoulli numbers B₂, B₄, …, B₂₀."""

POWER_SERIES = (
    1 / 3,
    -1 / 8,
    *(b / (math.factorial(2 * n) * (2 * n + 3)) for n, b in enumerate(BERNOULLI, start=1)),
)
"""Coefficients of x³, x⁴, x⁵, x⁷, x⁹, … in ∫₀ˣ t³/(eᵗ − 1) dt."""

NO_RADIANCE = 1e-290
"""Radiance of a band below which Planck functions lose their digits to underflow [W m⁻² sr⁻¹]."""

RATIOS = 32
"""Intervals, even in ln T, of the table of `weighted_band_radiances`."""


@kernel
def _above(x):
    """Return ∫ₓ^∞ t³/(eᵗ − 1) dt for x ≥ 1, by the exponential series."""
    if x > 745.0:
        return 0.0
    fade = math.exp(-x)
    power, total = 1.0, 0.0
    for n in range(1, EXPONENTIAL_TERMS + 1):
        power *= fade
        inverse = 1.0 / n
        term = power * inverse * (x * (x * (x + 3.0 * inverse) + 6.0 * inverse**2) + 6.0 * inverse**3)
        total += term
        if term < 1e-17 * total:
            break
    return total


@kernel
def _below(x):
    """Return ∫₀ˣ t³/(eᵗ − 1) dt for x ≤ 1, by the power series."""
    square = x * x
    total, power = POWER_SERIES[0] + POWER_SERIES[1] * x, square
    for n in range(2, len(POWER_SERIES)):
        total += POWER_SERIES[n] * power
        power *= square
    return x**3 * total


@kernel
def _between(low, high):
    """Return ∫ t³/(eᵗ − 1) dt from low to high without cancellation."""
    if low >= 1.0:
        return _above(low) - _above(high)
    if high <= 1.0:
        return _below(high) - _below(low)
    return ALL - _below(low) - _above(high)


@kernel
def band_radiance(low, high, temperature):
    """Return the Planck radiance between two wavenumbers.

    Parameters
    ----------
    low, high : float
        Edges of the band [m⁻¹]; `high` may be infinite.
    temperature : float
        Temperature [K].

    Returns
    -------
    float
        Radiance [W m⁻² sr⁻¹].
    """
    if temperature <= 0.0:
        return 0.0
    scale = STEFAN_BOLTZMANN * temperature**4 / (math.pi * ALL)
    return scale * _between(SECOND_RADIATION * low / temperature, SECOND_RADIATION * high / temperature)


@kernel
def _edge(wavenumber, temperature):
    """Return x⁴/(eˣ − 1) at the edge of a band."""
    x = SECOND_RADIATION * wavenumber / temperature
    if x == 0.0 or x > 700.0:
        return 0.0
    return x**4 / math.expm1(x)


@kernel
def _slope(low, high, temperature, radiance):
    """Return T dB/dT of the Planck radiance B of a band."""
    scale = STEFAN_BOLTZMANN * temperature**4 / (math.pi * ALL)
    return 4.0 * radiance + scale * (_edge(low, temperature) - _edge(high, temperature))


@kernel
def _first_guess(low, high, radiance):
    """Return the brightness temperature [K] of a narrow band's middle, or of the whole spectrum for a wide band."""
    if high > 1.5 * low:
        bolometric = (math.pi * radiance / STEFAN_BOLTZMANN) ** 0.25
        return max(bolometric, 0.02 * SECOND_RADIATION * low)
    middle = 0.5 * (low + high)
    spectral = 2.0 * PLANCK * SPEED_OF_LIGHT**2 * middle**3 * (high - low)
    return SECOND_RADIATION * middle / math.log1p(spectral / radiance)


@kernel
def band_brightness_temperature(low, high, radiance):
    """Return the temperature [K] at which a black body has a given radiance [W m⁻² sr⁻¹] between two wavenumbers [m⁻¹].

    Newton's method for the logarithm of the radiance against 1/T, in which it is nearly straight; a radiance that is
    not positive, or would be lost in underflow, has the brightness temperature 0.
    """
    if not radiance > NO_RADIANCE:
        return 0.0
    temperature = _first_guess(low, high, radiance)
    for _ in range(100):
        found = band_radiance(low, high, temperature)
        slope = _slope(low, high, temperature, found)
        inverse = 1.0 / temperature + math.log(found / radiance) * found / (slope * temperature)
        inverse = min(max(inverse, 0.2 / temperature), 5.0 / temperature)
        change = 1.0 / inverse - temperature
        temperature = 1.0 / inverse
        if abs(change) < 1e-12 * temperature:
            break
    return temperature


@kernel
def band_radiances(edges: FloatArray, temperature: FloatArray) -> FloatArray:
    """Return the Planck radiance of every band at every temperature.

    Parameters
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of adjoining bands, ascending [m⁻¹].
    temperature : ndarray, shape (t,)
        Temperatures [K].

    Returns
    -------
    ndarray, shape (bands, t)
        Radiances [W m⁻² sr⁻¹].
    """
    radiance = np.empty((edges.size - 1, temperature.size))
    for band in range(edges.size - 1):
        for i in range(temperature.size):
            radiance[band, i] = band_radiance(edges[band], edges[band + 1], temperature[i])
    return radiance


@kernel
def band_brightness_temperatures(edges: FloatArray, radiance: FloatArray) -> FloatArray:
    """Return the brightness temperature [K] of radiances [W m⁻² sr⁻¹], shape (bands, t), in bands between `edges`."""
    temperature = np.empty_like(radiance)
    for band in range(radiance.shape[0]):
        for i in range(radiance.shape[1]):
            temperature[band, i] = band_brightness_temperature(edges[band], edges[band + 1], radiance[band, i])
    return temperature


def bolometric_brightness_temperature(radiance: FloatArray) -> FloatArray:
    """Return the temperature [K] of a black body with a total radiance [W m⁻² sr⁻¹], (π I / σ)^¼."""
    return np.asarray((np.pi * np.asarray(radiance) / STEFAN_BOLTZMANN) ** 0.25)


@kernel
def weighted_band_radiances(edges, temperature, weights):
    """Return weighted sums, over the nodes of a column, of their Planck radiance in every band.

    Parameters
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of adjoining bands, ascending [m⁻¹].
    temperature : ndarray, shape (nodes, t)
        Temperatures [K].
    weights : ndarray, shape (bands, angles, nodes)
        Weights [-].

    Returns
    -------
    ndarray, shape (bands, angles, t)
        Radiances [W m⁻² sr⁻¹].

    Notes
    -----
    Over the Planck function at its middle, the radiance of a narrow band varies so little with temperature that a table
    of `RATIOS` points gives it to 1e-8; wide bands are integrated every time.
    """
    bands, angles, nodes = weights.shape
    radiance = np.zeros((bands, angles, temperature.shape[1]))
    coldest, hottest = temperature.min(), temperature.max()
    table, planck = np.empty(RATIOS + 3), np.empty(temperature.shape[1])
    lowest = math.log(coldest)
    step = max(math.log(hottest) - lowest, 1e-6) / RATIOS
    places = np.log(temperature)
    for band in range(bands):
        low, high = edges[band], edges[band + 1]
        middle = 0.5 * (low + high)
        narrow = SECOND_RADIATION * (high - low) < coldest and SECOND_RADIATION * high < 500.0 * coldest
        if narrow:
            for i in range(RATIOS + 3):
                t = math.exp(lowest + (i - 1) * step)
                table[i] = band_radiance(low, high, t) * math.expm1(SECOND_RADIATION * middle / t)
        for node in range(nodes):
            strongest = 0.0
            for angle in range(angles):
                strongest = max(strongest, abs(weights[band, angle, node]))
            if strongest == 0.0:
                continue
            for i in range(planck.size):
                if narrow:
                    ratio = _cubic(table, (places[node, i] - lowest) / step)
                    planck[i] = ratio / math.expm1(SECOND_RADIATION * middle / temperature[node, i])
                else:
                    planck[i] = band_radiance(low, high, temperature[node, i])
            for angle in range(angles):
                weight, total = weights[band, angle, node], radiance[band, angle]
                for i in range(planck.size):
                    total[i] += weight * planck[i]
    return radiance


@part
def _cubic(table, x):
    """Interpolate a table whose second point is at 0, by the cubic through four points."""
    i = min(int(x), table.size - 4)
    s = x - i
    a, b, c, d = table[i], table[i + 1], table[i + 2], table[i + 3]
    outer = (s - 1.0) * s * ((s + 1.0) * d - (s - 2.0) * a) / 6.0
    return outer + 0.5 * (s + 1.0) * (s - 2.0) * ((s - 1.0) * b - s * c)


@kernel
def brightness_changes(edges: FloatArray, temperature: FloatArray, change: FloatArray) -> FloatArray:
    """Return how brightness temperatures [K] change with radiances, to first order.

    Parameters
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of adjoining bands, ascending [m⁻¹].
    temperature : ndarray, shape (bands, t)
        Brightness temperatures [K].
    change : ndarray, shape (bands, t)
        Changes of the radiance [W m⁻² sr⁻¹].

    Returns
    -------
    ndarray, shape (bands, t)
    """
    warmer = np.zeros_like(temperature)
    for band in range(temperature.shape[0]):
        for i in range(temperature.shape[1]):
            t = temperature[band, i]
            if t > 0.0:
                slope = _slope(edges[band], edges[band + 1], t, band_radiance(edges[band], edges[band + 1], t))
                warmer[band, i] = t * change[band, i] / slope
    return warmer
