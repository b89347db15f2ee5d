"""Carrying out what is registered: submitting sweeps, working on runs, showing how far they are.

Begin with `tmx.execution.worker`, the loop that every worker runs; `process` has the process that computes for it,
`pool` starts several, `batch` puts the whole of a batch together.
"""
