"""The grains that a config describes."""

from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.physics.grains.composition import CUSTOM, parse_composition
from tmx.physics.grains.grains import Coating, Composition, Grains
from tmx.physics.grains.material import Material, material_from_table
from tmx.physics.grains.sizes import Lognormal, PowerLaw, SingleSize, Sizes
from tmx.stages.tables import read_columns


def grains_of(config: SimulationConfig) -> Grains:
    """Return the grains of a config.

    Raises
    ------
    ConfigError
        If a material is not known, its file cannot be read, or the grains cannot be made of it.
    """
    try:
        return Grains(
            composition=_composition("composition", config.composition, config),
            sizes=_sizes(config),
            mixing=config.mixing,
            coating=_coating(config),
            packing=config.fill_frac if config.close_packing else None,
            without_forward_peak=config.without_forward_peak,
        )
    except ValueError as error:
        raise ConfigError(f"grains: {error}") from None


def _composition(field: str, text: str, config: SimulationConfig) -> Composition:
    try:
        return parse_composition(text, _custom(config))
    except ValueError as error:
        raise ConfigError(f"{field}: {error}") from None


def _custom(config: SimulationConfig) -> dict[str, Material]:
    if config.index_file is None:
        return {}
    wavelength_um, n, k = read_columns("index_file", config.index_file, 3).T
    try:
        return {CUSTOM: material_from_table(config.index_file, 1e-6 * wavelength_um, n, k)}
    except ValueError as error:
        raise ConfigError(f"index_file: {error}") from None


def _sizes(config: SimulationConfig) -> Sizes:
    if config.size_distribution == "lognormal":
        return Lognormal(config.radius, config.size_deviation)
    if config.size_distribution == "power_law":
        return PowerLaw(config.radius, config.radius_max, config.size_exponent)
    return SingleSize(config.radius)


def _coating(config: SimulationConfig) -> Coating | None:
    if config.coating is None:
        return None
    name, _, fraction = config.coating.strip().rpartition(" ")
    ((material, _),) = _composition("coating", name or config.coating, config)
    try:
        return Coating(material, float(fraction))
    except ValueError as error:
        raise ConfigError(f"coating: {config.coating!r}: {error}") from None
