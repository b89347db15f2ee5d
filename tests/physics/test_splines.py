import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from tmx.physics.splines import spline_pieces, spline_slopes


@pytest.mark.parametrize("count", [4, 5, 65])
def test_splines_are_those_of_scipy(count):
    points = np.arange(count)
    values = np.random.default_rng(count).normal(size=(count, 3))
    expected = CubicSpline(points, values)
    assert spline_slopes(values) == pytest.approx(expected.derivative()(points), abs=1e-12)
    assert spline_pieces(values) == pytest.approx(expected.c[::-1].transpose(1, 0, 2), abs=1e-12)


def test_a_cubic_is_its_own_spline():
    x = np.arange(9.0)
    cubic = np.polynomial.Polynomial([1.0, -2.0, 0.5, 0.25])
    pieces = spline_pieces(cubic(x)[:, None])
    middle = 0.5 ** np.arange(4) @ pieces[:, :, 0].T
    assert middle == pytest.approx(cubic(x[:-1] + 0.5))
