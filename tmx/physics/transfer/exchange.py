"""Exchange of thermal radiation between the nodes of a column, in one band.

The Planck function is linear in optical depth between neighbouring nodes, and inside such a link every mode has an
exact solution. Written for the departure α = a − β B of a mode from local equilibrium, continuity at the nodes is a
tridiagonal system per mode with fixed coefficients, tied together only at the two ends; the heat that a link deposits
above and below the boundary of two control volumes is a sum of positive weights times α, without cancellation at any
optical thickness. In the limit of thick links this is the compact scheme of radiative diffusion.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tmx.physics.compiled import inlined, kernel
from tmx.physics.materials import FloatArray
from tmx.physics.transfer.modes import Modes

THIN = 1e-7
"""Optical thickness times decay rate below which a link's functions take their limits."""


FORWARD, BACKWARD, PIVOT = range(3)
"""Places in `Exchange.inner`."""

ABOVE, OWN, BELOW = range(3)
"""Places in `Exchange.deposits`."""


class Exchange(NamedTuple):
    """Modes laid out on nodes; n modes, N nodes from the surface to the bottom, N − 1 links between them.

    Attributes
    ----------
    thickness : ndarray, shape (N - 1,)
        Scaled optical thickness of the links [-].
    planck, surface : ndarray, shape (n,)
        β and x of the modes [-].
    inner : ndarray, shape (n, 3, N)
        Elimination of the tridiagonal systems between the ends: factors of the way down and up, inverse pivots [-].
    shapes : ndarray, shape (n, 2, N)
        Solutions without a source that are 1 at the top and at the bottom, and 0 at the other end [-].
    coupling : ndarray, shape (n, 2)
        k / sinh(kτ) of the first and of the last link [-].
    ends : ndarray, shape (2 n, 2 n)
        Inverse of the system of the two ends [-].
    deposits : ndarray, shape (n, 3, N)
        Heat at a node for a unit of α at the node above, at the node itself, and at the node below [-].
    template : ndarray
        Banded system of the modes and temperatures, without conduction and for unit derivatives of the Planck function;
        its unknowns are, node by node, half of the modes, T, and the other half.
    """

    thickness: FloatArray
    planck: FloatArray
    surface: FloatArray
    inner: FloatArray
    shapes: FloatArray
    coupling: FloatArray
    ends: FloatArray
    deposits: FloatArray
    template: FloatArray


def make_exchange(modes: Modes, nodes: FloatArray, boundaries: FloatArray, reflectivity: float) -> Exchange:
    """Lay modes out on the nodes of a column.

    Parameters
    ----------
    modes : Modes
        Modes of the medium.
    nodes : ndarray, shape (N,)
        Optical depth of the nodes, from 0 at the surface to that of the bottom [-].
    boundaries : ndarray, shape (N - 1,)
        Optical depth that parts the control volumes of neighbouring nodes [-]; the surface and the bottom node have
        control volumes without thickness.
    reflectivity : float
        Lambert reflectivity R of the bottom, which emits 1 − R of the Planck function of the bottom node [-].
    """
    depth = modes.scaling * nodes
    thickness = np.diff(depth)
    decay = modes.decay[:, None]
    stay, pass_on = link_functions(decay, thickness)
    bottom = bottom_matrix(modes, reflectivity)
    deposits = _deposits(modes, depth, modes.scaling * boundaries)
    deposits[:, OWN, -1] += np.pi * modes.planck @ bottom
    shapes = [end_shape(decay, depth[-1], depth), end_shape(decay, depth[-1], depth[-1] - depth)]
    return Exchange(
        thickness=thickness,
        planck=modes.planck,
        surface=modes.surface,
        inner=eliminate(stay, pass_on),
        shapes=np.ascontiguousarray(np.stack(shapes, axis=1)),
        coupling=np.ascontiguousarray(pass_on[:, [0, -1]]),
        ends=ends_inverse(modes, depth[-1], reflectivity),
        deposits=deposits,
        template=_template(modes, bottom, thickness, stay, pass_on, deposits),
    )


def bottom_matrix(modes: Modes, reflectivity: npt.ArrayLike) -> FloatArray:
    """Return the matrix M − 4 R/(1+R) x xᵀ of the bottom's boundary condition; of stacked modes, all of them."""
    reflected = np.asarray(reflectivity)[..., None, None]
    outer = modes.surface[..., :, None] * modes.surface[..., None, :]
    return np.asarray(modes.edge - 4.0 * reflected / (1.0 + reflected) * outer)


def link_functions(decay: FloatArray, thickness: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return k coth(kτ) and k / sinh(kτ), with their limit 1/τ for small kτ."""
    thickness = np.asarray(thickness)
    x = decay * thickness
    safe = np.maximum(x, THIN)
    fade = np.exp(-safe)
    lost = -np.expm1(-2.0 * safe)
    thin = x < THIN
    stay = np.where(thin, 1.0 / thickness, decay * (1.0 + fade * fade) / lost)
    pass_on = np.where(thin, 1.0 / thickness, 2.0 * decay * fade / lost)
    return stay, pass_on


def end_shape(decay: FloatArray, total: float, depth: FloatArray) -> FloatArray:
    """Return sinh k(τ* − τ) / sinh kτ*: 1 where the depth is 0, 0 where it is the total."""
    left = total - depth
    x = np.maximum(decay * total, THIN)
    shape = np.exp(-decay * depth) * np.expm1(-2.0 * decay * left) / np.expm1(-2.0 * x)
    return np.where(decay * total < THIN, left / total, shape)


def ends_inverse(modes: Modes, total: npt.ArrayLike, reflectivity: npt.ArrayLike) -> FloatArray:
    """Return the inverse of the system that the boundary conditions make of the amplitudes at the two ends.

    Of stacked modes, with a thickness and a reflectivity for each, all of them.
    """
    stay, pass_on = link_functions(modes.decay, np.asarray(total)[..., None])
    count = modes.decay.shape[-1]
    top, below = np.arange(count), np.arange(count, 2 * count)
    system = np.zeros((*modes.decay.shape[:-1], 2 * count, 2 * count))
    system[..., :count, :count] = modes.edge
    system[..., count:, count:] = bottom_matrix(modes, reflectivity)
    system[..., top, top] += stay
    system[..., below, below] += stay
    system[..., top, below] = system[..., below, top] = -pass_on
    return np.linalg.inv(system)


@kernel
def eliminate(stay, pass_on):
    """Eliminate the tridiagonal systems of the inner nodes, as `Exchange.inner` holds them."""
    modes, links = stay.shape
    inner = np.zeros((modes, 3, links + 1))
    for j in range(modes):
        forward, backward, pivot = inner[j, FORWARD], inner[j, BACKWARD], inner[j, PIVOT]
        for node in range(1, links):
            forward[node] = pass_on[j, node - 1] * pivot[node - 1]
            pivot[node] = 1.0 / (stay[j, node - 1] + stay[j, node] - forward[node] * pass_on[j, node - 1])
            backward[node] = pass_on[j, node] * pivot[node]
    return inner


def _deposits(modes: Modes, depth: FloatArray, boundaries: FloatArray) -> FloatArray:
    """Return the heat at every node per unit of α at the node above, at itself and below, from the links' own parts."""
    decay, weight = modes.decay[:, None], np.pi * modes.planck[:, None]
    whole = np.diff(depth)
    upper = boundaries - depth[:-1]
    upper_near, upper_far = _part_weights(decay, whole, upper)
    lower_near, lower_far = _part_weights(decay, whole, whole - upper)
    deposits = np.zeros((modes.decay.size, 3, depth.size))
    deposits[:, OWN, :-1] += weight * upper_near
    deposits[:, BELOW, :-1] = weight * upper_far
    deposits[:, OWN, 1:] += weight * lower_near
    deposits[:, ABOVE, 1:] = weight * lower_far
    return deposits


def _part_weights(decay: FloatArray, whole: FloatArray, part: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ∫ k² α over the part of a link next to one end, per unit of α at that end and at the other."""
    x, s = decay * whole, decay * part
    lost = -np.expm1(-2.0 * np.maximum(x, THIN))
    near = decay * np.expm1(-(2.0 * x - s)) * np.expm1(-s) / lost
    far = decay * np.exp(-(x - s)) * np.expm1(-s) ** 2 / lost
    thin = x < THIN
    share = part / whole
    near = np.where(thin, decay**2 * part * (1.0 - 0.5 * share), near)
    far = np.where(thin, decay**2 * part * 0.5 * share, far)
    return near, far


@inlined
def half_width(modes):
    """Return the half width of the banded system."""
    return modes + 1 + (modes + 1) // 2


@inlined
def place_of_heat(modes):
    """Return the place of T among the unknowns of a node."""
    return (modes + 1) // 2


@kernel
def _template(modes, bottom, thickness, stay, pass_on, deposits):
    """Return the banded system of `Exchange.template`."""
    count, nodes = deposits.shape[0], deposits.shape[2]
    size, width, place = count + 1, half_width(count), place_of_heat(count)
    band = np.zeros((size * nodes, 2 * width + 1))
    last = nodes - 1
    for node in range(nodes):
        row = node * size + place
        heat = band[row]
        for j in range(count):
            position = node * size + (j if j < place else j + 1)
            to_heat = row - position
            balance = band[position]
            heat[width - to_heat] = -deposits[j, OWN, node]
            for link in range(max(node - 1, 0), min(node + 1, last)):
                step = -size if link < node else size
                slant = modes.planck[j] / thickness[link]
                heat[width - to_heat + step] = -deposits[j, ABOVE if link < node else BELOW, node]
                balance[width + step] = -pass_on[j, link]
                balance[width] += stay[j, link]
                balance[width + to_heat + step] = -slant
                balance[width + to_heat] += slant
            if node == 0:
                balance[width + to_heat] += 2.0 * modes.surface[j]
            if node == 0 or node == last:
                edge = modes.edge if node == 0 else bottom
                for i in range(count):
                    other = node * size + (i if i < place else i + 1)
                    balance[width + other - position] += edge[j, i]
    return band


@kernel
def departures(exchange, planck, sky, source, departure):
    """Set `departure`, shape (n, N), to α at the nodes for Planck radiances there and an isotropic radiance from above.

    `source`, shape (N,), is scratch.
    """
    modes, nodes = departure.shape
    thickness = exchange.thickness
    last = nodes - 1
    slope = (planck[1] - planck[0]) / thickness[0]
    first_slope = slope
    for node in range(1, last):
        next_slope = (planck[node + 1] - planck[node]) / thickness[node]
        source[node] = next_slope - slope
        slope = next_slope
    ends = np.empty(2 * modes)
    for j in range(modes):
        alpha, beta = departure[j], exchange.planck[j]
        forward, backward, pivot = exchange.inner[j, FORWARD], exchange.inner[j, BACKWARD], exchange.inner[j, PIVOT]
        alpha[0], alpha[last] = 0.0, 0.0
        carried = 0.0
        for node in range(1, last):
            carried = source[node] + forward[node] * carried
            alpha[node] = carried
        carried = 0.0
        for node in range(last - 1, 0, -1):
            carried = alpha[node] * pivot[node] + backward[node] * carried
            alpha[node] = carried
        lit = 2.0 * exchange.surface[j] * (sky - planck[0])
        ends[j] = beta * (first_slope + exchange.coupling[j, 0] * alpha[1]) + lit
        ends[modes + j] = beta * (exchange.coupling[j, 1] * alpha[last - 1] - slope)
    for j in range(modes):
        at_top, at_bottom = 0.0, 0.0
        for i in range(2 * modes):
            at_top += exchange.ends[j, i] * ends[i]
            at_bottom += exchange.ends[modes + j, i] * ends[i]
        alpha, beta, top, bottom = departure[j], exchange.planck[j], exchange.shapes[j, 0], exchange.shapes[j, 1]
        for node in range(nodes):
            alpha[node] = beta * alpha[node] + at_top * top[node] + at_bottom * bottom[node]


@kernel
def deposit(exchange, departure, heat):
    """Add to `heat`, shape (N,), the radiation absorbed less that emitted at every node [W m⁻²]."""
    modes, nodes = departure.shape
    for j in range(modes):
        alpha = departure[j]
        above, own, below = exchange.deposits[j, ABOVE], exchange.deposits[j, OWN], exchange.deposits[j, BELOW]
        heat[0] += own[0] * alpha[0] + below[0] * alpha[1]
        for node in range(1, nodes - 1):
            heat[node] += above[node] * alpha[node - 1] + own[node] * alpha[node] + below[node] * alpha[node + 1]
        heat[nodes - 1] += above[nodes - 1] * alpha[nodes - 2] + own[nodes - 1] * alpha[nodes - 1]


@kernel
def emergent_flux(exchange, departure, planck, sky):
    """Return the upward flux of thermal radiation at the surface [W m⁻²]."""
    total = planck[0] - 0.5 * sky
    for j in range(departure.shape[0]):
        total += exchange.surface[j] * departure[j, 0]
    return 2.0 * math.pi * total
