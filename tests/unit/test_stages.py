import numpy as np
import pytest
from recording import Recording

from tmx.config import SimulationConfig, preset
from tmx.errors import ConfigError
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.stages.keys import radiance_key, thermal_key
from tmx.stages.radiance import run_radiance
from tmx.stages.thermal import run_thermal, thermal_problem

QUICK = {"freq_out": 12, "accuracy": 1.0, "dust_thickness": 0.2}


def config(**values):
    return SimulationConfig(**{**QUICK, **values})


def test_a_config_becomes_the_problem_it_describes():
    dust_over_rock = {
        "single_layer": False,
        "k_dust": 2e-3,
        "rho_dust": 1300.0,
        "cp_dust": 700.0,
        "dust_thickness": 0.01,
        "k_rock": 2.0,
        "rho_rock": 3000.0,
        "cp_rock": 650.0,
        "rock_thickness": 0.7,
    }
    sun = {"R": 2.0, "S": 1360.0, "latitude": 0.5, "dec": 0.1, "P": 30000.0}
    surface = {"em": 0.93, "albedo": 0.1, "disort_space_temp": 80.0}
    bottom = {"bottom_bc": "dirichlet", "T_bottom": 210.0}
    problem = thermal_problem(SimulationConfig(**dust_over_rock, **sun, **surface, **bottom))
    dust, rock = problem.layers
    assert (dust.thickness, dust.conductivity, dust.density, dust.heat_capacity) == (0.01, 2e-3, 1300.0, 700.0)
    assert (rock.thickness, rock.conductivity, rock.density, rock.heat_capacity) == (0.7, 2.0, 3000.0, 650.0)
    assert problem.surface.emissivity == 0.93
    assert problem.surface.downwelling == pytest.approx(STEFAN_BOLTZMANN * 80.0**4)
    assert problem.bottom.temperature == 210.0
    assert problem.sun.flux == pytest.approx(340.0)
    assert problem.sun.offset == pytest.approx(np.sin(0.1) * np.sin(0.5))
    assert problem.sun.period == 30000.0


def test_the_moon_has_the_published_laws():
    problem = thermal_problem(SimulationConfig(**preset("Moon").values))
    (layer,) = problem.layers
    assert (layer.density, layer.deep_density, layer.scale_height) == (1100.0, 1800.0, 0.06)
    assert layer.conductivity * (1.0 + layer.radiative * 350.0**3) == pytest.approx(7.4e-4 * 3.7)
    assert layer.specific_heat(np.array([250.0]))[0] == pytest.approx(672.4, rel=0.05)
    assert problem.bottom.flux == 0.018


def test_radiative_conductivity_is_added_where_asked():
    given = SimulationConfig(k_dust=1e-3, k_dust_auto=True, Et=2000.0, T_bottom=300.0)
    added = 4.0 * STEFAN_BOLTZMANN * 300.0**3 / 2000.0
    assert thermal_problem(given).layers[0].conductivity == pytest.approx(1e-3 + added)


@pytest.mark.parametrize("body", ["Bennu", "Ryugu", "Itokawa", "Eros", "Moon", "Mercury", "Phobos", "generic"])
def test_every_body_is_solved_to_its_accuracy(body):
    numbers = run_thermal(SimulationConfig(**preset(body).values)).numbers
    assert numbers["accuracy_met"]
    assert numbers["estimated_error"] <= 0.1
    assert abs(numbers["energy_residual"]) < 1e-5
    assert 50.0 < numbers["t_surf_min"] < numbers["t_surf_mean"] < numbers["t_surf_max"] < 700.0


def test_a_record_has_the_times_and_cells_of_the_config():
    outcome = run_thermal(config(ndays=2, last_day=False))
    record = outcome.record
    assert record.t_out == pytest.approx(15450.0 * np.arange(24) / 12)
    assert record.T_out.shape == (len(record.x_grid), 24)
    assert record.mu_out.min() == 0.0
    assert record.mu_out.max() == pytest.approx(1.0)
    assert record.x_boundaries[-1] == pytest.approx(0.2)
    assert outcome.numbers["n_cells"] == len(record.x_grid)
    assert outcome.numbers["time_of_max"] < 15450.0


def test_fixed_and_steady_states():
    fixed = run_thermal(config(diurnal=False, T_fixed=True, T_bottom=321.0)).record
    assert fixed.T_surf_out.tolist() == [321.0]
    assert (fixed.T_out == 321.0).all()
    steady = run_thermal(config(diurnal=False, steady_state_mu=0.5, albedo=0.2, em=0.9)).record
    assert steady.T_surf_out == pytest.approx((0.8 * 680.5 / (0.9 * STEFAN_BOLTZMANN)) ** 0.25, abs=1e-4)
    assert steady.mu_out.tolist() == [0.5]
    shroud = run_thermal(config(diurnal=False, sun=False, disort_space_temp=120.0)).record
    assert shroud.T_surf_out == pytest.approx(120.0, abs=1e-4)


def test_values_are_those_that_a_file_gives_back():
    record = run_thermal(config()).record
    assert np.array_equal(record.T_surf_out, record.T_surf_out.astype(np.float32).astype(np.float64))


def test_physics_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match="thermal_evolution_mode"):
        run_thermal(config(crater=True, use_RTE=True, thermal_evolution_mode="multi_wave"))


@pytest.fixture(scope="module")
def warm():
    return run_thermal(config()).record


def test_spectra_of_a_grey_surface(warm):
    outcome = run_radiance(config(em=0.9, n_bands_out=30), warm)
    record = outcome.record
    assert record.radiance_out.shape == (30, 12)
    assert record.wavenumber[[0, -1]] == pytest.approx([200 + 1600 / 60, 1800 - 1600 / 60])
    assert record.wavelength == pytest.approx(1e4 / record.wavenumber)
    assert record.emissivity == pytest.approx(0.9, rel=1e-6)
    assert (record.brightness_temperature < warm.T_surf_out).all()
    assert record.bolometric_brightness_temperature == pytest.approx(0.9**0.25 * warm.T_surf_out, rel=1e-6)
    assert outcome.numbers["n_bands"] == 30
    assert outcome.numbers["bolometric_tb_max"] == record.bolometric_brightness_temperature.max()


def test_spectral_radiance_is_per_wavenumber(warm):
    record = run_radiance(config(em=1.0, wn_min_out=1.0, wn_max_out=10000.0, n_bands_out=500), warm).record
    total = (record.radiance_out * np.diff(record.band_edges)[:, None]).sum(axis=0)
    assert total == pytest.approx(STEFAN_BOLTZMANN * warm.T_surf_out**4 / np.pi, rel=1e-4)


def test_grey_output_has_no_bands(warm):
    outcome = run_radiance(config(em=0.9, output_radiance_mode="two_wave"), warm)
    assert outcome.record.radiance_out.shape == (0, 12)
    assert outcome.record.bolometric_radiance == pytest.approx(0.9 * STEFAN_BOLTZMANN * warm.T_surf_out**4 / np.pi)
    assert outcome.numbers["tb_max"] is None


def test_tabulated_emissivity(tmp_path, warm):
    table = tmp_path / "emissivity.txt"
    table.write_text("# wavelength_um emissivity\n8.0, 0.6\n10.0, 0.8\n20.0, 1.0\n")
    given = config(emissivity_file=str(table), wn_min_out=990.0, wn_max_out=1010.0, n_bands_out=1)
    assert run_radiance(given, warm).record.emissivity == pytest.approx(0.8, abs=5e-3)
    grey = run_radiance(config(emissivity_file=str(table), output_radiance_mode="two_wave"), warm).record
    assert (grey.bolometric_brightness_temperature < warm.T_surf_out).all()
    assert (grey.bolometric_brightness_temperature > 0.6**0.25 * warm.T_surf_out).all()


def test_chosen_times(warm):
    record = run_radiance(config(), warm, [3, -1, 3]).record
    assert record.t_out.tolist() == [warm.t_out[3], warm.t_out[11], warm.t_out[3]]
    with pytest.raises(ConfigError, match="time index 12 is out of range: the file has 12 times, 0 to 11"):
        run_radiance(config(), warm, [12])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("8 nonsense\n", r":1: '8 nonsense' is not a row of numbers"),
        ("# only a comment\n", "holds no numbers"),
        ("8\n", ":1: 2 finite numbers are needed"),
        ("8 nan\n", ":1: 2 finite numbers are needed"),
        ("8 1.2\n", "emissivities above 0 and at most 1"),
    ],
)
def test_bad_emissivity_tables(tmp_path, warm, text, message):
    table = tmp_path / "emissivity.txt"
    table.write_text(text)
    with pytest.raises(ConfigError, match=message):
        run_radiance(config(emissivity_file=str(table)), warm)


def test_band_edges_from_a_file(tmp_path, warm):
    edges = tmp_path / "edges.txt"
    edges.write_text("1200\n1000\n800\n")
    record = run_radiance(config(wn_bounds_out=str(edges)), warm).record
    assert record.band_edges.tolist() == [800.0, 1000.0, 1200.0]
    edges.write_text("800\n800\n")
    with pytest.raises(ConfigError, match="in order"):
        run_radiance(config(wn_bounds_out=str(edges)), warm)


def test_keys_follow_what_is_computed_and_nothing_else(monkeypatch):
    plain = thermal_key(config())
    assert thermal_key(config(name="another", run_id=7)) == plain
    assert thermal_key(config(n_bands_out=33)) == plain
    assert thermal_key(config(k_rock=3.0)) == plain
    assert thermal_key(config(k_dust=3e-3)) != plain
    assert radiance_key(config(n_bands_out=33), plain) != radiance_key(config(), plain)
    assert radiance_key(config(), plain) != radiance_key(config(), thermal_key(config(k_dust=3e-3)))
    monkeypatch.setitem(__import__("tmx.stages.keys", fromlist=["VERSIONS"]).VERSIONS, "thermal", "next")
    assert thermal_key(config()) != plain


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"single_layer": False},
        {"depth_dependent_properties": True},
        {"temperature_dependent_properties": True, "temp_dependent_cp": True, "temp_dependent_k": True},
        {"ndays": 1, "bottom_bc": "geothermal", "geothermal_flux": 0.02},
        {"bottom_bc": "dirichlet"},
        {"auto_dt": False, "tsteps_day": 100},
        {"diurnal": False},
        {"k_dust_auto": True},
    ],
    ids=str,
)
def test_the_thermal_stage_reads_nothing_that_its_key_leaves_out(switches):
    # What is read but not in the key must not change the result: it would be computed once and used for another.
    from tmx.config import stage_inputs

    given = config(**switches)
    recording = Recording(given)
    problem = thermal_problem(recording)
    for name in recording.read - stage_inputs(given, "thermal").keys():
        value = getattr(given, name)
        other = config(**{**switches, name: not value if isinstance(value, bool) else 0.9 * value})
        assert repr(thermal_problem(other)) == repr(problem), name
