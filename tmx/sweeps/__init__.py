"""Sweeps: a file and a seed in, an ordered list of samples out.

:func:`load_sweep` reads a file, :func:`samples` gives its points, :func:`resolve_samples` their configs. The
values of an axis are made in :mod:`tmx.sweeps.spacing`, combined by a design of :mod:`tmx.sweeps.designs`, and
:mod:`tmx.sweeps.selection` keeps those points that meet the constraints.
"""

from tmx.sweeps.axis import Axis, Range
from tmx.sweeps.designs import DESIGNS, Design
from tmx.sweeps.loading import load_sweep, read_sweep
from tmx.sweeps.resolving import ResolvedSample, resolve_samples, sweep_warnings
from tmx.sweeps.selection import Sample, Selection, count_samples, samples
from tmx.sweeps.sweep import Sweep

__all__ = [
    "DESIGNS",
    "Axis",
    "Design",
    "Range",
    "ResolvedSample",
    "Sample",
    "Selection",
    "Sweep",
    "count_samples",
    "load_sweep",
    "read_sweep",
    "resolve_samples",
    "samples",
    "sweep_warnings",
]
