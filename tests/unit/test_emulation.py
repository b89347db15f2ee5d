import shutil

import h5py
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import tmx
from tmx.config import SimulationConfig
from tmx.datasets.destination import Destination
from tmx.datasets.layout import Coordinate, Inputs
from tmx.datasets.outputs import KINDS
from tmx.datasets.writing import DatasetWriter, Description
from tmx.emulation.components import LEFT_OUT, Components
from tmx.emulation.emulator import train
from tmx.emulation.evaluation import LEVELS, Errors, evaluate, learning_curve, scores_of
from tmx.emulation.files import load_emulator, save_emulator
from tmx.emulation.gaussian import MATERN, SQUARED_EXPONENTIAL, GaussianProcesses
from tmx.emulation.inputs import InputSpace
from tmx.emulation.network import Networks
from tmx.emulation.refinement import refine, refined_sweep
from tmx.errors import ConfigError, NotFoundError, StorageError
from tmx.sweeps import load_sweep, samples

pytest.importorskip("sklearn")

HOURS = np.arange(24.0)
SIZES = {"train": 160, "val": 40, "test": 60}
INPUTS = Inputs(
    ("k_dust", "latitude", "bottom_bc"), ("W/m/K", "rad", "1"), {"bottom_bc": ("dirichlet", "neumann")}, ("", "", "")
)
AXES = {
    "time": Coordinate(HOURS, "h", "local time"),
    "quantity": Coordinate(np.array(["warmest", "coldest"]), "1", "columns"),
}


def truth(inputs):
    """Give temperatures that depend on the inputs as those of surfaces do, but are known exactly."""
    conductivity, latitude, closed = inputs.T
    swing = 120.0 * np.cos(latitude) / (1.0 + np.log10(conductivity / 0.01))
    level = 250.0 * np.cos(latitude) ** 0.25 - 5.0 * closed
    delay = 1.0 + 2.0 * conductivity
    return level[:, None] + swing[:, None] * np.cos((HOURS - 12.0 - delay[:, None]) * np.pi / 12.0)


def inputs_of(part):
    rng = np.random.default_rng(list(SIZES).index(part))
    count = SIZES[part]
    columns = (0.01 * 50.0 ** rng.random(count), 1.4 * rng.random(count), rng.integers(0, 2, count).astype(float))
    return np.stack(columns, axis=1)


def rows(part):
    inputs = inputs_of(part)
    temperatures = truth(inputs)
    summary = np.stack([temperatures.max(axis=1), temperatures.min(axis=1)], axis=1)
    temperatures[:, 0] = np.where(inputs[:, 1] > 0.7, np.nan, temperatures[:, 0])
    yield {
        "sample_index": np.arange(len(inputs)),
        "inputs": inputs,
        "outputs/T_surf": temperatures.astype("f4"),
        "outputs/summary": summary,
    }


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    target = Destination(tmp_path_factory.mktemp("dataset") / "ml_dataset.h5")
    with target.staged(row_bytes=1000) as staging:
        writer = DatasetWriter(staging.storage)
        for part, count in SIZES.items():
            writer.write_part(part, count, rows(part))
        writer.finish(Description(INPUTS, {name: KINDS[name] for name in ("T_surf", "summary")}, AXES), {})
        staging.close()
        staging.publish({})
    return tmx.datasets.open(target.place)


@pytest.fixture(scope="module")
def emulator(dataset):
    return train(dataset)


def test_it_learns_what_it_has_not_seen_and_knows_how_well(emulator, dataset):
    scores = {score.name: score for score in evaluate(emulator, dataset)}
    assert set(scores) == {"T_surf", "summary warmest", "summary coldest"}
    assert scores["T_surf"].rmse < 0.3 < 0.01 * scores["T_surf"].spread
    for score in scores.values():
        assert score.samples == SIZES["test"]
        assert score.rmse < 0.02 * score.spread, score.name
        assert 0.5 < score.within_1 < 0.95, score.name
        assert score.within_2 > 0.85, score.name


def test_elements_that_some_samples_lack_are_predicted_as_missing(emulator, dataset):
    prediction = emulator.predict(dataset.read("test"))["T_surf"]
    assert np.isnan(prediction.mean[:, 0]).all()
    assert np.isnan(prediction.std[:, 0]).all()
    assert np.isfinite(prediction.mean[:, 1:]).all()


def test_points_may_be_given_by_name(emulator):
    columns = np.array([[0.05, 0.3, 1.0], [0.2, 0.6, 0.0]])
    named = [
        {"latitude": 0.3, "bottom_bc": "neumann", "k_dust": 0.05},
        {"latitude": "0.6", "bottom_bc": "dirichlet", "k_dust": 0.2},
    ]
    by_column, by_name = emulator.predict(columns), emulator.predict(named)
    np.testing.assert_array_equal(by_column["T_surf"].mean, by_name["T_surf"].mean)
    arrays = {"k_dust": np.array([0.05, 0.2]), "latitude": np.array([0.3, 0.6])}
    both = {**arrays, "bottom_bc": np.array(["neumann", "dirichlet"])}
    np.testing.assert_array_equal(emulator.predict(both)["T_surf"].mean, by_name["T_surf"].mean)
    same = emulator.predict({**arrays, "bottom_bc": "neumann"})["T_surf"].mean
    np.testing.assert_array_equal(same[0], by_name["T_surf"].mean[0])
    alone = emulator.predict(named[0])["summary"]
    np.testing.assert_allclose(alone.std[0], by_column["summary"].std[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ({"k_dust": 0.1, "latitude": 0.1}, "bottom_bc is missing"),
        ({"k_dust": 0.1, "latitud": 0.1, "bottom_bc": "neumann"}, "did you mean 'latitude'"),
        ({"k_dust": 0.1, "latitude": 0.1, "bottom_bc": "open"}, "none of dirichlet, neumann"),
        ({"k_dust": "much", "latitude": 0.1, "bottom_bc": "neumann"}, "k_dust: 'much' is no number"),
        ({"k_dust": np.ones(3), "latitude": np.ones(2), "bottom_bc": "neumann"}, "latitude: 2 values, where other"),
    ],
)
def test_a_point_that_is_none_is_refused(emulator, point, said):
    with pytest.raises(ConfigError, match=said):
        emulator.predict(point)


def test_an_array_of_another_width_is_refused(emulator):
    with pytest.raises(ConfigError, match="columns k_dust, latitude, bottom_bc"):
        emulator.predict(np.ones((3, 2)))


def test_what_was_not_in_training_is_named(emulator):
    inside = np.array([[0.05, 0.3, 1.0]])
    assert emulator.space.outside(inside) == ()
    (said,) = emulator.space.outside(np.concatenate([inside, [[0.9, 0.3, 1.0]]]))
    assert said.startswith("k_dust: 1 of 2 points")


def test_a_stored_emulator_predicts_the_same(emulator, dataset, tmp_path):
    path = tmp_path / "emulator.h5"
    save_emulator(emulator, path)
    points = dataset.read("test")
    loaded = load_emulator(path)
    for name, prediction in emulator.predict(points).items():
        np.testing.assert_array_equal(loaded.predict(points)[name].mean, prediction.mean)
        np.testing.assert_array_equal(loaded.predict(points)[name].std, prediction.std)
    assert loaded.provenance == emulator.provenance
    assert loaded.outputs["summary"].output.coords["quantity"].values.tolist() == ["warmest", "coldest"]


def test_the_same_data_give_the_same_emulator(dataset, tmp_path):
    for name in ("one.h5", "other.h5"):
        save_emulator(train(dataset, ["summary"]), tmp_path / name)
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "other.h5").read_bytes()


def test_what_is_no_emulator_is_refused(emulator, dataset, tmp_path):
    path = tmp_path / "emulator.h5"
    with pytest.raises(NotFoundError, match="tmx emulate train"):
        load_emulator(path)
    with pytest.raises(StorageError, match="an emulator is needed"):
        load_emulator(shutil.copy(dataset.path, tmp_path / "dataset.h5"))
    save_emulator(emulator, path)
    with h5py.File(path, "a") as file:
        del file["outputs/summary/components/basis"]
    with pytest.raises(StorageError, match="train it again"):
        load_emulator(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(StorageError, match="train it again"):
        load_emulator(path)


def test_more_samples_make_it_better(dataset):
    curve = learning_curve(dataset, [20, 160, 60], ["summary"])
    assert [count for count, _ in curve] == [20, 60, 160]
    errors = [[score.rmse for score in scores] for _, scores in curve]
    assert errors[0] > errors[1] > errors[2]


def test_too_few_samples_and_unknown_outputs_are_refused(dataset):
    with pytest.raises(ConfigError, match="at least 16"):
        train(dataset, samples=10)
    with pytest.raises(ConfigError, match=r"training part of .* has 160"):
        train(dataset, samples=161)
    with pytest.raises(NotFoundError, match="T_surf"):
        train(dataset, ["T_suf"])


def test_networks_predict_as_scikit_learn_does():
    from sklearn.neural_network import MLPRegressor

    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 3))
    z = np.stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2]], axis=1)
    members = [
        MLPRegressor(hidden_layer_sizes=(6, 5), activation="tanh", solver="lbfgs", max_iter=30, random_state=seed)
        for seed in range(3)
    ]
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = np.stack([member.fit(x, z).predict(x) for member in members])
    weights = tuple(np.stack([member.coefs_[layer] for member in members]) for layer in range(3))
    biases = tuple(np.stack([member.intercepts_[layer] for member in members]) for layer in range(3))
    mean, variance = Networks(weights, biases, np.array([0.1, 0.2])).predict(x)
    np.testing.assert_allclose(mean, answers.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(variance, answers.var(axis=0, ddof=1) + np.array([0.1, 0.2]), rtol=1e-6)


def test_networks_learn_too(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("tmx.emulation.network.MEMBERS", 2)
    monkeypatch.setattr("tmx.emulation.network.STEPS", 60)
    trained = train(dataset, ["T_surf"], model="network")
    (score,) = evaluate(trained, dataset)
    assert score.rmse < 0.05 * score.spread
    save_emulator(trained, tmp_path / "emulator.h5")
    again = load_emulator(tmp_path / "emulator.h5").predict(dataset.read("test"))["T_surf"]
    np.testing.assert_array_equal(again.std, trained.predict(dataset.read("test"))["T_surf"].std)


@pytest.mark.parametrize("kind", [SQUARED_EXPONENTIAL, MATERN])
def test_processes_predict_as_scikit_learn_does(kind):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

    rng = np.random.default_rng(1)
    x, points = rng.standard_normal((50, 3)), 2.0 * rng.standard_normal((700, 3))
    z = np.sin(x[:, 0]) + 0.3 * x[:, 1] ** 2
    lengths = np.array([1.2, 2.0, 9.0])
    shape = RBF(lengths) if kind == SQUARED_EXPONENTIAL else Matern(lengths, nu=2.5)
    reference = GaussianProcessRegressor(ConstantKernel(2.5) * shape + WhiteKernel(1e-3), alpha=1e-10, optimizer=None)
    mean, std = reference.fit(x, z).predict(points, return_std=True)
    one = np.array([kind]), np.array([2.5]), np.array([1e-3]), lengths[None, :]
    processes = GaussianProcesses(x, z[:, None], *one)
    ours, variance = processes.predict(points)
    np.testing.assert_allclose(ours[:, 0], mean, atol=1e-9)
    np.testing.assert_allclose(np.sqrt(variance[:, 0]), std, rtol=1e-6)
    alone = np.sqrt(np.diag(processes.covariance(0, points[:30])) + 1e-3)
    np.testing.assert_allclose(alone, std[:30], rtol=1e-6)


@settings(max_examples=30)
@given(st.integers(2, 12), st.integers(1, 4), st.integers(0, 2**31))
def test_components_keep_what_they_promise(elements, rank, seed):
    rng = np.random.default_rng(seed)
    values = 200.0 + rng.standard_normal((60, min(rank, elements))) @ rng.standard_normal(
        (min(rank, elements), elements)
    )
    components = Components.of(values)
    again, std = components.expand(components.scores(values), np.zeros((60, len(components))))
    assert np.sqrt(np.mean((again - values) ** 2)) <= LEFT_OUT * np.sqrt(np.mean(values.var(axis=0))) + 1e-9
    np.testing.assert_allclose(components.basis @ components.basis.T, np.eye(len(components)), atol=1e-12)
    assert std.shape == values.shape
    assert len(components) <= min(rank, elements)


def test_inputs_count_by_ratios_where_these_are_spread_evenly():
    rng = np.random.default_rng(3)
    logarithmic, linear = 0.01 * 50.0 ** rng.random(200), 1.4 * rng.random(200)
    columns = Inputs(("a", "b", "c"), ("1", "1", "1"), {}, ("", "", ""))
    space = InputSpace.of(columns, np.stack([logarithmic, linear, 5.0 + linear], axis=1))
    assert space.logarithmic.tolist() == [True, False, False]
    coordinates = space.coordinates(np.stack([logarithmic, linear, 5.0 + linear], axis=1))
    np.testing.assert_allclose(coordinates.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(coordinates.std(axis=0), 1.0)


def test_error_bars_that_are_right_are_found_to_be(emulator):
    output = emulator.outputs["T_surf"].output
    rng = np.random.default_rng(4)
    std = rng.uniform(0.1, 2.0, (400, 24))
    right = Errors(output, "test", np.zeros_like(std), std * rng.standard_normal(std.shape), std)
    (score,) = scores_of(right)
    assert (score.within_1, score.within_2) == pytest.approx((0.683, 0.954), abs=0.015)
    np.testing.assert_allclose(score.coverage, LEVELS, atol=0.015)
    (score,) = scores_of(Errors(output, "test", right.truth, right.mean, 0.5 * std))
    assert score.within_1 < 0.45


SWEEP = """
design: {type: sobol, n_samples: 24}
parameter_sweeps:
  - {parameter: k_dust, type: log_uniform, min: 0.01, max: 0.5}
  - {parameter: latitude, type: linear, min: 0, max: 1.4}
  - {parameter: bottom_bc, type: list, values: [dirichlet, neumann]}
constraints: [k_dust * latitude < 0.5]
fixed_overrides: {albedo: 0.05}
output_settings: {radiance: false}
"""


def test_refining_adds_samples_where_least_is_known(dataset, tmp_path):
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    sweep, base = load_sweep(tmp_path / "sweep.yaml"), SimulationConfig()
    emulator = train(dataset, ["T_surf"], samples=24)
    proposal = refine(emulator, sweep, base, 8, pool=200)
    assert len(proposal.points) == 8
    assert all(point not in proposal.known for point in proposal.points)
    assert all(point["k_dust"] * point["latitude"] < 0.5 for point in proposal.points)
    assert proposal.after["T_surf"] < 0.9 * proposal.before["T_surf"]

    (tmp_path / "refined.yaml").write_text(refined_sweep(sweep, proposal))
    refined = load_sweep(tmp_path / "refined.yaml")
    assert [each.params for each in samples(refined, base)] == [*proposal.known, *proposal.points]
    assert (refined.fixed_overrides, refined.radiance) == ({"albedo": 0.05}, False)
    again = refine(emulator, refined, base, 3, pool=100)
    assert all(0.01 <= point["k_dust"] <= 0.5 for point in again.points)
    assert yaml.safe_load((tmp_path / "refined.yaml").read_text())["design"]["type"] == "list"


def test_refining_chooses_better_than_chance(dataset, tmp_path):
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    sweep = load_sweep(tmp_path / "sweep.yaml")
    emulator = train(dataset, ["T_surf"], samples=24)
    everything = refine(emulator, sweep, SimulationConfig(), 60, pool=60)
    chosen = refine(emulator, sweep, SimulationConfig(), 8, pool=60)
    by_chance = everything.points[-8:]
    assert chosen.points == everything.points[:8]
    assert _left(emulator, everything.points, chosen.points) < _left(emulator, everything.points, by_chance)


def _left(emulator, space, known):
    """Give the variance that is left over a space when some of its points are known, from the definition of it."""
    model = emulator.outputs["T_surf"].model
    everywhere, there = (emulator.space.coordinates(emulator.columns(points)) for points in (space, known))
    left = 0.0
    for process, strength in enumerate(emulator.outputs["T_surf"].strength):
        knowing = GaussianProcesses(
            np.concatenate([model.x, there]), np.zeros((len(model.x) + len(there), 1)),
            model.kind[[process]], model.amplitude[[process]], model.noise[[process]], model.lengths[[process]],
        )  # fmt: skip
        left += strength**2 * knowing.predict(everywhere)[1].sum()
    return left


def test_refining_needs_processes(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("tmx.emulation.network.MEMBERS", 2)
    monkeypatch.setattr("tmx.emulation.network.STEPS", 5)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    emulator = train(dataset, ["T_surf"], model="network")
    with pytest.raises(ConfigError, match="--model gp"):
        refine(emulator, load_sweep(tmp_path / "sweep.yaml"), SimulationConfig(), 4)
