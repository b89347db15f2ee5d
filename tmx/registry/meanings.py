"""What tables, views and their columns mean, in words and with units, for whoever shows them to people.

Columns of parameters have the words of the config's schema: they are not said again here.
"""

from tmx.config import FIELDS
from tmx.registry.tables import RUN_STATES, SWEEP_STATES, WORKER_STATES
from tmx.registry.views import VIEWS

TABLES = {
    "config": "Base configs, as they were written and as they were resolved.",
    "sweep": "Submitted sweeps: a config, a design over parameters, and a seed.",
    "sample": "Points of sweeps, with the runs that they need.",
    "run": "Stages of some inputs, each computed once: their state, and who holds them.",
    "shared_run": "Runs that more than one sweep needs.",
    "environment": "Distinct sets of package versions, git state and platform.",
    "worker": "Processes that claim runs.",
    "attempt": "Tries at runs, kept for ever: when, where, how they ended, and why.",
    "artifact": "Files that runs produced, with their hashes; the page of a run has the files themselves.",
    "thermal_result": "Numbers of finished thermal runs: temperatures, errors and the work that they took.",
    "radiance_result": "Numbers of finished radiance runs: brightness temperatures and features of spectra.",
    "dataset": "Datasets for machine learning that were built, and how they were divided.",
    "dataset_sample": "Which part of a dataset each sample is in.",
    "samples": "One row per sample: parameters, states, results, errors and files.",
    "runs": "One row per run: state, last attempt, results and file.",
    "failures": "Runs that failed, with the error of their last attempt.",
    "sweeps": "One row per sweep: what it is and how many of its runs are in which state.",
    "alembic_version": "The revision of the schema.",
}
"""Tables and views."""

COMMON = {
    "id": "number of the row",
    "name": "what it is called",
    "state": "how far it is: done, running, pending, failed, …",
    "stage": "thermal (temperatures) or radiance (spectra)",
    "key": "SHA-256 of the stage, the solver's version and all inputs",
    "priority": "small numbers go first",
    "created": "when it was made [s since 1970]",
    "started": "when it began [s since 1970]",
    "finished": "when it ended [s since 1970]",
    "claimed": "when a worker took it [s since 1970]",
    "seed": "seed of all random choices",
    "sha256": "SHA-256 of the content",
    "path": "path of the file, relative to the store",
    "bytes": "size of the file [B]",
    "params": "parameters, as JSON",
    "host": "computer",
    "traceback": "where the error was raised",
    "message": "what the error said",
    "error_type": "kind of error",
    "outcome": "how the try ended; empty while it goes on",
    "number": "first try, second, …",
    "duration": "how long it took [s]",
    "sweep": "name of the sweep",
    "sample_index": "index of the sample in its sweep",
    "sweep_id": "the sweep",
    "sample_id": "the sample",
    "config_id": "the base config",
    "run_id": "the run",
    "parent_id": "the run that it builds on",
    "worker_id": "the worker",
    "worker": "name of the worker",
    "environment_id": "versions and platform that it ran with",
    "dataset_id": "the dataset",
    "thermal_run_id": "the run with the temperatures",
    "radiance_run_id": "the run with the spectra",
    "thermal_state": "state of the thermal run",
    "radiance_state": "state of the radiance run",
    "thermal_path": "file of temperatures, relative to the store",
    "radiance_path": "file of spectra, relative to the store",
    "thermal_key": "key of the thermal run",
    "radiance_key": "key of the radiance run",
    "attempts": "tries that ended by themselves, well or with an error",
    "losses": "tries whose worker vanished",
    "not_before": "not to be tried again before [s since 1970]",
    "lease_token": "token of the worker's claim",
    "lease_until": "until when the claim is honoured [s since 1970]",
    "error": "what the last error said",
    "body": "planetary body",
    "source": "text of the file, as it was written",
    "resolved": "all fields, as JSON",
    "design": "how the samples are chosen",
    "output_dir": "directory of its files, relative to the store",
    "n_samples": "number of samples",
    "parameters": "parameters that its samples set, with their types",
    "details": "versions and platform, as JSON",
    "pid": "number of the process on its computer",
    "backend": "what started the worker",
    "heartbeat": "last sign of life [s since 1970]",
    "stop_requested": "whether it was asked to stop",
    "token": "token of the claim",
    "kind": "what the file holds",
    "deleted": "when the file was deleted [s since 1970]",
    "query": "what was asked for, as JSON",
    "split": "part of the dataset: train, val or test",
    "fingerprint": "hash of all that went into it",
    "n_excluded": "samples that were left out",
    "config": "name of the base config",
    "blocked": "runs that wait for the run they build on",
    "pending": "runs that wait for a worker",
    "running": "runs that are being computed",
    "done": "runs that are finished",
    "failed": "runs that failed",
    "cancelled": "runs that were cancelled",
    "reused": "runs that another sweep computes or has computed",
    "parent_key": "key of the run that it builds on",
    "parent_state": "state of the run that it builds on",
    "last_attempt": "number of the last try",
    "version_num": "revision",
    "wall_time": "time that the computation took [s]",
    "thermal_wall_time": "time that temperatures took [s]",
    "radiance_wall_time": "time that spectra took [s]",
}
"""Columns that mean the same wherever they are."""

RESULTS = {
    "t_surf_max": "highest surface temperature [K]",
    "t_surf_min": "lowest surface temperature [K]",
    "t_surf_mean": "mean surface temperature [K]",
    "time_of_max": "time of the highest surface temperature since midnight [s]",
    "t_deep": "temperature of the deepest cell [K]",
    "days": "days that were integrated",
    "periodicity_residual": "change of temperature from one day to the next [K]",
    "energy_residual": "imbalance of energy, relative to what comes in",
    "flux_residual": "imbalance of flux, as temperature [K]",
    "error_time": "error of the steps in time [K]",
    "error_grid": "error of the grid [K]",
    "error_periodicity": "error of not being periodic yet [K]",
    "error_streams": "error of the number of streams [K]",
    "estimated_error": "estimated error of all temperatures [K]",
    "accuracy": "accuracy that was asked for [K]",
    "accuracy_met": "whether the estimated error is within it",
    "n_cells": "cells of the grid",
    "n_steps": "steps in a day",
    "n_streams": "directions of the radiative transfer",
    "n_facets": "facets of the rough surface",
    "t_facet_max": "highest temperature of a facet [K]",
    "t_facet_min": "lowest temperature of a facet [K]",
    "t_facet_mean": "mean temperature of the facets [K]",
    "facet_energy_residual": "imbalance of the facets' energy, relative",
    "facet_periodicity_residual": "change of the facets' temperatures from one day to the next [K]",
    "facet_estimated_error": "estimated error of the facets' temperatures [K]",
    "n_facet_cells": "cells of the grid below facets",
    "n_facet_steps": "steps in a day of the facets",
    "error_facets": "what many more facets would change for observers [K]",
    "n_bands": "spectral bands",
    "n_times": "times of day that have spectra",
    "n_observers": "observers",
    "n_channels": "channels of the instrument",
    "n_streams_out": "directions of the radiative transfer of spectra",
    "tb_error_streams": "error of brightness temperatures by the number of streams [K]",
    "tb_error_grid": "error of brightness temperatures by the grid [K]",
    "tb_max": "highest brightness temperature [K]",
    "tb_min": "lowest brightness temperature [K]",
    "bolometric_tb_max": "highest brightness temperature at all wavenumbers [K]",
    "bolometric_tb_min": "lowest brightness temperature at all wavenumbers [K]",
    "bolometric_reflected_max": "highest radiance of reflected sunlight [W m⁻² sr⁻¹]",
    "emissivity_min": "lowest emissivity at the hottest time",
    "emissivity_max": "highest emissivity at the hottest time",
    "reference_temperature": "temperature that emissivities refer to [K]",
    "christiansen_wavelength": "wavelength of the Christiansen feature [µm]",
    "transparency_depth": "depth of the transparency feature, in emissivity",
    "reststrahlen_depth": "depth of the reststrahlen feature, in emissivity",
    "rough_tb_max": "highest brightness temperature of the rough surface [K]",
    "rough_bolometric_tb_max": "highest brightness temperature of the rough surface at all wavenumbers [K]",
    "mixed_bolometric_tb_max": "highest brightness temperature of ground that is rough in part [K]",
    "beaming_ratio": "thermal radiance of the rough surface over that of the flat one, at the hottest time",
    "rough_tb_error_streams": "error of the rough surface's brightness temperatures by the number of streams [K]",
    "rough_tb_error_grid": "error of the rough surface's brightness temperatures by the grid [K]",
}
"""Numbers of finished runs."""


STATES = {
    "sweep": f"whether its runs are to be computed: {', '.join(SWEEP_STATES)}",
    "sweeps": f"whether its runs are to be computed: {', '.join(SWEEP_STATES)}",
    "worker": f"what is known of it: {', '.join(WORKER_STATES)}",
    "run": f"how far it is: {', '.join(RUN_STATES)}",
    "runs": f"how far it is: {', '.join(RUN_STATES)}",
}
"""What the column `state` holds where it is not that of a sample."""


def column_meaning(column: str) -> str:
    """Return what a column holds, with its unit; empty of one that nothing is known of."""
    known = RESULTS.get(column) or COMMON.get(column)
    return known if known else parameter_meaning(column.removeprefix("param_"))


def unit_of_column(column: str) -> str:
    """Return the unit of what a column holds; empty of numbers without one."""
    meaning = column_meaning(column)
    return meaning.rpartition("[")[2].rstrip("]") if meaning.endswith("]") else ""


def meaning_in(relation: str, column: str) -> str:
    """Return what a column of a table or view holds; views have times as people write them."""
    if column == "state" and relation in STATES:
        return STATES[relation]
    if (relation, column) == ("dataset", "split"):
        return "how its samples were divided, as JSON"
    meaning = column_meaning(column)
    return meaning.replace("[s since 1970]", "[ISO 8601, UTC]") if relation in VIEWS else meaning


def parameter_meaning(name: str) -> str:
    """Return what a parameter is, with its unit; empty if the schema does not know it."""
    if name not in FIELDS:
        return ""
    about = FIELDS[name].about
    return f"{about.meaning} [{about.unit}]" if about.unit else about.meaning
