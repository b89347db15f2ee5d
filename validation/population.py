"""Random configs from all that users may ask for, each computed twice: as asked, and to a tenth of the accuracy."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from tmx.config import SimulationConfig
from tmx.simulation import SimulationResult, ThermalSimulator

FloatArray = npt.NDArray[np.float64]

SEED = 20260101

SIZES = {"opaque": 200, "regolith": 140, "rough": 60}
"""How many configs there are of each kind."""

FINER = 10.0
"""How many times better the accuracy of the second run is."""


@dataclass(frozen=True)
class Member:
    """A random config and what became of it.

    Attributes
    ----------
    kind : str
        Opaque, regolith with radiative transfer, or rough.
    config : SimulationConfig
        What was asked for.
    estimate, finer_estimate : float
        Estimated error of the run, and of that to a tenth of the accuracy [K].
    error : float
        Difference between both: the largest at any output time; of facets, their RMS by area [K].
    residual : float
        What the budget of the day leaves unexplained, as a part of the sunlight absorbed [-].
    """

    kind: str
    config: SimulationConfig
    estimate: float
    finer_estimate: float
    error: float
    residual: float


@cache
def population() -> tuple[Member, ...]:
    """Return all members."""
    return tuple(member(kind, number) for kind, size in SIZES.items() for number in range(size))


def member(kind: str, number: int) -> Member:
    """Draw a config of a kind and compute it both ways."""
    config = draw(kind, number)
    found, truth = (_run(one) for one in (config, config.model_copy(update={"accuracy": config.accuracy / FINER})))
    prefix = "facet_" if kind == "rough" else ""
    return Member(
        kind=kind,
        config=config,
        estimate=_number(found, f"{prefix}estimated_error"),
        finer_estimate=_number(truth, f"{prefix}estimated_error"),
        error=_apart(found, truth),
        residual=abs(_number(found, f"{prefix}energy_residual")),
    )


def draw(kind: str, number: int) -> SimulationConfig:
    """Draw a config of a kind; the same number gives the same config."""
    rng = np.random.default_rng([SEED, list(SIZES).index(kind), number])
    fields = _common(rng) | {"opaque": _opaque, "regolith": _regolith, "rough": _rough}[kind](rng)
    return SimulationConfig(**fields)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _common(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "accuracy": _log_uniform(rng, 0.02, 1.0),
        "freq_out": 48,
        "storage_dtype": "float64",
        "P": _log_uniform(rng, 7200.0, 2.55e6),
        "R": _log_uniform(rng, 0.3, 30.0),
        "latitude": float(np.radians(rng.uniform(-89.0, 89.0))),
        "dec": float(np.radians(rng.uniform(-25.0, 25.0))),
        "dust_thickness": _log_uniform(rng, 1e-3, 5.0),
        "rho_dust": float(rng.uniform(500.0, 2500.0)),
        "k_dust": _log_uniform(rng, 1e-5, 0.5),
        "cp_dust": float(rng.uniform(300.0, 1200.0)),
        "single_layer": bool(rng.random() < 0.7),
        "bottom_bc": "geothermal" if rng.random() < 0.3 else "neumann",
        "geothermal_flux": _log_uniform(rng, 1e-3, 0.1),
        "disort_space_temp": float(rng.uniform(3.0, 60.0)),
    }


def _opaque(rng: np.random.Generator) -> dict[str, Any]:
    varying = {"single_layer": True} if rng.random() < 0.5 else {}
    laws = ("depth_dependent_properties", "temperature_dependent_properties", "temp_dependent_cp", "temp_dependent_k")
    return {
        **varying,
        **dict.fromkeys(laws, bool(varying)),
        "albedo": float(rng.uniform(0.0, 0.9)),
        "em": float(rng.uniform(0.5, 1.0)),
        "cp_law": "biele2022",
    }


def _regolith(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "use_RTE": True,
        "RTE_solver": ("disort", "hapke")[rng.integers(2)],
        "nstr": int((4, 8)[rng.integers(2)]),
        "Et": _log_uniform(rng, 200.0, 2e5),
        "eta": float(rng.choice([0.5, 1.0, 2.0])),
        "ssalb_therm": float(rng.uniform(0.0, 0.95)),
        "ssalb_vis": float(rng.uniform(0.0, 0.95)),
        "g_therm": float(rng.uniform(-0.3, 0.85)),
        "g_vis": float(rng.uniform(-0.3, 0.85)),
        "R_base": float(rng.choice([0.0, 0.3])),
    }


def _rough(rng: np.random.Generator) -> dict[str, Any]:
    surface = _regolith(rng) if rng.random() < 0.3 else _opaque(rng)
    return surface | {
        "crater": True,
        "crater_facets": int((24, 54, 96)[rng.integers(3)]),
        "crater_depth_ratio": float(rng.uniform(0.05, 0.5)),
    }


def _run(config: SimulationConfig) -> SimulationResult:
    return ThermalSimulator(config).run()


def _number(result: SimulationResult, name: str) -> float:
    return cast(float, result.thermal_numbers[name])


def _apart(found: SimulationResult, truth: SimulationResult) -> float:
    if not found.config.crater:
        return float(np.abs(found.thermal.T_surf_out - truth.thermal.T_surf_out).max())
    squared = (found.thermal.T_surf_crater_out - truth.thermal.T_surf_crater_out) ** 2
    weights = found.thermal.crater_areas / found.thermal.crater_areas.sum()
    return float(np.sqrt((weights @ squared).max()))
