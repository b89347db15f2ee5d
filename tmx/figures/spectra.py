"""Spectra of several runs, coloured by a parameter."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tmx.figures.style import DOT, STYLE, TWO_COLUMNS, colour_map
from tmx.physics.features import christiansen_feature

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

FloatArray = npt.NDArray[np.float64]

PER_CM = 100.0
"""m⁻¹ in a cm⁻¹."""

WAVELENGTHS_UM = (10, 20, 5, 50, 100, 2, 1, 8, 6, 15, 30, 7, 12, 9, 3, 4, 40, 25, 200, 500, 1.5, 14, 0.7, 0.5)
"""Wavelengths that may have a tick, those first that matter most [µm]."""

RADIANCE = "Radiance [W m⁻² sr⁻¹ cm]"

CROWDED = 0.03
"""Least distance of two ticks, as part of the axis."""

WIDE = 30.0
"""Ratio of wavenumbers from which on their axis is logarithmic."""


@dataclass(frozen=True, eq=False)
class Spectra:
    """Spectra of runs that differ in one parameter.

    Attributes
    ----------
    wavenumber : ndarray, shape (bands,)
        Centres of the bands, ascending [m⁻¹].
    values : ndarray, shape (runs,)
        The parameter, in the unit of its label.
    label : str
        What the parameter is, with its unit.
    emissivity : ndarray, shape (runs, bands), optional
        Emissivities [-].
    brightness_temperature : ndarray, shape (runs, bands), optional
        Brightness temperatures [K].
    radiance : ndarray, shape (runs, bands), optional
        Spectral radiances [W m⁻² sr⁻¹ (cm⁻¹)⁻¹].
    logarithmic : bool
        Whether the colours go with the logarithm of the parameter.
    """

    wavenumber: FloatArray
    values: FloatArray
    label: str
    emissivity: FloatArray | None = None
    brightness_temperature: FloatArray | None = None
    radiance: FloatArray | None = None
    logarithmic: bool = False


def spectra_figure(spectra: Spectra, title: str = "") -> "Figure":
    """Draw emissivities, brightness temperatures and radiances, those that there are one above the other.

    Parameters
    ----------
    spectra : Spectra
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    panels = [
        (name, data)
        for name, data in (
            ("Emissivity", spectra.emissivity),
            ("Brightness temperature [K]", spectra.brightness_temperature),
            (RADIANCE, spectra.radiance),
        )
        if data is not None
    ]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, 1.1 + 2.2 * len(panels)), layout="constrained")
        axes = list(figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0])
        colours = ScalarMappable(_scale(spectra), colour_map())
        for panel, (name, data) in zip(axes, panels, strict=True):
            _draw(panel, spectra, data, colours, features=name != RADIANCE)
            panel.set_ylabel(name)
        if any(line.get_marker() == "o" for line in axes[0].lines):
            dot = Line2D([], [], linestyle="", marker="o", color="white", label="Christiansen feature", **DOT)
            figure.legend(handles=[dot], loc="lower right", handletextpad=0.1, borderaxespad=0.3, borderpad=0.2)
        _label_wavenumbers(axes, spectra.wavenumber / PER_CM)
        _add_colour_bar(figure, axes, colours, spectra)
        figure.align_ylabels()
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure


def _scale(spectra: Spectra) -> "Normalize":
    """Return the scale of the colours, one value in the middle of it."""
    from matplotlib.colors import LogNorm, Normalize

    low, high = float(spectra.values.min()), float(spectra.values.max())
    if low == high:
        low, high = (low / 2.0, 2.0 * high) if spectra.logarithmic else (low - 1.0, high + 1.0)
    return LogNorm(low, high) if spectra.logarithmic else Normalize(low, high)


def _add_colour_bar(figure: "Figure", axes: "list[Axes]", colours: "ScalarMappable", spectra: Spectra) -> None:
    """Add the scale of the colours, in plain numbers."""
    from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter

    bar = figure.colorbar(colours, ax=axes, label=spectra.label, pad=0.02, aspect=18 * len(axes))
    bar.ax.tick_params(which="both", direction="out")
    if spectra.logarithmic:
        bar.ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        bar.ax.yaxis.set_major_formatter(FormatStrFormatter("%g"))
        bar.ax.yaxis.set_minor_formatter(NullFormatter())


def _draw(panel: "Axes", spectra: Spectra, data: FloatArray, colours: "ScalarMappable", *, features: bool) -> None:
    """Draw one line per run, and if wanted a dot where its Christiansen feature is."""
    wavenumber = spectra.wavenumber / PER_CM
    width = float(np.clip(8.0 / len(data), 0.4, 1.3))
    shades = colours.to_rgba(spectra.values)
    for run in np.argsort(spectra.values):
        colour = tuple(shades[run])
        panel.plot(wavenumber, data[run], color=colour, linewidth=width)
        feature = christiansen_feature(spectra.wavenumber, data[run]) if features else np.nan
        if np.isfinite(feature):
            height = np.interp(feature, spectra.wavenumber, data[run])
            panel.plot(feature / PER_CM, height, "o", color=colour, **DOT)
    panel.set_xlim(wavenumber[0], wavenumber[-1])
    panel.margins(y=0.06)


def _label_wavenumbers(axes: "list[Axes]", wavenumber: FloatArray) -> None:
    """Label wavenumbers below the lowest panel, and wavelengths above the highest."""
    axes[-1].set_xlabel("Wavenumber [cm$^{-1}$]")
    if wavenumber[-1] > WIDE * wavenumber[0]:
        axes[-1].set_xscale("log")
    above = axes[0].secondary_xaxis("top")
    above.grid(visible=False)
    wavelengths = _ticks(wavenumber[0], wavenumber[-1])
    above.set_xticks([1e4 / wavelength for wavelength in wavelengths], [f"{w:g}" for w in wavelengths])
    above.minorticks_off()
    above.set_xlabel("Wavelength [µm]")


def _ticks(low: float, high: float) -> list[float]:
    """Return wavelengths [µm] for ticks between two wavenumbers [cm⁻¹], none too near another."""
    along = math.log if high > WIDE * low else float
    ticks: list[float] = []
    for wavelength in WAVELENGTHS_UM:
        place = 1e4 / wavelength
        near = [tick for tick in ticks if abs(along(1e4 / tick) - along(place)) < CROWDED * (along(high) - along(low))]
        if low <= place <= high and not near:
            ticks.append(wavelength)
    return ticks
