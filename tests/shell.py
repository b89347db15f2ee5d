"""As much of the shell as pages of the documentation use: words, comments, `&&`, variables and patterns of names."""

import glob
import os
import re
import shlex
import subprocess
from collections.abc import Iterator

from commands import Answer

OPERATORS = frozenset({"|", ">", ">>", "<", ";", "&", "||"})


def execute(line: str) -> Answer:
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    return Answer(done.returncode, done.stdout, done.stderr)


def commands(text: str) -> Iterator[list[str]]:
    """Give the commands of a text of the shell as their words; those joined by `&&` one after the other."""
    for line in _lines(re.sub(r"\\\n\s*", "", text)):
        words = _words(line)
        while words:
            end = words.index("&&") if "&&" in words else len(words)
            yield words[:end]
            words = words[end + 1 :]


def _lines(text: str) -> Iterator[str]:
    """Give the lines of a text of the shell; one with a quotation goes on until that is closed."""
    line = ""
    for part in text.splitlines():
        line += part
        try:
            _words(line)
        except ValueError:
            line += "\n"
        else:
            yield line
            line = ""
    if line:
        raise ValueError(f"a quotation is not closed: {line.strip()}")


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    return list(lexer)


def without_settings(words: list[str]) -> list[str]:
    """Set the variables that stand before a command, or after `export`, and return the rest."""
    words = words[1:] if words[0] == "export" else words
    while words and re.match(r"[A-Z_]+=", words[0]):
        name, _, os.environ[name] = words[0].partition("=")
        words = words[1:]
    return words


def expanded(word: str) -> list[str]:
    """Return the paths that a pattern stands for; a name with `…` is that of the file of this kind made last."""
    if " " in word or word == "…":
        return [word]
    word = os.path.expandvars(word)
    if "…" in word:
        return [max(glob.glob(word.replace("…", "*")), key=os.path.getmtime, default=word)]
    return sorted(glob.glob(word)) if "*" in word and glob.glob(word) else [word]
