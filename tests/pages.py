"""Pages of the documentation as the blocks of code in them, and what their marks say of how these are run.

A mark is a comment of HTML before a block, which no reader of the page sees; docs/contributing.md explains them:

```
<!-- run: no, it needs SLURM -->            the block is not run, and why
<!-- run: with 2048 -> 40 -->               the block is run with another text in place of one in it
<!-- run: exits with 1 -->                  the last command of the block ends with this code
<!-- run: sh                                a block of commands (sh), yaml or python that is run, but not shown
tmx batch -b moon.yaml -B sweep.yaml
-->
```
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from commands import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

HIDDEN = ("sh", "yaml", "python")
RUN = (*HIDDEN, "sql", "diff")
OUTPUT = ("", "text")
DRAWN = ("mermaid",)

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!-- run: (?P<mark>.*?)\s*-->", re.DOTALL)
_ANY = re.compile(f"{_FENCE.pattern}|{_COMMENT.pattern}", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of a page: the line on which its text begins, its language, its text, and what its marks say."""

    page: Path
    line: int
    language: str
    text: str
    skipped: str = ""
    exit_code: int = 0

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(REPOSITORY)}:{self.line}"


class PageError(AssertionError):
    """What is wrong with a page, and on which line."""


def blocks_of(page: Path) -> Iterator[Block]:
    """Give the blocks of a page in order, hidden ones included, with their marks applied."""
    text = page.read_text()
    marks: list[str] = []
    end = 0
    for found in _ANY.finditer(text):
        start_line = text.count("\n", 0, found.start()) + 1
        if marks and text[end : found.start()].strip():
            raise PageError(
                f"{page.name}:{start_line}: the mark before this line stands before no block: {marks[-1]!r}"
            )
        end = found.end()
        if found["mark"] is None:
            yield _marked(Block(page, start_line + 1, found["language"], _dedented(found)), marks)
            marks = []
        elif (language := found["mark"].partition("\n")[0]) in HIDDEN:
            yield Block(page, start_line + 1, language, found["mark"].partition("\n")[2] + "\n")
        else:
            marks.append(found["mark"])
    if marks:
        raise PageError(f"{page.name}: the last mark stands before no block: {marks[-1]!r}")


def _dedented(found: re.Match[str]) -> str:
    return re.sub(f"^{found['indent']}", "", found["text"], flags=re.MULTILINE)


def _marked(block: Block, marks: list[str]) -> Block:
    for mark in marks:
        block = _marked_once(block, mark)
    return block


def _marked_once(block: Block, mark: str) -> Block:
    if reason := re.fullmatch(r"no, (.+)", mark, re.DOTALL):
        return replace(block, skipped=reason[1])
    if code := re.fullmatch(r"exits with (\d+)", mark):
        return replace(block, exit_code=int(code[1]))
    if instead := re.fullmatch(r"with (.+?) -> (.*)", mark, re.DOTALL):
        if instead[1] not in block.text:
            raise PageError(f"{block.place}: {instead[1]!r} is not in the block, and cannot be replaced")
        return replace(block, text=block.text.replace(instead[1], instead[2]))
    raise PageError(
        f"{block.place}: unknown mark {mark!r}; there are 'no, REASON', 'with TEXT -> TEXT', 'exits with CODE', and"
        f" hidden blocks that begin with {', '.join(HIDDEN)}"
    )


def unmarked(page: Path) -> Iterator[str]:
    """Say which blocks of a page are neither run nor marked."""
    has_output = False
    for block in blocks_of(page):
        if block.skipped or block.language in DRAWN:
            continue
        if block.language in RUN:
            has_output = True
        elif block.language not in OUTPUT:
            yield f"{block.place}: nothing runs blocks of {block.language!r}; mark it with <!-- run: no, REASON -->"
        elif not has_output and not block.text.startswith("$ "):
            yield f"{block.place}: is no output, since nothing ran before it; mark it with <!-- run: no, REASON -->"
