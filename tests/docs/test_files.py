"""`docs/reference/files.md` and real files: the same names, types, axes and attributes, on both sides."""

import dataclasses
import os
import re
from pathlib import Path

import h5py
import pytest
from commands import BASE, run_tmx

from documentation import layouts
from documentation.files import stored_type
from tmx.storage.records import RECORDS

pytest.importorskip("sklearn")

SWEEP = """
design: {type: sobol, n_samples: 32}
parameter_sweeps:
  - {parameter: k_dust, type: log_uniform, min: 0.02, max: 0.5}
  - {parameter: bottom_bc, type: list, values: [neumann, dirichlet]}
"""

COMMANDS = (
    "batch -b base.yaml -B sweep.yaml -o out --backend threading --workers 2 --create-dataset",
    "dataset build --sweep out -o sharded --shard-size 1kB --outputs T_surf emissivity t_surf_max summary",
    "emulate train out/ml_dataset.h5 --outputs T_surf summary -o gp.h5",
    "emulate train out/ml_dataset.h5 --outputs T_surf --model network --samples 16 -o network.h5",
    "export out exported",
)

AXIS = r"time|radiance_time|wavenumber|quantity"
NAMES = {"part": "train|val|test", "output": r"\w+", "axis": AXIS, "layer": r"\d"}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return a directory with a file of every kind."""
    directory = tmp_path_factory.mktemp("files")
    (directory / "base.yaml").write_text(BASE + "output_radiance_mode: hybrid\nn_bands_out: 4\n")
    (directory / "sweep.yaml").write_text(SWEEP)
    before = Path.cwd()
    os.chdir(directory)
    try:
        for command in COMMANDS:
            answer = run_tmx(*command.split())
            assert answer.code == 0, answer.err
    finally:
        os.chdir(before)
    return directory


def datasets(path):
    """Return the type and the axes of every dataset of a file, and the attributes of the file."""
    found = {}

    def note(name, item):
        if isinstance(item, h5py.Dataset):
            text = h5py.check_string_dtype(item.dtype) is not None and item.dtype.kind == "O"
            found[name] = ("text" if text else item.dtype.name, item.ndim)

    with h5py.File(path) as file:
        file.visititems(note)
        return found, set(file.attrs)


def pattern(stored):
    places = re.sub(r"\{(\w+)\}", lambda place: f"(?:{NAMES[place[1]]})", stored.path)
    # An axis has the name of no output.
    return places if "{axis}" in stored.path else places.replace(r"(?:\w+)", rf"(?!(?:{AXIS})\b)(?:\w+)")


def require_described(found, declared):
    """Make sure that every dataset is described, with its type and axes, and that nothing else is."""
    used = set()
    for name, (dtype, ndim) in found.items():
        matching = [stored for stored in declared if re.fullmatch(pattern(stored), name)]
        assert len(matching) == 1, f"{name} is described {len(matching)} times"
        (stored,) = matching
        assert dtype in stored.dtype.split(" or "), name
        assert "…" in stored.dims or ndim == len(stored.dims.split(", ")), name
        used.add(stored)
    assert used == set(declared)


@pytest.mark.parametrize("kind", RECORDS.values())
def test_results(store, kind):
    (path, *_) = store.glob(f"out/{kind.kind}_results/*.h5")
    found, attributes = datasets(path)
    assert attributes == {"kind", "format_version"}
    fields = {f"{field.metadata['group']}/{field.name}": field for field in dataclasses.fields(kind)}
    assert set(found) == {*fields, "metadata/config_used.yaml", "metadata/simulation_info"}
    for name, field in fields.items():
        dtype, ndim = found[name]
        assert re.sub(r"^bytes\d+$", "bytes", dtype) == stored_type(field), name
        axes = re.search(r"\[(.+)\]$", field.metadata["meaning"])
        assert axes is None or ndim == len(axes[1].split(", ")), name


def test_a_dataset_in_one_file(store):
    found, attributes = datasets(store / "out/ml_dataset.h5")
    assert attributes == set(layouts.DATASET_ATTRIBUTES)
    require_described(found, layouts.DATASET)
    with h5py.File(store / "out/ml_dataset.h5") as file:
        assert set(layouts.INPUTS_ATTRIBUTES) <= set(file["train/inputs"].attrs)


def test_a_dataset_in_shards(store):
    found, attributes = datasets(store / "sharded/1.0.0/ml_dataset.h5")
    assert attributes == {*layouts.DATASET_ATTRIBUTES, "shards"}
    require_described(found, layouts.DATASET)
    found, attributes = datasets(next(store.glob("sharded/1.0.0/train-00000-of-*.h5")))
    assert attributes == {"kind", "format_version"}
    require_described(found, layouts.PART)


def test_emulators(store):
    found = {}
    for name in ("gp", "network"):
        datasets_of, attributes = datasets(store / f"{name}.h5")
        assert attributes == set(layouts.EMULATOR_ATTRIBUTES)
        found |= datasets_of
    require_described(found, layouts.EMULATOR)


@pytest.mark.parametrize(
    ("folder", "described"),
    [("exported", layouts.EXPORT), ("out", layouts.STORE)],
)
def test_folders(store, folder, described):
    patterns = [re.escape(name).replace("KEY", "[0-9a-f]{20}").replace("NUMBER_NAME", r"\d+_\w+") for name in described]
    papers = [r"README\.md", r"croissant\.json", r"stats\.json"]
    names = [str(path.relative_to(store / folder)) for path in (store / folder).rglob("*") if path.is_file()]
    for name in names:
        assert any(re.fullmatch(one, name) for one in [*patterns, *papers]), name
    for one in patterns:
        assert any(re.fullmatch(one, name) for name in names), one
