"""Expressions on the fields of a config, such as ``Et * dust_thickness``, and conditions, such as ``Et > 5``.

They are read into a tree by Python's own parser, never executed as Python: :class:`_Compiler` knows a few kinds of
nodes (numbers, quoted words, names, arithmetic, comparisons, ``and``, ``or``, ``not``, some functions), makes a
function of each and refuses all others.
"""

import ast
import math
import operator
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from tmx.config.fields import Field
from tmx.config.model import unknown_field
from tmx.config.problems import shown, suggestion
from tmx.config.retired import RETIRED
from tmx.config.schema import FIELDS
from tmx.errors import ConfigError

LONGEST = 500

Values: TypeAlias = Mapping[str, Any]
Fail: TypeAlias = Callable[[str], ConfigError]

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


NUMBER, CONDITION, WORD, NULL = "number", "condition", "word", "null"


@dataclass(frozen=True)
class Expression:
    """A number or a condition that follows from the values of names.

    Attributes
    ----------
    text : str
        As it was written.
    names : frozenset of str
        The names in it.
    is_condition, is_number : bool
        What its value may be.
    """

    text: str
    names: frozenset[str]
    is_condition: bool
    is_number: bool
    _evaluate: Callable[[Values], Any]

    def value(self, values: Values) -> Any:
        """Return its value for the values of its names.

        Raises
        ------
        ValueError
            If it has none there, as where something is divided by zero or a null is compared.
        """
        try:
            return self._evaluate(values)
        except OverflowError:
            raise ValueError("a number is too large") from None
        except ArithmeticError as error:
            raise ValueError(str(error)) from None


def read_expression(text: str, what: str, fail: Fail, numbers: Collection[str] = ()) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
        As it was written.
    what : str
        What is expected, in words.
    fail : callable
        Makes the error that says something of the expression's place.
    numbers : collection of str
        Names of numbers, or nulls, that are known beside the fields of a config.

    Raises
    ------
    ConfigError
        If it is none, or has other names.
    """
    if len(text) > LONGEST:
        raise fail(f"longer than {LONGEST} characters")
    compiler = _Compiler(text, fail, numbers)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
        part = compiler.part(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise fail(f"cannot be read: {shown(text)}; it must be {what}") from None
    return Expression(text, frozenset(compiler.names), part.may_be(CONDITION), part.may_be(NUMBER), part.evaluate)


@dataclass(frozen=True)
class _Part:
    """A part of an expression: how its value is found, what that may be, and the field or the word that it is."""

    evaluate: Callable[[Values], Any]
    kinds: frozenset[str]
    field: Field | None = None
    constant: object = None

    def may_be(self, kind: str) -> bool:
        return kind in self.kinds


class _Compiler:
    def __init__(self, text: str, fail: Fail, numbers: Collection[str]) -> None:
        self._text, self._fail, self._numbers = text, fail, numbers
        self.names: set[str] = set()

    def part(self, node: ast.AST) -> _Part:
        make: Callable[[Any], _Part] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        return make(node) if make else self._refuse(node)

    def _error(self, message: str) -> NoReturn:
        raise self._fail(message)

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
        if name in self._numbers and name not in FIELDS:
            self.names.add(name)
            return _Part(lambda values: values[name], frozenset({NUMBER, NULL}))
        if name not in FIELDS:
            quoted = any(name in field.choices for field in FIELDS.values())
            self._error(f"a word stands in quotes: '{name}'" if quoted else self._unknown(name))
        if FIELDS[name].is_list:
            self._error(f"{name} is a list, which cannot be compared")
        self.names.add(name)
        return _Part(lambda values: values[name], _kinds(FIELDS[name]), field=FIELDS[name])

    def _unknown(self, name: str) -> str:
        if not self._numbers or name in RETIRED:
            return unknown_field(name)
        return f"unknown name {shown(name)}{suggestion(name, [*FIELDS, *self._numbers])}"

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
