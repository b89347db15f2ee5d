"""`python -m benchmarks [TOPIC …]`: measure, and print each row; `--document` writes docs/benchmarks.md."""

import os
import time
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks.document import Measured, document
from benchmarks.rows import attempted
from benchmarks.topics import TOPICS

DOCUMENT = Path(__file__).parents[1] / "docs/benchmarks.md"


@click.command()
@click.argument("names", nargs=-1, metavar="[TOPIC]...", type=click.Choice(list(TOPICS)))
@click.option("--document", "write", is_flag=True, help=f"Measure all topics, and write {DOCUMENT.name}.")
def main(names: Sequence[str], *, write: bool) -> None:
    """Measure topics, by default all of them."""
    if write and names:
        raise click.UsageError("--document is of all topics: leave the names out")
    measured = [_measure(name) for name in names or TOPICS]
    if write:
        DOCUMENT.write_text(document(measured))
        print(f"wrote {DOCUMENT}")


def _measure(name: str) -> Measured:
    topic = TOPICS[name]
    print(f"\n{topic.title} ({name})", flush=True)
    began, load, before = datetime.now(UTC), os.getloadavg()[0], time.perf_counter()
    rows = []
    with warnings.catch_warnings(action="ignore"):  # old packages use what others have deprecated
        for row in attempted(name, topic.run):
            print(f"  {row}", flush=True)
            rows.append(row)
    return Measured(topic.title, topic.note, began, time.perf_counter() - before, load, rows)


if __name__ == "__main__":
    main()
