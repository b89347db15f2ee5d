"""`tmx verify` and `gc`: is everything there and whole, and what is of no use any more."""

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmx.cli.names import SWEEP
from tmx.cli.options import echo_json, examples, json_option, opened, registry_option, shortest
from tmx.words import counted, size_of

if TYPE_CHECKING:
    from tmx.maintenance.findings import Finding
    from tmx.maintenance.garbage import Garbage, Spared
    from tmx.maintenance.verify import Examined

EXIT_DAMAGED = 1


@click.command()
@click.argument("sweep", type=SWEEP, required=False)
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


@click.command(
    epilog=examples(
        "tmx gc",
        "tmx gc --yes --min-age 24",
    )
)
@click.option("--yes", is_flag=True, help="Remove it.")
@click.option(
    "--min-age",
    type=click.FloatRange(min=0.0),
    default=1.0,
    show_default=True,
    metavar="HOURS",
    help="Leave younger files alone.",
)
@click.option("--unknown", is_flag=True, help="Also results in output directories that this registry knows nothing of.")
@click.option(
    "--cache-days",
    type=click.FloatRange(min=0.0),
    default=90.0,
    show_default=True,
    metavar="DAYS",
    help="How long a file in ~/.cache/tmx-… may lie unused.",
)
@click.option(
    "--cache-size",
    type=click.FloatRange(min=0.0),
    default=4.0,
    show_default=True,
    metavar="GB",
    help="How large each cache may be; what was used last is kept.",
)
@click.option(
    "--log-days",
    type=click.FloatRange(min=0.0),
    default=30.0,
    show_default=True,
    metavar="DAYS",
    help="How long the log of a worker that is gone is kept.",
)
@click.option("--caches-only", is_flag=True, help="Only the caches, whatever registry there is.")
@json_option
@registry_option
def gc(
    yes: bool,
    min_age: float,
    unknown: bool,
    cache_days: float,
    cache_size: float,
    log_days: float,
    caches_only: bool,
    as_json: bool,
    db: str,
) -> None:
    """Show what nobody needs any more: unfinished files, results and rows that nothing refers to, old caches and logs.

    Nothing is removed without --yes, and nothing ever that is not tmx's own or that a live worker may be writing.
    """
    from tmx.maintenance.caches import Limits
    from tmx.maintenance.garbage import Garbage, Options, find_garbage, find_unused_cache

    limits = Limits(86400.0 * cache_days, int(1e9 * cache_size))
    options = Options(3600.0 * min_age, unknown, limits, 86400.0 * log_days)
    found: list[Garbage | Spared] = list(find_unused_cache(options))
    if caches_only:
        _collect(found, yes, as_json)
        return
    registry, store = opened(db)
    with registry:
        _collect([*find_garbage(registry, store, options), *found], yes, as_json)


def _collect(found: "Sequence[Garbage | Spared]", yes: bool, as_json: bool) -> None:
    """Remove what was found, if that is wanted, and report it."""
    from tmx.maintenance.garbage import Garbage

    garbage = [each for each in found if isinstance(each, Garbage)]
    spared = [each for each in found if not isinstance(each, Garbage)]
    removed = [each for each in garbage if yes and each.remove()]
    if as_json:
        echo_json(
            {
                "garbage": [
                    {"kind": each.kind, "name": each.name, "bytes": each.bytes, "removed": each in removed}
                    for each in garbage
                ],
                "spared": [{"name": each.name, "bytes": each.bytes, "reason": each.reason} for each in spared],
            }
        )
        return
    _echo_garbage(removed if yes else garbage)
    _echo_spared(spared)
    size = size_of(sum(each.bytes for each in (removed if yes else garbage)))
    if yes:
        left = len(garbage) - len(removed)
        needed = f"; {left} were needed after all" if left else ""
        click.echo(f"removed {counted(len(removed), 'thing')} ({size}){needed}")
    elif garbage:
        click.echo(f"{counted(len(garbage), 'thing')} ({size}) of no use; `tmx gc --yes` removes them")
    else:
        click.echo("nothing to remove")


KINDS = {
    "temporary": "unfinished files",
    "orphan": "results to which no row refers",
    "superseded": "results to which no sample refers",
    "log": "logs of workers that are gone",
    "row": "rows",
    "cache": "caches",
}

MOST_NAMED = 10


def _echo_garbage(garbage: "Sequence[Garbage]") -> None:
    for kind, words in KINDS.items():
        _echo_named(words, [each for each in garbage if each.kind == kind])


def _echo_spared(spared: "Sequence[Spared]") -> None:
    reasons: dict[str, list[Spared]] = defaultdict(list)
    for each in spared:
        reasons[each.reason].append(each)
    for reason, group in reasons.items():
        _echo_named(f"left alone, since each {reason}", group)


def _echo_named(words: str, group: "Sequence[Garbage | Spared]") -> None:
    if not group:
        return
    click.echo(f"{words}: {len(group)} ({size_of(sum(each.bytes for each in group))})")
    for each in group[:MOST_NAMED]:
        click.echo(f"  {shortest(Path(each.name))}")
    if len(group) > MOST_NAMED:
        click.echo(f"  … and {len(group) - MOST_NAMED} more; --json names them all")
