"""An emulator: standardised inputs, principal components of every output, and a model of the components.

`train` learns one from a dataset, `Emulator.predict` uses it, `tmx.emulation.files` keeps it. Error bars come from the
model (how far a point is from those that it has seen), from what the components leave out, and from one factor for each
output that makes them right on the validation part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tmx.config.problems import suggestion
from tmx.datasets.layout import Output
from tmx.datasets.reading import Dataset
from tmx.emulation.components import Components
from tmx.emulation.gaussian import GaussianProcesses
from tmx.emulation.inputs import InputSpace
from tmx.emulation.models import MODELS, Model
from tmx.errors import ConfigError, NotFoundError

FloatArray = npt.NDArray[np.float64]

MOST_FOR_PROCESSES = 4000
"""Samples that Gaussian processes take: their cost grows with the cube."""

FEWEST = 16
"""Fewer samples teach nothing."""

FEWEST_FOR_CALIBRATION = 10

SMALLEST_FACTOR = 0.05
"""Error bars are not made smaller than this part of what the model says."""


@dataclass(frozen=True)
class Prediction:
    """An output at some points, with its error bars, each of shape (points, …).

    Attributes
    ----------
    mean : ndarray
        In the unit of the output.
    std : ndarray
        Standard deviation of the error that is to be expected.
    """

    mean: FloatArray
    std: FloatArray


@dataclass(frozen=True, eq=False)
class OutputEmulator:
    """The emulator of one output.

    Attributes
    ----------
    output : Output
        Name, unit, axes.
    present : ndarray of bool, shape (elements,)
        Elements that have a number in every sample; the others are predicted as missing.
    components : Components
        Of those elements.
    strength : ndarray, shape (components,)
        Standard deviations of the components in training, by which the model's outputs are measured.
    model : Model
        Predicts the components.
    factor : float
        What error bars are multiplied with, as learnt from the validation part.
    """

    output: Output
    present: npt.NDArray[np.bool_]
    components: Components
    strength: FloatArray
    model: Model
    factor: float = 1.0

    def predict(self, coordinates: FloatArray) -> Prediction:
        """Predict the output at some coordinates."""
        scores, variances = self.model.predict(coordinates)
        values, std = self.components.expand(scores * self.strength, variances * self.strength**2)
        mean, error = (np.full((len(coordinates), self.present.size), np.nan) for _ in range(2))
        mean[:, self.present], error[:, self.present] = values, self.factor * std
        shape = (len(coordinates), *self.output.shape)
        return Prediction(mean.reshape(shape), error.reshape(shape))


@dataclass(frozen=True, eq=False)
class Emulator:
    """Stands in for simulations of the kind that it was trained on.

    Attributes
    ----------
    space : InputSpace
        The inputs.
    outputs : dict
        The emulator of each output.
    provenance : dict
        What it was trained on, and how.
    """

    space: InputSpace
    outputs: Mapping[str, OutputEmulator]
    provenance: Mapping[str, Any]

    def predict(
        self, points: FloatArray | Mapping[str, Any] | Sequence[Mapping[str, Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, Prediction]:
        """Predict outputs at some points.

        Parameters
        ----------
        points : ndarray, mapping or sequence of mapping
            Inputs by name: of one point, of many as an array for each input, or of several one after the other; or
            as columns of a dataset, shape (points, columns). Numbers are in the units of the dataset.
        outputs : sequence of str, optional
            Which; by default all.

        Raises
        ------
        ConfigError
            If inputs are missing, unknown or not acceptable.
        NotFoundError
            If there is no such output.
        """
        coordinates = self.space.coordinates(self.columns(points))
        return {name: self.outputs[name].predict(coordinates) for name in self._known(outputs)}

    def columns(self, points: FloatArray | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> FloatArray:
        """Return points as columns of a dataset, shape (points, columns)."""
        if isinstance(points, Mapping):
            return self.space.table(points)
        if not isinstance(points, np.ndarray):
            return self.space.rows(points)
        if points.ndim != 2 or points.shape[1] != len(self.space.names):
            names = ", ".join(self.space.names)
            raise ConfigError(f"inputs: an array of shape {points.shape}, where (points, {len(self.space.names)}) is"
                              f" needed, with the columns {names}")  # fmt: skip
        return points.astype(np.float64, copy=False)

    def _known(self, names: Sequence[str] | None) -> Sequence[str]:
        for name in names or ():
            if name not in self.outputs:
                there = ", ".join(self.outputs)
                raise NotFoundError(
                    f"this emulator has no output {name!r}{suggestion(name, self.outputs)} (it has {there})"
                )
        return list(self.outputs) if names is None else names


def train(
    dataset: Dataset,
    outputs: Sequence[str] | None = None,
    *,
    model: str = GaussianProcesses.name,
    samples: int | None = None,
    seed: int = 42,
) -> Emulator:
    """Train an emulator on the training part of a dataset.

    Parameters
    ----------
    dataset : Dataset
        The dataset.
    outputs : sequence of str, optional
        Which outputs; by default all.
    model : str
        One of `MODELS`: `gp` or `network`.
    samples : int, optional
        Only the first so many samples of the training part, in the order of the sweep: those of a Sobol' sequence
        are evenly spread wherever it is cut. Gaussian processes take 4,000 at most.
    seed : int
        For what is left to chance.

    Raises
    ------
    ConfigError
        If there are too few samples, or more asked for than there are; or scikit-learn is missing.
    NotFoundError
        If there is no such output or part.
    """
    rows = _training_rows(dataset, model, samples)
    inputs = dataset.read("train", None, rows).astype(np.float64)
    space = InputSpace.of(dataset.inputs, inputs)
    coordinates = space.coordinates(inputs)
    validation = _validation(dataset, space)
    made = {}
    for name in dataset.outputs if outputs is None else outputs:
        values = dataset.read("train", name, rows)
        raw = _fit(dataset.outputs[name], coordinates, values, model, seed)
        made[name] = _calibrated(raw, validation, lambda name=name: dataset.read("val", name))  # type: ignore[misc]
    provenance = {
        "dataset": dataset.path.name,
        "dataset_fingerprint": dataset.fingerprint,
        "model": model,
        "samples": len(rows),
        "seed": seed,
        "calibrated_on": 0 if validation is None else len(validation),
    }
    return Emulator(space, made, provenance)


def _training_rows(dataset: Dataset, model: str, samples: int | None) -> npt.NDArray[np.intp]:
    there = dataset.splits.get("train", 0)
    if samples is not None and samples > there:
        raise ConfigError(f"samples: {samples}, but the training part of {dataset.path} has {there}")
    most = min(samples or there, MOST_FOR_PROCESSES if model == GaussianProcesses.name else there)
    if most < FEWEST:
        raise ConfigError(f"{dataset.path}: {most} samples for training are too few; at least {FEWEST} are needed")
    return np.arange(most)


def _validation(dataset: Dataset, space: InputSpace) -> FloatArray | None:
    """Return the coordinates of the validation part, if it is large enough to learn from."""
    if dataset.splits.get("val", 0) < FEWEST_FOR_CALIBRATION:
        return None
    return space.coordinates(dataset.read("val").astype(np.float64))


def _fit(output: Output, coordinates: FloatArray, values: npt.NDArray[Any], model: str, seed: int) -> OutputEmulator:
    flat = values.reshape(len(values), -1).astype(np.float64)
    present: npt.NDArray[np.bool_] = np.asarray(np.isfinite(flat).all(axis=0))
    if not present.any():
        raise ConfigError(f"output {output.name}: no element has a number in every sample; choose other outputs")
    components = (Components.apart if output.has_quantities else Components.of)(flat[:, present])
    scores = components.scores(flat[:, present])
    strength = scores.std(axis=0) if model == GaussianProcesses.name else np.full(len(components), scores.std())
    strength = np.where(strength > 0.0, strength, 1.0)
    fitted = MODELS[model].fit(coordinates, scores / strength, seed)
    return OutputEmulator(output, present, components, strength, fitted)


def _calibrated(
    emulator: OutputEmulator, validation: FloatArray | None, truth: Callable[[], npt.NDArray[Any]]
) -> OutputEmulator:
    """Choose the factor of the error bars so that they are as large as errors are on the validation part."""
    if validation is None:
        return emulator
    predicted = emulator.predict(validation)
    ratio = ((predicted.mean - truth()) / predicted.std).reshape(len(validation), -1)
    ratio = ratio[np.isfinite(ratio)]
    if not ratio.size:
        return emulator
    return replace(emulator, factor=max(float(np.sqrt(np.mean(ratio**2))), SMALLEST_FACTOR))
