import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from tmx.physics.column import Surface, make_column
from tmx.physics.enthalpy import enthalpy_of, tabulated_enthalpy, tabulated_temperature
from tmx.physics.materials import (
    LUNAR_HEAT_CAPACITY,
    Layer,
    biele_heat_capacity,
    polynomial_heat_capacity,
    radiative_conductivity,
)

LUNAR = Layer(1.0, 1100.0, 7.4e-4, polynomial_heat_capacity(LUNAR_HEAT_CAPACITY), 6.3e-8, 1800.0, 3.4e-3, 0.06)


def test_column_density_and_resistance_are_integrals():
    depth = np.array([0.004, 0.05, 0.3, 1.0])
    fade = lambda z: np.exp(-z / 0.06)  # noqa: E731
    mass = [quad(lambda s: 1800.0 - 700.0 * fade(s), 0.0, z)[0] for z in depth]
    resistance = [quad(lambda s: 1.0 / (3.4e-3 - (3.4e-3 - 7.4e-4) * fade(s)), 0.0, z)[0] for z in depth]
    assert LUNAR.column_density(depth) == pytest.approx(mass, rel=1e-10)
    assert LUNAR.resistance(depth) == pytest.approx(resistance, rel=1e-10)


def test_skin_depth():
    layer = Layer(1.0, 1500.0, 2e-3, 700.0)
    assert layer.skin_depth(86400.0, 250.0) == pytest.approx(np.sqrt(2e-3 * 86400.0 / (np.pi * 1500.0 * 700.0)))


def test_lunar_heat_capacity_laws_agree_where_both_hold():
    # Hemingway et al. (1973), lunar soils: 275.7 J/kg/K at 100 K and 672.4 at 250 K, to some 5 %.
    for law in (polynomial_heat_capacity(LUNAR_HEAT_CAPACITY), biele_heat_capacity):
        assert law(np.array([100.0, 250.0])) == pytest.approx([275.7, 672.4], rel=0.05)


def test_low_temperature_law_stays_positive_and_falls():
    cold = biele_heat_capacity(np.linspace(5.0, 90.0, 50))
    assert (np.diff(cold) > 0.0).all()
    assert cold[0] > 0.0


def test_radiative_conductivity_of_a_known_case():
    assert radiative_conductivity(1000.0, 300.0) == pytest.approx(4 * 5.670374419e-8 * 2.7e7 / 1000.0)


@pytest.mark.parametrize("law", [polynomial_heat_capacity(LUNAR_HEAT_CAPACITY), biele_heat_capacity])
def test_enthalpy_table_inverts_the_integral(law):
    layer = Layer(0.01, 1500.0, 1e-3, law)
    column = make_column([layer], [np.array([0.0, 0.01])], Surface(0.95))
    for temperature in (5.0, 25.0, 93.7, 250.0, 385.2, 1200.0):
        points = [20.0] if temperature > 20.0 else None
        exact = quad(lambda t: layer.specific_heat(np.array([t]))[0], 0.0, temperature, points=points, limit=200)[0]
        found, inverse_capacity = tabulated_temperature(column, 0, exact)
        assert found == pytest.approx(temperature, abs=1e-3 if temperature < 50.0 else 1e-6)
        assert 1.0 / inverse_capacity == pytest.approx(layer.specific_heat(np.array([temperature]))[0], rel=1e-3)


@given(temperature=st.floats(1.0, 3000.0))
def test_enthalpy_and_temperature_are_inverse(temperature):
    column = make_column([LUNAR], [np.array([0.0, 1.0])], Surface(0.95))
    enthalpy = tabulated_enthalpy(column, 0, temperature)
    assert tabulated_temperature(column, 0, enthalpy)[0] == pytest.approx(temperature, rel=1e-12)


def test_massless_nodes_hold_no_heat():
    column = make_column([Layer(1.0, 1000.0, 1e-3, 800.0)], [np.array([0.0, 0.5, 1.0])], Surface(0.9))
    assert enthalpy_of(column, np.array([300.0, 200.0, 100.0])) == pytest.approx([0.0, 8e7, 4e7])
