"""The ``design`` of a sweep file: how its parameters are combined, and how many samples there are."""

from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from typing import Any

from tmx.config.problems import shown, suggestion
from tmx.config.yaml_reader import Entry, ListNode, MapNode, Mark, Scalar, entries_of
from tmx.sweeps.axis import MAX_VALUES, Axis
from tmx.sweeps.designs import DESIGNS, Design, Saltelli, Sobol

DEFAULT_DESIGN = "full_factorial"

POINTS = "list"
"""The design whose parameters stand in its own `points`, and not in `parameter_sweeps`."""


class DesignEntry:
    """The entry ``design``, either a name or a mapping with ``type`` and the settings of that design."""

    def __init__(self, entry: Entry | None) -> None:
        self._node = entry.node if entry else None
        self._entries: dict[str, Entry] = {}
        self.name = self._name()

    @property
    def mark(self) -> Mark:
        """Where it stands."""
        assert self._node is not None  # noqa: S101 (the default design has no settings to complain of)
        return self._node.mark

    @property
    def chooses(self) -> bool:
        """Whether the design chooses values between the ends of ranges."""
        return DESIGNS[self.name].chooses

    def points(self) -> ListNode | None:
        """Give the points of a list, or None for other designs."""
        if self.name != POINTS:
            return None
        node = self._entries["points"].node if "points" in self._entries else None
        if not isinstance(node, ListNode) or not node.items:
            raise (node.mark if node else self.mark).error("design: points: must be a list of at least one point")
        return node

    def plan(self, axes: Sequence[Axis]) -> Design:
        """Make the design of these axes."""
        design = DESIGNS[self.name]
        self._require_axes(axes)
        # Every design is a dataclass, which its protocol cannot say.
        settings: tuple[Field[Any], ...] = fields(design)  # type: ignore[arg-type]
        return design(**{one.name: self._setting(one) for one in settings})

    def _name(self) -> str:
        if self._node is None:
            return DEFAULT_DESIGN
        node = self._node
        if isinstance(node, MapNode):
            allowed = {"type", "points", *(one.name for design in DESIGNS.values() for one in fields(design))}  # type: ignore[arg-type]
            self._entries = entries_of(node, sorted(allowed), "design")
            if "type" not in self._entries:
                raise node.mark.error(f"design: type is missing (there are {', '.join(DESIGNS)})")
            node = self._entries["type"].node
        if not isinstance(node, Scalar):
            raise node.mark.error("design: must be a name, or a mapping with type, n_samples, …")
        if node.value is None and not self._entries:
            return DEFAULT_DESIGN
        if node.text not in DESIGNS:
            known = ", ".join(DESIGNS)
            raise node.mark.error(
                f"unknown design {shown(node.text)}{suggestion(node.text, DESIGNS)} (there are {known})"
            )
        self._refuse_others(node.text)
        return node.text

    def _refuse_others(self, name: str) -> None:
        own = {"type", *(one.name for one in fields(DESIGNS[name]))}  # type: ignore[arg-type]
        own |= {"points"} if name == POINTS else set()
        for key, entry in self._entries.items():
            if key not in own:
                instead = ", ".join(sorted(own - {"type"})) or "no other setting"
                raise entry.mark.error(f"design: {key} does not go with type: {name}, which has {instead}")

    def _require_axes(self, axes: Sequence[Axis]) -> None:
        if not axes and self.name != DEFAULT_DESIGN:
            raise self.mark.error(f"design: {self.name} needs parameter_sweeps with at least one parameter")
        if self.name == "zip" and len({len(axis.values) for axis in axes}) > 1:
            counts = ", ".join(f"{axis.parameter} has {len(axis.values)}" for axis in axes)
            raise self.mark.error(f"design: zip needs equally many values of every parameter: {counts}")

    def _setting(self, one: "Field[Any]") -> Any:
        if one.name not in self._entries:
            if one.default is not MISSING:
                return one.default
            raise self.mark.error(
                f"design: {self.name} needs {one.name}: write design: {{type: {self.name}, {one.name}: 128}}"
            )
        node = self._entries[one.name].node
        value = node.value if isinstance(node, Scalar) else None
        if one.type is bool:
            if not isinstance(value, bool):
                raise node.mark.error(f"design: {one.name}: must be true or false")
        elif type(value) is not int or not 1 <= value <= MAX_VALUES:
            raise node.mark.error(f"design: {one.name}: must be a whole number from 1 to {MAX_VALUES}")
        return value


def design_warnings(plan: Design, place: object, *, constrained: bool) -> list[str]:
    """Say what is legal but odd in a design."""
    number = plan.n_samples if isinstance(plan, Sobol) else plan.n_base if isinstance(plan, Saltelli) else 1
    if isinstance(plan, Saltelli) and constrained:
        return [
            f"{place}: design: constraints make parameters depend on one another, while indices of sensitivity from"
            " saltelli are for independent ones; blocks that violate them are left out as a whole"
        ]
    if number & (number - 1) and not constrained:
        above = 1 << number.bit_length()
        return [f"{place}: design: {number} is no power of 2, at which Sobol' sequences are most even: {above} is one"]
    return []
