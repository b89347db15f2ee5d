"""Local times: 24 hours to a solar day, midnight at 0."""

import numpy as np

from tmx.storage.records import FloatArray


def local_hours(times: FloatArray, period: float) -> FloatArray:
    """Return the local times of times since midnight [s] in a solar day of `period` [s], from 0 to below 24 [h]."""
    return np.asarray(np.mod(24.0 * times / period, 24.0))


def hours_apart(hours: FloatArray, wanted: float) -> FloatArray:
    """Return how far local times are from one that is wanted, the shorter way around the clock [h]."""
    return np.asarray(np.abs(np.mod(hours - wanted + 12.0, 24.0) - 12.0))
