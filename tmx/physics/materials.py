"""Thermal properties of regolith and rock: density and conductivity against depth, heat capacity against temperature.

Conductivity has one form everywhere, k(z, T) = k₀(z) (1 + B T³): solid conduction between grains plus radiation
across pores. Its integral over temperature (the Kirchhoff transform, Θ = T + B T⁴/4) is what makes fluxes between
cells exact. Heat capacity may follow any law c_p(T); kernels read it from a table of the enthalpy.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tmx.physics.constants import STEFAN_BOLTZMANN

FloatArray = npt.NDArray[np.float64]
HeatCapacityLaw = Callable[[FloatArray], FloatArray]

LUNAR_HEAT_CAPACITY = (-3.6125, 2.7431, 2.3616e-3, -1.2340e-5, 8.9093e-9)
"""Polynomial coefficients of c_p(T) of lunar regolith (Hayne et al. 2017, table A1) [J kg⁻¹ K⁻¹⁻ⁿ]."""

COLDEST_LAW = 20.0
"""Temperature [K] below which heat capacities are held constant: no law here is trusted further down."""


@dataclass(frozen=True)
class Layer:
    """A layer of one material whose density and conductivity may grow with depth.

    Attributes
    ----------
    thickness : float
        Thickness of the layer [m].
    density, conductivity : float
        Bulk density [kg m⁻³] and solid conductivity k₀ [W m⁻¹ K⁻¹] at the top.
    heat_capacity : float or callable
        c_p [J kg⁻¹ K⁻¹], constant or as a function of an array of temperatures [K].
    radiative : float
        B of k = k₀ (1 + B T³) [K⁻³].
    deep_density, deep_conductivity : float, optional
        Values far below the surface; by default those at the top.
    scale_height : float
        e-folding depth H of the change [m].
    """

    thickness: float
    density: float
    conductivity: float
    heat_capacity: float | HeatCapacityLaw
    radiative: float = 0.0
    deep_density: float | None = None
    deep_conductivity: float | None = None
    scale_height: float = math.inf

    def column_density(self, depth: FloatArray) -> FloatArray:
        """Return the mass above a depth, ∫₀ᶻ ρ dz [kg m⁻²], for ρ(z) = ρ_deep − (ρ_deep − ρ) e^{−z/H}."""
        if self.deep_density is None:
            return self.density * depth
        excess = self.deep_density - self.density
        return self.deep_density * depth + excess * self.scale_height * np.expm1(-depth / self.scale_height)

    def equivalent_depth(self, depth: npt.ArrayLike) -> FloatArray:
        """Return the depth that would hold the mass above a depth at the density of the top [m].

        Extinction grows with density, so that optical depth is the extinction at the top times this.
        """
        return self.column_density(np.asarray(depth, dtype=np.float64)) / self.density

    def resistance(self, depth: FloatArray) -> FloatArray:
        """Return the thermal resistance above a depth, ∫₀ᶻ dz/k₀ [m² K W⁻¹], for k₀(z) of the same form as ρ(z)."""
        if self.deep_conductivity is None:
            return depth / self.conductivity
        ratio = (self.deep_conductivity - self.conductivity) / self.deep_conductivity
        lost = np.log1p(-ratio * np.exp(-depth / self.scale_height)) - math.log1p(-ratio)
        return (depth + self.scale_height * lost) / self.deep_conductivity

    def skin_depth(self, period: float, temperature: float) -> float:
        """Return the diurnal skin depth √(k P / (π ρ c_p)) of the top at a temperature [m]."""
        heat_capacity = self.specific_heat(np.array([temperature]))[0]
        conductivity = self.conductivity * (1.0 + self.radiative * temperature**3)
        return math.sqrt(conductivity * period / (math.pi * self.density * heat_capacity))

    def specific_heat(self, temperature: FloatArray) -> FloatArray:
        """Return c_p at temperatures [J kg⁻¹ K⁻¹], held constant below `COLDEST_LAW`."""
        if callable(self.heat_capacity):
            return self.heat_capacity(np.maximum(temperature, COLDEST_LAW))
        return np.full_like(temperature, self.heat_capacity)


def polynomial_heat_capacity(coefficients: Sequence[float]) -> HeatCapacityLaw:
    """Return the law c_p(T) = Σ cₙ Tⁿ."""
    polynomial = np.polynomial.Polynomial(coefficients)
    return lambda temperature: np.asarray(polynomial(temperature), dtype=np.float64)


def biele_heat_capacity(temperature: FloatArray) -> FloatArray:
    """Return c_p of lunar regolith [J kg⁻¹ K⁻¹], valid from 5 to 1000 K: permanently shadowed regions included.

    References
    ----------
    Biele et al. (2022), Int. J. Thermophys. 43, 144, doi:10.1007/s10765-022-03046-5.
    """
    x = np.log(temperature)
    numerator = ((3.0 * x - 54.45) * x + 306.8) * x - 376.6
    return np.exp(numerator / ((x - 16.81) * x + 87.32))


def radiative_conductivity(extinction: float, temperature: float) -> float:
    """Return the conductivity 4σT³/E of radiation between grains [W m⁻¹ K⁻¹], for an extinction coefficient E [m⁻¹].

    References
    ----------
    Hapke (2012), Theory of Reflectance and Emittance Spectroscopy, 2nd edition, section 16.3.
    """
    return 4.0 * STEFAN_BOLTZMANN * temperature**3 / extinction
