"""Constraints: conditions on the values of a sample, such as ``Et * dust_thickness > 5``."""

from collections.abc import Sequence
from dataclasses import dataclass

from tmx.config.problems import shown
from tmx.config.yaml_reader import ListNode, Node, Scalar
from tmx.errors import ConfigError
from tmx.sweeps.expressions import Expression, Values, read_expression

_WHAT = 'a condition on fields in SI units, such as "Et * dust_thickness > 5" or "RTE_solver == \'hapke\'"'


@dataclass(frozen=True)
class Constraint:
    """A condition that every sample of a sweep meets.

    Attributes
    ----------
    text : str
        As it stands in the file.
    place : str
        Where.
    """

    text: str
    place: str
    _condition: Expression

    def holds(self, values: Values) -> bool:
        """Tell whether it holds for the values of all fields.

        Raises
        ------
        ConfigError
            If it has no value there, as where something is divided by zero or a null is compared.
        """
        try:
            return bool(self._condition.value(values))
        except ValueError as error:
            raise ConfigError(f"{self.place}: constraint {shown(self.text)} has no value: {error}") from None


def read_constraints(node: Node) -> tuple[Constraint, ...]:
    """Read the list under ``constraints``.

    Raises
    ------
    ConfigError
        With the place, if one of them is no condition on fields of a config.
    """
    if not isinstance(node, ListNode):
        raise node.mark.error("constraints: expected a list, each entry beginning with '-'")
    return tuple(_read(item, index) for index, item in enumerate(node.items))


def _read(node: Node, index: int) -> Constraint:
    who = f"constraints[{index}]"
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        raise node.mark.error(f"{who}: must be {_WHAT}")
    text = node.value.strip()
    condition = read_expression(text, _WHAT, lambda message: node.mark.error(f"{who}: {message}"))
    if not condition.is_condition:
        raise node.mark.error(f"{who}: {shown(text)} is no condition: compare it with something")
    return Constraint(text, str(node.mark), condition)


def violated(constraints: Sequence[Constraint], values: Values) -> Constraint | None:
    """Give the first constraint that the values of all fields violate, if any."""
    return next((one for one in constraints if not one.holds(values)), None)
