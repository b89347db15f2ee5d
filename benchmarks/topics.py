"""What is measured: every topic, what is to be known of its numbers, and the benchmark that yields them."""

from dataclasses import dataclass

from benchmarks import (
    browsing,
    datasets,
    emulators,
    grains,
    lunar,
    manager,
    ordinates,
    peers,
    physics,
    registry,
    regolith,
    rough,
    scaling,
    spectra,
    startup,
    thermospec,
)
from benchmarks.rows import Measurement


@dataclass(frozen=True)
class Topic:
    """A part of the benchmarks, which is a section of the document.

    Attributes
    ----------
    title : str
        Heading of the section.
    note : str
        What is compared, and at which accuracy.
    run : callable
        Measures, and yields rows.
    """

    title: str
    note: str
    run: Measurement


TOPICS = {
    "physics": Topic(
        "Conduction under an opaque surface",
        "Periodic states asked for at 0.1 K, 48 output times, on one core, with compiled code loaded. Errors are "
        "the largest at the output times, against tmx itself at 0.003 K. Beside it stands the scheme that most "
        "codes begin with, compiled in the same way: explicit steps, day after day until days hardly differ. A "
        "coarse one with a short patience is quicker than tmx, and its error larger.",
        physics.run,
    ),
    "lunar": Topic(
        "The Moon by heat1d",
        "The same problem for both: the constants of Hayne et al. (2017), sunlight, albedo law and heat from below; "
        "the orbit is a circle without seasons. heat1d comes from PyPI, where it has explicit steps only, in numpy; "
        "its rows are its default settings and finer ones, with the years that it runs before the day that is "
        "compared. With `BENCH_HEAT1D=DIRECTORY` the package in a directory is measured as well: version 0.4, which "
        "is not on PyPI, begins with a periodic state and can step implicitly. Times are those of a run, without "
        "imports and compilation, one core. Errors are the largest, and the root mean square, of the surface "
        "temperature at 48 times of a day against tmx at 0.003 K. Is that reference right? The row beside 0.003 K "
        "is heat1d on a grid finer than anybody would use, begun from the depths of the row before: its distance "
        "from the reference keeps falling with its cells.",
        lunar.run,
    ),
    "ordinates": Topic(
        "Discrete ordinates",
        "One solution by itself, which no user of tmx asks for: fluxes at 41 levels of a slab of optical thickness "
        "10, ω = 0.6, g = 0.4. PythonicDISORT is numpy; nanodisort is CDISORT in C, ready to be called, without the "
        "time to fill in its state. For several heights of the sun each is called as many times. A first solution "
        "by tmx takes longer than one of CDISORT: modes are found in numpy, since they are found once. What a "
        "simulation repeats, other temperatures on the same grid, is the row of each further solution. CDISORT's "
        "integral of the Planck function is good to 10⁻⁵, which is the difference in emission.",
        ordinates.run,
    ),
    "regolith": Topic(
        "Conduction with radiative transfer",
        "Periodic states at 0.1 K, 48 output times, one core. Errors are against tmx at 0.004 K on a finer grid. We "
        "found no package on PyPI that solves conduction together with Hapke's model or discrete ordinates; "
        "ThermoSpec, which does, is below. Beside tmx stands the usual way, a call of a transfer solver at every "
        "even step, with implicit conduction, until days hardly differ. Its errors are computed with tmx's own "
        "operator, which gives the same heat; its times are the number of calls, times that of a call of CDISORT "
        "(nanodisort) on the same grid, and nothing for conduction.",
        regolith.run,
    ),
    "thermospec": Topic(
        "ThermoSpec",
        "The peer that solves what tmx solves, conduction with Hapke's model or discrete ordinates, by a call at "
        "every step. It is not on PyPI: it is measured where `BENCH_THERMOSPEC` names its directory, and "
        "`BENCH_THERMOSPEC_PYTHON` a Python with torch and pydisort. Both solve the same two days from the same "
        "even start, ThermoSpec with the steps and the grid that it chooses, and, for Hapke's model, with thinner "
        "first cells; tmx at 0.1 K. Errors are of the surface temperature at 47 times of the second day, against "
        "tmx at 0.005 K.",
        thermospec.run,
    ),
    "rough": Topic(
        "Craters",
        "A hemispherical crater, periodic state at 0.1 K, 24 output times, one core, sunlight included. We found no "
        "package on PyPI for this version of Python that solves facets that warm each other (kalast asks for Python "
        "3.14). Beside tmx stand as many flat columns, and the usual way: what facets send each other is that of "
        "the step before. Errors are the largest of all facets, against tmx at 0.01 K.",
        rough.run,
    ),
    "spectra": Topic(
        "Spectra of regolith",
        "From saved temperatures, one core. The peers are called for every band and time, in layers between the "
        "same nodes; 12 of them were, and the time in all follows from their median. Radiances are compared for "
        "these. Most of what tmx gains it gains by solving once per band for all times.",
        spectra.run,
    ),
    "grains": Topic(
        "Mie theory in bands",
        "Forsterite in 216 bands from 200 to 1800 cm⁻¹. The series is miepython's for both, compiled; compared is "
        "the mean over bands: tmx divides them until its error is small, beside evenly spread points of every band, "
        "all bands in one call. Errors are against 100 points a band. One point a band is quicker than tmx, and "
        "good to some percent.",
        grains.run,
    ),
    "manager": Topic(
        "What the manager adds to a run",
        "One worker, the physics of Bennu, HDF5 files that are flushed and hashed, SQLite.",
        manager.run,
    ),
    "peers": Topic(
        "The manager beside others",
        "The same work for all, which is nothing; each manager as it comes, with a database of its own, and as many "
        "processes. What is counted is the time between computations. tmx does without files here, as its peers do; "
        "with them is a row of its own. Optuna chooses its trials while it runs, which the others need not.",
        peers.run,
    ),
    "registry": Topic(
        "The queue with many rows and workers",
        "Claims and ends of runs that are nothing, with a thousand and a million runs waiting, and many processes "
        "at once. PostgreSQL is as safe as it is by default.",
        registry.run,
    ),
    "scaling": Topic(
        "Two workers",
        "The same sweep by one and by two workers, and beside it what the machine allows: the same computations in "
        "processes that have nothing in common. Two virtual processors may be halves of one.",
        scaling.run,
    ),
    "datasets": Topic(
        "Datasets",
        "Building beside a loop that reads the same arrays of the result files and does nothing with them; random "
        "batches beside a network that learns from them. Building also checks, sorts, divides and writes, and is "
        "slower than reading alone.",
        datasets.run,
    ),
    "emulators": Topic(
        "Emulators",
        "Diurnal temperatures of Bennu over five parameters, tested on 2,000 samples of another sequence. "
        "Simulations were asked for 0.05 K. Ratios are of errors: the same number of samples, half of them chosen "
        "by an emulator in two rounds.",
        emulators.run,
    ),
    "browsing": Topic(
        "Pages of the browser",
        "A sweep of 100,000 samples, 200,000 runs, SQLite; the median of five requests.",
        browsing.run,
    ),
    "startup": Topic(
        "Cold start",
        "Whole processes, from the shell until they end. The first simulation on a machine compiles what it needs "
        "of the physics, and keeps it. heat1d runs its own Moon with its default settings, whose error is above 1 "
        "K.",
        startup.run,
    ),
}
