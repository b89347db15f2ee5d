"""Spectra of rough surfaces from saved temperatures: what a file holds, mixtures, and what is refused."""

import math
from dataclasses import replace

import numpy as np
import pytest
from recording import Recording
from scipy.interpolate import CubicSpline

from tmx.config import SimulationConfig, stage_inputs
from tmx.errors import ConfigError, StorageError
from tmx.stages.keys import radiance_key, thermal_key
from tmx.stages.radiance import run_radiance
from tmx.stages.roughness import facets_of
from tmx.stages.thermal import run_thermal
from validation.truths.craters import Bowl, at_wavenumber, bolometric

ROUGH = {
    "crater": True,
    "compute_crater_radiance": True,
    "crater_facets": 24,
    "freq_out": 12,
    "accuracy": 1.0,
    "P": 4.296 * 3600.0,
    "dust_thickness": 0.3,
    "latitude": 0.4,
    "albedo": 0.2,
    "em": 0.9,
    "n_bands_out": 20,
    "storage_dtype": "float64",
    "observer_mu": 0.8,
    "observer_azimuth": 0.5,
    "observer_vectors": [(0.0, 1.0, 1.0), (0.0, -1.0, 1.0)],
}
GRAINS = {
    "use_RTE": True,
    "Et": 2e4,
    "k_dust": 1e-3,
    "dust_thickness": 0.05,
    "nstr": 4,
    "nstr_out": 8,
    "composition": "quartz",
    "wn_min_out": 300.0,
    "wn_max_out": 1700.0,
}
FLAT = {"crater_depth_ratio": 1e-5}


def config(**values):
    return SimulationConfig(**{**ROUGH, **values})


def with_facets(record, given, swing=0.0):
    """Return a record of a flat surface to which facets are added; their temperatures may differ by some kelvin."""
    facets = facets_of(given)
    apart = swing * facets.normals[:, :1] * np.sin(np.arange(record.t_out.size))
    base = record.T_base_out
    return replace(
        record,
        T_crater_out=record.T_out[:, None] + apart,
        T_surf_crater_out=record.T_surf_out + apart,
        T_base_crater_out=base + apart if base.size else np.empty((0, 0)),
        x_grid_crater=record.x_grid,
        x_boundaries_crater=record.x_boundaries,
        layer_structure_crater=record.layer_structure,
        crater_areas=facets.areas / facets.area,
        crater_normals=facets.normals,
    )


@pytest.fixture(scope="module")
def opaque():
    return run_thermal(config(crater=False)).record


@pytest.fixture(scope="module")
def grains():
    return run_thermal(config(**GRAINS, crater=False)).record


def flat_views(record, name):
    """Return what all observers see of the flat surface."""
    others = "observer_radiance_out" if name == "radiance_out" else f"observer_{name}"
    return np.concatenate([getattr(record, name)[None], getattr(record, others)])


@pytest.mark.parametrize("mode", ["two_wave", "hybrid", "multi_wave"])
@pytest.mark.parametrize("medium", ["opaque", "grains"])
def test_a_crater_without_depth_has_the_spectra_of_flat_ground(medium, mode, request):
    given = config(**FLAT, **(GRAINS if medium == "grains" else {}), output_radiance_mode=mode, disort_space_temp=50.0)
    record = run_radiance(given, with_facets(request.getfixturevalue(medium), given)).record
    names = {
        "radiance": "radiance_out",
        "reflected_radiance": "reflected_radiance",
        "brightness_temperature": "brightness_temperature",
        "emissivity": "emissivity",
        "bolometric_radiance": "bolometric_radiance",
        "bolometric_reflected_radiance": "bolometric_reflected_radiance",
    }
    for rough, flat in names.items():
        expected = flat_views(record, flat)
        for prefix in ("crater", "mixed"):
            found = getattr(record, f"{prefix}_{rough}")
            assert found.shape == expected.shape
            assert found == pytest.approx(expected, rel=1e-4, abs=1e-9), rough
    assert record.crater_observer_vectors[1:] == pytest.approx(record.observer_vectors)


def test_ground_that_is_rough_in_part_has_the_mean_radiance(opaque):
    given = config(rough_fraction=0.3, band_rule_out="instrument", instrument_out="tes_bolometers")
    outcome = run_radiance(given, with_facets(opaque, given, 20.0))
    record = outcome.record
    for mixed, flat in (
        ("radiance", "radiance_out"),
        ("bolometric_radiance", "bolometric_radiance"),
        ("bolometric_reflected_radiance", "bolometric_reflected_radiance"),
        ("channel_radiance", "channel_radiance"),
    ):
        rough = getattr(record, f"crater_{mixed}")
        assert getattr(record, f"mixed_{mixed}") == pytest.approx(0.3 * rough + 0.7 * flat_views(record, flat))
    assert record.mixed_channel_brightness_temperature.shape == (3, 2, 12)
    hottest = record.bolometric_radiance.argmax()
    ratio = record.crater_bolometric_radiance[0, hottest] / record.bolometric_radiance[hottest]
    assert outcome.numbers["beaming_ratio"] == pytest.approx(ratio)
    assert outcome.numbers["rough_tb_max"] == record.crater_brightness_temperature[0].max()
    brightest = record.mixed_bolometric_brightness_temperature[0].max()
    assert outcome.numbers["mixed_bolometric_tb_max"] == brightest


@pytest.mark.parametrize("medium", ["opaque", "grains"])
def test_bands_add_up_and_facets_to_what_the_first_observer_sees(medium, request):
    bands = {"wn_min_out": 1.0, "wn_max_out": 1e5, "band_rule_out": "resolution", "resolution_out": 3.0}
    medium_values = {**GRAINS, **bands, "wn_min_out": 210.0, "wn_max_out": 5e3} if medium == "grains" else bands
    given = config(**medium_values, output_radiance_mode="multi_wave", facet_radiance_out=True)
    record = run_radiance(given, with_facets(request.getfixturevalue(medium), given, 30.0)).record
    width = np.diff(record.band_edges)[:, None]
    if medium == "opaque":
        both = record.crater_bolometric_radiance + record.crater_bolometric_reflected_radiance
        assert (record.crater_radiance * width).sum(axis=1) == pytest.approx(both, rel=1e-3)
    facets = facets_of(given)
    share = record.facet_visible_fraction * record.facet_cos_emission * facets.areas
    share /= share.sum()
    assert record.facet_radiance.shape == (24, width.size, 12)
    assert np.tensordot(share, record.facet_radiance, axes=1) == pytest.approx(record.crater_radiance[0], rel=1e-9)
    assert share @ record.facet_bolometric_radiance == pytest.approx(record.crater_bolometric_radiance[0], rel=1e-9)
    assert share @ record.facet_bolometric_reflected_radiance == pytest.approx(
        record.crater_bolometric_reflected_radiance[0], rel=1e-9, abs=1e-15
    )


def test_errors_of_a_crater_without_depth_are_those_of_flat_ground(grains):
    given = config(**FLAT, **GRAINS, observer_vectors=[])
    numbers = run_radiance(given, with_facets(grains, given)).numbers
    assert numbers["rough_tb_error_streams"] == pytest.approx(numbers["tb_error_streams"], rel=1e-3)
    assert numbers["rough_tb_error_grid"] == pytest.approx(numbers["tb_error_grid"], rel=1e-3)


@pytest.mark.parametrize("shape", [{}, {"rough_shape": "gaussian", "crater_facets": 32, "rms_slope": 0.6}])
def test_the_error_of_streams_is_what_half_as_many_change(grains, shape):
    """The light between facets is followed for one order only: to a few percent."""
    given = config(**GRAINS, **shape)
    warm = with_facets(grains, given, 20.0)
    found, fewer = (run_radiance(one, warm) for one in (given, given.model_copy(update={"nstr_out": 4})))
    assert not found.record.crater_reflected_radiance.size
    change = found.record.crater_brightness_temperature - fewer.record.crater_brightness_temperature
    assert found.numbers["rough_tb_error_streams"] == pytest.approx(np.abs(change).max(), rel=0.03)


def test_the_error_of_the_grid_covers_what_finer_cells_change(grains):
    """Temperatures between the nodes are filled in by cubics, on which the spectra of twice the cells come to rest."""
    given = config(**GRAINS)
    warm = with_facets(grains, given, 20.0)
    edges = warm.x_boundaries_crater
    finer = np.sort(np.concatenate([edges, 0.5 * (edges[1:] + edges[:-1])]))
    centres = 0.5 * (finer[1:] + finer[:-1])
    inside = CubicSpline(warm.x_grid_crater, warm.T_crater_out)(centres)
    more = replace(
        warm,
        T_crater_out=inside,
        x_grid_crater=centres,
        x_boundaries_crater=finer,
        layer_structure_crater=np.zeros(centres.size, dtype=np.int64),
    )
    found, better = run_radiance(given, warm), run_radiance(given, more)
    change = found.record.crater_brightness_temperature - better.record.crater_brightness_temperature
    assert 0.3 * np.abs(change).max() < found.numbers["rough_tb_error_grid"] < 5.0 * np.abs(change).max()
    assert better.numbers["rough_tb_error_grid"] < 0.4 * found.numbers["rough_tb_error_grid"]


def test_opaque_facets_have_no_such_errors(opaque):
    given = config()
    numbers = run_radiance(given, with_facets(opaque, given)).numbers
    assert numbers["rough_tb_error_streams"] is None
    assert numbers["rough_tb_error_grid"] is None


def test_without_a_rough_surface_there_are_no_observers_of_one(opaque):
    outcome = run_radiance(config(crater=False), opaque)
    record = outcome.record
    assert record.crater_radiance.shape == record.mixed_radiance.shape == (0, 20, 12)
    assert record.facet_radiance.shape == (0, 20, 12)
    assert record.crater_observer_vectors.shape == (0, 3)
    assert "beaming_ratio" not in outcome.numbers
    given = config()
    assert run_radiance(given, with_facets(opaque, given)).record.facet_radiance.shape == (0, 20, 12)


def test_phase_angles(opaque):
    record = run_radiance(config(crater=False, latitude=0.0, observer_mu=1.0), opaque).record
    noon = 6
    assert np.degrees(record.phase_angle[:, noon]) == pytest.approx([0.0, 45.0, 45.0], abs=1e-5)
    assert np.degrees(record.phase_angle[0]) == pytest.approx(np.abs(30.0 * np.arange(12) - 180.0), abs=1e-5)
    assert run_radiance(config(crater=False, sun=False, disort_space_temp=3.0), opaque).record.phase_angle.shape == (
        3,
        0,
    )
    steady = config(crater=False, diurnal=False, steady_state_mu=0.5, observer_vectors=[])
    still = run_radiance(steady, run_thermal(steady).record).record
    assert still.phase_angle[0, 0] == pytest.approx(
        math.acos(0.5 * 0.8 + math.sqrt(0.75) * 0.6 * math.cos(0.5)), rel=1e-9
    )


@pytest.mark.parametrize("medium", ["opaque", "grains"])
@pytest.mark.parametrize("values", [{"latitude": 1.5, "dec": -0.4}, {"sun": False}], ids=str)
def test_a_sun_that_never_rises(medium, values, request):
    dark = {**(GRAINS if medium == "grains" else {}), **values, "disort_space_temp": 3.0}
    given = config(**dark, output_radiance_mode="multi_wave", facet_radiance_out=True)
    record = request.getfixturevalue(medium)
    record = replace(record, mu_out=np.zeros(12))
    outcome = run_radiance(given, with_facets(record, given))
    for name, found in vars(outcome.record).items():
        if found.dtype.kind == "f":
            assert np.isfinite(found).all(), name
    assert not outcome.record.crater_bolometric_reflected_radiance.any()


@pytest.mark.parametrize(
    "values", [{}, GRAINS, {"output_radiance_mode": "multi_wave"}], ids=["opaque", "grains", "sun"]
)
def test_the_stage_reads_nothing_that_its_key_leaves_out(values, opaque, grains):
    given = config(**values)
    recording = Recording(given)
    # The conductivity of the dust is not used: k_dust_auto, which it depends on, is none of the inputs.
    run_radiance(recording, with_facets(grains if "Et" in values else opaque, given))
    unread = recording.read - stage_inputs(given, "radiance").keys() - stage_inputs(given, "thermal").keys()
    assert {name for name in unread if isinstance(getattr(given, name), int | float)} <= {"k_dust_auto"}


def test_what_changes_spectra_alone_leaves_the_temperatures():
    for change in (
        {"rough_fraction": 0.5},
        {"observer_mu": 0.6},
        {"observer_vectors": []},
        {"facet_radiance_out": True},
    ):
        assert thermal_key(config(**change)) == thermal_key(config())
        assert radiance_key(config(**change), "p") != radiance_key(config(), "p")
    assert thermal_key(config(crater_depth_ratio=0.2)) != thermal_key(config())


def test_temperatures_of_other_surfaces_are_refused(opaque, grains):
    with pytest.raises(StorageError, match=r"those of a flat surface \(crater: false\)"):
        run_radiance(config(), opaque)
    with pytest.raises(StorageError, match=r"those of 24 facets of another rough surface .* has 54"):
        run_radiance(config(crater_facets=54), with_facets(opaque, config()))
    with pytest.raises(StorageError, match="another rough surface"):
        run_radiance(config(crater_depth_ratio=0.2), with_facets(opaque, config()))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"observer_vectors": [(1.0, 0.0, 0.0)]}, "observer_vectors"),
        ({"observer_vectors": [(1e9, 0.0, 1.0)]}, "points to the horizon"),
        ({"observer_mu": 1e-9}, "observer_mu"),
        ({"rough_fraction": 1.1}, "rough_fraction"),
    ],
    ids=str,
)
def test_observers_at_the_horizon_are_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        config(**values)


@pytest.mark.parametrize("incidence", [0.0, 30.0])
def test_beaming_of_ground_at_rest_in_the_sun(incidence):
    """Without thermal inertia, at the nadir of hemispheres (Ingersoll et al. 1992): from the config to the registry."""
    still = {"diurnal": False, "steady_state_mu": math.cos(math.radians(incidence)), "observer_mu": 1.0}
    bands = {"wn_min_out": 990.0, "wn_max_out": 1010.0, "n_bands_out": 1}
    given = config(**still, **bands, albedo=0.1, em=0.95, crater_facets=384, observer_vectors=[])
    outcome = run_radiance(given, run_thermal(given).record)
    bowl = Bowl(0.5, math.radians(90.0 - incidence), albedo=0.1)
    assert outcome.numbers["beaming_ratio"] == pytest.approx(bowl.beaming(bolometric), rel=0.005)
    ratio = outcome.record.crater_radiance[0, 0, 0] / outcome.record.radiance_out[0, 0]
    assert ratio == pytest.approx(bowl.beaming(at_wavenumber(1e5)), rel=0.005)
