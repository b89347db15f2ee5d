"""What is legal but odd in a config: said in a warning, never an error."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import TypeAlias

from tmx.config.conditions import NEVER, Condition
from tmx.config.model import SimulationConfig
from tmx.config.presets import preset_values
from tmx.config.reading import fields_in_use
from tmx.config.regolith import Properties, skin_depth, typical_regolith
from tmx.config.schema import FIELDS

FARTHEST_USUAL_AU = 40.0
FEWEST_SKIN_DEPTHS = 3.0
_MOST_SUNLIGHT_PER_CM = 25_000.0


@dataclass(frozen=True)
class Notice:
    """A sentence about one or several fields, and other fields that have to do with it."""

    subjects: tuple[str, ...]
    sentence: str
    related: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{', '.join(self.subjects)}: {self.sentence}"


Observer: TypeAlias = Callable[[SimulationConfig, Set[str]], Iterator[Notice]]


def notices(config: SimulationConfig, explicit: Set[str]) -> Iterator[Notice]:
    """Find what is odd in a config.

    Parameters
    ----------
    config : SimulationConfig
        A valid config.
    explicit : set of str
        The fields that somebody set; only those can be pointless.
    """
    in_use = fields_in_use(vars(config))
    for observe in _OBSERVERS:
        yield from observe(config, in_use)
    yield from _without_effect(config, explicit - in_use)
    yield from _body_in_name_alone(config, in_use, explicit)


def _without_effect(config: SimulationConfig, unread: Set[str]) -> Iterator[Notice]:
    """Point out settings that nothing reads, unless they only repeat the default or the body's preset."""
    usual = preset_values(config.planetary_body)
    pointless: dict[Condition, list[str]] = {}
    for name, field in FIELDS.items():
        value = getattr(config, name)
        if name in unread and value != field.default and value != usual.get(name):
            pointless.setdefault(field.used, []).append(name)
    pointless.pop(NEVER, None)
    for condition, names in pointless.items():
        yield Notice(tuple(names), f"no effect here, read only when {condition.words()}")


def _body_in_name_alone(config: SimulationConfig, in_use: Set[str], explicit: Set[str]) -> Iterator[Notice]:
    """Point out a body of which nothing is set: its name brings no values along."""
    own = [name for name, value in preset_values(config.planetary_body).items() if name in in_use]
    if own and explicit and not explicit & {*own}:
        shown = ", ".join(own[:3])
        yield Notice(
            ("planetary_body",),
            f"is a label; {shown} and all else are tmx's defaults and not those of {config.planetary_body}, "
            f"which `tmx create-config --planetary-body {config.planetary_body}` writes",
        )


def _far_from_the_sun(config: SimulationConfig, in_use: Set[str]) -> Iterator[Notice]:
    if "R" in in_use and config.R > FARTHEST_USUAL_AU:
        yield Notice(("R",), f"{config.R:g} AU is beyond Pluto; R is in AU")


def _thin_column(config: SimulationConfig, in_use: Set[str]) -> Iterator[Notice]:
    if config.T_fixed or not config.diurnal or config.bottom_bc == "dirichlet":
        return
    depth = config.dust_thickness / skin_depth(config, typical_regolith(config))
    if not config.single_layer:
        rock = Properties(config.k_rock, config.rho_rock, config.cp_rock)
        depth += config.rock_thickness / skin_depth(config, rock)
    if depth < FEWEST_SKIN_DEPTHS:
        yield Notice(
            ("dust_thickness",),
            f"the column is only {depth:.2g} diurnal skin depths thick, so its bottom shapes the result",
            ("rock_thickness", "k_dust", "k_deep", "P"),
        )


def _upside_down(config: SimulationConfig, in_use: Set[str]) -> Iterator[Notice]:
    for deep, surface in (("k_deep", "k_surface"), ("rho_deep", "rho_surface")):
        if deep in in_use and getattr(config, deep) < getattr(config, surface):
            yield Notice((deep,), f"is below {surface}; regolith usually compacts with depth", (surface,))


def _no_heat_flow(config: SimulationConfig, in_use: Set[str]) -> Iterator[Notice]:
    if "geothermal_flux" in in_use and config.geothermal_flux == 0.0:
        yield Notice(("geothermal_flux",), "is 0, so the bottom is that of bottom_bc: neumann", ("bottom_bc",))


def _sunlight_beyond_the_bands(config: SimulationConfig, in_use: Set[str]) -> Iterator[Notice]:
    for mode, highest in (("thermal_evolution_mode", "wn_max"), ("output_radiance_mode", "wn_max_out")):
        spectral = config.use_RTE and config.sun and getattr(config, mode) == "multi_wave"
        if spectral and highest in in_use and getattr(config, highest) < _MOST_SUNLIGHT_PER_CM:
            yield Notice((highest,), "sunlight beyond it is absorbed and scattered as in the last band", (mode,))


_OBSERVERS: tuple[Observer, ...] = (
    _far_from_the_sun,
    _thin_column,
    _upside_down,
    _no_heat_flow,
    _sunlight_beyond_the_bands,
)
