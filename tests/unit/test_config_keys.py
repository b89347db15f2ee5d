"""Content keys: what a stage reads, and only that, in a form that never changes."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmx.config import STAGES, SimulationConfig, canonical_json, resolve, sha256_of, stage_inputs
from tmx.errors import ConfigError


def keys_of(**values) -> tuple[str, str]:
    config = SimulationConfig(**values)
    return sha256_of(stage_inputs(config, "thermal")), sha256_of(stage_inputs(config, "radiance"))


def test_canonical_json():
    value = {"b": (1, 2.0, -0.0), "a": {"y": None, "x": True}, "c": "ä"}
    assert canonical_json(value) == '{"a":{"x":true,"y":null},"b":[1,2.0,0.0],"c":"\\u00e4"}'
    assert canonical_json(1e-5) == "1e-05"
    assert sha256_of({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


@pytest.mark.parametrize("value", [float("nan"), {"a": [float("inf")]}, {1: 2}, {"a": object()}, {"a": {1, 2}}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ConfigError, match=r"^no canonical JSON: "):
        canonical_json(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_canonical_json_says_the_value(value):
    assert json.loads(canonical_json(value)) == value
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


def test_inputs_of_an_opaque_surface():
    inputs = stage_inputs(SimulationConfig(), "thermal")
    assert {"k_dust", "rho_dust", "cp_dust", "albedo", "em", "latitude", "P", "accuracy"} <= set(inputs)
    assert not {"name", "Et", "radius", "k_rock", "T_bottom", "wn_min_out", "k_deep", "run_id"} & set(inputs)
    assert set(stage_inputs(SimulationConfig(), "radiance")) == {
        "use_RTE",
        "storage_dtype",
        "em",
        "emissivity_file",
        "disort_space_temp",
        "output_radiance_mode",
        "wn_min_out",
        "wn_max_out",
        "n_bands_out",
        "wn_bounds_out",
        "band_rule_out",
        "instrument_out",
        "response_file_out",
        "local_times_out",
        "crater",
        "sun",
        "R",
        "S",
        "albedo",
        "albedo_a",
        "albedo_b",
    }


def test_inputs_are_ready_for_json():
    config = SimulationConfig(use_RTE=True, observer_vectors=[(0, 0, 1)])
    inputs = stage_inputs(config, "radiance")
    assert inputs["observer_vectors"] == [[0.0, 0.0, 1.0]]
    assert json.loads(canonical_json(inputs)) == inputs


def test_one_and_one_point_zero_are_the_same_value():
    assert keys_of(R=1, P=15450) == keys_of(R=1.0, P="15450 s")
    assert keys_of(dec=-0.0) == keys_of(dec=0)


def test_labels_change_no_key():
    assert keys_of(name="x", description="y", planetary_body="z", run_id=3) == keys_of()


def test_what_is_read_changes_the_key_and_what_is_not_does_not():
    thermal, radiance = keys_of()
    assert keys_of(k_dust=1)[0] != thermal
    assert keys_of(k_dust=1)[1] == radiance
    assert keys_of(n_bands_out=10)[0] == thermal
    assert keys_of(n_bands_out=10)[1] != radiance
    assert keys_of(k_rock=3, T_bottom=100, Et=5, radius=1e-5, steady_state_mu=0.5) == (thermal, radiance)
    assert keys_of(T_bottom=100, ndays=3) != keys_of(T_bottom=200, ndays=3)


def test_two_radii_share_grey_temperatures_but_not_spectra():
    a, b = (keys_of(use_RTE=True, radius=radius) for radius in (5e-6, 50e-6))
    assert a[0] == b[0]
    assert a[1] != b[1]


def test_a_file_counts_by_its_content(tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("8 0.9\n")
    second.write_text("8 0.9\n")
    config = SimulationConfig(emissivity_file=first)
    inputs = stage_inputs(config, "radiance")
    assert inputs["emissivity_file"] == {"sha256": hashlib.sha256(b"8 0.9\n").hexdigest()}
    assert stage_inputs(resolve(config, {"emissivity_file": second}), "radiance") == inputs
    first.write_text("8 0.95\n")
    assert stage_inputs(config, "radiance") != inputs


def test_a_file_that_has_gone_is_a_clear_error(tmp_path):
    table = tmp_path / "a.txt"
    table.write_text("8 0.9\n")
    config = SimulationConfig(emissivity_file=table)
    table.unlink()
    with pytest.raises(ConfigError) as error:
        stage_inputs(config, "radiance")
    assert str(error.value) == f"emissivity_file: {table} cannot be read: No such file or directory"


def test_keys_of_the_defaults_stay_as_they_are():
    """A change here means that nothing computed before is found again: it must be meant."""
    assert keys_of() == (
        "9419ce5e9b3fdef25744403b7d5fa85159f631dab58539b64f8dfc62a4f6a869",
        "b314599f940227d0f1b538b82c93ee4f07635095f5dffcdbd10bbfda267ce1c9",
    )


@pytest.mark.parametrize("stage", STAGES)
def test_switches_and_what_they_hide(stage):
    two_layers = stage_inputs(SimulationConfig(single_layer=False), stage)
    assert ("k_rock" in two_layers) == (stage == "thermal")
