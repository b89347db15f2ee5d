"""Datasets as a trainer has them: named arrays by part, rows of them, and batches in random order.

`open_dataset`, which is `tmx.datasets.open`, reads what the dataset holds and no array. Arrays are read when they are
asked for, by whichever process asks: an open HDF5 file is never pickled, and is closed before a process forks.
"""

import json
import os
import re
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import h5py
import numpy as np
import numpy.typing as npt

from tmx.config.problems import suggestion
from tmx.datasets.layout import (
    DATASET_FILE,
    FORMAT_VERSION,
    INPUTS,
    FileRecord,
    Inputs,
    Output,
    read_inputs,
    read_output,
)
from tmx.errors import ConfigError, NotFoundError, StorageError
from tmx.storage.hdf5 import unreadable

Array = npt.NDArray[Any]
Rows = slice | Sequence[int] | npt.NDArray[np.integer[Any]] | None
Answer = TypeVar("Answer")
Seed = int | Sequence[int] | None

_READING = threading.RLock()
_OPENED: "weakref.WeakSet[Dataset]" = weakref.WeakSet()


class Batch(NamedTuple):
    """Some samples: their inputs, shape (samples, parameters), and their outputs by name, shape (samples, …)."""

    inputs: Array
    outputs: dict[str, Array]


@dataclass(frozen=True)
class Scaling:
    """Mean and standard deviation of the training part, of each element of an array.

    Attributes
    ----------
    mean, std : ndarray
        Of the shape of one sample.
    """

    mean: Array
    std: Array

    def apply(self, values: Array) -> Array:
        """Return values with mean 0 and standard deviation 1; what is the same in all training samples becomes 0."""
        return ((values - self.mean) / self._divisor).astype(values.dtype, copy=False)

    def undo(self, values: Array) -> Array:
        """Return values in their own units again."""
        return (values * self._divisor + self.mean).astype(values.dtype, copy=False)

    @property
    def _divisor(self) -> Array:
        return np.where(self.std > 0.0, self.std, 1.0)


class Dataset:
    """A built dataset, opened for reading; make one with `tmx.datasets.open`.

    Attributes
    ----------
    path : Path
        Its file.
    fingerprint : str
        Hash of its content.
    splits : dict
        Number of samples of each part that has any.
    inputs : Inputs
        `names`, `units` and `categories` of the columns of the inputs.
    outputs : dict
        Each output by its name: `shape` of one sample, `unit`, `meaning`, `dims`, and `coords` by dimension.
    provenance : dict
        What the dataset was made from, and how.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: h5py.File | None = None
        with _READING:
            file = self._file()
            _require_shards(path, file)
            self.fingerprint = str(file.attrs["fingerprint"])
            self.provenance: dict[str, Any] = _json_attribute(file, "provenance")
            self.splits: dict[str, int] = _json_attribute(file, "splits")
            first = file[next(iter(self.splits))]
            self.inputs: Inputs = read_inputs(first[INPUTS])
            self.outputs: dict[str, Output] = {
                name: read_output(name, first["outputs"])
                for name in first["outputs"]
                if not first["outputs"][name].is_scale
            }

    def __repr__(self) -> str:
        sizes = ", ".join(f"{size} {split}" for split, size in self.splits.items())
        return f"<tmx dataset {self.path}: {sizes}; {len(self.inputs.names)} inputs; outputs {', '.join(self.outputs)}>"

    def read(self, split: str, output: str | None = None, rows: Rows = None, *, normalise: bool = False) -> Array:
        """Read the inputs of a part, or one of its outputs.

        Parameters
        ----------
        split : str
            The part.
        output : str, optional
            An output; by default the inputs are read.
        rows : slice or sequence of int, optional
            Which samples of the part, in this order; by default all.
        normalise : bool
            Give mean 0 and standard deviation 1 to each element, over the training part.

        Raises
        ------
        NotFoundError
            If there is no such part or output.
        ConfigError
            If there are no such rows.
        StorageError
            If the file cannot be read.
        """
        name = INPUTS if output is None else f"outputs/{self._known_output(output)}"
        count = self._size(split)
        with _READING:
            values = self._guarded(lambda file: _take(file[f"{split}/{name}"], _checked(rows, count)))
        return self.normalisation[output or INPUTS].apply(values) if normalise else values

    def batches(
        self,
        split: str,
        size: int,
        seed: Seed = None,
        *,
        normalise: bool = False,
        outputs: Sequence[str] | None = None,
    ) -> Iterator[Batch]:
        """Yield all samples of a part once, some at a time.

        Parameters
        ----------
        split : str
            The part.
        size : int
            Samples in a batch; the last one may have fewer.
        seed : int or sequence of int, optional
            The order is random with it, and always the same: `[seed, epoch]` gives each epoch its own. Without it,
            samples come in the order of the file.
        normalise : bool
            As for `read`.
        outputs : sequence of str, optional
            Which outputs; by default all. Those that are left out are not read.
        """
        if size < 1:
            raise ConfigError(f"size: {size} samples are no batch; at least 1 is needed")
        count = self._size(split)
        order = np.arange(count) if seed is None else np.random.default_rng(seed).permutation(count)
        for start in range(0, count, size):
            yield self.batch(split, order[start : start + size], normalise=normalise, outputs=outputs)

    def batch(self, split: str, rows: Rows, *, normalise: bool = False, outputs: Sequence[str] | None = None) -> Batch:
        """Return the inputs and outputs of some samples of a part."""
        names = self.outputs if outputs is None else outputs
        read = {name: self.read(split, name, rows, normalise=normalise) for name in names}
        return Batch(self.read(split, None, rows, normalise=normalise), read)

    def samples(self, split: str, *, normalise: bool = False, outputs: Sequence[str] | None = None) -> "Samples":
        """Return a part as a sequence of samples, as `torch.utils.data.DataLoader` takes one."""
        for name in outputs or ():
            self._known_output(name)
        self._size(split)
        return Samples(self, split, normalise=normalise, outputs=outputs)

    @cached_property
    def normalisation(self) -> Mapping[str, Scaling]:
        """Mean and standard deviation over the training part, by output, and of `inputs`."""
        with _READING:
            return self._guarded(
                lambda file: {
                    name: _scaling(file[f"normalisation/{INPUTS if name == INPUTS else f'outputs/{name}'}"])
                    for name in (INPUTS, *self.outputs)
                }
            )

    def close(self) -> None:
        """Close the file; reading opens it again."""
        with _READING:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def __enter__(self) -> "Dataset":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": None}

    def _file(self) -> h5py.File:
        if self._opened is None:
            self._opened = _opened(self.path)
            _OPENED.add(self)
        return self._opened

    def _guarded(self, work: Callable[[h5py.File], Answer]) -> Answer:
        try:
            return work(self._file())
        except (OSError, KeyError) as error:
            raise StorageError(f"{self.path}: cannot be read: {error}; build the dataset again") from error

    def _size(self, split: str) -> int:
        if split not in self.splits:
            parts = ", ".join(self.splits)
            raise NotFoundError(f"{self.path} has no part {split!r}{suggestion(split, self.splits)} (it has {parts})")
        return self.splits[split]

    def _known_output(self, name: str) -> str:
        if name not in self.outputs:
            there = ", ".join(self.outputs)
            raise NotFoundError(f"{self.path} has no output {name!r}{suggestion(name, self.outputs)} (it has {there})")
        return name


class Samples(Sequence[tuple[Array, dict[str, Array]]]):
    """A part of a dataset as a sequence of samples, each its inputs and its outputs by name.

    It is what PyTorch calls a map-style dataset, without needing PyTorch: workers of a loader may be forked or
    spawned, and a whole batch is read at once. All numbers are in single precision, as the layers of networks are.
    """

    def __init__(self, dataset: Dataset, split: str, *, normalise: bool, outputs: Sequence[str] | None) -> None:
        self.dataset = dataset
        self.split = split
        self.normalise = normalise
        self.outputs = tuple(dataset.outputs if outputs is None else outputs)

    def __len__(self) -> int:
        return self.dataset.splits[self.split]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.__getitems__(list(range(*index.indices(len(self)))))
        if not -len(self) <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        return self.__getitems__([index % len(self)])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Array, dict[str, Array]]]:
        """Return several samples, which are read together."""
        inputs, outputs = self.batch(indices)
        return [(inputs[row], {name: values[row] for name, values in outputs.items()}) for row in range(len(indices))]

    def batch(self, indices: Sequence[int]) -> Batch:
        """Return several samples as one batch."""
        inputs, outputs = self.dataset.batch(self.split, indices, normalise=self.normalise, outputs=self.outputs)
        single = {name: values.astype(np.float32, copy=False) for name, values in outputs.items()}
        return Batch(inputs.astype(np.float32), single)


def open_dataset(path: str | os.PathLike[str]) -> Dataset:
    """Open a built dataset.

    Parameters
    ----------
    path : str or path
        Its file; or the directory of a version, or that of all versions for the last of them.

    Raises
    ------
    NotFoundError
        If there is none.
    StorageError
        If it is no dataset, damaged, or of another version.
    """
    path = Path(path)
    if path.is_dir():
        path = _latest(path) / DATASET_FILE
    try:
        return Dataset(path)
    except KeyError as error:
        raise StorageError(f"{path}: is damaged ({error}); build the dataset again") from error


def shards_of(path: Path) -> list[FileRecord]:
    """Return the files that the file of a dataset shows as a whole; none where it has everything itself."""
    with _opened(path) as file:
        return _shards(file)


def _shards(file: h5py.File) -> list[FileRecord]:
    return [FileRecord(**record) for record in json.loads(file.attrs.get("shards", "[]"))]


def _latest(directory: Path) -> Path:
    """Return the directory of the last version in one of versions, or the directory itself."""
    versions = [path for path in directory.iterdir() if re.fullmatch(r"\d+\.\d+\.\d+", path.name, re.ASCII)]
    return max(versions, key=lambda path: [int(number) for number in path.name.split(".")], default=directory)


def _opened(path: Path) -> h5py.File:
    """Open a dataset's file for reading, and make sure that it is one."""
    if not path.exists():
        raise NotFoundError(f"{path}: no such file; `tmx dataset build` makes a dataset")
    try:
        file = h5py.File(path)  # locked as usual: HDF5 would refuse to open it a second time in another way
    except OSError as error:
        raise unreadable(path) from error
    kind, version = file.attrs.get("kind"), int(file.attrs.get("format_version", 0))
    if kind == "dataset" and version == FORMAT_VERSION:
        return file
    file.close()
    if kind != "dataset":
        raise StorageError(f"{path}: {f'a {kind} file' if kind else 'no file of tmx'}; a dataset is needed")
    raise StorageError(
        f"{path}: dataset of format version {version}; this version of tmx reads version {FORMAT_VERSION}:"
        " build it again with `tmx dataset build`"
    )


def _require_shards(path: Path, file: h5py.File) -> None:
    """Make sure that the files are there which this one shows as a whole: HDF5 would show nothing in their place."""
    for record in _shards(file):
        shard = path.with_name(record.name)
        size = shard.stat().st_size if shard.exists() else None
        if size != record.bytes:
            fault = "is missing" if size is None else f"has {size} bytes in place of {record.bytes}"
            raise StorageError(f"{shard} {fault}: copy it again, or build the dataset again")


def _json_attribute(file: h5py.File, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.attrs[name])
    return found


def _checked(rows: Rows, count: int) -> slice | npt.NDArray[np.intp]:
    """Return rows that are there, counted from the beginning."""
    if rows is None or isinstance(rows, slice):
        return slice(*(rows or slice(None)).indices(count))
    wanted = np.asarray(rows, dtype=np.intp).ravel()
    if wanted.size and not -count <= wanted.min() <= wanted.max() < count:
        raise ConfigError(f"rows: {wanted.min()} to {wanted.max()} are not all among the {count} samples of this part")
    return wanted % count if count else wanted


def _take(dataset: h5py.Dataset, rows: slice | npt.NDArray[np.intp]) -> Array:
    if isinstance(rows, slice):
        return np.asarray(dataset[rows]) if rows.step > 0 else np.asarray(dataset[()][rows])
    if dataset.chunks and dataset.chunks[0] > 1:
        ascending, places = np.unique(rows, return_inverse=True)
        return np.asarray(dataset[ascending][places])
    # One selection of many rows takes HDF5 ten times as long as the rows one by one.
    values = np.empty((rows.size, *dataset.shape[1:]), dataset.dtype)
    for place, row in enumerate(rows):
        values[place] = dataset[row]
    return values


def _scaling(group: h5py.Group) -> Scaling:
    return Scaling(np.asarray(group["mean"][()]), np.asarray(group["std"][()]))


def _before_fork() -> None:
    _READING.acquire()
    for dataset in list(_OPENED):
        dataset.close()


os.register_at_fork(before=_before_fork, after_in_parent=_READING.release, after_in_child=_READING.release)
