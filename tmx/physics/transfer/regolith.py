"""Regolith that radiation goes through: its bands, its solver, and its radiation operator on a grid."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from tmx.physics.compiled import kernel
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import diffuse_mean
from tmx.physics.materials import FloatArray, Layer
from tmx.physics.planck import band_radiances
from tmx.physics.splines import spline_pieces, spline_slopes
from tmx.physics.transfer.exchange import Exchange, departures, deposit, emergent_flux, make_exchange
from tmx.physics.transfer.modes import Modes, one_of
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.radiation import Radiation
from tmx.physics.transfer.solvers import Solver, solver_named
from tmx.physics.transfer.sunbeam import absorbed_beam

BEAM_INTERVALS = 64
"""Intervals, even in √μ₀, of the table of absorbed sunlight."""

LOWEST_SUN = 1e-9
"""μ₀ that stands for the horizon, where absorption per unit of μ₀ has a limit."""

BASIS_POINTS = 384
"""Points, even in √T, of the tables of condensed Planck functions."""

BASIS_ERROR = 1e-7
"""Largest part of σT⁴ that the condensed Planck functions may lose."""


@dataclass(frozen=True)
class ThermalBand:
    """A band in which regolith emits.

    Attributes
    ----------
    optics : Optics
        Optical properties.
    low, high : float
        Edges in wavenumber [m⁻¹]; `high` may be infinite.
    reflectivity : float
        Lambert reflectivity of the substrate [-].
    """

    optics: Optics
    low: float = 0.0
    high: float = np.inf
    reflectivity: float = 0.0


@dataclass(frozen=True)
class SolarBand:
    """A band in which sunlight is absorbed and scattered.

    Attributes
    ----------
    optics : Optics
        Optical properties.
    share : float
        Part of the sunlight that is in the band [-].
    reflectivity : float
        Lambert reflectivity of the substrate [-].
    """

    optics: Optics
    share: float = 1.0
    reflectivity: float = 0.0


@dataclass(frozen=True)
class Regolith:
    """The uppermost layer as a medium for radiation.

    Attributes
    ----------
    thermal : tuple of ThermalBand
        Adjoining bands that cover all wavenumbers.
    solar : tuple of SolarBand
        Bands of sunlight, whose shares add up to 1; none without a sun.
    solver : str
        Name of the solver of radiative transfer.
    streams : int
        Number of streams.
    sky : float
        Temperature of the black surroundings [K].
    """

    thermal: tuple[ThermalBand, ...]
    solar: tuple[SolarBand, ...]
    solver: str = "disort"
    streams: int = 4
    sky: float = 0.0

    @property
    def method(self) -> Solver:
        """The solver of radiative transfer."""
        return solver_named(self.solver)

    @property
    def strongest_extinction(self) -> float:
        """Largest extinction coefficient of any band at the top of the layer [m⁻¹]."""
        solar = max((band.optics.extinction for band in self.solar), default=0.0)
        return max(solar, self.strongest_thermal_extinction)

    @property
    def strongest_thermal_extinction(self) -> float:
        """Largest extinction coefficient of any thermal band at the top of the layer [m⁻¹]."""
        return max(band.optics.extinction for band in self.thermal)

    @property
    def thermal_edges(self) -> FloatArray:
        """Edges of the thermal bands [m⁻¹]."""
        return np.array([*(band.low for band in self.thermal), self.thermal[-1].high])

    def with_streams(self, streams: int) -> "Regolith":
        """Return the same regolith with another number of streams."""
        return replace(self, streams=streams)

    def absorbed_sunlight(self, layer: Layer, edges: FloatArray, cos_incidence: FloatArray) -> FloatArray:
        """Return the part of sunlight that the cells, and last the substrate, absorb per unit of μ₀.

        Parameters
        ----------
        layer : Layer
            The layer, which says how density, and with it extinction, changes with depth.
        edges : ndarray, shape (cells + 1,)
            Edges of the cells [m].
        cos_incidence : ndarray, shape (angles,)
            Cosines μ₀ of the incidence angle [-].

        Returns
        -------
        ndarray, shape (angles, cells + 1)
        """
        absorbed = np.zeros((cos_incidence.size, edges.size))
        for band in self.solar:
            depth = band.optics.extinction * layer.equivalent_depth(edges)
            modes = _modes(self.solver, band.optics, self.streams)
            absorbed += band.share * absorbed_beam(modes, depth, band.reflectivity, cos_incidence)[0]
        return absorbed

    def absorbed_diffuse(self, layer: Layer, edges: FloatArray) -> FloatArray:
        """Return the part of isotropic sunlight that the nodes absorb, shape (cells + 2,): none at the surface."""
        return np.concatenate([[0.0], diffuse_mean(lambda mu: self.absorbed_sunlight(layer, edges, mu))])

    def operator(self, layer: Layer, edges: FloatArray, hottest: float) -> Radiation:
        """Lay the radiation operator out on a grid.

        Parameters
        ----------
        layer : Layer
            The layer.
        edges : ndarray, shape (cells + 1,)
            Edges of its cells [m]; the nodes are the surface, the middle of every cell, and the bottom.
        hottest : float
            Temperature up to which condensed Planck functions are tabulated [K].
        """
        middle = 0.5 * (edges[1:] + edges[:-1])
        nodes = layer.equivalent_depth(np.concatenate([[0.0], middle, edges[-1:]]))
        boundaries = layer.equivalent_depth(edges)
        beam = self._beam(layer, edges)
        exchanges = (self._exchange(band, nodes, boundaries) for band in self.thermal)
        if len(self.thermal) == 1:
            return _modal(next(exchanges), STEFAN_BOLTZMANN * self.sky**4 / np.pi, beam)
        sky = band_radiances(self.thermal_edges, np.array([self.sky]))[:, 0]
        basis = _planck_basis(tuple(self.thermal_edges.tolist()), _rounded_up(hottest))
        return _condensed(list(exchanges), *basis, sky, beam)

    def _exchange(self, band: ThermalBand, nodes: FloatArray, boundaries: FloatArray) -> Exchange:
        modes = _modes(self.solver, band.optics, self.streams)
        extinction = band.optics.extinction
        return make_exchange(modes, extinction * nodes, extinction * boundaries, band.reflectivity)

    def _beam(self, layer: Layer, edges: FloatArray) -> FloatArray:
        """Tabulate the absorbed sunlight; the surface node absorbs none."""
        cells = len(edges) - 1
        beam = np.zeros((BEAM_INTERVALS, 4, cells + 2))
        if self.solar:
            root = np.linspace(0.0, 1.0, BEAM_INTERVALS + 1)
            absorbed = self.absorbed_sunlight(layer, edges, np.maximum(root**2, LOWEST_SUN))
            beam[:, :, 1:] = spline_pieces(absorbed)
        return beam


@lru_cache(maxsize=16)
def _planck_basis(edges: tuple[float, ...], hottest: float) -> tuple[FloatArray, float, FloatArray]:
    """Return functions of temperature that make up the Planck functions of all bands, and each band's share in them.

    Over σT⁴/π the Planck functions of the bands are a smooth family; its leading singular vectors span it.
    """
    root, step = np.linspace(0.0, np.sqrt(hottest), BASIS_POINTS, retstep=True)
    temperature = np.maximum(root**2, 0.5 * step**2)
    shares = band_radiances(np.array(edges), temperature) / (STEFAN_BOLTZMANN / np.pi * temperature**4)
    left, singular, right = np.linalg.svd(shares, full_matrices=False)
    count = int(np.count_nonzero(singular > BASIS_ERROR * singular[0]))
    values = right[:count].T
    basis = np.ascontiguousarray(np.stack([values, spline_slopes(values)], axis=2))
    return basis, float(step), left[:, :count] * singular[:count]


def _rounded_up(temperature: float) -> float:
    """Return a temperature a little higher, out of so few that tables of one may serve another."""
    return float(250.0 * np.ceil(temperature / 250.0))


@lru_cache(maxsize=4096)
def _modes(solver: str, optics: Optics, streams: int) -> Modes:
    """Return the modes of a medium; they do not depend on the grid."""
    return one_of(solver_named(solver).modes((optics,), streams), 0)


def _modal(exchange: Exchange, sky: float, beam: FloatArray) -> Radiation:
    return Radiation(
        exchange=exchange,
        sky=sky,
        response=np.empty((0, 0, 0)),
        sky_response=np.empty(0),
        sky_flux=np.pi * sky,
        basis=np.empty((0, 0, 2)),
        basis_step=1.0,
        beam=beam,
    )


def _condensed(
    exchanges: list[Exchange],
    basis: FloatArray,
    basis_step: float,
    weights: FloatArray,
    sky: FloatArray,
    beam: FloatArray,
) -> Radiation:
    nodes, functions = exchanges[0].deposits.shape[2], weights.shape[1]
    response, sky_response = np.zeros((functions, nodes, nodes + 1)), np.zeros(nodes + 1)
    for exchange, weight, radiance in zip(exchanges, weights, sky, strict=True):
        _add_band(exchange, weight, radiance, response, sky_response)
    return Radiation(
        exchange=_no_modes(),
        sky=0.0,
        response=response,
        sky_response=sky_response,
        sky_flux=float(np.pi * sky.sum()),
        basis=basis,
        basis_step=basis_step,
        beam=beam,
    )


def _no_modes() -> Exchange:
    dimensions = {"thickness": 1, "planck": 1, "surface": 1, "inner": 3, "shapes": 3, "deposits": 3}
    return Exchange(**{name: np.zeros((0,) * dimensions.get(name, 2)) for name in Exchange._fields})


@kernel
def _add_band(exchange, weights, sky, response, sky_response):
    """Add a band to the condensed operator: column by column, the response to Planck radiance at one node."""
    modes, nodes = exchange.shapes.shape[0], exchange.shapes.shape[2]
    planck, source, heat = np.zeros(nodes), np.zeros(nodes), np.empty(nodes + 1)
    departure = np.empty((modes, nodes))
    for node in range(nodes):
        planck[node] = 1.0
        departures(exchange, planck, 0.0, source, departure)
        heat[:] = 0.0
        deposit(exchange, departure, heat[:nodes])
        heat[nodes] = emergent_flux(exchange, departure, planck, 0.0)
        planck[node] = 0.0
        for k in range(weights.size):
            for i in range(nodes + 1):
                response[k, node, i] += weights[k] * heat[i]
    departures(exchange, planck, sky, source, departure)
    deposit(exchange, departure, sky_response[:nodes])
    sky_response[nodes] += emergent_flux(exchange, departure, planck, sky)
