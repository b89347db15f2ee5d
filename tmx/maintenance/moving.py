"""Moving a whole registry to another database, once whatever died on it is taken back."""

from tmx.execution.worker import reap_dead_workers
from tmx.registry.address import Address
from tmx.registry.copying import Copied, copy_registry
from tmx.registry.engine import open_registry
from tmx.registry.queue import reap


def move_registry(source: str | Address, target: str | Address) -> list[Copied]:
    """Copy a registry, of whose workers none is alive, into an empty one; see `copy_registry`.

    The source is left as it is. Files are not moved: both registries refer to the same ones, below the store root.
    """
    with open_registry(source) as registry:
        reap_dead_workers(registry)
        while reap(registry):
            pass
    return copy_registry(source, target)
