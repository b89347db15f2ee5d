"""What figures of emulators show, as arrays."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tmx.emulation.evaluation import LEVELS, Errors, Score, scores_of
from tmx.figures import EmulatorErrors

FloatArray = npt.NDArray[np.float64]


def drawable_errors(unseen: Sequence[Errors]) -> list[EmulatorErrors]:
    """Return the errors of every output on the first part.

    Outputs of several quantities are left out, since these have no axis in common; those of several dimensions are
    shown along the first one.
    """
    first = [errors for errors in unseen if errors.part == unseen[0].part]
    return [_along_its_axis(errors) for errors in first if not errors.output.has_quantities]


def drawable_curves(
    learnt: Sequence[tuple[int, Sequence[Score]]],
) -> tuple[dict[str, tuple[list[int], list[float]]], str]:
    """Return errors against numbers of samples, for outputs that have the unit of the first one."""
    unit = learnt[0][1][0].unit
    curves: dict[str, tuple[list[int], list[float]]] = {}
    for count, scores in learnt:
        for score in scores:
            if score.unit == unit:
                label = score.name if score.part == "test" else f"{score.name}, {score.part}"
                counts, errors = curves.setdefault(label, ([], []))
                counts.append(count)
                errors.append(score.rmse)
    return curves, unit


def _along_its_axis(errors: Errors) -> EmulatorErrors:
    output = errors.output
    coverage = scores_of(errors)[0].coverage
    truth, mean, std = (_first_axis_last(values) for values in (errors.truth, errors.mean, errors.std))
    if not output.dims:
        return EmulatorErrors(output.name, output.unit, "", np.zeros(1), truth, mean, std, LEVELS, coverage)
    axis = output.coords[output.dims[0]]
    what = re.split("[,;(]", axis.meaning)[0].strip()
    label = f"{what[:1].upper()}{what[1:]} [{axis.unit}]"
    return EmulatorErrors(output.name, output.unit, label, axis.values, truth, mean, std, LEVELS, coverage)


def _first_axis_last(values: FloatArray) -> FloatArray:
    """Return values with one column for each place of the first axis, whatever other axes there are."""
    places = values.shape[1] if values.ndim > 1 else 1
    columns: FloatArray = np.moveaxis(values.reshape(len(values), places, -1), 1, 2).reshape(-1, places)
    return columns
