"""Hapke's two-stream model of coupled conduction and radiation.

With φ the mean of the upward and downward radiance, φ'' = 4 γ² (φ − B) with γ² = 1 − ω, mean cosine ½ and isotropic
scattering: a single mode. Where scattering is not isotropic, the similarity relation replaces ω and τ by those of the
equivalent isotropic medium.

References
----------
Hapke (1996), J. Geophys. Res. 101, 16817, doi:10.1029/96JE00918, and 16833, doi:10.1029/96JE00919.
Hale & Hapke (2002), Icarus 156, 318, doi:10.1006/icar.2001.6768.
Hapke (2012), Theory of Reflectance and Emittance Spectroscopy, 2nd edition, section 8.5: similarity.
"""

from collections.abc import Sequence

import numpy as np

from tmx.physics.transfer.modes import Modes
from tmx.physics.transfer.optics import Optics

HAS_STREAMS = False


def modes(optics: Sequence[Optics], streams: int = 2, order: int = 0) -> Modes:
    """Return the one mode of Hapke's model for every medium; it has two streams, whatever is asked for."""
    asymmetry = np.array([medium.phase_moments(2)[1] for medium in optics])
    given = np.array([medium.albedo for medium in optics])
    scaling = 1.0 - asymmetry * given
    albedo = given * (1.0 - asymmetry) / scaling
    one = np.ones((len(optics), 1))
    return Modes(
        scaling=scaling,
        decay=2.0 * np.sqrt(1.0 - albedo)[:, None],
        planck=one,
        edge=2.0 * one[:, :, None],
        surface=one,
        beam_odd=np.zeros((len(optics), 1, 1)),
        beam_even=(albedo / np.pi)[:, None, None],
    )
