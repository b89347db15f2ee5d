"""Whole days as other programs have them, most of them of regolith that radiation goes through."""

from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tmx.config import SimulationConfig
from tmx.figures.style import COLOURS, DOT
from tmx.stages.outcome import Outcome as Computed
from tmx.stages.thermal import run_thermal
from tmx.storage.records import ThermalRecord
from validation.case import Check, Outcome, largest, panels
from validation.truths import stored

TITLE = "Days of other programs"

PEER = {
    "A": ("one layer", 0.2, 0.2),
    "B": ("two layers", 0.35, 0.35),
    "D": ("discrete ordinates", 0.5, 0.5),
    "C": ("Hapke's model", 0.7, 0.8),
}
"""Runs of ThermoSpec: what they are, the error of their own steps and grid, and what is tolerated [K]."""

CAPTION = """\
Left: brightness temperature of the upward flux in the four periodic states, from an asteroid's to a lunar day;
lines the model, dots the independent solver. Right: difference to ThermoSpec over the last day."""

TEXT = """\
The independent solver has the same equations and four streams as well, and 142 cells of its own; it is converged to
some 0.01 K. ThermoSpec takes 10⁴ to 2·10⁵ even steps a day: its own errors are what refining its steps and grid
changed. The differences are largest at sunrise and sunset, where temperatures change fastest. Its runs are not in
equilibrium, so the model follows the same days from the same start."""


def run() -> Outcome:
    """Compute the case."""
    other = "an independent solver, four streams, 0.01 K"
    checks = [
        Check(
            f"periodic state {number}: brightness temperature at 48 times",
            other,
            largest(_periodic(number).record.T_surf_out, case["brightness_temperature_K"]),
            0.03,
            "K",
        )
        for number, case in enumerate(stored("regolith_periodic"), 1)
    ]
    for name, (what, error, tolerance) in PEER.items():
        case = stored("thermospec_runs")[name]
        source = f"ThermoSpec (Ryan 2025), whose own error is some {error} K"
        apart = largest(_days(name).record.T_surf_out, case["surface_temperature_K"][:47])
        checks.append(
            Check(f"{what}, {case['overrides']['ndays']} days from an even start", source, apart, tolerance, "K")
        )
    return Outcome(checks, _draw(), CAPTION, TEXT)


@cache
def _periodic(number: int) -> Computed[ThermalRecord]:
    return _computed(stored("regolith_periodic")[number - 1]["config"], freq_out=48)


@cache
def _days(name: str) -> Computed[ThermalRecord]:
    return _computed(stored("thermospec_runs")[name]["overrides"], S=1366.0, freq_out=47, equilibrium=False)


def _computed(given: dict[str, Any], **settings: Any) -> Computed[ThermalRecord]:
    """Run a config of another program: its number of moments is that of the streams here."""
    fields = {name: value for name, value in given.items() if name != "nmom"}
    return run_thermal(SimulationConfig(**fields, **settings, accuracy=0.02, storage_dtype="float64"))


def _draw() -> Figure:
    with panels(2) as (figure, (states, peer)):
        for colour, (number, case) in zip(COLOURS, enumerate(stored("regolith_periodic"), 1), strict=False):
            hours = np.arange(48) / 2.0
            states.plot(
                hours, _periodic(number).record.T_surf_out, color=colour, label=f"{case['config']['P'] / 3600.0:.1f} h"
            )
            states.plot(hours[::2], case["brightness_temperature_K"][::2], "o", color=colour, **DOT)
        states.set(
            xlabel="Local time [h]", ylabel="Brightness temperature [K]", xticks=range(0, 25, 3), xlim=(0.0, 24.0)
        )
        states.legend(title="day of", title_fontsize=8.0, loc="upper left")
        for colour, (name, (what, *_)) in zip(COLOURS, PEER.items(), strict=False):
            case = stored("thermospec_runs")[name]
            apart = _days(name).record.T_surf_out - case["surface_temperature_K"][:47]
            peer.plot(24.0 * np.arange(47) / 47.0, apart, color=colour, label=what)
        peer.set(xlabel="Local time [h]", ylabel="Model less ThermoSpec [K]", xticks=range(0, 25, 3), xlim=(0.0, 24.0))
        peer.legend()
    return figure
