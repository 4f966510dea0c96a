"""What `import qcompat` gives, and the examples of its page, run as a reader would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import qcompat

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
EXAMPLE = re.compile(
    r"<!-- example -->\n```python\n(?P<code>.*?)```\n\n```text\n(?P<out>.*?)```", re.DOTALL
)
EXAMPLES = [(found["code"], found["out"]) for found in EXAMPLE.finditer(PAGE.read_text())]


@pytest.mark.parametrize(("code", "out"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_prints_what_the_page_says(code: str, out: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "QCOMPAT_HOME": str(tmp_path), "QCOMPAT_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == (out, "")


@pytest.mark.parametrize("name", qcompat.__all__)
def test_every_public_name_is_there_and_on_its_page(name: str) -> None:
    assert getattr(qcompat, name) is not None
    assert name.startswith("__") or name in PAGE.read_text()


def test_the_page_is_the_whole_of_it() -> None:
    assert len(EXAMPLES) == 2
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        qcompat.nothing  # noqa: B018


def test_importing_it_costs_nothing_that_is_not_used() -> None:
    code = "import sys, qcompat; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"msgspec", "asyncio", "qcompat.app"} & set(done.stdout.split())
