"""Below the surface of the Moon: the boreholes of the heat flow experiments."""

import numpy as np
from matplotlib.figure import Figure

from tmx.config import preset
from tmx.figures.style import COLOURS, DOT
from validation.case import Check, FloatArray, Outcome, largest, panels
from validation.moon import LunarDay, moon
from validation.truths.moon import BOREHOLES, GRADIENT, MARE_ALBEDO, PROBE_CONDUCTIVITY, SITE_MEANS, SITES

TITLE = "The boreholes of Apollo 15 and 17"

BELOW_THE_DAY = 0.3
"""Depth from which the temperatures of the boreholes are compared [m]: six skin depths."""

CAPTION = """\
Mean temperature over a lunation below both sites. Lines: the model with the albedo of the maria; dashed: with that
of the preset, 0.12. Dots: thermometers of both probes in 1973. Squares: Hayne et al. (2017), table A2, with 5 K."""

TEXT = """\
Conductivity that grows with temperature takes heat down by day more easily than it lets it out by night, so that
the depth is {rise:.0f} K warmer than the mean surface at Apollo 15. The sites are on dark ground: with the albedo
of the preset, made for highlands, Apollo 17 would have {highland:.0f} K at 0.13 m instead of {mare:.0f} K. How
albedo rises with incidence there was not measured; here it is scaled with the albedo, as the author of the
constants does, and unscaled it would have {unscaled:.0f} K. The two probes of Apollo 15, a few metres from each
other, differ by up to 3 K. The gradient is *not* reproduced: the model has {slope:.1f} K/m from 1.0 to 1.5 m and
the probe {gradient} K/m. The conductivity there, which Diviner's nights hardly see, is {deep:.1f} mW/m/K in the
model; the probe first gave {low:.0f} to {high:.0f} mW/m/K (Langseth et al. 1972), and heat flows that were revised
by a third since then (Langseth et al. 1976). Whoever needs temperatures below a metre should set `k_deep` and
`geothermal_flux` for the site."""


def run() -> Outcome:
    """Compute the case."""
    mare = {site: moon(latitude, **_mare()) for site, latitude in SITES.items()}
    checks = [check for site, day in mare.items() for check in _checks(site, day)]
    fifteen = mare["Apollo 15"]
    slope = float(fifteen.mean_at(1.5) - fifteen.mean_at(1.0)) / 0.5
    values = preset("Moon").values
    deep = values["k_deep"] * (1.0 + values["k_temp_coeff"] * float(fifteen.mean_at(1.25)) ** 3)
    highland = moon(SITES["Apollo 17"])
    low, high = PROBE_CONDUCTIVITY
    return Outcome(
        checks,
        _draw(mare),
        CAPTION,
        TEXT.format(
            rise=float(fifteen.mean_at(0.83) - fifteen.mean_at(0.0)),
            highland=float(highland.mean_at(0.13)),
            unscaled=float(moon(SITES["Apollo 17"], albedo=MARE_ALBEDO).mean_at(0.13)),
            mare=float(mare["Apollo 17"].mean_at(0.13)),
            slope=slope,
            gradient=GRADIENT,
            deep=1e3 * deep,
            low=1e3 * low,
            high=1e3 * high,
        ),
    )


def _mare() -> dict[str, float]:
    """Return the albedo of the maria, whose rise with incidence is scaled with it."""
    values = preset("Moon").values
    part = MARE_ALBEDO / values["albedo"]
    return {name: part * values[name] for name in ("albedo", "albedo_a", "albedo_b")}


def _checks(site: str, day: LunarDay) -> list[Check]:
    (surface, below), (depth, deep) = SITE_MEANS[site].values(), list(SITE_MEANS[site].items())[1]
    source = "Hayne et al. (2017), table A2, 5 K"
    rise = float(day.mean_at(depth) - day.mean_at(0.0)) - (below - surface)
    depths, known = np.array(BOREHOLES[site]).T
    used = depths > BELOW_THE_DAY
    probes = "thermometers of both probes, 1973, 0.1 to 0.5 K and what drilling disturbed"
    return [
        Check(
            f"{site}: mean at the surface and at {depth} m",
            source,
            largest([day.mean_at(0.0), day.mean_at(depth)], [surface, deep]),
            5.0,
            "K",
        ),
        Check(f"{site}: rise from the surface to {depth} m", f"{source} each", abs(rise), 7.0, "K"),
        Check(
            f"{site}: mean at {used.sum()} depths from {depths[used].min()} to {depths[used].max()} m",
            probes,
            largest(day.mean_at(depths[used]), known[used]),
            5.0,
            "K",
        ),
    ]


def _draw(mare: dict[str, LunarDay]) -> Figure:
    depth: FloatArray = np.linspace(0.0, 2.45, 400)
    with panels(2) as (figure, axes):
        for drawn, colour, (site, day) in zip(axes, COLOURS, mare.items(), strict=False):
            drawn.plot(day.mean_at(depth), depth, color=colour)
            drawn.plot(moon(SITES[site]).mean_at(depth), depth, "--", color=colour, linewidth=0.8)
            known = np.array(BOREHOLES[site])
            drawn.plot(known[:, 1], known[:, 0], "o", color=colour, **DOT)
            table = np.array(list(SITE_MEANS[site].items()))
            drawn.errorbar(
                table[:, 1],
                table[:, 0],
                xerr=5.0,
                fmt="s",
                color="black",
                markersize=5.0,
                markerfacecolor="none",
                elinewidth=0.8,
            )
            drawn.set(xlabel="Mean temperature [K]", ylabel="Depth [m]", title=site, xlim=(200.0, 265.0))
            drawn.title.set_fontsize(9.0)
            drawn.invert_yaxis()
    return figure
