import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmx.physics.grid import bisect, geometric_edges

thickness = st.floats(1e-4, 10.0)
fraction = st.floats(1e-3, 2.0)
ratio = st.floats(1.0, 1.5)


@given(thickness, fraction, ratio)
def test_edges_span_the_layer_and_grow_by_the_ratio(thickness, fraction, ratio):
    edges = geometric_edges(thickness, fraction * thickness, ratio)
    widths = np.diff(edges)
    assert edges[0] == 0.0
    assert edges[-1] == pytest.approx(thickness)
    assert widths[0] <= fraction * thickness * (1.0 + 1e-6)
    assert widths[1:] / widths[:-1] == pytest.approx(ratio, rel=1e-6)


@given(thickness, fraction, ratio)
def test_bisection_keeps_edges_and_stays_geometric(thickness, fraction, ratio):
    edges = geometric_edges(thickness, fraction * thickness, ratio)
    fine = bisect(edges)
    widths = np.diff(fine)
    assert fine[::2] == pytest.approx(edges)
    growth = 1.0 if len(edges) == 2 else np.sqrt(ratio)
    assert widths[1:] / widths[:-1] == pytest.approx(growth, rel=1e-6)
