"""Physical constants in SI units (CODATA 2018; exact where the SI defines them)."""

STEFAN_BOLTZMANN = 5.670374419e-8
"""Stefan-Boltzmann constant [W m⁻² K⁻⁴]."""

PLANCK = 6.62607015e-34
"""Planck constant [J s]."""

SPEED_OF_LIGHT = 299792458.0
"""Speed of light in vacuum [m s⁻¹]."""

BOLTZMANN = 1.380649e-23
"""Boltzmann constant [J K⁻¹]."""
