"""Single simulations from Python, without a registry.

`ThermalSimulator` runs a config, `run_thermal_simulation_with_config_file` a YAML file, `run_sample_with_config_files`
one sample of a sweep, and `calculate_radiance_from_file` computes spectra from saved temperatures, as often as one
likes.
"""

import logging
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from tmx import __version__
from tmx.config import SimulationConfig, config_from_yaml, config_yaml, load_config
from tmx.config.model import overlay
from tmx.config.reading import fields_read
from tmx.errors import ConfigError, StorageError
from tmx.stages.checks import require_computable
from tmx.stages.keys import VERSIONS, radiance_key, thermal_key
from tmx.stages.outcome import Number, Outcome
from tmx.stages.radiance import load_spectra_kernels, run_radiance
from tmx.stages.thermal import load_kernels, run_thermal
from tmx.storage.atomic import write_atomically
from tmx.storage.hdf5 import read, read_provenance, to_bytes
from tmx.storage.paths import artifact_path, radiance_path_beside
from tmx.storage.records import Provenance, RadianceRecord, Record, ThermalRecord
from tmx.sweeps import count_samples, load_sweep, resolve_samples
from tmx.words import duration_of

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SimulationResult:
    """What a single simulation gave.

    Attributes
    ----------
    config : SimulationConfig
        The resolved config.
    thermal : ThermalRecord
        Temperatures.
    thermal_numbers : dict
        Extremes, residuals and estimated errors of the temperatures.
    thermal_file : Path or None
        Where the temperatures were saved.
    radiance : RadianceRecord or None
        Spectra, if they were asked for.
    radiance_numbers : dict
        Extremes of the spectra.
    radiance_file : Path or None
        Where the spectra were saved.
    warnings : tuple of str
        What is legal but odd in the config, and an accuracy that was not met.
    """

    config: SimulationConfig
    thermal: ThermalRecord
    thermal_numbers: dict[str, Number]
    thermal_file: Path | None
    radiance: RadianceRecord | None = None
    radiance_numbers: dict[str, Number] | None = None
    radiance_file: Path | None = None
    warnings: tuple[str, ...] = ()


class ThermalSimulator:
    """Runs one config.

    Parameters
    ----------
    config : SimulationConfig
        What to simulate.
    save_thermal_data : bool
        Whether the results are saved as HDF5 files.
    output_dir : str or Path
        Where they are saved, under `thermal_results/` and `radiance_results/`.
    """

    def __init__(
        self, config: SimulationConfig, save_thermal_data: bool = False, output_dir: str | Path = "results"
    ) -> None:
        self.config = config
        self.save_thermal_data = save_thermal_data
        self.output_dir = Path(output_dir)

    def run(self, calculate_radiance: bool = False) -> SimulationResult:
        """Compute the temperatures and, if asked for, the spectra.

        Raises
        ------
        ConfigError
            If the config asks for physics that is not available.
        StorageError
            If a result cannot be saved.
        """
        if calculate_radiance:
            require_computable(self.config, "radiance")
        key = thermal_key(self.config)
        load_kernels(self.config)
        thermal, info = timed(lambda: run_thermal(self.config))
        thermal_file = self._save("thermal", key, thermal, info)
        if not calculate_radiance:
            return SimulationResult(
                self.config, thermal.record, thermal.numbers, thermal_file, warnings=_accuracy_warning(thermal.numbers)
            )
        load_spectra_kernels(self.config)
        radiance, radiance_info = timed(lambda: run_radiance(self.config, thermal.record))
        radiance_file = self._save("radiance", radiance_key(self.config, key), radiance, radiance_info)
        return SimulationResult(
            self.config,
            thermal.record,
            thermal.numbers,
            thermal_file,
            radiance.record,
            radiance.numbers,
            radiance_file,
            _accuracy_warning(thermal.numbers),
        )

    def _save(self, stage: str, key: str, outcome: Outcome[Any], info: dict[str, Any]) -> Path | None:
        if not self.save_thermal_data:
            return None
        path = artifact_path(self.output_dir, stage, key)
        write_atomically(path, record_bytes(self.config, key, outcome.record, info))
        return path


def run_thermal_simulation_with_config_file(
    config_path: str | Path,
    parameter_overrides: Mapping[str, object] | None = None,
    save_thermal_data: bool = True,
    calculate_radiance: bool = True,
    output_dir: str | Path = "results",
) -> SimulationResult:
    """Run the simulation that a YAML file describes.

    Parameters
    ----------
    config_path : str or Path
        The file.
    parameter_overrides : mapping, optional
        Field to value, laid over the file.
    save_thermal_data : bool
        Whether the results are saved as HDF5 files.
    calculate_radiance : bool
        Whether spectra are computed as well.
    output_dir : str or Path
        Where results are saved.

    Raises
    ------
    ConfigError
        If the file or an override is not acceptable.
    """
    loaded = load_config(config_path, parameter_overrides)
    result = ThermalSimulator(loaded.config, save_thermal_data, output_dir).run(calculate_radiance)
    return SimulationResult(**{**vars(result), "warnings": (*loaded.warnings, *result.warnings)})


def run_sample_with_config_files(
    config_path: str | Path,
    sweep_path: str | Path,
    index: int,
    parameter_overrides: Mapping[str, object] | None = None,
    save_thermal_data: bool = True,
    calculate_radiance: bool = True,
    output_dir: str | Path = "results",
) -> SimulationResult:
    """Run one sample of a sweep, without a registry: one task of a cluster's array, for instance.

    Parameters
    ----------
    config_path, sweep_path : str or Path
        The files of the sweep.
    index : int
        Which sample, from 0.
    parameter_overrides : mapping, optional
        Field to value, laid over the sample.
    save_thermal_data : bool
        Whether the results are saved as HDF5 files.
    calculate_radiance : bool
        Whether spectra are computed as well, unless the sweep has none.
    output_dir : str or Path
        Where results are saved.

    Raises
    ------
    ConfigError
        If a file or an override is not acceptable, or there is no such sample.
    """
    loaded, sweep = load_config(config_path), load_sweep(sweep_path)
    count = count_samples(sweep, loaded.config)
    if not 0 <= index < count:
        raise ConfigError(f"{sweep.path}: there is no sample {index}: they are 0 to {count - 1}")
    sample = next(islice(resolve_samples(loaded.config, sweep), index, None))
    config = overlay(sample.config, dict(parameter_overrides or {}))
    result = ThermalSimulator(config, save_thermal_data, output_dir).run(calculate_radiance and sweep.radiance)
    return SimulationResult(**{**vars(result), "warnings": (*loaded.warnings, *result.warnings)})


def calculate_radiance_from_file(
    thermal_file: str | Path,
    time_indices: Sequence[int] | None = None,
    output_file_path: str | Path | None = None,
    parameter_overrides: Mapping[str, object] | None = None,
) -> tuple[RadianceRecord, Path]:
    """Compute spectra from saved temperatures, and save them.

    Parameters
    ----------
    thermal_file : str or Path
        A `thermal_sim_….h5`; the config in it says which bands.
    time_indices : sequence of int, optional
        Which of the saved times are wanted; by default all.
    output_file_path : str or Path, optional
        Where the spectra go; by default `radiance_….h5` beside the thermal file.
    parameter_overrides : mapping, optional
        Fields of the radiance stage to change, laid over the config in the file. What the temperatures alone follow
        from cannot be changed any more.

    Returns
    -------
    record : RadianceRecord
        The spectra.
    path : Path
        Where they were saved.

    Raises
    ------
    NotFoundError
        If there is no such file.
    StorageError
        If it is damaged, of another kind or of another version.
    ConfigError
        If a time index is out of range, or an override is not acceptable or would change nothing.
    """
    source = Path(thermal_file)
    thermal, provenance = read(source, ThermalRecord), read_provenance(source, ThermalRecord)
    config = config_from_yaml(provenance.config_yaml, f"{source} (metadata/config_used.yaml)", parameter_overrides)
    for idle in {*(parameter_overrides or {})} - {*fields_read(vars(config), "radiance")}:
        raise ConfigError(f"{idle}: spectra from saved temperatures do not depend on it; `tmx single` computes anew")
    target = Path(output_file_path) if output_file_path else radiance_path_beside(source)
    if target.exists() and target.samefile(source):
        raise StorageError(f"{target}: the spectra would replace the temperatures; choose another output file")
    load_spectra_kernels(config)
    outcome, info = timed(lambda: run_radiance(config, thermal, time_indices))
    key = radiance_key(config, provenance.key)
    write_atomically(target, record_bytes(config, key, outcome.record, {**info, "thermal_key": provenance.key}))
    return outcome.record, target


def timed(compute: Any) -> tuple[Outcome[Any], dict[str, Any]]:
    """Compute an outcome; return it, its wall time among its numbers, with the circumstances for its file."""
    started = datetime.now(UTC)
    before = time.perf_counter()
    outcome = compute()
    outcome.numbers["wall_time"] = time.perf_counter() - before
    if LOG.isEnabledFor(logging.INFO):
        LOG.info(_in_words(outcome))
    info = {
        "tmx_version": __version__,
        "solver_version": VERSIONS[outcome.record.kind],
        "host": platform.node(),
        "started": started.isoformat(timespec="seconds"),
        **outcome.numbers,
    }
    return outcome, info


def _in_words(outcome: Outcome[Any]) -> str:
    """Say what was chosen to compute an outcome, and how good it is."""
    numbers = outcome.numbers
    took = f"{outcome.record.kind} computed in {duration_of(float(numbers['wall_time'] or 0.0))}"
    if outcome.record.kind != "thermal":
        return f"{took}: {numbers['n_bands']} bands at {numbers['n_times']} times"
    return (
        f"{took}: {numbers['n_cells']} cells, {numbers['n_steps']} steps a day, {numbers['days']} days,"
        f" error {numbers['estimated_error']:.2g} K of {numbers['accuracy']:g} K that are allowed"
    )


def record_bytes(config: SimulationConfig, key: str, record: Record, info: dict[str, Any]) -> bytes:
    """Return the HDF5 file of a record, with its config and circumstances."""
    return to_bytes(record, Provenance(key, config_yaml(config, comments=False), info), config.storage_dtype)


def _accuracy_warning(numbers: dict[str, Number]) -> tuple[str, ...]:
    if numbers["accuracy_met"]:
        return ()
    return (
        f"the estimated error of {numbers['estimated_error']:.3g} K exceeds the accuracy of {numbers['accuracy']} K"
        " that was asked for",
    )
