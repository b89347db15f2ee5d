"""Output by its shape: the words that a page shows are those that are written, in the same lines; numbers vary."""

import re

_NUMBER = r"[-+]?\d[\d.,]*(?:[eE][-+]?\d+)?"

_VARIES = re.compile(
    rf"(?P<number>{_NUMBER})|(?P<size>\b[kMG]?B\b)|(?P<time>\b(?:ms|s|min|h)\b)"
    "|(?P<rule>-{3,})|(?P<left_out>…)|(?P<gap> +)"
)

_MAY_BE = {
    "number": _NUMBER,
    "size": "[kMG]?B",
    "time": "(?:ms|s|min|h)",
    "rule": "-+",
    "left_out": ".*",
    "gap": r"\s+",
}


def missing_line(shown: str, written: str) -> str | None:
    """Return the first line shown that has no equal among those written, after the equal of the line before it.

    A line `…` stands for any lines, and `…` in a line for anything in it.
    """
    lines = iter(line.strip() for line in written.splitlines())
    for wanted in filter(None, (line.strip() for line in shown.splitlines())):
        if wanted != "…" and not any(re.fullmatch(_shape(wanted), line) for line in lines):
            return wanted
    return None


def _shape(line: str) -> str:
    """Return the pattern of lines of the same shape."""
    shape, end = "", 0
    for found in _VARIES.finditer(line):
        shape += re.escape(line[end : found.start()]) + _MAY_BE[str(found.lastgroup)]
        end = found.end()
    return shape + re.escape(line[end:])
