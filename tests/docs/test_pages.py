"""What pages of the documentation show is run, in the order of the page, or marked with the reason why it is not."""

from pathlib import Path

import pytest
from commands import REPOSITORY
from pages import PAGES, blocks_of, unmarked
from sessions import Demo, Session

QUERIES = REPOSITORY / "docs/queries.md"
"""Its queries are run on both databases, by tests/integration/test_results.py."""

every_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(REPOSITORY)) for page in PAGES])


@every_page
def test_every_block_is_run_or_marked(page: Path) -> None:
    assert list(unmarked(page)) == []


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return what the first page that runs `make demo` keeps of it for the others."""
    return Demo(tmp_path_factory.mktemp("demo"))


@every_page
def test_what_a_page_shows_can_be_run(page: Path, tmp_path: Path, demo: Demo) -> None:
    with Session(tmp_path, demo) as session:
        for block in blocks_of(page):
            if page != QUERIES or block.language != "sql":
                session.run(block)
