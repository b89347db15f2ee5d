"""Thermal radiance that leaves regolith in a direction, as weights of the Planck function at its nodes.

The radiance is linear in the Planck function, so that one *adjoint* solution per band and direction serves every
temperature: instead of what a temperature sends in all directions, it asks from where a direction is supplied. Between
nodes the Planck function is linear in optical depth, as in `exchange`, and everything else is exact.
"""

import math

import numpy as np
import numpy.typing as npt

from tmx.physics.compiled import kernel, part
from tmx.physics.materials import FloatArray
from tmx.physics.transfer.exchange import BACKWARD, FORWARD, PIVOT, THIN, eliminate, ends_inverse
from tmx.physics.transfer.link import mode_integrals, moment
from tmx.physics.transfer.modes import Modes, view_vectors

OUT_OF_SIGHT = 42.0
"""Depth, in decay lengths of the slowest mode, below which a medium sends nothing to its surface: e⁻⁴² is rounding."""


def emission_weights(
    modes: Modes, depth: FloatArray, reflectivity: FloatArray, cos_emission: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return how much the Planck radiance at every node contributes to the radiance in some directions.

    Parameters
    ----------
    modes : Modes
        Stacked modes of the medium in every band.
    depth : ndarray, shape (bands, N)
        Optical depth of the nodes, from 0 at the surface to that of the bottom [-].
    reflectivity : ndarray, shape (bands,)
        Lambert reflectivity R of the bottom, which emits 1 − R of the Planck function of the last node [-].
    cos_emission : ndarray, shape (angles,)
        Cosines μ of the emission angle, above 0 [-].

    Returns
    -------
    weights : ndarray, shape (bands, angles, N)
        Radiance per unit of Planck radiance at a node [-].
    sky : ndarray, shape (bands, angles)
        Radiance per unit of isotropic radiance from above [-].
    """
    scaled = np.asarray(modes.scaling)[:, None] * depth
    links = _links_in_sight(modes, scaled)
    ends = ends_inverse(modes, scaled[np.arange(links.size), links], reflectivity)
    even, odd = view_vectors(modes, cos_emission)
    return _emission_weights(modes, scaled, links, ends, reflectivity, cos_emission, even, odd)


def _links_in_sight(modes: Modes, depth: FloatArray) -> npt.NDArray[np.int64]:
    """Return how many links of every band, at least two, are not so deep that nothing of them reaches the surface."""
    deepest = OUT_OF_SIGHT / np.maximum(modes.decay.min(axis=1), 1e-300)
    return np.clip((depth < deepest[:, None]).sum(axis=1), 2, depth.shape[1] - 1)


@kernel
def _emission_weights(modes, depth, links, ends, reflectivity, cos_emission, even, odd):
    bands, nodes = depth.shape
    count = modes.decay.shape[1]
    weights, sky = np.zeros((bands, cos_emission.size, nodes)), np.zeros((bands, cos_emission.size))
    fades, shapes = np.empty((count, nodes - 1)), np.empty((count, 2, nodes))
    stay, pass_on = np.empty((count, nodes - 1)), np.empty((count, nodes - 1))
    asked, wanted = np.empty((count, nodes)), np.empty(nodes)
    for band in range(bands):
        last = links[band]
        decay, planck, surface = modes.decay[band], modes.planck[band], modes.surface[band]
        thickness = depth[band, 1 : last + 1] - depth[band, :last]
        _lay_out(decay, thickness, fades, stay, pass_on, shapes)
        inner = eliminate(stay[:, :last], pass_on[:, :last])
        mirror = 2.0 * reflectivity[band] / (1.0 + reflectivity[band])
        for angle in range(cos_emission.size):
            weight = weights[band, angle]
            mu, eta, zeta = cos_emission[angle], even[band, angle], odd[band, angle]
            clear = _look(decay, planck, thickness, fades, mu, eta, zeta, weight, asked)
            weight[last] += clear
            for j in range(count):
                asked[j, last] += clear * mirror * surface[j]
            sky[band, angle] = _trace_back(
                planck, surface, thickness, pass_on, shapes, inner, ends[band], asked, wanted, weight
            )
    return weights, sky


@part
def _lay_out(decay, thickness, fades, stay, pass_on, shapes):
    """Set e^{−kΔ}, k coth(kΔ) and k / sinh(kΔ) of the links, and the solutions that are 1 at one end alone."""
    total, last = thickness.sum(), thickness.size
    for j in range(decay.size):
        k = decay[j]
        thin = k * total < THIN
        from_top, depth = 1.0, 0.0
        shapes[j, 0, 0], shapes[j, 1, 0] = 1.0, 0.0
        for link in range(last):
            delta = thickness[link]
            x = k * delta
            fade = math.exp(-x)
            lost = -math.expm1(-2.0 * x)
            fades[j, link] = fade
            stay[j, link] = k * (1.0 + fade * fade) / lost if x > THIN else 1.0 / delta
            pass_on[j, link] = 2.0 * k * fade / lost if x > THIN else 1.0 / delta
            from_top *= fade
            depth += delta
            shapes[j, 1, link + 1] = depth / total if thin else _rise(k * depth, from_top)
        from_bottom, height = 1.0, 0.0
        for link in range(last - 1, -1, -1):
            height += thickness[link]
            from_bottom *= fades[j, link]
            shapes[j, 0, link] = height / total if thin else _rise(k * height, from_bottom)
        shapes[j, 0, last] = 0.0
        if not thin:
            _scale(fades[j], shapes[j], _rise(k * total, from_top), last)


@part
def _rise(x, fade):
    """Return 1 − e^{−2x} from e^{−x}."""
    return 1.0 - fade * fade if x > 0.01 else -math.expm1(-2.0 * x)


@part
def _scale(fades, shapes, whole, last):
    """Make sinh kτ / sinh kτ* and its mirror image of 1 − e^{−2kτ}."""
    fade = 1.0
    for node in range(last + 1):
        shapes[0, node] *= fade / whole
        if node < last:
            fade *= fades[node]
    fade = 1.0
    for node in range(last, -1, -1):
        shapes[1, node] *= fade / whole
        if node > 0:
            fade *= fades[node - 1]


@part
def _look(decay, planck, thickness, fades, mu, even, odd, weight, asked):
    """Set the direct weights of the Planck function and, in `asked`, of the modes' departures from equilibrium.

    Returns the part of what the bottom sends that arrives.
    """
    asked[:] = 0.0
    clear = 1.0
    lean = 0.0
    for j in range(decay.size):
        lean += odd[j] * planck[j]
    for link in range(thickness.size):
        y = thickness[link] / mu
        attenuation = math.exp(-y)
        m0, m1 = moment(0, y), moment(1, y)
        tilt = lean * m0 / thickness[link]
        weight[link] += clear * (m0 - m1 - tilt)
        weight[link + 1] += clear * (m1 + tilt)
        for j in range(decay.size):
            near, far = mode_integrals(decay[j], thickness[link], y, fades[j, link], attenuation, even[j], odd[j])
            asked[j, link] += clear * near
            asked[j, link + 1] += clear * far
        clear *= attenuation
    return clear


@part
def _trace_back(planck, surface, thickness, pass_on, shapes, inner, ends, asked, wanted, weight):
    """Add to `weight` what the Planck function does through the modes; return the weight of the radiance from above.

    The transpose of `exchange.departures`, whose linear systems are symmetric.
    """
    count, last = asked.shape[0], thickness.size
    amplitude = np.zeros(2 * count)
    for j in range(count):
        for node in range(last + 1):
            amplitude[j] += asked[j, node] * shapes[j, 0, node]
            amplitude[count + j] += asked[j, node] * shapes[j, 1, node]
    wanted[:] = 0.0
    first_slope, last_slope, above = 0.0, 0.0, 0.0
    for j in range(count):
        at_top, at_bottom = 0.0, 0.0
        for i in range(2 * count):
            at_top += ends[i, j] * amplitude[i]
            at_bottom += ends[i, count + j] * amplitude[i]
        beta, mode = planck[j], asked[j]
        first_slope += beta * at_top
        last_slope -= beta * at_bottom
        above += 2.0 * surface[j] * at_top
        mode[1] += pass_on[j, 0] * at_top
        mode[last - 1] += pass_on[j, last - 1] * at_bottom
        forward, backward, pivot = inner[j, FORWARD], inner[j, BACKWARD], inner[j, PIVOT]
        carried = 0.0
        for node in range(1, last):
            carried = mode[node] + forward[node] * carried
            mode[node] = carried
        carried = 0.0
        for node in range(last - 1, 0, -1):
            carried = mode[node] * pivot[node] + backward[node] * carried
            wanted[node] += beta * carried
    weight[0] -= above
    for link in range(last):
        slope = wanted[link] if link > 0 else first_slope
        slope -= wanted[link + 1] if link < last - 1 else -last_slope
        slope /= thickness[link]
        weight[link + 1] += slope
        weight[link] -= slope
    return above
