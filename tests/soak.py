"""How much of it: few of everything in the ordinary tests, more where the environment says so, as `make soak` does."""

import os


def number(name: str, usual: int) -> int:
    """Return how many, from the variable `TMX_TEST_<name>`."""
    return int(os.environ.get(f"TMX_TEST_{name}", usual))
