"""Craters against the theory of bowls: shadows, light from the walls, and beaming."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tmx.figures.style import COLOURS, DOT
from tmx.physics.column import Bottom, Surface
from tmx.physics.emission import emission_spectrum
from tmx.physics.insolation import make_sun
from tmx.physics.materials import Layer
from tmx.physics.problem import Problem
from tmx.physics.roughness import Facets, spherical_cap
from tmx.physics.roughness.sight import opaque_emission, sight_of
from tmx.physics.thermal import solve_steady
from validation.case import Check, FloatArray, Outcome, largest_part, panels
from validation.truths.craters import Bowl, at_wavenumber, bolometric, lit_part, self_view

TITLE = "Craters"

RATIO, ELEVATIONS, FACETS = 0.2, (10.0, 35.0, 80.0), 486
DEPTHS = (0.05, 0.1, 0.2, 0.35, 0.5)
INCIDENCES = np.arange(0.0, 76.0, 15.0)
FEW, MANY = 96, 384
NEAR = 0.045
"""Normals of facets that are drawn lean less than this out of the plane of the sun [-]."""
BAND = np.array([9.99e4, 1.001e5])
BANDS = {"bolometric": bolometric, "10 µm": at_wavenumber(BAND.mean())}

CAPTION = """\
Left: temperatures along the diameter of a bowl of d/D {ratio} in the plane of the sun, which is on the right; lines
by Ingersoll et al. (1992), dots facets near it. Middle: temperature of the shadow against the sun's elevation.
Right: radiance of a hemisphere at the nadir over that of flat ground; lines by integration of the closed form."""

TEXT = """\
Without conduction a bowl has temperatures in closed form, since all of its points receive the same from the others:
the shadow has one temperature. Facets must have them to rounding where they are wholly lit or in shadow, and do.
The edge of a shadow crosses some, whose temperature is compared with that of their mean light. How many facets
observers need is what the beaming tells: its error falls as one over their number. With conduction there is no
closed form; tests compare those craters with themselves at a finer accuracy, with planes, and with their energy."""


def run() -> Outcome:
    """Compute the case."""
    steady = {elevation: _facet_temperatures(elevation) for elevation in ELEVATIONS}
    views = [spherical_cap(depth, FEW).view_factors.sum() for depth in DEPTHS]
    lit = spherical_cap(0.5, FEW).visible(_suns(INCIDENCES[1:])).fraction.mean(axis=1)
    exact = np.array([[_hemisphere(i).beaming(band) for band in BANDS.values()] for i in INCIDENCES])
    few, many = (np.array([_beaming(count, incidence) for incidence in INCIDENCES]) for count in (FEW, MANY))
    extrapolated = many + (many - few) / 3.0
    shadow, floor = steady[10.0][1][steady[10.0][2] == 0.0], _bowl(10.0).shadow_temperature
    ingersoll, emery = "Ingersoll et al. (1992), closed form", "hemispheres of Emery et al. (1998), integrated"
    checks = [
        Check(
            f"view factor of a bowl to itself, d/D {DEPTHS[0]} to {DEPTHS[-1]}",
            ingersoll,
            largest_part(views, [self_view(depth) for depth in DEPTHS]),
            1e-12,
        ),
        Check(
            "lit part of a hemisphere, sun at 15° to 75°",
            "Buhl et al. (1968), closed form",
            largest_part(lit, [lit_part(math.radians(i)) for i in INCIDENCES[1:]]),
            1e-9,
        ),
        Check(
            f"temperature of the shadow, d/D {RATIO}, sun 10° high",
            f"{ingersoll}: {floor:.3f} K",
            largest_part(shadow, floor),
            1e-5,
        ),
        Check(
            f"temperatures of {FACETS} facets, three suns",
            f"{ingersoll}, with the facets' own lit parts",
            max(largest_part(found, _bowl(e).temperature(seen)) for e, (_, found, seen) in steady.items()),
            1e-5,
        ),
        Check(f"radiance at the nadir over flat, {MANY} facets", emery, largest_part(many[:, 0], exact[:, 0]), 2e-2),
        Check(f"the same, from {FEW} and {MANY} facets", emery, largest_part(extrapolated[:, 0], exact[:, 0]), 5e-3),
        Check("the same at 10 µm", emery, largest_part(extrapolated[:, 1], exact[:, 1]), 1e-2),
    ]
    return Outcome(checks, _draw(steady, many), CAPTION.format(ratio=RATIO), TEXT)


def _bowl(elevation_deg: float) -> Bowl:
    return Bowl(RATIO, math.radians(elevation_deg))


def _hemisphere(incidence_deg: float) -> Bowl:
    return Bowl(0.5, math.radians(90.0 - incidence_deg), albedo=0.1)


def _suns(incidence_deg: FloatArray) -> FloatArray:
    slant = np.radians(np.atleast_1d(incidence_deg))
    return np.stack([np.sin(slant), np.zeros_like(slant), np.cos(slant)], axis=1)


def _resting(facets: Facets, bowl: Bowl) -> FloatArray:
    """Return the temperatures of facets under a sun that stands still [K]."""
    sun = make_sun(period=15450.0, latitude=0.0, declination=0.0, flux=bowl.sunlight, albedo=bowl.albedo)
    ground = [Layer(0.4, 1300.0, 5e-3, 750.0)]
    problem = Problem(ground, Surface(bowl.emissivity), Bottom(), sun, facets)
    return solve_steady(problem, math.sin(bowl.elevation)).surface_temperature


def _facet_temperatures(elevation_deg: float) -> tuple[Facets, FloatArray, FloatArray]:
    """Return the facets of a bowl, their temperatures [K], and their mean cosines towards the sun."""
    facets, bowl = spherical_cap(RATIO, FACETS), _bowl(elevation_deg)
    seen = facets.visible(bowl.sun[None])
    return facets, _resting(facets, bowl)[:, 0], seen.fraction[0] * seen.cosine[0]


def _beaming(count: int, incidence_deg: float) -> tuple[float, float]:
    """Return the radiance of a hemisphere at the nadir over that of flat ground, in all and at 10 µm."""
    facets, bowl = spherical_cap(0.5, count), _hemisphere(incidence_deg)
    emissivity = np.array([bowl.emissivity])
    warm = _resting(facets, bowl)
    whole = opaque_emission(facets, sight_of(facets, np.array([[0.0, 0.0, 1.0]])), BAND, emissivity, warm, 0.0).whole[
        :, 0, 0
    ]
    flat = emission_spectrum(BAND, emissivity, np.array([bowl.flat_temperature]))
    return whole.sum() / flat.bolometric_radiance[0], whole[1] / flat.radiance[0, 0]


def _draw(steady: dict[float, tuple[Facets, FloatArray, FloatArray]], many: FloatArray) -> Figure:
    with panels(3) as (figure, (across, shadow, beaming)):
        _draw_diameters(across, steady)
        _draw_shadows(shadow)
        _draw_beaming(beaming, many)
    return figure


def _draw_diameters(axes: Axes, steady: dict[float, tuple[Facets, FloatArray, FloatArray]]) -> None:
    sine = math.sin(2.0 * math.atan(2.0 * RATIO))
    place = np.linspace(-1.0, 1.0, 801)
    normals = np.stack([-place * sine, np.zeros_like(place), np.sqrt(1.0 - (place * sine) ** 2)], axis=1)
    for colour, (elevation, (facets, found, _)) in zip(COLOURS, steady.items(), strict=False):
        bowl = _bowl(elevation)
        axes.plot(place, bowl.temperature(bowl.lit(normals)), color=colour, label=f"sun {elevation:g}° high")
        near = np.abs(facets.normals[:, 1]) < NEAR
        axes.plot(-facets.normals[near, 0] / sine, found[near], "o", color=colour, **DOT)
    axes.set(xlabel="Distance from the centre over radius", ylabel="Temperature [K]", ylim=(140.0, 500.0))
    axes.legend(loc="upper right")


def _draw_shadows(axes: Axes) -> None:
    for colour, depth in zip(COLOURS, (0.1, 0.2, 0.35), strict=False):
        highest = math.degrees(2.0 * math.atan(2.0 * depth))
        heights = np.arange(1.0, min(highest, 60.0))
        exact = [Bowl(depth, math.radians(height)).shadow_temperature for height in heights]
        axes.plot(heights, exact, color=colour, label=f"d/D {depth}")
        some = [height for height in (2.0, 5.0, 10.0, 15.0, 25.0, 40.0) if height < highest]
        facets = spherical_cap(depth, MANY)
        found = [_resting(facets, Bowl(depth, math.radians(height))).min() for height in some]
        axes.plot(some, found, "o", color=colour, **DOT)
    axes.set(xlabel="Elevation of the sun [°]", ylabel="Temperature of the shadow [K]")
    axes.legend(loc="lower right")


def _draw_beaming(axes: Axes, many: FloatArray) -> None:
    fine = np.linspace(0.0, 80.0, 17)
    for colour, column, (name, band) in zip(COLOURS, many.T, BANDS.items(), strict=False):
        axes.plot(fine, [_hemisphere(incidence).beaming(band) for incidence in fine], color=colour, label=name)
        axes.plot(INCIDENCES, column, "o", color=colour, **DOT)
    axes.set(xlabel="Incidence of the sun [°]", ylabel="Radiance over that of flat ground")
    axes.legend()
