"""The geometry of rough surfaces: facets, what of each other and of the sky they see, and where the sun reaches them.

Start with `facets.Facets`, which is all that a thermal model needs. `cap` makes it for craters, and `sheet` for any
mesh, by `shadows` and `view_factors`; `terrain` makes meshes of heights and of random surfaces. Nothing here has a
scale: sizes are relative, since facets do not conduct heat to one another. x points south, y east and z up.
"""

from tmx.physics.roughness.cap import nearest_facets, spherical_cap
from tmx.physics.roughness.facets import Facets, Visible
from tmx.physics.roughness.mesh import Mesh
from tmx.physics.roughness.sheet import mesh_facets, repeating_cell
from tmx.physics.roughness.terrain import gaussian_mesh, height_mesh
from tmx.physics.roughness.view_factors import view_factors

__all__ = [
    "Facets",
    "Mesh",
    "Visible",
    "gaussian_mesh",
    "height_mesh",
    "mesh_facets",
    "nearest_facets",
    "repeating_cell",
    "spherical_cap",
    "view_factors",
]
