"""Thermal runs with radiative transfer: the number of streams, and its error. Lost runs are claimed after all others.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    with op.batch_alter_table("thermal_result") as table:
        table.add_column(sa.Column("error_streams", sa.Double(), nullable=True))
        table.add_column(sa.Column("n_streams", sa.Integer(), nullable=True))
    _index_claims(["sweep_id", "losses", "priority", "id"])


def downgrade() -> None:
    _index_claims(["sweep_id", "priority", "id"])
    with op.batch_alter_table("thermal_result") as table:
        table.drop_column("n_streams")
        table.drop_column("error_streams")


def _index_claims(columns: list[str]) -> None:
    op.drop_index("ix_run_claim", "run")
    op.create_index("ix_run_claim", "run", columns, sqlite_where=PENDING, postgresql_where=PENDING)
