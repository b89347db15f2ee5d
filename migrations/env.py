"""How Alembic reaches a registry: on a connection that tmx hands over, or from the command line by URL."""

import os

from alembic import context
from sqlalchemy.engine import Connection

from tmx.errors import ConfigError
from tmx.registry.migrations import exclusively, is_ours
from tmx.registry.tables import metadata


def run(connection: Connection) -> None:
    """Run what Alembic was asked for, in the transaction that the connection is in."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_ours,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def url() -> str:
    """Return the registry that the command line names."""
    given = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get("TMX_DATABASE_URL")
    if not given:
        raise ConfigError("name the registry: `alembic -x url=tmx.db …`, or TMX_DATABASE_URL")
    return str(given)


if context.is_offline_mode():
    raise ConfigError("migrations look at the data they change: run them on a registry, without --sql")
handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with exclusively(url()) as connection:
        run(connection)
