"""Which finished samples are good enough, and wanted: bounds on errors, and a condition that a user writes.

The condition is written as in SQL, but it is no SQL: it is read by the same small grammar as the constraints of sweeps,
about the same names and those of the columns of results, and means the same on every database.
"""

import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tmx.config.problems import shown
from tmx.datasets.columns import Values
from tmx.datasets.derived import DERIVED
from tmx.errors import ConfigError
from tmx.registry.views import result_names
from tmx.sweeps.expressions import Expression, read_expression

WHAT = "a condition, such as \"latitude < 0.5 and estimated_error < 0.1 and bottom_bc = 'neumann'\""

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "null", "true", "false"})

RESIDUAL = 1e-2
"""Part of a day's energy that may be missing before a run counts as wrong; sound runs miss less than 1e-5 of it."""


@dataclass(frozen=True)
class Filters:
    """What a finished sample must meet.

    Attributes
    ----------
    where : str, optional
        A condition on fields, derived quantities and numbers of results.
    max_error : float, optional
        Largest estimated error of temperatures [K].
    max_energy_residual : float
        Largest part of the energy of a day that may be missing [-].

    Raises
    ------
    ConfigError
        If the condition is none, or a bound is no positive number.
    """

    where: str | None = None
    max_error: float | None = None
    max_energy_residual: float = RESIDUAL
    _condition: "Condition | None" = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        for name, bound in (("max-error", self.max_error), ("max-energy-residual", self.max_energy_residual)):
            if bound is not None and not bound > 0.0:
                raise ConfigError(f"--{name}: {bound} is not above 0")
        if self.where is not None:
            object.__setattr__(self, "_condition", Condition(self.where, "--where", result_names()))

    def reason_against(self, values: Values, results: Mapping[str, Any]) -> str | None:
        """Return why a finished sample is left out; None if it is not."""
        if not results["accuracy_met"]:
            return "accuracy not met"
        if self.max_error is not None and _largest(results, "estimated_error") > self.max_error:
            return f"estimated error above {self.max_error:g} K"
        if _largest(results, "energy_residual") > self.max_energy_residual:
            return f"energy residual above {self.max_energy_residual:g}"
        if self._condition is not None and not self._condition.holds(values):
            return "outside of --where"
        return None


class Condition:
    """A condition on samples, as a user writes it.

    Parameters
    ----------
    text : str
        The condition, with the words of SQL or of Python.
    option : str
        Where it was written.
    results : collection of str
        Names of numbers that are known beside fields and derived quantities.

    Raises
    ------
    ConfigError
        If it is no condition, or has other names.
    """

    def __init__(self, text: str, option: str, results: frozenset[str] = frozenset()) -> None:
        def fail(message: str) -> ConfigError:
            return ConfigError(f"{option}: {message}")

        self._expression: Expression = read_expression(_from_sql(text), WHAT, fail, results | DERIVED.keys())
        if not self._expression.is_condition:
            raise fail(f"{shown(text)} is no condition: it must be {WHAT}")

    def holds(self, values: Values) -> bool:
        """Tell whether it holds for a sample; where it has no value it does not, as in SQL."""
        try:
            return bool(self._expression.value(values))
        except ValueError:
            return False


def _largest(results: Mapping[str, Any], name: str) -> float:
    """Return the larger magnitude of a number of the flat surface and of the facets of a rough one."""
    return max(abs(float(results[each] or 0.0)) for each in (name, f"facet_{name}"))


def _from_sql(text: str) -> str:
    """Write a condition with the words of Python; what cannot be taken apart is left to whoever reads it."""
    try:
        tokens = [token.string for token in tokenize.generate_tokens(io.StringIO(text.strip()).readline)]
    except (tokenize.TokenError, SyntaxError):
        return text
    return " ".join(_translated(tokens)).strip()


def _with_unequal(tokens: list[str]) -> Iterator[str]:
    """Put the two halves of SQL's word for unequal together, which Python takes apart."""
    left = iter(zip(tokens, [*tokens[1:], ""], strict=True))
    for token, following in left:
        yield "<>" if token + following == "<>" else token
        if token + following == "<>":
            next(left)


def _translated(tokens: list[str]) -> Iterator[str]:
    words = [token.lower() if token.lower() in KEYWORDS else token for token in _with_unequal(tokens)]
    for place, word in enumerate(words):
        if word == "is":
            yield "!=" if words[place + 1 : place + 2] == ["not"] else "=="
        elif not (word == "not" and words[place - 1 : place] == ["is"]):
            yield {"=": "==", "<>": "!="}.get(word, word)
