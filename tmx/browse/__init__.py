"""The registry in a browser: datasette with pages of our own, read-only, on this machine alone.

`server` starts it, `source` says what is shown, `plugin` has the routes; `home`, `sweeps`, `runs`, `compare` and
`datasets` gather what one page each shows, `drawings` the figures on them.
"""
