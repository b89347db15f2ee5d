"""The sections of a config: every field, declared once.

A field is one entry: its type and bounds, an :class:`~tmx.config.fields.About` with its meaning, its unit
and the conditions under which the stages read it, and its default. Everything else (validation,
``create-config``, ``config schema``, content keys, warnings about fields without effect) follows from it.

Start with :mod:`~tmx.config.sections.run` (what is solved, and how), then
:mod:`~tmx.config.sections.surface` (the body and its materials),
:mod:`~tmx.config.sections.radiation` (radiative transfer and roughness), :mod:`~tmx.config.sections.grains` and
:mod:`~tmx.config.sections.output` (radiances).
"""
