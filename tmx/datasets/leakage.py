"""Whether the parts of a dataset have inputs in common: a network would be tested on what it was trained on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

NEAR = 1e-4
"""Distance, in every input, as a fraction of its range over all parts, below which two samples are nearly identical."""


@dataclass(frozen=True)
class Leak:
    """What two parts have in common.

    Attributes
    ----------
    part, other : str
        The parts.
    identical : int
        Samples of `other` whose inputs are those of a sample of `part`.
    near : int
        Further samples of `other` whose inputs nearly are.
    distance : float
        Median distance of the samples of `other` to the nearest of `part`: of the input that differs most, as a
        fraction of its range.
    """

    part: str
    other: str
    identical: int
    near: int
    distance: float

    def as_dict(self) -> dict[str, Any]:
        """Return it for a script."""
        return asdict(self)


def find_leaks(inputs: Mapping[str, FloatArray]) -> list[Leak]:
    """Compare the inputs of each part with those of every part before it.

    Parameters
    ----------
    inputs : mapping of str to ndarray, shape (samples, parameters)
        The inputs of each part that has samples.
    """
    everything = np.concatenate(list(inputs.values()))
    spread = np.ptp(everything, axis=0)
    scaled = {part: rows / np.where(spread > 0.0, spread, 1.0) for part, rows in inputs.items()}
    return [_leak(part, other, scaled) for part, other in combinations(inputs, 2)]


def _leak(part: str, other: str, scaled: Mapping[str, FloatArray]) -> Leak:
    from scipy.spatial import cKDTree  # scipy.spatial takes longer to import than a small dataset to build

    distances, _ = cKDTree(scaled[part]).query(scaled[other], p=np.inf)
    identical = int((distances == 0.0).sum())
    near = int((distances < NEAR).sum()) - identical
    return Leak(part, other, identical, near, float(np.median(distances)))
