"""Constraints: conditions on the values of a sample, such as ``Et * dust_thickness > 5``.

They are read into a tree by Python's own parser, never executed as Python: :class:`_Compiler` knows a few kinds of
nodes (numbers, quoted words, fields, arithmetic, comparisons, ``and``, ``or``, ``not``, some functions), makes a
function of each and refuses all others.
"""

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from tmx.config.fields import Field
from tmx.config.model import unknown_field
from tmx.config.problems import shown, suggestion
from tmx.config.schema import FIELDS
from tmx.config.yaml_reader import ListNode, Mark, Node, Scalar
from tmx.errors import ConfigError

LONGEST = 500

Values: TypeAlias = Mapping[str, Any]

CONSTANTS: Mapping[str, bool | float | None] = {
    "true": True, "True": True, "false": False, "False": False, "null": None, "None": None, "pi": math.pi,
}  # fmt: skip

FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "abs": abs, "min": min, "max": max, "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "log10": math.log10,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "radians": math.radians, "degrees": math.degrees,
}  # fmt: skip
"""What may be called; `min` and `max` take several numbers, all others one."""

_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}  # fmt: skip

_ORDER: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip

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
    _evaluate: Callable[[Values], Any]

    def holds(self, values: Values) -> bool:
        """Tell whether it holds for the values of all fields.

        Raises
        ------
        ConfigError
            If it has no value there, as where something is divided by zero or a null is compared.
        """
        try:
            return bool(self._evaluate(values))
        except (ArithmeticError, ValueError) as error:
            reason = "a number is too large" if isinstance(error, OverflowError) else error
            raise ConfigError(f"{self.place}: constraint {shown(self.text)} has no value: {reason}") from None


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
    if len(text) > LONGEST:
        raise node.mark.error(f"{who}: longer than {LONGEST} characters; write several constraints")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
        part = _Compiler(who, node.mark, text).part(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise node.mark.error(f"{who}: cannot be read: {shown(text)}; it must be {_WHAT}") from None
    if not part.may_be(CONDITION):
        raise node.mark.error(f"{who}: {shown(text)} is no condition: compare it with something")
    return Constraint(text, str(node.mark), part.evaluate)


NUMBER, CONDITION, WORD, NULL = "number", "condition", "word", "null"


@dataclass(frozen=True)
class _Part:
    """A part of a constraint: how its value is found, what that may be, and the field or the word that it is."""

    evaluate: Callable[[Values], Any]
    kinds: frozenset[str]
    field: Field | None = None
    constant: object = None

    def may_be(self, kind: str) -> bool:
        return kind in self.kinds


class _Compiler:
    def __init__(self, who: str, mark: Mark, text: str) -> None:
        self._who, self._mark, self._text = who, mark, text

    def part(self, node: ast.AST) -> _Part:
        make: Callable[[Any], _Part] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        return make(node) if make else self._refuse(node)

    def _error(self, message: str) -> NoReturn:
        raise self._mark.error(f"{self._who}: {message}")

    def _refuse(self, node: ast.AST) -> NoReturn:
        source = ast.get_source_segment(self._text, node) or self._text
        self._error(
            f"{shown(source)} cannot stand here: there are fields, numbers, quoted words, + - * / **, < <= > >= == !=,"
            f" in, and, or, not, {', '.join(FUNCTIONS)}"
        )

    def _constant(self, node: ast.Constant) -> _Part:
        value = node.value
        if value is None or isinstance(value, bool):
            return _constant(value)
        if isinstance(value, int | float):
            return _constant(float(value))
        return _constant(value) if isinstance(value, str) else self._refuse(node)

    def _name(self, node: ast.Name) -> _Part:
        name = node.id
        if name in CONSTANTS:
            return _constant(CONSTANTS[name])
        if name not in FIELDS:
            quoted = any(name in field.choices for field in FIELDS.values())
            self._error(f"a word stands in quotes: '{name}'" if quoted else unknown_field(name))
        if FIELDS[name].is_list:
            self._error(f"{name} is a list, which cannot be compared")
        return _Part(lambda values: values[name], _kinds(FIELDS[name]), field=FIELDS[name])

    def _number(self, node: ast.expr) -> Callable[[Values], float]:
        part, source = self.part(node), ast.get_source_segment(self._text, node) or self._text
        if not part.may_be(NUMBER):
            self._error(f"{shown(source)} is no number")
        evaluate = part.evaluate
        return lambda values: _as_number(evaluate(values), source)

    def _condition(self, node: ast.expr) -> Callable[[Values], Any]:
        part = self.part(node)
        if not part.may_be(CONDITION):
            self._error(f"{shown(ast.get_source_segment(self._text, node))} is no condition: compare it with something")
        return part.evaluate

    def _binop(self, node: ast.BinOp) -> _Part:
        if type(node.op) not in _ARITHMETIC:
            self._refuse(node)
        source = ast.get_source_segment(self._text, node) or self._text
        calculate, left, right = _ARITHMETIC[type(node.op)], self._number(node.left), self._number(node.right)
        return _Part(lambda values: _as_number(calculate(left(values), right(values)), source), frozenset({NUMBER}))

    def _unaryop(self, node: ast.UnaryOp) -> _Part:
        if isinstance(node.op, ast.Not):
            condition = self._condition(node.operand)
            return _Part(lambda values: not condition(values), frozenset({CONDITION}))
        if not isinstance(node.op, ast.USub | ast.UAdd):
            self._refuse(node)
        number, sign = self._number(node.operand), -1.0 if isinstance(node.op, ast.USub) else 1.0
        return _Part(lambda values: sign * number(values), frozenset({NUMBER}))

    def _boolop(self, node: ast.BoolOp) -> _Part:
        conditions = [self._condition(value) for value in node.values]
        decide = all if isinstance(node.op, ast.And) else any
        return _Part(lambda values: decide(condition(values) for condition in conditions), frozenset({CONDITION}))

    def _call(self, node: ast.Call) -> _Part:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            source = ast.get_source_segment(self._text, node.func) or ""
            near = suggestion(source, FUNCTIONS)
            self._error(f"unknown function {shown(source)}{near} (there are {', '.join(FUNCTIONS)})")
        several = name in ("min", "max")
        if node.keywords or (len(node.args) < 2 if several else len(node.args) != 1):
            self._error(f"{name} takes {'two or more numbers' if several else 'one number'}")
        function, numbers = FUNCTIONS[name], [self._number(arg) for arg in node.args]
        return _Part(lambda values: function(*(number(values) for number in numbers)), frozenset({NUMBER}))

    def _compare(self, node: ast.Compare) -> _Part:
        operands = [node.left, *node.comparators]
        pairs = [
            self._comparison(left, one, right)
            for left, one, right in zip(operands, node.ops, node.comparators, strict=False)
        ]
        return _Part(lambda values: all(holds(values) for holds in pairs), frozenset({CONDITION}))

    def _comparison(self, left: ast.expr, one: ast.cmpop, right: ast.expr) -> Callable[[Values], bool]:
        if type(one) in _ORDER:
            compare, low, high = _ORDER[type(one)], self._number(left), self._number(right)
            return lambda values: compare(low(values), high(values))
        if isinstance(one, ast.In | ast.NotIn):
            return self._membership(left, right, negated=isinstance(one, ast.NotIn))
        if not isinstance(one, ast.Eq | ast.NotEq):
            self._error("write == or != instead of 'is'")
        equal = self._equality(self.part(left), self.part(right))
        return equal if isinstance(one, ast.Eq) else lambda values: not equal(values)

    def _membership(self, left: ast.expr, right: ast.expr, *, negated: bool) -> Callable[[Values], bool]:
        if not isinstance(right, ast.List | ast.Tuple):
            self._error("after 'in' stands a list, such as ['disort', 'hapke']")
        item = self.part(left)
        equalities = [self._equality(item, self.part(other)) for other in right.elts]
        return lambda values: any(equal(values) for equal in equalities) is not negated

    def _equality(self, left: _Part, right: _Part) -> Callable[[Values], bool]:
        for part, other in ((left, right), (right, left)):
            self._check_word(part.field, other.constant)
        if not left.kinds & right.kinds:
            self._error(f"{shown(self._text)} compares {_says(left)} with {_says(right)}")
        return lambda values: bool(left.evaluate(values) == right.evaluate(values))

    def _check_word(self, field: Field | None, word: object) -> None:
        if field and field.choices and not field.is_text and isinstance(word, str) and word not in field.choices:
            self._error(f"{field.name}: must be {field.expected}, not {shown(word)}{suggestion(word, field.choices)}")


def _constant(value: bool | float | str | None) -> _Part:
    kind = (
        NULL if value is None else CONDITION if isinstance(value, bool) else WORD if isinstance(value, str) else NUMBER
    )
    return _Part(lambda _values: value, frozenset({kind}), constant=value)


def _kinds(field: Field) -> frozenset[str]:
    said = {CONDITION: bool in field.types, NUMBER: field.is_number, NULL: field.nullable}
    words = bool(field.choices) or field.is_text
    return frozenset([*(kind for kind, is_so in said.items() if is_so), *([WORD] if words else [])])


def _says(part: _Part) -> str:
    if part.field:
        return f"{part.field.name}, which is {part.field.expected},"
    return shown(part.constant) if part.constant is not None else f"a {next(iter(part.kinds))}"


def _as_number(value: Any, source: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{source} is {shown(value)}, which is no number")
    return float(value)


def violated(constraints: Sequence[Constraint], values: Values) -> Constraint | None:
    """Give the first constraint that the values of all fields violate, if any."""
    return next((one for one in constraints if not one.holds(values)), None)
