"""Figures: what they show, and the files they become."""

import subprocess
import sys

import numpy as np
import pytest

from tmx.figures import PairAxis, PhaseCurve, Spectra, beaming_figure, pairs_figure, save_figure, spectra_figure

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
