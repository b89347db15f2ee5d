"""A small world for the registry's tests: sweeps that share runs where they are told to, and workers."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count

import pytest

from tmx.registry import Registry, open_registry
from tmx.registry.queue import Ask, Claim, File, Result, claim, finish, new_token
from tmx.registry.sql import execute
from tmx.registry.submission import ConfigRow, SampleRow, Submission, SweepRow, submit
from tmx.registry.workers import Process, register_worker


def key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def sample_rows(points: Iterable[int], *, radiance: bool = True, solver: int = 1) -> list[SampleRow]:
    """Make samples at points of parameter space: the same points are the same runs."""
    rows = []
    for index, point in enumerate(points):
        thermal, params = key("t", point, solver), json.dumps({"Et": float(point)})
        rows.append(SampleRow(index, params, thermal, key("r", point, solver) if radiance else None))
    return rows


@dataclass
class World:
    """A registry with what a test does to it."""

    registry: Registry

    key = staticmethod(key)
    rows = staticmethod(sample_rows)

    def __post_init__(self) -> None:
        self.names = count()

    def submit(
        self, name: str, points: Iterable[int], *, radiance: bool = True, solver: int = 1, priority: int = 0
    ) -> Submission:
        sweep = SweepRow(name, "yaml", key(name), "grid", 42, f"out/{name}", priority)
        rows = sample_rows(points, radiance=radiance, solver=solver)
        return submit(self.registry, ConfigRow(name, "Bennu", "yaml", json.dumps({"for": name})), sweep, rows)

    def worker(self, host: str = "host") -> int:
        number = next(self.names)
        return register_worker(self.registry, Process(f"w{number}", host, number, "threading"), {"tmx": "0.1"})

    def claim(self, worker_id: int, limit: int = 1, **wishes: object) -> list[Claim]:
        return claim(self.registry, Ask(worker_id, new_token(), limit, **wishes))  # type: ignore[arg-type]

    def finish(self, held: Claim, then: Claim | Ask | None = None) -> list[Claim]:
        return finish(self.registry, held, result_of(held), lambda: None, then)

    def work_off(self, worker_id: int, **wishes: object) -> list[Claim]:
        """Compute whatever can be claimed, and return it in order."""
        done: list[Claim] = []
        while claims := self.claim(worker_id, 10, **wishes):
            for each in claims:
                self.finish(each)
            done += claims
        return done

    def states(self, name: str | None = None) -> dict[str, int]:
        """Count the runs that a sweep's samples refer to, or all runs, by state."""
        needed = "SELECT thermal_run_id FROM sample s JOIN sweep w ON w.id = s.sweep_id AND w.name = :name"
        where = f"WHERE id IN ({needed} UNION {needed.replace('thermal', 'radiance')})" if name else ""
        with self.registry.read() as conn:
            rows = execute(conn, f"SELECT state, COUNT(*) FROM run {where} GROUP BY state", name=name).all()
        return dict(tuple(row) for row in rows)

    def run(self, run_id: int) -> dict[str, object]:
        with self.registry.read() as conn:
            return dict(execute(conn, "SELECT * FROM run WHERE id = :id", id=run_id).mappings().one())

    def attempts(self, run_id: int) -> list[str | None]:
        """Return the outcomes of a run's attempts, in order."""
        with self.registry.read() as conn:
            statement = "SELECT outcome FROM attempt WHERE run_id = :id ORDER BY number"
            return list(execute(conn, statement, id=run_id).scalars())

    def expire(self, *claims: Claim) -> None:
        """Let leases run out."""
        with self.registry.write() as conn:
            for each in claims:
                execute(conn, "UPDATE run SET lease_until = {now} - 1 WHERE id = :id", id=each.run_id)

    def execute(self, sql: str, **values: object) -> list[tuple[object, ...]]:
        with self.registry.write() as conn:
            result = execute(conn, sql, **values)
            return [tuple(row) for row in result.all()] if result.returns_rows else []


def result_of(held: Claim) -> Result:
    numbers = {"t_surf_max": 380.5, "estimated_error": 0.05} if held.stage == "thermal" else {"tb_max": 379.0}
    return Result([File(held.stage, f"out/{held.stage}_{held.key}.h5", held.key, 1000)], numbers)


@pytest.fixture
def new_world(fresh_url: Callable[[], str]) -> Callable[[], World]:
    """Return a function that gives a world in which nothing has happened."""
    return lambda: World(open_registry(fresh_url()))


@pytest.fixture
def world(registry: Registry) -> World:
    return World(registry)
