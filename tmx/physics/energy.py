"""Net heat into every node of a column, and the linear systems of its Jacobian.

The surface is either opaque (`radiation` is None: emission and sunlight act on the surface node) or the radiation
operator of regolith that is not. The compiler drops the branch that does not apply.
"""

from typing import NamedTuple

import numpy as np

from tmx.physics.compiled import kernel, part
from tmx.physics.conduction import heat_rates, negative_jacobian
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.insolation import absorbed_sunlight
from tmx.physics.materials import FloatArray
from tmx.physics.transfer.radiation import (
    RadiationWork,
    add_beam,
    add_radiation,
    beam_change,
    factorise_radiation,
    planck_functions,
    radiation_work,
    substitute_radiation,
    upward_change,
)
from tmx.physics.tridiagonal import factorise, substitute

HELD = 1e30
"""Inertia of a node whose temperature is held while others settle [W m⁻² K⁻¹]."""


class System(NamedTuple):
    """A linear system of a column, and scratch; n nodes.

    Attributes
    ----------
    lower, diagonal, upper : ndarray, shape (n,)
        Bands of conduction and inertia; with an opaque surface of its emission as well.
    rate : ndarray, shape (n,)
        Heat into the nodes [W m⁻²], or a solution [K].
    radiation : RadiationWork
        Planck functions and systems of the radiation operator; with an opaque surface, `slope[0, 0]` is the derivative
        of its emission [W m⁻² K⁻¹].
    """

    lower: FloatArray
    diagonal: FloatArray
    upper: FloatArray
    rate: FloatArray
    radiation: RadiationWork


@part
def make_system(column, radiation):
    """Return an empty system for a column."""
    n = column.mass.size
    return System(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), _radiation_work(radiation))


@part
def _radiation_work(radiation):
    if radiation is None:
        nothing = np.zeros((0, 0))
        return RadiationWork(nothing, np.zeros((1, 1)), nothing, nothing, np.zeros(0), nothing)
    return radiation_work(radiation)


@part
def net_heat(column, radiation, temperature, system):
    """Set `system.rate` to the heat into every node without sunlight [W m⁻²]; return the radiation lost to space."""
    heat_rates(column, temperature, system.rate)
    if radiation is None:
        return column.emissivity * STEFAN_BOLTZMANN * temperature[0] ** 4 - column.downwelling
    return add_radiation(radiation, temperature, system.radiation, system.rate) - radiation.sky_flux


@part
def add_sunlight(sun, radiation, lit, t, rate):
    """Add the sunlight absorbed at every node to `rate` [W m⁻²]; return its sum."""
    if not lit:
        return 0.0
    if radiation is None:
        absorbed = absorbed_sunlight(sun, t)[0]
        rate[0] += absorbed
        return absorbed
    return add_beam(radiation, sun, t, rate)


@part
def sunlight_change(sun, radiation, lit, t, change):
    """Set `change` to the time derivative of the sunlight absorbed at every node [W m⁻² s⁻¹]; return its sum."""
    change[:] = 0.0
    if not lit:
        return 0.0
    if radiation is None:
        change[0] = absorbed_sunlight(sun, t)[1]
        return change[0]
    return beam_change(radiation, sun, t, change)


@part
def linearise(column, radiation, temperature, system):
    """Set the bands of `system` to −∂rate/∂T of conduction, and its `slope` to the derivatives of emission."""
    negative_jacobian(column, temperature, system.lower, system.diagonal, system.upper)
    if radiation is None:
        slope = 4.0 * column.emissivity * STEFAN_BOLTZMANN * temperature[0] ** 3
        system.radiation.slope[0, 0] = slope
        system.diagonal[0] += slope
    else:
        planck_functions(radiation, temperature, system.radiation)


@part
def factorise_system(radiation, slope, system):
    """Factorise the system of a column whose emission has the derivatives `slope`."""
    if radiation is None:
        factorise(system.lower, system.diagonal, system.upper)
    else:
        factorise_radiation(radiation, slope, system.lower, system.diagonal, system.upper, system.radiation)


@part
def substitute_system(radiation, slope, system, x):
    """Solve the factorised system for a right-hand side `x` in place; return the change of the radiation lost."""
    if radiation is None:
        substitute(system.lower, system.diagonal, system.upper, x)
        return slope[0, 0] * x[0]
    return substitute_radiation(radiation, slope, system.lower, system.diagonal, system.upper, x, system.radiation)


@part
def _hold(column, system):
    """Hold every node that has a mass."""
    for j in range(column.mass.size):
        if column.mass[j] > 0.0:
            system.diagonal[j] = HELD


@part
def settle_massless(column, radiation, sun, lit, t, temperature, system):
    """Make massless nodes consistent with their neighbours in place, by Newton's method.

    The balance of a massless node is monotone and convex in its own temperature, so the iteration cannot fail from
    above; under an opaque surface it starts hot.
    """
    if radiation is None:
        absorbed = absorbed_sunlight(sun, t)[0] if lit else 0.0
        source = max(0.0, absorbed + column.downwelling)
        temperature[0] = max((source / (column.emissivity * STEFAN_BOLTZMANN)) ** 0.25, temperature[1])
    for _ in range(100):
        net_heat(column, radiation, temperature, system)
        add_sunlight(sun, radiation, lit, t, system.rate)
        linearise(column, radiation, temperature, system)
        _hold(column, system)
        for j in range(temperature.size):
            if column.mass[j] > 0.0:
                system.rate[j] = 0.0
        factorise_system(radiation, system.radiation.slope, system)
        substitute_system(radiation, system.radiation.slope, system, system.rate)
        largest, hottest = 0.0, 0.0
        for j in range(temperature.size):
            temperature[j] = max(temperature[j] + system.rate[j], 0.5 * temperature[j])
            largest, hottest = max(largest, abs(system.rate[j])), max(hottest, temperature[j])
        if largest < 1e-11 * hottest:
            break


@part
def warming(column, radiation, sun, lit, t, temperature, capacity, system, slope):
    """Set `slope` to dT/dt of every node [K s⁻¹]; massless nodes follow the others."""
    sunlight_change(sun, radiation, lit, t, slope)
    net_heat(column, radiation, temperature, system)
    add_sunlight(sun, radiation, lit, t, system.rate)
    linearise(column, radiation, temperature, system)
    _hold(column, system)
    for j in range(temperature.size):
        if column.mass[j] > 0.0:
            slope[j] = HELD * (system.rate[j] / capacity[j])
    factorise_system(radiation, system.radiation.slope, system)
    substitute_system(radiation, system.radiation.slope, system, slope)


@part
def seen_temperature(column, radiation, temperature, slope, system):
    """Return the temperature that is seen from above [K], and its time derivative for nodes that change by `slope`.

    That is the temperature of an opaque surface, and otherwise the brightness temperature of the upward flux.
    """
    if radiation is None:
        return temperature[0], slope[0]
    rate = system.rate
    rate[:] = 0.0
    upward = add_radiation(radiation, temperature, system.radiation, rate)
    seen = (upward / STEFAN_BOLTZMANN) ** 0.25
    return seen, 0.25 * seen / upward * upward_change(radiation, slope, system.radiation)


@kernel
def seen_temperatures(column, radiation, profiles):
    """Return the temperature that is seen from above [K] for temperatures of the nodes, shape (times, n)."""
    system = make_system(column, radiation)
    still = np.zeros(profiles.shape[1])
    seen = np.empty(profiles.shape[0])
    for i in range(profiles.shape[0]):
        seen[i] = seen_temperature(column, radiation, profiles[i], still, system)[0]
    return seen


@kernel
def newton_change(column, radiation, sunlight, temperature):
    """Return the change towards the balance of a column that absorbs `sunlight` at its nodes [K].

    Returns
    -------
    change : ndarray, shape (n,)
        Change of temperature [K].
    lost : float
        Radiation lost to space before it [W m⁻²].
    """
    system = make_system(column, radiation)
    lost = net_heat(column, radiation, temperature, system)
    change = system.rate + sunlight
    linearise(column, radiation, temperature, system)
    slope = system.radiation.slope.copy()
    factorise_system(radiation, slope, system)
    substitute_system(radiation, slope, system, change)
    return change, lost


@kernel
def solve_linearised(column, radiation, from_above, from_below, emission, inertia, source):
    """Solve (inertia − J) x = source with a Jacobian J that is given by its parts.

    Parameters
    ----------
    column : Column
        The column, n nodes.
    radiation : Radiation or None
        Its radiation operator.
    from_above, from_below : ndarray, shape (n - 1,)
        Derivative of the flux of a link to the temperature of its upper and lower node [W m⁻² K⁻¹].
    emission : ndarray
        Derivatives of emission, as in `System.radiation.slope`.
    inertia : ndarray, shape (n,)
        Inertia of the nodes [W m⁻² K⁻¹].
    source : ndarray, shape (n,)
        Right-hand side [W m⁻²].

    Returns
    -------
    ndarray, shape (n,)
        Temperatures [K].
    """
    system = make_system(column, radiation)
    bottom = column.bottom_conductance * (1.0 + column.bottom_radiative * column.bottom_temperature**3)
    for j in range(inertia.size):
        system.diagonal[j] = inertia[j]
    for j in range(from_above.size):
        system.lower[j + 1] = -from_above[j]
        system.upper[j] = -from_below[j]
        system.diagonal[j] += from_above[j]
        system.diagonal[j + 1] += from_below[j]
    system.diagonal[-1] += bottom
    if radiation is None:
        system.diagonal[0] += emission[0, 0]
    solution = source.copy()
    factorise_system(radiation, emission, system)
    substitute_system(radiation, emission, system, solution)
    return solution
