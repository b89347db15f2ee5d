"""A directory of the test's own, and the command line in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import BASE, Answer, run_tmx


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty directory with a quick base config."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TMX_DATABASE_URL", raising=False)
    monkeypatch.delenv("TMX_STORE", raising=False)
    (tmp_path / "base.yaml").write_text(BASE)
    return tmp_path


@pytest.fixture
def tmx(directory: Path) -> Callable[..., Answer]:
    """Return a function that runs `tmx …` in this process and gives its exit code and what it wrote."""
    return run_tmx
