"""Energy over random configs: what is absorbed in a day is what is emitted."""

import numpy as np
from matplotlib.figure import Figure
from scipy.constants import Stefan_Boltzmann

from tmx.config import SimulationConfig
from tmx.figures.style import COLOURS
from tmx.stages.thermal import run_thermal
from validation.case import Check, Outcome, panels
from validation.population import SIZES, draw, population
from validation.truths.conduction import mean_insolation

TITLE = "Energy of random configs"

OUTPUTS = 1440
"""Output times over which emission is averaged."""

CAPTION = """\
How many of the random configs leave less than a part of the sunlight unexplained: with emission averaged over
output temperatures (dashed, limited by that average), and by the budget that every run stores (`energy_residual`)."""

TEXT = """\
The budget is absorbed sunlight, heat from below and radiation of the surroundings, less emission and what is
stored. The scheme conserves heat to rounding, so what is left is the time integration of emission and sunlight, and
how far the state still is from periodic. It is computed by the program itself; the dashed line is not: it takes
nothing but the surface temperatures that users get, and the mean of the sun's height over a day, which is known in
closed form. Steep sunrises between output times are what it shows. Energy that is conserved does not make
temperatures right, but temperatures cannot be right without it."""


def run() -> Outcome:
    """Compute the case."""
    apart = {number: _unbalanced(draw("opaque", number)) for number in range(SIZES["opaque"])}
    residuals = {kind: np.array([m.residual for m in population() if m.kind == kind]) for kind in SIZES}
    absorbed = "closed form of the day's mean sunlight (Liou 2002)"
    checks = [
        Check(f"{len(apart)} opaque surfaces: emission of {OUTPUTS} output times", absorbed, max(apart.values()), 1e-3)
    ]
    quadrature = "sunlight by quadrature, apart from the solution"
    checks += [
        Check(f"{len(found)} {kind} configs: budget of the day", quadrature, float(found.max()), 1e-5)
        for kind, found in residuals.items()
    ]
    return Outcome(checks, _draw(np.array(list(apart.values())), residuals), CAPTION, TEXT)


def _unbalanced(config: SimulationConfig) -> float:
    """Return the part of what an opaque surface absorbs in a day that its temperatures do not emit."""
    surface = run_thermal(config.model_copy(update={"freq_out": OUTPUTS, "accuracy": 0.05})).record.T_surf_out
    sunlight = (1.0 - config.albedo) * config.S / config.R**2 * mean_insolation(config.latitude, config.dec)
    below = config.geothermal_flux if config.bottom_bc == "geothermal" else 0.0
    absorbed = sunlight + below + config.em * Stefan_Boltzmann * config.disort_space_temp**4
    return float(abs(config.em * Stefan_Boltzmann * (surface**4).mean() / absorbed - 1.0))


def _draw(apart: np.ndarray, residuals: dict[str, np.ndarray]) -> Figure:
    with panels(1) as (figure, (drawn,)):
        drawn.semilogx(np.sort(apart), _ranks(apart), "--", color=COLOURS[0], label="opaque, from output temperatures")
        for colour, (kind, found) in zip(COLOURS, residuals.items(), strict=False):
            drawn.semilogx(np.sort(found), _ranks(found), color=colour, label=f"{kind}, stored")
        drawn.set(
            xlabel="Part of the sunlight that is left over",
            ylabel="Part of the configs",
            xlim=(1e-11, 1e-3),
            ylim=(0.0, 1.02),
        )
        drawn.legend()
    return figure


def _ranks(values: np.ndarray) -> np.ndarray:
    return (np.arange(values.size) + 1.0) / values.size
