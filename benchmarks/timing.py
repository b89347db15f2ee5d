"""Timing within a process: the median of repeated calls, in turn where things are compared."""

import statistics
import time
from collections.abc import Callable

REPETITIONS = 9


def median_s(call: Callable[[], object], repetitions: int = REPETITIONS) -> float:
    """Return the median duration of a call [s], after one that is not counted."""
    return medians_s([call], repetitions)[0]


def medians_s(calls: list[Callable[[], object]], repetitions: int = REPETITIONS) -> list[float]:
    """Return the median duration of each call [s]; they take turns, so that a busy machine hits all alike."""
    durations: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(repetitions):
        for call, taken in zip(calls, durations, strict=True):
            before = time.perf_counter()
            call()
            taken.append(time.perf_counter() - before)
    return [statistics.median(taken) for taken in durations]
