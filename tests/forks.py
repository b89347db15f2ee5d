"""A registry, a store, and workers that are forks of the test: they start in milliseconds, and die as any process."""

import os
import time
import traceback

from commands import BASE

from tmx.config import load_config
from tmx.datasets.builder import build_dataset
from tmx.execution import runner
from tmx.execution.environment import describe_environment
from tmx.execution.job import Job
from tmx.execution.submission import submit_sweep
from tmx.execution.worker import work
from tmx.maintenance.garbage import Options, find_garbage
from tmx.maintenance.verify import verify
from tmx.registry.sql import execute
from tmx.sweeps import load_sweep


class Forks:
    """A registry, a store, and workers that are forks of this process."""

    def __init__(self, registry, root):
        self.registry, self.root = registry, root
        (root / "base.yaml").write_text(BASE)
        describe_environment()  # known to the forks then

    def submit(self, name, values, *, radiance=True):
        path = self.root / f"{name}.yaml"
        path.write_text(
            f"parameter_sweeps:\n  - {{parameter: k_dust, type: list, values: {list(values)}}}\n"
            f"output_settings: {{radiance: {str(radiance).lower()}}}\n"
        )
        base = load_config(self.root / "base.yaml")
        return submit_sweep(self.registry, self.root, base, load_sweep(path), self.root / name).sweep_id

    def work(self, *sweep_ids, **wishes):
        return work(Job(self.registry, self.root, sweep_ids=sweep_ids or None, **wishes))

    def fork(self, prepare=lambda: None, work=None):
        """Start a process that prepares itself and then works; return its process id."""
        pid = os.fork()
        if pid == 0:
            try:
                prepare()
                (work or self.work)()
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        return pid

    def rows(self, sql, **values):
        with self.registry.read() as conn:
            return [tuple(row) for row in execute(conn, sql, **values).all()]

    def fingerprint(self, name):
        return build_dataset(self.registry, self.root, name, self.root / name / "ml_dataset.h5").fingerprint

    def remove_garbage(self):
        for garbage in list(find_garbage(self.registry, self.root, Options(min_age_s=0.0))):
            if hasattr(garbage, "remove"):
                assert garbage.remove()

    def damage(self, sweep=None):
        return [finding.line for finding in verify(self.registry, self.root, sweep) if finding.damage]

    def assert_each_run_is_done_once(self):
        assert self.rows("SELECT DISTINCT state FROM run") == [("done",)]
        assert self.rows("SELECT run_id FROM attempt WHERE outcome = 'done' GROUP BY run_id HAVING COUNT(*) > 1") == []
        done = "SELECT COUNT(DISTINCT run_id) FROM attempt WHERE outcome = 'done'"
        assert self.rows(done) == self.rows("SELECT COUNT(*) FROM run")
        assert self.damage() == []


def conductivities(number):
    return [round(0.02 + 0.0007 * i, 4) for i in range(number)]


def wait_until(condition):
    deadline = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def slow_down(monkeypatch, seconds):
    """Have the thermal runs of this process and its forks take longer."""
    compute = runner.run_thermal

    def slowly(config):
        time.sleep(seconds)
        return compute(config)

    monkeypatch.setattr(runner, "run_thermal", slowly)
