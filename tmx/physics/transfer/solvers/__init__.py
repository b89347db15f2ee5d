"""The solvers of radiative transfer. Every module here is one, under its own name; a new one is a new module.

A solver turns the optical properties of a band into the modes of the medium, and says whether more streams make it more
accurate; otherwise what it neglects belongs to the model, and its radiation does not depend on azimuth but for what is
scattered once.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from tmx.physics.transfer.modes import Modes
    from tmx.physics.transfer.optics import Optics


class Solver(Protocol):
    """What a module of this package has."""

    HAS_STREAMS: bool

    def modes(self, optics: "Sequence[Optics]", streams: int, order: int = 0) -> "Modes":
        """Return the stacked modes of media at a number of streams, for a term cos mΔφ of order m in azimuth."""


def solver_names() -> tuple[str, ...]:
    """Return the names of the solvers; none of them is imported."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def solver_named(name: str) -> Solver:
    """Return a solver by its name."""
    return cast(Solver, importlib.import_module(f"{__name__}.{name}"))
