"""How a computation ends, as a worker hears of it. What a worker needs not know, such as physics, is not imported."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from tmx.errors import WriteError
from tmx.registry.queue import Claim, Failure, Result
from tmx.storage.atomic import Staged

RETRYABLE = (OSError, MemoryError, WriteError)
"""Errors that the same inputs may not meet again: a full disk, a file system that was away, memory that was short."""


@dataclass(frozen=True)
class Prepared:
    """A computed run: its file under a staging name, and what is to be recorded of it."""

    staged: Staged
    result: Result


@dataclass(frozen=True)
class Died:
    """The process that computed the run died; what is known of that."""

    failure: Failure


class Stop(Enum):
    """Why a computation was stopped."""

    TIMEOUT = auto()
    HANDED_BACK = auto()


Ending = Prepared | Failure | Died | Stop

Watch = Callable[[float], Stop | None]
"""Asked every now and then, with the seconds since a computation began, whether it is to be stopped."""


class Computer(Protocol):
    """Computes claimed runs, one at a time."""

    seconds: float
    """How long the last computation took."""

    def compute(self, claim: Claim, watch: Watch) -> Ending:
        """Compute a run."""
        ...

    def close(self) -> None:
        """Compute nothing more."""
        ...


def describe_failure(error: Exception) -> Failure:
    """Return what is recorded of a run that failed."""
    return Failure(
        error_type=type(error).__name__,
        message=" ".join(str(error).split()) or type(error).__name__,
        traceback="".join(traceback.format_exception(error)),
        retryable=isinstance(error, RETRYABLE),
    )
