"""What benchmarks yield: rows, each a measured value of tmx and, where there is one, that of what stands beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Measurement = Callable[[], Iterator["Row"]]


@dataclass(frozen=True)
class Row:
    """A measurement, by itself or side by side with another.

    Attributes
    ----------
    case : str
        What is computed.
    tmx : float, optional
        What tmx takes [`unit`]; none where the measurement failed.
    accuracy : str
        How accurate that is, or what else there is to say of it.
    other : str
        What it is compared with.
    beside : float, optional
        What the other takes [`unit`].
    other_accuracy : str
        How accurate the other is.
    unit : str
        Unit of both; seconds are shown as µs, ms or s.
    failed : str
        Why there is no measurement.
    """

    case: str
    tmx: float | None = None
    accuracy: str = ""
    other: str = ""
    beside: float | None = None
    other_accuracy: str = ""
    unit: str = "s"
    failed: str = ""

    @property
    def ratio(self) -> float | None:
        """What the other takes over what tmx takes; above 1, tmx takes less."""
        if self.tmx is None or self.beside is None:
            return None
        return self.beside / self.tmx

    def shown(self, value: float | None) -> str:
        """Return a value with its unit."""
        if value is None:
            return ""
        return duration(value) if self.unit == "s" else f"{value:.3g} {self.unit}"

    def __str__(self) -> str:
        if self.failed:
            return f"{self.case}: not measured: {self.failed}"
        text = f"{self.case}: {self.shown(self.tmx)}{_in_brackets(self.accuracy)}"
        if self.ratio is None:
            return text
        beside = f"{self.other}: {self.shown(self.beside)}{_in_brackets(self.other_accuracy)}"
        return f"{text}; {beside}; ratio {significant(self.ratio, 2)}"


def attempted(case: str, measure: Measurement) -> Iterator[Row]:
    """Yield the rows of a measurement; if it fails, a row that says why, so that the others go on."""
    try:
        yield from measure()
    except Exception as error:
        reason = str(error).strip().splitlines() or [""]
        yield Row(case, failed=f"{type(error).__name__}: {reason[0]}")


def each_attempted(cases: dict[str, Measurement]) -> Iterator[Row]:
    """Yield the rows of several measurements, of which each may fail."""
    for case, measure in cases.items():
        yield from attempted(case, measure)


def error_text(error: npt.NDArray[np.float64]) -> str:
    """Return the largest and the root mean square of errors of temperature [K]."""
    return f"{np.abs(error).max():.3f} K, RMS {np.sqrt(np.mean(error**2)):.3f} K"


def duration(seconds: float) -> str:
    """Return a duration with the unit in which it has the least digits before the point."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{significant(seconds / size, 3)} {unit}"
    return f"{significant(seconds / 1e-6, 3)} µs"


def significant(value: float, digits: int) -> str:
    """Return a number with so many significant digits, or all before the point, and commas at thousands."""
    whole = len(str(int(abs(value))))
    return f"{value:,.0f}" if whole >= digits else f"{value:.{digits}g}"


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""
