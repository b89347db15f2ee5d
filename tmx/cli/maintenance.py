"""`tmx verify`: is everything there and whole."""

import sys
import time
from typing import TYPE_CHECKING

import click

from tmx.cli.options import counted, echo_json, json_option, opened, registry_option, size_of

if TYPE_CHECKING:
    from tmx.maintenance.findings import Finding
    from tmx.maintenance.verify import Examined

EXIT_DAMAGED = 1


@click.command()
@click.argument("sweep", required=False)
@click.option("--repair", is_flag=True, help="Put damaged runs back to be computed again, and rows right.")
@json_option
@registry_option
def verify(sweep: str | None, repair: bool, as_json: bool, db: str) -> None:
    """Check every file against its hash and every row against files and other rows; of all sweeps, or of one.

    Ends with 1 if anything is damaged, and with --repair if anything could not be put right. Workers may go on.
    """
    from tmx.maintenance.repair import repair as put_right
    from tmx.maintenance.verify import Examined
    from tmx.maintenance.verify import verify as find

    registry, store = opened(db)
    examined, before = Examined(), time.monotonic()
    with registry:
        findings: list[tuple[Finding, str | None]] = []
        for finding in find(registry, store, sweep, examined):
            findings.append((finding, None))
            if not (repair or as_json):
                click.echo(finding.line)
        if repair:
            findings = put_right(registry, store, [finding for finding, _ in findings])
    left = sum(1 for finding, done in findings if finding.damage and done is None)
    if as_json:
        echo_json(
            {
                "runs": examined.runs,
                "files": examined.files,
                "bytes": examined.bytes,
                "damaged": sum(finding.damage for finding, _ in findings),
                "left": left,
                "findings": [{**finding.as_json(), "repaired": done} for finding, done in findings],
            }
        )
    else:
        if repair:
            _echo_repairs(findings)
        seconds = time.monotonic() - before
        click.echo(f"{_examined(examined)} in {seconds:.1f} s: {_verdict(findings, repair, sweep)}")
    sys.exit(EXIT_DAMAGED if left else 0)


def _echo_repairs(findings: "list[tuple[Finding, str | None]]") -> None:
    for finding, done in findings:
        click.echo(f"{finding.text}: {done}" if done else finding.line)


def _examined(examined: "Examined") -> str:
    return f"{counted(examined.runs, 'run')} and {counted(examined.files, 'file')} ({size_of(examined.bytes)})"


def _verdict(findings: "list[tuple[Finding, str | None]]", repaired: bool, sweep: str | None) -> str:
    damaged = [(finding, done) for finding, done in findings if finding.damage]
    if not damaged:
        return "all is whole" if not findings else "nothing is damaged"
    if not repaired:
        return f"{counted(len(damaged), 'fault')} found"
    right = sum(1 for _, done in damaged if done)
    waiting = any(done and done.endswith("again") for _, done in damaged)
    onward = f"; `tmx resume{f' {sweep}' if sweep else ''}` computes what is pending" if waiting else ""
    return f"{right} of {counted(len(damaged), 'fault')} put right{onward}"
