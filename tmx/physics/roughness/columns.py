"""Columns of a block of facets: heat conduction and heat content, for all lanes at once.

The same equations as in `conduction` and `enthalpy`; arrays have the shape (n, LANES), node by node. Elimination goes
from the bottom to the surface, where all that couples facets is, and substitution back down.
"""

import math

from tmx.physics.compiled import part
from tmx.physics.conduction import heat_from_below
from tmx.physics.roughness.lanes import LANES


@part
def expand(column, heat, capacity, bends):
    """Set the heat capacities per area [J m⁻² K⁻¹], 0 for massless nodes, and how temperature bends as heat is added.

    With u the heat added over the capacity, T = T₀ + u + b u² + c u³; `bends`, shape (2, n, LANES), receives b [K⁻¹]
    and c [K⁻²]. That is the expansion of the law of `enthalpy_table`, for the stages within a step.
    """
    for j in range(column.mass.size):
        mass, constant = column.mass[j], column.heat_capacity[j]
        if mass == 0.0 or constant > 0.0:
            for f in range(LANES):
                capacity[j, f] = mass * constant
                bends[0, j, f] = 0.0
                bends[1, j, f] = 0.0
        else:
            _expand_table(column, column.table_row[j], mass, heat[j], capacity[j], bends[0, j], bends[1, j])


@part
def advanced_temperatures(column, temperature, heat, capacity, increment, out):
    """Set `out` to the temperatures after `increment` (in kelvin at the step's capacities) has been added."""
    for j in range(column.mass.size):
        mass = column.mass[j]
        if mass == 0.0 or column.heat_capacity[j] > 0.0:
            for f in range(LANES):
                out[j, f] = temperature[j, f] + increment[j, f]
        else:
            _tabulated_temperatures(column, column.table_row[j], mass, heat[j], capacity[j], increment[j], out[j])


@part
def _expand_table(column, row, mass, heat, capacity, first, second):
    """Expand the temperature of one node of all lanes in heat.

    The table is in x = √h / step, so that dT/dh = (dT/dx) / (2 step² x), and higher derivatives follow by the chain
    rule.
    """
    table, slope, step = column.table_temperature[row], column.table_slope[row], column.table_step[row]
    last, per_step, per_mass = table.size - 1, 1.0 / step, 1.0 / mass
    for f in range(LANES):
        x = math.sqrt(max(heat[f] * per_mass, 0.0)) * per_step
        i = min(int(x), last - 1)
        s = min(x - i, 1.0)
        rise = table[i + 1] - table[i]
        quadratic = 3.0 * rise - 2.0 * slope[i] - slope[i + 1]
        cubic = slope[i] + slope[i + 1] - 2.0 * rise
        x = min(max(x, 1e-12), last)
        inverse = 1.0 / (slope[i] + s * (2.0 * quadratic + 3.0 * s * cubic))
        curve = (2.0 * quadratic + 6.0 * s * cubic) * inverse
        twist = 6.0 * cubic * inverse
        capacity[f] = 2.0 * mass * step * step * x * inverse
        first[f] = 0.5 * inverse * (curve - 1.0 / x)
        second[f] = inverse * inverse * (twist - 3.0 * curve / x + 3.0 / (x * x)) / 6.0


@part
def _tabulated_temperatures(column, row, mass, heat, capacity, increment, out):
    """Set the temperatures of one node of all lanes, beyond both ends of the table along its tangents."""
    table, slope, step = column.table_temperature[row], column.table_slope[row], column.table_step[row]
    last, per_step, per_mass = table.size - 1, 1.0 / step, 1.0 / mass
    below, above, highest = table[1] * per_step**2, 0.5 * slope[last] * per_step**2 / last, (last * step) ** 2
    for f in range(LANES):
        specific = (heat[f] + capacity[f] * increment[f]) * per_mass
        x = math.sqrt(max(specific, 0.0)) * per_step
        i = min(int(x), last - 1)
        s = min(x - i, 1.0)
        rise = table[i + 1] - table[i]
        quadratic = 3.0 * rise - 2.0 * slope[i] - slope[i + 1]
        cubic = slope[i] + slope[i + 1] - 2.0 * rise
        beyond = min(specific, 0.0) * below + max(specific - highest, 0.0) * above
        out[f] = table[i] + s * (slope[i] + s * (quadratic + s * cubic)) + beyond


@part
def conduct(column, temperature, rate):
    """Set `rate` to the heat that is conducted into every node [W m⁻²]."""
    last = column.mass.size - 1
    for f in range(LANES):
        rate[0, f] = 0.0
    for j in range(last):
        conductance, radiative = column.conductance[j], 0.25 * column.radiative[j]
        for f in range(LANES):
            above, below = temperature[j, f], temperature[j + 1, f]
            flux = conductance * (above - below)
            if radiative != 0.0:
                flux += conductance * radiative * (above**4 - below**4)
            rate[j, f] -= flux
            rate[j + 1, f] = flux
    for f in range(LANES):
        rate[last, f] += heat_from_below(column, temperature[last, f])


@part
def link_derivatives(column, temperature, from_above, from_below):
    """Set the derivatives of the flux of every link to the temperatures of its upper and lower node [W m⁻² K⁻¹]."""
    for j in range(column.mass.size - 1):
        conductance, radiative = column.conductance[j], column.radiative[j]
        for f in range(LANES):
            from_above[j, f] = conductance * (1.0 + radiative * temperature[j, f] ** 3)
            from_below[j, f] = conductance * (1.0 + radiative * temperature[j + 1, f] ** 3)


@part
def set_diagonal(column, lowest, inertia, from_above, from_below, diagonal):
    """Set the diagonal of inertia − J of conduction; `lowest` is the temperature of the lowest node [K]."""
    last = column.mass.size - 1
    for f in range(LANES):
        cubed = lowest[f] ** 3
        diagonal[0, f] = inertia[0, f]
        diagonal[last, f] = column.bottom_conductance * (1.0 + column.bottom_radiative * cubed)
    for j in range(1, last + 1):
        for f in range(LANES):
            diagonal[j, f] = inertia[j, f] if j < last else diagonal[j, f] + inertia[j, f]
    for j in range(last):
        for f in range(LANES):
            diagonal[j, f] += from_above[j, f]
            diagonal[j + 1, f] += from_below[j, f]


@part
def fold(from_above, from_below, diagonal, factor, first):
    """Eliminate the nodes from the bottom up to, not including, `first`; their diagonal is inverted.

    `factor[j]` receives what row j takes of row j + 1.
    """
    for j in range(diagonal.shape[0] - 1, first - 1, -1):
        for f in range(LANES):
            inverse = 1.0 / diagonal[j, f]
            diagonal[j, f] = inverse
            if j > 0:
                factor[j - 1, f] = from_below[j - 1, f] * inverse
                diagonal[j - 1, f] -= factor[j - 1, f] * from_above[j - 1, f]


@part
def fold_right_hand_side(factor, x, first):
    """Do to a right-hand side what `fold` did to the rows."""
    for j in range(x.shape[0] - 1, max(first, 1) - 1, -1):
        for f in range(LANES):
            x[j - 1, f] += factor[j - 1, f] * x[j, f]


@part
def unfold(from_above, diagonal, x, first):
    """Solve for the folded nodes from `first` on down, those above being known."""
    for j in range(first, x.shape[0]):
        for f in range(LANES):
            if j > 0:
                x[j, f] = (x[j, f] + from_above[j - 1, f] * x[j - 1, f]) * diagonal[j, f]
            else:
                x[j, f] *= diagonal[j, f]
