"""Temperatures as a result: the solution of a thermal problem with its error estimate and certificates."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tmx.physics.materials import FloatArray


@dataclass(frozen=True)
class ErrorEstimate:
    """Estimated error of the surface temperature at the output times, by source [K]; of facets, its RMS by area.

    `streams`, the error of the number of streams, and `facets`, that of the number of facets for observers, stand
    apart: they are those of the equations, not of their solution. None where there are no streams, or no surface of
    fewer facets to compare with.
    """

    time: float = 0.0
    grid: float = 0.0
    periodicity: float = 0.0
    streams: float | None = None
    facets: float | None = None

    @property
    def total(self) -> float:
        """Sum of the sources at the number of streams [K]."""
        return self.time + self.grid + self.periodicity


@dataclass(frozen=True)
class ThermalSolution:
    """Temperatures of a column, with error estimates and certificates.

    Attributes
    ----------
    times : ndarray, shape (t,)
        Output times [s] from local midnight of the first day.
    surface_temperature : ndarray, shape (t,)
        Temperature that is seen from above [K]: that of an opaque surface; with radiative transfer in the regolith, the
        brightness temperature of the upward thermal flux.
    temperature : ndarray, shape (cells, t)
        Temperature of the cells [K].
    depth : ndarray, shape (cells,)
        Depth of the centres of the cells [m].
    boundaries : ndarray, shape (cells + 1,)
        Depth of the edges of the cells [m].
    layer : ndarray of int, shape (cells,)
        Which layer each cell is in, 0 the uppermost.
    error : ErrorEstimate
        Estimated error of the surface temperature.
    energy_residual : float
        Sunlight absorbed plus heat from below, minus radiation emitted, minus heat stored, over the last day, relative
        to the sunlight absorbed (to the radiation emitted where there is no sun) [-].
    flux_residual : float
        Largest difference, at any depth, between the mean heat flux over the last day and the heat flux from below
        [W m⁻²]; the scheme conserves heat exactly, so this is the rate at which the column below still warms or cools.
    periodicity_residual : float
        Largest change of temperature from the last midnight to the one before, at any depth [K].
    hottest, time_of_hottest, coldest, mean : float
        Extremes and mean of the surface temperature over the last day [K], and when the highest came [s].
    deep : float
        Mean temperature of the lowest cell over the last day [K].
    days : int
        Days integrated on the final grid and the ones before.
    steps : int
        Time steps of the last day.
    streams : int, optional
        Number of streams; none without radiative transfer by streams.
    base_temperature : ndarray, shape (t,), optional
        Temperature of the substrate below the layer that radiation goes through [K]; none under an opaque surface.
    """

    times: FloatArray
    surface_temperature: FloatArray
    temperature: FloatArray
    depth: FloatArray
    boundaries: FloatArray
    layer: npt.NDArray[np.int64]
    error: ErrorEstimate
    energy_residual: float
    flux_residual: float
    periodicity_residual: float
    hottest: float
    time_of_hottest: float
    coldest: float
    mean: float
    deep: float
    days: int
    steps: int
    streams: int | None = None
    base_temperature: FloatArray | None = None
