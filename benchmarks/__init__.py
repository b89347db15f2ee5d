"""Benchmarks: ratios and breakdowns, measured side by side in one run. `make bench` runs all of them."""
