"""Emulators of diurnal temperatures of Bennu over five parameters: their errors, and whether choosing samples pays.

All are tested on the same 2,000 samples of another sequence. To see what refining is worth, half of a budget is the
beginning of the sequence, and the rest is chosen by emulators in two rounds; against the sequence alone.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.manager import base_config, scratch_directory
from benchmarks.rows import Row, duration
from tmx.config import SimulationConfig
from tmx.datasets.builder import build_dataset
from tmx.datasets.query import Query
from tmx.datasets.reading import Dataset, open_dataset
from tmx.datasets.splits import SplitPolicy
from tmx.emulation.emulator import train
from tmx.emulation.evaluation import Score, evaluate
from tmx.emulation.refinement import refine, refined_sweep
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.execution.worker import work
from tmx.registry.engine import Registry, open_registry
from tmx.sweeps import load_sweep

SWEEP = Path("configs/batch_configs/emulator.yaml")

COUNTS = (250, 500, 1000, 2000)
BUDGETS = (64, 128, 256)

OUTPUT = "T_surf"

QUERY = Query(
    outputs=(OUTPUT,), policy=SplitPolicy(train=1.0, val=0.0), val_sweep="validation", test_sweep="truth"
)  # fmt: skip
"""All samples of a sweep are for training."""


def run() -> Iterator[Row]:
    """Yield errors against the number of samples, and with and without refinement."""
    with scratch_directory() as directory, open_registry(directory / "tmx.db", create=True) as registry:
        bench = _Bench(directory, registry)
        bench.compute("validation", _sobol(200, seed=8))
        bench.compute("truth", _sobol(2000, seed=7))
        dataset = bench.dataset("all", _sobol(max(COUNTS), seed=42))
        for count in COUNTS:
            before = time.perf_counter()
            score = _score(dataset, count)
            took = duration(time.perf_counter() - before)
            yield Row(f"{count} samples: RMS error", score.rmse, f"{_shown(score)}; {took} to train and test", unit="K")
        for budget in BUDGETS:
            plain, chosen = _score(dataset, budget), _score(bench.refined(budget))
            yield Row(
                f"{budget} samples, half of them chosen: RMS error",
                chosen.rmse,
                _shown(chosen),
                "all of a Sobol' sequence",
                plain.rmse,
                _shown(plain),
                unit="K",
            )


class _Bench:
    """A registry in which sweeps are computed."""

    def __init__(self, directory: Path, registry: Registry) -> None:
        self._directory = directory
        self._registry = registry
        self._base = base_config(directory)

    def compute(self, name: str, text: str) -> Path:
        """Compute a sweep and return its file."""
        file = self._directory / f"{name}.yaml"
        file.write_text(text)
        submit_sweep(self._registry, self._directory, self._base, load_sweep(file), self._directory / name)
        work(Job(self._registry, self._directory))
        return file

    def dataset(self, name: str, text: str) -> Dataset:
        """Compute a sweep and build its dataset."""
        self.compute(name, text)
        built = build_dataset(self._registry, self._directory, name, self._directory / f"{name}.h5", QUERY)
        return open_dataset(built.path)

    def refined(self, budget: int) -> Dataset:
        """Return the dataset of a sweep of which half was chosen."""
        name, text = f"refined{budget}", _sobol(budget // 2, seed=42)
        dataset = self.dataset(name, text)
        for number in range(2):
            sweep = load_sweep(self._directory / f"{name}.yaml")
            text = refined_sweep(sweep, refine(train(dataset), sweep, self._config, budget // 4))
            name = f"{name}_{number}"
            dataset = self.dataset(name, text)
        return dataset

    @property
    def _config(self) -> SimulationConfig:
        return self._base.config


def _sobol(count: int, seed: int) -> str:
    text = SWEEP.read_text()
    return text.replace("n_samples: 2048", f"n_samples: {count}").replace("seed: 42", f"seed: {seed}")


def _score(dataset: Dataset, count: int | None = None) -> Score:
    (score,) = evaluate(train(dataset, samples=count), dataset)
    return score


def _shown(score: Score) -> str:
    return (
        f"largest {score.largest:.2f} K; {100 * score.within_1:.0f} and {100 * score.within_2:.0f} % within 1 and 2"
        " error bars"
    )
