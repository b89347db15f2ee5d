"""What defines a sweep, as a hash: two sweeps with the same one have the same samples and compute the same."""

from tmx.config import FIELDS, SimulationConfig, sha256_of
from tmx.sweeps import Sweep


def definition_sha256(config: SimulationConfig, sweep: Sweep) -> str:
    """Return the hash of all that defines a sweep: what its runs compute, not what anything is called."""
    labels = {name for name, field in FIELDS.items() if field.section == "labels"}
    later = {"settings": sweep.plan.definition(), "constraints": [one.text for one in sweep.constraints]}
    return sha256_of(
        {
            "config": {name: value for name, value in vars(config).items() if name not in labels},
            "axes": [axis.definition() for axis in sweep.axes],
            "design": sweep.design,
            "seed": sweep.seed,
            "radiance": sweep.radiance,
            **{name: value for name, value in later.items() if value},
        }
    )
