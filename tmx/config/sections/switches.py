"""Names for the conditions under which fields are read, and for the types that several fields share.

A condition may be wider than what a stage really uses, at the price of a run that could have been shared; it
must never be narrower, because then two different runs would have one key.
"""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from annotated_types import Interval, MultipleOf
from pydantic import StringConstraints

from tmx.config.conditions import when
from tmx.physics.transfer.solvers import solver_names

Text: TypeAlias = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]
FilePath: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00]*$")]
SpectralMode: TypeAlias = Literal["two_wave", "hybrid", "multi_wave"]
BandRule: TypeAlias = Literal["uniform", "resolution"]
RoughShape: TypeAlias = Literal["cap", "gaussian"]
Streams: TypeAlias = Literal["auto"] | Annotated[int, Interval(ge=2, le=64), MultipleOf(2)]
if TYPE_CHECKING:
    RteSolver: TypeAlias = str
else:
    RteSolver = Literal[solver_names()]

QUARTER_TURN = 1.5707963267948966
FULL_TURN = 4.0 * QUARTER_TURN

RTE = when(use_RTE=True)
NON_RTE = when(use_RTE=False)
DIURNAL = when(diurnal=True)
STEADY = when(diurnal=False)
SUNLIT = when(sun=True)

UNIFORM = when(depth_dependent_properties=False)
LAYERED = when(depth_dependent_properties=True)
TWO_LAYERS = when(single_layer=False)
LAWS = when(temperature_dependent_properties=True)
CONSTANT_CP = when(temperature_dependent_properties=False) | when(temp_dependent_cp=False)
CP_LAW = LAWS & when(temp_dependent_cp=True)
K_LAW = LAWS & when(temp_dependent_k=True)
AUTO_K = NON_RTE & UNIFORM & when(k_dust_auto=True)

GREY_EVOLUTION = RTE & when(thermal_evolution_mode="two_wave")
SPECTRAL_EVOLUTION = RTE & when(thermal_evolution_mode=("hybrid", "multi_wave"))
GREY_SUN_EVOLUTION = RTE & SUNLIT & when(thermal_evolution_mode=("two_wave", "hybrid"))
VISIBLE_EVOLUTION = GREY_SUN_EVOLUTION | RTE & SUNLIT & when(force_vis_disort=True)
MIE_EVOLUTION = SPECTRAL_EVOLUTION & when(mie_file=None)
RULED_EVOLUTION = MIE_EVOLUTION & when(wn_bounds=None)
EXTINCTION_EVOLUTION = RTE & (when(thermal_evolution_mode=("two_wave", "hybrid")) | when(scale_Et=True))
GREY_OUTPUT = RTE & when(output_radiance_mode="two_wave")
BANDS = when(output_radiance_mode=("hybrid", "multi_wave"))
SPECTRAL_OUTPUT = RTE & BANDS
MIE_OUTPUT = SPECTRAL_OUTPUT & when(mie_file_out=None)
GREY_SUN_OUTPUT = RTE & SUNLIT & when(output_radiance_mode=("two_wave", "hybrid"))
VISIBLE_OUTPUT = GREY_SUN_OUTPUT | RTE & SUNLIT & when(force_vis_disort=True)
RULED_BANDS = BANDS & when(wn_bounds_out=None)

CRATER = when(crater=True)
ROUGH_OUTPUT = CRATER & when(compute_crater_radiance=True)
SHAPED = CRATER & when(crater_mesh=None)
CAP = SHAPED & when(rough_shape="cap")
RANDOM = SHAPED & when(rough_shape="gaussian")
