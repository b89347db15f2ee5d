"""Columns of a block of facets: heat conduction and heat content, for all lanes at once.

The same equations as in `conduction` and `enthalpy`; arrays have the shape (n, LANES), node by node. Elimination goes
from the bottom to the surface, where all that couples facets is, and substitution back down.
"""

import numpy as np

from tmx.physics.compiled import inlined, lean
from tmx.physics.conduction import heat_from_below
from tmx.physics.roughness.vectors import gather, load, spread, store


@lean
def expand(column, temperature, heat, capacity, bends):
    """Set the heat capacities per area [J m⁻² K⁻¹], 0 for massless nodes, and how temperature bends as heat is added.

    With u the heat added over the capacity, T = T₀ + u + b u² + c u³; `bends`, shape (2, n, LANES), receives b [K⁻¹]
    and c [K⁻²]. That is the expansion of the law of `enthalpy_table`, for the stages within a step. Temperatures of
    nodes whose law is tabulated are set from the heat as well.
    """
    first, second = bends[0], bends[1]
    for j in range(column.mass.size):
        mass, constant = column.mass[j], column.heat_capacity[j]
        if mass == 0.0 or constant > 0.0:
            store(capacity, j, spread(mass * constant))
            store(first, j, spread(0.0))
            store(second, j, spread(0.0))
            continue
        row = column.table_row[j]
        table, slope, step = column.table_temperature[row], column.table_slope[row], column.table_step[row]
        at, bend, twist, per_heat = _read_table(table, slope, step, load(heat, j) * (1.0 / mass))
        store(temperature, j, at)
        store(capacity, j, mass / per_heat)
        store(first, j, bend)
        store(second, j, twist)


@lean
def advance(column, state_weights, stages, temperature, heat, capacity, bends):
    """Move a block to the end of a step, and expand its temperatures there.

    The change of state is the sum of the stages, shape (stages · n, LANES), with the weights that the argument of the
    last one had, and of the last one itself.
    """
    n = column.mass.size
    last = stages.shape[0] // n - 1
    for j in range(n):
        change = load(stages, last * n + j)
        for p in range(last):
            change += state_weights[p] * load(stages, p * n + j)
        store(heat, j, load(heat, j) + load(capacity, j) * change)
        store(temperature, j, load(temperature, j) + change)
    expand(column, temperature, heat, capacity, bends)


@inlined
def _read_table(table, slope, step, specific):
    """Return the temperature at a specific enthalpy, the two coefficients of its expansion, and dT/dh.

    The table is in x = √h / step, so that dT/dh = (dT/dx) / (2 step² x), and higher derivatives follow by the chain
    rule. Beyond both ends it goes on along its tangents.
    """
    last = float(table.size - 1)
    x = np.sqrt(np.maximum(specific, 0.0)) * (1.0 / step)
    i = np.minimum(np.floor(x), last - 1.0)
    s = np.minimum(x - i, 1.0)
    start, leaving, arriving = gather(table, i), gather(slope, i), gather(slope, i + 1.0)
    rise = gather(table, i + 1.0) - start
    quadratic, cubic = 3.0 * rise - 2.0 * leaving - arriving, leaving + arriving - 2.0 * rise
    below, above = table[1] / step**2, 0.5 * slope[table.size - 1] / (step**2 * last)
    beyond = np.minimum(specific, 0.0) * below + np.maximum(specific - (last * step) ** 2, 0.0) * above
    temperature = start + s * (leaving + s * (quadratic + s * cubic)) + beyond
    per_x = 1.0 / np.minimum(np.maximum(x, 1e-12), last)
    steepness = leaving + s * (2.0 * quadratic + 3.0 * s * cubic)
    inverse = 1.0 / steepness
    curve, twist = (2.0 * quadratic + 6.0 * s * cubic) * inverse, 6.0 * cubic * inverse
    second = inverse * inverse * (twist + 3.0 * per_x * (per_x - curve)) * (1.0 / 6.0)
    return temperature, 0.5 * inverse * (curve - per_x), second, (0.5 / step**2) * steepness * per_x


@lean
def _heat_flux(column, link, above, below):
    """Return the heat that is conducted down a link between two temperatures [W m⁻²]."""
    drop = above - below
    radiative = 0.25 * column.radiative[link]
    if radiative != 0.0:
        above, below = above * above, below * below
        drop += radiative * (above * above - below * below)
    return column.conductance[link] * drop


@lean
def conduct(column, temperature, rate):
    """Set `rate` to the heat that is conducted into every node [W m⁻²]; return the temperature of the lowest."""
    last = column.mass.size - 1
    flux, above = spread(0.0), load(temperature, 0)
    for j in range(last):
        below = load(temperature, j + 1)
        leaving = _heat_flux(column, j, above, below)
        store(rate, j, flux - leaving)
        flux, above = leaving, below
    store(rate, last, flux + heat_from_below(column, above))
    return above


@lean
def conduct_in_stage(column, state_weights, rate_weights, q, h, stages, state, factor, first, argument):
    """Set stage q of a block to the right-hand side of its columns, eliminated from the bottom up to node `first`.

    That is the heat that is conducted into every node at the temperatures of the stage's argument, and what the method
    takes of earlier stages. Returns the temperature of the lowest nodes [K].

    Parameters
    ----------
    column : Column
        The network, n nodes.
    state_weights, rate_weights : ndarray, shape (stages,)
        What the argument and the right-hand side take of earlier stages.
    q : int
        Number of the stage.
    h : float
        Step [s].
    stages : ndarray, shape (stages · n, LANES)
        Stages of the step.
    state : tuple of ndarray
        Temperatures, heat capacities, and the two coefficients of `expand`, each of shape (n, LANES).
    factor : ndarray, shape (n - 1, LANES)
        As `fold` has set it.
    first : int
        Uppermost node that is eliminated.
    argument : ndarray, shape (R, LANES)
        Receives the temperatures of the uppermost nodes [K].
    """
    temperature, capacity, bend, twist = state
    n = column.mass.size
    lowest, below, known, taken = spread(0.0), spread(0.0), spread(0.0), spread(0.0)
    for j in range(n - 1, -1, -1):
        change, history = spread(0.0), spread(0.0)
        for p in range(q):
            stage = load(stages, p * n + j)
            change += state_weights[p] * stage
            history += rate_weights[p] * stage
        here = load(temperature, j) + change * (1.0 + change * (load(bend, j) + change * load(twist, j)))
        own = load(capacity, j) * history * (1.0 / h)
        if j == n - 1:
            lowest, known = here, own + heat_from_below(column, here)
        else:
            flux = _heat_flux(column, j, here, below)
            known += flux + taken
            store(stages, q * n + j + 1, known)
            taken = load(factor, j) * known if j + 1 >= first else spread(0.0)
            known = own - flux
        if j < argument.shape[0]:
            store(argument, j, here)
        below = here
    store(stages, q * n, known + taken)
    return lowest


@lean
def link_derivatives(column, temperature, from_above, from_below):
    """Set the derivatives of the flux of every link to the temperatures of its upper and lower node [W m⁻² K⁻¹]."""
    above = load(temperature, 0)
    for j in range(column.mass.size - 1):
        conductance, radiative = column.conductance[j], column.radiative[j]
        below = load(temperature, j + 1)
        store(from_above, j, conductance * (1.0 + radiative * (above * above * above)))
        store(from_below, j, conductance * (1.0 + radiative * (below * below * below)))
        above = below


@lean
def fold(column, lowest, inertia, scale, surface, from_above, from_below, diagonal, factor, first):
    """Eliminate the nodes of scale · inertia − J from the bottom up to, not including, `first`.

    Parameters
    ----------
    column : Column
        The network.
    lowest : lanes
        Temperature of the lowest nodes [K].
    inertia, scale : ndarray, float
        Heat capacities and their factor.
    surface : lanes
        What is added to the diagonal at the surface [W m⁻² K⁻¹].
    from_above, from_below : ndarray, shape (n - 1, LANES)
        Derivatives of the links.
    diagonal : ndarray, shape (n, LANES)
        Receives the diagonal, inverted where nodes are eliminated.
    factor : ndarray, shape (n - 1, LANES)
        `factor[j]` receives what row j takes of row j + 1.
    first : int
        Uppermost node that is eliminated.
    """
    last = diagonal.shape[0] - 1
    below = column.bottom_conductance * (1.0 + column.bottom_radiative * (lowest * lowest * lowest))
    for j in range(last, -1, -1):
        value = scale * load(inertia, j) + below
        if j == 0:
            value += surface
        else:
            value += load(from_below, j - 1)
        if j >= first:
            value = 1.0 / value
        store(diagonal, j, value)
        if j > 0:
            below = load(from_above, j - 1)
            if j >= first:
                taken = load(from_below, j - 1) * value
                store(factor, j - 1, taken)
                below -= taken * below


@lean
def fold_right_hand_side(factor, x, first):
    """Do to a right-hand side what `fold` did to the rows."""
    for j in range(x.shape[0] - 1, max(first, 1) - 1, -1):
        store(x, j - 1, load(x, j - 1) + load(factor, j - 1) * load(x, j))


@lean
def unfold(from_above, diagonal, x, first):
    """Solve for the folded nodes from `first` on down, those above being known."""
    above = spread(0.0)
    for j in range(max(first, 1) - 1, x.shape[0]):
        if j >= first:
            known = load(x, j)
            if j > 0:
                known += load(from_above, j - 1) * above
            above = known * load(diagonal, j)
            store(x, j, above)
        else:
            above = load(x, j)
