"""Which part of a dataset a sample belongs to, decided by the sample alone.

A hash of the seed and of the sample's parameters falls somewhere between 0 and 1, and the fractions cut that line.
Adding samples to a sweep moves none of the others, and samples with the same parameters never part.
"""

import hashlib
from dataclasses import dataclass

from tmx.errors import ConfigError

PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class SplitPolicy:
    """Fractions of a dataset, and the seed of the hash.

    Attributes
    ----------
    train, val : float
        Fractions for training and validation; what is left is for the test.
    seed : int
        Another seed gives another split.
    """

    train: float = 0.8
    val: float = 0.1
    seed: int = 42

    def __post_init__(self) -> None:
        for name in ("train", "val"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"--{name}-fraction: {getattr(self, name)} is not a fraction from 0 to 1")
        if self.train + self.val > 1.0 + 1e-12:
            raise ConfigError(
                f"--train-fraction {self.train} and --val-fraction {self.val} add up to more than 1;"
                " what they leave is the test"
            )

    def part_of(self, identity: str) -> str:
        """Return `train`, `val` or `test` for a sample.

        Parameters
        ----------
        identity : str
            Canonical JSON of the sample's parameters.
        """
        digest = hashlib.sha256(f"{self.seed}\n{identity}".encode()).digest()
        position = int.from_bytes(digest[:8]) / 2.0**64
        if position < self.train:
            return "train"
        return "val" if position < self.train + self.val else "test"
