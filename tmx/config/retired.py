"""Names that users of similar models know and that mean nothing here, with what to use instead.

A file that holds one is accepted, with a warning that says so.
"""

from collections.abc import Mapping
from types import MappingProxyType

_GRID = "the grid is refined until accuracy is met; flay, spacing_factor and auto_thickness shape it"
_STEPS = "time steps are chosen to meet accuracy; auto_dt: false with tsteps_day fixes them"
_PERIODIC = "the periodic state is solved for directly; set equilibrium: true and accuracy"
_TOLERANCES = "all tolerances follow from accuracy"
_MOMENTS = "every moment that matters is used; phase_moments_vis and phase_moments_therm give their values"
_BODY_SPECTRA = "spectra of a substrate come from substrate_spectrum_out"

RETIRED: Mapping[str, str] = MappingProxyType(
    {
        "sigma": "physical constants are fixed",
        "illum_freq": "the sun moves in every time step",
        "crater_selfheating": "view factors follow from the mesh",
        "crater_temp_dependent_properties": "facets have the properties of the smooth surface",
        "compute_observer_radiance": "use compute_crater_radiance",
        "temp_change_threshold": "properties follow the temperature in every time step",
        "depth_dependent": "use depth_dependent_properties",
        "geometric_spacing": "spacing_factor: 1 makes cells of equal thickness",
        "rock_lthick_fac": _GRID,
        "dust_lthick": _GRID,
        "rock_lthick": _GRID,
        "dtfac": _STEPS,
        "minsteps": _STEPS,
        "steady_tol": _TOLERANCES,
        "bvp_tol": _TOLERANCES,
        "bvp_max_iter": _TOLERANCES,
        "T_surf_tol": _TOLERANCES,
        "T_surf_max_iter": _TOLERANCES,
        "enable_diurnal_convergence": _PERIODIC,
        "diurnal_convergence_method": _PERIODIC,
        "diurnal_convergence_temp_tol": _PERIODIC,
        "diurnal_convergence_energy_tol": _PERIODIC,
        "diurnal_convergence_min_cycles": _PERIODIC,
        "diurnal_convergence_check_interval": _PERIODIC,
        "diurnal_convergence_window": _PERIODIC,
        "nmom": _MOMENTS,
        "nmom_out": _MOMENTS,
        "otesT1_out": _BODY_SPECTRA,
        "otesT2_out": _BODY_SPECTRA,
    }
)
