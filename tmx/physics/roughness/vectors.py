"""A row of a block of lanes as one value of compiled functions, so that one instruction serves several facets.

`load` gives a row, arithmetic with it is that of numbers, and `store` puts it back. Left to itself, the compiler would
have to prove that no two arrays overlap before it joined the lanes of a loop, and gives up where there are many.
Without the compiler a value is an array of LANES numbers.
"""

import operator
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, overload, register_model

from tmx.physics.roughness.lanes import LANES


def load(rows, i):
    """Return row i of an array of shape (n, LANES) as one value."""
    return rows[i].copy()


def store(rows, i, value):
    """Set row i of an array of shape (n, LANES)."""
    rows[i] = value


def spread(number):
    """Return the value that has a number in every lane."""
    return np.full(LANES, number)


def gather(table, place):
    """Return the entries of a one-dimensional table at places that are whole numbers within it."""
    return table[place.astype(int)]


def total(value):
    """Return the sum over all lanes."""
    return value.sum()


def largest(value):
    """Return the largest of all lanes."""
    return value.max()


class _LanesType(types.Type):
    """The type of a value that has one number per lane."""

    def __init__(self) -> None:
        super().__init__(name=f"Lanes({LANES})")


_VALUE = _LanesType()
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_INDEX = ir.IntType(32)
_LEAN = {"_nrt": False}


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, _VECTOR)


def _spread(builder: Any, number: Any) -> Any:
    nothing = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, number, _INDEX(0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES))


def _pointer(context: Any, builder: Any, kind: Any, rows: Any, i: Any) -> Any:
    array = context.make_array(kind)(context, builder, rows)
    return builder.bitcast(builder.gep(array.data, [builder.mul(i, i.type(LANES))]), _VECTOR.as_pointer())


def _of_lanes(function: Callable[..., Any], count: int, build: Callable[..., Any]) -> None:
    """Let a function of numbers take values of lanes; `build` is given the instruction builder and the operands."""
    kinds = [(_VALUE,)] if count == 1 else [(_VALUE, _VALUE), (_VALUE, types.float64), (types.float64, _VALUE)]

    class _Typing(ConcreteTemplate):
        cases: ClassVar[list[Any]] = [signature(_VALUE, *kind) for kind in kinds]

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = [arg if kind == _VALUE else _spread(builder, arg) for arg, kind in zip(args, sig.args, strict=True)]
        return build(builder, *values)

    infer_global(function)(_Typing)
    for kind in kinds:
        lower_builtin(function, *kind)(lower)


def _instruction(name: str) -> Callable[..., Any]:
    return lambda builder, *values: getattr(builder, name)(*values)


def _library(name: str) -> Callable[..., Any]:
    kind = ir.FunctionType(_VECTOR, [_VECTOR])

    def build(builder: Any, value: Any) -> Any:
        full = f"llvm.{name}.v{LANES}f64"
        return builder.call(builder.module.globals.get(full) or ir.Function(builder.module, kind, full), [value])

    return build


def _first_if(comparison: str) -> Callable[..., Any]:
    """Return a choice that takes the second value where the first is not a number."""
    return lambda builder, a, b: builder.select(builder.fcmp_ordered(comparison, a, b), a, b)


for _operator, _name in (
    (operator.add, "fadd"),
    (operator.iadd, "fadd"),
    (operator.sub, "fsub"),
    (operator.isub, "fsub"),
    (operator.mul, "fmul"),
    (operator.imul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _of_lanes(_operator, 2, _instruction(_name))
_of_lanes(operator.neg, 1, _instruction("fneg"))
_of_lanes(np.sqrt, 1, _library("sqrt"))
_of_lanes(np.floor, 1, _library("floor"))
_of_lanes(np.abs, 1, _library("fabs"))
_of_lanes(np.maximum, 2, _first_if(">"))
_of_lanes(np.minimum, 2, _first_if("<"))


@intrinsic
def _load(typing: Any, rows: Any, i: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, sig.args[0], *args), align=8)

    return _VALUE(rows, types.intp), build


@intrinsic
def _store(typing: Any, rows: Any, i: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _pointer(context, builder, sig.args[0], *args[:2]), align=8)
        return context.get_dummy_value()

    return types.none(rows, types.intp, _VALUE), build


@intrinsic
def _spread_number(typing: Any, number: Any) -> Any:
    return _VALUE(types.float64), lambda context, builder, sig, args: _spread(builder, args[0])


@intrinsic
def _gather(typing: Any, table: Any, place: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        entries = ir.Constant(_VECTOR, ir.Undefined)
        for f in range(LANES):
            i = builder.fptosi(builder.extract_element(args[1], _INDEX(f)), ir.IntType(64))
            entries = builder.insert_element(entries, builder.load(builder.gep(data, [i])), _INDEX(f))
        return entries

    return _VALUE(table, _VALUE), build


@intrinsic
def _total(typing: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        number = builder.extract_element(args[0], _INDEX(0))
        for f in range(1, LANES):
            number = builder.fadd(number, builder.extract_element(args[0], _INDEX(f)))
        return number

    return types.float64(_VALUE), build


@intrinsic
def _largest(typing: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        number = builder.extract_element(args[0], _INDEX(0))
        for f in range(1, LANES):
            other = builder.extract_element(args[0], _INDEX(f))
            number = builder.select(builder.fcmp_ordered(">", other, number), other, number)
        return number

    return types.float64(_VALUE), build


@overload(load, jit_options=_LEAN)
def _load_row(rows, i):
    return lambda rows, i: _load(rows, i)


@overload(store, jit_options=_LEAN)
def _store_row(rows, i, value):
    return lambda rows, i, value: _store(rows, i, value)


@overload(spread, jit_options=_LEAN)
def _spread_in_lanes(number):
    return lambda number: _spread_number(number)


@overload(gather, jit_options=_LEAN)
def _gather_entries(table, place):
    return lambda table, place: _gather(table, place)


@overload(total, jit_options=_LEAN)
def _total_of_lanes(value):
    return lambda value: _total(value)


@overload(largest, jit_options=_LEAN)
def _largest_of_lanes(value):
    return lambda value: _largest(value)
