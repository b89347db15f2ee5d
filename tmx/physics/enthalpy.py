"""Heat content against temperature: tables for any law c_p(T), and the compiled functions that read them.

The integrators carry enthalpy, so that a column conserves heat exactly whatever its heat capacity does.
"""

import math

import numpy as np

from tmx.physics.compiled import kernel
from tmx.physics.materials import FloatArray, Layer

HOTTEST_LAW = 2000.0
"""Highest temperature of the tables [K]; heat capacity is held constant above."""

TABLE_POINTS = 1025


def enthalpy_table(layer: Layer) -> tuple[float, FloatArray, FloatArray]:
    """Tabulate temperature against the square root of enthalpy, for cubic Hermite interpolation.

    Inverted once here, the integrators need no iteration; the square root makes the table smooth down to 0 K, where
    enthalpy grows as T² for any c_p that is linear in T.
    """
    if not callable(layer.heat_capacity):
        return 1.0, np.zeros(TABLE_POINTS), np.zeros(TABLE_POINTS)
    temperature = np.arange(0.0, HOTTEST_LAW + 0.25, 0.5)
    x, w = np.polynomial.legendre.leggauss(5)
    half = 0.5 * np.diff(temperature)
    inner = temperature[:-1, None] + half[:, None] * (1.0 + x)
    parts = half * (layer.specific_heat(inner.ravel()).reshape(inner.shape) @ w)
    enthalpy = np.concatenate([[0.0], np.cumsum(parts)])
    root, step = np.linspace(0.0, np.sqrt(enthalpy[-1]), TABLE_POINTS, retstep=True)
    inverted = np.interp(root**2, enthalpy, temperature)
    for _ in range(3):
        below = np.clip(np.searchsorted(temperature, inverted) - 1, 0, len(half) - 1)
        start = temperature[below]
        reach = 0.5 * (inverted - start)
        points = start[:, None] + reach[:, None] * (1.0 + x)
        content = enthalpy[below] + reach * (layer.specific_heat(points.ravel()).reshape(points.shape) @ w)
        inverted = inverted + (root**2 - content) / layer.specific_heat(inverted)
    return float(step), inverted, 2.0 * root / layer.specific_heat(inverted) * step


@kernel
def tabulated_temperature(column, row, enthalpy):
    """Return temperature [K] and 1/c_p [kg K J⁻¹] at a specific enthalpy [J kg⁻¹] of a tabulated law."""
    table = column.table_temperature[row]
    slope = column.table_slope[row]
    step = column.table_step[row]
    last = table.size - 1
    if enthalpy <= 0.0:
        inverse_capacity = table[1] / (step * step)
        return enthalpy * inverse_capacity, inverse_capacity
    root = math.sqrt(enthalpy)
    x = root / step
    if x >= last:
        inverse_capacity = slope[last] / (2.0 * last * step * step)
        return table[last] + (enthalpy - (last * step) ** 2) * inverse_capacity, inverse_capacity
    i = int(x)
    s = x - i
    rise = table[i + 1] - table[i]
    quadratic = 3.0 * rise - 2.0 * slope[i] - slope[i + 1]
    cubic = slope[i] + slope[i + 1] - 2.0 * rise
    temperature = table[i] + s * (slope[i] + s * (quadratic + s * cubic))
    derivative = slope[i] + s * (2.0 * quadratic + 3.0 * s * cubic)
    return temperature, derivative / (2.0 * max(root, 1e-12 * step) * step)


@kernel
def tabulated_enthalpy(column, row, temperature):
    """Return the specific enthalpy [J kg⁻¹] at a temperature [K], by inverting `tabulated_temperature`."""
    enthalpy = (0.5 * column.table_step[row] * column.table_temperature.shape[1]) ** 2
    for _ in range(50):
        found, inverse_capacity = tabulated_temperature(column, row, enthalpy)
        correction = (temperature - found) / inverse_capacity
        enthalpy += correction
        if abs(correction) <= 1e-14 * abs(enthalpy):
            break
    return enthalpy


@kernel
def enthalpy_of(column, temperature):
    """Return the heat per area of every node [J m⁻²] at given temperatures [K]; 0 for massless nodes."""
    heat = np.zeros(temperature.size)
    for j in range(temperature.size):
        if column.mass[j] == 0.0:
            continue
        if column.heat_capacity[j] > 0.0:
            specific = column.heat_capacity[j] * temperature[j]
        else:
            specific = tabulated_enthalpy(column, column.table_row[j], temperature[j])
        heat[j] = column.mass[j] * specific
    return heat


@kernel
def enthalpies_of(column, temperature):
    """Return the heat per area of every node [J m⁻²] of many columns, the nodes on the second of three axes."""
    heat = np.empty_like(temperature)
    profile = np.empty(temperature.shape[1])
    for b in range(temperature.shape[0]):
        for f in range(temperature.shape[2]):
            profile[:] = temperature[b, :, f]
            heat[b, :, f] = enthalpy_of(column, profile)
    return heat


@kernel
def heat_capacities(column, heat, capacity):
    """Set `capacity` to the heat capacity per area of every node [J m⁻² K⁻¹]; 0 for massless nodes."""
    for j in range(heat.size):
        if column.mass[j] == 0.0:
            capacity[j] = 0.0
        elif column.heat_capacity[j] > 0.0:
            capacity[j] = column.mass[j] * column.heat_capacity[j]
        else:
            inverse_capacity = tabulated_temperature(column, column.table_row[j], heat[j] / column.mass[j])[1]
            capacity[j] = column.mass[j] / inverse_capacity


@kernel
def advanced_temperatures(column, temperature, heat, capacity, increment, out):
    """Set `out` to the temperatures after `increment` (in kelvin at the step's capacities) has been added."""
    for j in range(temperature.size):
        if column.mass[j] == 0.0 or column.heat_capacity[j] > 0.0:
            out[j] = temperature[j] + increment[j]
        else:
            specific = (heat[j] + capacity[j] * increment[j]) / column.mass[j]
            out[j] = tabulated_temperature(column, column.table_row[j], specific)[0]
