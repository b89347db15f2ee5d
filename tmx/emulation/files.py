"""Emulators as HDF5 files: arrays and JSON, nothing that is executed when it is read."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from tmx import __version__
from tmx.datasets.layout import Inputs, Output, create_coordinate, hashable, read_coordinate
from tmx.emulation.components import Components
from tmx.emulation.emulator import Emulator, OutputEmulator
from tmx.emulation.inputs import InputSpace
from tmx.emulation.models import MODELS
from tmx.errors import NotFoundError, StorageError
from tmx.storage.atomic import write_atomically

KIND, FORMAT_VERSION = "emulator", 1

SPACE = ("low", "high", "logarithmic", "mean", "std")
COMPONENTS = ("mean", "scale", "basis", "residual")


def save_emulator(emulator: Emulator, path: Path) -> None:
    """Write an emulator to a file, whole or not at all.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    image = io.BytesIO()
    with h5py.File(image, "w", libver=("v110", "v110")) as file:
        file.attrs.update(kind=KIND, format_version=FORMAT_VERSION, tmx_version=__version__)
        file.attrs["provenance"] = json.dumps(dict(emulator.provenance), sort_keys=True)
        _put(file.create_group("inputs"), {name: getattr(emulator.space, name) for name in SPACE})
        file["inputs"].attrs["columns"] = _columns_text(emulator.space.columns)
        file.create_group("outputs", track_order=True)
        for name, output in emulator.outputs.items():
            _put_output(file.create_group(f"outputs/{name}"), output)
    write_atomically(path, image.getvalue())


def load_emulator(path: str | Path) -> Emulator:
    """Read an emulator.

    Raises
    ------
    NotFoundError
        If there is no such file.
    StorageError
        If it is none, or damaged, or of another version.
    """
    path = Path(path)
    if not path.exists():
        raise NotFoundError(f"{path}: no such file; `tmx emulate train` makes an emulator")
    try:
        with h5py.File(path, "r", locking=False) as file:
            _check(path, file)
            space = InputSpace(_columns(file["inputs"].attrs["columns"]), **_arrays(file["inputs"], SPACE))
            outputs = {name: _output(name, file[f"outputs/{name}"]) for name in file["outputs"]}
            return Emulator(space, outputs, json.loads(file.attrs["provenance"]))
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise StorageError(f"{path}: is no whole emulator ({error}); train it again") from error


def _check(path: Path, file: h5py.File) -> None:
    kind, version = file.attrs.get("kind"), int(file.attrs.get("format_version", 0))
    if kind != KIND:
        raise StorageError(f"{path}: {f'a {kind} file' if kind else 'no file of tmx'}; an emulator is needed")
    if version != FORMAT_VERSION:
        raise StorageError(
            f"{path}: emulator of format version {version}; this version of tmx reads version {FORMAT_VERSION}:"
            " train it again"
        )


def _put_output(group: h5py.Group, emulator: OutputEmulator) -> None:
    output = emulator.output
    group.attrs["output"] = json.dumps(
        {"unit": output.unit, "meaning": output.meaning, "dims": output.dims, "shape": output.shape}
    )
    group.attrs["factor"] = emulator.factor
    group.attrs["model"] = emulator.model.name
    _put(group, {"present": emulator.present, "strength": emulator.strength})
    _put(group.create_group("components"), {name: getattr(emulator.components, name) for name in COMPONENTS})
    _put(group.create_group("model"), emulator.model.arrays())
    axes = group.create_group("axes")
    for name, axis in output.coords.items():
        create_coordinate(axes, name, axis)


def _output(name: str, group: h5py.Group) -> OutputEmulator:
    about = json.loads(group.attrs["output"])
    axes = {each: read_coordinate(group[f"axes/{each}"]) for each in group["axes"]}
    output = Output(name, about["unit"], about["meaning"], tuple(about["dims"]), tuple(about["shape"]), axes)
    model = MODELS[group.attrs["model"]].from_arrays(_arrays(group["model"], tuple(group["model"])))
    components = Components(**_arrays(group["components"], COMPONENTS))
    factor = float(group.attrs["factor"])
    return OutputEmulator(
        output, **_arrays(group, ("present", "strength")), components=components, model=model, factor=factor
    )


def _put(group: h5py.Group, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    for name, values in arrays.items():
        group.create_dataset(name, data=values)


def _arrays(group: h5py.Group, names: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    return {name: np.asarray(group[name][()]) for name in names}


def _columns_text(columns: Inputs) -> str:
    return json.dumps({"names": columns.names, "units": columns.units, "categories": columns.categories})


def _columns(text: str) -> Inputs:
    read = json.loads(text)
    categories = {name: tuple(map(hashable, values)) for name, values in read["categories"].items()}
    return Inputs(tuple(read["names"]), tuple(read["units"]), categories)
