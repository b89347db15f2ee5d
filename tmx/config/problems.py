"""How a mistake in a config is said: one line with the field, what is wrong, and the nearest valid name."""

import difflib
from collections.abc import Iterable

from tmx.errors import ConfigError


class FieldError(ConfigError):
    """A value that a field cannot take, or fields that contradict one another.

    Attributes
    ----------
    fields : tuple of str
        The fields involved; the first one leads the message.
    """

    def __init__(self, reason: str, *fields: str) -> None:
        super().__init__(f"{fields[0]}: {reason}")
        self.fields = fields


def suggestion(name: str, valid: Iterable[str]) -> str:
    """Name the valid name nearest to a mistaken one, as the end of a message; empty if none is near."""
    by_folded = {candidate.casefold(): candidate for candidate in valid}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[near[0]]!r}?" if near else ""


def shown(value: object, limit: int = 60) -> str:
    """Show a value in a message as YAML has it, cut where it is long, on one line."""
    text = {None: "null", True: "true", False: "false"}[value] if isinstance(value, bool | None) else repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
