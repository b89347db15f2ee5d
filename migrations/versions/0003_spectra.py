"""Radiance runs with observers, instruments, errors, and the features of their spectra.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNTS = ("n_observers", "n_channels", "n_streams_out")
NUMBERS = (
    "tb_error_streams",
    "tb_error_grid",
    "bolometric_reflected_max",
    "reference_temperature",
    "christiansen_wavelength",
    "transparency_depth",
    "reststrahlen_depth",
)


def upgrade() -> None:
    with op.batch_alter_table("radiance_result") as table:
        for name in COUNTS:
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
        for name in NUMBERS:
            table.add_column(sa.Column(name, sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("radiance_result") as table:
        for name in (*NUMBERS, *COUNTS):
            table.drop_column(name)
