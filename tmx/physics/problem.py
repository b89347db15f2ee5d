"""What is asked of a thermal solution: the surface and what lies below it, and how well it is to be solved."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tmx.physics.column import Bottom, Surface
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import Sun, mean_absorbed_sunlight
from tmx.physics.materials import FloatArray, Layer


@dataclass(frozen=True)
class GridRule:
    """How the cells of the first grid are laid out.

    Attributes
    ----------
    first : float
        Thickness of a layer's first cell, in diurnal skin depths of the layer [-].
    ratio : float
        Thickness of a cell over that of the cell above [-].
    least_cells : int
        Least number of cells in a layer that lies over another.
    """

    first: float = 0.05
    ratio: float = 1.3
    least_cells: int = 6


@dataclass(frozen=True)
class Numerics:
    """What is asked of the numerical solution.

    Attributes
    ----------
    accuracy : float
        Largest error of the surface temperature at the output times [K].
    grid : GridRule
        First grid.
    refine_grid : bool
        Whether the grid is refined until the accuracy is met, or used as it is.
    steps_per_day : int, optional
        Fixed number of even steps per day, in place of steps chosen to meet the accuracy.
    """

    accuracy: float = 0.1
    grid: GridRule = field(default_factory=GridRule)
    refine_grid: bool = True
    steps_per_day: int | None = None


@dataclass(frozen=True)
class Problem:
    """A surface and what is below it, under the sun.

    Attributes
    ----------
    layers : sequence of Layer
        Layers from the surface down.
    surface : Surface
        Thermal radiation at the surface.
    bottom : Bottom
        Lower boundary.
    sun : Sun
        Sunlight.
    """

    layers: Sequence[Layer]
    surface: Surface
    bottom: Bottom
    sun: Sun

    @property
    def typical_temperature(self) -> float:
        """Temperature near that of the deep regolith [K], for scales such as the skin depth."""
        source = (mean_absorbed_sunlight(self.sun) + self.bottom.flux) / self.surface.emissivity
        radiating = ((source + self.surface.downwelling) / STEFAN_BOLTZMANN) ** 0.25
        return max(radiating, self.bottom.temperature or 0.0, 20.0)


def output_times(period: float, per_day: int) -> FloatArray:
    """Return evenly spaced times [s] over one day from local midnight, the end of the day excluded."""
    return period * np.arange(per_day) / per_day
