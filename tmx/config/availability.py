"""Which models cannot be computed yet.

A config may ask for them: it can be loaded, checked and kept. Running it is refused with the sentence given
here; when a model arrives, its entry goes.
"""

from tmx.config.conditions import Condition, when
from tmx.config.model import SimulationConfig
from tmx.errors import ConfigError

NOT_YET: tuple[tuple[Condition, str], ...] = (
    (when(use_RTE=True), "use_RTE: radiative transfer inside the regolith is not available yet; set it to false"),
    (when(crater=True), "crater: rough surfaces are not available yet; set it to false"),
)


def require_available(config: SimulationConfig) -> None:
    """Make sure that everything this config asks for can be computed.

    Raises
    ------
    ConfigError
        If it cannot; the message names the field.
    """
    for condition, sentence in NOT_YET:
        if condition.holds(vars(config)):
            raise ConfigError(sentence)
