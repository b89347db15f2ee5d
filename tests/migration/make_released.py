"""Make the database of a release, to be migrated in tests for ever: run once for each release that changes the schema.

    python tests/migration/make_released.py

writes `released/<revision>.db.gz`: a small registry with runs in every state. The files of older releases are never
made again.
"""

import gzip
import hashlib
import tempfile
from pathlib import Path

from tmx.registry import control, open_registry, queue
from tmx.registry.engine import SCHEMA_REVISION
from tmx.registry.queue import Ask, Failure, File, Result, new_token
from tmx.registry.submission import ConfigRow, SampleRow, SweepRow, submit
from tmx.registry.workers import Process, register_worker

RELEASED = Path(__file__).parent / "released"


def key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def fill(path: Path) -> None:
    with open_registry(path, create=True) as registry:
        config = ConfigRow("bennu", "Bennu", "body: Bennu\n", '{"body":"Bennu"}')
        for name, points in {"first": range(6), "second": range(4, 9)}.items():
            sweep = SweepRow(name, "n_samples: 5\n", key(name), "grid", 42, f"results/{name}")
            rows = [SampleRow(i, f'{{"Et":{p}.0}}', key("t", p), key("r", p)) for i, p in enumerate(points)]
            submission = submit(registry, config, sweep, rows)
        worker = register_worker(registry, Process("host-1", "host", 1, "loky"), {"tmx": "0.1.0"})
        thermal = queue.claim(registry, Ask(worker, new_token(), 5))
        for done in thermal[:3]:
            file = File("thermal", f"results/first/thermal_results/thermal_sim_{done.key}.h5", done.key, 1234)
            queue.finish(registry, done, Result([file], {"t_surf_max": 390.5, "accuracy_met": True}), lambda: None)
        queue.fail(registry, thermal[3], Failure("SolverError", "diverged", "Traceback …"))
        control.cancel(registry, submission.sweep_id)


def main() -> None:
    RELEASED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "tmx.db"
        fill(path)
        compressed = gzip.compress(path.read_bytes(), mtime=0)
    target = RELEASED / f"{SCHEMA_REVISION}.db.gz"
    target.write_bytes(compressed)
    print(f"{target}: {len(compressed)} bytes")


if __name__ == "__main__":
    main()
