"""`tmx doctor`: is everything there that tmx needs, and what to do where it is not."""

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from tmx.cli.options import echo_json, json_option, unchecked_registry_option
from tmx.words import counted

if TYPE_CHECKING:
    from tmx.doctor.examination import Section
    from tmx.doctor.findings import Finding

EXIT_WRONG = 1

COLOURS = {"ok": "green", "warning": "yellow", "wrong": "red"}

NAME_WIDTH = 13


@click.command()
@json_option
@unchecked_registry_option
def doctor(as_json: bool, db: str) -> None:
    """Check the installation, compiled code, registry, store and machine, and say what to do about what is wrong.

    Ends with 1 if anything is wrong; warnings are no reason for that. Nothing is changed.
    """
    from tmx.doctor.examination import examine

    sections = []
    for section in examine(db):
        sections.append(section)
        if not as_json:
            _echo(section)
    verdicts = Counter(str(finding.verdict) for section in sections for finding in section.findings)
    if as_json:
        echo_json({"verdicts": verdicts, "findings": [_facts(each, one) for each in sections for one in each.findings]})
    else:
        click.echo(_summary(verdicts))
    sys.exit(EXIT_WRONG if verdicts["wrong"] else 0)


def _echo(section: "Section") -> None:
    click.echo(click.style(section.title, bold=True))
    for finding in section.findings:
        verdict = click.style(f"{finding.verdict:<7}", fg=COLOURS[finding.verdict])
        click.echo(f"  {verdict}  {finding.what:<{NAME_WIDTH}}  {finding.found}")
        if finding.remedy:
            click.echo(f"{'':{NAME_WIDTH + 13}}-> {finding.remedy}")


def _facts(section: "Section", finding: "Finding") -> dict[str, str]:
    facts = {name: getattr(finding, name) for name in ("what", "verdict", "found", "remedy")}
    return {"section": section.title, **facts}


def _summary(verdicts: Counter[str]) -> str:
    if not verdicts["wrong"]:
        return "nothing is wrong" + (f", {counted(verdicts['warning'], 'warning')}" if verdicts["warning"] else "")
    also = f", and {counted(verdicts['warning'], 'warning')}" if verdicts["warning"] else ""
    return f"{counted(verdicts['wrong'], 'thing')} wrong{also}"
