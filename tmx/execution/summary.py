"""`batch_results.yaml`: what became of a batch, for people and for scripts that have no SQL."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tmx.datasets.builder import BuiltDataset
from tmx.execution.job import Tally
from tmx.execution.progress import Counts
from tmx.registry.engine import Registry
from tmx.registry.sql import execute
from tmx.storage.atomic import write_atomically
from tmx.storage.paths import summary_path

MOST_SAMPLES = 2000
"""Samples that are listed one by one; of more, the registry is the better source."""

SAMPLES = """
SELECT s.sample_index, s.params, t.state AS thermal_state, r.state AS radiance_state,
       ta.path AS thermal_path, ra.path AS radiance_path, n.estimated_error, n.t_surf_max, n.t_surf_min
FROM sample s
JOIN run t ON t.id = s.thermal_run_id
LEFT JOIN run r ON r.id = s.radiance_run_id
LEFT JOIN thermal_result n ON n.run_id = t.id
LEFT JOIN artifact ta ON ta.run_id = t.id AND ta.kind = 'thermal' AND ta.deleted IS NULL
LEFT JOIN artifact ra ON ra.run_id = r.id AND ra.kind = 'radiance' AND ra.deleted IS NULL
WHERE s.sweep_id = :sweep_id ORDER BY s.sample_index LIMIT :limit
"""


@dataclass(frozen=True)
class BatchResult:
    """What became of a batch.

    Attributes
    ----------
    sweep : str
        Its name in the registry.
    output_dir : Path
        Where its files are.
    counts : Counts
        Its runs by what has become of them.
    tally : Tally
        What was done just now.
    seconds : float
        How long that took [s].
    inaccurate : int
        Samples whose temperatures do not meet the accuracy that was asked for.
    failures : list of dict
        Failed runs by stage and error, with an example of each.
    dataset : BuiltDataset or None
        The dataset, if one was asked for and could be built.
    dataset_problem : str or None
        Why a dataset that was asked for could not be built.
    warning : str or None
        What is odd about its files.
    """

    sweep: str
    output_dir: Path
    counts: Counts
    tally: Tally
    seconds: float
    inaccurate: int
    failures: list[dict[str, Any]]
    dataset: BuiltDataset | None = None
    dataset_problem: str | None = None
    warning: str | None = None


def write_summary(registry: Registry, store: Path, sweep_id: int, result: BatchResult) -> Path:
    """Write the summary of a batch and return its path."""
    rows = registry.consult(
        lambda conn: execute(conn, SAMPLES, sweep_id=sweep_id, limit=MOST_SAMPLES + 1).mappings().all()
    )
    content: dict[str, Any] = {
        "batch_metadata": {
            "sweep": result.sweep,
            "output_dir": str(result.output_dir),
            "registry": registry.address.shown,
            "store": str(store),
            "seconds": round(result.seconds, 3),
        },
        "statistics": statistics(result),
        "failures": [
            {key: group[key] for key in ("stage", "error_type", "message", "runs")} for group in result.failures
        ],
        "dataset": _dataset(result),
    }
    if len(rows) <= MOST_SAMPLES:
        content["samples"] = [_sample(row) for row in rows]
    text = yaml.dump(content, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False, allow_unicode=True)
    return write_atomically(summary_path(result.output_dir), text.encode()).path


def statistics(result: BatchResult) -> dict[str, int]:
    """Count the runs of a batch by what has become of them, and the samples that do not meet their accuracy."""
    return {
        "runs": result.counts.total,
        "done": result.counts.done,
        "reused": result.counts.reused,
        "failed": result.counts.failed,
        "cancelled": result.counts.cancelled,
        "left": result.counts.left,
        "accuracy_not_met": result.inaccurate,
    }


def _dataset(result: BatchResult) -> dict[str, Any] | None:
    if result.dataset is None:
        return None
    built = result.dataset
    return {"path": built.path.name, "fingerprint": built.fingerprint, **built.sizes, "excluded": built.excluded}


def _sample(row: Any) -> dict[str, Any]:
    found = {key: value for key, value in row.items() if key not in {"params", "sample_index"} and value is not None}
    return {"index": row["sample_index"], "params": json.loads(row["params"]), **found}
