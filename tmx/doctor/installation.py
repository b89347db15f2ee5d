"""Whether Python and the packages are those that tmx asks for."""

import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from tmx.doctor.findings import Finding, ok, warning, wrong

REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*([^;]*)(?:;\s*extra\s*==\s*['\"]([^'\"]+)['\"])?")

CLAUSE = re.compile(r"(>=|<=|==|<|>)\s*([0-9.]+)")

OF_DEVELOPERS = frozenset({"bench", "dev"})
"""Extras of which nobody needs to hear who only uses tmx."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A package that is asked for: which versions, and by which extra of tmx, if by any."""

    name: str
    versions: str
    extra: str | None

    @property
    def found(self) -> str | None:
        """The version that is installed, if any is."""
        try:
            return metadata.version(self.name)
        except metadata.PackageNotFoundError:
            return None


def examine_installation() -> Iterator[Finding]:
    """Yield findings on Python, the packages that tmx needs, and those of its extras."""
    yield _python()
    asked = [_requirement(text) for text in metadata.requires("tmx") or ()]
    needed = [each for each in asked if each.extra is None]
    unmet = [each for each in needed if (problem := _problem(each)) and problem]
    for each in unmet:
        yield wrong(
            each.name, f"{_problem(each)}, {each.versions} is asked for", f"pip install '{each.name}{each.versions}'"
        )
    if not unmet:
        yield ok("packages", f"all {len(needed)} that tmx asks for, such as numba {metadata.version('numba')}")
    yield from _extras([each for each in asked if each.extra and each.extra not in OF_DEVELOPERS])


def _python() -> Finding:
    wanted = metadata.metadata("tmx")["Requires-Python"] or ""
    found = f"{platform.python_version()}, {sys.executable}"
    if not _meets(platform.python_version(), wanted):
        return wrong("Python", f"{found}: {wanted} is asked for", "make an environment with a newer Python")
    return ok("Python", found)


def _extras(asked: list[Requirement]) -> Iterator[Finding]:
    there, absent = [], []
    for extra in sorted({str(each.extra) for each in asked}):
        of_extra = [each for each in asked if each.extra == extra]
        if all(each.found for each in of_extra):
            there.append(extra)
            old = [each for each in of_extra if _problem(each)]
            for each in old:
                yield warning(
                    each.name, f"{_problem(each)}, {each.versions} is asked for", f"pip install 'tmx[{extra}]'"
                )
        else:
            absent.append(extra)
    without = f"; without {', '.join(absent)} (pip install 'tmx[NAME]', where they are wanted)" if absent else ""
    yield ok("extras", f"{', '.join(there) or 'none'}{without}")


def _requirement(text: str) -> Requirement:
    """Read a requirement as tmx itself writes them; none of them needs more of the language."""
    found = REQUIREMENT.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no requirement")
    return Requirement(found[1], found[2].strip(), found[3])


def _problem(asked: Requirement) -> str | None:
    if asked.found is None:
        return "not installed"
    return None if _meets(asked.found, asked.versions) else f"{asked.found} is installed"


def _meets(version: str, clauses: str) -> bool:
    found = _release(version)
    compare = {
        ">=": lambda bound: found >= bound,
        "<=": lambda bound: found <= bound,
        "==": lambda bound: found == bound,
        "<": lambda bound: found < bound,
        ">": lambda bound: found > bound,
    }
    return all(compare[operator](_release(bound)) for operator, bound in CLAUSE.findall(clauses))


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, as many as are compared; a release candidate counts as its release."""
    numbers = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    parts = [int(part) for part in numbers[0].split(".")] if numbers else []
    return (*parts, 0, 0, 0)[:3]
