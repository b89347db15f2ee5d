"""What a dataset shall be made of, and how it shall be written."""

import json
import shlex
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from tmx.datasets.destination import Destination
from tmx.datasets.filters import Filters
from tmx.datasets.splits import SplitPolicy


@dataclass(frozen=True)
class Query:
    """What goes into a dataset beside the name of a sweep.

    Attributes
    ----------
    inputs : tuple of str
        Fields, derived quantities, or `name=expression`; by default the swept parameters.
    outputs : tuple of str
        Names of outputs; by default the usual ones that the samples have.
    filters : Filters
        What a sample must meet.
    policy : SplitPolicy
        How samples are divided.
    val_sweep, test_sweep : str, optional
        Other sweeps, whose samples are the validation or test part in place of a fraction of this one.
    allow_empty : bool
        Whether the validation and the test part may have no samples.
    license : str
        Under which licence the dataset is given to others.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    policy: SplitPolicy = field(default_factory=SplitPolicy)
    val_sweep: str | None = None
    test_sweep: str | None = None
    allow_empty: bool = True
    license: str = "unknown"

    @property
    def other_sweeps(self) -> dict[str, str]:
        """The parts that are other sweeps."""
        found = {"val": self.val_sweep, "test": self.test_sweep}
        return {part: sweep for part, sweep in found.items() if sweep}

    def options(self) -> dict[str, list[str]]:
        """Return the options of `tmx dataset build` that ask for it; of what is as usual, none."""
        usual = Query()
        values: dict[str, tuple[Any, Any]] = {
            "--inputs": (self.inputs, usual.inputs),
            "--outputs": (self.outputs, usual.outputs),
            "--where": (self.filters.where, None),
            "--max-error": (self.filters.max_error, None),
            "--max-energy-residual": (self.filters.max_energy_residual, usual.filters.max_energy_residual),
            "--split": (self.policy.kind, usual.policy.kind),
            "--by": (self.policy.by, ()),
            "--hold-out": (self.policy.hold_out, ()),
            "--val-sweep": (self.val_sweep, None),
            "--test-sweep": (self.test_sweep, None),
            "--train-fraction": (self.policy.train, usual.policy.train),
            "--val-fraction": (self.policy.val, usual.policy.val),
            "--random-seed": (self.policy.seed, usual.policy.seed),
            "--license": (self.license, usual.license),
        }
        found = {
            option: [str(one) for one in (value if isinstance(value, tuple) else (value,))]
            for option, (value, default) in values.items()
            if value != default
        }
        return {**found, "--allow-empty": []} if self.allow_empty else found

    def command(self, sweep: str, target: Destination) -> str:
        """Return the command that builds it, wherever it is run."""
        words = [word for option, values in self.options().items() for word in (option, *values)]
        return shlex.join(["tmx", "dataset", "build", "--sweep", sweep, *words, *target.options()])


def is_whole_alone(stored: str) -> bool:
    """Say whether a dataset is one file, of samples of its own sweep, from the query that the registry keeps."""
    query = json.loads(stored)
    return not query.get("shards") and not {"--val-sweep", "--test-sweep"} & query.get("options", {}).keys()


def build_command(stored: str, sweep: str, path: str) -> str:
    """Return the command that builds a dataset again, from the query that the registry keeps."""
    query = json.loads(stored)
    place = str(PurePosixPath(path).parents[1]) if query.get("shards") else path
    words = [word for option, values in query.get("options", {}).items() for word in (option, *values)]
    return shlex.join(["tmx", "dataset", "build", "--sweep", sweep, "-o", place, *words])
