"""Mie theory against published tables."""

import numpy as np
from matplotlib.figure import Figure

from tmx.figures.style import COLOURS, DOT
from tmx.physics.grains.mie import efficiencies
from validation.case import Check, FloatArray, Outcome, largest, panels
from validation.truths.mie import BOHREN_HUFFMAN, WISCOMBE

TITLE = "Mie theory"

CAPTION = """\
Efficiency of extinction and asymmetry parameter against the size parameter 2πr/λ: lines the model, dots the table."""

TEXT = """\
Size parameters from 1 to 10⁴ and refractive indices from 1.33 to 10 + 10i cover all that grains of regolith have in
the infrared and in sunlight. The series are those of miepython, after Wiscombe (1980): what is shown is that they
are called as they should be, with the sign of the index and the normalisation of the table. Averages over bands,
sizes and axes of crystals come on top, and are compared with brute force in the tests."""


def run() -> Outcome:
    """Compute the case."""
    index, size, *known = (np.array(column) for column in zip(*WISCOMBE, strict=True))
    found = _efficiencies(index, size)
    sphere, x, extinction = BOHREN_HUFFMAN
    table = "Wiscombe (1979), six decimals"
    checks = [
        Check(f"{name}, {index.size} spheres", table, largest(found[row], known[row]), 1.5e-6)
        for row, name in enumerate(("efficiency of extinction", "efficiency of scattering", "asymmetry parameter"))
    ]
    one = _efficiencies(np.array([sphere]), np.array([x]))[0]
    checks.append(
        Check(
            "extinction of a dielectric sphere",
            "Bohren & Huffman (1983), five decimals",
            largest(one, extinction),
            5e-6,
        )
    )
    return Outcome(checks, _draw(), CAPTION, TEXT)


def _efficiencies(index: FloatArray, size: FloatArray) -> FloatArray:
    """Return efficiencies of extinction and scattering, and asymmetry parameters, shape (3, spheres)."""
    return np.array(efficiencies(index.astype(complex), size.astype(float)))


def _draw() -> Figure:
    size = np.geomspace(0.3, 1.5e4, 700)
    with panels(2) as (figure, (extinction, asymmetry)):
        for colour, index in zip(COLOURS, dict.fromkeys(row[0] for row in WISCOMBE), strict=False):
            curve = _efficiencies(np.full(size.size, index), size)
            rows = np.array([[row[1], row[2], row[4]] for row in WISCOMBE if row[0] == index])
            label = f"{index.real:g}" + (f" + {index.imag:g}i" if index.imag else "")
            extinction.semilogx(size, curve[0], color=colour, linewidth=0.9, label=label)
            asymmetry.semilogx(size, curve[2], color=colour, linewidth=0.9, label=label)
            extinction.plot(rows[:, 0], rows[:, 1], "o", color=colour, **DOT)
            asymmetry.plot(rows[:, 0], rows[:, 2], "o", color=colour, **DOT)
        extinction.set(xlabel="Size parameter", ylabel="Efficiency of extinction")
        asymmetry.set(xlabel="Size parameter", ylabel="Asymmetry parameter")
        extinction.legend(title="refractive index", title_fontsize=8.0)
    return figure
