"""A real browser, Debian's Chromium, with which the page is looked at as a reader does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from qcompat.trial.matrix.baseline import Change
from qcompat.trial.matrix.cell import Matrix
from tests.report.matrix.matrices import written

CHROMIUM = Path("/usr/bin/chromium")


class Reader:
    """One reader's browser window, which notes all that it should never see."""

    def __init__(self, browser: Browser, place: Path, scheme: str, width: int) -> None:
        self._place = place
        self._context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, matrix: Matrix, change: Change | None = None, view: str = "") -> Page:
        """The page of a matrix, from a file, at a view."""
        file = self._place / "matrix.html"
        file.write_text(written("html", matrix, change), encoding="utf-8")
        self.page.goto(f"{file.as_uri()}{view and '#'}{view}")
        return self.page

    def close(self) -> None:
        """Shut the window; it must have seen no error and no request but the file's."""
        self._context.close()
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith("file://")] == []
        assert len({url.partition("#")[0] for url in self.requests}) == 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; not beyond its module, since its event loop goes on meanwhile."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: `apt-get install chromium` brings the browser for this test")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


@pytest.fixture
def reader(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A reader at a desk in daylight, unless the test says otherwise: (scheme, width)."""
    scheme, width = getattr(request, "param", ("light", 1440))
    reading = Reader(browser, tmp_path, scheme, width)
    yield reading
    reading.close()
