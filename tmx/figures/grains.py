"""The refractive index of materials, and the optics of grains made of them."""

from typing import TYPE_CHECKING, Any

import numpy as np

from tmx.figures.style import COLOURS, STYLE, TWO_COLUMNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tmx.physics.grains.grains import Grains
    from tmx.physics.grains.mie import ScatteringTable

UM = 1e6
"""µm in a m."""


def grains_figure(title: str, grains: "Grains", table: "ScatteringTable") -> "Figure":
    """Draw the index of every material and the optics of grains of them against wavelength."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, 8.0), layout="constrained")
        above, middle, below = figure.subplots(3, 1, sharex=True)
        _draw_indices(above, grains, table)
        wavelength_um = table.wavelength * UM
        area = np.pi * table.effective_radius**2
        middle.plot(wavelength_um, table.extinction / area, color=COLOURS[0])
        middle.set_ylabel("Extinction efficiency $Q_{ext}$")
        below.plot(wavelength_um, table.albedo, color=COLOURS[0], label="single-scattering albedo")
        below.plot(wavelength_um, table.asymmetry, color=COLOURS[1], linestyle="--", label="asymmetry $g$")
        below.set(xlabel="Wavelength [µm]", ylabel="Albedo, asymmetry", xscale="log")
        below.set_xlim(wavelength_um.min(), wavelength_um.max())
        below.legend()
        _ticks(below)
        above.set_title(title, fontsize=10.0)
    return figure


def _draw_indices(axes: Any, grains: "Grains", table: "ScatteringTable") -> None:
    """Draw n in full and k in dashed lines; both are positive, and k spans decades."""
    for number, material in enumerate(grains.materials):
        for axis, index in enumerate(material.indices(table.wavelength)):
            colour = COLOURS[(number * 3 + axis) % len(COLOURS)]
            name = material.name if len(material.axes) == 1 else f"{material.name}, axis {axis + 1}"
            axes.plot(table.wavelength * UM, index.real, color=colour, label=name)
            axes.plot(table.wavelength * UM, np.maximum(index.imag, 1e-9), color=colour, linestyle="--")
    axes.set(yscale="log", ylim=(1e-5, 20.0), ylabel="$n$ (full), $k$ (dashed)")
    axes.legend()


def _ticks(axes: Any) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.xaxis.set_major_locator(FixedLocator([0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
