"""Small neural networks, a few that were trained apart: for more samples than Gaussian processes can take.

scikit-learn trains them. What they consist of, and how they predict, is a few matrices; where they disagree with each
other they are not sure.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from tmx.errors import MissingPackageError

FloatArray = npt.NDArray[np.float64]

MEMBERS = 4
HIDDEN = (64, 64)
STEPS = 500
"""Steps of the quasi-Newton training of each."""

PENALTY = 1e-6
"""Weight of the squares of all weights."""


@dataclass(frozen=True, eq=False)
class Networks:
    """An ensemble of networks with hyperbolic tangents between layers.

    Attributes
    ----------
    weights, biases : tuple of ndarray
        Of each layer, for all members: shapes (members, from, to) and (members, to).
    scatter : ndarray, shape (outputs,)
        Variance in training of what the ensemble does not follow.
    """

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    scatter: FloatArray

    name: ClassVar[str] = "network"
    title: ClassVar[str] = "neural networks"

    @classmethod
    def fit(cls, x: FloatArray, z: FloatArray, seed: int) -> "Networks":
        """Train an ensemble.

        Raises
        ------
        MissingPackageError
            If scikit-learn is missing.
        """
        with threadpool_limits(1):  # matrices of this size are done before a second thread has begun
            members = [_train(x, z, seed + member) for member in range(MEMBERS)]
        layers = range(len(HIDDEN) + 1)
        weights = tuple(np.stack([member.coefs_[layer] for member in members]) for layer in layers)
        biases = tuple(np.stack([member.intercepts_[layer] for member in members]) for layer in layers)
        made = cls(weights, biases, np.zeros(z.shape[1]))
        mean, _ = made.predict(x)
        return cls(weights, biases, ((mean - z) ** 2).mean(axis=0))

    def predict(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return means and variances at some points, each of shape (points, outputs)."""
        values = np.broadcast_to(points, (len(self.weights[0]), *points.shape))
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = np.tanh(values @ weights + biases[:, None, :])
        answers = values @ self.weights[-1] + self.biases[-1][:, None, :]
        return answers.mean(axis=0), answers.var(axis=0, ddof=1) + self.scatter

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what it consists of, to be stored."""
        layers = {f"weights_{layer}": values for layer, values in enumerate(self.weights)}
        return {
            **layers,
            **{f"biases_{layer}": values for layer, values in enumerate(self.biases)},
            "scatter": self.scatter,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> "Networks":
        """Make one of what was stored."""
        count = sum(name.startswith("weights_") for name in arrays)
        weights, biases = (tuple(arrays[f"{name}_{layer}"] for layer in range(count)) for name in ("weights", "biases"))
        for before, after in pairwise(weights):
            if before.shape[2] != after.shape[1]:
                raise ValueError("layers do not fit together")
        return cls(weights, biases, arrays["scatter"])


def _train(x: FloatArray, z: FloatArray, seed: int) -> Any:
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPRegressor
    except ImportError:
        raise MissingPackageError("training", "emulate") from None
    model = MLPRegressor(
        hidden_layer_sizes=HIDDEN, activation="tanh", solver="lbfgs", alpha=PENALTY, max_iter=STEPS, max_fun=2 * STEPS,
        random_state=seed,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped after a number of steps
        return model.fit(x, z)
