"""One simulation, from the command line and from Python."""

import h5py
import numpy as np
import pytest
from commands import write_sweep

import tmx as package
from tmx.errors import ConfigError
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.stages.beaming import beaming_from_file
from tmx.storage.hdf5 import read, read_provenance
from tmx.storage.records import RadianceRecord, ThermalRecord


def only(directory, pattern):
    (path,) = directory.glob(pattern)
    return path


def test_a_body_from_nothing_to_spectra(tmx, directory):
    answer = tmx("create-config", "-o", "moon.yaml", "--planetary-body", "Moon")
    assert answer.code == 0
    assert "Hayne" in (directory / "moon.yaml").read_text()
    assert "good" in tmx("config", "check", "moon.yaml").out
    answer = tmx("single", "--config", "moon.yaml", "--params", "freq_out=24", "latitude=20 deg", "accuracy=0.3")
    assert answer.code == 0, answer.err
    assert "surface    9" in answer.out
    thermal = only(directory, "results/thermal_results/*.h5")
    assert str(thermal.relative_to(directory)) in answer.out
    provenance = read_provenance(thermal, ThermalRecord)
    assert provenance.info["estimated_error"] <= 0.3
    assert "latitude: 0.349065" in provenance.config_yaml
    radiance = read(only(directory, "results/radiance_results/*.h5"), RadianceRecord)
    assert radiance.radiance_out.shape == (80, 24)


def test_radiative_transfer_in_the_regolith(tmx, directory):
    regolith = ("-p", "use_RTE=true", "Et=3000", "k_dust=1e-3", "nstr=4")
    answer = tmx("single", "-c", "base.yaml", "--no-radiance", *regolith)
    assert answer.code == 0, answer.err
    assert "streams    4; twice as many would change 0." in answer.out
    thermal = only(directory, "results/thermal_results/*.h5")
    record, info = read(thermal, ThermalRecord), read_provenance(thermal, ThermalRecord).info
    assert record.tau_grid == pytest.approx(3000.0 * record.x_grid)
    assert record.tau_boundaries == pytest.approx(3000.0 * record.x_boundaries)
    assert (info["n_streams"], info["error_streams"] > 0.0) == (4, True)
    answer = tmx("single", "-c", "base.yaml", *regolith, "composition=quartz")
    assert answer.code == 0, answer.err
    assert "spectrum   80 bands, " in answer.out
    assert "16 streams (half as many would change 0." in answer.out
    assert "Christiansen feature at 7." in answer.out
    spectra = read(only(directory, "results/radiance_results/*.h5"), RadianceRecord)
    assert spectra.radiance_out.shape == (80, 12)


def test_nothing_is_saved_where_that_is_wanted(tmx, directory):
    answer = tmx("single", "-c", "base.yaml", "--no-save-thermal", "--no-radiance")
    assert answer.code == 0
    assert "thermal " not in answer.out
    assert not (directory / "results").exists()
    assert tmx("single", "-c", "base.yaml", "--no-radiance", "-p", "k_dust=0.2").code == 0
    assert only(directory, "results/thermal_results/*.h5")
    assert not (directory / "results/radiance_results").exists()


def test_postprocessing_as_often_as_one_likes(tmx, directory):
    assert tmx("single", "-c", "base.yaml", "-p", "em=0.9").code == 0
    thermal = only(directory, "results/thermal_results/*.h5")
    saved = read(only(directory, "results/radiance_results/*.h5"), RadianceRecord)
    answer = tmx("postprocess", "--thermal-file", thermal)
    assert "(80 bands, 12 times)" in answer.out
    again = read(thermal.with_name(thermal.name.replace("thermal_sim", "radiance")), RadianceRecord)
    assert np.array_equal(again.radiance_out, saved.radiance_out)
    answer = tmx("postprocess", "-t", thermal, "-o", "some.h5", "--time-indices", 0, 6, -1, "-p", "n_bands_out=10")
    assert answer.code == 0, answer.err
    some = read(directory / "some.h5", RadianceRecord)
    assert some.radiance_out.shape == (10, 3)
    assert some.t_out.tolist() == [saved.t_out[0], saved.t_out[6], saved.t_out[11]]
    answer = tmx("postprocess", "-t", thermal, "-o", "noon.h5", "--local-times", 12, 14)
    assert "(80 bands, 2 times)" in answer.out
    assert tmx("postprocess", "-t", thermal, "--local-times", 12, "--time-indices", 3).code == 2
    answer = tmx("postprocess", "-t", thermal, "-p", "latitude=0.3")
    assert answer.code == 2
    assert "latitude: spectra from saved temperatures do not depend on it" in answer.err
    assert tmx("postprocess", "-t", thermal, "--time-indices", 12).code == 2
    assert tmx("postprocess", "-t", directory / "some.h5").code == 2
    assert tmx("postprocess", "-t", thermal, "-o", thermal).code == 2
    assert read(thermal, ThermalRecord).T_surf_out.size == 12


def test_thermal_files_that_spectra_cannot_come_from(tmx, directory):
    assert tmx("single", "-c", "base.yaml").code == 0
    thermal = only(directory, "results/thermal_results/*.h5")
    radiance = only(directory, "results/radiance_results/*.h5")
    answer = tmx("postprocess", "-t", thermal, "-p", "use_RTE=true", "composition=quartz", "wn_min_out=300")
    assert (answer.code, answer.out) == (2, "")
    assert "those of an opaque surface" in answer.err
    answer = tmx("postprocess", "-t", radiance)
    assert "a radiance file; a thermal file is needed" in answer.err
    answer = tmx("postprocess", "-t", thermal, "-p", "instrument_out=otes")
    assert "instrument_out: channel" in answer.err
    assert "beyond the bands" in answer.err
    thermal.write_bytes(thermal.read_bytes()[:5000])
    answer = tmx("postprocess", "-t", thermal)
    assert "truncated, damaged" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not list(directory.rglob("*.tmp"))


def test_a_task_number_is_a_label(tmx, directory):
    assert tmx("single", "-c", "base.yaml", "-p", "run_id=7", "--no-radiance").code == 0
    assert tmx("single", "-c", "base.yaml", "-p", "run_id=8", "--no-radiance").code == 0
    assert only(directory, "results/thermal_results/*.h5")


def test_a_task_number_with_a_sweep_is_a_sample(tmx, directory):
    write_sweep(directory / "sweep.yaml", 3, 2, radiance=False)
    assert tmx("batch", "-b", "base.yaml", "-B", "sweep.yaml", "-o", "out", "--backend", "threading", "-w", 1).code == 0
    sweep = ("single", "--config", "base.yaml", "--batch-config", "sweep.yaml", "-o", "alone")
    assert all(tmx(*sweep, "--params", f"run_id={index}").code == 0 for index in range(6))
    names = [sorted(path.name for path in (directory / place).rglob("*.h5")) for place in ("out", "alone")]
    assert names[0] == names[1]
    assert "sweep.yaml: there is no sample 6: they are 0 to 5" in tmx(*sweep, "-p", "run_id=6").err
    answer = tmx(*sweep)
    assert (answer.code, "-p run_id=17" in answer.err) == (2, True)


def test_from_python(directory):
    config = package.SimulationConfig(freq_out=12, accuracy=0.5, dust_thickness=0.2, em=0.9)
    result = package.ThermalSimulator(config, save_thermal_data=True).run()
    assert result.thermal_file is not None
    assert result.radiance is None
    with h5py.File(result.thermal_file) as file:
        assert file["thermal_data/T_surf_out"][()] == pytest.approx(result.thermal.T_surf_out)

    record, path = package.calculate_radiance_from_file(result.thermal_file, output_file_path="spectra.h5")
    assert path.name == "spectra.h5"
    expected = 0.9 * STEFAN_BOLTZMANN * result.thermal.T_surf_out**4 / np.pi
    assert record.bolometric_radiance == pytest.approx(expected, rel=1e-5)


def test_from_python_with_a_file(directory):
    result = package.run_thermal_simulation_with_config_file(
        "base.yaml", parameter_overrides={"Et": 50000, "radius": 10e-6, "k_dust": 0.3}
    )
    assert (result.config.Et, result.config.radius, result.config.k_dust) == (50000.0, 10e-6, 0.3)
    assert result.thermal_file is not None
    assert result.radiance is not None
    assert result.thermal_numbers["accuracy_met"]
    with pytest.raises(ConfigError, match="unknown field"):
        package.run_thermal_simulation_with_config_file("base.yaml", {"k_dusty": 0.3})


def test_an_accuracy_that_is_missed_is_said(directory):
    config = package.SimulationConfig(
        freq_out=12, accuracy=0.001, auto_thickness=False, flay=0.5, auto_dt=False, tsteps_day=50
    )
    (warning,) = package.ThermalSimulator(config).run().warnings
    assert "exceeds the accuracy of 0.001 K" in warning


def test_a_rough_surface_from_temperatures_to_beaming(tmx, directory):
    rough = ("crater=true", "compute_crater_radiance=true", "crater_facets=24", "rough_fraction=0.5")
    answer = tmx("single", "-c", "base.yaml", "-p", *rough, "observer_vectors=[[0, 1, 1], [0, -1, 1]]")
    assert answer.code == 0, answer.err
    assert "facets     24: " in answer.out
    assert "many more would change what is seen of them by " in answer.out
    assert "times the radiance of flat ground" in answer.out
    thermal, radiance = (
        only(directory, "results/thermal_results/*.h5"),
        only(directory, "results/radiance_results/*.h5"),
    )
    record, info = read(radiance, RadianceRecord), read_provenance(radiance, RadianceRecord).info
    assert record.crater_radiance.shape == record.mixed_radiance.shape == (3, 80, 12)
    hottest = record.bolometric_radiance.argmax()
    assert info["beaming_ratio"] == pytest.approx(
        record.crater_bolometric_radiance[0, hottest] / record.bolometric_radiance[hottest]
    )
    answer = tmx("postprocess", "-t", thermal, "-o", "other.h5", "-p", "rough_fraction=0.25", "facet_radiance_out=true")
    assert "2 observers, of a rough surface as well" in answer.out
    other = read(directory / "other.h5", RadianceRecord)
    assert other.facet_radiance.shape == (24, 80, 12)
    assert other.crater_radiance == pytest.approx(record.crater_radiance)
    flat = 2.0 * record.mixed_radiance - record.crater_radiance
    assert other.mixed_radiance == pytest.approx(0.25 * record.crater_radiance + 0.75 * flat, rel=1e-5)
    answer = tmx("postprocess", "-t", thermal, "-p", "crater_depth_ratio=0.2")
    assert "crater_depth_ratio: spectra from saved temperatures do not depend on it" in answer.err
    answer = tmx("plot", "beaming", radiance, directory / "other.h5", "--local-time", 9, "-o", "beaming.svg")
    assert answer.code == 0, answer.err
    assert "6 observations" in answer.out
    assert (directory / "beaming.svg").read_bytes().startswith(b"<?xml")
    beaming = beaming_from_file(radiance)
    assert beaming.local_time_h == 12.0
    assert beaming.ratio[0] == pytest.approx(record.crater_bolometric_radiance[0, 6] / record.bolometric_radiance[6])
    assert np.degrees(beaming.phase_angle[1:]) == pytest.approx([45.0, 45.0], abs=1e-4)


def test_beaming_needs_a_rough_surface_and_a_sun(tmx, directory):
    assert tmx("single", "-c", "base.yaml").code == 0
    radiance = only(directory, "results/radiance_results/*.h5")
    answer = tmx("plot", "beaming", radiance, "-o", "beaming.png")
    assert (answer.code, answer.out) == (2, "")
    assert "no rough surface in it (compute_crater_radiance: false)" in answer.err
    answer = tmx("plot", "beaming", only(directory, "results/thermal_results/*.h5"), "-o", "beaming.png")
    assert "a thermal file; a radiance file is needed" in answer.err
    assert not (directory / "beaming.png").exists()
