"""What a case of the validation gives: numbers with their tolerances, a figure, and a few sentences."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from tmx.figures.style import STYLE, TWO_COLUMNS

FloatArray = npt.NDArray[np.float64]

HEIGHT = 2.7
"""Height of a row of panels [in]."""


@dataclass(frozen=True)
class Check:
    """A difference from the truth, and how large it may be.

    Attributes
    ----------
    what : str
        What is compared.
    truth : str
        With what, and how well that is known.
    error, tolerance : float
        The difference, and the largest that passes.
    unit : str
        Unit of both; none where they are relative.
    """

    what: str
    truth: str
    error: float
    tolerance: float
    unit: str = ""

    @property
    def passes(self) -> bool:
        """Whether the difference is as small as it must be; one that is no number is not."""
        return bool(self.error <= self.tolerance)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a case gave.

    Attributes
    ----------
    checks : sequence of Check
        At least one.
    figure : matplotlib.figure.Figure
        What was compared.
    caption : str
        What the figure shows.
    text : str
        What the case shows and where its limits are.
    """

    checks: Sequence[Check]
    figure: Figure
    caption: str
    text: str


class Case(Protocol):
    """A module of the validation."""

    TITLE: str

    @staticmethod
    def run() -> Outcome:
        """Compute the case."""


def largest(found: Any, truth: Any) -> float:
    """Return the largest absolute difference."""
    return float(np.abs(np.asarray(found) - np.asarray(truth)).max())


def largest_part(found: Any, truth: Any) -> float:
    """Return the largest relative difference."""
    return float(np.abs(np.asarray(found) / np.asarray(truth) - 1.0).max())


def spread(values: FloatArray, count: int) -> npt.NDArray[np.int64]:
    """Return the indices of some ascending values that are about evenly spaced."""
    return np.unique(np.searchsorted(values, np.linspace(values[0], values[-1], count)))


@contextmanager
def panels(columns: int, rows: int = 1) -> Iterator[tuple[Figure, Any]]:
    """Give a figure in the style of the house, as wide as a page, and an array of its axes."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(TWO_COLUMNS, HEIGHT * rows), layout="constrained")
        yield figure, figure.subplots(rows, columns, squeeze=False).ravel()
