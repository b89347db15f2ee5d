"""Take the pictures of pages that stand in the documentation, from the registry of the working directory.

`make figures` calls it once `demo` is computed. Pictures are as wide as a laptop's screen, and end where a reader has
seen enough.
"""

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from browsing import Site, browsing
from chromium import Chromium, find_chromium
from PIL import Image

WIDTH = 1280
COLOURS = 256

HEIGHTS = {"home": 440, "sweep": 1340, "sample": 1030, "compare": 1000}
"""Of the pictures [px]."""


def main(directory: Path) -> None:
    """Write one picture for each of the main pages."""
    program = find_chromium()
    if program is None:
        sys.exit("pictures of pages need Chromium")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        browsing(Path.cwd()) as site,
    ):
        await_tables(site)
        browser = Chromium(program, Path(profile))
        browser.show(WIDTH)
        for name, path in addresses().items():
            browser.open(site.url(path))
            picture = directory / f"page_{name}.png"
            browser.picture(picture)
            with Image.open(picture) as whole:
                cut = whole.crop((0, 0, WIDTH, min(HEIGHTS[name], whole.height)))
                cut.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)
            print(f"{picture}  {picture.stat().st_size / 1e3:.0f} kB")
        browser.close()


def addresses() -> dict[str, str]:
    """Return the pages of the demo: its sample in the middle, and runs of three sizes of grains at one extinction."""
    with sqlite3.connect("tmx.db") as conn:
        ((sweep,),) = conn.execute("SELECT id FROM sweep WHERE name = 'demo'")
        samples = conn.execute(
            "SELECT id, radiance_run_id, params FROM sample WHERE sweep_id = ? ORDER BY sample_index", (sweep,)
        ).fetchall()
    middle = samples[len(samples) // 2]
    extinction = json.loads(middle[2])["Et"]
    runs = [run for _, run, params in samples if json.loads(params)["Et"] == extinction]
    compared = "+".join(str(runs[place]) for place in (0, len(runs) // 2, -1))
    return {
        "home": "/",
        "sweep": f"/-/sweep/{sweep}",
        "sample": f"/-/sample/{middle[0]}",
        "compare": f"/-/compare?run={compared}",
    }


def await_tables(site: Site) -> None:
    """Wait until the wide table of the demo is there."""
    while site.ask("/sweeps/demo.json")[0] != 200:
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
