"""What passes between a worker and the queue: what it asks for, what it gets, and what it gives back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEASE_S = 120.0
"""How long a claim is honoured without a heartbeat; workers should send one every quarter of it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that a worker holds, with what it needs to compute it.

    `params` (JSON) overrides the config of the sweep; `parent_path` is the file of the run that this one builds on.
    """

    run_id: int
    stage: str
    key: str
    params: str
    sweep_id: int
    parent_id: int | None
    parent_key: str | None
    parent_path: str | None
    attempt: int
    token: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What a worker asks for when it claims.

    Attributes
    ----------
    worker_id : int
        Who asks.
    token : str
        Made for this claim alone, by `new_token`.
    limit : int
        How many runs at most.
    sweep_ids : sequence of int, optional
        Only these sweeps; by default all active ones by their priority. A sweep that is asked for by name also gets the
        runs that it shares with another whose turn may never come.
    stage : str, optional
        Only this stage. Pending runs of other stages then have to be passed over, so that a claim costs more.
    start : int
        How many of the runs begin at once.
    lease_s : float
        How long the claim is honoured without a heartbeat. [s]
    """

    worker_id: int
    token: str
    limit: int = 1
    sweep_ids: Sequence[int] | None = None
    stage: str | None = None
    start: int = 1
    lease_s: float = LEASE_S


@dataclass(frozen=True, slots=True)
class File:
    """A file that a run produced: its path relative to the store, its SHA-256 and its size."""

    kind: str
    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gave: its files, and the numbers for the columns of its stage's result table."""

    files: Sequence[File] = ()
    numbers: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt ended without a result; worth a retry where the same inputs may do better next time."""

    error_type: str
    message: str
    traceback: str | None = None
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a worker still holds, which of that it should give back, and whether it should stop altogether."""

    held: frozenset[tuple[int, str]]
    cancelled: frozenset[tuple[int, str]]
    stop_requested: bool

    def holds(self, claim: Claim) -> bool:
        """Say whether the claim is still honoured."""
        return (claim.run_id, claim.token) in self.held


def new_token() -> str:
    """Make the token of one claim."""
    return secrets.token_hex(16)
