"""Whether a stage can compute a config, asked before anything is computed.

Tables and grains are looked at once for all samples of a sweep that share them.
"""

from functools import lru_cache
from typing import Any

from tmx.config import FIELDS, SimulationConfig, Stage, require_available
from tmx.config.model import overlay
from tmx.stages.bands import band_edges
from tmx.stages.optics import RADIANCES, TEMPERATURES, require_optics
from tmx.stages.radiance import instrument_that_looks
from tmx.stages.roughness import require_facets
from tmx.stages.spectra import weights_of_channels

OF_THE_SAMPLE = (
    *("Et", "eta", "R_base", "observer_mu", "observer_azimuth", "accuracy"),
    *("crater_depth_ratio", "rough_fraction", "rms_slope", "roughness_seed"),
)
"""Numbers of the sections on optics and roughness that never make them impossible."""

SECTIONS = ("solver_settings", "optical_properties_rte", "grains", "output_radiance", "surface_roughness")

LOOKED_AT = tuple(
    name
    for name, field in FIELDS.items()
    if (field.section in SECTIONS or field.about.file) and name not in OF_THE_SAMPLE
)


def require_computable(config: SimulationConfig, stage: Stage) -> None:
    """Make sure that a stage can compute a config: its physics is there, and its files and tables go together.

    Raises
    ------
    ConfigError
        If not; the message names the field.
    """
    require_available(config, stage)
    _require(stage, tuple(getattr(config, name) for name in LOOKED_AT))


@lru_cache(maxsize=4096)
def _require(stage: Stage, values: tuple[Any, ...]) -> None:
    config = overlay(SimulationConfig(), dict(zip(LOOKED_AT, values, strict=True)))
    if stage == "thermal":
        require_optics(config, TEMPERATURES)
        require_facets(config)
        return
    require_optics(config, RADIANCES)
    instrument = instrument_that_looks(config)
    if instrument is not None:
        weights_of_channels(instrument, band_edges(config, RADIANCES.suffix))
