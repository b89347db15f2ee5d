"""From a finished sweep to a dataset with training, validation and test parts, and the papers that go with it.

Samples are read one after the other in the order of their index, so that memory stays flat, and the same samples give
the same bytes. A dataset appears whole or not at all, under a staging name until then.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tmx import __version__
from tmx.datasets.about import About
from tmx.datasets.card import card
from tmx.datasets.croissant import croissant
from tmx.datasets.destination import Destination
from tmx.datasets.layout import Coordinate, FileRecord
from tmx.datasets.leakage import Leak, find_leaks
from tmx.datasets.outputs import KINDS, USUAL, Arrays, OutputReader, read_kinds
from tmx.datasets.planning import Chosen, Plan, make_plan
from tmx.datasets.query import Query
from tmx.datasets.resampling import Survey, on_axes
from tmx.datasets.splits import SplitPolicy
from tmx.datasets.writing import BLOCK_ROWS, DatasetWriter, Description, Rows
from tmx.errors import ConfigError
from tmx.registry.datasets import DatasetRow, record_dataset
from tmx.registry.engine import Registry
from tmx.storage.paths import store_relative

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuiltDataset:
    """A dataset that was built.

    Attributes
    ----------
    path : Path
        The file, or the directory of this version.
    fingerprint : str
        Hash of its content.
    sizes : dict
        Samples of each part.
    excluded : dict
        Samples that were left out, by reason.
    leaks : list of Leak
        What parts have in common.
    resampled : list of str
        The axes in which samples differed.
    """

    path: Path
    fingerprint: str
    sizes: dict[str, int]
    excluded: dict[str, int]
    leaks: list[Leak]
    resampled: list[str]

    @property
    def samples(self) -> int:
        """Samples in all parts."""
        return sum(self.sizes.values())

    @property
    def warnings(self) -> list[str]:
        """What is odd about it."""
        empty = [f"the {part} part is empty" for part, size in self.sizes.items() if not size]
        leaks = [
            f"{leak.identical + leak.near} samples of {leak.other} have inputs of {leak.part}, or nearly"
            for leak in self.leaks
            if leak.identical or leak.near
        ]
        return empty + leaks


def build_dataset(
    registry: Registry,
    store: Path,
    sweep: str,
    path: Path | Destination,
    query: Query | SplitPolicy | None = None,
) -> BuiltDataset:
    """Build the dataset of a sweep and register it.

    Parameters
    ----------
    registry : Registry
        Where the sweep is.
    store : Path
        The store root.
    sweep : str
        Name of the sweep.
    path : Path or Destination
        Where it goes. An earlier file is replaced when the new one is whole; a version that exists is not.
    query : Query or SplitPolicy, optional
        What goes into it, or only how samples are divided.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    ConfigError
        If the query cannot be met, or the version exists.
    StorageError
        If a result file is missing or damaged, or the dataset cannot be written.
    """
    target = path if isinstance(path, Destination) else Destination(path)
    query = query if isinstance(query, Query) else Query(policy=query or SplitPolicy())
    target.check()
    with registry.read() as conn:
        plan = make_plan(conn, sweep, query)
    LOG.info("builds %s from %s", target.place, ", ".join(f"{size} {part}" for part, size in plan.sizes.items()))
    query = replace(query, allow_empty=not all(plan.sizes.values()))  # so that the same parts make the same file
    build = _Build(store, plan, query)
    try:
        written = build.write(target)
    except _AxesDifferError:
        LOG.info("samples have different axes: looks at all of them for common ones")
        build.take_common_axes()
        written = build.write(target)
    _record(registry, store, target, plan, query, written)
    return BuiltDataset(target.place, written.fingerprint, plan.sizes, plan.excluded, build.leaks, build.resampled)


class _AxesDifferError(Exception):
    """A sample has other axes than the first: common ones must be found, by looking at all."""


@dataclass(frozen=True)
class _Written:
    fingerprint: str
    main: FileRecord


class _Build:
    def __init__(self, store: Path, plan: Plan, query: Query) -> None:
        self._plan = plan
        self._query = query
        self._reader = OutputReader(store, read_kinds(query.outputs or USUAL))
        self._first = next(chosen for part in plan.parts.values() for chosen in part)
        found = self._read(self._first)
        self._names = tuple(found.arrays)
        self._require_outputs(found, self._first)
        self._axes: dict[str, Coordinate] = found.coordinates
        self._row_bytes = sum(values.size * KINDS[name].dtype().itemsize for name, values in found.arrays.items())
        self.resampled: list[str] = []
        self.leaks: list[Leak] = find_leaks({part: rows for part, rows in plan.table.items() if len(rows)})

    def take_common_axes(self) -> None:
        """Look at the axes of all samples, and find those that all can be brought to."""
        survey = Survey()
        for chosen in (each for part in self._plan.parts.values() for each in part):
            found = self._reader.read(chosen.member, chosen.outputs_per_day, coordinates_only=True)
            survey.add(found.coordinates, chosen.name)
        self._axes, self.resampled = survey.axes(), survey.different

    def write(self, target: Destination) -> _Written:
        """Write everything under a staging name, and publish it."""
        kinds = {name: KINDS[name] for name in self._names}
        description = Description(self._plan.inputs, kinds, self._axes)
        with target.staged(self._row_bytes) as staging:
            writer = DatasetWriter(staging.storage)
            for part, chosen in self._plan.parts.items():
                writer.write_part(part, len(chosen), self._blocks(part))
            fingerprint = writer.finish(description, self._provenance())
            files = staging.close()
            about = About(
                plan=self._plan, query=self._query, target=target, description=description, moments=writer.moments,
                leaks=self.leaks, resampled=self.resampled, fingerprint=fingerprint, files=files,
            )  # fmt: skip
            staging.publish(_papers(about))
        return _Written(fingerprint, files[0])

    def _blocks(self, part: str) -> Iterator[Rows]:
        """Read the samples of a part, some at a time: name of an array to its rows."""
        chosen, table = self._plan.parts[part], self._plan.table[part]
        for start in range(0, len(chosen), BLOCK_ROWS):
            block = chosen[start : start + BLOCK_ROWS]
            outputs = [self._on_common_axes(each) for each in block]
            yield {
                "sample_index": np.array([each.member.index for each in block]),
                "inputs": table[start : start + len(block)],
                **{
                    f"outputs/{name}": np.stack([each.arrays[name] for each in outputs]).astype(KINDS[name].dtype)
                    for name in self._names
                },
            }

    def _on_common_axes(self, chosen: Chosen) -> Arrays:
        found = self._read(chosen)
        self._require_outputs(found, chosen)
        if all(np.array_equal(own.values, self._axes[dim].values) for dim, own in found.coordinates.items()):
            return found
        if not self.resampled:
            raise _AxesDifferError
        return on_axes(found, self._axes)

    def _read(self, chosen: Chosen) -> Arrays:
        return self._reader.read(chosen.member, chosen.outputs_per_day)

    def _require_outputs(self, found: Arrays, chosen: Chosen) -> None:
        """Make sure that a sample has what was asked for, and no other of the usual outputs than the first one."""
        missing = set(self._query.outputs or self._names) - found.arrays.keys()
        if missing:
            raise ConfigError(
                f"sample {chosen.name} has no output {min(missing)!r}: leave that out of --outputs, or such samples"
                " out with --where"
            )
        more = found.arrays.keys() - set(self._names)
        if more:
            raise ConfigError(
                f"sample {chosen.name} has an output {min(more)!r} that {self._first.name} does not have: say which"
                " --outputs, or leave out such samples with --where"
            )

    def _provenance(self) -> dict[str, Any]:
        definition = self._plan.source.definition
        return {
            "tmx_version": __version__,
            "sweep_sha256": definition["sha256"],
            "design": definition["design"],
            "sweep_seed": definition["seed"],
            "split": self._query.policy.definition(),
            "options": self._query.options(),
            "excluded": self._plan.excluded,
            "resampled": self.resampled,
            "leakage": [leak.as_dict() for leak in self.leaks],
        }


def _papers(about: About) -> dict[str, str]:
    """Return what goes with a dataset for people and for programs, by the name of the file."""
    texts = {
        "README.md": card(about),
        "croissant.json": _json(croissant(about)),
        "stats.json": _json(about.statistics()),
    }
    return {about.target.paper(name): text for name, text in texts.items()}


def _stored_query(target: Destination, plan: Plan, query: Query) -> dict[str, Any]:
    options = {**query.options(), **target.repeated_options()}
    return {"sweep": plan.source.name, "options": options, "shards": not target.is_file}


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _record(registry: Registry, store: Path, target: Destination, plan: Plan, query: Query, written: _Written) -> None:
    row = DatasetRow(
        name=target.path.stem,
        sweep_id=plan.source.sweep_id,
        query=json.dumps(_stored_query(target, plan, query), sort_keys=True),
        split=json.dumps(query.policy.definition(), sort_keys=True),
        seed=query.policy.seed,
        path=store_relative(target.main_file, store),
        fingerprint=written.fingerprint,
        sha256=written.main.sha256,
        bytes=written.main.bytes,
        n_excluded=sum(plan.excluded.values()),
    )
    members = [(each.member.sample_id, part) for part, chosen in plan.parts.items() for each in chosen]
    record_dataset(registry, row, members)
