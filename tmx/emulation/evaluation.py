"""How good an emulator is: its errors on samples that it has not seen, and whether its error bars are right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tmx.datasets.layout import Output
from tmx.datasets.reading import Dataset
from tmx.emulation.emulator import Emulator, train
from tmx.errors import ConfigError

FloatArray = npt.NDArray[np.float64]

UNSEEN = ("test", "test_ood")
"""Parts that nothing was learnt from."""

SAMPLES_AT_ONCE = 1024

LEVELS = np.linspace(0.05, 0.95, 19)
"""Probabilities at which error bars are checked."""


@dataclass(frozen=True, eq=False)
class Score:
    """The errors of one output, or of one quantity of it, on one part.

    Attributes
    ----------
    output, quantity, unit : str
        What it is of; `quantity` where the output has several of different units.
    part : str
        The part of the dataset.
    samples : int
        How many samples there are.
    rmse, largest : float
        Root mean square error, and the largest one, in the unit.
    spread : float
        Standard deviation of the true values: the error of always guessing their mean.
    within_1, within_2 : float
        Part of the errors within one and two error bars; 0.683 and 0.954 if they are right.
    coverage : ndarray, shape (levels,)
        Part of the errors within the intervals of the probabilities `LEVELS`.
    """

    output: str
    quantity: str
    unit: str
    part: str
    samples: int
    rmse: float
    largest: float
    spread: float
    within_1: float
    within_2: float
    coverage: FloatArray

    @property
    def name(self) -> str:
        """Output and quantity."""
        return f"{self.output} {self.quantity}".strip()


@dataclass(frozen=True, eq=False)
class Errors:
    """True and predicted values of an output on a part, each of shape (samples, …)."""

    output: Output
    part: str
    truth: FloatArray
    mean: FloatArray
    std: FloatArray


def errors_of(emulator: Emulator, dataset: Dataset, part: str, output: str) -> Errors:
    """Predict an output of a part that is known.

    Raises
    ------
    ConfigError
        If the dataset has other inputs, or the output other axes.
    NotFoundError
        If there is no such part or output.
    """
    _require_same(emulator, dataset, output)
    truth = dataset.read(part, output).astype(np.float64)
    columns = dataset.read(part).astype(np.float64)
    pieces = [
        emulator.predict(columns[start : start + SAMPLES_AT_ONCE], [output])[output]
        for start in range(0, len(columns), SAMPLES_AT_ONCE)
    ]
    mean, std = (np.concatenate([getattr(piece, what) for piece in pieces]) for what in ("mean", "std"))
    return Errors(emulator.outputs[output].output, part, truth, mean, std)


def unseen_errors(emulator: Emulator, dataset: Dataset) -> Iterator[Errors]:
    """Predict every output on the parts that nothing was learnt from, as far as the dataset has them.

    Raises
    ------
    ConfigError
        If the dataset has none of the parts, other inputs, or other axes.
    """
    there = [part for part in UNSEEN if part in dataset.splits]
    if not there:
        raise ConfigError(f"{dataset.path} has none of the parts {', '.join(UNSEEN)}: build it with a test part")
    return (errors_of(emulator, dataset, part, output) for part in there for output in emulator.outputs)


def evaluate(emulator: Emulator, dataset: Dataset) -> list[Score]:
    """Score every output of an emulator on the parts that nothing was learnt from; errors as for `unseen_errors`."""
    return [score for errors in unseen_errors(emulator, dataset) for score in scores_of(errors)]


def scores_of(errors: Errors) -> list[Score]:
    """Score an output; where its last axis has names, such as those of quantities, each of them apart."""
    output = errors.output
    last = output.coords[output.dims[-1]] if output.dims else None
    if last is None or not last.is_named:
        return [_score(errors, "", output.unit)]
    units = [unit.strip() for unit in output.unit.split(",")]
    units = units if len(units) == len(last.values) else [output.unit] * len(last.values)
    return [_score(errors, str(name), units[place], place) for place, name in enumerate(last.values)]


def learning_curve(
    dataset: Dataset, counts: Sequence[int], outputs: Sequence[str] | None = None, *, model: str = "gp", seed: int = 42
) -> list[tuple[int, list[Score]]]:
    """Train on the first so many samples, for several numbers of them, and score each on the same test part.

    Raises
    ------
    ConfigError
        If there are fewer samples, or no test part.
    """
    curve = []
    for count in sorted(set(counts)):
        emulator = train(dataset, outputs, model=model, samples=count, seed=seed)
        curve.append((count, evaluate(emulator, dataset)))
    return curve


def doubled(dataset: Dataset, first: int = 125) -> list[int]:
    """Return numbers of training samples, each twice the one before, up to all that there are."""
    there = dataset.splits.get("train", 0)
    counts = [first * 2**power for power in range(32) if first * 2**power < there]
    return [*counts, there]


def _score(errors: Errors, quantity: str, unit: str, place: int | None = None) -> Score:
    of_it = slice(None) if place is None else slice(place, place + 1)
    truth, mean, std = (values[..., of_it] for values in (errors.truth, errors.mean, errors.std))
    error = mean - truth
    known = np.isfinite(error)
    if not known.any():
        nothing = float("nan")
        return Score(
            errors.output.name, quantity, unit, errors.part, len(truth),
            nothing, nothing, nothing, nothing, nothing, np.full(len(LEVELS), nothing),
        )  # fmt: skip
    error, bars = error[known], std[known]
    size = np.abs(error) / np.maximum(bars, np.finfo(float).tiny)
    from scipy.special import erfinv

    widths = np.sqrt(2.0) * erfinv(LEVELS)
    return Score(
        output=errors.output.name,
        quantity=quantity,
        unit=unit,
        part=errors.part,
        samples=len(truth),
        rmse=float(np.sqrt(np.mean(error**2))),
        largest=float(np.abs(error).max()),
        spread=float(truth[known].std()),
        within_1=float(np.mean(size <= 1.0)),
        within_2=float(np.mean(size <= 2.0)),
        coverage=np.array([np.mean(size <= width) for width in widths]),
    )


def _require_same(emulator: Emulator, dataset: Dataset, output: str) -> None:
    if dataset.inputs.names != emulator.space.names or dict(dataset.inputs.categories) != dict(
        emulator.space.columns.categories
    ):
        there, here = ", ".join(dataset.inputs.names), ", ".join(emulator.space.names)
        raise ConfigError(f"{dataset.path} has the inputs {there}; the emulator was trained with {here}")
    if output in dataset.outputs and dataset.outputs[output].shape != emulator.outputs[output].output.shape:
        raise ConfigError(f"{dataset.path}: output {output} has other axes than in training")
