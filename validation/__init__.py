"""Validation: what the models give, beside what others measured, tabulated or worked out. `make validate` runs it."""
