"""Pure numerics of planetary surfaces: arguments in, arrays out, SI units throughout.

Begin with `tmx.physics.thermal` for temperatures and `tmx.physics.emission` for spectra; nothing here knows of
configs, files or databases.
"""
