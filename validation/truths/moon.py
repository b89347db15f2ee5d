"""What was measured on the Moon, and from orbit.

References
----------
Hayne et al. (2017), J. Geophys. Res. Planets 122, 2371, doi:10.1002/2017JE005387.
Hayne, heat1d, github.com/phayne/heat1d: what tables and figures of the former are compared with, as numbers.
Langseth et al. (1972), The Moon 4, 390.
Langseth, Keihm & Peters (1976), Proc. Lunar Sci. Conf. 7, 3143.
Nagihara et al. (2018), J. Geophys. Res. Planets 123, 1125, doi:10.1029/2018JE005579.
St. Clair, Million & Siegler (2020), Planet. Space Sci. 187, 104944, doi:10.1016/j.pss.2020.104944.
Williams et al. (2017), Icarus 283, 300, doi:10.1016/j.icarus.2016.08.012.
"""

import numpy as np

NIGHTS = {
    0: (
        np.array([8.48, 9.48, 10.46, 11.51, 12.48, 13.48, 14.49, 15.49, 16.49]),
        np.array([107.5, 104.6, 102.4, 100.4, 98.9, 97.7, 96.3, 95.1, 94.1]),
    ),
    30: (
        np.array([8.51, 9.51, 10.50, 11.52, 12.49, 13.49, 14.52, 15.51, 16.51]),
        np.array([105.1, 102.1, 99.9, 98.0, 96.7, 95.3, 94.0, 92.8, 91.8]),
    ),
    60: (
        np.array([8.50, 9.50, 10.50, 11.51, 12.49, 13.51, 14.50, 15.51, 16.50]),
        np.array([94.5, 92.2, 89.9, 88.5, 87.0, 85.9, 84.4, 83.0, 82.3]),
    ),
}
"""Regolith at night as Diviner sees it, by latitude [degrees]: hours since noon and temperature [K]. Points of figure
A2 of Hayne et al. (2017), read from a drawing, as they come with their program heat1d; taken to be known to 1 K."""

EQUATOR = {"noon": 385.0, "midnight": 101.0, "lowest": 95.0}
"""Temperatures of the equator [K], to 5 K: Hayne et al. (2017), table A2, as heat1d has it."""

BEFORE_SUNRISE, COOLER_AT_DAWN = 95.0, 30.0
"""Temperature of the equator just before sunrise, and difference between dusk and dawn terminators [K], "about", as
Diviner has them: Williams et al. (2017), abstract."""

EXTREMES = {0: (385.190, 93.734, 210.861), 30: (369.615, 91.360, 202.307), 60: (308.539, 82.516, 171.075)}
"""Highest, lowest and mean surface temperature by latitude [degrees], with the constants of Hayne et al. (2017): an
independent solver, converged to 0.003 K [K]. Its curves over a day are in moon_periodic.json."""

DEEP_EQUATOR = (0.83, 253.858)
"""A depth [m] and the mean temperature there, of the same solver [K]."""

SITES = {"Apollo 15": 26.1, "Apollo 17": 20.2}
"""Latitudes of the heat flow experiments [degrees]."""

MARE_ALBEDO = 0.06
"""Normal albedo with which the author of the constants compares them with the sites, a and b of the albedo's rise with
incidence being scaled alike (heat1d, validation)."""

SITE_MEANS = {
    "Apollo 15": {0.0: 211.0, 0.83: 252.0},
    "Apollo 17": {0.0: 216.0, 0.13: 256.0},
}
"""Mean temperature at depths [m], 0 the surface, to 5 K: Hayne et al. (2017), table A2, as heat1d has it."""

BOREHOLES = {
    "Apollo 15": (
        (0.35, 253.3), (0.45, 253.0), (0.73, 252.8), (0.84, 252.8), (0.91, 252.9), (1.01, 252.9), (1.29, 253.2),
        (1.39, 253.3),
        (0.49, 249.6), (0.59, 249.9), (0.87, 250.7), (0.97, 250.9),
    ),
    "Apollo 17": (
        (0.14, 255.6), (0.66, 255.8), (1.30, 255.1), (1.40, 255.3), (1.67, 255.7), (1.77, 255.8), (1.85, 255.9),
        (1.95, 256.0), (2.23, 256.4), (2.33, 256.5),
        (0.15, 255.4), (0.67, 256.1), (1.31, 256.1), (1.78, 256.4), (1.86, 256.5), (1.96, 256.5), (2.24, 256.8),
        (2.34, 256.9),
    ),
}  # fmt: skip
"""Depth of the thermometers of both probes of a site [m], and their mean over twelve lunations from 5 January 1973 [K].
Means of the calibrated data that St. Clair et al. (2020) put together from those of Langseth et al. and of Nagihara et
al. (2018), taken by phase of the lunation, so that gaps do not count; depths are theirs. Within a year they are certain
to 0.1 K (thermocouples, above 0.7 m at Apollo 17, 0.5 K); from 1972 to 1974 the ground warmed by 0.1 to 0.8 K after the
astronauts had disturbed it."""

GRADIENT = 1.75
"""Rise of temperature with depth from 1.0 to 1.5 m at Apollo 15 [K m⁻¹]: Langseth et al. (1972), abstract."""

PROBE_CONDUCTIVITY = (0.014, 0.025)
"""Conductivity around the probe at Apollo 15 [W m⁻¹ K⁻¹]: the same."""
