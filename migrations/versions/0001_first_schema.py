"""The first schema.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "config",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("resolved", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_config")),
        sa.UniqueConstraint("sha256", name=op.f("uq_config_sha256")),
    )
    op.create_table(
        "environment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environment")),
        sa.UniqueConstraint("sha256", name=op.f("uq_environment_sha256")),
    )
    op.create_table(
        "sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("config_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("design", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("output_dir", sa.Text(), nullable=False),
        sa.Column("n_samples", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("parameters", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'cancelled')", name=op.f("ck_sweep_state")),
        sa.ForeignKeyConstraint(["config_id"], ["config.id"], name=op.f("fk_sweep_config_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
        sa.UniqueConstraint("name", name=op.f("uq_sweep_name")),
        sa.UniqueConstraint("output_dir", name=op.f("uq_sweep_output_dir")),
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("started", sa.Double(), nullable=False),
        sa.Column("heartbeat", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("stop_requested", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.CheckConstraint("state IN ('alive', 'stopped', 'lost')", name=op.f("ck_worker_state")),
        sa.ForeignKeyConstraint(["environment_id"], ["environment.id"], name=op.f("fk_worker_environment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
        sa.UniqueConstraint("name", name=op.f("uq_worker_name")),
    )
    op.create_index("ix_worker_state", "worker", ["state"])
    op.create_table(
        "dataset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=True),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("n_samples", sa.Integer(), nullable=False),
        sa.Column("n_excluded", sa.Integer(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_dataset_sweep_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
    )
    op.create_index("ix_dataset_fingerprint", "dataset", ["fingerprint"])
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("losses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.Double(), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'running' AND worker_id IS NOT NULL AND lease_token IS NOT NULL AND lease_until IS NOT NULL)"
            " OR (state <> 'running' AND worker_id IS NULL AND lease_token IS NULL AND lease_until IS NULL)",
            name=op.f("ck_run_lease_while_running"),
        ),
        sa.CheckConstraint("state <> 'blocked' OR parent_id IS NOT NULL", name=op.f("ck_run_blocked_by_parent")),
        sa.CheckConstraint(
            "state IN ('blocked', 'pending', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_run_state")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["run.id"], name=op.f("fk_run_parent_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_run_sweep_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_run_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("key", name=op.f("uq_run_key")),
    )
    op.create_index(
        "ix_run_claim",
        "run",
        ["sweep_id", "priority", "id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_run_counts", "run", ["state", "sweep_id", "stage"])
    op.create_index(
        "ix_run_held",
        "run",
        ["worker_id", "lease_token"],
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index("ix_run_parent_id", "run", ["parent_id"])
    op.create_table(
        "artifact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("deleted", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_artifact_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact")),
    )
    op.create_index(
        "uq_artifact_path",
        "artifact",
        ["path"],
        unique=True,
        sqlite_where=sa.text("deleted IS NULL"),
        postgresql_where=sa.text("deleted IS NULL"),
    )
    op.create_index(
        "uq_artifact_run_id_kind",
        "artifact",
        ["run_id", "kind"],
        unique=True,
        sqlite_where=sa.text("deleted IS NULL"),
        postgresql_where=sa.text("deleted IS NULL"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("claimed", sa.Double(), nullable=False),
        sa.Column("started", sa.Double(), nullable=True),
        sa.Column("finished", sa.Double(), nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("error_type", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('done', 'failed', 'lost', 'released', 'cancelled')", name=op.f("ck_attempt_outcome")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (finished IS NULL)", name=op.f("ck_attempt_finished_with_outcome")),
        sa.ForeignKeyConstraint(["environment_id"], ["environment.id"], name=op.f("fk_attempt_environment_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_attempt_run_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_attempt_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_attempt_run_id_number")),
    )
    op.create_table(
        "radiance_result",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n_bands", sa.Integer(), nullable=True),
        sa.Column("n_times", sa.Integer(), nullable=True),
        sa.Column("tb_max", sa.Double(), nullable=True),
        sa.Column("tb_min", sa.Double(), nullable=True),
        sa.Column("bolometric_tb_max", sa.Double(), nullable=True),
        sa.Column("bolometric_tb_min", sa.Double(), nullable=True),
        sa.Column("emissivity_min", sa.Double(), nullable=True),
        sa.Column("emissivity_max", sa.Double(), nullable=True),
        sa.Column("wall_time", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_radiance_result_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_radiance_result")),
    )
    op.create_table(
        "sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("sample_index", sa.Integer(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("thermal_run_id", sa.Integer(), nullable=False),
        sa.Column("radiance_run_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["radiance_run_id"], ["run.id"], name=op.f("fk_sample_radiance_run_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_sample_sweep_id")),
        sa.ForeignKeyConstraint(["thermal_run_id"], ["run.id"], name=op.f("fk_sample_thermal_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
        sa.UniqueConstraint("sweep_id", "sample_index", name=op.f("uq_sample_sweep_id_sample_index")),
    )
    op.create_index("ix_sample_radiance_run_id_sweep_id", "sample", ["radiance_run_id", "sweep_id"])
    op.create_index("ix_sample_thermal_run_id_sweep_id", "sample", ["thermal_run_id", "sweep_id"])
    op.create_table(
        "shared_run",
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_shared_run_run_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_shared_run_sweep_id")),
        sa.PrimaryKeyConstraint("sweep_id", "run_id", name=op.f("pk_shared_run")),
    )
    op.create_index("ix_shared_run_run_id", "shared_run", ["run_id"])
    op.create_table(
        "thermal_result",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("t_surf_max", sa.Double(), nullable=True),
        sa.Column("t_surf_min", sa.Double(), nullable=True),
        sa.Column("t_surf_mean", sa.Double(), nullable=True),
        sa.Column("time_of_max", sa.Double(), nullable=True),
        sa.Column("t_deep", sa.Double(), nullable=True),
        sa.Column("days", sa.Double(), nullable=True),
        sa.Column("periodicity_residual", sa.Double(), nullable=True),
        sa.Column("energy_residual", sa.Double(), nullable=True),
        sa.Column("flux_residual", sa.Double(), nullable=True),
        sa.Column("error_time", sa.Double(), nullable=True),
        sa.Column("error_grid", sa.Double(), nullable=True),
        sa.Column("error_periodicity", sa.Double(), nullable=True),
        sa.Column("estimated_error", sa.Double(), nullable=True),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.Column("accuracy_met", sa.Boolean(), nullable=True),
        sa.Column("n_cells", sa.Integer(), nullable=True),
        sa.Column("n_steps", sa.Integer(), nullable=True),
        sa.Column("wall_time", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_thermal_result_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_thermal_result")),
    )
    op.create_table(
        "dataset_sample",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_dataset_sample_dataset_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_dataset_sample_sample_id")),
        sa.PrimaryKeyConstraint("dataset_id", "sample_id", name=op.f("pk_dataset_sample")),
    )
    op.create_index("ix_dataset_sample_sample_id", "dataset_sample", ["sample_id"])


def downgrade() -> None:
    op.drop_table("dataset_sample")
    op.drop_table("thermal_result")
    op.drop_table("shared_run")
    op.drop_table("sample")
    op.drop_table("radiance_result")
    op.drop_table("attempt")
    op.drop_table("artifact")
    op.drop_table("run")
    op.drop_table("dataset")
    op.drop_table("worker")
    op.drop_table("sweep")
    op.drop_table("environment")
    op.drop_table("config")
