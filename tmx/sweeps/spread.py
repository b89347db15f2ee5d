"""How values are spread along an axis, where nobody says how they were chosen."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def counts_by_ratios(values: FloatArray, least_ratio: float = 2.0) -> bool:
    """Tell whether numbers are spread as those are that were chosen logarithmically.

    That is so if all are positive, the largest is `least_ratio` times the smallest at least, and their logarithms lie
    more evenly around their mean than they themselves.
    """
    low, high = values.min(), values.max()
    if not 0.0 < low < high < np.inf or high < least_ratio * low:
        return False
    return abs(_skewness(np.log(values))) < abs(_skewness(values))


def _skewness(values: FloatArray) -> float:
    deviation = values - values.mean()
    return float(np.mean(deviation**3) / np.mean(deviation**2) ** 1.5)
