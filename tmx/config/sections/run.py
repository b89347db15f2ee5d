"""What is solved, how long, how well, and on which grid."""

from typing import Annotated, Literal

from annotated_types import Ge, Interval, Le

from tmx.config.conditions import ALWAYS, when
from tmx.config.fields import About, Section
from tmx.config.sections.switches import DIURNAL, RTE, STEADY, TWO_LAYERS, RteSolver, Text


class Labels(Section):
    """Names for people; they change no number and no key."""

    name: Annotated[Text, About("Name of this configuration")] = ""
    description: Annotated[Text, About("What it is for")] = ""
    planetary_body: Annotated[Text, About("Body that it describes")] = ""
    run_id: Annotated[int | Text | None, About("Identifier given by the caller, such as a cluster's task number")] = (
        None
    )


class SolverSettings(Section):
    """What is solved, and how well."""

    use_RTE: Annotated[  # noqa: N815
        bool,
        About("Solve radiative transfer in the regolith; otherwise the surface is opaque", ALWAYS, ALWAYS),
    ] = False
    RTE_solver: Annotated[
        RteSolver,
        About("Solver of radiative transfer: disort, discrete ordinates; hapke, Hapke's two-stream model", RTE, RTE),
    ] = "disort"
    diurnal: Annotated[
        bool, About("Follow the sun through the day; otherwise the steady state under a fixed sun", ALWAYS)
    ] = True
    sun: Annotated[bool, About("Let the sun shine", ALWAYS, ALWAYS)] = True
    T_fixed: Annotated[
        bool, About("Keep the whole column at T_bottom, for spectra of an isothermal sample", STEADY)
    ] = False
    equilibrium: Annotated[
        bool, About("Solve for the periodic state, in which every day repeats the one before", DIURNAL)
    ] = True
    ndays: Annotated[
        int | None,
        Interval(ge=1, le=1_000_000),
        About("Run exactly this many days from T_bottom, instead of the periodic state", DIURNAL),
    ] = None
    last_day: Annotated[
        bool, About("Output the last day only; otherwise all of them", DIURNAL & when(equilibrium=False))
    ] = True
    freq_out: Annotated[
        int, Interval(ge=4, le=100_000), About("Outputs per day, evenly spaced from midnight", DIURNAL)
    ] = 48
    accuracy: Annotated[
        float,
        Interval(ge=1e-3, le=10),
        About("Largest error of the surface temperature to aim at", ALWAYS, unit="K"),
    ] = 0.1
    storage_dtype: Annotated[
        Literal["float32", "float64"],
        About("Precision of the stored temperatures and radiances", ALWAYS, ALWAYS),
    ] = "float32"


class Numerics(Section):
    """Grid and time steps; the automatic ones start from these values and refine until accuracy is met."""

    auto_thickness: Annotated[
        bool,
        About("Refine the grid until accuracy is met; otherwise use exactly the grid given here", ALWAYS),
    ] = True
    flay: Annotated[
        float, Ge(1e-6), Le(1), About("First cell of the grid to begin with, as a fraction of the skin depth", ALWAYS)
    ] = 0.05
    spacing_factor: Annotated[
        float, Interval(ge=1, le=1.5), About("Ratio of neighbouring cells of the grid to begin with", ALWAYS)
    ] = 1.3
    min_nlay_dust: Annotated[
        int,
        Interval(ge=3, le=10_000),
        About(
            "Fewest cells in dust over rock, or in dust that radiation goes through, to begin with", TWO_LAYERS | RTE
        ),
    ] = 6
    dust_rte_max_lthick: Annotated[
        float, Ge(1e-6), Le(1), About("Largest optical thickness of the first cell", RTE)
    ] = 0.05
    auto_dt: Annotated[
        bool, About("Choose time steps that meet accuracy; otherwise tsteps_day equal ones", DIURNAL)
    ] = True
    tsteps_day: Annotated[
        int, Interval(ge=10, le=10_000_000), About("Time steps per day", DIURNAL & when(auto_dt=False))
    ] = 1000
