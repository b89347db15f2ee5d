"""Which samples to compute next: those after which an emulator would be surest everywhere.

Of many points of the sweep's space, each is asked by how much knowing it would lower the variance of all others, summed
over outputs; the best is taken, counted as known, and so on. What a Gaussian process is unsure of does not depend on
the values that it will be told, so no simulation is needed for that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from tmx.config import FIELDS, SimulationConfig, canonical_json
from tmx.emulation.emulator import Emulator, OutputEmulator
from tmx.emulation.gaussian import JITTER, GaussianProcesses
from tmx.errors import ConfigError
from tmx.sweeps import Axis, Range, Sweep, samples
from tmx.sweeps.designs import Sobol

FloatArray = npt.NDArray[np.float64]

POOL = 2048
"""Points that are considered."""

MOST_BYTES = 1 << 29
"""Memory for their covariances; with many components fewer points are considered."""


@dataclass(frozen=True)
class Proposal:
    """Samples to be computed.

    Attributes
    ----------
    points : list of dict
        Values of the swept parameters.
    known : list of dict
        The samples that the sweep has already.
    before, after : dict
        By output, the error bar that is expected on average over the space, now and with these samples, as a part of
        how much the output varies from sample to sample.
    """

    points: list[dict[str, Any]]
    known: list[dict[str, Any]]
    before: dict[str, float]
    after: dict[str, float]


def refine(emulator: Emulator, sweep: Sweep, base: SimulationConfig, count: int, pool: int = POOL) -> Proposal:
    """Propose the next samples of a sweep.

    Parameters
    ----------
    emulator : Emulator
        Of Gaussian processes, whose inputs are the parameters of the sweep.
    sweep : Sweep
        The sweep that it was trained on.
    base : SimulationConfig
        Its base config, whose fields constraints may name.
    count : int
        How many samples.
    pool : int
        How many points to choose from.

    Raises
    ------
    ConfigError
        If the emulator is another one, its inputs are not those of the sweep, or there are fewer points to choose from.

    References
    ----------
    Cohn (1996), Neural Networks 9, 1071, doi:10.1016/0893-6080(95)00137-9; Seo et al. (2000), IJCNN 3, 241,
    doi:10.1109/IJCNN.2000.861310, for Gaussian processes.
    """
    variances = [_Variance.of(emulator.outputs[name]) for name in emulator.outputs]
    processes = sum(len(each.weights) for each in variances)
    pool = min(pool, int(np.sqrt(MOST_BYTES / (8 * processes))))
    known = [sample.params for sample in samples(sweep, base)]
    candidates = _candidates(emulator, sweep, base, known, pool)
    if count > len(candidates):
        raise ConfigError(f"samples: {count} are more than the {len(candidates)} points that can be chosen from")
    coordinates = emulator.space.coordinates(emulator.columns(candidates))
    for each in variances:
        each.prepare(coordinates)
    before = {each.name: each.error_bar for each in variances}
    chosen = [_choose(variances) for _ in range(count)]
    after = {each.name: each.error_bar for each in variances}
    return Proposal([candidates[place] for place in chosen], known, before, after)


def refined_sweep(sweep: Sweep, proposal: Proposal) -> str:
    """Return a sweep file with the samples that there are and those that are proposed."""
    points = [{name: _plain(value) for name, value in each.items()} for each in (*proposal.known, *proposal.points)]
    head = {
        "name": f"{sweep.name}_refined",
        "description": f"{sweep.name} with {len(proposal.points)} more samples, where its emulator was least sure",
        "seed": sweep.seed,
    }
    lines = "\n".join(f"    - {_flow(point)}" for point in points)
    fixed = {name: _plain(value) for name, value in sweep.fixed_overrides.items()}
    tail: dict[str, Any] = {"fixed_overrides": fixed} if fixed else {}
    tail["output_settings"] = {"radiance": sweep.radiance}
    return (
        f"# The first {len(proposal.known)} points are those of {sweep.path.name}: their runs are not computed again.\n"
        f"{yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)}"
        f"design:\n  type: list\n  points:\n{lines}\n{yaml.safe_dump(tail, sort_keys=False, allow_unicode=True)}"
    )


class _Variance:
    """What is not known of one output over the pool; it shrinks as points are chosen."""

    def __init__(self, name: str, model: GaussianProcesses, weights: FloatArray, factor: float) -> None:
        self.name = name
        self.weights = weights
        self._model = model
        self._factor = factor
        self._covariances: FloatArray = np.empty((0, 0, 0))

    @classmethod
    def of(cls, emulator: OutputEmulator) -> "_Variance":
        """Weigh the components of an output by what each contributes to its variance; all outputs count alike."""
        if not isinstance(emulator.model, GaussianProcesses):
            raise ConfigError("refining needs an emulator of Gaussian processes: train one with --model gp")
        share = emulator.strength**2 / len(emulator.components.scale)
        return cls(emulator.output.name, emulator.model, share, emulator.factor)

    def prepare(self, coordinates: FloatArray) -> None:
        """Begin with what the samples leave open."""
        processes = range(len(self.weights))
        self._covariances = np.stack([self._model.covariance(process, coordinates) for process in processes])

    @property
    def error_bar(self) -> float:
        """The root mean square over the pool, as a part of how much the output varies."""
        left = np.einsum("p,pii->", self.weights, self._covariances) / self._covariances.shape[1]
        return self._factor * float(np.sqrt(max(left, 0.0)))

    def gains(self) -> FloatArray:
        """Return by how much the summed variance would fall if a point were known, for each."""
        own = np.einsum("pii->pi", self._covariances) + self._model.noise[:, None] + JITTER
        lowered: FloatArray = np.einsum("p,pij->pj", self.weights, self._covariances**2) / own
        return np.asarray(lowered.sum(axis=0))

    def know(self, place: int) -> None:
        """Count a point as known."""
        columns = self._covariances[:, :, place].copy()
        own = columns[:, place] + self._model.noise + JITTER
        self._covariances -= columns[:, :, None] * columns[:, None, :] / own[:, None, None]


def _choose(variances: Sequence[_Variance]) -> int:
    place = int(np.argmax(np.sum([each.gains() for each in variances], axis=0)))
    for each in variances:
        each.know(place)
    return place


def _candidates(
    emulator: Emulator, sweep: Sweep, base: SimulationConfig, known: list[dict[str, Any]], pool: int
) -> list[dict[str, Any]]:
    """Return points of the sweep's space that are no samples yet: how a Sobol' sequence there goes on."""
    axes = tuple(_whole_range(emulator, axis) for axis in sweep.axes)
    plan = Sobol(len(known) + pool)
    wider = replace(sweep, axes=axes, plan=plan, design="sobol")
    there = {canonical_json(params) for params in known}
    points = [sample.params for sample in samples(wider, base)][len(known) :]
    return list(_new(points, there))


def _new(points: list[dict[str, Any]], there: set[str]) -> Iterator[dict[str, Any]]:
    for point in points:
        text = canonical_json(point)
        if text not in there:
            there.add(text)
            yield point


def _whole_range(emulator: Emulator, axis: Axis) -> Axis:
    """Return an axis of which any value may be chosen that lies between those of the sweep."""
    if isinstance(axis, Range):
        return axis
    distinct = tuple(dict.fromkeys(axis.values))
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in distinct):
        return replace(axis, values=distinct)
    names = emulator.space.names
    by_ratios = axis.parameter in names and bool(emulator.space.logarithmic[names.index(axis.parameter)])
    kind = "log_uniform" if by_ratios else "linear"
    step = FIELDS[axis.parameter].step
    return Range(axis.parameter, axis.name, kind, (min(distinct), max(distinct)), axis.place, step)


def _plain(value: Any) -> Any:
    """Return a value as YAML has it."""
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value


def _flow(point: dict[str, Any]) -> str:
    return yaml.safe_dump(point, default_flow_style=True, sort_keys=False, width=10_000).strip()
