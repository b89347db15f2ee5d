"""Pieces of the browser: cells, curves, axes, hours, differences, and what is told to datasette."""

import sqlite3
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import qmc

from tmx.browse.cells import cell, moment_text, table_url
from tmx.browse.compare import differences
from tmx.browse.curves import HEIGHT, MOST_POINTS, WIDTH, curve_of
from tmx.browse.home import NOTHING, Progress
from tmx.browse.metadata import describe_tables, new_metadata
from tmx.browse.of_runs import hours_in
from tmx.browse.of_samples import axis_of, one_in
from tmx.browse.parameters import parameter
from tmx.browse.questions import QUESTIONS
from tmx.browse.wide import WideTable
from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.figures import figure_bytes, parallel_figure
from tmx.words import duration_of

TABLE = WideTable("demo", "<demo>", ("k_dust",), ("t_surf_max",), ("state", "k_dust"))
SOURCE = SimpleNamespace(tables={7: TABLE})


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (12, "run_id", '<a href="/-/run/12">12</a>'),
        ({"value": 12, "label": "<b>"}, "thermal_run_id", '<a href="/-/run/12">&lt;b&gt; 12</a>'),
        ("<demo>", "sweep", '<a href="/-/sweep/7">&lt;demo&gt;</a>'),
        ("unknown", "sweep", None),
        (0.123456789, "t_deep", '<span title="0.123456789">0.123457</span>'),
        ('{"Et": 1e5, "<i>": "<b>"}', "params", "Et 100000, &lt;i&gt; &lt;b&gt;"),
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


def test_a_curve_fits_its_place():
    times = np.linspace(0.0, 2.0 * np.pi, 500)
    curve = curve_of(250.0 + 50.0 * np.sin(times))
    points = np.array([point.split(",") for point in curve["points"].split()], float)
    assert len(points) == MOST_POINTS
    assert points[:, 0].min() >= 0.0
    assert points[:, 0].max() <= WIDTH
    assert points[:, 1].min() >= 0.0
    assert points[:, 1].max() <= HEIGHT
    assert curve["high"] - curve["low"] == pytest.approx(100.0, abs=0.5)
    assert points[:24, 1].mean() < points[24:, 1].mean()  # warm is above
    assert len(curve_of(np.array([200.0]))["points"].split()) == 1


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
    (found,) = differences([one, {**one, "phlogiston": 1}])
    assert (found.name, found.meaning, found.values) == ("phlogiston", "", ["null", "1"])


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
