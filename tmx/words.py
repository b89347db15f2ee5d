"""Numbers as people want to see them, on the command line and in the browser."""

import math
from typing import Any

SMALL_M = 1e-3
"""Lengths below are said in µm: those of grains."""


def shown(value: Any) -> str:
    """Return a value in six digits at most, on one line; nothing for none."""
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value).replace("\n", " ")


def unit_of_people(unit: str, largest: float) -> tuple[float, str]:
    """Return a factor and the unit in which people read numbers up to `largest` best: degrees and, of grains, µm."""
    if unit == "rad":
        return 180.0 / math.pi, "°"
    return (1e6, "µm") if unit == "m" and 0.0 < largest < SMALL_M else (1.0, unit)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def size_of(count: int) -> str:
    """Return a number of bytes as people want to see it."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000.0:
            return f"{size:.3g} {unit}"
        size /= 1000.0
    return f"{size:.3g} TB"


def duration_of(seconds: float) -> str:
    """Return a time as people want to see it: `3.2 ms`, `12 s`, `4 min`, `2.5 h`, `3 d`."""
    for below, size, unit in ((1.0, 1e-3, "ms"), (100.0, 1.0, "s"), (6000.0, 60.0, "min"), (172800.0, 3600.0, "h")):
        if seconds < below:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 86400.0:.3g} d"
