"""How good emulators are: errors along an axis, error bars against errors, and what more samples bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tmx.figures.style import COLOURS, DOT, ONE_COLUMN, STYLE, TWO_COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = npt.NDArray[np.float64]

MOST_DOTS = 5000
"""Predictions that are drawn as dots."""

MOST_CURVES = len(COLOURS)


@dataclass(frozen=True, eq=False)
class EmulatorErrors:
    """An output on a part that the emulator has not seen.

    Attributes
    ----------
    title : str
        What it is.
    unit : str
        Of the output.
    axis : str
        Label of the axis along which errors are shown; empty if the output is a number.
    places : ndarray, shape (places,)
        The axis.
    truth, mean, std : ndarray, shape (samples, places)
        True and predicted values, and error bars.
    levels, coverage : ndarray, shape (levels,)
        Probabilities of intervals, and the part of the errors within them.
    """

    title: str
    unit: str
    axis: str
    places: FloatArray
    truth: FloatArray
    mean: FloatArray
    std: FloatArray
    levels: FloatArray
    coverage: FloatArray


def emulator_figure(outputs: Sequence[EmulatorErrors], title: str = "") -> "Figure":
    """Draw a row of three panels for each output.

    On the left errors along its axis, in the middle predicted against true values, on the right how often errors are
    within their bars.

    Parameters
    ----------
    outputs : sequence of EmulatorErrors
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(1.35 * TWO_COLUMNS, 2.7 * len(outputs) + 0.3), layout="constrained")
        for row, output in zip(figure.subplots(len(outputs), 3, squeeze=False), outputs, strict=True):
            _draw_errors(row[0], output)
            _draw_values(row[1], output)
            _draw_calibration(row[2], output)
        if title:
            figure.suptitle(title, fontsize=10.0)
    return figure


def curve_figure(curves: Mapping[str, tuple[Sequence[int], Sequence[float]]], unit: str, title: str = "") -> "Figure":
    """Draw the error of emulators against the number of samples that they were trained on.

    Parameters
    ----------
    curves : mapping
        By label, the numbers of samples and the root mean square errors.
    unit : str
        Of the errors.
    title : str
        A line above the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(1.3 * ONE_COLUMN, 3.2), layout="constrained")
        axes = figure.subplots()
        for number, (label, (samples, errors)) in enumerate(list(curves.items())[:MOST_CURVES]):
            axes.plot(samples, errors, "o-", color=COLOURS[number], label=label, **DOT)
        axes.set(
            xscale="log",
            yscale="log",
            xlabel="Samples for training",
            ylabel=_with_unit("RMS error on the test part", unit),
        )
        counts = sorted({count for samples, _ in curves.values() for count in samples})
        axes.set_xticks(counts)
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.legend()
        if title:
            axes.set_title(title, fontsize=10.0)
    return figure


def _draw_errors(axes: "Axes", output: EmulatorErrors) -> None:
    error = output.mean - output.truth
    if not output.axis:
        axes.hist(error.ravel(), bins=40, color=COLOURS[5], edgecolor="white", linewidth=0.4)
        axes.set(xlabel=_with_unit("Error", output.unit), ylabel="Samples")
        return
    rms = np.sqrt(np.nanmean(error**2, axis=0))
    axes.plot(output.places, np.nanmax(np.abs(error), axis=0), ":", color=COLOURS[1], label="largest")
    axes.plot(output.places, rms, color=COLOURS[0], label="RMS")
    axes.plot(output.places, np.sqrt(np.nanmean(output.std**2, axis=0)), "--", color="black", label="error bar")
    axes.set(yscale="log", xlabel=output.axis, ylabel=_with_unit("Error", output.unit), title=output.title)
    axes.title.set_fontsize(9.0)
    axes.legend()


def _draw_values(axes: "Axes", output: EmulatorErrors) -> None:
    truth, mean = output.truth.ravel(), output.mean.ravel()
    some = np.linspace(0, truth.size - 1, min(truth.size, MOST_DOTS)).astype(int)
    low, high = np.nanmin(truth), np.nanmax(truth)
    axes.plot([low, high], [low, high], color="black", linewidth=0.7)
    axes.plot(truth[some], mean[some], ".", color=COLOURS[0], markersize=2.0, rasterized=True)
    axes.set(xlabel=_with_unit("Simulated", output.unit), ylabel=_with_unit("Emulated", output.unit))


def _draw_calibration(axes: "Axes", output: EmulatorErrors) -> None:
    axes.plot([0.0, 1.0], [0.0, 1.0], color="black", linewidth=0.7)
    axes.plot(output.levels, output.coverage, "o-", color=COLOURS[2], **DOT)
    axes.set(xlabel="Probability of an interval", ylabel="Errors within it", xlim=(0, 1), ylim=(0, 1), aspect="equal")


def _with_unit(what: str, unit: str) -> str:
    return what if unit == "1" else f"{what} [{unit}]"
