"""Links in pages lead somewhere, and files of the sources that pages name are there."""

import re

import pytest
from commands import REPOSITORY
from pages import PAGES

every_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(REPOSITORY)) for page in PAGES])

NAMING_SOURCES = ("architecture.md", "contributing.md", "extending.md")
"""Pages in which paths in backquotes are those of modules and directories of the repository or of the package."""


def without_blocks(page):
    return re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)


@every_page
def test_links_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", without_blocks(page)):
        path = (page.parent / target) if target else page
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text()), f"{target}#{anchor}"


def test_every_page_is_found_from_the_readme():
    found, new = set(), [REPOSITORY / "README.md"]
    while new:
        page = new.pop()
        found.add(page)
        targets = re.findall(r"\]\((?!https?:)([^)#\s]+\.md)", without_blocks(page))
        new += [path for path in ((page.parent / target).resolve() for target in targets) if path in PAGES]
        new = [path for path in new if path not in found]
    assert set(PAGES) <= found


def anchors(text):
    """Return what links to a page may name: its headings, as GitHub writes them, and its own anchors."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("name", NAMING_SOURCES)
def test_files_that_pages_name_are_there(name):
    named = re.findall(r"`((?:[\w.-]+/){2,}|(?:[\w.-]+/)+[\w-]+\.py)`", without_blocks(REPOSITORY / "docs" / name))
    assert named
    for path in named:
        assert any((place / path).exists() for place in (REPOSITORY, REPOSITORY / "tmx")), path
