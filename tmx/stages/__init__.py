"""The stages of a simulation: from a config, and the record of the stage before, to a record and its numbers.

A stage knows configs and physics, and nothing of registries or workers: `tmx.stages.thermal` gives temperatures,
`tmx.stages.radiance` spectra. `tmx.stages.keys` names a run by what goes into it.
"""
