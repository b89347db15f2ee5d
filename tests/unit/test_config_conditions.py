"""Conditions: truth against plain boolean logic, and words."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmx.config.conditions import ALWAYS, NEVER, Condition, when

A, B, C = when(a=True), when(b=(1, 2)), when(c=None)
EVERYTHING = [
    dict(zip("abc", values, strict=True)) for values in itertools.product((True, False), (1, 2, 3), (None, "x"))
]


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (A & B, lambda a, b, c: a and b),
        (A | B, lambda a, b, c: a or b),
        ((A & B) | (A & C), lambda a, b, c: a and (b or c)),
        ((A & B) | A, lambda a, b, c: a),
        (A | (A & B), lambda a, b, c: a),
        ((A | B) & (A | C), lambda a, b, c: (a or b) and (a or c)),
        ((A & B) | C, lambda a, b, c: (a and b) or c),
        ((A & (B | C)) | (A & B & C), lambda a, b, c: (a and (b or c)) or (a and b and c)),
        (A | NEVER, lambda a, b, c: a),
        (A | ALWAYS, lambda a, b, c: True),
        (A & ALWAYS, lambda a, b, c: a),
        (A & NEVER, lambda a, b, c: False),
        (when(a=True, b=3), lambda a, b, c: a and not b),
    ],
)
def test_combined_conditions_are_boolean_logic(condition: Condition, truth):
    for values in EVERYTHING:
        expected = truth(values["a"] is True, values["b"] in (1, 2), values["c"] is None)
        assert condition.holds(values) == bool(expected), values


def test_words_say_each_part_once():
    assert A.words() == "a is true"
    assert when(a=False).words() == "a is false"
    assert B.words() == "b is 1/2"
    assert C.words() == "c is not given"
    assert ((A & B) | (A & C)).words() == "a is true and (b is 1/2 or c is not given)"
    assert ((A & B) | C).words() == "(a is true and b is 1/2) or c is not given"
    assert ALWAYS.words() == "always"
    assert NEVER.words() == "never"


def test_fields_are_those_looked_at():
    assert ((A & B) | C).fields() == {"a", "b", "c"}
    assert ALWAYS.fields() == frozenset()


def test_combining_is_idempotent():
    assert A & A == A
    assert A | A == A
    assert NEVER | A == A
    assert ALWAYS & A == A


NOT_A = when(a=False)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ((A & (B | C)) | (NOT_A & C) | A, "c is not given or a is true"),
        (A | (NOT_A & B & C), "a is true or (b is 1/2 and c is not given)"),
        ((NOT_A & B) | A, "b is 1/2 or a is true"),
        ((A | B) & A, "a is true"),
        (A & (NOT_A | B), "a is true and b is 1/2"),
        (B | (B & C) | (B & A), "b is 1/2"),
        (A | NOT_A, "always"),
        (A & NOT_A, "never"),
        ((A & B) | (NOT_A & C), "(a is true and b is 1/2) or (a is false and c is not given)"),
    ],
)
def test_words_leave_out_what_is_redundant(condition, words):
    assert condition.words() == words


PLAIN = {A: "a", NOT_A: "not a", B: "b", C: "c"}


@given(
    st.recursive(
        st.sampled_from(list(PLAIN.items())),
        lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda t: (t[0][0] & t[2][0] if t[1] == "and" else t[0][0] | t[2][0], f"({t[0][1]} {t[1]} {t[2][1]})")
        ),
        max_leaves=8,
    )
)
def test_any_combination_is_boolean_logic(pair):
    condition, text = pair
    for values in EVERYTHING:
        truth = {"a": values["a"] is True, "b": values["b"] in (1, 2), "c": values["c"] is None}
        assert condition.holds(values) == eval(text, truth), (text, condition.words())
