"""A column of regolith as a network of nodes and links, ready for the compiled integrators.

Nodes run from the surface down: each layer begins with a massless node at its top (the surface, or the interface with
the layer above) and has one node per cell. Links carry heat between neighbours. Massless nodes make the surface
balance, and the continuity of temperature and flux at an interface, part of the same implicit system as the cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tmx.physics.enthalpy import enthalpy_table
from tmx.physics.materials import FloatArray, Layer


class Column(NamedTuple):
    """Nodes, links and boundary conditions of a column; n nodes, node 0 the surface.

    Attributes
    ----------
    depth : ndarray, shape (n,)
        Depth of the nodes [m].
    mass : ndarray, shape (n,)
        Mass per area ρ Δz of the nodes [kg m⁻²]; 0 for the surface and for interfaces.
    heat_capacity : ndarray, shape (n,)
        c_p where it is constant [J kg⁻¹ K⁻¹]; 0 where the enthalpy table gives it.
    table_row : ndarray of int, shape (n,)
        Row of the enthalpy tables that a node reads.
    conductance : ndarray, shape (n - 1,)
        Heat flux per kelvin between neighbours at k₀ [W m⁻² K⁻¹].
    radiative : ndarray, shape (n - 1,)
        B of k = k₀ (1 + B T³) along each link [K⁻³].
    table_step : ndarray, shape (rows,)
        Spacing of the enthalpy tables in the square root of enthalpy [J^½ kg^-½].
    table_temperature, table_slope : ndarray, shape (rows, points)
        Temperature [K] against the square root of enthalpy, and its derivative times the spacing [K].
    bottom_conductance, bottom_radiative, bottom_temperature : float
        Link of the lowest node to a fixed temperature [W m⁻² K⁻¹, K⁻³, K]; conductance 0 where there is none.
    bottom_flux : float
        Heat flux that enters the lowest node [W m⁻²].
    emissivity : float
        Emissivity of the surface [-].
    downwelling : float
        Thermal radiation that the surface absorbs from its surroundings [W m⁻²].
    """

    depth: FloatArray
    mass: FloatArray
    heat_capacity: FloatArray
    table_row: npt.NDArray[np.int64]
    conductance: FloatArray
    radiative: FloatArray
    table_step: FloatArray
    table_temperature: FloatArray
    table_slope: FloatArray
    bottom_conductance: float
    bottom_radiative: float
    bottom_temperature: float
    bottom_flux: float
    emissivity: float
    downwelling: float


@dataclass(frozen=True)
class Bottom:
    """What lies below a column: a heat flux that enters, and, where given, a fixed temperature.

    Attributes
    ----------
    flux : float
        Heat flux that enters the lowest cell [W m⁻²]; 0 is an insulated bottom.
    temperature : float, optional
        Fixed temperature at the lower edge [K].
    """

    flux: float = 0.0
    temperature: float | None = None


@dataclass(frozen=True)
class Surface:
    """How a surface exchanges thermal radiation with its surroundings.

    Attributes
    ----------
    emissivity : float
        Emissivity, and absorptivity in the thermal infrared [-].
    downwelling : float
        Thermal radiation that falls on the surface [W m⁻²].
    """

    emissivity: float
    downwelling: float = 0.0


CONTACT = 1e6
"""Conductance to a fixed temperature right at the lowest node, over that of the link above it."""


def make_column(
    layers: Sequence[Layer], edges: Sequence[FloatArray], surface: Surface | None, bottom: Bottom | None = None
) -> Column:
    """Assemble the network of a column of layers.

    Parameters
    ----------
    layers : sequence of Layer
        Layers from the surface down.
    edges : sequence of ndarray
        Edges of each layer's cells [m], from 0 to the layer's thickness.
    surface : Surface or None
        Thermal radiation at an opaque surface; None where radiation goes through the uppermost layer. Such a layer also
        ends with a massless node, that of the substrate.
    bottom : Bottom, optional
        Lower boundary; by default insulated.
    """
    bottom = bottom or Bottom()
    closed = surface is None and len(layers) == 1
    surface = surface or Surface(emissivity=0.0)
    tops = np.cumsum([0.0, *(layer.thickness for layer in layers[:-1])])
    inside = [np.concatenate([[0.0], 0.5 * (e[1:] + e[:-1])]) for e in edges]
    masses = [np.diff(layer.column_density(e), prepend=0.0) for layer, e in zip(layers, edges, strict=True)]
    resistances = [
        np.diff(layer.resistance(np.append(nodes, layer.thickness)))
        for layer, nodes in zip(layers, inside, strict=True)
    ]
    lowest_half_cell = resistances[-1][-1]
    contact = 1.0
    if closed:
        inside[-1] = np.append(inside[-1], layers[-1].thickness)
        masses[-1] = np.append(masses[-1], 0.0)
        contact = CONTACT
    else:
        resistances[-1] = resistances[-1][:-1]
    tables = [enthalpy_table(layer) for layer in layers]
    return Column(
        depth=np.concatenate([top + nodes for top, nodes in zip(tops, inside, strict=True)]),
        mass=np.concatenate(masses),
        heat_capacity=_per_item(inside, [_constant_heat_capacity(layer) for layer in layers]),
        table_row=_per_item(inside, range(len(layers))).astype(np.int64),
        conductance=1.0 / np.concatenate(resistances),
        radiative=_per_item(resistances, [layer.radiative for layer in layers]),
        table_step=np.array([step for step, _, _ in tables]),
        table_temperature=np.array([temperature for _, temperature, _ in tables]),
        table_slope=np.array([slope for _, _, slope in tables]),
        bottom_conductance=0.0 if bottom.temperature is None else float(contact / lowest_half_cell),
        bottom_radiative=0.0 if closed else layers[-1].radiative,
        bottom_temperature=bottom.temperature or 0.0,
        bottom_flux=float(bottom.flux),
        emissivity=float(surface.emissivity),
        downwelling=float(surface.emissivity * surface.downwelling),
    )


def _per_item(groups: Sequence[FloatArray], values: Sequence[float] | range) -> FloatArray:
    """Repeat one value per group for every item of the group."""
    return np.repeat(np.asarray(values, dtype=np.float64), [len(group) for group in groups])


def _constant_heat_capacity(layer: Layer) -> float:
    return 0.0 if callable(layer.heat_capacity) else float(layer.heat_capacity)
