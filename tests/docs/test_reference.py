"""The reference pages are those that the code's declarations give, and what is said by hand there holds."""

import re

import pytest
from commands import REPOSITORY
from pages import PAGES as ALL_PAGES

from documentation.commands import EXIT_CODES, VARIABLES, exit_codes
from documentation.pages import PAGES
from tmx.config.schema import FIELDS
from tmx.registry.tables import metadata

DIRECTORY = REPOSITORY / "docs/reference"


@pytest.fixture(scope="module")
def written():
    return {name: page() for name, page in PAGES.items()}


def test_the_pages_are_as_the_code_declares(written):
    stale = [name for name, text in written.items() if (DIRECTORY / name).read_text() != text]
    assert stale == [], "run `make docs` and commit what it writes"
    assert {path.name for path in DIRECTORY.iterdir()} == set(PAGES)


def test_nothing_is_left_out(written):
    assert all(f'<a id="{name}"></a>' in written["config.md"] for name in FIELDS)
    assert all(f"## {table}\n" in written["tables.md"] for table in metadata.tables)


def test_exit_codes_and_variables_are_those_of_the_code():
    assert exit_codes() <= set(EXIT_CODES)
    sources = "".join(path.read_text() for path in (REPOSITORY / "tmx").rglob("*.py"))
    named = set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"|envvar=\"([A-Z_]+)\"", sources))
    read = {one or other for one, other in named} - {"PATH"}
    assert {name for name in read if name.startswith(("TMX_", "NUMBA_", "XDG_"))} == set(VARIABLES)


@pytest.mark.parametrize("page", ALL_PAGES, ids=[str(page.relative_to(REPOSITORY)) for page in ALL_PAGES])
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        path = (page.parent / target) if target else page
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text()), f"{target}#{anchor}"


def anchors(text):
    """Return what links to a page may name: its headings, as GitHub writes them, and its own anchors."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))
