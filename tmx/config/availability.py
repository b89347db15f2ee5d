"""Which models cannot be computed yet.

A config may ask for them: it can be loaded, checked and kept. Running it is refused with the sentence given
here; when a model arrives, its entry goes.
"""

from tmx.config.conditions import Condition, when
from tmx.config.fields import Stage
from tmx.config.model import SimulationConfig
from tmx.errors import ConfigError

NOT_YET: tuple[tuple[Stage, Condition, str], ...] = (
    (
        "thermal",
        when(crater=True) & when(use_RTE=True) & when(thermal_evolution_mode=("hybrid", "multi_wave")),
        "thermal_evolution_mode: facets of a rough surface exchange thermal radiation in one band; set it to two_wave",
    ),
)


def require_available(config: SimulationConfig, stage: Stage) -> None:
    """Make sure that everything this config asks of a stage can be computed.

    Raises
    ------
    ConfigError
        If it cannot; the message names the field.
    """
    for concerned, condition, sentence in NOT_YET:
        if concerned == stage and condition.holds(vars(config)):
            raise ConfigError(sentence)
