"""Heat fluxes between the nodes of a column, and their derivatives."""

from tmx.physics.compiled import kernel
from tmx.physics.constants import STEFAN_BOLTZMANN


@kernel
def heat_from_below(column, lowest):
    """Return the heat flux into the lowest node [W m⁻²] when it has a temperature `lowest` [K]."""
    fixed = column.bottom_temperature
    of_fixed, of_lowest = fixed * fixed, lowest * lowest
    drop = fixed - lowest + 0.25 * column.bottom_radiative * (of_fixed * of_fixed - of_lowest * of_lowest)
    return column.bottom_flux + column.bottom_conductance * drop


@kernel
def heat_rates(column, temperature, rate):
    """Set `rate` to the net heat flux into every node [W m⁻²] without sunlight; an opaque surface emits."""
    rate[0] = column.downwelling - column.emissivity * STEFAN_BOLTZMANN * temperature[0] ** 4
    for j in range(temperature.size - 1):
        above, below = temperature[j], temperature[j + 1]
        drop = above - below
        if column.radiative[j] != 0.0:
            drop += 0.25 * column.radiative[j] * (above**4 - below**4)
        flux = column.conductance[j] * drop
        rate[j] -= flux
        rate[j + 1] = flux
    rate[-1] += heat_from_below(column, temperature[-1])


@kernel
def negative_jacobian(column, temperature, lower, diagonal, upper):
    """Set the bands of −∂rate/∂T of conduction [W m⁻² K⁻¹]; `lower[j]` couples node j to j − 1, `upper[j]` to j + 1."""
    diagonal[0] = 0.0
    for j in range(temperature.size - 1):
        from_above = column.conductance[j] * (1.0 + column.radiative[j] * temperature[j] ** 3)
        from_below = column.conductance[j] * (1.0 + column.radiative[j] * temperature[j + 1] ** 3)
        diagonal[j] += from_above
        upper[j] = -from_below
        lower[j + 1] = -from_above
        diagonal[j + 1] = from_below
    diagonal[-1] += column.bottom_conductance * (1.0 + column.bottom_radiative * temperature[-1] ** 3)
