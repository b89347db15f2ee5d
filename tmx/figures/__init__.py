"""Figures for people, from arrays alone; matplotlib is imported when one is drawn."""

from tmx.figures.beaming import PhaseCurve, beaming_figure
from tmx.figures.curves import Curve, Panel, curves_figure
from tmx.figures.dark import darken
from tmx.figures.depth import depth_figure
from tmx.figures.emulators import EmulatorErrors, curve_figure, emulator_figure
from tmx.figures.facets import facets_figure
from tmx.figures.grains import grains_figure
from tmx.figures.meshes import mesh_figure
from tmx.figures.pairs import PairAxis, histograms_figure, pairs_figure
from tmx.figures.parallel import parallel_figure
from tmx.figures.saving import figure_bytes, require_format, save_figure
from tmx.figures.spectra import Spectra, spectra_figure

__all__ = [
    "Curve",
    "EmulatorErrors",
    "PairAxis",
    "Panel",
    "PhaseCurve",
    "Spectra",
    "beaming_figure",
    "curve_figure",
    "curves_figure",
    "darken",
    "depth_figure",
    "emulator_figure",
    "facets_figure",
    "figure_bytes",
    "grains_figure",
    "histograms_figure",
    "mesh_figure",
    "pairs_figure",
    "parallel_figure",
    "require_format",
    "save_figure",
    "spectra_figure",
]
