"""Presets: published values, and the shipped files that are made from them."""

import math
from pathlib import Path

import pytest

from tmx.config import FIELDS, SimulationConfig, body_names, config_yaml, load_config, preset
from tmx.config.reading import fields_read
from tmx.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "configs" / "base_configs"

INERTIA = {"Bennu": 300, "Ryugu": 225, "Itokawa": 700, "Eros": 150, "Mercury": 71, "Phobos": 52}
DAYS = {
    "Bennu": 4.296057 * 3600,
    "Ryugu": 7.63262 * 3600,
    "Itokawa": 12.1324 * 3600,
    "Eros": 5.27025547 * 3600,
    "Moon": 29.53059 * 86400,
    "Mercury": 175.942 * 86400,
    "Phobos": 86400 / (1 / 0.31891 - 1 / 686.98),
}


def config_of(body: str) -> SimulationConfig:
    return SimulationConfig(**preset(body).values)


def test_bodies():
    assert body_names() == ("Bennu", "Ryugu", "Itokawa", "Eros", "Moon", "Mercury", "Phobos", "generic")
    assert preset("bENNU").body == "Bennu"
    assert config_of("generic") == SimulationConfig(planetary_body="generic")


def test_unknown_bodies():
    with pytest.raises(ConfigError) as error:
        preset("Benu")
    known = "(there are Bennu, Ryugu, Itokawa, Eros, Moon, Mercury, Phobos, generic)"
    assert str(error.value) == f"no preset for 'Benu'; did you mean 'Bennu'? {known}"
    with pytest.raises(ConfigError, match=r"^no preset for 'Tatooine' \(there are"):
        preset("Tatooine")


@pytest.mark.parametrize("body", body_names())
def test_every_value_is_a_field_and_has_a_source(body):
    values, sources = preset(body).values, preset(body).sources
    assert set(sources) == set(values) - {"planetary_body"}
    assert set(values) <= set(FIELDS)
    assert all(source and not source.endswith(".") for source in sources.values())


@pytest.mark.parametrize(("body", "inertia"), INERTIA.items())
def test_thermal_inertia_is_the_published_one(body, inertia):
    c = config_of(body)
    assert math.sqrt(c.k_dust * c.rho_dust * c.cp_dust) == pytest.approx(inertia, rel=1e-3)


@pytest.mark.parametrize(("body", "inertia"), INERTIA.items())
def test_columns_are_several_skin_depths_deep(body, inertia):
    c = config_of(body)
    skin_depth = math.sqrt(c.k_dust * c.P / (math.pi * c.rho_dust * c.cp_dust))
    assert f"about {round(c.dust_thickness / skin_depth)} diurnal" in preset(body).sources["dust_thickness"]
    assert c.dust_thickness / skin_depth > 10


def test_days_are_those_of_the_sources():
    for body, seconds in DAYS.items():
        day = config_of(body).P
        assert day == pytest.approx(seconds, abs=0.05), body


def test_the_moon_is_that_of_hayne_et_al():
    c = config_of("Moon")
    assert (c.k_surface, c.k_deep, c.rho_surface, c.rho_deep) == (7.4e-4, 3.4e-3, 1100, 1800)
    assert (c.albedo, c.albedo_a, c.albedo_b, c.em) == (0.12, 0.06, 0.25, 0.95)
    assert (c.geothermal_flux, c.bottom_bc, c.density_scale_height) == (0.018, "geothermal", 0.06)
    assert c.k_temp_coeff * 350**3 == pytest.approx(2.7, rel=1e-12)
    assert c.P == 2551442.976


@pytest.mark.parametrize("body", body_names())
def test_shipped_files_are_made_from_the_presets(body):
    shipped = SHIPPED / f"{body.lower()}.yaml"
    assert shipped.read_text(encoding="utf-8") == config_yaml(config_of(body))
    loaded = load_config(shipped)
    assert loaded.config == config_of(body)
    assert loaded.warnings == ()


def test_nothing_else_is_shipped():
    others = {"moon_polar", "bennu_two_layer", "laboratory"}
    assert {path.stem for path in SHIPPED.iterdir()} == {body.lower() for body in body_names()} | others


@pytest.mark.parametrize(
    ("name", "body", "own"),
    [
        ("moon_polar", "Moon", {"latitude", "dec", "cp_law", "dust_thickness", "freq_out", "description"}),
        (
            "bennu_two_layer",
            "Bennu",
            {
                "single_layer",
                "dust_thickness",
                "k_dust",
                "rock_thickness",
                "k_rock",
                "rho_rock",
                "cp_rock",
                "description",
            },
        ),
    ],
)
def test_shipped_places_are_as_their_body_but_for_what_they_are_about(name, body, own):
    loaded = load_config(SHIPPED / f"{name}.yaml")
    assert loaded.warnings == ()
    read = {*fields_read(vars(loaded.config), "thermal"), "description"}
    usual = config_of(body)
    assert {field for field in read if getattr(loaded.config, field) != getattr(usual, field)} == own


def test_a_boulder_has_the_inertia_of_its_body():
    c = load_config(SHIPPED / "bennu_two_layer.yaml").config
    assert math.sqrt(c.k_rock * c.rho_rock * c.cp_rock) == pytest.approx(INERTIA["Bennu"], rel=1e-3)


def test_the_laboratory_has_no_warnings():
    assert load_config(SHIPPED / "laboratory.yaml").warnings == ()
