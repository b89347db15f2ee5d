"""The command line: one thin command per verb, each a few lines over what a Python user calls."""
