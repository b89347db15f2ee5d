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

import numpy as np

from tmx.physics.transfer.modes import Modes
from tmx.physics.transfer.optics import Optics

HAS_STREAMS = False


def modes(optics: Optics, streams: int = 2) -> Modes:
    """Return the one mode of Hapke's model; it has two streams, whatever is asked for."""
    asymmetry = float(optics.phase_moments(2)[1])
    scaling = 1.0 - asymmetry * optics.albedo
    albedo = optics.albedo * (1.0 - asymmetry) / scaling
    return Modes(
        scaling=scaling,
        decay=np.array([2.0 * np.sqrt(1.0 - albedo)]),
        planck=np.ones(1),
        edge=np.array([[2.0]]),
        surface=np.ones(1),
        beam_odd=np.zeros((1, 1)),
        beam_even=np.array([[albedo / np.pi]]),
    )
