"""The key of a run: a hash of everything that its result depends on.

Two runs with the same key have the same result; it is computed once. A key holds the stage, the version of the
solver, the fields that the stage reads, and the key of the run that it builds on.
"""

from tmx.config import SimulationConfig, Stage, sha256_of, stage_inputs

VERSIONS: dict[Stage, str] = {"thermal": "5", "radiance": "4"}
"""Version of the numbers that each stage gives: a change of any result asks for a new one."""


def thermal_key(config: SimulationConfig) -> str:
    """Return the key of a config's thermal run, 64 hexadecimal digits."""
    return _key("thermal", config, None)


def radiance_key(config: SimulationConfig, parent: str) -> str:
    """Return the key of a config's radiance run on the thermal run with key `parent`."""
    return _key("radiance", config, parent)


def _key(stage: Stage, config: SimulationConfig, parent: str | None) -> str:
    inputs = stage_inputs(config, stage)
    return sha256_of({"stage": stage, "version": VERSIONS[stage], "inputs": inputs, "parent": parent})
