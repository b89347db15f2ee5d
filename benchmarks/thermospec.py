"""Days from a given start by ThermoSpec (Ryan 2025) and by tmx, which takes the same fields of a config.

ThermoSpec is not on PyPI: the environment says where it lies and which Python has what it imports, torch and pydisort
among it. It runs in a process of its own, with the grid and the steps that it chooses by itself; the time is that of
its simulation, without imports.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rows import Row, attempted, error_text
from benchmarks.timing import median_s
from tmx.config import SimulationConfig
from tmx.physics.problem import Numerics
from tmx.physics.thermal import solve_days
from tmx.stages.thermal import thermal_problem

DIRECTORY, PYTHON = "BENCH_THERMOSPEC", "BENCH_THERMOSPEC_PYTHON"
"""Variables of the environment: the directory of ThermoSpec, and a Python that can run it."""

OUTPUTS = 47
"""Of a day; ThermoSpec, asked for one more, returns both its ends."""

ACCURACY, EXACT = Numerics(), Numerics(accuracy=0.005)

REGOLITH = {
    "use_RTE": True, "ssalb_vis": 0.5, "ssalb_therm": 0.1, "k_dust": 5.5e-4, "rho_dust": 1100.0, "cp_dust": 825.0,
    "Et": 1000.0, "dust_thickness": 0.1, "T_bottom": 250.0, "P": 15450.0, "ndays": 2,
}  # fmt: skip

CASES: dict[str, dict[str, Any]] = {
    "opaque surface, 2 days from 270 K": {
        "use_RTE": False, "em": 0.9, "albedo": 0.02, "k_dust": 0.07, "rho_dust": 1190.0, "cp_dust": 750.0,
        "dust_thickness": 0.5, "T_bottom": 270.0, "P": 15450.0, "ndays": 2,
    },
    "Hapke, 2 days from 250 K": {**REGOLITH, "RTE_solver": "hapke"},
    "discrete ordinates, 4 streams, 2 days from 250 K": {
        **REGOLITH, "RTE_solver": "disort", "nstr": 4, "nmom": 4,
        "thermal_evolution_mode": "two_wave", "output_radiance_mode": "two_wave",
    },
}  # fmt: skip

FINER = {"hapke": ({}, {"dust_rte_max_lthick": 0.0125})}
"""Settings of ThermoSpec for its solvers, where there are others beside those that it comes with."""

PROGRAM = """
import json, sys, time
from config import SimulationConfig
from modelmain import Simulator
import torch
torch.set_num_threads(1)
simulator = Simulator(SimulationConfig(**json.loads(sys.argv[1])))
before = time.perf_counter()
surface = simulator.run()[3]
print(json.dumps([time.perf_counter() - before, int(simulator.grid.steps_per_day), surface.tolist()]))
"""


def run() -> Iterator[Row]:
    """Yield times and errors of both."""
    if DIRECTORY not in os.environ:
        yield Row("ThermoSpec", failed=f"{DIRECTORY} does not say in which directory it is")
        return
    for case, fields in CASES.items():
        yield from attempted(case, partial(_one, case, fields))


def _one(case: str, fields: dict[str, Any]) -> Iterator[Row]:
    known = {name: value for name, value in fields.items() if name not in ("nmom", "ndays", "T_bottom")}
    problem = thermal_problem(SimulationConfig(**known, S=1366.0))
    solve = partial(solve_days, problem, OUTPUTS, fields["ndays"], fields["T_bottom"])
    exact = solve(EXACT).surface_temperature
    ours = error_text(solve(ACCURACY).surface_temperature - exact)
    tmx = median_s(partial(solve, ACCURACY))
    for finer in FINER.get(fields.get("RTE_solver", ""), ({},)):
        seconds, steps, surface = _thermospec({**fields, **finer})
        other = ", ".join([f"ThermoSpec, {steps} steps a day", *(f"{name} {value}" for name, value in finer.items())])
        yield Row(case, tmx, ours, other, seconds, error_text(np.array(surface)[:OUTPUTS] - exact))


def _thermospec(fields: dict[str, Any]) -> tuple[float, int, list[float]]:
    """Return how long a simulation took [s], its steps a day, and surface temperatures of the last day [K]."""
    python = os.environ.get(PYTHON, sys.executable)
    asked = {**fields, "S": 1366.0, "freq_out": OUTPUTS + 1}
    command = [python, "-W", "ignore", "-c", PROGRAM, json.dumps(asked)]
    environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONPATH": "."}
    ended = subprocess.run(
        command, cwd=Path(os.environ[DIRECTORY]), env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise RuntimeError(f"{python}: {(ended.stderr.strip().splitlines() or ['no message'])[-1]}")
    seconds, steps, surface = json.loads(ended.stdout.splitlines()[-1])
    return seconds, steps, surface
