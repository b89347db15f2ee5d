"""Sweeps: a file and a seed in, an ordered list of samples out.

:func:`load_sweep` reads a file, :func:`samples` gives its points, :func:`resolve_samples` their configs. The
values of an axis are made in :mod:`tmx.sweeps.spacing`, combined by a design of :mod:`tmx.sweeps.designs`.
"""

from tmx.sweeps.axis import Axis
from tmx.sweeps.designs import DESIGNS, Design
from tmx.sweeps.loading import load_sweep
from tmx.sweeps.resolving import ResolvedSample, resolve_samples, sweep_warnings
from tmx.sweeps.sweep import Sample, Sweep, samples

__all__ = [
    "DESIGNS",
    "Axis",
    "Design",
    "ResolvedSample",
    "Sample",
    "Sweep",
    "load_sweep",
    "resolve_samples",
    "samples",
    "sweep_warnings",
]
