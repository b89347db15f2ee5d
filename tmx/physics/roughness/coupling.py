"""How facets see each other: the thermal radiation that falls on one from all others, reflected ones included.

With E what a facet emits by itself and r what it reflects, its radiosity is U = E + r H, and the flux that falls on it
H = F U + sky. So H = G E + H₀ with G = (I − r F)⁻¹ F: all orders of reflection at once. On the inside of a sphere every
facet sees the same of all others, and G is one row; that is also a good first guess where it is not.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tmx.physics.compiled import kernel
from tmx.physics.materials import FloatArray
from tmx.physics.roughness.facets import Facets
from tmx.physics.roughness.lanes import in_lanes, per_facet

CLOSE = 1e-7
"""Largest residual of the incident fluxes, relative to the largest of them, with which they count as found."""

MOST_ITERATIONS = 100
"""Iterations after which incident fluxes are taken as they are; each gains about a digit."""


class Coupling(NamedTuple):
    """Exchange of thermal radiation between facets; P facets with the filling, in B blocks.

    Attributes
    ----------
    common : ndarray, shape (P,) or (0,)
        G where it is the same for all facets: flux on any of them per unit of own emission of another [-].
    exchange : ndarray of float32, shape (P, P) or (0, 0)
        G where it is not: flux on a facet per unit of own emission of another, `exchange[other, facet]` [-]. Its
        products wait for memory, and view factors are known to fewer digits than these.
    sky : ndarray, shape (B, LANES)
        Flux from the sky, with what other facets reflect of it [W m⁻²].
    share : ndarray, shape (B, LANES)
        Area of the facets over that of the element; 0 for the filling [-].
    gathered : ndarray, shape (B, LANES)
        Flux on a facet where all others emit 1 [-].
    reflected : float
        Part of incident thermal radiation that a facet reflects [-].
    """

    common: FloatArray
    exchange: npt.NDArray[np.float32]
    sky: FloatArray
    share: FloatArray
    gathered: FloatArray
    reflected: float


def make_coupling(facets: Facets, reflected: float, sky: float) -> Coupling:
    """Describe the exchange between facets.

    Parameters
    ----------
    facets : Facets
        The facets.
    reflected : float
        Part of incident thermal radiation that a facet reflects [-].
    sky : float
        Flux of an isotropic sky on a horizontal surface [W m⁻²].
    """
    gain, areas = facets.all_orders(reflected), facets.areas
    open_part = 1.0 - facets.view_factors.sum(axis=1)
    from_sky = sky * (open_part + reflected * (gain @ np.broadcast_to(open_part, areas.shape)))
    gathered = np.broadcast_to(gain.sum(axis=1), areas.shape)
    alike = len(gain) == 1
    return Coupling(
        common=in_lanes(gain[0], 0.0) if alike else np.zeros(0),
        exchange=np.zeros((0, 0), np.float32) if alike else in_lanes(in_lanes(gain, 0.0).T).astype(np.float32),
        sky=per_facet(np.broadcast_to(from_sky, areas.shape)),
        share=per_facet(areas / facets.area, 0.0),
        gathered=per_facet(gathered),
        reflected=float(reflected),
    )


@kernel
def incident_fluxes(coupling, sky, own, gain, incident, spare):
    """Set `incident` to the flux H on every facet [W m⁻²] where H = sky + G (own + gain H); all of shape (B, LANES).

    `own` is what facets emit whatever falls on them, and `gain` how much more they emit per unit of flux, by warming
    within the step. An iteration begins with what `incident` holds. `spare`, shape (2, B, LANES), is scratch.
    """
    facets = own.size
    sky, own, gain, incident = sky.reshape(facets), own.reshape(facets), gain.reshape(facets), incident.reshape(facets)
    if coupling.common.size > 0:
        weights = coupling.common
        total, left = 0.0, 1.0
        for j in range(facets):
            total += weights[j] * (own[j] + gain[j] * sky[j])
            left -= weights[j] * gain[j]
        for j in range(facets):
            incident[j] = sky[j] + total / left
        return
    exchange = coupling.exchange
    share, gathered = coupling.share.reshape(facets), coupling.gathered.reshape(facets)
    whole, left = 0.0, 0.0
    for j in range(facets):
        whole += share[j]
        left += share[j] * gain[j] * gathered[j]
    left = 1.0 - left / whole
    source, residual = spare[0].reshape(facets), spare[1].reshape(facets)
    for _ in range(MOST_ITERATIONS):
        for j in range(facets):
            source[j] = own[j] + gain[j] * incident[j]
        _received(exchange, source, residual)
        excess, largest, wrong = 0.0, 0.0, 0.0
        for j in range(facets):
            residual[j] += sky[j] - incident[j]
            excess += share[j] * gain[j] * residual[j]
            largest = max(largest, abs(incident[j]))
            wrong = max(wrong, abs(residual[j]))
        for j in range(facets):
            incident[j] += residual[j] + gathered[j] * excess / (whole * left)
        if wrong <= CLOSE * largest:
            return


@kernel
def _received(exchange, source, received):
    """Set `received` to the sum over all facets of exchange times source, four of them at a time."""
    received[:] = 0.0
    for start in range(0, source.size, 4):
        a, b, c, d = source[start], source[start + 1], source[start + 2], source[start + 3]
        first, second, third, fourth = exchange[start], exchange[start + 1], exchange[start + 2], exchange[start + 3]
        for i in range(received.size):
            received[i] += a * first[i] + b * second[i] + c * third[i] + d * fourth[i]
