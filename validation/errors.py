"""Estimated errors against true ones, over random configs."""

import numpy as np
from matplotlib.figure import Figure

from tmx.figures.style import COLOURS
from validation.case import Check, Outcome, panels
from validation.population import FINER, SIZES, Member, population

TITLE = "Estimated and true errors"

UNDERESTIMATED = {"opaque": 1.5, "regolith": 1.5, "rough": 5.0}
"""How many times its estimate the largest error may be."""

OFTEN = 0.15
"""Part of the configs whose error may exceed its estimate."""

MARKERS = ("o", "s", "^")
FLOOR = 1e-5
"""Errors below this are as good as none [K]."""

CAPTION = """\
True error against estimated error of the surface temperature, the largest of a day; of rough surfaces the root mean
square over facets. Colours are kinds. On the line they are equal; below it estimates are too large, above it too
small. Right: error over the accuracy that was asked for."""

TEXT = """\
{count} configs were drawn at random from all that users may ask for: periods of two hours to a lunar month, 0.3 to
30 au, every latitude, dust and rock, constant properties and lunar laws, extinctions of 200 to 2·10⁵ m⁻¹, both
solvers of radiative transfer, craters of any depth, and accuracies of 0.02 to 1 K. Every one was run as asked, and
again to a tenth of its accuracy, which is taken for the truth. Half of the errors are below {middle:.2f} of their
estimates, and 95 % below {high:.2f}: estimates err on the safe side. Those of rough surfaces are exceeded most,
since edges of shadows cross facets in minutes. The worst is a {kind} config whose error of {error:.4f} K was
estimated as {estimate:.4f} K, where {accuracy:.2f} K was asked for. What the estimate does not hold is stored
apart: the number of streams and of facets, and of course the equations and constants."""


def run() -> Outcome:
    """Compute the case."""
    groups = {kind: [m for m in population() if m.kind == kind] for kind in SIZES}
    checks = [check for kind, members in groups.items() for check in _checks(kind, members)]
    middle, high = np.percentile([_of_estimate(m) for m in population()], [50, 95])
    worst = max(population(), key=_of_estimate)
    return Outcome(
        checks,
        _draw(groups),
        CAPTION,
        TEXT.format(
            count=len(population()),
            middle=middle,
            high=high,
            kind=worst.kind,
            error=worst.error,
            estimate=worst.estimate,
            accuracy=worst.config.accuracy,
        ),
    )


def _checks(kind: str, members: list[Member]) -> list[Check]:
    name, finer = f"{len(members)} {kind} configs", f"the same config at 1/{FINER:g} of its accuracy"
    asked = max(m.error / m.config.accuracy for m in members)
    ratios = np.array([_of_estimate(m) for m in members])
    over = float((ratios > 1.0).mean())
    return [
        Check(f"{name}: largest error over the accuracy asked for", finer, asked, 1.0),
        Check(f"{name}: largest error over its estimate", finer, float(ratios.max()), UNDERESTIMATED[kind]),
        Check(f"{name}: part whose error exceeds its estimate", finer, over, OFTEN),
    ]


def _of_estimate(member: Member) -> float:
    """Return an error over its estimate, which counts as no less than `FLOOR`."""
    return member.error / max(member.estimate, FLOOR)


def _draw(groups: dict[str, list[Member]]) -> Figure:
    with panels(2) as (figure, (estimates, accuracies)):
        for colour, marker, (kind, members) in zip(COLOURS, MARKERS, groups.items(), strict=False):
            style = {"color": colour, "markersize": 3.0, "markeredgewidth": 0.0, "alpha": 0.7, "label": kind}
            error = np.maximum([m.error for m in members], FLOOR)
            estimates.loglog(np.maximum([m.estimate for m in members], FLOOR), error, marker, **style)
            accuracies.loglog([m.config.accuracy for m in members], error, marker, **style)
        for drawn, name in ((estimates, "Estimated error [K]"), (accuracies, "Accuracy asked for [K]")):
            drawn.axline((1e-3, 1e-3), (1e-2, 1e-2), color="black", linewidth=0.8)
            drawn.set(xlabel=name, ylabel="True error [K]", ylim=(0.7 * FLOOR, 2.0))
        accuracies.set_xlim(0.015, 1.3)
        estimates.legend()
    return figure
