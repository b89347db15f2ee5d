"""Pieces of Markdown: pages, tables, links."""

import re
from collections.abc import Iterable, Sequence

NOTICE = "<!-- Written by `make docs` from what the code declares; change it there. -->"


def page(title: str, *blocks: str) -> str:
    """Return a page: its title and its blocks, with empty lines between."""
    return "\n\n".join([f"# {title}", NOTICE, *filter(None, blocks)]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; a bar in a cell would end it."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def bullets(items: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {item}" for item in items)


def code(value: object) -> str:
    """Return text as code; nothing for none."""
    return "" if value in (None, "") else f"`{value}`"


def codes(values: Iterable[object]) -> str:
    """Return several texts as code, one after the other."""
    return ", ".join(map(code, values))


def link(title: str) -> str:
    """Return a link to a heading of the same page."""
    return f"[{title}](#{re.sub(r'[^a-z0-9 _-]', '', title.lower()).replace(' ', '-')})"


def contents(titles: Iterable[str]) -> str:
    """Return the headings of a page as links."""
    return " · ".join(map(link, titles))


def prose(docstring: str | None) -> str:
    """Return a docstring as Markdown: its paragraphs, with what it has as code in single backquotes."""
    return (docstring or "").strip().replace("``", "`")


def first_paragraph(docstring: str | None) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(prose(docstring).partition("\n\n")[0].split())
