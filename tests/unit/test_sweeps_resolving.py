"""From samples to configs, the shipped sweeps, and parameters that change nothing."""

from itertools import islice
from pathlib import Path

import pytest

from tmx.config import SimulationConfig, load_config, sha256_of, stage_inputs
from tmx.errors import ConfigError
from tmx.sweeps import Sweep, load_sweep, resolve_samples, samples, sweep_warnings

CONFIGS = Path(__file__).parents[2] / "configs"
BATCHES = CONFIGS / "batch_configs"

BASES = {"two_layer_batch": "bennu_two_layer", "polar_batch": "moon_polar"}
"""Of sweeps that are not for Bennu alone."""


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def load(text: str) -> Sweep:
        (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
        return load_sweep("s.yaml")

    return load


def bennu() -> SimulationConfig:
    return load_config(CONFIGS / "base_configs" / "bennu.yaml").config


def test_layers_of_a_sample(write):
    sweep = write(
        "parameter_sweeps:\n  - {parameter: k_dust, type: list, values: [1, 2]}\n"
        "fixed_overrides: {ndays: 3, albedo: 0.2}\n"
    )
    base = SimulationConfig(albedo=0.1, R=2)
    first, second = resolve_samples(base, sweep)
    assert first.config == SimulationConfig(k_dust=1, albedo=0.2, R=2, ndays=3)
    assert (second.index, second.params, second.config.k_dust) == (1, {"k_dust": 2.0}, 2.0)


def test_a_swept_number_of_days_turns_equilibrium_off(write):
    sweep = write(
        "parameter_sweeps:\n  - {parameter: ndays, type: linear, min: 1, max: 2, n_samples: 2}\n"
        "  - {parameter: T_bottom, type: list, values: [200, 300]}\n"
        "fixed_overrides: {equilibrium: true}\n"
    )
    configs = [sample.config for sample in resolve_samples(SimulationConfig(), sweep)]
    assert [(c.ndays, c.equilibrium) for c in configs] == [(1, False), (1, False), (2, False), (2, False)]
    assert sweep_warnings(SimulationConfig(), sweep) == ()


def test_an_impossible_sample_is_named(write):
    sweep = write(
        "parameter_sweeps:\n  - {parameter: latitude, type: list, values: [0, 90 deg]}\n"
        "  - {parameter: em, type: list, values: [0.9, 1]}\n"
    )
    resolved = resolve_samples(SimulationConfig(), sweep)
    assert [next(resolved).index, next(resolved).index] == [0, 1]
    with pytest.raises(ConfigError) as error:
        next(resolved)
    assert str(error.value).startswith(
        "s.yaml: sample 2 (latitude=1.5707963267948966, em=0.9): latitude: the sun never rises here"
    )


def test_settings_that_only_agree_together_do(write):
    sweep = write(
        "parameter_sweeps:\n  - {parameter: T_fixed, type: list, values: [true]}\n"
        "  - {parameter: diurnal, type: list, values: [false]}\n"
    )
    (sample,) = resolve_samples(SimulationConfig(), sweep)
    assert sample.config.T_fixed


class TestIdleParameters:
    RADIUS = "parameter_sweeps:\n  - {name: size, parameter: radius, type: list, values: [1e-6, 2e-6]}\n"

    def test_are_warned_of(self, write):
        (warning,) = sweep_warnings(SimulationConfig(), write(self.RADIUS))
        assert warning == (
            "s.yaml:2:5: 'size': radius is read only when use_RTE is true and (thermal_evolution_mode is "
            "hybrid/multi_wave or output_radiance_mode is hybrid/multi_wave), so its values make identical runs"
        )

    def test_are_not_idle_under_the_fixed_overrides(self, write):
        assert sweep_warnings(SimulationConfig(), write(f"{self.RADIUS}fixed_overrides: {{use_RTE: true}}\n")) == ()

    def test_are_not_idle_if_another_axis_makes_them_count(self, write):
        sweep = write(f"{self.RADIUS}  - {{parameter: use_RTE, type: list, values: [false, true]}}\n")
        assert sweep_warnings(SimulationConfig(), sweep) == ()

    def test_labels_are_idle(self, write):
        sweep = write("parameter_sweeps:\n  - {parameter: run_id, type: list, values: [1, 2]}\n")
        (warning,) = sweep_warnings(SimulationConfig(), sweep)
        assert warning == "s.yaml:2:5: 'run_id': run_id is only a label, so its values make identical runs"


@pytest.mark.parametrize(
    ("name", "count", "thermal_runs", "radiance"),
    [
        ("ml_dataset_example", 300, 20, True),
        ("thermal_only_batch", 50, 50, False),
        ("radiative_transfer_batch", 40, 40, False),
        ("test_batch", 4, 4, True),
        ("opaque_surfaces", 60, 60, True),
        ("christiansen", 7, 7, True),
        ("beaming", 4, 4, True),
        ("surrogate", 256, 256, False),
        ("emulator", 2048, 2048, False),
        ("radiance_only_batch", 48, 1, True),
        ("validation_batch", 24, 24, False),
        ("two_layer_batch", 512, 512, False),
        ("polar_batch", 60, 60, False),
    ],
)
def test_shipped_sweeps(name, count, thermal_runs, radiance):
    base = load_config(CONFIGS / "base_configs" / f"{BASES.get(name, 'bennu')}.yaml").config
    sweep = load_sweep(BATCHES / f"{name}.yaml")
    resolved = list(resolve_samples(base, sweep))
    assert (sweep.name, len(sweep), len(resolved), sweep.radiance) == (name, count, count, radiance)
    assert sweep_warnings(base, sweep) == ()
    keys = [[sha256_of(stage_inputs(s.config, stage)) for s in resolved] for stage in ("thermal", "radiance")]
    assert len(set(keys[0])) == thermal_runs
    assert len(set(zip(*keys, strict=True))) == count


def test_every_shipped_sweep_is_tested():
    assert {path.stem for path in BATCHES.iterdir()} == {
        "emulator",
        "ml_dataset_example",
        "radiative_transfer_batch",
        "thermal_only_batch",
        "test_batch",
        "opaque_surfaces",
        "christiansen",
        "beaming",
        "surrogate",
        "radiance_only_batch",
        "validation_batch",
        "two_layer_batch",
        "polar_batch",
        "cluster_batch",
    }


def test_the_sweep_for_clusters_has_samples_that_can_be_computed():
    sweep = load_sweep(BATCHES / "cluster_batch.yaml")
    assert (len(sweep), sweep.radiance, sweep_warnings(bennu(), sweep)) == (131_072, True, ())
    assert len({tuple(sample.params.items()) for sample in islice(resolve_samples(bennu(), sweep), 256)}) == 256


def test_the_example_is_twenty_extinctions_by_fifteen_radii():
    sweep = load_sweep(BATCHES / "ml_dataset_example.yaml")
    extinction, radius = (axis.values for axis in sweep.axes)
    assert (len(extinction), extinction[0], extinction[-1]) == (20, 10000.0, 200000.0)
    assert (len(radius), radius[0], radius[-1]) == (15, 5e-6, 50e-6)
    assert [sample.params for sample in samples(sweep)][:16] == [
        *({"Et": 10000.0, "radius": r} for r in radius),
        {"Et": extinction[1], "radius": radius[0]},
    ]
    first = next(resolve_samples(bennu(), sweep)).config
    assert (first.use_RTE, first.thermal_evolution_mode, first.output_radiance_mode) == (True, "two_wave", "hybrid")
    assert first.equilibrium
