"""Figures for people, drawn by matplotlib, which is imported when one is asked for."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tmx.errors import ConfigError
from tmx.storage.atomic import write_atomically

if TYPE_CHECKING:
    from tmx.physics.grains.grains import Grains
    from tmx.physics.grains.mie import ScatteringTable

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that people who are colour-blind can tell apart (Okabe & Ito 2008)."""

FORMATS = ("png", "pdf", "svg")

UM = 1e6
"""µm in a m."""


def grains_figure(title: str, grains: "Grains", table: "ScatteringTable", output: Path) -> None:
    """Draw the index of every material and the optics of grains of them against wavelength.

    Raises
    ------
    ConfigError
        If the name of the figure does not end in a format that is known.
    """
    kind = output.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise ConfigError(f"{output}: a figure is one of {', '.join('.' + one for one in FORMATS)}")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 8.5), layout="constrained")
    above, middle, below = figure.subplots(3, 1, sharex=True)
    _draw_indices(above, grains, table)
    wavelength_um = table.wavelength * UM
    area = np.pi * table.effective_radius**2
    middle.plot(wavelength_um, table.extinction / area, color=COLOURS[0])
    middle.set_ylabel("extinction efficiency $Q_{ext}$ [-]")
    below.plot(wavelength_um, table.albedo, color=COLOURS[0], label="single-scattering albedo")
    below.plot(wavelength_um, table.asymmetry, color=COLOURS[1], linestyle="--", label="asymmetry $g$")
    below.set(xlabel="wavelength [µm]", ylabel="albedo, asymmetry [-]", xscale="log")
    below.legend(fontsize="small")
    _ticks(below)
    above.set_title(title)
    content = io.BytesIO()
    figure.savefig(content, format=kind, dpi=150)
    write_atomically(output, content.getvalue())


def _draw_indices(axes: Any, grains: "Grains", table: "ScatteringTable") -> None:
    """Draw n in full and k in dashed lines; both are positive, and k spans decades."""
    for number, material in enumerate(grains.materials):
        for axis, index in enumerate(material.indices(table.wavelength)):
            colour = COLOURS[(number * 3 + axis) % len(COLOURS)]
            name = material.name if len(material.axes) == 1 else f"{material.name}, axis {axis + 1}"
            axes.plot(table.wavelength * UM, index.real, color=colour, label=name)
            axes.plot(table.wavelength * UM, np.maximum(index.imag, 1e-9), color=colour, linestyle="--")
    axes.set(yscale="log", ylim=(1e-5, 20.0), ylabel="$n$ (full), $k$ (dashed) [-]")
    axes.legend(fontsize="small")


def _ticks(axes: Any) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.xaxis.set_major_locator(FixedLocator([0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
