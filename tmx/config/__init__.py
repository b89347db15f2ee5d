"""The settings of a simulation: their schema, files, units, presets and keys.

:class:`SimulationConfig` is the typed config; :func:`load_config` reads one from YAML, :func:`resolve` lays
further settings over it, :func:`config_yaml` writes it, and :func:`stage_inputs` gives what a stage reads of it.
The fields are declared in :mod:`tmx.config.sections`: start there.
"""

from tmx.config.availability import require_available
from tmx.config.description import describe_schema
from tmx.config.fields import STAGES, Stage
from tmx.config.keys import canonical_json, sha256_of, stage_inputs
from tmx.config.loading import LoadedConfig, config_from_yaml, load_config, stored_config
from tmx.config.model import SimulationConfig, resolve
from tmx.config.overrides import parse_override, parse_overrides
from tmx.config.presets import Preset, body_names, preset
from tmx.config.schema import FIELDS, SECTIONS
from tmx.config.yaml_writer import config_yaml

__all__ = [
    "FIELDS",
    "SECTIONS",
    "STAGES",
    "LoadedConfig",
    "Preset",
    "SimulationConfig",
    "Stage",
    "body_names",
    "canonical_json",
    "config_from_yaml",
    "config_yaml",
    "describe_schema",
    "load_config",
    "parse_override",
    "parse_overrides",
    "preset",
    "require_available",
    "resolve",
    "sha256_of",
    "stage_inputs",
    "stored_config",
]
