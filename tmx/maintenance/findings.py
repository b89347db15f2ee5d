"""What `tmx verify` finds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

REPAIR = "tmx verify --repair"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, or that is worth knowing.

    Attributes
    ----------
    kind : str
        Its name, for scripts.
    text : str
        What it is, in words.
    command : str
        What to do about it.
    remedy : str or None
        What `repair` does about it; None where it can do nothing.
    damage : bool
        Whether anything is wrong.
    about : mapping
        The rows and files that it is about.
    """

    kind: str
    text: str
    command: str
    remedy: str | None = None
    damage: bool = True
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The finding and the next command, in one line."""
        return f"{self.text}: `{self.command}`"

    def as_json(self) -> dict[str, Any]:
        """Return the finding for scripts."""
        return {**asdict(self), "about": dict(self.about)}
