"""Datasets for machine learning: which samples, which arrays, which part, and the file.

Begin with `tmx.datasets.builder`.
"""
