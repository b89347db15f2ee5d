"""The thermal stage: the temperatures of a column from its config."""

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from tmx.config import SimulationConfig, require_available
from tmx.physics.column import Bottom, Surface
from tmx.physics.compiled import one_compiles
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import Sun, cos_incidence, make_sun, sun_azimuth
from tmx.physics.materials import (
    HeatCapacityLaw,
    Layer,
    biele_heat_capacity,
    polynomial_heat_capacity,
    radiative_conductivity,
)
from tmx.physics.problem import GridRule, Numerics, Problem
from tmx.physics.roughness import Facets
from tmx.physics.solution import ErrorEstimate, ThermalSolution
from tmx.physics.thermal import fixed_temperature, solve_days, solve_periodic, solve_steady
from tmx.physics.transfer.regolith import Regolith
from tmx.stages.optics import TEMPERATURES, load_mie_of, regolith_of
from tmx.stages.outcome import Outcome
from tmx.stages.roughness import facets_of
from tmx.storage.records import FloatArray, ThermalRecord


def run_thermal(config: SimulationConfig) -> Outcome[ThermalRecord]:
    """Compute the temperatures that a config asks for.

    Raises
    ------
    ConfigError
        If the config asks for physics that is not available.
    IntegrationError
        If the time integration cannot go on.
    """
    require_available(config, "thermal")
    problem = thermal_problem(config)
    with one_compiles(kind_of_problem(config)):
        solution = _solve(config, problem)
        rough = _solve_facets(config, problem) if config.crater else None
    record = _record(config, problem, solution, rough)
    return Outcome(record, {**_numbers(config, solution), **_facet_numbers(config, solution, rough)})


def kind_of_problem(config: SimulationConfig) -> str:
    """Return in words what kernels a config needs: others of the same words need no more."""
    surface = "radiative transfer" if config.use_RTE else "opaque surfaces"
    if config.crater:
        surface = f"facets of {surface}"
    return f"{surface} over a day" if config.diurnal else f"{surface} at rest"


def load_kernels(config: SimulationConfig) -> None:
    """Have what a config needs compiled and in memory, once per process: it takes longer than most runs."""
    _load_kernels(config.use_RTE, config.diurnal, config.crater)
    load_mie_of(config, TEMPERATURES)


def thermal_problem(config: SimulationConfig) -> Problem:
    """Return the physical problem that a config describes."""
    layers = [dust_of(config)]
    if not config.single_layer:
        layers.append(Layer(config.rock_thickness, config.rho_rock, config.k_rock, config.cp_rock))
    surface = regolith_of(config) if config.use_RTE else _opaque(config)
    return Problem(layers, surface, _bottom(config), sun_of(config))


@cache
def _load_kernels(use_RTE: bool, diurnal: bool, crater: bool) -> None:
    few = SimulationConfig(use_RTE=use_RTE, diurnal=diurnal, crater=crater, crater_facets=6, freq_out=4, accuracy=10.0)
    run_thermal(few)


def _opaque(config: SimulationConfig) -> Surface:
    return Surface(config.em, STEFAN_BOLTZMANN * config.disort_space_temp**4)


def _solve(config: SimulationConfig, problem: Problem) -> ThermalSolution:
    numerics = Numerics(
        accuracy=config.accuracy,
        grid=GridRule(config.flay, config.spacing_factor, config.min_nlay_dust, config.dust_rte_max_lthick),
        refine_grid=config.auto_thickness,
        steps_per_day=None if config.auto_dt else config.tsteps_day,
        add_streams=config.nstr == "auto",
    )
    if config.T_fixed:
        return fixed_temperature(problem, config.T_bottom, numerics)
    if not config.diurnal:
        return solve_steady(problem, config.steady_state_mu if config.sun else 0.0, numerics)
    if config.ndays is None:
        return solve_periodic(problem, config.freq_out, numerics)
    return solve_days(problem, config.freq_out, config.ndays, config.T_bottom, numerics, last_day=config.last_day)


@dataclass(frozen=True)
class _Rough:
    """The facets of a rough surface and their temperatures."""

    facets: Facets
    solution: ThermalSolution


def _solve_facets(config: SimulationConfig, problem: Problem) -> _Rough:
    """Solve for the facets of a rough surface, each of which is such a column as that below the flat surface."""
    facets = facets_of(config)
    return _Rough(facets, _solve(config, replace(problem, facets=facets)))


def dust_of(config: SimulationConfig) -> Layer:
    """Return the uppermost layer of a config."""
    radiative = config.k_temp_coeff if config.temperature_dependent_properties and config.temp_dependent_k else 0.0
    if config.depth_dependent_properties:
        return Layer(
            thickness=config.dust_thickness,
            density=config.rho_surface,
            conductivity=config.k_surface,
            heat_capacity=_heat_capacity(config),
            radiative=radiative,
            deep_density=config.rho_deep,
            deep_conductivity=config.k_deep,
            scale_height=config.density_scale_height,
        )
    conductivity = config.k_dust
    if config.k_dust_auto:
        conductivity += radiative_conductivity(config.Et, config.T_bottom)
    return Layer(config.dust_thickness, config.rho_dust, conductivity, _heat_capacity(config), radiative)


def _heat_capacity(config: SimulationConfig) -> float | HeatCapacityLaw:
    if not (config.temperature_dependent_properties and config.temp_dependent_cp):
        return config.cp_dust
    if config.cp_law == "biele2022":
        return biele_heat_capacity
    return polynomial_heat_capacity(config.cp_coeffs)


def _bottom(config: SimulationConfig) -> Bottom:
    if config.bottom_bc == "dirichlet":
        return Bottom(temperature=config.T_bottom)
    return Bottom(flux=config.geothermal_flux if config.bottom_bc == "geothermal" else 0.0)


def sun_of(config: SimulationConfig) -> Sun:
    """Return the sun over the surface of a config."""
    return make_sun(
        period=config.P,
        latitude=config.latitude if config.diurnal else 0.0,
        declination=config.dec if config.diurnal else 0.0,
        flux=config.S / config.R**2 if config.sun else 0.0,
        albedo=0.0 if config.use_RTE else config.albedo,
        albedo_a=0.0 if config.use_RTE else config.albedo_a,
        albedo_b=0.0 if config.use_RTE else config.albedo_b,
    )


def _record(
    config: SimulationConfig, problem: Problem, solution: ThermalSolution, rough: _Rough | None
) -> ThermalRecord:
    base = solution.base_temperature
    return ThermalRecord(
        **_crater(config, rough),
        T_out=as_stored(solution.temperature, config.storage_dtype),
        T_surf_out=as_stored(solution.surface_temperature, config.storage_dtype),
        t_out=solution.times,
        mu_out=_cosines(config, problem.sun, solution.times),
        sun_azimuth_out=_azimuths(config, solution.times),
        T_base_out=as_stored(np.empty(0) if base is None else base, config.storage_dtype),
        x_grid=solution.depth,
        x_boundaries=solution.boundaries,
        layer_structure=solution.layer,
        tau_grid=_optical_depth(problem, solution.depth),
        tau_boundaries=_optical_depth(problem, solution.boundaries),
    )


def _crater(config: SimulationConfig, rough: _Rough | None) -> dict[str, Any]:
    """Return the fields of a record that describe a rough surface, if there is one."""
    if rough is None:
        return {}
    facets, solution, dtype = rough.facets, rough.solution, config.storage_dtype
    base = solution.base_temperature
    return {
        "T_crater_out": as_stored(solution.temperature, dtype),
        "T_surf_crater_out": as_stored(solution.surface_temperature, dtype),
        "T_base_crater_out": as_stored(np.empty((0, 0)) if base is None else base, dtype),
        "x_grid_crater": solution.depth,
        "x_boundaries_crater": solution.boundaries,
        "layer_structure_crater": solution.layer,
        "crater_vertices": facets.mesh.vertices,
        "crater_faces": facets.mesh.faces,
        "crater_normals": facets.normals,
        "crater_areas": facets.areas / facets.area,
        "crater_view_factors": facets.view_factors,
    }


def _optical_depth(problem: Problem, depth: FloatArray) -> FloatArray:
    """Return the thermal optical depth, the mean over bands where there are many; nothing for an opaque surface."""
    if not isinstance(problem.surface, Regolith):
        return np.empty(0)
    dust = problem.layers[0]
    extinction = np.mean([band.optics.extinction for band in problem.surface.thermal])
    return np.asarray(extinction * dust.equivalent_depth(depth[depth <= dust.thickness * (1.0 + 1e-12)]))


def as_stored(values: FloatArray, storage_dtype: str) -> FloatArray:
    """Return values as they will be read from the file, so that what follows does not depend on having saved it."""
    return values.astype(storage_dtype).astype(np.float64)


def _cosines(config: SimulationConfig, sun: Sun, times: FloatArray) -> FloatArray:
    if not config.sun:
        return np.zeros_like(times)
    if not config.diurnal:
        return np.full_like(times, config.steady_state_mu)
    return np.array([max(0.0, cos_incidence(sun, t)) for t in times])


def _azimuths(config: SimulationConfig, times: FloatArray) -> FloatArray:
    """Return the azimuth of the sun; one that stands still does so in the south."""
    if not (config.sun and config.diurnal):
        return np.zeros_like(times)
    return sun_azimuth(config.latitude, config.dec, times / config.P)


def _numbers(config: SimulationConfig, solution: ThermalSolution) -> dict[str, float | int | bool | None]:
    error = solution.error
    return {
        "t_surf_max": solution.hottest,
        "t_surf_min": solution.coldest,
        "t_surf_mean": solution.mean,
        "time_of_max": math.fmod(solution.time_of_hottest, config.P),
        "t_deep": solution.deep,
        "days": solution.days,
        "periodicity_residual": solution.periodicity_residual,
        "energy_residual": solution.energy_residual,
        "flux_residual": solution.flux_residual,
        "error_time": error.time,
        "error_grid": error.grid,
        "error_periodicity": error.periodicity,
        "error_streams": error.streams,
        "estimated_error": error.total,
        "accuracy": config.accuracy,
        "accuracy_met": _claimed_error(config, error) <= config.accuracy,
        "n_cells": solution.depth.size,
        "n_steps": solution.steps,
        "n_streams": solution.streams,
    }


def _facet_numbers(
    config: SimulationConfig, solution: ThermalSolution, rough: _Rough | None
) -> dict[str, float | int | bool | None]:
    """Return the numbers of the facets of a rough surface; the accuracy is met if it is on both."""
    if rough is None:
        return {}
    facets = rough.solution
    both = (_claimed_error(config, solution.error), _claimed_error(config, facets.error))
    return {
        "n_facets": rough.facets.areas.size,
        "t_facet_max": facets.hottest,
        "t_facet_min": facets.coldest,
        "t_facet_mean": facets.mean,
        "facet_energy_residual": facets.energy_residual,
        "facet_periodicity_residual": facets.periodicity_residual,
        "facet_estimated_error": facets.error.total,
        "error_facets": facets.error.facets,
        "n_facet_cells": facets.depth.size,
        "n_facet_steps": facets.steps,
        "accuracy_met": max(both) <= config.accuracy,
    }


def _claimed_error(config: SimulationConfig, error: ErrorEstimate) -> float:
    """Return the error that the accuracy is about: without that of the streams where their number was given."""
    free_streams = config.nstr == "auto" and error.streams is not None
    return error.total + (error.streams or 0.0 if free_streams else 0.0)
