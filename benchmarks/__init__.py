"""Benchmarks: what tmx takes beside what stands beside it. `make bench` measures all, and writes docs/benchmarks.md."""
