"""Figures for people, from arrays alone; matplotlib is imported when one is drawn."""

from tmx.figures.spectra import Spectra, spectra_figure

__all__ = ["Spectra", "spectra_figure"]
