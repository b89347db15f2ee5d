"""From a config and scattering tables to the optics of every band."""

import math

import numpy as np
import pytest

from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.physics.planck import band_radiances
from tmx.stages.optics import regolith_of
from tmx.stages.thermal import run_thermal

QUICK = {"use_RTE": True, "freq_out": 6, "accuracy": 1.0, "dust_thickness": 0.1, "Et": 4000.0}

EDGES_PER_CM = [50.0, 200.0, 500.0, 1000.0, 2000.0, 8000.0]
"""Four bands of thermal radiation and one of sunlight."""

WAVELENGTHS_UM = [80.0, 30.0, 14.0, 7.0, 2.0]
ASYMMETRIES = [0.1, 0.2, 0.3, 0.4, 0.5]
CROSS_SECTIONS_UM2 = [900.0, 1000.0, 1200.0, 1400.0, 1500.0]
ALBEDOS = [0.2, 0.3, 0.4, 0.6, 0.9]


def write_table(path, rows):
    path.write_text("\n".join(" ".join(f"{value:g}" for value in row) for row in rows) + "\n")
    return str(path)


@pytest.fixture
def tables(tmp_path):
    """Write a scattering table and its band edges; return the fields that name them."""
    scattering = [w * c for w, c in zip(ALBEDOS, CROSS_SECTIONS_UM2, strict=True)]
    rows = zip(WAVELENGTHS_UM, ASYMMETRIES, CROSS_SECTIONS_UM2, scattering, ALBEDOS, strict=True)
    mie = write_table(tmp_path / "mie.txt", [*rows])
    bounds = write_table(tmp_path / "bounds.txt", [[edge] for edge in EDGES_PER_CM])
    return {"mie_file": mie, "wn_bounds": bounds, "radius": 15e-6, "fill_frac": 0.4}


def config(**values):
    return SimulationConfig(**{**QUICK, **values})


def test_grey_bands_are_those_of_the_fields():
    given = config(
        ssalb_therm=0.2, g_therm=0.3, ssalb_vis=0.7, g_vis=0.6, eta=1.5, R_base=0.1, disort_space_temp=40.0, nstr=8
    )
    regolith = regolith_of(given)
    (thermal,), (solar,) = regolith.thermal, regolith.solar
    assert (thermal.optics.extinction, thermal.optics.albedo, thermal.optics.asymmetry) == (4000.0, 0.2, 0.3)
    assert (solar.optics.extinction, solar.optics.albedo, solar.optics.asymmetry) == (6000.0, 0.7, 0.6)
    assert (thermal.reflectivity, solar.reflectivity, solar.share) == (0.1, 0.1, 1.0)
    assert (thermal.low, thermal.high) == (0.0, np.inf)
    assert (regolith.solver, regolith.streams, regolith.sky) == ("disort", 8, 40.0)
    assert regolith_of(config(sun=False, disort_space_temp=40.0)).solar == ()


def test_bands_of_a_table_cover_all_wavenumbers(tables):
    regolith = regolith_of(config(thermal_evolution_mode="multi_wave", **tables))
    edges = [band.low for band in regolith.thermal] + [regolith.thermal[-1].high]
    assert edges == [0.0, *(100.0 * edge for edge in EDGES_PER_CM), np.inf]
    assert [band.optics.albedo for band in regolith.thermal] == [ALBEDOS[0], *ALBEDOS, ALBEDOS[-1]]
    particles = 0.4 / (4.0 / 3.0 * math.pi * 15e-6**3)
    extinctions = [band.optics.extinction for band in regolith.thermal[1:-1]]
    assert extinctions == pytest.approx([particles * each * 1e-12 for each in CROSS_SECTIONS_UM2])
    assert sum(band.share for band in regolith.solar) == pytest.approx(1.0)
    assert regolith.solar[-2].share > regolith.solar[-3].share


def test_rows_of_a_table_may_come_in_any_order(tables, tmp_path):
    rows = np.loadtxt(tables["mie_file"])
    turned = write_table(tmp_path / "turned.txt", rows[::-1].tolist())
    given = config(thermal_evolution_mode="multi_wave", **tables)
    assert regolith_of(given) == regolith_of(given.model_copy(update={"mie_file": turned}))


def test_hybrid_takes_the_infrared_from_the_table_and_sunlight_from_the_fields(tables):
    given = config(thermal_evolution_mode="hybrid", ssalb_vis=0.55, hybrid_wavelength_cutoff=3.33, **tables)
    regolith = regolith_of(given)
    assert [band.optics.albedo for band in regolith.thermal] == [ALBEDOS[0], *ALBEDOS[:4], ALBEDOS[3]]
    (solar,) = regolith.solar
    assert (solar.optics.albedo, solar.optics.extinction, solar.share) == (0.55, 4000.0, 1.0)


def test_extinction_is_scaled_to_its_planck_mean(tables):
    regolith = regolith_of(config(thermal_evolution_mode="multi_wave", scale_Et=True, **tables))
    extinction = np.array([band.optics.extinction for band in regolith.thermal[1:-1]])
    weight = band_radiances(100.0 * np.array(EDGES_PER_CM), np.array([250.0]))[:, 0]
    assert (extinction * weight).sum() / weight.sum() == pytest.approx(4000.0)
    assert extinction / extinction[0] == pytest.approx(np.array(CROSS_SECTIONS_UM2) / CROSS_SECTIONS_UM2[0])


def test_visible_bands_may_be_those_of_the_fields(tables):
    given = config(thermal_evolution_mode="multi_wave", force_vis_disort=True, ssalb_vis=0.33, g_vis=0.1, **tables)
    bands = regolith_of(given).thermal
    assert [band.optics.albedo for band in bands[1:-1]] == [*ALBEDOS[:4], 0.33]
    assert bands[5].optics.extinction == pytest.approx(bands[1].optics.extinction * 1500.0 / 900.0)


def test_depth_dependent_density_says_how_many_particles_there_are(tables):
    layered = {"depth_dependent_properties": True, "rho_surface": 900.0, "rho_particle": 3000.0}
    full = regolith_of(config(thermal_evolution_mode="multi_wave", **{**tables, "fill_frac": 0.3}))
    found = regolith_of(config(thermal_evolution_mode="multi_wave", **tables, **layered))
    assert found.thermal[2].optics.extinction == pytest.approx(full.thermal[2].optics.extinction)


def test_the_substrate_reflects_what_it_does_not_emit(tables, tmp_path):
    spectrum = write_table(tmp_path / "rock.txt", [[5000, 0.9], [1000, 0.7], [100, 0.7]])
    given = config(thermal_evolution_mode="multi_wave", use_spec=True, substrate_spectrum=spectrum, **tables)
    reflectivity = [band.reflectivity for band in regolith_of(given).thermal]
    assert reflectivity[:4] == pytest.approx([0.3] * 4)
    assert 0.1 < reflectivity[-2] < 0.3


def test_sunlight_of_a_file(tables, tmp_path):
    spectrum = write_table(tmp_path / "sun.txt", [[125, 0.0], [350, 1.0], [700, 2.0], [1500, 3.0], [5000, 14.0]])
    regolith = regolith_of(config(thermal_evolution_mode="multi_wave", solar_spectrum_file=spectrum, **tables))
    assert [band.share for band in regolith.solar] == pytest.approx([0.05, 0.1, 0.15, 0.7])
    assert [band.optics.albedo for band in regolith.solar] == ALBEDOS[1:]


def refused(mode="multi_wave", **values):
    """Return the one line with which a config's tables are refused."""
    with pytest.raises(ConfigError) as caught:
        regolith_of(config(thermal_evolution_mode=mode, **values))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_tables_that_do_not_fit_say_by_how_much(tables, tmp_path):
    short = write_table(tmp_path / "short.txt", [[edge] for edge in EDGES_PER_CM[1:]])
    assert "5 edges do not go with the 5 bands" in refused(**{**tables, "wn_bounds": short})
    shifted = write_table(tmp_path / "shifted.txt", [[edge] for edge in (50, 100, 500, 1000, 2000, 8000)])
    missed = "the band from 50 to 100 1/cm misses 125 1/cm of {mie_file} by 25 1/cm".format(**tables)
    assert missed in refused(**{**tables, "wn_bounds": shifted})
    sun = write_table(tmp_path / "sun.txt", [[125, 1.0], [350, 1.0]])
    assert "its 2 wavenumbers do not fall one each into the 5 bands" in refused(**tables, solar_spectrum_file=sun)
    assert "no band beyond 95 um" in refused("hybrid", **tables, hybrid_wavelength_cutoff=95.0)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("10 0.1 -5 1 0.2", "C_ext must be positive"),
        ("10 1.1 5 1 0.2", "g between -1 and 1"),
        ("10 0.1 5 1 1.2", "albedos must be from 0 to 1"),
        ("10 0.1 5", "mie.txt:1: 5 finite numbers are needed"),
        ("wavelength g", "mie.txt:1: 'wavelength g' is not a row of numbers"),
    ],
)
def test_bad_tables_are_refused_in_one_line(tmp_path, row, sentence):
    (tmp_path / "mie.txt").write_text(row + "\n")
    assert sentence in refused(mie_file=str(tmp_path / "mie.txt"))


@pytest.mark.parametrize("solver", ["disort", "hapke"])
@pytest.mark.parametrize("mode", ["two_wave", "hybrid", "multi_wave"])
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"single_layer": False, "dust_thickness": 2e-3, "R_base": 0.2},
        {"depth_dependent_properties": True},
        {"temperature_dependent_properties": True, "temp_dependent_cp": True, "temp_dependent_k": True},
        {"sun": False, "disort_space_temp": 90.0, "bottom_bc": "geothermal", "geothermal_flux": 2.0},
        {"bottom_bc": "dirichlet", "T_bottom": 220.0, "latitude": 1.2, "dec": 0.3},
        {"ndays": 2, "T_bottom": 240.0},
        {"diurnal": False, "steady_state_mu": 0.4},
    ],
    ids=["plain", "dust over rock", "layered", "laws", "no sun", "fixed bottom", "two days", "steady"],
)
def test_the_thermal_stage_in_every_mode(tables, mode, solver, values):
    spectral = {} if mode == "two_wave" else {**tables, "scale_Et": True}
    outcome = run_thermal(config(thermal_evolution_mode=mode, RTE_solver=solver, **spectral, **values))
    assert abs(outcome.numbers["energy_residual"]) < 1e-6
    assert outcome.numbers["accuracy_met"]
    assert outcome.numbers["n_streams"] == (4 if solver == "disort" else None)
    assert outcome.record.tau_boundaries[0] == 0.0
    assert np.isfinite(outcome.record.T_out).all()


def test_a_fixed_temperature_is_kept_and_seen_through_scattering_dust():
    outcome = run_thermal(config(diurnal=False, T_fixed=True, T_bottom=300.0, ssalb_therm=0.8))
    assert (outcome.record.T_out == 300.0).all()
    assert 250.0 < outcome.record.T_surf_out[0] < 290.0


def test_streams_may_be_left_to_the_accuracy():
    strict = {"ssalb_therm": 0.5, "g_therm": 0.6, "ssalb_vis": 0.6, "g_vis": 0.6, "accuracy": 0.1}
    outcome = run_thermal(config(nstr="auto", **strict))
    assert outcome.numbers["n_streams"] > 4
    assert outcome.numbers["error_streams"] + outcome.numbers["estimated_error"] <= 0.1
    assert outcome.numbers["accuracy_met"]
