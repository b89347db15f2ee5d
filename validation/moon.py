"""Surface temperatures of the Moon: against Diviner, and against another program with the same constants."""

import math
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from tmx.config import SimulationConfig, preset
from tmx.figures.style import COLOURS, DOT
from tmx.stages.thermal import run_thermal
from validation.case import Check, FloatArray, Outcome, largest, panels
from validation.truths import stored
from validation.truths.moon import BEFORE_SUNRISE, COOLER_AT_DAWN, DEEP_EQUATOR, EQUATOR, EXTREMES, NIGHTS

TITLE = "The surface of the Moon"

PERIHELION = 0.9833
"""Least distance of the Earth from the sun [au]."""

CAPTION = """\
Left: a day at three latitudes; lines are the model, dots the other program, open squares table A2 of Hayne et al.
(2017). Right: the night; dots are Diviner's regolith temperatures, with bars of 1 K."""

TEXT = """\
The body preset `Moon` has the constants that Hayne et al. (2017) fitted to Diviner's nights: agreement says that
equations and laws are theirs. The model is {bias:+.1f} K from the points on average. To days nothing but the albedo
and its rise with incidence was fitted. Williams et al. (2017) give highest temperatures of 387 to 397 K at the
equator; the model has {highest:.1f} K at 1 au and {perihelion:.1f} K at perihelion. Roughness, rocks and slopes,
which matter near sunrise, sunset and the poles, are not in a flat model. Diviner's curves by day were not found as
numbers, and are left out."""


def run() -> Outcome:
    """Compute the case."""
    days = {latitude: moon(latitude) for latitude in NIGHTS}
    checks = [*_against_diviner(days), *_against_another_program(days)]
    near = moon(0, R=PERIHELION).numbers["t_surf_max"]
    cold = [day.at(hours + 12.0) - known for day, (hours, known) in zip(days.values(), NIGHTS.values(), strict=True)]
    bias = float(np.concatenate(cold).mean())
    return Outcome(
        checks, _draw(days), CAPTION, TEXT.format(bias=bias, highest=days[0].numbers["t_surf_max"], perihelion=near)
    )


class LunarDay:
    """A day of the Moon's surface: its record, its numbers, and its temperature at any hour."""

    def __init__(self, config: SimulationConfig) -> None:
        outcome = run_thermal(config)
        self.record, self.numbers = outcome.record, outcome.numbers
        self.hours = 24.0 * self.record.t_out / config.P

    def at(self, hours: float | FloatArray) -> FloatArray:
        """Return the surface temperature at local times, 12 at noon [K]."""
        return np.asarray(np.interp(hours, self.hours, self.record.T_surf_out, period=24.0))

    def mean_at(self, depth: float | FloatArray) -> FloatArray:
        """Return the mean temperature over the day at a depth [m], 0 the surface [K]."""
        means = np.concatenate([[self.record.T_surf_out.mean()], self.record.T_out.mean(axis=1)])
        return np.asarray(np.interp(depth, np.concatenate([[0.0], self.record.x_grid]), means))


@cache
def moon(latitude_deg: float, **changes: object) -> LunarDay:
    """Return the day of the preset Moon at a latitude, with some fields changed."""
    asked = {"latitude": math.radians(latitude_deg), "freq_out": 480, "accuracy": 0.01, "dust_thickness": 2.5}
    return LunarDay(SimulationConfig(**{**preset("Moon").values, **asked, "storage_dtype": "float64", **changes}))


def _against_diviner(days: dict[int, LunarDay]) -> list[Check]:
    checks = []
    for latitude, (hours, known) in NIGHTS.items():
        apart = days[latitude].at(hours + 12.0) - known
        what = f"night at {latitude}°, root mean square of nine hours"
        source = "Diviner, Hayne et al. (2017), figure A2, points of heat1d, 1 K"
        checks.append(Check(what, source, float(np.sqrt((apart**2).mean())), 1.0, "K"))
    equator = days[0]
    found = {
        "noon": equator.numbers["t_surf_max"],
        "midnight": float(equator.at(0.0)),
        "lowest": equator.numbers["t_surf_min"],
    }
    apart = largest(list(found.values()), [EQUATOR[name] for name in found])
    checks.append(
        Check(
            "equator at noon, at midnight, and its lowest",
            "Diviner, Hayne et al. (2017), table A2, 5 K",
            apart,
            5.0,
            "K",
        )
    )
    dawn, dusk = equator.at(np.array([6.0, 18.0]))
    source = "Diviner, Williams et al. (2017), abstract"
    checks.append(Check("equator just before sunrise", f'{source}, "~95 K"', abs(dawn - BEFORE_SUNRISE), 3.0, "K"))
    warmer = abs(dusk - dawn - COOLER_AT_DAWN)
    checks.append(Check("terminator at dusk over that at dawn, equator", f'{source}, "~30 K"', warmer, 10.0, "K"))
    return checks


def _against_another_program(days: dict[int, LunarDay]) -> list[Check]:
    names = ("t_surf_max", "t_surf_min", "t_surf_mean")
    found = [[days[latitude].numbers[name] for name in names] for latitude in EXTREMES]
    source = "an independent solver, same constants, 0.003 K"
    curves = []
    for case in stored("moon_periodic"):
        hours = 24.0 * np.array(case["time_fraction_from_noon"]) + 12.0
        curves.append(days[case["latitude_deg"]].at(hours % 24.0) - np.array(case["surface_temperature_K"]))
    depth, known = DEEP_EQUATOR
    return [
        Check(
            "highest, lowest and mean at 0°, 30° and 60°", source, largest(found, list(EXTREMES.values())), 0.02, "K"
        ),
        Check("a day at these, median difference", source, float(np.median(np.abs(np.concatenate(curves)))), 0.01, "K"),
        Check(f"mean at {depth} m, equator", source, largest(days[0].mean_at(depth), known), 0.1, "K"),
    ]


def _draw(days: dict[int, LunarDay]) -> Figure:
    with panels(2) as (figure, (day, night)):
        curves = {case["latitude_deg"]: case for case in stored("moon_periodic")}
        for colour, (latitude, model) in zip(COLOURS, days.items(), strict=False):
            day.plot(model.hours, model.record.T_surf_out, color=colour, label=f"{latitude}°")
            fraction = np.array(curves[latitude]["time_fraction_from_noon"])[::12]
            known = np.array(curves[latitude]["surface_temperature_K"])[::12]
            day.plot((24.0 * fraction + 12.0) % 24.0, known, "o", color=colour, **DOT)
            hours, known = NIGHTS[latitude]
            late = np.linspace(18.2, 29.8, 200)
            night.plot(late, model.at(late % 24.0), color=colour, label=f"{latitude}°")
            night.errorbar(hours + 12.0, known, 1.0, fmt="o", color=colour, ecolor=colour, elinewidth=0.8, **DOT)
        noon, midnight, lowest = EQUATOR.values()
        day.plot(
            [12.0, 0.0, 5.8],
            [noon, midnight, lowest],
            "s",
            markerfacecolor="none",
            markeredgecolor="black",
            markersize=7.0,
        )
        day.set(xlabel="Local time [h]", ylabel="Surface temperature [K]", xticks=range(0, 25, 3), xlim=(0.0, 24.0))
        night.set(
            xlabel="Local time [h]", ylabel="Surface temperature [K]", xticks=range(18, 31, 3), ylim=(78.0, 125.0)
        )
        night.set_xticklabels(["18", "21", "0", "3", "6"])
        day.legend()
        night.legend()
    return figure
