"""Radiative transfer inside the regolith, as operators that are linear in the Planck function.

A solver (a module of `solvers`) turns the optical properties of one band into `modes`.
`exchange` lays modes out on the nodes of a column, `sunbeam` says where sunlight is absorbed, and `radiation` puts the
bands together into the one thing that the thermal integrator sees.
"""
