"""All cases by the name that they have on the command line, in the order of the document."""

from types import MappingProxyType
from typing import cast

from validation import apollo, conduction, craters, energy, errors, mie, moon, peers, thermal_parameter, transfer
from validation.case import Case

_MODULES = (conduction, thermal_parameter, moon, apollo, transfer, mie, craters, peers, energy, errors)

CASES = MappingProxyType({module.__name__.rpartition(".")[2]: cast(Case, module) for module in _MODULES})
