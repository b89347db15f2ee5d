"""What there is to say of a dataset, for its card and for programs: gathered when it is built."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tmx.datasets.destination import Destination
from tmx.datasets.layout import INPUTS, FileRecord
from tmx.datasets.leakage import Leak
from tmx.datasets.planning import Plan
from tmx.datasets.query import Query
from tmx.datasets.statistics import Moments
from tmx.datasets.writing import Description


@dataclass(frozen=True)
class About:
    """A dataset that is written, but not yet under its name.

    Attributes
    ----------
    plan : Plan
        Its samples.
    query : Query
        What was asked for.
    target : Destination
        Where it goes.
    description : Description
        Its arrays.
    moments : dict
        Statistics of the training part by array.
    leaks : list of Leak
        What its parts have in common.
    resampled : list of str
        Axes in which samples differed.
    fingerprint : str
        Hash of its content.
    files : list of FileRecord
        Its files, the one that shows the whole first.
    """

    plan: Plan
    query: Query
    target: Destination
    description: Description
    moments: Mapping[str, Moments]
    leaks: Sequence[Leak]
    resampled: Sequence[str]
    fingerprint: str
    files: Sequence[FileRecord]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.plan.source.name

    @property
    def version(self) -> str:
        """Its version."""
        return self.target.version

    @property
    def date(self) -> str:
        """The day on which its sweep was submitted: the same samples make the same card."""
        return time.strftime("%Y-%m-%d", time.gmtime(self.plan.source.definition["created"]))

    @property
    def command(self) -> str:
        """The command that builds it."""
        return self.query.command(self.name, self.target)

    @property
    def samples(self) -> int:
        """Samples in all parts."""
        return sum(self.plan.sizes.values())

    @cached_property
    def errors(self) -> dict[str, float]:
        """Median and largest estimated error of temperatures [K], over all parts."""
        found = [each.member.result("estimated_error") for part in self.plan.parts.values() for each in part]
        return {"median": float(np.median(found)), "max": float(np.max(found))}

    def shape_of(self, output: str) -> list[int]:
        """Return the shape of one sample of an output."""
        return [len(self.description.axes[dim].values) for dim in self.description.kinds[output].dims]

    def statistics(self) -> dict[str, Any]:
        """Return the statistics of the training part: of each input, and of all elements of each output together."""
        inputs, moments = self.description.inputs, self.moments[INPUTS]
        columns = zip(moments.mean, moments.std, moments.min, moments.max, strict=True)
        return {
            "split": "train",
            "samples": moments.count,
            "inputs": {
                name: {"unit": unit, **dict(zip(("mean", "std", "min", "max"), map(float, column), strict=True))}
                for name, unit, column in zip(inputs.names, inputs.units, columns, strict=True)
            },
            "outputs": {
                name: {"unit": kind.unit, "shape": self.shape_of(name), **self.moments[f"outputs/{name}"].overall()}
                for name, kind in self.description.kinds.items()
                if name != "summary"
            },
        }
