"""What an examination finds."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How serious a finding is: nothing to do, something to know, or something that keeps tmx from working."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    what : str
        Its name.
    verdict : Verdict
        How serious it is.
    found : str
        What was found, in words.
    remedy : str
        What to do; empty where there is nothing to be done.
    """

    what: str
    verdict: Verdict
    found: str
    remedy: str = ""


def ok(what: str, found: str) -> Finding:
    """Return a finding that asks for nothing."""
    return Finding(what, Verdict.OK, found)


def warning(what: str, found: str, remedy: str) -> Finding:
    """Return a finding with which tmx works, though not as well as it could."""
    return Finding(what, Verdict.WARNING, found, remedy)


def wrong(what: str, found: str, remedy: str) -> Finding:
    """Return a finding that keeps tmx from working."""
    return Finding(what, Verdict.WRONG, found, remedy)
