"""Threads that do something beside the work and end with it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(task: Callable[[threading.Event], None], name: str) -> Iterator[None]:
    """Run a task in a thread while the block runs.

    Parameters
    ----------
    task : callable
        Gets an event that is set when the block ends, upon which it has to return.
    name : str
        Name of the thread.
    """
    over = threading.Event()
    thread = threading.Thread(target=task, args=(over,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
