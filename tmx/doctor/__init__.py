"""Whether an installation, a registry, a store and a machine can do the work, and what to do where they cannot.

`examination` says what is examined in which order; each of the other modules examines one thing and yields findings.
"""
