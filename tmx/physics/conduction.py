"""Heat fluxes between the nodes of a column, their derivatives, and the balance of nodes without mass."""

import numpy as np

from tmx.physics.compiled import kernel
from tmx.physics.constants import STEFAN_BOLTZMANN


@kernel
def heat_from_below(column, lowest):
    """Return the heat flux into the lowest node [W m⁻²] when it has a temperature `lowest` [K]."""
    fixed = column.bottom_temperature
    drop = fixed - lowest + 0.25 * column.bottom_radiative * (fixed**4 - lowest**4)
    return column.bottom_flux + column.bottom_conductance * drop


@kernel
def heat_rates(column, sunlight, temperature, rate):
    """Set `rate` to the net heat flux into every node [W m⁻²] at given temperatures and absorbed sunlight."""
    emitted = column.emissivity * STEFAN_BOLTZMANN * temperature[0] ** 4
    rate[0] = sunlight + column.downwelling - emitted
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
    """Set the bands of −∂rate/∂T [W m⁻² K⁻¹]; `lower[j]` couples node j to j − 1, `upper[j]` to j + 1."""
    diagonal[0] = 4.0 * column.emissivity * STEFAN_BOLTZMANN * temperature[0] ** 3
    for j in range(temperature.size - 1):
        from_above = column.conductance[j] * (1.0 + column.radiative[j] * temperature[j] ** 3)
        from_below = column.conductance[j] * (1.0 + column.radiative[j] * temperature[j + 1] ** 3)
        diagonal[j] += from_above
        upper[j] = -from_below
        lower[j + 1] = -from_above
        diagonal[j + 1] = from_below
    diagonal[-1] += column.bottom_conductance * (1.0 + column.bottom_radiative * temperature[-1] ** 3)


@kernel
def settle_massless(column, sunlight, temperature):
    """Make massless nodes consistent with their neighbours in place, by Newton's method.

    The balance of a massless node is monotone and convex in its own temperature, so the iteration cannot fail from
    above; it starts hot.
    """
    rate = np.empty(temperature.size)
    lower, diagonal, upper = np.empty(temperature.size), np.empty(temperature.size), np.empty(temperature.size)
    radiating = (max(0.0, sunlight + column.downwelling) / (column.emissivity * STEFAN_BOLTZMANN)) ** 0.25
    temperature[0] = max(radiating, temperature[1])
    for _ in range(100):
        heat_rates(column, sunlight, temperature, rate)
        negative_jacobian(column, temperature, lower, diagonal, upper)
        largest = 0.0
        for j in range(temperature.size):
            if column.mass[j] == 0.0:
                change = rate[j] / diagonal[j]
                temperature[j] += change
                largest = max(largest, abs(change))
        if largest < 1e-11 * temperature[0]:
            break
