"""The document of the validation: a table of all that was compared, and a section with a figure for each case."""

import io
import math
import platform
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from pkgutil import iter_modules

import matplotlib as mpl

from tmx import __version__
from tmx.figures.style import STYLE
from tmx.stages.keys import VERSIONS
from validation import truths
from validation.case import Check, Outcome

DOCUMENTS = Path(__file__).parents[1] / "docs"

WIDTH = 130
"""Columns of a line of text."""

RESOLUTION = 140
"""Of the figures [dots per inch]."""

INTRODUCTION = """\
What the models give, beside what others measured, tabulated or worked out. `make validate` computes all of it, draws
the figures and writes this page; it fails where a tolerance is missed. Every number below comes from that run. *Got* is
the largest difference unless something else is said, in the unit of the tolerance; without a unit it is relative, or a
part of 1. `python -m validation moon apollo` runs some cases alone. The equations, and what tests compare besides, are
in [physics.md](physics.md)."""


def write_document(directory: Path, outcomes: Mapping[str, tuple[str, Outcome]]) -> None:
    """Write `validation.md`, and its figures as `figures/validation_….png`.

    Parameters
    ----------
    directory : Path
        Where the document goes; it is made if it is not there.
    outcomes : mapping
        Title and outcome of the cases by their names.
    """
    (directory / "figures").mkdir(parents=True, exist_ok=True)
    for name, (_, outcome) in outcomes.items():
        (directory / figure_name(name)).write_bytes(_png(outcome))
    sections = [_section(name, title, outcome) for name, (title, outcome) in outcomes.items()]
    (directory / "validation.md").write_text("\n\n".join([_head(), _table(outcomes), *sections, _references()]) + "\n")


def figure_name(case: str) -> str:
    """Return where the figure of a case is, from the document."""
    return f"figures/validation_{case}.png"


def line_of(check: Check) -> str:
    """Return a check as a line of text."""
    verdict = "passes" if check.passes else "MISSED"
    return f"{verdict}  {_number(check.error):>8} of {_number(check.tolerance)} {check.unit}".ljust(34) + check.what


def _head() -> str:
    made = datetime.now(UTC).date().isoformat()
    solvers = ", ".join(f"{stage} {number}" for stage, number in VERSIONS.items())
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "numba", "miepython"))
    on = f"Python {platform.python_version()} ({platform.system()}, {platform.machine()})"
    when = f"Made on {made} with tmx {__version__} (solvers: {solvers}), {packages}, {on}."
    return f"# Validation\n\n{textwrap.fill(INTRODUCTION, WIDTH)}\n\n{textwrap.fill(when, WIDTH)}"


def _table(outcomes: Mapping[str, tuple[str, Outcome]]) -> str:
    checks = [(title, check) for title, outcome in outcomes.values() for check in outcome.checks]
    passed = sum(check.passes for _, check in checks)
    rows = [
        f"**{passed} of {len(checks)} pass.**",
        "",
        "| case | compared | with | tolerance | got | |",
        "|---|---|---|---|---|---|",
    ]
    for number, (title, check) in enumerate(checks):
        shown = title if number == 0 or checks[number - 1][0] != title else ""
        tolerance = f"{_number(check.tolerance)} {check.unit}".strip()
        verdict = "passes" if check.passes else "**missed**"
        rows.append(f"| {shown} | {check.what} | {check.truth} | {tolerance} | {_number(check.error)} | {verdict} |")
    return "\n".join(rows)


def _section(name: str, title: str, outcome: Outcome) -> str:
    text = textwrap.fill(outcome.text, WIDTH, break_long_words=False, break_on_hyphens=False)
    caption = textwrap.fill(f"*{outcome.caption}*", WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"## {title}\n\n{text}\n\n![{title}]({figure_name(name)})\n\n{caption}"


def _references() -> str:
    """Return what the truths rest on, as their modules have it."""
    modules = (import_module(f"{truths.__name__}.{each.name}") for each in iter_modules(truths.__path__))
    lists = [(module.__doc__ or "").partition("----------\n")[2].strip().splitlines() for module in modules]
    return "## References\n\n" + "\n".join(f"- {line}" for line in sorted({line for one in lists for line in one}))


def _number(value: float) -> str:
    """Return a number in three digits, or two with a power of ten: 0.724, 1.3·10⁻⁷."""
    if value == 0.0 or not math.isfinite(value) or 1e-3 <= abs(value) < 1e4:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".replace(".0e", "e").split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if mantissa == "1" else f"{mantissa}·10{raised}"


def _png(outcome: Outcome) -> bytes:
    content = io.BytesIO()
    with mpl.rc_context(STYLE):
        outcome.figure.savefig(content, format="png", dpi=RESOLUTION)
    return content.getvalue()
