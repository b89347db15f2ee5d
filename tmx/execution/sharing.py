"""Files of runs that another sweep computed, made to appear in a sweep's own output directory as well."""

from pathlib import Path

from tmx.registry.engine import Registry
from tmx.registry.sql import execute
from tmx.storage.atomic import link_or_copy
from tmx.storage.paths import artifact_path, in_store

FILES_OF_OTHERS = """
SELECT r.stage, r.key, a.path, w.output_dir
FROM shared_run h
JOIN sweep w ON w.id = h.sweep_id
JOIN run r ON r.id = h.run_id AND r.sweep_id <> h.sweep_id AND r.state = 'done'
JOIN artifact a ON a.run_id = r.id AND a.kind = r.stage AND a.deleted IS NULL
WHERE h.sweep_id = :sweep_id
"""


def link_shared_files(registry: Registry, store: Path, sweep_id: int) -> int:
    """Link the files that a sweep shares into its output directory; return how many there are."""
    rows = registry.consult(lambda conn: execute(conn, FILES_OF_OTHERS, sweep_id=sweep_id).all())
    for row in rows:
        target = artifact_path(in_store(row.output_dir, store), row.stage, row.key)
        link_or_copy(in_store(row.path, store), target)
    return len(rows)
