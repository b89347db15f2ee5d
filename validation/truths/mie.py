"""Efficiencies of spheres from published tables.

References
----------
Bohren & Huffman (1983), Absorption and Scattering of Light by Small Particles, Wiley, doi:10.1002/9783527618156.
Wiscombe (1979), Mie scattering calculations, NCAR Technical Note TN-140+STR.
"""

import math

WISCOMBE = (
    (1.5 + 0j, 10.0, 2.881999, 2.881999, 0.742913),
    (1.5 + 0j, 100.0, 2.094388, 2.094388, 0.818246),
    (1.5 + 0j, 1000.0, 2.013945, 2.013945, 0.827882),
    (1.33 + 1e-5j, 1.0, 0.093952, 0.093923, 0.184517),
    (1.33 + 1e-5j, 100.0, 2.101321, 2.096594, 0.868959),
    (1.33 + 1e-5j, 10000.0, 2.004089, 1.723857, 0.907840),
    (1.5 + 1j, 1.0, 2.336321, 0.663454, 0.192136),
    (1.5 + 1j, 100.0, 2.097502, 1.283697, 0.850252),
    (1.5 + 1j, 10000.0, 2.004368, 1.236574, 0.846309),
    (10 + 10j, 1.0, 2.532993, 2.049405, -0.110664),
    (10 + 10j, 100.0, 2.071124, 1.836785, 0.556215),
    (10 + 10j, 10000.0, 2.005914, 1.795393, 0.548194),
)
"""Refractive index, size parameter, efficiencies of extinction and scattering, asymmetry parameter: test cases of MIEV0
in Wiscombe (1979), to the six decimals that are printed."""

BOHREN_HUFFMAN = (1.55 + 0j, 2.0 * math.pi * 0.525 / 0.6328, 3.10543)
"""Refractive index, size parameter and efficiency of extinction: sample output of BHMIE, Bohren & Huffman (1983),
appendix A, to five decimals."""
