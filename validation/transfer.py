"""Radiative transfer: half-spaces and slabs that are known in closed form, and the test problems of DISORT."""

import math

import numpy as np
from matplotlib.figure import Figure

from tmx.figures.style import COLOURS, DOT
from tmx.physics.column import Bottom
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import make_sun
from tmx.physics.materials import Layer
from tmx.physics.problem import Numerics, Problem
from tmx.physics.thermal import solve_steady
from tmx.physics.transfer.emission import emission_weights
from tmx.physics.transfer.modes import one_of
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.reflection import reflected_radiance
from tmx.physics.transfer.regolith import Regolith, ThermalBand
from tmx.physics.transfer.solvers import disort
from tmx.physics.transfer.sunbeam import absorbed_beam
from validation.case import Check, FloatArray, Outcome, largest, largest_part, panels
from validation.truths.transfer import HEMISPHERICAL, HOPF, TEST_PROBLEMS, Slab, directional_emissivity, reflection

TITLE = "Radiative transfer"

STREAMS, PROBLEM_STREAMS = 32, 16
ANGLES = np.array([0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
DEEP = np.concatenate([[0.0], np.geomspace(1e-3, 1e5, 40)])[None]
MU_SUN = 0.5
SOME_STREAMS = (2, 4, 8, 16, 32, 64)

CAPTION = """\
Left: emissivity of isothermal half-spaces that scatter isotropically, against the cosine of emission; lines by
H-functions, dots with {streams} streams. Middle: what remains of its mean over the hemisphere with fewer streams.
Right: radiative equilibrium heated from below; the Hopf function q, line as tabulated, dots the model."""

TEXT = """\
Half-spaces have no scale but one: the error is that of the streams alone, which falls as their number to the power
{order:.1f}. Four streams, a usual choice, are off by {few:.2f} % of the emission at ω = 0.9. Test problems 1 to 3
are slabs with isotropic, Rayleigh and Henyey-Greenstein scattering (g = 0.75, cut after 32 moments), ω up to 1 and
optical thicknesses from 0.03 to 32, with {streams} streams as there; the model agrees in all digits that are
printed. Problems with several layers are left out: regolith has one set of optical properties per band. Beside
these, tests compare random media with another program, PythonicDISORT, to 1e-8 or better."""


def run() -> Outcome:
    """Compute the case."""
    directional = [_emissivity(albedo, STREAMS, ANGLES) for albedo in HEMISPHERICAL]
    exact = [[directional_emissivity(mu, albedo) for mu in ANGLES] for albedo in HEMISPHERICAL]
    tau, hopf = _equilibrium()
    fluxes, radiances = (np.array([each(slab) for slab in TEST_PROBLEMS]) for each in (_fluxes, _radiances))
    books, tests = "Chandrasekhar (1960)", "Stamnes et al. (2000), six digits"
    known = [[slab.upward, slab.downward] for slab in TEST_PROBLEMS]
    bright = [slab.radiance for slab in TEST_PROBLEMS]
    checks = [
        Check(
            f"emissivity of half-spaces, five albedos, {STREAMS} streams, seven directions",
            f"{books}: √(1 − ω) H(μ)",
            largest_part(directional, exact),
            2e-6,
        ),
        Check(
            "the same over the hemisphere",
            "its integral, ten digits",
            largest_part([_hemispherical(albedo, STREAMS) for albedo in HEMISPHERICAL], list(HEMISPHERICAL.values())),
            1e-7,
        ),
        Check("reflection of a half-space, ω = 0.8", f"{books}, section 29", _reflection_error(), 1e-6),
        Check(
            f"radiative equilibrium: (T/T_e)⁴ at {len(HOPF)} optical depths",
            f"{books}, section 65: Hopf",
            largest(np.interp(list(HOPF), tau, hopf), [0.75 * (t + q) for t, q in HOPF.items()]),
            2e-3,
        ),
        Check("DISORT's problems 1, 2, 3: fluxes at top and bottom", tests, largest(fluxes, known), 1e-5),
        Check("the same: radiances at the top", tests, largest_part(radiances, bright), 1e-5),
    ]
    few, more = (largest_part(_hemispherical(0.9, count), HEMISPHERICAL[0.9]) for count in (4, 16))
    return Outcome(
        checks,
        _draw(directional, tau, hopf),
        CAPTION.format(streams=STREAMS),
        TEXT.format(order=math.log(few / more, 4.0), few=100.0 * few, streams=PROBLEM_STREAMS),
    )


def _emissivity(albedo: float, streams: int, mu: FloatArray) -> FloatArray:
    weights, _ = emission_weights(disort.modes([Optics(1.0, albedo)], streams), DEEP, np.zeros(1), mu)
    return np.asarray(weights[0].sum(axis=1))


def _hemispherical(albedo: float, streams: int) -> float:
    """Return the emissivity over the hemisphere, by the radiances in the directions of the streams."""
    node, weight = np.polynomial.legendre.leggauss(max(streams // 2, 1))
    mu = 0.5 * (1.0 + node)
    return float((weight * mu) @ _emissivity(albedo, streams, mu))


def _reflection_error() -> float:
    views = np.array([_towards(mu) for mu in ANGLES[2:]])
    found = reflected_radiance(
        disort, [Optics(1.0, 0.8)], STREAMS, np.array([1e3]), np.zeros(1), views, np.array([_towards(MU_SUN)])
    )
    return largest_part(found[0, :, 0], [reflection(0.8, mu, MU_SUN) for mu in ANGLES[2:]])


def _towards(mu: float, azimuth: float = 0.0) -> list[float]:
    across = math.sqrt(1.0 - mu * mu)
    return [across * math.cos(azimuth), across * math.sin(azimuth), mu]


def _equilibrium() -> tuple[FloatArray, FloatArray]:
    """Return optical depths, and the fourth power of temperature there over that of what is emitted."""
    flux = 300.0
    dark = make_sun(period=15450.0, latitude=0.0, declination=0.0, flux=0.0)
    regolith = Regolith((ThermalBand(Optics(100.0, 0.0)),), (), streams=STREAMS)
    problem = Problem([Layer(1.0, 1000.0, 1e-9, 700.0)], regolith, Bottom(flux=flux), dark)
    solution = solve_steady(problem, 0.0, Numerics(accuracy=0.01))
    return 100.0 * solution.depth, solution.temperature[:, 0] ** 4 * STEFAN_BOLTZMANN / flux


def _optics(slab: Slab) -> Optics:
    return Optics(1.0, slab.albedo, moments=slab.moments)


def _fluxes(slab: Slab) -> list[float]:
    """Return the upward flux at the top and the diffuse one at the bottom."""
    modes = one_of(disort.modes([_optics(slab)], PROBLEM_STREAMS), 0)
    absorbed, reflected = absorbed_beam(modes, np.array([0.0, slab.thickness]), 0.0, np.array([slab.mu_sun]))
    beam = slab.flux * slab.mu_sun
    return [beam * reflected[0], beam * (absorbed[0, -1] - math.exp(-slab.thickness / slab.mu_sun))]


def _radiances(slab: Slab) -> FloatArray:
    """Return the radiances at the top; the beam travels in the azimuth 0, and so comes from 180 degrees."""
    views = np.array([_towards(mu) for mu in slab.mu])
    sun = np.array([_towards(slab.mu_sun, math.pi)])
    depth = np.array([slab.thickness])
    found = reflected_radiance(disort, [_optics(slab)], PROBLEM_STREAMS, depth, np.zeros(1), views, sun)
    return slab.flux * found[0, :, 0]


def _draw(directional: list[FloatArray], tau: FloatArray, hopf: FloatArray) -> Figure:
    mu = np.linspace(0.01, 1.0, 60)
    with panels(3) as (figure, (emission, streams, depth)):
        for colour, albedo, found in zip(COLOURS, HEMISPHERICAL, directional, strict=False):
            exact = [directional_emissivity(one, albedo) for one in mu]
            emission.plot(mu, exact, color=colour)
            emission.plot(ANGLES, found, "o", color=colour, **DOT)
            wrong = [largest_part(_hemispherical(albedo, count), HEMISPHERICAL[albedo]) for count in SOME_STREAMS]
            streams.loglog(SOME_STREAMS, wrong, "o-", color=colour, label=f"ω {albedo:g}", **DOT)
        emission.set(xlabel="Cosine of emission μ", ylabel="Emissivity", ylim=(0.0, 1.02))
        streams.set(xlabel="Streams", ylabel="Relative error of the emission", xticks=SOME_STREAMS)
        streams.set_xticklabels([str(count) for count in SOME_STREAMS])
        streams.minorticks_off()
        streams.legend(loc="lower left")
        shown = tau[tau > 4e-3]
        dots = np.searchsorted(tau, np.geomspace(shown[0], 5.0, 16))
        depth.semilogx(list(HOPF)[1:], list(HOPF.values())[1:], color=COLOURS[0])
        depth.plot(tau[dots], hopf[dots] / 0.75 - tau[dots], "o", color=COLOURS[0], **DOT)
        depth.set(xlabel="Optical depth τ", ylabel="$q = (T/T_e)^4 / 0.75 - τ$")
    return figure
