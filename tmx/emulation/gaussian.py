"""Gaussian processes, one for each component: best where simulations are some thousand at most.

scikit-learn finds length scales, amplitude and noise by the marginal likelihood of some of the samples, for a squared
exponential (smooth responses) and a Matern-5/2 kernel (less smooth ones); the likelier one is taken. Conditioning on
all samples, and predicting, is linear algebra that is done here: a stored process is a few arrays, and whoever predicts
needs no scikit-learn.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, cholesky, solve_triangular
from threadpoolctl import threadpool_limits

from tmx.errors import MissingPackageError

FloatArray = npt.NDArray[np.float64]

SEARCHED_ON = 400
"""Samples on which kernels are compared: the search costs the cube of their number at every step."""

STEPS = 30
"""Steps of the search; more bring hardly anything."""

MOST_KEPT_BYTES = 1 << 29
"""Factorised matrices that are kept between predictions."""

POINTS_AT_ONCE = 512

SQUARED_EXPONENTIAL, MATERN = 0, 1

JITTER = 1e-10
"""Added to the diagonal, so that equal inputs do no harm."""


@dataclass(frozen=True, eq=False)
class GaussianProcesses:
    """Independent processes over the same inputs, with mean 0 and one output each.

    Attributes
    ----------
    x : ndarray, shape (samples, coordinates)
        Inputs in training.
    z : ndarray, shape (samples, processes)
        Outputs in training.
    kind : ndarray of int, shape (processes,)
        The kernel: 0 squared exponential, 1 Matern-5/2.
    amplitude, noise : ndarray, shape (processes,)
        Variance of the process, and of what is independent from sample to sample.
    lengths : ndarray, shape (processes, coordinates)
        Over what distance the response changes.
    """

    x: FloatArray
    z: FloatArray
    kind: npt.NDArray[np.int64]
    amplitude: FloatArray
    noise: FloatArray
    lengths: FloatArray
    _kept: dict[int, tuple[FloatArray, FloatArray]] = field(default_factory=dict, repr=False, init=False)

    name: ClassVar[str] = "gp"
    title: ClassVar[str] = "Gaussian processes"

    @classmethod
    def fit(cls, x: FloatArray, z: FloatArray, seed: int) -> "GaussianProcesses":
        """Find the kernels for some samples.

        Raises
        ------
        MissingPackageError
            If scikit-learn is missing.
        """
        some = np.random.default_rng(seed).permutation(len(x))[:SEARCHED_ON]
        with threadpool_limits(1):  # matrices of this size are done before a second thread has begun
            found = [_search(x[some], column) for column in z[some].T]
        kind, amplitude, noise, lengths = (np.array(values) for values in zip(*found, strict=True))
        return cls(x, z, kind, amplitude, noise, lengths)

    def predict(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return means and variances at some points, each of shape (points, processes)."""
        mean, variance = (np.empty((len(points), self.z.shape[1])) for _ in range(2))
        for process in range(self.z.shape[1]):
            factor, weights = self._conditioned(process)
            for rows in _slices(len(points)):
                across = self.kernel(process, points[rows], self.x)
                mean[rows, process] = across @ weights
                explained = (solve_triangular(factor, across.T, lower=True, check_finite=False) ** 2).sum(axis=0)
                variance[rows, process] = np.maximum(self.amplitude[process] - explained, 0.0) + self.noise[process]
        return mean, variance

    def kernel(self, process: int, one: FloatArray, other: FloatArray) -> FloatArray:
        """Return the covariance of two sets of points, without noise.

        References
        ----------
        Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, equations 4.9 and 4.17.
        """
        scaled = (points / self.lengths[process] for points in (one, other))
        squared = _squared_distances(*scaled)
        if self.kind[process] == SQUARED_EXPONENTIAL:
            correlation = np.exp(-0.5 * squared)
        else:
            distance = np.sqrt(5.0 * squared)
            correlation = (1.0 + distance + distance**2 / 3.0) * np.exp(-distance)
        covariance: FloatArray = self.amplitude[process] * correlation
        return covariance

    def covariance(self, process: int, points: FloatArray) -> FloatArray:
        """Return how a process that knows the samples still varies at some points, shape (points, points)."""
        factor, _ = self._conditioned(process)
        explained = solve_triangular(factor, self.kernel(process, self.x, points), lower=True, check_finite=False)
        left: FloatArray = self.kernel(process, points, points) - explained.T @ explained
        return left

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what it consists of, to be stored."""
        return {name: getattr(self, name) for name in ("x", "z", "kind", "amplitude", "noise", "lengths")}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> "GaussianProcesses":
        """Make one of what was stored."""
        return cls(**arrays)

    def _conditioned(self, process: int) -> tuple[FloatArray, FloatArray]:
        """Return the Cholesky factor of the samples' covariance, and the weights of their outputs in a mean."""
        if process in self._kept:
            return self._kept[process]
        covariance = self.kernel(process, self.x, self.x)
        covariance[np.diag_indices_from(covariance)] += self.noise[process] + JITTER
        factor = cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
        weights = cho_solve((factor, True), self.z[:, process], check_finite=False)
        if factor.nbytes * self.z.shape[1] <= MOST_KEPT_BYTES:
            self._kept[process] = factor, weights
        return factor, weights


def _search(x: FloatArray, z: FloatArray) -> tuple[int, float, float, FloatArray]:
    """Return kind, amplitude, noise and length scales of the likelier kernel."""
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
    except ImportError:
        raise MissingPackageError("training", "emulate") from None
    bounds, start = (0.05, 200.0), np.full(x.shape[1], 3.0)
    best: tuple[float, Any, int] | None = None
    for kind, shape in ((SQUARED_EXPONENTIAL, RBF(start, bounds)), (MATERN, Matern(start, bounds, nu=2.5))):
        kernel = ConstantKernel(10.0, (1e-3, 1e5)) * shape + WhiteKernel(1e-5, (1e-8, 1.0))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # at a bound: the input hardly matters
            model = GaussianProcessRegressor(kernel, alpha=JITTER, optimizer=_climb).fit(x, z)
        if best is None or model.log_marginal_likelihood_value_ > best[0]:
            best = (model.log_marginal_likelihood_value_, model.kernel_, kind)
    assert best is not None  # noqa: S101 (there are two kernels)
    product, noise = best[1].k1, best[1].k2
    lengths = np.broadcast_to(product.k2.length_scale, (x.shape[1],)).astype(np.float64)
    return best[2], float(product.k1.constant_value), float(noise.noise_level), lengths


def _climb(objective: Any, start: FloatArray, bounds: FloatArray) -> tuple[FloatArray, float]:
    """Search as scikit-learn does, but for a while only."""
    from scipy.optimize import minimize

    found = minimize(objective, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": STEPS})
    return found.x, found.fun


def _squared_distances(one: FloatArray, other: FloatArray) -> FloatArray:
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None, :] - 2.0 * one @ other.T
    return np.asarray(np.maximum(squares, 0.0))


def _slices(count: int) -> Iterator[slice]:
    for start in range(0, count, POINTS_AT_ONCE):
        yield slice(start, start + POINTS_AT_ONCE)
