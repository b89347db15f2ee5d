"""The registry: one row for every sample, run, try and file, in SQLite or PostgreSQL.

Start reading at `tables` (what a row is), then `queue` (what a worker does), with `claims` (what it gets and gives) and
`statements` (its SQL). `engine` opens a registry, `migrations` makes and upgrades one, `submission` fills it, `workers`
and `datasets` record who computes and what was built, `control` is what a user may do to a sweep, `views` and `queries`
are what people read.
"""

from tmx.registry.engine import Registry, open_registry

__all__ = ["Registry", "open_registry"]
