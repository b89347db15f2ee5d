"""From a YAML file to a sweep; every mistake has its line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tmx.config.loading import SWEEP_KEY, Settings, collect
from tmx.config.model import read_layer
from tmx.config.problems import FieldError
from tmx.config.schema import FIELDS, SECTIONS
from tmx.config.yaml_reader import Document, Entry, ListNode, MapNode, Scalar, entries_of, parse_mapping, read_document
from tmx.errors import ConfigError
from tmx.sweeps.axis import Axis, Range, read_axis
from tmx.sweeps.constraints import Constraint, read_constraints
from tmx.sweeps.design_reading import DEFAULT_DESIGN, DesignEntry, design_warnings
from tmx.sweeps.designs import Zip
from tmx.sweeps.points import read_points
from tmx.sweeps.sweep import Sweep

DEFAULT_SEED = 42
MAX_SAMPLES = 10_000_000
_MAX_SEED = 2**63 - 1

KEYS: Mapping[str, str] = {
    "name": "name for people; the registry calls a sweep by its output directory, or `--name`",
    "description": "what it is for",
    "seed": f"of everything random, a whole number from 0 on; {DEFAULT_SEED} if it is not given",
    "design": f"how parameters are combined: a name, or `type` and settings; {DEFAULT_DESIGN} if not given",
    "parameter_sweeps": "list of the parameters that vary",
    "constraints": "list of conditions that every sample meets",
    "fixed_overrides": "fields of the config that all samples share, laid over the base config",
    "output_settings": "which stages are computed",
    "metadata": "anything; it is kept and changes nothing",
    "batch_metadata": "the same",
}
"""What a sweep file may say."""

_RADIANCE_KEYS = ("radiance", "save_radiance_data")

OUTPUT_KEYS: Mapping[str, str] = {
    "radiance": "false: temperatures alone are computed, no spectra",
    "save_radiance_data": "another name for `radiance`",
    "calculate_radiance_during_simulation": "understood, and changes nothing: spectra are always runs of their own",
}
"""What `output_settings` may say."""


def load_sweep(path: str | Path) -> Sweep:
    """Read a sweep file and make the values of its axes.

    Parameters
    ----------
    path : str or Path
        A YAML file; relative paths in it are relative to its directory.

    Raises
    ------
    ConfigError
        One line with the place, the entry, the value and what is allowed.

    Notes
    -----
    ``output_settings`` holds ``radiance`` or its other name ``save_radiance_data``: false means that only
    thermal runs are made. ``calculate_radiance_during_simulation`` is understood and changes nothing, because
    radiances are always runs of their own.
    """
    return _SweepReader(read_document(path)).read()


def read_sweep(text: str, path: Path) -> Sweep:
    """Read a sweep from the text that a file had; relative paths in it are relative to the directory of `path`."""
    return _SweepReader(Document(parse_mapping(text, str(path)), text, path)).read()


def _require_sweep(root: MapNode) -> None:
    """Refuse a config with what it is, not with its first name that sweeps do not have."""
    if {entry.key for entry in root.entries} & set(KEYS) - {"name", "seed"}:
        return
    of_configs = {*FIELDS, *(section.title() for section in SECTIONS)} - set(KEYS)
    for entry in root.entries:
        if entry.key in of_configs:
            raise entry.mark.error(f"{entry.key} makes this a config file: a sweep file has {SWEEP_KEY}")


class _SweepReader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._directory = document.path.parent
        _require_sweep(document.root)
        self._entries = entries_of(document.root, KEYS, "sweep")

    def read(self) -> Sweep:
        seed = self._seed()
        fixed = self._fixed_overrides()
        design = DesignEntry(self._entries.get("design"))
        axes = self._axes(seed, design)
        self._refuse_repetition(axes, fixed)
        plan, constraints = design.plan(axes), self._constraints()
        place = self._entries["design"].mark if "design" in self._entries else self._document.path
        odd = design_warnings(plan, place, constrained=bool(constraints))
        repeated = () if isinstance(plan, Zip) else _repetitions(axes)
        sweep = Sweep(
            name=self._text("name") or self._document.path.stem,
            description=self._text("description"),
            seed=seed,
            design=design.name,
            plan=plan,
            axes=axes,
            constraints=constraints,
            fixed_overrides=fixed.values,
            radiance=self._radiance(),
            source=self._document.text,
            path=self._document.path,
            warnings=(*fixed.warnings, *odd, *repeated),
        )
        if len(sweep) > MAX_SAMPLES:
            raise ConfigError(f"{sweep.path}: {len(sweep)} samples are too many (at most {MAX_SAMPLES})")
        return sweep

    def _text(self, key: str) -> str:
        entry = self._entries.get(key)
        if entry is None:
            return ""
        if not isinstance(entry.node, Scalar):
            raise entry.node.mark.error(f"{key}: must be text")
        return entry.node.text if entry.node.value is not None else ""

    def _seed(self) -> int:
        entry = self._entries.get("seed")
        if entry is None:
            return DEFAULT_SEED
        value = entry.node.value if isinstance(entry.node, Scalar) else None
        if type(value) is not int or not 0 <= value <= _MAX_SEED:
            raise entry.node.mark.error(f"seed: must be a whole number from 0 to {_MAX_SEED}")
        return value

    def _constraints(self) -> tuple[Constraint, ...]:
        entry = self._entries.get("constraints")
        return read_constraints(entry.node) if entry and not _is_empty(entry) else ()

    def _mapping(self, key: str) -> MapNode | None:
        entry = self._entries.get(key)
        if entry is None or _is_empty(entry):
            return None
        if not isinstance(entry.node, MapNode):
            raise entry.node.mark.error(f"{key}: expected 'name: value' lines")
        return entry.node

    def _fixed_overrides(self) -> Settings:
        mapping = self._mapping("fixed_overrides")
        fixed = collect(mapping, self._directory) if mapping else Settings()
        try:
            read_layer(fixed.values)
        except FieldError as error:
            raise fixed.marks[error.fields[0]].error(f"fixed_overrides: {error}") from None
        return fixed

    def _axes(self, seed: int, design: DesignEntry) -> tuple[Axis, ...]:
        entry = self._entries.get("parameter_sweeps")
        points = design.points()
        if entry is None or _is_empty(entry):
            return read_points(points, self._directory) if points else ()
        if points:
            raise entry.mark.error("parameter_sweeps does not go with design list, whose points name the parameters")
        if not isinstance(entry.node, ListNode):
            raise entry.node.mark.error("parameter_sweeps: expected a list, each entry beginning with '-'")
        chooser = design.name if design.chooses else None
        items = enumerate(entry.node.items)
        return tuple(read_axis(node, index, self._directory, seed, chooser) for index, node in items)

    def _refuse_repetition(self, axes: tuple[Axis, ...], fixed: Settings) -> None:
        places = {name: f"fixed_overrides, line {mark.line}" for name, mark in fixed.marks.items()}
        for index, axis in enumerate(axes):
            if axis.parameter in places:
                who = f"parameter_sweeps[{index}] {axis.name!r}" if "parameter_sweeps" in self._entries else "points"
                raise ConfigError(f"{axis.place}: {who}: {axis.parameter} is set already in {places[axis.parameter]}")
            places[axis.parameter] = f"parameter_sweeps[{index}]"

    def _radiance(self) -> bool:
        mapping = self._mapping("output_settings")
        entries = entries_of(mapping, OUTPUT_KEYS, "output_settings") if mapping else {}
        switches = {key: _switch(entry) for key, entry in entries.items()}
        given = {switches[key] for key in _RADIANCE_KEYS if key in switches}
        if len(given) > 1:
            raise entries["radiance"].mark.error("output_settings: radiance contradicts save_radiance_data")
        return given.pop() if given else True


def _switch(entry: Entry) -> bool:
    value: Any = entry.node.value if isinstance(entry.node, Scalar) else None
    if not isinstance(value, bool):
        raise entry.node.mark.error(f"output_settings: {entry.key}: must be true or false")
    return value


def _is_empty(entry: Entry) -> bool:
    return isinstance(entry.node, Scalar) and entry.node.value is None


def _repetitions(axes: tuple[Axis, ...]) -> Iterator[str]:
    for axis in axes:
        if not isinstance(axis, Range) and len(set(axis.values)) < len(axis.values):
            yield f"{axis.place}: {axis.name!r}: {axis.parameter} has the same value more than once"
