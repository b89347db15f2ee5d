"""Figures: what they show, and the files they become."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib import colors as colours

from tmx.figures import (
    Curve,
    PairAxis,
    Panel,
    PhaseCurve,
    Spectra,
    beaming_figure,
    curves_figure,
    darken,
    depth_figure,
    facets_figure,
    histograms_figure,
    pairs_figure,
    parallel_figure,
    save_figure,
    spectra_figure,
)
from tmx.figures.dark import INK
from tmx.figures.style import DARK_MAP

WAVENUMBER = np.linspace(1e4, 1.75e5, 120)
RADII = np.array([100.0, 5.0, 20.0])
EMISSIVITY = 0.98 - 0.1 * np.outer(np.log10(RADII), ((WAVENUMBER - 1.22e5) / 1e5) ** 2)
SPECTRA = Spectra(WAVENUMBER, RADII, "Grain radius [µm]", EMISSIVITY, 300.0 * EMISSIVITY, logarithmic=True)
BEAMING = {"deep": np.array([1.2, 1.1, 0.8]), "shallow": np.array([1.05, 1.02, 0.97])}


def labels(axis):
    return {text.get_text() for text in axis.get_ticklabels()}


def test_axes_have_units_and_wavelengths_stand_above():
    figure = spectra_figure(SPECTRA)
    emissivity, temperature, bar = figure.axes
    assert emissivity.get_ylabel() == "Emissivity"
    assert temperature.get_ylabel() == "Brightness temperature [K]"
    assert temperature.get_xlabel() == "Wavenumber [cm$^{-1}$]"
    assert bar.get_ylabel() == "Grain radius [µm]"
    (above,) = emissivity.child_axes
    assert above.get_xlabel() == "Wavelength [µm]"
    assert {"6", "8", "10", "20", "50"} <= labels(above.xaxis)
    places = dict(zip([text.get_text() for text in above.xaxis.get_ticklabels()], above.get_xticks(), strict=True))
    assert places["10"] == pytest.approx(1000.0)


def test_colours_are_in_the_order_of_the_parameter():
    lines = [line for line in spectra_figure(SPECTRA).axes[0].lines if line.get_marker() == "None"]
    lightness = [np.dot(line.get_color()[:3], (0.2126, 0.7152, 0.0722)) for line in lines]
    assert (np.diff(lightness) > 0.05).all()
    assert lines[0].get_ydata() == pytest.approx(EMISSIVITY[1])


def test_a_dot_marks_the_christiansen_feature():
    figure = spectra_figure(SPECTRA)
    dots = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert dots == pytest.approx([1220.0] * 3)
    assert figure.legends[0].get_texts()[0].get_text() == "Christiansen feature"
    assert not spectra_figure(Spectra(WAVENUMBER, RADII, "r", np.full((3, 120), 0.9))).legends


def test_one_panel_and_one_run_will_do():
    figure = spectra_figure(
        Spectra(WAVENUMBER, RADII[:1], "Grain radius [µm]", EMISSIVITY[:1], logarithmic=True), title="Bennu"
    )
    assert len(figure.axes) == 2
    assert figure.get_suptitle() == "Bennu"


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_same_arrays_give_the_same_file(suffix, start, tmp_path):
    once, again = (tmp_path / f"{name}.{suffix}" for name in ("once", "again"))
    save_figure(spectra_figure(SPECTRA), once)
    save_figure(spectra_figure(SPECTRA), again)
    assert once.read_bytes().startswith(start)
    assert once.read_bytes() == again.read_bytes()


def test_matplotlib_is_imported_when_something_is_drawn():
    code = "import sys, tmx.figures; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_beaming_is_a_dot_for_every_observer():
    phase = np.radians([0.0, 30.0, 60.0])
    curves = [PhaseCurve(name, phase, np.full(3, 380.0), 380.0 * r**0.25, r) for name, r in BEAMING.items()]
    warm, relative = beaming_figure(curves, title="12 h").axes
    assert warm.get_ylabel() == "Brightness temperature [K]"
    assert relative.get_xlabel() == "Phase angle [°]"
    rough = [line for line in relative.lines if line.get_marker() == "o"]
    assert [line.get_ydata().tolist() for line in rough] == [ratio.tolist() for ratio in BEAMING.values()]
    assert rough[0].get_xdata() == pytest.approx([0.0, 30.0, 60.0])
    assert [text.get_text() for text in warm.get_legend().get_texts()] == ["rough", "flat"]
    assert [text.get_text() for text in relative.get_legend().get_texts()] == list(BEAMING)
    assert beaming_figure(curves[:1]).axes[1].get_legend() is None


def test_pairs_have_a_panel_each_and_histograms_on_the_diagonal():
    axes = [
        PairAxis("k [W/m/K]", np.geomspace(0.02, 0.5, 64), logarithmic=True),
        PairAxis("n", np.repeat([8.0, 9.0, 10.0, 11.0], 16)),
        PairAxis("solver", np.tile([0.0, 1.0], 32), names=("disort", "hapke")),
    ]
    panels = np.reshape(pairs_figure(axes, "64 samples").axes, (3, 3))
    assert [[panel.get_visible() for panel in row] for row in panels] == np.tri(3, dtype=bool).tolist()
    assert [len(panels[i, i].patches) for i in range(3)] == [16, 4, 2]
    assert [bar.get_height() for bar in panels[1, 1].patches] == [16.0] * 4
    assert pytest.approx(np.array([axes[0].values, axes[2].values])) == panels[2, 0].collections[0].get_offsets().T
    assert panels[2, 0].get_xscale() == "log"
    assert [panel.get_xlabel() for panel in panels[2]] == ["k [W/m/K]", "n", "solver"]
    assert [panel.get_ylabel() for panel in panels[:, 0]] == ["", "n", "solver"]
    assert labels(panels[2, 2].xaxis) == {"disort", "hapke"}
    assert {"0.02", "0.05", "0.1", "0.2", "0.5"} <= labels(panels[2, 0].xaxis)


def test_radiances_have_a_panel_without_features():
    spectra = Spectra(WAVENUMBER, RADII, "r", EMISSIVITY, radiance=EMISSIVITY)
    above, below, _ = spectra_figure(spectra).axes
    assert below.get_ylabel() == "Radiance [W m⁻² sr⁻¹ cm]"
    assert any(line.get_marker() == "o" for line in above.lines)
    assert not any(line.get_marker() == "o" for line in below.lines)


def test_curves_share_an_axis_and_a_range_is_shaded():
    hours = np.linspace(0.0, 24.0, 25)
    mean = 250.0 + 50.0 * np.sin(hours)
    curves = [Curve("flat", hours, mean), Curve("facets", hours, mean, mean - 20.0, mean + 20.0)]
    figure = curves_figure([Panel("T [K]", curves), Panel("n", curves[:1])], "Local time [h]", hours=True)
    above, below = figure.axes
    assert [text.get_text() for text in above.get_legend().get_texts()] == ["flat", "facets"]
    assert len(above.collections) == 1
    assert below.get_xlabel() == "Local time [h]"
    assert {0.0, 3.0, 6.0, 24.0} <= set(below.get_xticks())


def test_depth_grows_downwards_with_a_profile_for_some_times():
    depth = np.geomspace(1e-4, 1.0, 30)
    hours = np.arange(24.0)
    temperature = 250.0 + np.exp(-depth)[:, None] * hours
    time, profile, _ = depth_figure(hours, depth, temperature).axes
    low, high = time.get_ylim()
    assert low == pytest.approx(100.0)
    assert high == pytest.approx(0.1)
    assert len(profile.lines) == 6
    assert profile.lines[0].get_xdata() == pytest.approx(temperature[:, 0])


def test_facets_have_the_colours_of_their_temperatures_at_all_times():
    corners = np.random.default_rng([1, 2]).random((12, 3, 3))
    temperatures = [np.linspace(200.0, 300.0, 12), np.linspace(100.0, 250.0, 12)]
    figure = facets_figure(corners, temperatures, ["6 h", "12 h"])
    panels = [axes for axes in figure.axes if axes.collections and axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["6 h", "12 h"]
    for axes, values in zip(panels, temperatures, strict=True):
        (drawn,) = axes.collections
        assert sorted(drawn.get_array()) == pytest.approx(sorted(values))
        assert drawn.get_clim() == (100.0, 300.0)


def test_samples_are_lines_through_parallel_axes():
    axes = [
        PairAxis("k [W/m/K]", np.array([0.01, 0.1, 1.0]), logarithmic=True),
        PairAxis("bottom", np.array([0.0, 1.0, 0.0]), names=("dirichlet", "neumann")),
        PairAxis("same", np.full(3, 7.0)),
        PairAxis("T [K]", np.array([300.0, 200.0, 250.0])),
    ]
    (panel,) = parallel_figure(axes).axes
    (lines,) = panel.collections
    places = {tuple(np.round(line[:, 1], 6)) for line in lines.get_segments()}
    assert places == {(0.0, 0.0, 0.5, 1.0), (0.5, 1.0, 0.5, 0.0), (1.0, 0.0, 0.5, 0.5)}
    assert sorted(lines.get_array()) == [0.0, 0.5, 1.0]
    words = {text.get_text() for text in panel.texts}
    assert {"dirichlet", "neumann", "7", "0.01", "1", "200", "300"} <= words


def test_one_value_has_a_histogram_as_well():
    one, many = histograms_figure([PairAxis("one", np.full(5, 3.0)), PairAxis("many", np.arange(9.0))]).axes
    assert sum(bar.get_height() for bar in one.patches) == 5
    assert len(many.patches) == 9


def test_parts_have_colours_and_a_legend():
    axes = [PairAxis("a", np.arange(4.0)), PairAxis("b", np.arange(4.0))]
    figure = pairs_figure(axes, parts=PairAxis("", np.array([0.0, 0.0, 1.0, 1.0]), names=("train", "test")))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["train", "test"]
    dots = next(panel.collections[0] for panel in figure.axes if panel.collections)
    assert len(np.unique(dots.get_facecolor(), axis=0)) == 2


def test_dark_figures_have_no_ground_and_light_words():
    figure = spectra_figure(SPECTRA, title="Bennu")
    before = [line.get_color() for line in figure.axes[0].lines if line.get_marker() == "None"]
    darken(figure)
    after = [line.get_color() for line in figure.axes[0].lines if line.get_marker() == "None"]
    assert figure.patch.get_alpha() == 0.0
    assert figure.axes[0].xaxis.label.get_color() == INK
    assert {label.get_color() for label in figure.axes[1].get_xticklabels()} == {INK}
    lightness = [[np.dot(colours.to_rgb(c), (0.2126, 0.7152, 0.0722)) for c in drawn] for drawn in (before, after)]
    assert min(lightness[1]) > 2.0 * min(lightness[0])
    bar = figure.axes[-1]
    assert DARK_MAP in {drawn.get_cmap().name for drawn in bar.collections}


def test_few_values_at_even_ratios_have_a_bar_each():
    values = np.repeat(np.geomspace(5.0, 50.0, 15), 4)
    (panel,) = histograms_figure([PairAxis("r", values, logarithmic=True)]).axes
    assert [bar.get_height() for bar in panel.patches] == [4.0] * 15
    (uneven,) = histograms_figure([PairAxis("r", np.array([1.0, 2.0, 100.0]), logarithmic=True)]).axes
    assert sum(bar.get_height() for bar in uneven.patches) == 3


def test_spectra_over_decades_have_a_logarithmic_axis():
    wavenumber = np.geomspace(2.5e3, 2.5e6, 30)
    above, *_ = spectra_figure(Spectra(wavenumber, RADII, "r", np.full((3, 30), 0.95))).axes
    assert above.get_xscale() == "log"
    assert {"200", "100", "50", "20", "10", "5", "2", "1"} <= labels(above.child_axes[0].xaxis)


def test_many_curves_are_named_beside_them():
    curves = [Curve(str(number), np.arange(3.0), np.full(3, float(number))) for number in range(8)]
    figure = curves_figure([Panel("T [K]", curves), Panel("n", curves)], "x", dots=True, logarithmic=True)
    assert figure.axes[0].get_legend() is None
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [curve.label for curve in curves]
    assert {line.get_marker() for line in figure.axes[0].lines} == {"o"}
    assert figure.axes[1].get_xscale() == "log"


@pytest.mark.parametrize(
    ("low", "high", "logarithmic", "expected"),
    [
        (1e4, 2e5, True, ["10000", "20000", "50000", "100000", "200000"]),
        (1e-9, 0.5, True, [f"{10.0**power:g}" for power in range(-9, 0)]),
        (363.2, 366.0, False, ["364", "365", "366"]),
        (0.30001, 0.30002, True, None),
    ],
)
def test_axes_have_ticks_at_round_numbers(low, high, logarithmic, expected):
    axes = [PairAxis("k", np.array([low, high]), logarithmic=logarithmic), PairAxis("T", np.array([0.0, 1.0]))]
    (panel,) = parallel_figure(axes).axes
    ticks = [text for text in panel.texts if text.xy[0] == 0.0]
    assert all(0.0 <= text.xy[1] <= 1.0 for text in ticks)
    assert len(ticks) >= 2
    if expected:
        assert [text.get_text() for text in ticks] == expected
