"""The solvers of radiative transfer by name; a new one is a function that gives `Modes`, and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

from tmx.physics.transfer.discrete_ordinates import discrete_ordinate_modes
from tmx.physics.transfer.hapke import hapke_modes
from tmx.physics.transfer.modes import Modes
from tmx.physics.transfer.optics import Optics


@dataclass(frozen=True)
class Solver:
    """A way to solve radiative transfer.

    Attributes
    ----------
    modes : callable
        Gives the modes of optical properties at a number of streams.
    has_streams : bool
        Whether more streams make it more accurate; otherwise what it neglects belongs to the model.
    """

    modes: Callable[[Optics, int], Modes]
    has_streams: bool


SOLVERS: dict[str, Solver] = {
    "disort": Solver(discrete_ordinate_modes, has_streams=True),
    "hapke": Solver(hapke_modes, has_streams=False),
}
