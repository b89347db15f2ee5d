"""Recording built datasets: the file, what went into it, and which part each sample is in."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.engine import Connection

from tmx.registry.engine import Registry
from tmx.registry.sql import execute, execute_many

INSERT_DATASET = """
INSERT INTO dataset (name, sweep_id, query, split, seed, path, fingerprint, sha256, bytes, n_samples, n_excluded,
                     created)
VALUES (:name, :sweep_id, :query, :split, :seed, :path, :fingerprint, :sha256, :bytes, :n_samples, :n_excluded, {now})
RETURNING id
"""

FORGET_REPLACED = "DELETE FROM dataset_sample WHERE dataset_id IN (SELECT id FROM dataset WHERE path = :path)"

INSERT_MEMBER = "INSERT INTO dataset_sample (dataset_id, sample_id, split) VALUES (:dataset_id, :sample_id, :split)"


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A built dataset.

    `query` and `split` are JSON: what was asked for, and the policy that divided it; `path` is relative to the store.
    """

    name: str
    sweep_id: int
    query: str
    split: str
    seed: int
    path: str
    fingerprint: str
    sha256: str
    bytes: int
    n_excluded: int


def record_dataset(registry: Registry, dataset: DatasetRow, members: Sequence[tuple[int, str]]) -> int:
    """Record a dataset and the part that each of its samples is in; return its id.

    A dataset at the same path is replaced, as its file was.
    """

    def work(conn: Connection, _again: bool) -> int:
        execute(conn, FORGET_REPLACED, path=dataset.path)
        execute(conn, "DELETE FROM dataset WHERE path = :path", path=dataset.path)
        dataset_id = int(execute(conn, INSERT_DATASET, n_samples=len(members), **asdict(dataset)).scalar_one())
        rows = [{"dataset_id": dataset_id, "sample_id": sample_id, "split": part} for sample_id, part in members]
        execute_many(conn, INSERT_MEMBER, rows)
        return dataset_id

    return registry.transact(work)
