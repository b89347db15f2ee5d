"""Designs: how the axes of a sweep become an ordered list of points.

A new design is a class that keeps the promises of :class:`~tmx.sweeps.designs.base.Design`, and one line in the table
here. The fields of the class are what a sweep file may say of it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tmx.sweeps.designs.base import Design, Point
from tmx.sweeps.designs.listed import FullFactorial, Zip
from tmx.sweeps.designs.saltelli import Saltelli
from tmx.sweeps.designs.space_filling import Halton, LatinHypercube, Random, Sobol

DESIGNS: Mapping[str, type[Design]] = MappingProxyType(
    {
        "full_factorial": FullFactorial,
        "zip": Zip,
        "list": Zip,
        "sobol": Sobol,
        "halton": Halton,
        "random": Random,
        "latin_hypercube": LatinHypercube,
        "saltelli": Saltelli,
    }
)
"""Every design by the name that it has in sweep files. The points of a `list` become the values of axes to zip."""

__all__ = ["DESIGNS", "Design", "FullFactorial", "Point", "Saltelli", "Sobol", "Zip"]
