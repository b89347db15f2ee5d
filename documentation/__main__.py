"""`python -m documentation`: write every page of the reference anew."""

from pathlib import Path

from documentation.pages import PAGES

DIRECTORY = Path(__file__).parents[1] / "docs/reference"

for name, page in PAGES.items():
    (DIRECTORY / name).write_text(page())
