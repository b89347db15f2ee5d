"""Errors of the number of facets, and of the spectra of rough surfaces.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RADIANCE_NUMBERS = ("rough_tb_error_streams", "rough_tb_error_grid")


def upgrade() -> None:
    with op.batch_alter_table("thermal_result") as table:
        table.add_column(sa.Column("error_facets", sa.Double(), nullable=True))
    with op.batch_alter_table("radiance_result") as table:
        for name in RADIANCE_NUMBERS:
            table.add_column(sa.Column(name, sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("radiance_result") as table:
        for name in RADIANCE_NUMBERS:
            table.drop_column(name)
    with op.batch_alter_table("thermal_result") as table:
        table.drop_column("error_facets")
