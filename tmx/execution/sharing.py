"""Files of runs that another sweep computed, made to appear in a sweep's own output directory as well."""

import logging
from pathlib import Path

from tmx.registry.engine import Registry
from tmx.registry.sql import execute
from tmx.storage.atomic import link_or_copy
from tmx.storage.paths import artifact_path, in_store

LOG = logging.getLogger(__name__)

FILES_OF_OTHERS = """
SELECT r.stage, r.key, a.path, w.output_dir
FROM shared_run h
JOIN sweep w ON w.id = h.sweep_id
JOIN run r ON r.id = h.run_id AND r.sweep_id <> h.sweep_id AND r.state = 'done'
JOIN artifact a ON a.run_id = r.id AND a.kind = r.stage AND a.deleted IS NULL
WHERE h.sweep_id = :sweep_id
"""


def link_shared_files(registry: Registry, store: Path, sweep_id: int) -> str | None:
    """Link the files that a sweep shares into its output directory; return a warning if some are not there."""
    rows = registry.consult(lambda conn: execute(conn, FILES_OF_OTHERS, sweep_id=sweep_id).all())
    missing = []
    for row in rows:
        source = in_store(row.path, store)
        if source.exists():
            LOG.debug("links %s, which another sweep computed", row.path)
            link_or_copy(source, artifact_path(in_store(row.output_dir, store), row.stage, row.key))
        else:
            missing.append(row.path)
    if not missing:
        return None
    return f"{len(missing)} files that other sweeps computed are not in the store {store}, such as {missing[0]}"
