"""What a stage gives: arrays for the file, and numbers for the registry."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from tmx.storage.records import Record

AnyRecord = TypeVar("AnyRecord", bound=Record)

Number = float | int | bool | None


@dataclass(frozen=True)
class Outcome(Generic[AnyRecord]):
    """A record, and the numbers that summarise it.

    Attributes
    ----------
    record : Record
        Arrays.
    numbers : dict
        Values of the stage's result columns by name.
    """

    record: AnyRecord
    numbers: dict[str, Number]
