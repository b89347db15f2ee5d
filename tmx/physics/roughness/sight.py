"""What observers see of a rough surface: the radiance of its facets, and of the whole.

An observer sees facets in proportion to their area as it appears from there. To what a facet emits towards the
observer comes what it reflects: of other facets, in all orders, and of the sky or the sun. The light that facets send
each other counts as isotropic where it arrives.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tmx.physics.emission import closed_spectrum
from tmx.physics.insolation import Sun, albedo_at
from tmx.physics.materials import FloatArray
from tmx.physics.planck import band_radiances, weighted_band_radiances
from tmx.physics.roughness.facets import Facets, Visible
from tmx.physics.roughness.sunlight import light_on
from tmx.physics.transfer.directions import HEMISPHERE, interpolation
from tmx.physics.transfer.regolith import Regolith
from tmx.physics.transfer.spectrum import emission_tables, reflectance_table, reflected_facets

CLOSE = 1e-12
"""Relative change of the light between facets at which its orders end."""


@dataclass(frozen=True)
class Sight:
    """Facets as k observers see them; N facets.

    Attributes
    ----------
    directions : ndarray, shape (k, 3)
        Unit vectors to the observers.
    fraction : ndarray, shape (k, N)
        Part of a facet's area that is seen [-].
    cosine : ndarray, shape (k, N)
        Mean cosine of the emission angle on it; 0 where nothing is seen [-].
    share : ndarray, shape (k, N)
        Part of what is seen of the surface that is this facet; they add up to 1 [-].
    """

    directions: FloatArray
    fraction: FloatArray
    cosine: FloatArray
    share: FloatArray


@dataclass(frozen=True)
class Outlook:
    """Radiances of a rough surface; N facets.

    Attributes
    ----------
    whole : ndarray, shape (bands, k, t)
        Radiance of the surface towards the observers [W m⁻² sr⁻¹].
    facets : ndarray, shape (bands, N, t)
        Radiance of the facets towards the first observer; 0 where it does not see them [W m⁻² sr⁻¹].
    coarser, fewer : ndarray, shape (bands, k, t), or None
        Radiance of the surface with every second node left out, and with half as many streams, as in
        `tmx.physics.transfer.spectrum.Emission`; none where these say nothing [W m⁻² sr⁻¹].
    """

    whole: FloatArray
    facets: FloatArray
    coarser: FloatArray | None = None
    fewer: FloatArray | None = None


def sight_of(facets: Facets, directions: FloatArray) -> Sight:
    """Return how observers see facets.

    Parameters
    ----------
    facets : Facets
        The facets.
    directions : ndarray, shape (k, 3)
        Unit vectors to the observers.

    Raises
    ------
    ValueError
        If an observer sees nothing, at the horizon or below it.
    """
    visible = facets.visible(directions)
    apparent = visible.fraction * visible.cosine * facets.areas
    total = apparent.sum(axis=1, keepdims=True)
    if not total.all():
        raise ValueError("an observer at the horizon or below it sees nothing of a rough surface")
    return Sight(directions, visible.fraction, visible.cosine, apparent / total)


def light_between(
    view_factors: FloatArray, sent: FloatArray, reflected: FloatArray, sky: FloatArray | None = None
) -> FloatArray:
    """Return the radiance that facets receive from one another, in all orders, and from the sky.

    Parameters
    ----------
    view_factors : ndarray, shape (1, N) or (N, N)
        View factors F_ij, of facet i to facet j; one row where all facets have the same.
    sent : ndarray, shape (bands, N, t)
        Mean radiance that facets send, whatever they receive [W m⁻² sr⁻¹].
    reflected : ndarray, shape (bands,)
        Part of isotropic light that they reflect [-].
    sky : ndarray, shape (bands,), optional
        Radiance of the sky; nothing by default [W m⁻² sr⁻¹].

    Returns
    -------
    ndarray, shape (bands, N, t)
        Mean radiance X over the hemisphere above a facet: X = F (sent + r X) + (1 − Σ F) sky [W m⁻² sr⁻¹].

    Notes
    -----
    Where F is one row, X is the same for all facets. Otherwise the orders are added one by one: each is at most r times
    the one before, so that there are few, and no matrix is factorised for every band.
    """
    first = _arriving(view_factors, sent)
    if sky is not None:
        first += (1.0 - view_factors.sum(axis=1))[:, None, None] * sky[:, None]
    again = reflected[:, None]
    if len(view_factors) == 1:
        received = first / (1.0 - view_factors.sum() * again)
        return np.broadcast_to(received.transpose(1, 0, 2), sent.shape)
    received, order = first.copy(), first
    while np.abs(order).max() > CLOSE * received.max():
        order = (view_factors @ (again * order).reshape(len(order), -1)).reshape(first.shape)
        received += order
    return received.transpose(1, 0, 2)


def _arriving(view_factors: FloatArray, sent: FloatArray) -> FloatArray:
    """Return what arrives directly of what facets send, shape (N, bands, t), or (1, bands, t) where it is one row."""
    return np.asarray(np.einsum("ij,bjt->ibt", view_factors, sent, optimize=True))


def opaque_emission(
    facets: Facets, sight: Sight, edges: FloatArray, emissivity: FloatArray, temperature: FloatArray, sky: float
) -> Outlook:
    """Return the thermal radiance of opaque facets, which emit and reflect evenly in all directions.

    Parameters
    ----------
    facets : Facets
        The facets.
    sight : Sight
        How they are seen.
    edges, emissivity : ndarray, shapes (bands + 1,) and (bands,)
        Edges of adjoining bands, ascending [m⁻¹], and emissivity in them, as in `emission_spectrum`.
    temperature : ndarray, shape (N, t)
        Temperatures [K].
    sky : float
        Temperature of the black sky [K].

    Returns
    -------
    Outlook
        In the bands, with one more at either end for all wavenumbers beyond them.
    """
    closed, closing = closed_spectrum(edges, emissivity)
    black = band_radiances(closed, temperature.ravel()).reshape(closing.size, *temperature.shape)
    own = closing[:, None, None] * black
    above = band_radiances(closed, np.array([sky]))[:, 0]
    received = light_between(facets.view_factors, own, 1.0 - closing, above)
    return _outlook(sight, own + (1.0 - closing)[:, None, None] * received)


def opaque_sunlight(facets: Facets, sight: Sight, sun: Sun, directions: FloatArray) -> Outlook:
    """Return the radiance of sunlight that opaque facets reflect, evenly in all directions; one band.

    Parameters
    ----------
    facets, sight
        As in `opaque_emission`.
    sun : Sun
        Its flux, and the albedo of the facets.
    directions : ndarray, shape (t, 3)
        Unit vectors to the sun.
    """
    light = light_on(facets, sun.flux, directions, lambda cosine: albedo_at(sun, cosine))
    albedo = albedo_at(sun, light.cosine)
    diffuse = ((light.scattered + (1.0 - albedo) * light.direct - light.absorbed).T / np.pi)[None]
    lit = facets.visible(directions)
    direct = np.stack([sun.flux / np.pi * (albedo * sunlit).T for sunlit in _sunlit(facets, sight, directions, lit)])
    seen = _outlook(sight, diffuse)
    return Outlook(seen.whole + np.einsum("ki,kit->kt", sight.share, direct), seen.facets + direct[0])


def _sunlit(facets: Facets, sight: Sight, directions: FloatArray, lit: Visible) -> Iterator[FloatArray]:
    """Give the mean cosine of incidence on what each observer sees of facets, 0 where that is in shadow, shape (t, N).

    Where it is not known which parts of a facet are seen and which are lit, the two count as independent.
    """
    for view, fraction, cosine in zip(sight.directions, sight.fraction, sight.cosine, strict=True):
        apparent = fraction * cosine
        overlap = facets.shape.overlap(view, directions)
        if overlap is None:
            yield lit.fraction * lit.cosine * (apparent > 0.0)
        else:
            mean = np.divide(overlap, apparent, out=np.zeros_like(overlap), where=apparent > 0.0)
            yield np.clip(mean, 0.0, 1.0)


def _outlook(sight: Sight, radiance: FloatArray) -> Outlook:
    """Return what is seen of facets whose radiance is the same from everywhere, shape (bands, N, t)."""
    return Outlook(sight.share @ radiance, np.where(sight.fraction[0, :, None] > 0.0, radiance, 0.0))


def regolith_emission(
    facets: Facets, sight: Sight, regolith: Regolith, depth: FloatArray, temperature: FloatArray
) -> Outlook:
    """Return the thermal radiance of facets of regolith that radiation goes through.

    Parameters
    ----------
    facets : Facets
        The facets.
    sight : Sight
        How they are seen.
    regolith : Regolith
        The medium below every facet.
    depth : ndarray, shape (n,)
        Depths of the nodes, as in `tmx.physics.transfer.spectrum.emitted` [m].
    temperature : ndarray, shape (n, N, t)
        Their temperatures [K].
    """
    weights, mirror = emission_tables(regolith, depth)
    edges = regolith.thermal_edges
    towards = interpolation(sight.cosine) * (sight.cosine > 0.0)[:, :, None]
    reflectance = np.einsum("kia,bwa->wbki", towards, mirror)
    (bands, ways, _), (nodes, count, times) = mirror.shape, temperature.shape
    sent = np.empty((ways, bands, count, times))
    seen, whole = np.empty(sent.shape[1:]), np.zeros((ways, bands, len(towards), times))
    for i in range(count):
        in_all = np.concatenate([HEMISPHERE[None], towards[:, i]]) @ weights
        flat = in_all.reshape(bands, -1, nodes)
        own = weighted_band_radiances(edges, np.ascontiguousarray(temperature[:, i]), flat)
        own = np.moveaxis(own.reshape(bands, ways, -1, times), 1, 0)
        sent[:, :, i], seen[:, i] = own[:, :, 0], own[0, :, 1]
        whole += sight.share[:, i, None] * own[:, :, 1:]
    sky = band_radiances(edges, np.array([regolith.sky]))[:, 0]
    mean = mirror @ HEMISPHERE
    received = light_between(facets.view_factors, sent[0], mean[:, 0], sky)
    whole[0] += (sight.share * reflectance[0]) @ received
    for way in range(1, ways):
        # What changes is small, and of that the orders after the first are a small part.
        change = sent[way] - sent[0] + (mean[:, way] - mean[:, 0])[:, None, None] * received
        other = received + _arriving(facets.view_factors, change).transpose(1, 0, 2)
        whole[way] += (sight.share * reflectance[way]) @ other
    seen += reflectance[0, :, 0, :, None] * received
    return Outlook(whole[0], seen, *whole[1:])


def regolith_sunlight(
    facets: Facets, sight: Sight, regolith: Regolith, thickness: float, flux: float, directions: FloatArray
) -> Outlook:
    """Return the radiance of sunlight that facets of regolith reflect, in every band of sunlight.

    Parameters
    ----------
    facets, sight, regolith
        As in `regolith_emission`.
    thickness : float
        Depth of the substrate, as there [m].
    flux : float
        Sunlight at normal incidence [W m⁻²].
    directions : ndarray, shape (t, 3)
        Unit vectors to the sun.
    """
    mirror = reflectance_table(regolith, thickness)
    day = directions[:, 2] > 0.0
    lit = facets.visible(directions[day])
    towards_sun = interpolation(lit.cosine)
    share = np.array([band.share for band in regolith.solar])[:, None, None]
    sent = share * np.einsum("tia,ba->bit", towards_sun, mirror) * (flux / np.pi * lit.fraction * lit.cosine).T
    received = light_between(facets.view_factors, sent, mirror @ HEMISPHERE)
    reflectance = np.einsum("kia,ba->bki", interpolation(sight.cosine), mirror) * (sight.cosine > 0.0)
    views = _from_facets(facets, sight.directions, sight.cosine)
    suns = _from_facets(facets, directions[day], lit.cosine)
    sunlit = np.stack(list(_sunlit(facets, sight, directions[day], lit)))
    beam = flux * np.divide(sunlit, lit.cosine, out=np.zeros_like(sunlit), where=lit.cosine > 0.0).transpose(2, 0, 1)
    direct = beam * reflected_facets(regolith, thickness, views, suns)
    whole = np.zeros((len(mirror), len(views[0]), day.size))
    seen = np.zeros((len(mirror), len(views), day.size))
    whole[..., day] = np.einsum("ki,bikt->bkt", sight.share, direct) + (sight.share * reflectance) @ received
    seen[..., day] = direct[:, :, 0] + reflectance[:, 0, :, None] * received
    return Outlook(whole, seen)


def _from_facets(facets: Facets, directions: FloatArray, cosine: FloatArray) -> FloatArray:
    """Return directions as they are over facets, shape (N, k, 3): z along the normal, x and y in any direction.

    Cosines, shape (k, N), are means over facets that may be curved; where nothing is seen, it is from the zenith.
    """
    first, second = _tangents(facets.normals)
    along = np.stack([directions @ first.T, directions @ second.T], axis=2)
    length = np.linalg.norm(along, axis=2, keepdims=True)
    mu = np.where(cosine > 0.0, np.minimum(cosine, 1.0), 1.0)[:, :, None]
    around = np.divide(along, length, out=np.zeros_like(along), where=length > 1e-12)
    return np.concatenate([np.sqrt(1.0 - mu**2) * around, mu], axis=2).transpose(1, 0, 2)


def _tangents(normals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return two unit vectors along facets, at right angles to one another, shapes (N, 3)."""
    axis = np.eye(3)[np.abs(normals).argmin(axis=1)]
    first = np.cross(normals, axis)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return first, np.cross(normals, first)
