"""`files.md`: the formats of everything that tmx writes."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from documentation.layouts import (
    DATASET,
    DATASET_ATTRIBUTES,
    EMULATOR,
    EMULATOR_ATTRIBUTES,
    EXPORT,
    INPUTS_ATTRIBUTES,
    PART,
    STORE,
    Stored,
)
from documentation.markdown import code, contents, prose, table
from documentation.markdown import page as page_of
from tmx.datasets.layout import FORMAT_VERSION as DATASET_VERSION
from tmx.datasets.outputs import KINDS, MEANINGS, NUMBERED
from tmx.emulation.files import FORMAT_VERSION as EMULATOR_VERSION
from tmx.maintenance.manifest import FORMAT_VERSION as EXPORT_VERSION
from tmx.storage.hdf5 import SMALLEST_PACKED
from tmx.storage.paths import KEY_IN_NAME
from tmx.storage.records import RECORDS, Record

INTRODUCTION = f"""\
Under the output directory of a sweep lies what is listed here. KEY is the first {KEY_IN_NAME} characters of the key
of a run. A file is written under a staging name (`.NAME.TOKEN.tmp`), flushed, and renamed: under its own name it is
whole. The registry has its SHA-256."""

COMPATIBILITY = """\
A version counts up when a dataset of a file is renamed, or changes its axes, unit or meaning. A file of another
version is refused with a line that says both versions; it is never read as if it were of this one. Results of an
older version are not converted: a solver or format that changes gives runs new keys, and they are computed anew.
Datasets are built again from results, and emulators trained again. The registry itself is migrated, from every
schema that was released."""

RESULTS = f"""\
Every dataset has the attributes `units` and `long_name`. Datasets below {SMALLEST_PACKED // 1024} KiB are stored as
they are, larger ones in chunks, shuffled, compressed (gzip) and with checksums (Fletcher-32). All datasets are
always there; what a run does not have has an axis of length 0. What is float32 here is float64 with `storage_dtype:
float64`. Files need HDF5 1.10 or newer.

`/metadata/config_used.yaml` is the whole config, from which the run can be repeated; `/metadata/simulation_info` is
JSON with `key`, versions, host, time, and the numbers of the run that the registry has as well
([tables.md](tables.md))."""

DATASETS = """\
A dataset is one file, or a directory with a subdirectory for each version, of shards. In a version, `ml_dataset.h5`
shows the whole by virtual datasets; its attribute `shards` is JSON with name, hash and size of each shard. A shard
`PART-NUMBER-of-COUNT.h5` has the rows of its part, and may be read alone; its attributes are `kind` (`dataset
shard`) and `format_version`.

All are netCDF-4: axes are dimension scales, in or above the group of what stands on them. Outputs and axes have
`units` and `long_name`. Parts are `train`, `val`, `test` and `test_ood`, as far as they have samples.
[datasets.md](../datasets.md) says how they come about."""

EMULATORS = """\
Arrays and JSON; nothing in the file is executed when it is read. [emulators.md](../emulators.md) explains the
models. `/inputs` has the attribute `columns`, JSON with names, units and categories; each output has `output` (unit,
meaning, axes), `model` (`gp` or `network`) and `factor`, by which error bars are multiplied."""

YAML = """\
Configs and sweep files are YAML. Fields are in [config.md](config.md), what a sweep file may say in
[sweeps.md](sweeps.md). `1e-4` is a number, and a name that stands twice is an error. Fields of similar models that
mean nothing here are accepted with a warning that says what to use instead. The registry keeps both files as they
were written."""


def page() -> str:
    """Return the page."""
    titles = [
        "Versions",
        "Thermal results",
        "Radiance results",
        "Datasets",
        "Emulators",
        "Exported sweeps",
        "YAML files",
    ]
    return page_of(
        "File formats",
        INTRODUCTION,
        table(("file", "what it is"), ((code(name), meaning) for name, meaning in STORE.items())),
        contents(titles),
        "## Versions",
        table(("format", "version"), _versions().items()),
        COMPATIBILITY,
        *(block for kind in RECORDS.values() for block in _record(kind)),
        "## Datasets",
        DATASETS,
        "Attributes of the file:",
        _attributes(DATASET_ATTRIBUTES),
        "Attributes of `inputs`:",
        _attributes(INPUTS_ATTRIBUTES),
        _stored(DATASET),
        f"In a shard: {', '.join(code(one.path) for one in PART)}.",
        "### Axes",
        table(("axis", "unit", "meaning"), _axes()),
        "### Outputs",
        "What `--outputs` may name, with the axes of one sample. What comes from files is float32, numbers float64.",
        table(("output", "axes", "unit", "meaning"), _outputs()),
        "## Emulators",
        EMULATORS,
        _attributes(EMULATOR_ATTRIBUTES),
        _stored(EMULATOR),
        "## Exported sweeps",
        "A folder that `tmx export` writes and `tmx import` reads. Rows are lines of JSON.",
        table(("file", "what it is"), ((code(name), meaning) for name, meaning in EXPORT.items())),
        "## YAML files",
        YAML,
    )


def _versions() -> dict[str, str]:
    only = "reads this version only"
    results = {f"{kind} results": f"{record.version}; {only}" for kind, record in RECORDS.items()}
    return {
        **results,
        "datasets": f"{DATASET_VERSION}; {only}",
        "emulators": f"{EMULATOR_VERSION}; {only}",
        "exports": f"{EXPORT_VERSION}; reads this version and older ones",
    }


def _record(kind: type[Record]) -> Iterator[str]:
    yield f"## {kind.kind.capitalize()} results"
    yield f"{prose(kind.__doc__)} The attribute `kind` is `{kind.kind}`, `format_version` is {kind.version}."
    if kind.kind == "thermal":
        yield RESULTS
    groups: dict[str, list[tuple[str, ...]]] = {}
    for field in dataclasses.fields(kind):
        groups.setdefault(field.metadata["group"], []).append(_dataset(field))
    for group, rows in groups.items():
        yield f"### /{group}"
        yield table(("dataset", "type", "axes", "unit", "meaning"), rows)


def _dataset(field: "dataclasses.Field[Any]") -> tuple[str, ...]:
    meaning = field.metadata["meaning"]
    text, _, axes = meaning.partition(" [")
    return code(field.name), stored_type(field), axes.rstrip("]"), field.metadata["unit"], text


def stored_type(field: "dataclasses.Field[Any]") -> str:
    """Return the type of a dataset of a result file."""
    if field.metadata["reduced"]:
        return "float32"
    names = {npt.NDArray[np.float64]: "float64", npt.NDArray[np.int64]: "int64", npt.NDArray[np.bytes_]: "bytes"}
    return names[field.type]  # type: ignore[index]


def _attributes(meanings: Mapping[str, str]) -> str:
    return table(("attribute", "meaning"), ((code(name), meaning) for name, meaning in meanings.items()))


def _stored(datasets: Iterable[Stored]) -> str:
    rows = ((code(f"/{one.path}"), one.dtype, one.dims, one.meaning) for one in datasets)
    return table(("dataset", "type", "axes", "meaning"), rows)


def _axes() -> Iterator[tuple[str, str, str]]:
    for name, (unit, meaning) in MEANINGS.items():
        yield code(name), unit, meaning
    for name, meaning in NUMBERED.items():
        yield code(name), "1", f"{meaning}, counted from 0"


def _outputs() -> Iterator[tuple[str, str, str, str]]:
    for kind in KINDS.values():
        if kind.record is not None or kind.dims:
            yield code(kind.name), ", ".join(kind.dims), kind.unit, kind.meaning
    yield (
        "any number of `samples`",
        "",
        "",
        "as [tables.md](tables.md#samples) lists them, from `thermal_result` and `radiance_result`",
    )
