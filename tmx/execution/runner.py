"""From a claimed run to a file that is ready to be published and the numbers that go with it."""

import dataclasses
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tmx.config import SimulationConfig, stored_config
from tmx.config.model import overlay
from tmx.errors import StorageError
from tmx.execution.outcomes import Prepared, Watch, describe_failure
from tmx.registry.engine import Registry
from tmx.registry.queue import Claim, Failure, File, Result
from tmx.registry.sql import execute
from tmx.simulation import record_bytes, timed
from tmx.stages.radiance import load_spectra_kernels, run_radiance
from tmx.stages.thermal import load_kernels, run_thermal
from tmx.storage.atomic import stage
from tmx.storage.hdf5 import read
from tmx.storage.paths import artifact_path, in_store, store_relative
from tmx.storage.records import ThermalRecord

SWEEP = """
SELECT c.resolved, w.output_dir FROM sweep w JOIN config c ON c.id = w.config_id WHERE w.id = :sweep_id
"""

NEEDED_BY_RADIANCE = (
    "T_out",
    "T_surf_out",
    "T_base_out",
    "t_out",
    "mu_out",
    "sun_azimuth_out",
    "x_grid",
    "x_boundaries",
    "layer_structure",
    "T_crater_out",
    "T_surf_crater_out",
    "T_base_crater_out",
    "x_grid_crater",
    "x_boundaries_crater",
    "layer_structure_crater",
    "crater_areas",
)

MOST_REMEMBERED = 64
"""Thermal records that a worker keeps in memory: more than the runs that it claims at once."""

MOST_REMEMBERED_BYTES = 1 << 28
"""Bytes of them, but for the last one: the facets of rough surfaces have many temperatures."""


@dataclass(frozen=True)
class _Sweep:
    """What a worker needs to know of a sweep."""

    config: SimulationConfig
    output_dir: Path


class Runner:
    """Computes claimed runs.

    Parameters
    ----------
    registry : Registry
        Where the configs of the sweeps are.
    store : Path
        The store root on this machine.
    begun : callable, optional
        Called when a computation begins: compiled code is loaded by then.
    """

    def __init__(self, registry: Registry, store: Path, begun: Callable[[], None] = lambda: None) -> None:
        self._registry = registry
        self._store = store
        self._begun = begun
        self.seconds = 0.0
        self._sweeps: dict[int, _Sweep] = {}
        self._recent: OrderedDict[str, ThermalRecord] = OrderedDict()

    def compute(self, claim: Claim, _watch: Watch | None = None) -> Prepared | Failure:
        """Compute a run; whatever goes wrong in it is what is to be recorded of it. It cannot be stopped."""
        before = time.perf_counter()
        try:
            return self.prepare(claim)
        except Exception as error:
            return describe_failure(error)
        finally:
            self.seconds = time.perf_counter() - before

    def close(self) -> None:
        """Compute nothing more: there is nothing to be closed."""

    def prepare(self, claim: Claim) -> Prepared:
        """Compute a run and write its file under a staging name.

        The config was checked when the sweep was submitted; a stage only meets the files that it reads itself.

        Raises
        ------
        TmxError
            If the config is not acceptable, or the file cannot be written or read.
        IntegrationError
            If the physics cannot be computed.
        """
        sweep = self._sweep(claim.sweep_id)
        config = overlay(sweep.config, json.loads(claim.params))
        if claim.stage == "thermal":
            load_kernels(config)
            self._begun()
            outcome, info = timed(lambda: run_thermal(config))
            self._remember(claim.key, outcome.record)
        else:
            thermal = self._recent.get(claim.parent_key or "") or self._read_parent(claim)
            load_spectra_kernels(config)
            self._begun()
            outcome, info = timed(lambda: run_radiance(config, thermal))
            info["thermal_key"] = claim.parent_key
        content = record_bytes(config, claim.key, outcome.record, info)
        staged = stage(artifact_path(sweep.output_dir, claim.stage, claim.key), content, claim.token)
        path = store_relative(staged.path, self._store)
        file = File(claim.stage, path, staged.sha256, staged.size)
        return Prepared(staged, Result([file], outcome.numbers))

    def _sweep(self, sweep_id: int) -> _Sweep:
        if sweep_id not in self._sweeps:
            row = self._registry.consult(lambda conn: execute(conn, SWEEP, sweep_id=sweep_id).one())
            config = stored_config(row.resolved)
            self._sweeps[sweep_id] = _Sweep(config, in_store(row.output_dir, self._store))
        return self._sweeps[sweep_id]

    def _remember(self, key: str, record: ThermalRecord) -> None:
        """Keep what spectra need of a record; the next runs are most often the spectra of what was just computed."""
        empty: dict[str, Any] = {field.name: np.empty(0) for field in dataclasses.fields(record)}
        self._recent[key] = ThermalRecord(**{**empty, **{name: getattr(record, name) for name in NEEDED_BY_RADIANCE}})
        sizes = [sum(values.nbytes for values in vars(each).values()) for each in self._recent.values()]
        while len(sizes) > 1 and (len(sizes) > MOST_REMEMBERED or sum(sizes) > MOST_REMEMBERED_BYTES):
            sizes.pop(0)
            self._recent.popitem(last=False)

    def _read_parent(self, claim: Claim) -> ThermalRecord:
        if claim.parent_path is None:
            raise StorageError(f"the file of thermal run {claim.parent_id}, which these spectra build on, was deleted")
        return read(in_store(claim.parent_path, self._store), ThermalRecord, NEEDED_BY_RADIANCE)
