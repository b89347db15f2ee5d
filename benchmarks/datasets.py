"""Building a dataset beside plain reading of the same files, and random batches beside a network that takes them in."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from unittest import mock

import h5py
import numpy as np

import tmx
from benchmarks.manager import base_config, scratch_directory
from benchmarks.rows import Row
from benchmarks.timing import medians_s
from tmx.datasets.builder import build_dataset
from tmx.datasets.destination import Destination
from tmx.datasets.reading import Dataset
from tmx.execution import runner, worker
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.registry.engine import open_registry
from tmx.sweeps import load_sweep

SAMPLES = 1000
BATCH = 64

SWEEP = """
design: {{type: sobol, n_samples: {samples}}}
parameter_sweeps:
  - {{parameter: k_dust, type: log_uniform, min: 0.01, max: 0.5}}
  - {{parameter: latitude, type: linear, min: 0 deg, max: 60 deg}}
fixed_overrides: {{freq_out: 24, n_bands_out: 216, wn_min_out: 100, wn_max_out: 2000}}
"""

ARRAYS = {
    "thermal": ("thermal_data/T_surf_out", "thermal_data/t_out"),
    "radiance": (
        "smooth_surface/radiance_out",
        "smooth_surface/brightness_temperature",
        "smooth_surface/emissivity",
        "smooth_surface/bolometric_brightness_temperature",
        "smooth_surface/t_out",
        "spectral_grid/wavenumber",
    ),
}
"""What the dataset is made of."""


def run() -> Iterator[Row]:
    """Yield the benchmarks of datasets."""
    with scratch_directory() as directory:
        files = _finished_sweep(directory)
        yield from _building(directory, files)
        yield from _reading(directory)


def _finished_sweep(directory: Path) -> list[Path]:
    """Make a sweep with spectra, whose temperatures are those of one run and a bit of noise; return its files."""
    (directory / "sweep.yaml").write_text(SWEEP.format(samples=SAMPLES))
    base = base_config(directory)
    with open_registry(directory / "tmx.db", create=True) as registry:
        submit_sweep(registry, directory, base, load_sweep(directory / "sweep.yaml"), directory / "results")
        with _noisy_temperatures():
            worker.work(Job(registry, directory))
    return sorted(directory.glob("results/*/*.h5"))


@contextmanager
def _noisy_temperatures() -> Iterator[None]:
    known = {}
    rng = np.random.default_rng(0)
    compute = runner.run_thermal

    def noisy(config):
        if not known:
            known["outcome"] = compute(config)
        outcome = known["outcome"]
        warm = outcome.record.T_surf_out + rng.normal(0.0, 5.0, outcome.record.T_surf_out.shape)
        return replace(outcome, record=replace(outcome.record, T_surf_out=warm))

    with mock.patch.object(runner, "run_thermal", noisy):
        yield


def _building(directory: Path, files: Sequence[Path]) -> Iterator[Row]:
    with open_registry(directory / "tmx.db") as registry:

        def build() -> None:
            build_dataset(registry, directory, "results", directory / "ml_dataset.h5")

        def build_shards() -> None:
            version = f"1.0.{time.monotonic_ns()}"
            build_dataset(registry, directory, "results", Destination(directory / "shards", version, 20_000_000))

        megabytes = sum(path.stat().st_size for path in files) / 1e6
        plain, single, shards = medians_s([lambda: _read_plainly(files), build, build_shards], 5)
        for name, taken in (("one file", single), ("shards", shards)):
            yield Row(
                f"building {name}: {SAMPLES} samples, spectra of 216 bands at 24 times",
                taken,
                f"{SAMPLES / taken:.0f} samples a second, from {megabytes:.0f} MB of files",
                "h5py: reading the same arrays, and nothing else",
                plain,
            )


def _read_plainly(files: Sequence[Path]) -> None:
    for path in files:
        with h5py.File(path, locking=False) as file:
            for name in ARRAYS[path.parent.name.removesuffix("_results")]:
                file[name][()]


def _reading(directory: Path) -> Iterator[Row]:
    (shards,) = list((directory / "shards").iterdir())[:1]
    for what, path in (("one file", directory / "ml_dataset.h5"), ("shards", shards)):
        with tmx.datasets.open(path) as dataset:
            calls = [partial(_read_all, dataset, ["emissivity"]), partial(_read_all, dataset, None)]
            one, everything, network = medians_s([*calls, partial(_train, dataset)], 5)
        count = dataset.splits["train"]
        for name, taken in (("emissivity", one), ("all outputs", everything)):
            yield Row(
                f"random batches of {BATCH} from {what}, {name}: a sample",
                taken / count,
                f"{count / taken:.0f} samples a second",
                "a network of 3 × 256 that learns from them, in numpy",
                network / count,
            )


def _read_all(dataset: Dataset, outputs: list[str] | None) -> None:
    for _ in dataset.batches("train", BATCH, seed=0, outputs=outputs):
        pass


def _train(dataset: Dataset) -> None:
    """Go through an epoch with a network from the inputs to the spectra, without reading anything."""
    rng = np.random.default_rng(0)
    widths = (len(dataset.inputs.names), 256, 256, 256, int(np.prod(dataset.outputs["emissivity"].shape)))
    layers = [rng.normal(0.0, 0.05, pair).astype("f4") for pair in pairwise(widths)]
    batch, target = (rng.random((BATCH, width)).astype("f4") for width in (widths[0], widths[-1]))
    for _ in range(0, dataset.splits["train"], BATCH):
        values = [batch]
        for layer in layers:
            values.append(np.maximum(values[-1] @ layer, 0.0))
        slope = values[-1] - target
        for layer, value in zip(reversed(layers), reversed(values[:-1]), strict=True):
            gradient, slope = value.T @ slope, (slope @ layer.T) * (value > 0.0)
            layer -= 1e-3 * gradient
