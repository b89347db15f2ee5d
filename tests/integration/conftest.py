"""A finished sweep with its files, for tests that damage, clean and move it, and put it right again."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import BASE, write_sweep
from forks import Forks

from tmx.config import load_config
from tmx.datasets.builder import build_dataset
from tmx.execution.pool import Crew, run_workers
from tmx.execution.submission import submit_sweep
from tmx.execution.worker import Job
from tmx.maintenance.repair import repair
from tmx.maintenance.verify import verify
from tmx.registry import Registry, control, open_registry
from tmx.registry.sql import execute
from tmx.sweeps import load_sweep


@dataclass
class Store:
    """A finished sweep `a`, and a sweep `b` that shares its thermal runs."""

    registry: Registry
    root: Path
    fingerprint: str = ""

    def submit(self, name, *, radiance=True):
        sweep = load_sweep(write_sweep(self.root / f"{name}.yaml", 2, 1, radiance=radiance))
        return submit_sweep(self.registry, self.root, load_config(self.root / "base.yaml"), sweep, self.root / name)

    def resume(self):
        with self.registry.read() as conn:
            ids = list(execute(conn, "SELECT id FROM sweep ORDER BY id").scalars())
        for sweep_id in ids:
            control.resume(self.registry, sweep_id)
        return run_workers(Job(self.registry, self.root), Crew(1, "threading"))

    def build(self):
        return build_dataset(self.registry, self.root, "a", self.root / "a/ml_dataset.h5").fingerprint

    def kinds(self, sweep=None):
        return [finding.kind for finding in verify(self.registry, self.root, sweep)]

    def repair(self):
        return repair(self.registry, self.root, list(verify(self.registry, self.root)))

    def files(self):
        return sorted([*self.root.glob("a/*/*.h5")])

    def execute(self, sql, **values):
        with self.registry.write() as conn:
            result = execute(conn, sql, **values)
            return [tuple(row) for row in result.all()] if result.returns_rows else []

    def run(self, stage):
        return self.execute("SELECT id FROM run WHERE stage = :stage ORDER BY id", stage=stage)[0][0]

    def assert_undamaged(self):
        self.resume()
        assert self.kinds() == []
        assert self.build() == self.fingerprint
        assert self.kinds() == []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request, tmp_path_factory, new_database, migrated):
    root = tmp_path_factory.mktemp("store")
    (root / "base.yaml").write_text(BASE)
    url = new_database(request.param, migrated(request.param) if request.param == "sqlite" else None)
    with open_registry(url, create=True) as registry:
        made = Store(registry, root)
        made.submit("a")
        made.submit("b", radiance=False)
        assert made.resume().done == 4
        made.fingerprint = made.build()
        yield made


@pytest.fixture
def forks(registry, tmp_path):
    return Forks(registry, tmp_path)


@pytest.fixture
def undisturbed(tmp_path_factory, migrated, new_database):
    """Make a registry of its own, on SQLite, in which nothing goes wrong."""
    root = tmp_path_factory.mktemp("undisturbed")
    with open_registry(new_database("sqlite", migrated("sqlite")), create=True) as registry:
        yield Forks(registry, root)
