"""Rules between fields: the impossible is an error, the odd a notice, and neither where nothing reads it."""

import math

import pytest

from tmx.config import FIELDS, SimulationConfig, preset
from tmx.config.notices import notices
from tmx.errors import ConfigError

LAWS = {"temperature_dependent_properties": True, "temp_dependent_cp": True}
NO_HEAT = (
    "nothing else gives heat, so the lasting state is absolute zero; "
    "give ndays, geothermal_flux, disort_space_temp or a fixed bottom"
)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"T_fixed": True}, "T_fixed: true only goes with diurnal: false"),
        (
            {"depth_dependent_properties": True, "single_layer": False},
            "depth_dependent_properties: true only goes with single_layer: true",
        ),
        (
            {"depth_dependent_properties": True, "use_RTE": True, "rho_deep": 3000},
            "rho_particle: must be above rho_deep (3000 kg/m3)",
        ),
        (
            {"depth_dependent_properties": True, "use_RTE": True, "rho_surface": 3500},
            "rho_particle: must be above rho_surface (3500 kg/m3)",
        ),
        (
            {"albedo": 0.5, "albedo_a": 0.05, "albedo_b": 0.2},
            "albedo: albedo + 8 albedo_a + albedo_b, the albedo at grazing incidence, is 1.1, above 1",
        ),
        (
            {**LAWS, "cp_coeffs": [100, -0.5]},
            "cp_coeffs: the specific heat is not positive at 200 K (it must be from 20 to 1000 K)",
        ),
        ({**LAWS, "cp_coeffs": [1e308, 1e308]}, "cp_coeffs: the specific heat is not positive at 20 K"),
        ({**LAWS, "cp_coeffs": [1.0] * 500}, "cp_coeffs: the specific heat is not positive at 20 K"),
        ({"emissivity_file": "x" * 1000}, "emissivity_file: there is no file "),
        ({"sun": False}, f"sun: sun is false and {NO_HEAT}"),
        ({"latitude": "90 deg"}, f"latitude: the sun never rises here and {NO_HEAT}"),
        ({"latitude": "-70 deg", "dec": "23 deg"}, f"latitude: the sun never rises here and {NO_HEAT}"),
        ({"diurnal": False, "steady_state_mu": 0}, f"steady_state_mu: the sun never rises here and {NO_HEAT}"),
        ({"wn_min_out": 1800}, "wn_min_out: must be below wn_max_out (1800 cm-1)"),
        (
            {"use_RTE": True, "phase_moments_vis": [0.5, 0.3]},
            "phase_moments_vis: must begin with 1, the moment of degree 0, not with 0.5",
        ),
        (
            {"use_RTE": True, "phase_moments_therm": [1, 1.2]},
            "phase_moments_therm: must be between -1 and 1 from degree 1 on",
        ),
    ],
)
def test_the_impossible_is_an_error(values, message):
    with pytest.raises(ConfigError) as error:
        SimulationConfig(**values)
    assert str(error.value).startswith(message)


def test_a_missing_file_is_an_error_only_where_it_is_read(tmp_path):
    absent = str(tmp_path / "absent.txt")
    with pytest.raises(ConfigError) as error:
        SimulationConfig(emissivity_file=absent)
    assert str(error.value) == f"emissivity_file: there is no file {absent!r}"
    with pytest.raises(ConfigError, match="there is no file"):
        SimulationConfig(emissivity_file=tmp_path)
    assert SimulationConfig(mie_file=absent).mie_file == absent
    with pytest.raises(ConfigError, match="mie_file: there is no file"):
        SimulationConfig(mie_file=absent, use_RTE=True, thermal_evolution_mode="hybrid")


@pytest.mark.parametrize(
    "values",
    [
        {"T_fixed": True, "diurnal": False, "sun": False},
        {"sun": False, "ndays": 3},
        {"sun": False, "bottom_bc": "dirichlet"},
        {"sun": False, "bottom_bc": "geothermal", "geothermal_flux": 0.02},
        {"sun": False, "disort_space_temp": 40},
        {"latitude": "90 deg", "dec": "1 deg"},
        {"depth_dependent_properties": True, "rho_deep": 3500},
        {"use_RTE": True, "albedo": 0.5, "albedo_b": 0.9},
        {"cp_coeffs": [-1]},
        {"wn_min_out": 1800, "use_RTE": True, "output_radiance_mode": "two_wave"},
        {"albedo": 0.12, "albedo_a": 0.06, "albedo_b": 0.25},
        LAWS,
    ],
)
def test_what_is_not_read_cannot_be_wrong(values):
    assert SimulationConfig(**values)


def test_the_lunar_polynomial_is_positive_where_it_is_used():
    coefficients = FIELDS["cp_coeffs"].default
    assert all(sum(c * T**n for n, c in enumerate(coefficients)) > 0 for T in range(20, 1001))


def notices_of(**values) -> list[str]:
    return [str(notice) for notice in notices(SimulationConfig(**values), frozenset(values))]


def test_ordinary_configs_raise_no_notice():
    assert notices_of() == []
    assert notices_of(**preset("Bennu").values) == []
    assert notices_of(**{field.name: field.default for field in FIELDS.values()}) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"R": 50}, "R: 50 AU is beyond Pluto; R is in AU"),
        (
            {"dust_thickness": "4 mm"},
            "dust_thickness: the column is only 2.3 diurnal skin depths thick, so its bottom shapes the result",
        ),
        (
            {"dust_thickness": "1 mm", "single_layer": False, "rock_thickness": "10 cm"},
            "dust_thickness: the column is only 2.3 diurnal skin depths thick, so its bottom shapes the result",
        ),
        (
            {"depth_dependent_properties": True, "k_deep": 1e-4},
            "k_deep: is below k_surface; regolith usually compacts with depth",
        ),
        (
            {"depth_dependent_properties": True, "rho_deep": 900},
            "rho_deep: is below rho_surface; regolith usually compacts with depth",
        ),
        (
            {"bottom_bc": "geothermal"},
            "geothermal_flux: is 0, so the bottom is that of bottom_bc: neumann",
        ),
        (
            {"use_RTE": True, "thermal_evolution_mode": "multi_wave"},
            "wn_max: sunlight beyond it is absorbed and scattered as in the last band",
        ),
        (
            {"planetary_body": "moon", "freq_out": 12},
            "planetary_body: is a label; R, S, P and all else are tmx's defaults and not those of moon, which",
        ),
        ({"k_rock": 3}, "k_rock: no effect here, read only when single_layer is false"),
        ({"ndays": 3, "diurnal": False}, "ndays: no effect here, read only when diurnal is true"),
        (
            {"radius": "20 um", "use_RTE": True, "output_radiance_mode": "two_wave"},
            "radius: no effect here, read only when use_RTE is true and (thermal_evolution_mode is "
            "hybrid/multi_wave or output_radiance_mode is hybrid/multi_wave)",
        ),
    ],
)
def test_the_odd_is_a_notice(values, message):
    (found, *_) = notices_of(**values)
    assert found.startswith(message)


def test_a_body_of_which_something_is_set_or_nothing_is_known_is_no_notice():
    assert notices_of(planetary_body="Moon", P="29.5 d", dust_thickness=1.0) == []
    assert notices_of(planetary_body="Tatooine", freq_out=12) == []


def test_the_skin_depth_in_the_notice_is_that_of_the_textbook():
    skin = math.sqrt(5.5e-4 * 15450 / (math.pi * 1100 * 825))
    assert notices_of(dust_thickness=3.01 * skin) == []
    assert len(notices_of(dust_thickness=2.99 * skin)) == 1
    assert notices_of(dust_thickness=skin, bottom_bc="dirichlet") == []


def test_no_notice_for_values_that_only_repeat_defaults_or_the_preset():
    assert notices_of(k_rock=FIELDS["k_rock"].default) == []
    bennu = {**preset("Bennu").values, "use_RTE": True}
    assert notices_of(**bennu) == []
    bennu["albedo"] = 0.3
    assert [line.partition(":")[0] for line in notices_of(**bennu)] == ["albedo"]


def test_notices_concern_only_what_somebody_set():
    config = SimulationConfig(k_rock=3)
    assert list(notices(config, frozenset())) == []
