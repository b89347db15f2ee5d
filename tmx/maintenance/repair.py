"""Putting right what `verify` finds, beside workers that go on."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tmx.execution.worker import reap_dead_workers
from tmx.maintenance.files import is_whole
from tmx.maintenance.findings import Finding
from tmx.maintenance.verify import copy_path
from tmx.registry import repairs
from tmx.registry.engine import Registry
from tmx.registry.queue import reap
from tmx.registry.sql import execute
from tmx.storage.atomic import link_or_copy
from tmx.storage.paths import in_store, staging_path

SHARING = """
SELECT w.output_dir, r.stage, r.key, f.path
FROM shared_run h JOIN sweep w ON w.id = h.sweep_id JOIN run r ON r.id = h.run_id
JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage AND f.deleted IS NULL
WHERE h.run_id = :run_id
"""


RESTORABLE = frozenset({"file-changed", "file-missing", "file-size"})
RESTORED = "restored from"


def repair(registry: Registry, store: Path, findings: Iterable[Finding]) -> list[tuple[Finding, str | None]]:
    """Put right what was found.

    A run whose result is not whole gets its file back from another sweep's copy if that is whole; otherwise it waits to
    be computed again. One that is being computed from at this moment is left for the next repair.

    Parameters
    ----------
    registry : Registry
        Where.
    store : Path
        The store root.
    findings : iterable of Finding
        As `verify` gives them.

    Returns
    -------
    list of (Finding, str or None)
        Each finding with what was done about it, in words; None where nothing could be.
    """
    reap_dead_workers(registry)
    reap(registry)
    done: list[tuple[Finding, str | None]] = []
    again: dict[int, str | None] = {}
    for finding in sorted(findings, key=lambda each: (each.remedy != "compute", each.about.get("stage") != "thermal")):
        if finding.remedy == "compute" and again.get(finding.about["run_id"]):
            done.append((finding, again[finding.about["run_id"]]))
            continue
        outcome = _REMEDIES[finding.remedy](registry, store, finding) if finding.remedy else None
        done.append((finding, outcome))
        if finding.remedy == "compute" and outcome and not outcome.startswith(RESTORED):
            again[finding.about["run_id"]] = outcome
    return done


def _compute(registry: Registry, store: Path, finding: Finding) -> str | None:
    about = finding.about
    copies = _copies(registry, store, about)
    if finding.kind in RESTORABLE:
        whole = next((copy for copy in copies if is_whole(copy, about["sha256"], about["bytes"])), None)
        if whole:
            _replace(in_store(about["path"], store), whole)
            return f"{RESTORED} {whole}"
    state = repairs.compute_again(registry, about["run_id"], about["artifact_id"])
    if state is None:
        return None
    for copy in copies:  # which may be the same file under another name; the next `resume` makes them again
        copy.unlink(missing_ok=True)
    return "cancelled, since no active sweep needs it" if state == "cancelled" else f"{state} again"


def _copies(registry: Registry, store: Path, about: Mapping[str, Any]) -> list[Path]:
    """Return where other sweeps have the file of a run."""
    with registry.read() as conn:
        rows = execute(conn, SHARING, run_id=about["run_id"]).mappings().all()
    recorded = {in_store(row["path"], store) for row in rows}
    return [copy for row in rows if (copy := copy_path(dict(row), store)) not in recorded]


def _replace(path: Path, source: Path) -> None:
    """Put a file in place of another: a link, or a copy."""
    staging = staging_path(path, str(os.getpid()))
    link_or_copy(source, staging)
    os.replace(staging, path)


def _copy(_registry: Registry, store: Path, finding: Finding) -> str:
    """Replace a copy for another sweep, or remove it: the next `resume` makes it again."""
    about = finding.about
    copy, source = copy_path(about, store), in_store(about["path"], store)
    if is_whole(source, about["sha256"], about["bytes"]):
        _replace(copy, source)
        return "linked again"
    with suppress(FileNotFoundError):
        copy.unlink()
    return "removed"


def _record_numbers(registry: Registry, _store: Path, finding: Finding) -> str | None:
    about = finding.about
    restored = repairs.restore_numbers(
        registry, about["run_id"], about["artifact_id"], about["stage"], about["numbers"]
    )
    return "recorded as in its file" if restored else None


def _forget(registry: Registry, _store: Path, finding: Finding) -> str:
    repairs.forget_result(registry, finding.about["run_id"])
    return "result forgotten"


def _unblock(registry: Registry, _store: Path, finding: Finding) -> str:
    repairs.unblock(registry, finding.about["run_id"])
    return "pending"


def _block(registry: Registry, _store: Path, finding: Finding) -> str:
    repairs.block(registry, finding.about["run_id"])
    return f"waits for run {finding.about['parent_id']}"


def _free(registry: Registry, _store: Path, finding: Finding) -> str:
    repairs.free(registry, finding.about["run_id"], finding.about["token"])
    return "pending again"


def _release(registry: Registry, _store: Path, finding: Finding) -> str:
    repairs.release_from(registry, finding.about["worker_id"])
    return "taken back"


def _reaped(_registry: Registry, _store: Path, _finding: Finding) -> str:
    return "taken back"


def _close(registry: Registry, _store: Path, finding: Finding) -> str:
    repairs.close_attempt(registry, finding.about["attempt_id"])
    return "attempt closed as lost"


def _share(registry: Registry, _store: Path, finding: Finding) -> str:
    repairs.share(registry, finding.about["run_id"], finding.about["sweep_id"])
    return "recorded"


_REMEDIES: dict[str, Callable[[Registry, Path, Finding], str | None]] = {
    "compute": _compute,
    "copy": _copy,
    "numbers": _record_numbers,
    "forget": _forget,
    "unblock": _unblock,
    "block": _block,
    "free": _free,
    "release": _release,
    "reap": _reaped,
    "close": _close,
    "share": _share,
}
"""What is done about a finding, by its `remedy`."""
