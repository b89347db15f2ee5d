"""Pieces of the browser: cells, curves, axes, hours, differences, and what is told to datasette."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import qmc

from tmx.browse import place
from tmx.browse.cells import cell, moment_text, table_url
from tmx.browse.compare import differences
from tmx.browse.curves import MOST_POINTS, curve_of
from tmx.browse.home import NOTHING, Progress
from tmx.browse.metadata import describe_tables, new_metadata
from tmx.browse.of_runs import direction_of, hours_in
from tmx.browse.of_samples import axis_of, one_in, telling
from tmx.browse.parameters import parameter
from tmx.browse.questions import QUESTIONS
from tmx.browse.wide import WideTable
from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.figures import figure_bytes, parallel_figure
from tmx.registry.queries import standing
from tmx.words import duration_of

TABLE = WideTable("demo", "<demo>", ("k_dust",), ("t_surf_max",), ("state", "k_dust"), 1)
SOURCE = SimpleNamespace(tables={7: TABLE})


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (12, "run_id", '<a href="/-/run/12">12</a>'),
        ({"value": 12, "label": "<b>"}, "thermal_run_id", '<a href="/-/run/12">&lt;b&gt; 12</a>'),
        ("<demo>", "sweep", '<a href="/-/sweep/7">&lt;demo&gt;</a>'),
        ("unknown", "sweep", None),
        (0.123456789, "t_deep", '<span title="0.123456789">0.123457</span>'),
        (
            '{"Et": 1e5, "latitude": 0.5, "<i>": "<b>"}',
            "params",
            '<span title="{&#34;Et&#34;: 1e5, &#34;latitude&#34;: 0.5, &#34;&lt;i&gt;&#34;: &#34;&lt;b&gt;&#34;}">'
            "Et 100000 1/m, latitude 28.65 °, &lt;i&gt; &lt;b&gt;</span>",
        ),
        (5e-6, "radius", '<span title="5e-06">5e-06 <small>(5 µm)</small></span>'),
        ("<" + "f" * 63, "sha256", f'<code title="&lt;{"f" * 63}">&lt;{"f" * 11}</code>'),
        ("{broken", "params", None),
        ("javascript:alert(1)", "run_id", None),
        (None, "run_id", None),
        (1234567, "bytes", '<span title="1234567 bytes">1.23 MB</span>'),
        (0, "created", '<time title="0">1970-01-01 00:00:00</time>'),
        ("2026-01-01", "finished", None),
        (12, "n_cells", None),
    ],
)
def test_cells_are_for_people_and_lead_on(value, column, shown):
    found = cell(SOURCE, value, column, "t", "registry")
    assert (found if found is None else str(found)) == shown


def test_a_curve_is_drawn_later_and_only_in_tables_of_sweeps():
    assert cell(SOURCE, 5, "day", "demo", "sweeps") == '<span class="curve" data-curve="5"></span>'
    assert cell(SOURCE, 5, "day", "demo", "registry") is None


def test_moments_that_are_none_are_empty():
    assert moment_text(float("nan")) == moment_text(1e300) == moment_text("x") == moment_text(None) == ""


def test_addresses_of_tables_are_as_datasette_reads_them():
    from datasette.utils import tilde_decode

    for name in ("demo", "a b/c.d", 'quo"te', "état 100 %", "<script>"):
        assert tilde_decode(table_url(name).removeprefix("/sweeps/")) == name


def test_a_curve_has_few_points_and_the_range_of_the_day():
    curve = curve_of(250.0 + 50.0 * np.sin(np.linspace(0.0, 2.0 * np.pi, 500)))
    assert len(curve) == MOST_POINTS
    assert [min(curve), max(curve)] == pytest.approx([200.0, 300.0], abs=0.5)
    assert curve_of(np.array([200.04])) == [200.0]


def test_axes_are_in_units_that_people_read():
    radius = axis_of("radius", [5e-6, 1.6e-5, 5e-5])
    assert (radius.label, radius.logarithmic) == ("radius [µm]", True)
    assert radius.values == pytest.approx([5.0, 16.0, 50.0])
    latitude = axis_of("latitude", [0.0, np.pi / 2])
    assert (latitude.label, latitude.logarithmic) == ("latitude [°]", False)
    assert axis_of("t_surf_max", [300.0, 310.0]).label == "t_surf_max [K]"


def test_words_are_places_and_the_rarest_are_one():
    axis = axis_of("bottom_bc", ["b", "a", "b"])
    assert (axis.names, list(axis.values)) == (("a", "b"), [1.0, 0.0, 1.0])
    many = axis_of("bottom_bc", [f"w{number}" for number in range(40)] + ["w3"])
    assert len(many.names) == 25
    assert many.names[-1] == "others"
    assert many.names[int(many.values[-1])] == "w3"


def test_dollars_are_no_formulas():
    axis = axis_of("$\\frac", ["$\\bad{$", "plain"])
    figure_bytes(parallel_figure([axis, axis_of("t_surf_max", [1.0, 2.0])]), "svg")


def test_hours_are_read_or_refused():
    assert hours_in("9, 12.5 24", (1.0,)) == [9.0, 12.5, 24.0]
    assert hours_in(" ", (1.0,)) == [1.0]
    for text in ("noon", "25", "-1", "nan", " ".join(["1"] * 13)):
        with pytest.raises(ConfigError, match="local times"):
            hours_in(text, (1.0,))


def test_what_differs_is_named_with_both_values():
    one, other = vars(SimulationConfig(latitude=0.5)), vars(SimulationConfig(latitude=1.0))
    assert differences([one, one]) == []
    (found,) = differences([one, other])
    assert found.name == "latitude"
    assert found.meaning.endswith("[rad]")
    assert found.values == ["0.5 (28.65 °)", "1 (57.3 °)"]
    assert found.values == ["0.5 (28.65 °)", "1 (57.3 °)"]


def test_what_only_some_runs_read_is_no_difference():
    assert differences([{"Et": 1e4}, {"Et": 1e4, "radius": 5e-6}]) == []
    (found,) = differences([{"Et": 1e4}, {"Et": 1e4, "radius": 5e-6}, {"Et": 1e4, "radius": 2e-3}])
    assert (found.name, found.values) == ("radius", ["", "5e-06 (5 µm)", "0.002"])


def test_parameters_that_the_schema_does_not_know_are_shown_as_they_are():
    assert vars(parameter("phlogiston", [1.0, True, None])) == {
        "name": "phlogiston",
        "value": "[1, true, null]",
        "unit": "",
        "meaning": "",
        "also": "",
    }


def test_progress_is_never_full_too_early():
    counts = {"done": 99_999, "pending": 1, "running": 0, "failed": 0, "cancelled": 0, "blocked": 0}
    progress = Progress(counts, 0, 0)
    assert progress.percent == 99.9
    assert [bar[0] for bar in progress.bars] == ["done", "pending"]
    assert (NOTHING.percent, NOTHING.bars, NOTHING.left) == (0.0, [], 0)


def test_metadata_describe_what_there_is():
    metadata = new_metadata({"run": ["id", "state"], "unheard_of": ["x"]})
    registry = metadata["databases"]["registry"]
    assert registry["tables"]["run"]["columns"]["state"].startswith("how far")
    assert {query["title"] for query in registry["queries"].values()} == {q.title for q in QUESTIONS.values()}
    assert all("{" not in query["sql"] for query in registry["queries"].values())
    describe_tables(metadata, [TABLE])
    described = metadata["databases"]["sweeps"]["tables"]["demo"]
    assert described["facets"] == ["state", "k_dust"]
    assert "[K]" in described["columns"]["t_surf_max"]
    assert "[W/m/K]" in described["columns"]["k_dust"]


def test_times_are_in_units_that_people_read():
    assert [duration_of(s) for s in (0.0032, 12.0, 240.0, 9000.0, 4e5)] == [
        "3.2 ms",
        "12 s",
        "4 min",
        "2.5 h",
        "4.63 d",
    ]


@pytest.mark.parametrize("step", [2, 4, 8, 17])
def test_some_samples_of_a_sequence_are_spread_as_all_are(step):
    places = qmc.Sobol(3, scramble=False).random(4096)
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("CREATE TABLE sample (sample_index INTEGER)")
        conn.executemany("INSERT INTO sample VALUES (?)", [(index,) for index in range(4096)])
        chosen = [row[0] for row in conn.execute(f"SELECT sample_index FROM sample WHERE {one_in(step)}")]
    assert len(chosen) == pytest.approx(4096 / step, rel=0.02)
    np.testing.assert_allclose(places[chosen].mean(axis=0), 0.5, atol=0.05)
    assert places[chosen].min() < 0.05
    assert places[chosen].max() > 0.95


def test_figures_have_room_for_the_parameters_that_matter():
    rng = np.random.default_rng(7)
    columns = {f"p{number}": rng.random(200).tolist() for number in range(10)}
    values = [9.0 * one + other for one, other in zip(columns["p3"], columns["p8"], strict=True)]
    chosen = telling(columns, values)
    assert len(chosen) == 7
    assert {"p3", "p8"} <= set(chosen)
    assert chosen == [name for name in columns if name in chosen]
    assert telling({"a": ["x", "y"], "b": [1.0, 1.0]}, [1.0, 1.0]) == ["a", "b"]


@pytest.mark.parametrize(
    ("vector", "direction"),
    [((0.0, 0.0, 1.0), "0°"), ((0.0, 1.0, 1.0), "45° E"), ((-1.0, 0.0, 1.0), "45° N"), ((3.0, -3.0, 1.0), "77° SW")],
)
def test_observers_are_named_by_where_they_stand(vector, direction):
    assert direction_of(np.array(vector) / np.linalg.norm(vector)) == direction


@pytest.mark.parametrize(
    ("state", "counts", "stuck", "stands"),
    [
        ("active", {"done": 3, "pending": 1}, 0, "active"),
        ("active", {"done": 3, "failed": 0}, 0, "done"),
        ("active", {"done": 3, "failed": 1}, 0, "failed"),
        ("active", {"done": 3, "failed": 1, "blocked": 2}, 2, "failed"),
        ("active", {"failed": 1, "blocked": 2, "pending": 1}, 2, "active"),
        ("active", {"done": 1, "cancelled": 1}, 0, "active"),
        ("active", {}, 0, "active"),
        ("paused", {"done": 3, "failed": 1}, 0, "paused"),
    ],
)
def test_a_sweep_stands_as_its_runs_do(state, counts, stuck, stands):
    assert standing(state, counts, stuck) == stands


def test_what_a_killed_browser_left_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(place, "SURELY_LOCKED_S", -1.0)
    hang = (
        "import time; from tmx.browse.place import own_directory\n"
        "with own_directory() as here: (here / 'big').touch(); print(here, flush=True); time.sleep(60)"
    )
    command, environment = [sys.executable, "-c", hang], {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        left = Path(process.stdout.readline().strip())
        with place.own_directory() as mine:
            assert [left.exists(), mine.exists()] == [True, True]
        process.kill()
    assert (left / "big").exists()
    with place.own_directory() as mine:
        assert [*tmp_path.iterdir()] == [mine]
    assert not [*tmp_path.iterdir()]
