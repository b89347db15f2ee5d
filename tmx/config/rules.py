"""What the fields of a config must be to one another.

Each rule looks at the whole config and at the set of fields that its stages read, and raises a
:class:`~tmx.config.problems.FieldError` that names the fields, the one to change first. What is legal but odd
stands in :mod:`tmx.config.notices`.
"""

import math
import os
from collections.abc import Callable, Set
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from tmx.config.problems import FieldError, shown, suggestion
from tmx.config.reading import fields_in_use
from tmx.config.schema import FIELDS

if TYPE_CHECKING:
    from tmx.config.model import SimulationConfig

Rule: TypeAlias = Callable[["SimulationConfig", Set[str]], None]

_FILES = tuple(name for name, field in FIELDS.items() if field.about.file)
_CP_RANGE = range(20, 1001, 5)
_HORIZON = 1e-9
_GRAZING = 1e-6


def check(config: "SimulationConfig") -> None:
    """Check a config against every rule.

    Raises
    ------
    FieldError
        If its fields contradict one another, or a file that it reads does not exist.
    """
    in_use = fields_in_use(vars(config))
    for rule in _RULES:
        rule(config, in_use)


def _one_duration(config: "SimulationConfig", in_use: Set[str]) -> None:
    if not config.equilibrium and config.ndays is None:
        raise FieldError("must be given where equilibrium is false", "ndays", "equilibrium")


def _isothermal_only_when_steady(config: "SimulationConfig", in_use: Set[str]) -> None:
    if config.T_fixed and config.diurnal:
        raise FieldError("true only goes with diurnal: false", "T_fixed", "diurnal")


def _depth_only_in_one_layer(config: "SimulationConfig", in_use: Set[str]) -> None:
    if config.depth_dependent_properties and not config.single_layer:
        raise FieldError("true only goes with single_layer: true", "depth_dependent_properties", "single_layer")


def _grains_denser_than_bulk(config: "SimulationConfig", in_use: Set[str]) -> None:
    bulk = max(("rho_deep", "rho_surface"), key=lambda name: float(getattr(config, name)))
    density = getattr(config, bulk)
    if "rho_particle" in in_use and density >= config.rho_particle:
        raise FieldError(f"must be above {bulk} ({density:g} kg/m3)", "rho_particle", bulk)


def _albedo_at_most_one(config: "SimulationConfig", in_use: Set[str]) -> None:
    grazing = config.albedo + 8.0 * config.albedo_a + config.albedo_b
    if "albedo" in in_use and grazing > 1.0:
        raise FieldError(
            f"albedo + 8 albedo_a + albedo_b, the albedo at grazing incidence, is {grazing:g}, above 1",
            "albedo",
            "albedo_a",
            "albedo_b",
        )


def _specific_heat_positive(config: "SimulationConfig", in_use: Set[str]) -> None:
    negative = _first_not_positive(config.cp_coeffs) if "cp_coeffs" in in_use else None
    if negative is not None:
        raise FieldError(
            f"the specific heat is not positive at {negative} K (it must be from 20 to 1000 K)", "cp_coeffs"
        )


@lru_cache(maxsize=1024)
def _first_not_positive(coefficients: tuple[float, ...]) -> int | None:
    """Give the first temperature [K] at which the polynomial is not a positive number."""
    for temperature in _CP_RANGE:
        specific_heat = 0.0
        for coefficient in reversed(coefficients):
            specific_heat = specific_heat * temperature + coefficient
        if not 0.0 < specific_heat < math.inf:
            return temperature
    return None


def _some_heat(config: "SimulationConfig", in_use: Set[str]) -> None:
    lasting = not config.T_fixed and (config.equilibrium or not config.diurnal)
    heated = (
        config.bottom_bc == "dirichlet"
        or (config.bottom_bc == "geothermal" and config.geothermal_flux > 0.0)
        or config.disort_space_temp > 0.0
        or _sun_rises(config)
    )
    if lasting and not heated:
        why = "the sun never rises here" if config.sun else "sun is false"
        raise FieldError(
            f"{why} and nothing else gives heat, so the lasting state is absolute zero; "
            "give ndays, geothermal_flux, disort_space_temp or a fixed bottom",
            *_sun_fields(config),
        )


def _sun_rises(config: "SimulationConfig") -> bool:
    highest = math.cos(config.latitude - config.dec) if config.diurnal else config.steady_state_mu
    return config.sun and highest > _HORIZON


def _sun_fields(config: "SimulationConfig") -> tuple[str, ...]:
    if not config.sun:
        return ("sun",)
    return ("latitude", "dec") if config.diurnal else ("steady_state_mu",)


def _bands_in_order(config: "SimulationConfig", in_use: Set[str]) -> None:
    for low, high in (("wn_min", "wn_max"), ("wn_min_out", "wn_max_out"), ("emissivity_wn_min", "emissivity_wn_max")):
        least, most = getattr(config, low), getattr(config, high)
        if low in in_use and least is not None and most is not None and least >= most:
            raise FieldError(f"must be below {high} ({most:g} cm-1)", low, high)


def _bands_of_an_instrument(config: "SimulationConfig", in_use: Set[str]) -> None:
    named = config.instrument_out is not None or config.response_file_out is not None
    if "band_rule_out" in in_use and config.band_rule_out == "instrument" and not named:
        raise FieldError("instrument needs instrument_out or response_file_out", "band_rule_out", "instrument_out")


def _hours_of_a_day(config: "SimulationConfig", in_use: Set[str]) -> None:
    for hour in config.local_times_out or ():
        if "local_times_out" in in_use and not 0.0 <= hour <= 24.0:
            raise FieldError(f"{hour:g} is not from 0 to 24 h", "local_times_out")


def _observers_above_the_horizon(config: "SimulationConfig", in_use: Set[str]) -> None:
    if "rough_fraction" not in in_use:
        return
    if config.observer_mu < _GRAZING:
        raise FieldError(f"must be at least {_GRAZING:g} to see a rough surface", "observer_mu")
    for vector in config.observer_vectors:
        if vector[2] < _GRAZING * math.hypot(*vector):
            raise FieldError(
                f"{list(vector)} points to the horizon, from where no rough surface is seen", "observer_vectors"
            )


def _sizes_in_order(config: "SimulationConfig", in_use: Set[str]) -> None:
    if "radius_max" in in_use and config.radius >= config.radius_max:
        raise FieldError(f"must be above radius ({config.radius:g} m)", "radius_max", "radius")


def _known_grains(config: "SimulationConfig", in_use: Set[str]) -> None:
    if "composition" not in in_use:
        return
    from tmx.physics.grains.composition import CUSTOM, names_in

    texts = {"composition": config.composition, "coating": config.coating}
    for field, text in texts.items():
        try:
            named = names_in(text) if text is not None else ()
        except ValueError as error:
            raise FieldError(str(error), field) from None
        if CUSTOM in named and config.index_file is None:
            raise FieldError(f"{CUSTOM} is the material of index_file, which is not given", field, "index_file")


def _known_instrument(config: "SimulationConfig", in_use: Set[str]) -> None:
    if "instrument_out" not in in_use or config.instrument_out is None:
        return
    from tmx.physics.instruments.library import instrument_names

    if config.instrument_out.lower() not in instrument_names():
        known = ", ".join(instrument_names())
        hint = suggestion(config.instrument_out, instrument_names())
        raise FieldError(
            f"there is no instrument {shown(config.instrument_out)}{hint} (there are {known})", "instrument_out"
        )


def _moments_of_a_phase_function(config: "SimulationConfig", in_use: Set[str]) -> None:
    """Moments that begin with that of degree 1 would halve the scattering without a word."""
    for name in ("phase_moments_vis", "phase_moments_therm"):
        moments = getattr(config, name)
        if moments is None or name not in in_use:
            continue
        if moments[0] != 1.0:
            raise FieldError(f"must begin with 1, the moment of degree 0, not with {moments[0]:g}", name)
        if max(map(abs, moments[1:])) >= 1.0:
            raise FieldError("must be between -1 and 1 from degree 1 on", name)


def _files_exist(config: "SimulationConfig", in_use: Set[str]) -> None:
    for name in _FILES:
        path = getattr(config, name)
        if path is not None and name in in_use and not os.path.isfile(path):
            raise FieldError(f"there is no file {shown(path, 200)}", name)


_RULES: tuple[Rule, ...] = (
    _one_duration,
    _isothermal_only_when_steady,
    _depth_only_in_one_layer,
    _grains_denser_than_bulk,
    _albedo_at_most_one,
    _specific_heat_positive,
    _some_heat,
    _bands_in_order,
    _bands_of_an_instrument,
    _hours_of_a_day,
    _observers_above_the_horizon,
    _sizes_in_order,
    _known_grains,
    _known_instrument,
    _moments_of_a_phase_function,
    _files_exist,
)
