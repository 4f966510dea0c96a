"""What the documentation shows is what the commands answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.portrait.bundled import bundled_builds
from tools.transcripts import BLOCK, PAGES, ROOT, rewritten

SHOWING = [page for page in PAGES if BLOCK.search(page.read_text())]


@pytest.mark.skipif(not bundled_builds(), reason="no portraits are bundled: make portraits")
@pytest.mark.parametrize("page", SHOWING, ids=lambda page: str(page.relative_to(ROOT)))
def test_transcripts_are_what_happens(page: Path) -> None:
    """If not: read the difference, then `.venv/bin/python -m tools.transcripts`."""
    assert rewritten(page.read_text()) == page.read_text()


def test_readme_and_tutorial_show_one() -> None:
    assert {"README.md", "docs/tutorial.md"} <= {str(p.relative_to(ROOT)) for p in SHOWING}
