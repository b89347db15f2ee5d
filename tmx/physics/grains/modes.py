"""Oscillators of the minerals of the library, in cm⁻¹ as their sources have them."""

Modes = tuple[tuple[float, ...], ...]

QUARTZ_ORDINARY: Modes = (
    (393.5, 2.1, 403.0, 2.8),
    (450.0, 4.5, 507.0, 3.5),
    (695.0, 13.0, 697.6, 13.0),
    (797.0, 6.9, 810.0, 6.9),
    (1065.0, 7.2, 1226.0, 12.5),
    (1158.0, 9.3, 1155.0, 9.3),
)
"""ν_TO, γ_TO, ν_LO and γ_LO of modes E of α-quartz at 295 K (Gervais & Piriou 1975, doi:10.1103/PhysRevB.11.3944).

The library hyperbolic-optics has the same numbers, and does not say from where; they were not compared with the paper.
"""

QUARTZ_EXTRAORDINARY: Modes = (
    (363.5, 4.8, 386.7, 7.0),
    (487.5, 4.0, 550.0, 3.2),
    (777.0, 6.7, 790.0, 6.7),
    (1071.0, 6.8, 1229.0, 12.0),
)
"""The same of modes A₂."""

FORSTERITE_A: Modes = (
    (200.9, 0.0255, 0.0122),
    (274.8, 0.0527, 0.0098),
    (294.2, 0.324, 0.0117),
    (319.6, 0.0831, 0.00871),
    (379.2, 0.98, 0.0145),
    (402.3, 1.53, 0.0139),
    (501.7, 0.348, 0.0256),
    (604.0, 0.219, 0.0209),
    (840.9, 0.00403, 0.01),
    (958.0, 0.162, 0.00381),
    (976.4, 0.328, 0.00688),
)
"""ν₀, Δε and γ/ν₀ of forsterite at 295 K, field along a (B₃ᵤ) (Suto et al. 2006, doi:10.1111/j.1365-2966.2006.10594.x).

Recovered from the n and k that the authors computed of them, which they give again to 1e-4.
"""

FORSTERITE_B: Modes = (
    (143.4, 0.078, 0.0145),
    (276.8, 0.0837, 0.00913),
    (289.1, 1.63, 0.0153),
    (348.7, 1.21, 0.0157),
    (395.1, 0.462, 0.0135),
    (416.8, 0.277, 0.013),
    (455.9, 0.187, 0.0195),
    (506.0, 0.0437, 0.0125),
    (526.9, 0.177, 0.0237),
    (837.8, 0.129, 0.0113),
    (871.8, 0.384, 0.0032),
    (984.2, 0.00723, 0.00514),
)
"""The same along b (B₂ᵤ)."""

FORSTERITE_C: Modes = (
    (276.1, 0.0803, 0.00951),
    (291.1, 1.23, 0.0101),
    (304.5, 0.0289, 0.0152),
    (408.4, 0.487, 0.0138),
    (415.1, 0.937, 0.0136),
    (476.2, 0.152, 0.0169),
    (502.9, 0.434, 0.0197),
    (874.1, 0.613, 0.00616),
)
"""The same along c (B₁ᵤ)."""

ENSTATITE_X: Modes = (
    (125.0, 0.4174, 86.3),
    (137.4, 0.0558, 4.4),
    (144.6, 0.0418, 3.6),
    (177.7, 0.1254, 34.3),
    (193.4, 0.0615, 5.4),
    (220.9, 0.0936, 25.9),
    (232.5, 0.072, 8.6),
    (235.7, 0.0597, 4.5),
    (278.7, 0.1249, 43.9),
    (341.1, 0.415, 77.9),
    (391.5, 0.1889, 24.0),
    (405.2, 0.2673, 7.8),
    (458.3, 0.4715, 18.1),
    (502.4, 0.764, 17.7),
    (538.3, 0.1161, 13.5),
    (569.4, 0.073, 28.3),
    (653.8, 0.016, 12.8),
    (692.1, 0.034, 15.0),
    (854.7, 0.1526, 10.7),
    (865.2, 0.0458, 11.6),
    (934.9, 0.1809, 15.1),
    (968.8, 0.0977, 62.5),
    (1008.8, 0.0044, 7.9),
    (1039.8, 0.0082, 10.8),
    (1129.6, 0.0131, 17.2),
)
"""ν₀, Δε and γ of enstatite, Mg₀.₉₆Fe₀.₀₄SiO₃, first axis.

Fitted for this library to n and k of Jäger et al. (1998, Astron. Astrophys. 339, 904) from 8.4 to 98.9 µm, to a median
of 3 % of |m|, and of 1 % beyond 55 µm: oscillators obey Kramers and Kronig, and leave out the noise, which would be
absorption that is not there. The broad ones below 160 cm⁻¹ stand for what absorbs further out than the table goes.
"""

ENSTATITE_Y: Modes = (
    (95.0, 0.4441, 92.5),
    (172.3, 0.3923, 60.5),
    (199.9, 0.1976, 20.9),
    (216.5, 0.4729, 7.2),
    (221.4, 0.5881, 5.6),
    (240.0, 0.0963, 4.3),
    (268.9, 0.4268, 8.3),
    (292.8, 0.0641, 6.1),
    (346.2, 0.6047, 14.4),
    (377.1, 0.0262, 4.9),
    (411.0, 0.0505, 23.0),
    (457.6, 0.1709, 15.3),
    (474.4, 0.9113, 19.2),
    (547.1, 0.0179, 8.0),
    (564.6, 0.0272, 7.8),
    (723.8, 0.0422, 11.2),
    (744.0, 0.0071, 7.8),
    (893.7, 0.2019, 16.9),
    (919.5, 0.0381, 15.6),
    (1014.7, 0.1104, 16.6),
    (1073.3, 0.1863, 21.7),
)
"""The same of the second axis."""

ENSTATITE_Z: Modes = (
    (95.0, 0.0228, 47.2),
    (150.5, 0.1216, 70.5),
    (179.1, 0.0094, 3.6),
    (189.5, 0.1071, 6.7),
    (201.5, 0.1496, 5.2),
    (231.7, 0.022, 8.5),
    (289.9, 0.077, 4.2),
    (300.6, 0.0561, 5.0),
    (313.8, 0.1224, 5.7),
    (326.4, 1.2336, 9.9),
    (343.5, 0.3511, 140.7),
    (348.1, 0.2684, 9.9),
    (368.5, 0.0973, 8.6),
    (418.8, 0.1776, 13.7),
    (434.2, 0.0848, 6.0),
    (446.2, 0.1086, 8.5),
    (517.1, 0.1724, 44.5),
    (553.7, 0.0788, 10.8),
    (642.6, 0.0763, 17.1),
    (947.9, 0.4071, 23.0),
    (1010.5, 0.0269, 12.0),
    (1056.7, 0.1528, 24.1),
)
"""The same of the third axis."""

MONTMORILLONITE: Modes = (
    (57.6, 0.1399, 27.5),
    (125.3, 0.3739, 78.2),
    (196.3, 0.0532, 36.3),
    (280.8, 0.177, 188.6),
    (341.3, 0.1575, 44.0),
    (447.0, 0.2794, 48.2),
    (466.6, 0.4613, 24.1),
    (521.6, 0.099, 15.9),
    (532.9, 0.1031, 24.9),
    (556.8, 0.1166, 58.1),
    (611.4, 0.037, 53.1),
    (702.4, 0.0032, 31.5),
    (794.1, 0.0074, 29.5),
    (850.5, 0.003, 20.5),
    (882.6, 0.01, 30.1),
    (921.6, 0.0187, 29.4),
    (1019.8, 0.1364, 38.2),
    (1039.5, 0.114, 28.7),
    (1055.4, 0.079, 24.8),
    (1120.7, 0.0064, 23.5),
    (1123.2, 0.0553, 77.7),
    (1574.4, 0.0547, 784.6),
    (2808.0, 0.038, 1401.3),
    (3318.0, 0.0061, 585.6),
    (3630.1, 0.0015, 52.3),
)
"""ν₀, Δε and γ of a pressed pellet of montmorillonite.

Fitted for this library to n and k of Querry (1987, Contractor Report CRDEC-CR-88009, as refractiveindex.info has them),
every 10 cm⁻¹ from 2.5 to 200 µm: to a median of 0.4 % of |m|, 1.1 % for 90 % of the points and 4.4 % at worst. The
broad ones above 1400 cm⁻¹ stand for what absorbs between the bands, water among it.
"""

MAGNETITE: Modes = (
    (195.5, 23.2441, 155.6),
    (347.7, 3.5666, 32.3),
    (426.3, 25.7893, 655.4),
    (563.3, 1.1897, 35.4),
    (1904.3, 7.6733, 3855.4),
    (5535.3, 7.8295, 9827.6),
)
"""ν₀, Δε and γ of magnetite; the free charges are `MAGNETITE_CHARGES`.

Fitted for this library to n and k of Querry (1985, Contractor Report CRDC-CR-85034, as refractiveindex.info has them)
from 2 to 55.6 µm, to a median of 0.1 % of |m|, 0.9 % for 90 % of the points and 1.7 % at worst. Two narrow phonons,
broad bands and free charges are what Ebad-Allah et al. (2012, arXiv:1202.4431) find too. The one at 195 cm⁻¹ is the
end of the table, not a mode: fits as good within it differ by a factor of three in k at 100 µm, so the range ends
there.
"""

MAGNETITE_CHARGES = (619.6, 689.1)
"""ν_p and γ of its free charges."""
