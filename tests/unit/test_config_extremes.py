"""Configs at the ends of what is allowed: they are read, named and remarked on, or refused in a line."""

import math
import warnings
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmx.config import FIELDS, SimulationConfig, config_yaml
from tmx.config.notices import notices
from tmx.config.reading import fields_in_use
from tmx.errors import ConfigError
from tmx.stages.keys import radiance_key, thermal_key
from tmx.stages.radiance import run_radiance
from tmx.stages.thermal import run_thermal

SWITCHES = {name: field for name, field in FIELDS.items() if field.types == {bool} or field.choices}
NUMBERS = {name: field for name, field in FIELDS.items() if field.is_number}
QUICK = {"freq_out": 4, "accuracy": 1.0}


def ends(field):
    """Return the smallest and the largest number that a field may have."""
    bounds, step = field.bounds, 1 if field.is_integer else None
    low = bounds.ge if bounds.gt is None else bounds.gt + step if step else math.nextafter(bounds.gt, math.inf)
    high = bounds.le if bounds.lt is None else bounds.lt - step if step else math.nextafter(bounds.lt, -math.inf)
    return [int(end) if field.is_integer else float(end) for end in (low, high) if end is not None]


def extremes():
    """Configs of which some switches are set, and some numbers are at an end."""
    switches = {
        name: st.sampled_from(field.choices) if field.choices else st.booleans() for name, field in SWITCHES.items()
    }
    numbers = {name: st.sampled_from(ends(field)) for name, field in NUMBERS.items()}
    return st.fixed_dictionaries({}, optional={**switches, **numbers})


def test_every_number_has_two_ends():
    """Without them, numbers that a computer can barely hold would get through."""
    for name, field in NUMBERS.items():
        assert len(ends(field)) == 2, name
        assert all(end == 0 or 1e-12 < abs(end) < 1e12 for end in ends(field)), name


@given(extremes())
def test_no_config_makes_a_traceback(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            config = SimulationConfig(**values)
        except ConfigError:
            return
        sentences = [str(notice) for notice in notices(config, set(values))]
    assert not any(word in {"nan", "inf"} for sentence in sentences for word in sentence.split())
    assert radiance_key(config, thermal_key(config))
    assert config_yaml(config)


WORK = {"freq_out", "accuracy", "ndays", "tsteps_day", "n_bands_out", "min_nlay_dust", "spacing_factor"}
"""Fields whose ends only say how much is computed, or how well."""

AT_ENDS = [(name, end) for name, field in NUMBERS.items() for end in ends(field) if name not in WORK]


@pytest.mark.parametrize(("name", "end"), AT_ENDS)
@pytest.mark.filterwarnings("error")
def test_an_opaque_surface_can_be_computed_at_either_end_of_any_number(name, end):
    try:
        config = SimulationConfig(**QUICK, **{name: end})
    except ConfigError:
        return
    if name not in fields_in_use(vars(config)):
        return
    thermal = run_thermal(config)
    radiance = run_radiance(config, thermal.record)
    for outcome in (thermal, radiance):
        for field in fields(outcome.record):
            values = np.asarray(getattr(outcome.record, field.name))
            assert values.dtype.kind != "f" or np.isfinite(values).all(), field.name
        assert all(math.isfinite(value) for value in outcome.numbers.values() if isinstance(value, float))
