"""The statements of a registry with the times that they take, for those who debug; for all others it costs nothing."""

import logging
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

LOG = logging.getLogger("tmx.registry.sql")

LONGEST_VALUES = 200
"""Characters of a statement's values that are shown."""


def trace(engine: Engine) -> None:
    """Have the statements of an engine logged, if records of that level are wanted when it is made."""
    if LOG.isEnabledFor(logging.DEBUG):
        event.listen(engine, "before_cursor_execute", _begin)
        event.listen(engine, "after_cursor_execute", _end)


def _begin(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
    context.tmx_began = time.perf_counter()


def _end(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
    ms = 1e3 * (time.perf_counter() - context.tmx_began)
    values = f" {parameters!r}"[:LONGEST_VALUES] if parameters else ""
    LOG.debug("%.2f ms: %s%s", ms, " ".join(statement.split()), values)
