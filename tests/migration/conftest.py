"""The revisions with a further one behind them, which alters what is hardest to alter."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tmx.registry import engine, migrations

CURRENT = engine.SCHEMA_REVISION
LATER = f"{int(CURRENT) + 1:04d}"
NEXT = f'''
"""A later revision."""

import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{CURRENT}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sweep") as sweep:
        sweep.add_column(sa.Column("note", sa.Text(), nullable=True))
        sweep.alter_column("design", existing_type=sa.Text(), type_=sa.String(200))
    with op.batch_alter_table("run") as run:
        run.alter_column("stage", existing_type=sa.String(32), type_=sa.String(64))


def downgrade() -> None:
    with op.batch_alter_table("sweep") as sweep:
        sweep.drop_column("note")
'''


@pytest.fixture
def later_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated: Callable[[str], str]) -> Path:
    """Be a later version of tmx, with one more revision; return the directory of the migrations."""
    migrated("sqlite")
    directory = tmp_path / "50% later" / "migrations"
    shutil.copytree(migrations.migrations_directory(), directory, ignore=shutil.ignore_patterns("__pycache__"))
    (directory / "versions" / f"{LATER}_later.py").write_text(NEXT)
    monkeypatch.setattr(migrations, "migrations_directory", lambda: directory)
    for module in (migrations, engine):
        monkeypatch.setattr(module, "SCHEMA_REVISION", LATER)
    return directory
