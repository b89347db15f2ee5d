"""Datasets for machine learning: which samples, which arrays, which part, and the file.

`open` reads a dataset that was built; `tmx.datasets.builder` is where building begins.
"""

from tmx.datasets.reading import open_dataset as open  # noqa: A004 (tmx.datasets.open)

__all__ = ["open"]
