"""The geometry of rough surfaces: facets, what of each other and of the sky they see, and where the sun reaches them.

Start with `facets.Facets`, which is all that a thermal model needs; `cap` makes it for craters. Nothing here has a
scale: sizes are relative, since facets do not conduct heat to one another. x points south, y east and z up.
"""

from tmx.physics.roughness.cap import nearest_facets, spherical_cap
from tmx.physics.roughness.facets import Facets, Visible
from tmx.physics.roughness.mesh import Mesh

__all__ = ["Facets", "Mesh", "Visible", "nearest_facets", "spherical_cap"]
