"""Thermal and radiance runs of rough surfaces.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

THERMAL_COUNTS = ("n_facets", "n_facet_cells", "n_facet_steps")
THERMAL_NUMBERS = (
    "t_facet_max",
    "t_facet_min",
    "t_facet_mean",
    "facet_energy_residual",
    "facet_periodicity_residual",
    "facet_estimated_error",
)
RADIANCE_NUMBERS = ("rough_tb_max", "rough_bolometric_tb_max", "mixed_bolometric_tb_max", "beaming_ratio")


def upgrade() -> None:
    with op.batch_alter_table("thermal_result") as table:
        for name in THERMAL_COUNTS:
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
        for name in THERMAL_NUMBERS:
            table.add_column(sa.Column(name, sa.Double(), nullable=True))
    with op.batch_alter_table("radiance_result") as table:
        for name in RADIANCE_NUMBERS:
            table.add_column(sa.Column(name, sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("radiance_result") as table:
        for name in RADIANCE_NUMBERS:
            table.drop_column(name)
    with op.batch_alter_table("thermal_result") as table:
        for name in (*THERMAL_NUMBERS, *THERMAL_COUNTS):
            table.drop_column(name)
