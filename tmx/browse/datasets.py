"""The page of a dataset: its card, and how its parts lie in the space of parameters."""

import json
from typing import Any

from datasette.utils.asgi import Request

from tmx.browse.source import Source
from tmx.datasets.query import build_command
from tmx.datasets.reading import open_dataset
from tmx.datasets.splits import OOD, PARTS
from tmx.errors import NotFoundError, TmxError
from tmx.registry.sql import execute
from tmx.storage.paths import in_store

DATASET = """
SELECT d.*, w.name AS sweep FROM dataset d LEFT JOIN sweep w ON w.id = d.sweep_id WHERE d.id = :id
"""

SAMPLES = "SELECT split, COUNT(*) AS samples FROM dataset_sample WHERE dataset_id = :id GROUP BY split"


def dataset_page(source: Source, request: Request) -> dict[str, Any]:
    """Gather the page of a dataset."""
    dataset_id = int(request.url_vars["id"])
    with source.read() as conn:
        row = execute(conn, DATASET, id=dataset_id).mappings().first()
        if row is None:
            raise NotFoundError(f"there is no dataset {dataset_id}")
        samples = {part.split: part.samples for part in execute(conn, SAMPLES, id=dataset_id)}
    return {
        "dataset": row,
        "parts": [(part, samples[part]) for part in (*PARTS, OOD) if part in samples],
        "command": build_command(row["query"], row["sweep"] or "", row["path"]),
        "policy": json.loads(row["split"]),
        **_contents(source, row["path"]),
    }


def _contents(source: Source, path: str) -> dict[str, Any]:
    """Return what the file says of itself; a file that is away is said to be so."""
    try:
        with open_dataset(in_store(path, source.store)) as dataset:
            columns = dataset.inputs
            return {
                "inputs": [
                    {"name": name, "unit": "" if unit == "1" else unit, "meaning": meaning}
                    for name, unit, meaning in zip(columns.names, columns.units, columns.meanings, strict=True)
                ],
                "outputs": list(dataset.outputs.values()),
                "provenance": dataset.provenance,
                "problem": None,
            }
    except TmxError as error:
        return {"inputs": [], "outputs": [], "provenance": {}, "problem": str(error)}
