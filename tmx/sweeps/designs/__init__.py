"""Designs: how the axes of a sweep become an ordered list of points.

A new design is a module with a :class:`~tmx.sweeps.designs.base.Design`, and one line in the table here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tmx.sweeps.designs.base import Design
from tmx.sweeps.designs.full_factorial import FullFactorial

DESIGNS: Mapping[str, Design] = MappingProxyType({"full_factorial": FullFactorial()})

__all__ = ["DESIGNS", "Design"]
