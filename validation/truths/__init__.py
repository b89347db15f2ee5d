"""What others measured, tabulated or worked out, and where. Nothing here knows of tmx; tests use it as well."""

import json
from pathlib import Path
from typing import Any


def stored(name: str) -> Any:
    """Return the curves of another program that are kept in a file of this directory."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text())["cases"]
