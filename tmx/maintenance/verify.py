"""Is the registry as it says: rows against each other, files against their rows.

Nothing is held while files are read: they are taken a page at a time, and whatever seems wrong is looked at again,
since a worker or a repair may have replaced row and file in between.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tmx.datasets.query import build_command
from tmx.datasets.reading import shards_of
from tmx.maintenance.files import Expected, Fault, fault_of, is_whole, key_marks, side_by_side
from tmx.maintenance.findings import REPAIR, Finding
from tmx.maintenance.numbers import Numbers, described, differing, recorded_numbers, stored_numbers
from tmx.registry.consistency import IN_SWEEP, Check, damaged_file, violations
from tmx.registry.control import sweep_id_of
from tmx.registry.engine import Registry
from tmx.registry.sql import execute
from tmx.storage.paths import artifact_path, in_store

PAGE = 2000

ARTIFACTS = """
SELECT f.id AS artifact_id, f.run_id, f.kind, f.path, f.sha256, f.bytes, r.stage, r.state, r.key, p.key AS parent_key,
       w.name AS sweep
FROM artifact f JOIN run r ON r.id = f.run_id JOIN sweep w ON w.id = r.sweep_id LEFT JOIN run p ON p.id = r.parent_id
WHERE f.deleted IS NULL AND f.id > :after AND {in_sweep}
ORDER BY f.id LIMIT :limit
"""

STILL_RECORDED = "SELECT 1 FROM artifact WHERE id = :artifact_id AND sha256 = :sha256 AND deleted IS NULL"

COPIES = """
SELECT f.id AS artifact_id, f.run_id, f.path, f.sha256, f.bytes, r.stage, r.key, w.name AS sweep, w.output_dir,
       h.sweep_id
FROM shared_run h JOIN sweep w ON w.id = h.sweep_id JOIN run r ON r.id = h.run_id
JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage AND f.deleted IS NULL
WHERE r.state = 'done' AND {in_sweep} AND (h.run_id > :run_id OR h.run_id = :run_id AND h.sweep_id > :sweep)
ORDER BY h.run_id, h.sweep_id LIMIT :limit
"""

DATASETS = """
SELECT d.id AS dataset_id, d.path, d.sha256, d.bytes, d.fingerprint, d.query, w.name AS sweep
FROM dataset d LEFT JOIN sweep w ON w.id = d.sweep_id
WHERE CAST(:sweep_id AS INTEGER) IS NULL OR d.sweep_id = :sweep_id ORDER BY d.id
"""

STILL_BUILT = "SELECT 1 FROM dataset WHERE id = :dataset_id AND sha256 = :sha256"


@dataclass
class Examined:
    """How much was looked at.

    Attributes
    ----------
    runs, files, bytes : int
        Runs whose rows were compared, and files that were read, with their bytes.
    """

    runs: int = 0
    files: int = 0
    bytes: int = 0


def verify(
    registry: Registry, store: Path, sweep: str | None = None, examined: Examined | None = None
) -> Iterator[Finding]:
    """Yield whatever is wrong with a registry and its files.

    Parameters
    ----------
    registry : Registry
        Which; it is only read.
    store : Path
        The store root.
    sweep : str, optional
        Only what this sweep needs.
    examined : Examined, optional
        Is filled with how much was looked at.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    """
    examined = examined if examined is not None else Examined()
    with registry.read() as conn:
        sweep_id = None if sweep is None else sweep_id_of(conn, sweep)
        count = f"SELECT COUNT(*) FROM run r WHERE {IN_SWEEP}"  # noqa: S608 (our own text)
        examined.runs = int(execute(conn, count, sweep_id=sweep_id).scalar_one())
        found = [] if sweep else [_of_registry(registry, text) for text in damaged_file(conn)]
        found += [_of_row(check, row) for check, row in violations(conn, sweep_id)]
    yield from found
    yield from _of_artifacts(registry, store, sweep_id, examined)
    yield from _of_copies(registry, store, sweep_id, examined)
    yield from _of_datasets(registry, store, sweep_id, examined)


def _of_registry(registry: Registry, text: str) -> Finding:
    command = f"ls {registry.address.path}.*"
    return Finding("registry-damaged", f"{registry.address.shown} is damaged ({text}); restore a copy of it", command)


def _of_row(check: Check, row: Mapping[str, Any]) -> Finding:
    command = check.command
    if command in {"tmx resume", "tmx retry"}:
        command = f"{command} {row['sweep']}"
    elif command == "tmx dataset build":
        command = _build_command(row)
    elif command == "tmx submit":
        command = f"tmx submit … --name {row['sweep']}"
    return Finding(check.kind, check.text.format(**row), command, check.remedy, check.damage, row)


def _of_artifacts(registry: Registry, store: Path, sweep_id: int | None, examined: Examined) -> Iterator[Finding]:
    after = 0
    nowhere: Counter[tuple[str, Path]] = Counter()
    while rows := _page(registry, ARTIFACTS, sweep_id, after=after):
        after = rows[-1]["artifact_id"]
        numbers = _numbers_of(registry, rows)

        def look(row: Mapping[str, Any], numbers: Mapping[int, Numbers] = numbers) -> Finding | None:
            return _of_artifact(registry, store, row) or _of_numbers(registry, store, row, numbers)

        for finding in filter(None, side_by_side(look, rows)):
            directory = in_store(finding.about["path"], store).parent.parent
            if finding.kind == "file-missing" and not directory.is_dir():
                nowhere[finding.about["sweep"], directory] += 1
            else:
                yield finding
        _count(examined, rows)
    for (sweep, directory), count in nowhere.items():
        yield _of_directory(store, sweep, directory, count)


def _of_artifact(registry: Registry, store: Path, row: Mapping[str, Any]) -> Finding | None:
    path = in_store(row["path"], store)
    fault = _fault_of(path, row)
    if fault is None or not _still(registry, STILL_RECORDED, row) or (fault := _fault_of(path, row)) is None:
        return None
    text = f"run {row['run_id']} ({row['stage']}, sweep {row['sweep']}): its file {row['path']} {fault.text}"
    if not fault.lost:
        return Finding(fault.kind, text, f"ls -l {path}", about=row)
    remedy = "compute" if row["state"] == "done" else None  # the row of one that is not is a finding of its own
    return Finding(fault.kind, text, REPAIR, remedy, about=row)


def _numbers_of(registry: Registry, rows: Sequence[Mapping[str, Any]]) -> dict[int, Numbers]:
    with registry.read() as conn:
        return recorded_numbers(conn, rows[0]["artifact_id"], rows[-1]["artifact_id"])


def _of_numbers(
    registry: Registry, store: Path, row: Mapping[str, Any], numbers: Mapping[int, Numbers]
) -> Finding | None:
    """Compare what is recorded of a result with what its file says, which is whole."""
    recorded = numbers.get(row["run_id"])
    if row["kind"] != row["stage"] or recorded is None:
        return None
    try:
        stored = stored_numbers(in_store(row["path"], store), row["stage"], row["key"])
    except FileNotFoundError:  # replaced or given up since
        return None
    if not differing(recorded, stored):
        return None
    recorded = _numbers_of(registry, [row]).get(row["run_id"])
    if recorded is None or not _still(registry, STILL_RECORDED, row) or not (names := differing(recorded, stored)):
        return None
    text = (
        f"run {row['run_id']} ({row['stage']}, sweep {row['sweep']}): {described(names, recorded, stored)},"
        f" which its file {row['path']} says"
    )
    return Finding("numbers-changed", text, REPAIR, "numbers", about={**row, "numbers": stored})


def _of_directory(store: Path, sweep: str, directory: Path, count: int) -> Finding:
    """Say that a directory is not there: more likely the place is wrong than all lost, so nothing is repaired."""
    text = (
        f"sweep {sweep}: there is no {directory}, with {count} files; if they are lost, make it and repair;"
        f" if the store is not at {store}"
    )
    about = {"sweep": sweep, "directory": str(directory), "files": count}
    return Finding("directory-missing", text, "TMX_STORE=… tmx verify", about=about)


def _fault_of(path: Path, row: Mapping[str, Any]) -> Fault | None:
    if row["kind"] == row["stage"] and path.name != artifact_path(Path(), row["stage"], row["key"]).name:
        return Fault("file-of-other-run", "has the name of another run's")
    marks = key_marks(row["key"], row["parent_key"]) if row["kind"] == row["stage"] else ()
    return fault_of(Expected(path, row["sha256"], row["bytes"], marks))


def _of_copies(registry: Registry, store: Path, sweep_id: int | None, examined: Examined) -> Iterator[Finding]:
    """Look at what sweeps have in their own directories of runs that they share; a copy that is missing is no loss."""
    place = {"run_id": 0, "sweep": 0}
    while rows := _page(registry, COPIES, sweep_id, **place):
        place = {"run_id": rows[-1]["run_id"], "sweep": rows[-1]["sweep_id"]}
        for row in rows:
            copy, source = copy_path(row, store), in_store(row["path"], store)
            if copy == source or not copy.exists() or (source.exists() and copy.samefile(source)):
                continue
            _count(examined, [row])
            if not is_whole(copy, row["sha256"], row["bytes"]) and _still(registry, STILL_RECORDED, row):
                text = f"run {row['run_id']} ({row['stage']}): its copy {copy} for sweep {row['sweep']} has changed"
                yield Finding("copy-changed", text, REPAIR, "copy", about=row)


def copy_path(row: Mapping[str, Any], store: Path) -> Path:
    """Return where a sweep has the file of a run that it shares."""
    return artifact_path(in_store(row["output_dir"], store), row["stage"], row["key"])


def _of_datasets(registry: Registry, store: Path, sweep_id: int | None, examined: Examined) -> Iterator[Finding]:
    with registry.read() as conn:
        rows = [dict(row) for row in execute(conn, DATASETS, sweep_id=sweep_id).mappings().all()]
    for row in rows:
        _count(examined, [row])
        path = in_store(row["path"], store)
        fault = _fault_of_dataset(path, row)
        if fault is None or not _still(registry, STILL_BUILT, row) or (fault := _fault_of_dataset(path, row)) is None:
            continue
        text = f"dataset {row['path']} of sweep {row['sweep']} {fault.text}"
        yield Finding(fault.kind.replace("file", "dataset"), text, _build_command(row), about=row)


def _fault_of_dataset(path: Path, row: Mapping[str, Any]) -> Fault | None:
    """Read the file of a dataset and, of one in shards, these; a version is built again when it is out of the way."""
    fault = fault_of(Expected(path, row["sha256"], row["bytes"], (row["fingerprint"].encode(),)))
    if fault is None:
        for record in shards_of(path):
            found = fault_of(Expected(path.with_name(record.name), record.sha256, record.bytes))
            if found:
                return replace(found, text=f"has a shard {record.name} that {found.text}; move {path.parent} away")
    return fault


def _build_command(row: Mapping[str, Any]) -> str:
    return build_command(row["query"], row["sweep"], row["path"])


def _page(registry: Registry, sql: str, sweep_id: int | None, **place: int) -> list[dict[str, Any]]:
    statement = sql.replace("{in_sweep}", IN_SWEEP)
    with registry.read() as conn:
        rows = execute(conn, statement, sweep_id=sweep_id, limit=PAGE, **place).mappings().all()
        return [dict(row) for row in rows]


def _still(registry: Registry, sql: str, row: Mapping[str, Any]) -> bool:
    with registry.read() as conn:
        return execute(conn, sql, **row).scalar() is not None


def _count(examined: Examined, rows: list[dict[str, Any]]) -> None:
    examined.files += len(rows)
    examined.bytes += sum(row["bytes"] for row in rows)
