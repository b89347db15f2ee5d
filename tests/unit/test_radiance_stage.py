"""Spectra of regolith from saved temperatures: modes, observers, times, instruments, and what is refused."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from recording import Recording

from tmx.config import FIELDS, SimulationConfig
from tmx.errors import ConfigError, StorageError
from tmx.physics.compiled import cache_directory
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.grains.minerals import MINERALS, mineral_named
from tmx.physics.planck import band_radiances
from tmx.stages.checks import require_computable
from tmx.stages.grains import grains_of
from tmx.stages.keys import radiance_key, thermal_key
from tmx.stages.radiance import run_radiance
from tmx.stages.scattering import cached_scattering_table
from tmx.stages.thermal import run_thermal

FINE = {
    "use_RTE": True,
    "Et": 2e4,
    "k_dust": 1e-3,
    "dust_thickness": 0.05,
    "freq_out": 12,
    "accuracy": 0.5,
    "nstr": 4,
    "nstr_out": 8,
    "composition": "quartz",
    "wn_min_out": 300.0,
    "wn_max_out": 1700.0,
    "n_bands_out": 70,
    "storage_dtype": "float64",
}


def config(**values):
    return SimulationConfig(**{**FINE, **values})


@pytest.fixture(scope="module")
def warm():
    return run_thermal(config()).record


@pytest.fixture(scope="module")
def even():
    """Return a column at 300 K under its own surroundings."""
    return run_thermal(config(diurnal=False, T_fixed=True, T_bottom=300.0)).record


def test_spectra_of_an_isothermal_sample_show_its_minerals(even):
    outcome = run_radiance(config(diurnal=False, T_fixed=True, T_bottom=300.0, sun=False), even)
    record, numbers = outcome.record, outcome.numbers
    assert record.radiance_out.shape == (70, 1)
    assert record.reference_temperature[0] == record.brightness_temperature.max()
    assert 295.0 < record.reference_temperature[0] < 300.0
    assert record.emissivity.max() == pytest.approx(1.0, abs=1e-9)
    assert numbers["emissivity_min"] < 0.8
    # The Christiansen feature of quartz lies near 7.4 um: Conel (1969), J. Geophys. Res. 74, 1614.
    assert numbers["christiansen_wavelength"] == pytest.approx(7.4, abs=0.15)
    assert numbers["reststrahlen_depth"] > 0.1
    assert record.bolometric_reflected_radiance.tolist() == [0.0]


def test_kirchhoffs_law_of_an_isothermal_sample_in_its_own_radiation(even):
    surrounded = config(diurnal=False, T_fixed=True, T_bottom=300.0, sun=False, disort_space_temp=300.0)
    record = run_radiance(surrounded, even).record
    assert record.brightness_temperature == pytest.approx(300.0, abs=1e-6)
    assert record.bolometric_radiance == pytest.approx(STEFAN_BOLTZMANN * 300.0**4 / math.pi, rel=1e-7)


def test_radiance_is_per_wavenumber_and_per_wavelength(warm):
    record = run_radiance(config(), warm).record
    per_band = record.radiance_out * np.diff(record.band_edges)[:, None]
    widths_um = -np.diff(1e4 / record.band_edges)
    assert record.radiance_per_um * widths_um[:, None] == pytest.approx(per_band)
    black = band_radiances(100.0 * record.band_edges, record.reference_temperature)
    assert record.emissivity == pytest.approx(per_band / black)


def test_grey_output_at_the_streams_of_the_temperatures_gives_back_their_flux(warm):
    seen = [
        run_radiance(config(output_radiance_mode="two_wave", nstr_out=4, observer_mu=mu), warm).record
        for mu in 0.5 * (1.0 + np.polynomial.legendre.leggauss(2)[0])
    ]
    node = 0.5 * (1.0 + np.polynomial.legendre.leggauss(2)[0])
    flux = math.pi * sum(mu * each.bolometric_radiance for mu, each in zip(node, seen, strict=True))
    assert (flux / STEFAN_BOLTZMANN) ** 0.25 == pytest.approx(warm.T_surf_out, abs=1e-6)
    assert seen[0].radiance_out.shape == (0, 12)
    assert seen[0].reference_temperature == pytest.approx(seen[0].bolometric_brightness_temperature)


def test_bands_of_one_mineral_add_up_to_its_bolometric_radiance(warm):
    fine = run_radiance(config(wn_min_out=210.0, wn_max_out=2400.0, n_bands_out=300), warm).record
    inside = (fine.radiance_out * np.diff(fine.band_edges)[:, None]).sum(axis=0)
    assert (inside < fine.bolometric_radiance).all()
    assert (inside > 0.6 * fine.bolometric_radiance)[warm.T_surf_out > 250.0].all()


@pytest.mark.parametrize("solver", ["disort", "hapke"])
def test_observers(warm, solver):
    slant = (0.6, 0.0, 0.8)
    many = run_radiance(config(RTE_solver=solver, observer_vectors=[slant, (0, 0, 5)]), warm).record
    one = run_radiance(config(RTE_solver=solver, observer_mu=0.8), warm).record
    assert many.observer_vectors == pytest.approx(np.array([slant, (0.0, 0.0, 1.0)]))
    assert many.observer_radiance_out.shape == (2, 70, 12)
    assert many.observer_radiance_out[0] == pytest.approx(one.radiance_out, rel=1e-9)
    assert many.observer_brightness_temperature[1] == pytest.approx(many.brightness_temperature)
    assert many.observer_bolometric_radiance[0] == pytest.approx(one.bolometric_radiance)


def test_sunlight_in_the_bands(warm):
    spectral = {"output_radiance_mode": "multi_wave", "wn_max_out": 5000.0, "n_bands_out": 30}
    slant = (math.sqrt(0.75), 0.0, 0.5)
    record = run_radiance(config(**spectral, observer_vectors=[slant]), warm).record
    night = warm.mu_out == 0.0
    assert (record.reflected_radiance[:, night] == 0.0).all()
    assert (record.reflected_radiance[:, ~night] > 0.0).all()
    thermal = run_radiance(config(**{**spectral, "sun": False, "disort_space_temp": 1e-3}), warm).record.radiance_out
    assert record.radiance_out - record.reflected_radiance == pytest.approx(thermal, rel=1e-9, abs=1e-18)
    assert record.brightness_temperature[-1, 6] > record.brightness_temperature[0, 6]
    infrared = run_radiance(config(), warm).record
    assert infrared.reflected_radiance.shape == (0, 12)
    assert (infrared.bolometric_reflected_radiance > 0.0).tolist() == (~night).tolist()
    # At noon the sun is overhead: the plane of incidence has no direction, and morning mirrors the afternoon.
    seen = record.observer_bolometric_reflected_radiance[0]
    assert seen[5] == pytest.approx(seen[7], rel=1e-9)


def test_an_observer_in_the_east_sees_the_morning_sun_behind_him(warm):
    scattering = {"ssalb_vis": 0.3, "g_vis": -0.4, "observer_vectors": [(0.0, 0.8, 0.6), (0.0, -0.8, 0.6)]}
    record = run_radiance(config(**scattering), warm).record
    east, west = record.observer_bolometric_reflected_radiance
    assert warm.t_out[4] < 0.5 * 15450.0
    assert east[4] > 1.5 * west[4]
    assert east[4] == pytest.approx(west[8], rel=1e-9)


def test_opaque_surfaces_reflect_sunlight_evenly():
    opaque = {"use_RTE": False, "albedo": 0.2, "freq_out": 12, "accuracy": 1.0, "R": 2.0, "n_bands_out": 10}
    thermal = run_thermal(SimulationConfig(**opaque)).record
    plain = run_radiance(SimulationConfig(**opaque), thermal).record
    reflected = 0.2 * 1361.0 / 4.0 * thermal.mu_out / math.pi
    assert plain.bolometric_reflected_radiance == pytest.approx(reflected, rel=1e-6)
    assert plain.reflected_radiance.shape == (0, 12)
    spectral = {"output_radiance_mode": "multi_wave", "wn_min_out": 100.0, "wn_max_out": 90000.0, "n_bands_out": 400}
    shone = run_radiance(SimulationConfig(**{**opaque, **spectral}), thermal).record
    in_bands = (shone.reflected_radiance * np.diff(shone.band_edges)[:, None]).sum(axis=0)
    assert in_bands == pytest.approx(reflected, rel=1e-3)


def test_local_times(warm):
    record = run_radiance(config(local_times_out=[12.0, 0.0, 24.0, 13.9]), warm).record
    assert record.t_out == pytest.approx(15450.0 * np.array([6, 0, 0, 7]) / 12)
    assert record.radiance_out.shape == (70, 4)
    wanted = run_radiance(config(local_times_out=[12.0]), warm, [3, -1]).record
    assert wanted.t_out.tolist() == [warm.t_out[3], warm.t_out[11]]
    with pytest.raises(ConfigError, match=r"local_times_out: .*25"):
        config(local_times_out=[25.0])


def test_a_steady_state_has_one_time_whatever_is_asked_for():
    steady = {"use_RTE": False, "diurnal": False, "local_times_out": [9.0]}
    thermal = run_thermal(SimulationConfig(**steady)).record
    assert run_radiance(SimulationConfig(**steady), thermal).record.t_out.tolist() == [0.0]


def test_channels_of_an_instrument(warm):
    given = config(band_rule_out="instrument", instrument_out="mertis_radiometer", composition="forsterite")
    outcome = run_radiance(given, warm)
    record = outcome.record
    channels = outcome.numbers["n_channels"]
    assert channels == len(record.channel_name) > 0
    assert record.channel_brightness_temperature.shape == (channels, 12)
    low, high = record.brightness_temperature.min(axis=0), record.brightness_temperature.max(axis=0)
    assert (record.channel_brightness_temperature >= low - 1e-6).all()
    assert (record.channel_brightness_temperature <= high + 1e-6).all()


def test_a_file_of_responses_that_reaches_beyond_the_bands(tmp_path, warm):
    responses = tmp_path / "filters.txt"
    responses.write_text("# channel far\n20 1\n60 1\n")
    with pytest.raises(ConfigError, match=r"instrument_out: channel far reaches .* beyond the bands"):
        run_radiance(config(response_file_out=str(responses)), warm)
    with pytest.raises(ConfigError, match="beyond the bands"):
        require_computable(config(response_file_out=str(responses)), "radiance")


def test_streams_as_many_as_the_accuracy_needs(warm):
    strict = config(nstr_out="auto", accuracy=0.003, output_radiance_mode="two_wave", g_therm=0.8, ssalb_therm=0.9)
    numbers = run_radiance(strict, warm).numbers
    assert numbers["n_streams_out"] > 16
    assert numbers["tb_error_streams"] <= 0.003
    assert run_radiance(config(RTE_solver="hapke"), warm).numbers["n_streams_out"] is None


def test_errors_are_those_of_brightness_temperatures(warm):
    numbers, record = (getattr(run_radiance(config(nstr_out=4), warm), name) for name in ("numbers", "record"))
    better = run_radiance(config(nstr_out=32), warm).record
    true = np.abs(better.brightness_temperature - record.brightness_temperature).max()
    assert true < numbers["tb_error_streams"]
    assert 0.0 < numbers["tb_error_grid"] < 1.0


LOADED = """
import sys
from tmx.config import SimulationConfig
from tmx.stages.radiance import load_spectra_kernels, run_radiance
from tmx.stages.thermal import run_thermal

def machine_code():
    modules = [module for name, module in sys.modules.items() if name.startswith(("tmx.physics", "miepython"))]
    kernels = [kernel for module in modules for kernel in vars(module).values() if hasattr(kernel, "signatures")]
    return {f"{kernel.__name__}{signature}" for kernel in kernels for signature in kernel.signatures}

quick = {"use_RTE": sys.argv[1] == "regolith", "freq_out": 4, "accuracy": 10.0}
warm = run_thermal(SimulationConfig(**quick)).record
load_spectra_kernels(SimulationConfig(**quick))
before = machine_code()
for more in (
    {},
    {"local_times_out": [12.0], "output_radiance_mode": "multi_wave"},
    {"observer_vectors": [(0.6, 0.0, 0.8)], "instrument_out": "mertis_radiometer", "n_bands_out": 200},
    {"output_radiance_mode": "two_wave", "RTE_solver": "hapke"},
):
    run_radiance(SimulationConfig(**quick, **more), warm)
print(sorted(machine_code() - before))
"""


@pytest.mark.parametrize("surface", ["regolith", "opaque"])
def test_nothing_is_left_to_compile_once_kernels_are_loaded(tmp_path, surface):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "NUMBA_CACHE_DIR": str(cache_directory().parents[1])}
    ended = subprocess.run(
        [sys.executable, "-c", LOADED, surface], env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "[]\n"


def test_dust_over_rock_and_layered_dust():
    for values in (
        {"single_layer": False, "dust_thickness": 1e-4, "R_base": 0.3},
        {"depth_dependent_properties": True, "density_scale_height": 0.01},
    ):
        given = config(**values)
        thermal = run_thermal(given).record
        assert thermal.T_base_out.shape == (12,)
        record = run_radiance(given, thermal).record
        assert np.isfinite(record.radiance_out).all()
        grey = config(**values, output_radiance_mode="two_wave", nstr_out=4, observer_mu=0.5)
        brightness = run_radiance(grey, thermal).record.bolometric_brightness_temperature
        assert brightness == pytest.approx(thermal.T_surf_out, abs=12.0)


def test_what_does_not_go_together_is_refused(warm):
    opaque = run_thermal(SimulationConfig(freq_out=12, accuracy=1.0)).record
    with pytest.raises(StorageError, match="those of an opaque surface"):
        run_radiance(config(), opaque)
    with pytest.raises(
        ConfigError, match="no band has its centre from 5000 to inf 1/cm: the bands reach from 300 to 1700"
    ):
        run_radiance(config(emissivity_wn_min=5000.0), warm)
    with pytest.raises(ConfigError, match="too long; wn_min_out and wn_max_out may be from 100 to 50000 1/cm"):
        require_computable(config(wn_min_out=20.0), "radiance")
    with pytest.raises(ConfigError, match="too long; wn_min and wn_max may be from 100 to 50000 1/cm"):
        require_computable(config(thermal_evolution_mode="hybrid", wn_min=50.0), "thermal")
    with pytest.raises(ConfigError, match=r"is known from 0.2 to 100 um: [0-9.]+ um is [0-9.]+ um too long$"):
        require_computable(config(band_rule_out="instrument", instrument_out="diviner"), "radiance")
    with pytest.raises(ConfigError, match="size parameter"):
        require_computable(config(radius=0.09), "radiance")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"composition": "quarz"}, ["composition", "'quarz'", "quartz"]),
        ({"composition": "custom"}, ["composition", "index_file"]),
        ({"coating": "magnetit 0.1"}, ["coating", "magnetite"]),
        ({"instrument_out": "divner"}, ["instrument_out", "diviner"]),
        ({"band_rule_out": "instrument"}, ["band_rule_out", "instrument_out or response_file_out"]),
        ({"size_distribution": "power_law", "radius_max": 1e-6}, ["radius_max", "above radius"]),
        ({"emissivity_wn_min": 900.0, "emissivity_wn_max": 800.0}, ["emissivity_wn_min", "below"]),
    ],
)
def test_mistakes_are_named(values, words):
    with pytest.raises(ConfigError) as caught:
        config(**values)
    for word in words:
        assert word in str(caught.value)


def test_a_material_of_ones_own(tmp_path, warm):
    table = tmp_path / "index.txt"
    table.write_text("# um n k\n" + "".join(f"{um} 1.5 0.01\n" for um in np.linspace(3.0, 60.0, 30)))
    mixed = config(composition="custom 0.6, quartz 0.4", index_file=str(table), coating="magnetite 0.02")
    assert np.isfinite(run_radiance(mixed, warm).record.radiance_out).all()
    assert radiance_key(mixed, "p") != radiance_key(config(composition="custom", index_file=str(table)), "p")


def test_grain_size_changes_spectra_and_leaves_grey_temperatures_alone(warm):
    small, large = (run_radiance(config(radius=radius), warm).numbers for radius in (5e-6, 50e-6))
    assert small["reststrahlen_depth"] != pytest.approx(large["reststrahlen_depth"], rel=0.1)
    assert thermal_key(config(radius=5e-6)) == thermal_key(config(radius=50e-6))
    assert radiance_key(config(radius=5e-6), "p") != radiance_key(config(radius=50e-6), "p")


def test_the_christiansen_feature_sharpens_and_shifts_as_the_thermal_gradient_grows():
    # As Logan & Hunt (1970), J. Geophys. Res. 75, 6539, measured in vacuum, and Henderson & Jakosky (1994), J. Geophys.
    # Res. 99, 19063, modelled: the worse grains conduct, the steeper the gradient.
    lines = {"composition": "forsterite", "radius": 20e-6, "size_distribution": "lognormal", "scale_Et": True}
    vacuum = {**lines, "Et": 1.5e4, "eta": 0.3, "ssalb_vis": 0.5, "local_times_out": [12.0], "n_bands_out": 160}
    seen = []
    for conductivity in (0.1, 1e-2, 1e-3, 1e-4):
        given = config(**vacuum, k_dust=conductivity)
        seen.append(run_radiance(given, run_thermal(given).record).numbers)
    depths = [numbers["reststrahlen_depth"] for numbers in seen]
    places = [numbers["christiansen_wavelength"] for numbers in seen]
    assert (np.diff(depths) > 0.005).all()
    assert depths[-1] > 1.4 * depths[0]
    assert (np.diff(places) < 0.0).all()


def test_contrast_falls_with_smaller_grains_that_are_larger_than_the_wavelength(even):
    still = {"diurnal": False, "T_fixed": True, "T_bottom": 300.0, "sun": False, "composition": "forsterite"}
    depths = [
        run_radiance(config(**still, radius=radius, size_distribution="lognormal"), even).numbers["reststrahlen_depth"]
        for radius in (12e-6, 20e-6, 35e-6, 50e-6)
    ]
    assert (np.diff(depths) > 0.0).all()


@pytest.mark.parametrize("mode", ["hybrid", "multi_wave"])
def test_temperatures_from_the_same_grains(mode):
    given = config(thermal_evolution_mode=mode, wn_min=210.0, wn_max=4500.0, resolution=6.0, scale_Et=True)
    outcome = run_thermal(given)
    assert abs(outcome.numbers["energy_residual"]) < 1e-6
    assert outcome.numbers["accuracy_met"]
    assert run_radiance(given, outcome.record).numbers["n_bands"] == 70


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"output_radiance_mode": "two_wave"},
        {"output_radiance_mode": "multi_wave"},
        {"band_rule_out": "resolution", "local_times_out": [12.0]},
        {"size_distribution": "lognormal", "close_packing": True, "mixing": "bruggeman", "scale_Et": True},
        {"use_RTE": False},
        {"use_RTE": False, "output_radiance_mode": "multi_wave"},
    ],
    ids=str,
)
def test_the_stage_reads_nothing_that_its_key_leaves_out(values, warm):
    """But for what describes the column, which the key of the temperatures holds."""
    from tmx.config import stage_inputs

    given = config(**values)
    recording = Recording(given)
    run_radiance(recording, warm)
    unread = recording.read - stage_inputs(given, "radiance").keys() - stage_inputs(given, "thermal").keys()
    for name in unread:
        value = getattr(given, name)
        if not isinstance(value, int | float):
            continue
        other = config(**{**values, name: not value if isinstance(value, bool) else 0.9 * value})
        assert np.array_equal(
            run_radiance(other, warm).record.radiance_out, run_radiance(given, warm).record.radiance_out
        )


def write(path, *columns):
    np.savetxt(path, np.column_stack(columns), fmt="%.12g")
    return str(path)


def test_a_ready_scattering_table_gives_what_its_grains_do(tmp_path, warm):
    table = cached_scattering_table(100.0 * np.linspace(300.0, 1700.0, 71), grains_of(config()))
    square_um = 1e12
    columns = (1e6 * table.wavelength, table.asymmetry, square_um * table.extinction, square_um * table.scattering)
    ready = {
        "mie_file_out": write(tmp_path / "mie.txt", *columns, table.albedo),
        "wn_bounds_out": write(tmp_path / "edges.txt", table.edges / 100.0),
    }
    theirs, ours = run_radiance(config(**ready), warm).record, run_radiance(config(), warm).record
    assert theirs.band_edges == pytest.approx(ours.band_edges)
    assert theirs.radiance_out == pytest.approx(ours.radiance_out, rel=1e-8)
    short = write(tmp_path / "short.txt", table.edges[1:] / 100.0)
    with pytest.raises(ConfigError, match=r"wn_bounds_out: .*70 edges do not go with the 70 bands .*; 71 are needed"):
        run_radiance(config(**{**ready, "wn_bounds_out": short}), warm)


def test_a_substrate_shows_through_thin_dust(tmp_path):
    thin = {"single_layer": False, "dust_thickness": 1e-5, "sun": False, "disort_space_temp": 1.0}
    still = {"diurnal": False, "T_fixed": True, "T_bottom": 300.0}
    thermal = run_thermal(config(**thin, **still)).record
    spectrum = write(tmp_path / "rock.txt", [300.0, 900.0, 901.0, 1700.0], [0.9, 0.9, 0.5, 0.5])
    rock = config(**thin, **still, use_spec=True, substrate_spectrum_out=spectrum, scale_Et=True, Et=2000.0)
    radiance = run_radiance(rock, thermal).record
    black = band_radiances(100.0 * radiance.band_edges, np.array([300.0]))
    emissivity = radiance.radiance_out * np.diff(radiance.band_edges)[:, None] / black
    assert emissivity[radiance.wavenumber < 880.0, 0] == pytest.approx(0.9, abs=0.03)
    assert emissivity[radiance.wavenumber > 920.0, 0] == pytest.approx(0.5, abs=0.03)


def test_sunlight_from_a_file(tmp_path, warm):
    spectral = {"output_radiance_mode": "multi_wave", "n_bands_out": 4}
    edges = np.linspace(300.0, 1700.0, 5)
    sun = write(tmp_path / "sun.txt", 0.5 * (edges[1:] + edges[:-1]), [0.0, 1.0, 0.0, 3.0])
    record = run_radiance(config(**spectral, solar_spectrum_file_out=sun), warm).record
    noon = record.reflected_radiance[:, 6]
    assert (noon > 0.0).tolist() == [False, True, False, True]
    per_band = noon * np.diff(record.band_edges)
    assert per_band.sum() == pytest.approx(record.bolometric_reflected_radiance[6], rel=1e-9)


def test_visible_bands_may_scatter_as_the_config_says(warm):
    spectral = {"output_radiance_mode": "multi_wave", "wn_max_out": 5000.0, "n_bands_out": 20, "ssalb_vis": 0.0}
    forced = run_radiance(config(**spectral, force_vis_disort=True), warm).record
    visible = forced.wavenumber > 1e4 / 3.33
    assert (forced.reflected_radiance[visible] == 0.0).all()
    assert forced.reflected_radiance[~visible, 6].max() > 0.0


def test_the_mixtures_that_the_schema_names_are_known_in_the_bands_that_it_begins_with():
    named = {"composition": "forsterite 0.7, troilite 0.3", "coating": "troilite 0.05"}
    for field, example in named.items():
        assert FIELDS[field].about.meaning.endswith(example)
    require_computable(SimulationConfig(use_RTE=True, **named), "radiance")


def test_a_mineral_may_be_named_and_the_bands_left_alone():
    shortest = 0.01 / FIELDS["wn_max_out"].default
    infrared = [name for name in MINERALS if mineral_named(name).wavelengths[0] <= shortest]
    assert {"quartz", "forsterite", "magnetite"} <= set(infrared)
    for name in infrared:
        require_computable(SimulationConfig(use_RTE=True, composition=name), "radiance")


def test_temperatures_in_bands_of_the_mineral_that_the_schema_begins_with():
    require_computable(SimulationConfig(use_RTE=True, thermal_evolution_mode="hybrid"), "thermal")
