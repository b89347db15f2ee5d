"""Run the validation: `python -m validation` writes docs/validation.md; with names of cases, these alone are run."""

import sys
import time
from pathlib import Path

import click

from validation.case import Outcome
from validation.cases import CASES
from validation.document import DOCUMENTS, line_of, write_document


@click.command()
@click.argument("names", nargs=-1, metavar="[CASE]...", type=click.Choice(list(CASES)))
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Directory to write to.")
def main(names: tuple[str, ...], output: Path | None) -> None:
    """Compare tmx with what others measured, tabulated or worked out.

    Without cases all are run and docs/validation.md is written anew; with some, these alone, and nothing is written
    unless -o says where. The exit code is 1 if a tolerance is missed.
    """
    outcomes: dict[str, tuple[str, Outcome]] = {}
    for name in names or CASES:
        case, before = CASES[name], time.perf_counter()
        outcomes[name] = (case.TITLE, case.run())
        print(f"{case.TITLE} ({name}), {time.perf_counter() - before:.1f} s")
        for check in outcomes[name][1].checks:
            print(f"  {line_of(check)}")
    directory = output or (None if names else DOCUMENTS)
    if directory:
        write_document(directory, outcomes)
        print(f"written: {directory / 'validation.md'}")
    if not all(check.passes for _, outcome in outcomes.values() for check in outcome.checks):
        sys.exit(1)


if __name__ == "__main__":
    main()
