"""Figures for people, from arrays alone; matplotlib is imported when one is drawn."""

from tmx.figures.beaming import PhaseCurve, beaming_figure
from tmx.figures.emulators import EmulatorErrors, curve_figure, emulator_figure
from tmx.figures.grains import grains_figure
from tmx.figures.meshes import mesh_figure
from tmx.figures.pairs import PairAxis, pairs_figure
from tmx.figures.saving import require_format, save_figure
from tmx.figures.spectra import Spectra, spectra_figure

__all__ = [
    "EmulatorErrors",
    "PairAxis",
    "PhaseCurve",
    "Spectra",
    "beaming_figure",
    "curve_figure",
    "emulator_figure",
    "grains_figure",
    "mesh_figure",
    "pairs_figure",
    "require_format",
    "save_figure",
    "spectra_figure",
]
