"""Thermal runs with radiative transfer: the number of streams, and its error.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("thermal_result") as table:
        table.add_column(sa.Column("error_streams", sa.Double(), nullable=True))
        table.add_column(sa.Column("n_streams", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("thermal_result") as table:
        table.drop_column("n_streams")
        table.drop_column("error_streams")
